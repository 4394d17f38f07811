/* SPDX-License-Identifier: MIT */
/* message.h - the texts of the error codes. */
#ifndef LW_API_MESSAGE_H
#define LW_API_MESSAGE_H

#include <minwindef.h>

/* One English sentence, or NULL for a code without one. */
const char *lw_message_text(DWORD code) __attribute__((visibility("hidden")));

#endif
