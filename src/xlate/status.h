/* SPDX-License-Identifier: MIT */
/*
 * status.h - errno, NTSTATUS, Winsock code and Win32 code.
 *
 * Inside the library every result is an NTSTATUS.  errno becomes one where a
 * system call returns; it becomes a Winsock or a Win32 code where the API
 * returns.  Pure tables: contract 97.
 */
#ifndef LW_XLATE_STATUS_H
#define LW_XLATE_STATUS_H

#include "xlate/win.h"

/*
 * A refusal whose Winsock code no NTSTATUS maps to (WSAEMFILE, WSAEAFNOSUPPORT
 * ...).  Never stored in an OVERLAPPED.  The customer bit keeps these apart
 * from every status of Windows.
 */
#define LW_STATUS_WSA(code) ((NTSTATUS)(0xE0570000u | (unsigned)(code)))

/* True for a status that reports success (NT_SUCCESS). */
static inline int lw_ok(NTSTATUS status)
{
    return status >= 0;
}

/* errno of an operation that was performed for a request: contract 97, "errno -> NTSTATUS for completions". */
NTSTATUS lw_status_from_errno(int err);

/* errno of a call that is refused at once (socket, bind, setsockopt ...): the status that yields exactly the Winsock code of contract 97's errno column. */
NTSTATUS lw_status_of_call(int err);

/* The Winsock code of a status; 0 for success, WSA_IO_PENDING for STATUS_PENDING, WSAEINVAL for failures without an entry. */
int lw_status_to_wsa(NTSTATUS status);

/* The Win32 code of a status (as RtlNtStatusToDosError); 0 for success, ERROR_IO_PENDING for STATUS_PENDING, ERROR_MR_MID_NOT_FOUND (317) for failures without an entry. */
DWORD lw_status_to_win32(NTSTATUS status);

#endif
