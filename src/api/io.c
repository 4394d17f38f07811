/* SPDX-License-Identifier: MIT */
/* io.c - sending and receiving (contracts 20 and 40).  The shared rules are in sock/receive.c and sock/send.c. */
#include "api/error.h"
#include "api/startup.h"
#include "sock/sock.h"

#include <winsock2.h>

/* WSABUF and lw_wsabuf are the same bytes: layout.c asserts it. */
static const struct lw_wsabuf *buffers_of(const WSABUF *bufs)
{
    return (const struct lw_wsabuf *)bufs;
}

/* The outcome of an int-returning call (contract 20 section 2): the count is written only when it succeeded at once. */
static int finish(SOCKET s, NTSTATUS status, size_t count, DWORD *ret_count)
{
    lw_sock_put(s);
    if ((status == STATUS_SUCCESS || status == STATUS_BUFFER_OVERFLOW) && ret_count) *ret_count = (DWORD)count;
    if (status == STATUS_PENDING) return lw_wsa_refuse(WSA_IO_PENDING);
    return lw_wsa_result(status);
}

static int receive(SOCKET s, struct lw_io *io, DWORD *ret_count, DWORD *flags)
{
    size_t count = 0;
    DWORD out = 0;

    if (!lw_started()) return lw_wsa_refuse(WSANOTINITIALISED);
    struct lw_sock *sock = lw_sock_get(s);
    if (!sock) return lw_wsa_refuse(WSAENOTSOCK);
    if (!flags || (!ret_count && !io->ov)) return finish(s, STATUS_ACCESS_VIOLATION, 0, NULL);
    if (!io->buffers || io->buffer_count == 0) return finish(s, STATUS_INVALID_PARAMETER, 0, NULL);
    io->flags = *flags;
    if (!io->ov) io->routine = NULL;
    NTSTATUS status = lw_sock_receive(sock, io, &count, &out);
    if (status == STATUS_SUCCESS) *flags = out;
    return finish(s, status, count, ret_count);
}

static int transmit(SOCKET s, struct lw_io *io, DWORD *ret_count)
{
    size_t count = 0;

    if (!lw_started()) return lw_wsa_refuse(WSANOTINITIALISED);
    struct lw_sock *sock = lw_sock_get(s);
    if (!sock) return lw_wsa_refuse(WSAENOTSOCK);
    if (!ret_count && !io->ov) return finish(s, STATUS_ACCESS_VIOLATION, 0, NULL);
    if (!io->buffers && io->buffer_count) return finish(s, STATUS_ACCESS_VIOLATION, 0, NULL);
    if (!io->ov) io->routine = NULL;
    NTSTATUS status = lw_sock_send(sock, io, &count);
    return finish(s, status, count, ret_count);
}

int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                   LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    struct lw_io io = {
        .buffers = buffers_of(lpBuffers),
        .buffer_count = dwBufferCount,
        .ov = lpOverlapped,
        .routine = lpCompletionRoutine,
    };

    return receive(s, &io, lpNumberOfBytesRecvd, lpFlags);
}

int WSAAPI WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                       struct sockaddr *lpFrom, LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    struct lw_io io = {
        .buffers = buffers_of(lpBuffers),
        .buffer_count = dwBufferCount,
        .name = lpFrom,
        .name_len_ptr = lpFromlen,
        .ov = lpOverlapped,
        .routine = lpCompletionRoutine,
    };

    return receive(s, &io, lpNumberOfBytesRecvd, lpFlags);
}

int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    struct lw_io io = {
        .buffers = buffers_of(lpBuffers),
        .buffer_count = dwBufferCount,
        .flags = dwFlags,
        .ov = lpOverlapped,
        .routine = lpCompletionRoutine,
    };

    return transmit(s, &io, lpNumberOfBytesSent);
}

int WSAAPI WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                     const struct sockaddr *lpTo, int iTolen, LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    struct lw_io io = {
        .buffers = buffers_of(lpBuffers),
        .buffer_count = dwBufferCount,
        .flags = dwFlags,
        .name = (void *)lpTo, /* read only for sends */
        .name_len = iTolen,
        .wants_name = true,
        .ov = lpOverlapped,
        .routine = lpCompletionRoutine,
    };

    return transmit(s, &io, lpNumberOfBytesSent);
}

/* ---- BSD calls: one buffer, synchronous ---- */

/* A negative length is the size of no buffer. */
static bool bad_length(SOCKET s, int len, int *ret)
{
    if (len >= 0) return false;
    *ret = SOCKET_ERROR;
    if (!lw_started()) lw_set_error(WSANOTINITIALISED);
    else if (!lw_sock_get(s)) lw_set_error(WSAENOTSOCK);
    else lw_sock_put(s), lw_set_error(WSAEFAULT);
    return true;
}

int WSAAPI recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from, int *fromlen)
{
    struct lw_wsabuf one = { (ULONG)len, buf };
    struct lw_io io = { .buffers = &one, .buffer_count = 1, .name = from, .name_len_ptr = fromlen };
    DWORD count = 0, in = (DWORD)flags;
    int result;

    if (bad_length(s, len, &result)) return result;
    result = receive(s, &io, &count, &in);
    return result == 0 ? (int)count : SOCKET_ERROR;
}

int WSAAPI recv(SOCKET s, char *buf, int len, int flags)
{
    return recvfrom(s, buf, len, flags, NULL, NULL);
}

int WSAAPI sendto(SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to, int tolen)
{
    struct lw_wsabuf one = { (ULONG)len, (char *)buf }; /* read only for sends */
    struct lw_io io = {
        .buffers = &one,
        .buffer_count = 1,
        .flags = (DWORD)flags,
        .name = (void *)to,
        .name_len = tolen,
    };
    DWORD count = 0;
    int result;

    if (bad_length(s, len, &result)) return result;
    result = transmit(s, &io, &count);
    return result == 0 ? (int)count : SOCKET_ERROR;
}

int WSAAPI send(SOCKET s, const char *buf, int len, int flags)
{
    return sendto(s, buf, len, flags, NULL, 0);
}
