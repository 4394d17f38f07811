/* SPDX-License-Identifier: MIT */
/* msg.c - MSG_* flags: what is allowed where, by contract 40. */
#include "xlate/msg.h"

#include <sys/socket.h>

int lw_msg_recv_to_linux(DWORD flags)
{
    const DWORD allowed = W_MSG_OOB | W_MSG_PEEK | W_MSG_WAITALL | W_MSG_PUSH_IMMEDIATE | W_MSG_PARTIAL;
    /* Waiting for a full buffer makes no sense with these, and Windows refuses it. */
    const DWORD not_with_waitall = W_MSG_OOB | W_MSG_PEEK | W_MSG_PARTIAL;
    int ret = 0;

    if (flags & ~allowed) return -1;
    if ((flags & W_MSG_WAITALL) && (flags & not_with_waitall)) return -1;
    if (flags & W_MSG_OOB) ret |= MSG_OOB;
    if (flags & W_MSG_PEEK) ret |= MSG_PEEK;
    if (flags & W_MSG_WAITALL) ret |= MSG_WAITALL;
    return ret;
}

int lw_msg_send_to_linux(DWORD flags)
{
    const DWORD allowed = W_MSG_OOB | W_MSG_DONTROUTE | W_MSG_PUSH_IMMEDIATE;
    int ret = 0;

    if (flags & ~allowed) return -1;
    if (flags & W_MSG_OOB) ret |= MSG_OOB;
    if (flags & W_MSG_DONTROUTE) ret |= MSG_DONTROUTE;
    return ret;
}
