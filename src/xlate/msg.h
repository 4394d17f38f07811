/* SPDX-License-Identifier: MIT */
/* msg.h - MSG_* flags.  Pure. */
#ifndef LW_XLATE_MSG_H
#define LW_XLATE_MSG_H

#include "xlate/win.h"

/*
 * Windows MSG_* flags of a receive or a send to Linux'.  MSG_PUSH_IMMEDIATE
 * and, on receives, MSG_PARTIAL are hints and vanish.  -1: a flag that is not
 * allowed there (the caller answers WSAEOPNOTSUPP).  MSG_NOSIGNAL and
 * MSG_DONTWAIT are not added here.
 */
int lw_msg_recv_to_linux(DWORD flags);
int lw_msg_send_to_linux(DWORD flags);

#endif
