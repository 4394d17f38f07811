/* SPDX-License-Identifier: MIT */
/* result.c - the result of a request in both error namespaces (contract 20 section 5), and cancelling (section 11). */
#include "api/error.h"
#include "api/object.h"
#include "api/startup.h"
#include "sock/sock.h"
#include "sys/env.h"
#include "wait/wait.h"

#include <winsock2.h>
#include <windows.h>
#include <ws2spi.h>

static NTSTATUS status_of(const OVERLAPPED *ov)
{
    return (NTSTATUS)__atomic_load_n(&ov->Internal, __ATOMIC_ACQUIRE);
}

/* Only a success says what kind of message it was. */
static DWORD flags_of(NTSTATUS status)
{
    switch ((ULONG)status) {
    case 0x4000000Fu: return MSG_PARTIAL; /* STATUS_RECEIVE_PARTIAL */
    case 0x40000010u: return MSG_OOB;
    case 0x40000011u: return MSG_PARTIAL | MSG_OOB;
    default: return 0;
    }
}

/* Is the request done?  Programs ask again and again: what is ready is performed first. */
static bool is_pending(HANDLE h, const OVERLAPPED *ov)
{
    if (status_of(ov) != STATUS_PENDING) return false;
    struct lw_object *obj = lw_handle_get(ov->hEvent ? ov->hEvent : h, NULL);
    if (!obj) return true;
    lw_wait_look(obj);
    lw_handle_put(ov->hEvent ? ov->hEvent : h);
    return status_of(ov) == STATUS_PENDING;
}

/* Waits for hEvent, or for the handle when there is none: WAIT_*; WAIT_FAILED: no such handle. */
static DWORD wait_for_request(HANDLE h, OVERLAPPED *ov, DWORD ms, bool alertable)
{
    return WaitForSingleObjectEx(ov->hEvent ? ov->hEvent : h, ms, alertable);
}

/* ---- Winsock ---- */

BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags, LPINT lpErrno)
{
    DWORD last = lw_last_error;
    int error = 0;

    if (!lpErrno) return FALSE; /* nowhere to report to */
    struct lw_sock *sock = lw_sock_get(s);
    if (!sock) error = WSAENOTSOCK;
    else if (!lpOverlapped || !lpcbTransfer) error = WSAEFAULT;
    if (!error && is_pending((HANDLE)s, lpOverlapped)) {
        if (!fWait) error = WSA_IO_INCOMPLETE;
        else if (wait_for_request((HANDLE)s, lpOverlapped, INFINITE, false) == WAIT_FAILED) error = WSA_INVALID_HANDLE;
    }
    if (sock) lw_sock_put(s);
    lw_last_error = last; /* the SPI reports through lpErrno only */
    if (!error) {
        NTSTATUS status = status_of(lpOverlapped);
        *lpcbTransfer = (DWORD)lpOverlapped->InternalHigh;
        /* An event that somebody else set ends the wait: the request then counts as done. */
        if (!lw_ok(status)) error = lw_status_to_wsa(status);
        else if (lpdwFlags) *lpdwFlags = flags_of(status);
    }
    *lpErrno = error;
    return error == 0;
}

BOOL WSAAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags)
{
    int error;

    if (!lw_started()) return lw_refuse(WSANOTINITIALISED);
    BOOL done = WSPGetOverlappedResult(s, lpOverlapped, lpcbTransfer, fWait, lpdwFlags, &error);
    lw_set_error((DWORD)error);
    return done;
}

/* ---- kernel32 ---- */

BOOL WINAPI GetOverlappedResultEx(HANDLE hFile, LPOVERLAPPED lpOverlapped, LPDWORD lpNumberOfBytesTransferred,
                                  DWORD dwMilliseconds, BOOL bAlertable)
{
    if (!lpOverlapped || !lpNumberOfBytesTransferred) return lw_refuse(ERROR_INVALID_PARAMETER);
    if (is_pending(hFile, lpOverlapped)) {
        if (dwMilliseconds == 0) return lw_refuse(ERROR_IO_INCOMPLETE);
        switch (wait_for_request(hFile, lpOverlapped, dwMilliseconds, bAlertable)) {
        case WAIT_OBJECT_0: break;
        case WAIT_TIMEOUT: return lw_refuse(WAIT_TIMEOUT);
        case WAIT_IO_COMPLETION: return lw_refuse(WAIT_IO_COMPLETION);
        default: return FALSE; /* the wait has set the last error */
        }
    }
    NTSTATUS status = status_of(lpOverlapped);
    *lpNumberOfBytesTransferred = (DWORD)lpOverlapped->InternalHigh;
    if (lw_ok(status)) return TRUE;
    return lw_refuse(lw_status_to_win32(status));
}

BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped, LPDWORD lpNumberOfBytesTransferred, BOOL bWait)
{
    return GetOverlappedResultEx(hFile, lpOverlapped, lpNumberOfBytesTransferred, bWait ? INFINITE : 0, FALSE);
}

/* ---- cancelling ---- */

/* True when something was found to cancel; false with ERROR_INVALID_HANDLE or ERROR_NOT_FOUND. */
static BOOL cancel(HANDLE hFile, struct lw_object *issuer, OVERLAPPED *ov)
{
    struct lw_object *obj = lw_handle_get(hFile, NULL);

    if (!obj) return lw_refuse(ERROR_INVALID_HANDLE);
    struct lw_sock *s = obj->ops->kind == LW_KIND_SOCKET ? lw_sock_from_object(obj) : NULL;
    bool found = s && lw_sock_cancel(s, issuer, ov);
    lw_handle_put(hFile);
    if (!s) return lw_refuse(ERROR_INVALID_HANDLE);
    return found ? TRUE : lw_refuse(ERROR_NOT_FOUND);
}

BOOL WINAPI CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped)
{
    return cancel(hFile, NULL, lpOverlapped);
}

BOOL WINAPI CancelIo(HANDLE hFile)
{
    struct lw_thread *self = lw_thread_self();
    DWORD last = lw_last_error;

    if (!self) return lw_refuse(ERROR_NOT_ENOUGH_MEMORY);
    if (cancel(hFile, &self->obj, NULL)) return TRUE;
    if (lw_last_error != ERROR_NOT_FOUND) return FALSE;
    lw_last_error = last; /* nothing to cancel is a success here */
    return TRUE;
}
