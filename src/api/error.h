/* SPDX-License-Identifier: MIT */
/* error.h - the last error of the thread, and how entry points report. */
#ifndef LW_API_ERROR_H
#define LW_API_ERROR_H

#include "xlate/status.h"

/* One variable serves GetLastError and WSAGetLastError. */
extern __thread DWORD lw_last_error __attribute__((tls_model("initial-exec")));

static inline void lw_set_error(DWORD code)
{
    lw_last_error = code;
}

/* For calls that return 0 or SOCKET_ERROR: the Winsock code of the status, 0 for success. */
static inline int lw_wsa_result(NTSTATUS status)
{
    lw_last_error = (DWORD)lw_status_to_wsa(status);
    return status == STATUS_SUCCESS ? 0 : -1;
}

/* Refuses with a code: -1, which is SOCKET_ERROR. */
static inline int lw_wsa_refuse(int code)
{
    lw_last_error = (DWORD)code;
    return -1;
}

/* FALSE with a code. */
static inline BOOL lw_refuse(DWORD code)
{
    lw_last_error = code;
    return FALSE;
}

#endif
