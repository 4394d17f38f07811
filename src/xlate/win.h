/* SPDX-License-Identifier: MIT */
/*
 * win.h - the one file through which the rooms below api/ know Windows types
 * and values.
 *
 * The public headers without socket names are included as they are.  What has
 * the name of something of Linux' own socket headers, with another value or
 * layout, appears here with the prefix W_; src/api/layout.c asserts that they
 * equal their public twins.
 */
#ifndef LW_XLATE_WIN_H
#define LW_XLATE_WIN_H

#include <minwindef.h>  /* DWORD, BOOL, ULONG, HANDLE, WINAPI ... */
#include <winnt.h>      /* LARGE_INTEGER, PAPCFUNC's pieces ... */
#include <ntstatus.h>   /* NTSTATUS and STATUS_* */
#include <winerror.h>   /* ERROR_*, WSAE*, WAIT_* */
#include <minwinbase.h> /* OVERLAPPED */

enum {
    W_AF_UNSPEC = 0,
    W_AF_UNIX = 1,
    W_AF_INET = 2,
    W_AF_INET6 = 23,
    W_SOL_SOCKET = 0xffff,

    W_MSG_OOB = 0x1,
    W_MSG_PEEK = 0x2,
    W_MSG_DONTROUTE = 0x4,
    W_MSG_WAITALL = 0x8,
    W_MSG_INTERRUPT = 0x10,
    W_MSG_PUSH_IMMEDIATE = 0x20,
    W_MSG_TRUNC = 0x100,
    W_MSG_CTRUNC = 0x200,
    W_MSG_PARTIAL = 0x8000,

    W_SD_RECEIVE = 0,
    W_SD_SEND = 1,
    W_SD_BOTH = 2,
};

/* SOCKET without winsock2.h. */
typedef UINT_PTR lw_socket_t;
#define LW_INVALID_SOCKET (~(lw_socket_t)0)

/* WSABUF: the length first, unlike struct iovec. */
struct lw_wsabuf {
    ULONG len;
    char *buf;
};

/* LPWSAOVERLAPPED_COMPLETION_ROUTINE */
typedef void (*lw_routine_fn)(DWORD error, DWORD count, OVERLAPPED *ov, DWORD flags);

#endif
