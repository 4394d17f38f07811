/* SPDX-License-Identifier: MIT */
/* ioctl.c - ioctlsocket and WSAIoctl (contract 70): extension functions, FIONBIO, FIONREAD, SIOCATMARK. */
#include "api/error.h"
#include "api/startup.h"
#include "sock/sock.h"

#include <winsock2.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <string.h>

/* ---- the requests ---- */

struct request {
    const void *in;
    DWORD in_len;
    void *out;
    DWORD out_len;
    DWORD produced;
};

static NTSTATUS set_nonblocking(struct lw_sock *s, struct request *r)
{
    ULONG on;

    if (!r->in || r->in_len < sizeof on) return STATUS_ACCESS_VIOLATION;
    memcpy(&on, r->in, sizeof on);
    return lw_sock_set_nonblocking(s, on != 0);
}

static NTSTATUS answer(struct request *r, const void *value, DWORD size)
{
    if (!r->out || r->out_len < size) return STATUS_ACCESS_VIOLATION;
    memcpy(r->out, value, size);
    r->produced = size;
    return STATUS_SUCCESS;
}

static NTSTATUS bytes_readable(struct lw_sock *s, struct request *r)
{
    ULONG n = 0;
    NTSTATUS status = r->out && r->out_len >= sizeof n ? lw_sock_bytes_readable(s, &n) : STATUS_ACCESS_VIOLATION;

    return lw_ok(status) ? answer(r, &n, sizeof n) : status;
}

static NTSTATUS at_mark(struct lw_sock *s, struct request *r)
{
    ULONG mark = 0;
    NTSTATUS status = r->out && r->out_len >= sizeof mark ? lw_sock_at_mark(s, &mark) : STATUS_ACCESS_VIOLATION;

    return lw_ok(status) ? answer(r, &mark, sizeof mark) : status;
}

static NTSTATUS extension(struct request *r)
{
    static const struct {
        GUID id;
        void (*function)(void);
    } known[] = {
        { WSAID_ACCEPTEX, (void (*)(void))AcceptEx },
        { WSAID_GETACCEPTEXSOCKADDRS, (void (*)(void))GetAcceptExSockaddrs },
    };

    if (!r->in || r->in_len < sizeof(GUID)) return STATUS_ACCESS_VIOLATION;
    if (!r->out || r->out_len < sizeof known[0].function) return STATUS_ACCESS_VIOLATION;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (memcmp(&known[i].id, r->in, sizeof(GUID)) == 0)
            return answer(r, &known[i].function, sizeof known[i].function);
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS udp_reset(struct lw_sock *s, struct request *r)
{
    BOOL on;

    if (!r->in || r->in_len < sizeof on) return STATUS_ACCESS_VIOLATION;
    memcpy(&on, r->in, sizeof on);
    return lw_sock_set_udp_reset(s, on != 0);
}

static NTSTATUS perform(struct lw_sock *s, DWORD code, struct request *r)
{
    switch (code) {
    case FIONBIO: return set_nonblocking(s, r);
    case FIONREAD: return bytes_readable(s, r);
    case SIOCATMARK: return at_mark(s, r);
    case SIO_GET_EXTENSION_FUNCTION_POINTER: return extension(r);
    case SIO_UDP_CONNRESET: return udp_reset(s, r);
    default: return STATUS_NOT_SUPPORTED;
    }
}

/* ---- the calls ---- */

/* Notifies an overlapped ioctl: what is done at once succeeds with count 0, an unknown code fails later (contract 70). */
static int complete(struct lw_sock *s, SOCKET value, NTSTATUS status, LPWSAOVERLAPPED ov,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    NTSTATUS result = lw_sock_complete_ioctl(s, ov, (lw_routine_fn)routine, status);

    lw_sock_put(value);
    if (!lw_ok(result)) return lw_wsa_result(result);
    if (lw_ok(status)) return lw_wsa_result(STATUS_SUCCESS);
    return lw_wsa_refuse(WSA_IO_PENDING);
}

int WSAAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer, LPVOID lpvOutBuffer,
                    DWORD cbOutBuffer, LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    struct request r = { lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, 0 };

    if (!lw_started()) return lw_wsa_refuse(WSANOTINITIALISED);
    struct lw_sock *sock = lw_sock_get(s);
    if (!sock) return lw_wsa_refuse(WSAENOTSOCK);
    if (!lpcbBytesReturned) {
        lw_sock_put(s);
        return lw_wsa_refuse(WSAEFAULT);
    }
    NTSTATUS status = perform(sock, dwIoControlCode, &r);
    if (lw_ok(status)) *lpcbBytesReturned = r.produced;
    else if (status == STATUS_NOT_SUPPORTED && !lpOverlapped) *lpcbBytesReturned = 0;
    if (lpOverlapped && (lw_ok(status) || status == STATUS_NOT_SUPPORTED))
        return complete(sock, s, status, lpOverlapped, lpCompletionRoutine);
    lw_sock_put(s);
    return lw_wsa_result(status);
}

/* The header turns calls with a wider argument into calls of this one. */
#undef ioctlsocket

int WSAAPI ioctlsocket(SOCKET s, long cmd, u_long *argp)
{
    struct request r = { argp, sizeof *argp, argp, sizeof *argp, 0 };
    NTSTATUS status;

    if (!lw_started()) return lw_wsa_refuse(WSANOTINITIALISED);
    struct lw_sock *sock = lw_sock_get(s);
    if (!sock) return lw_wsa_refuse(WSAENOTSOCK);
    switch ((DWORD)cmd) {
    case FIONBIO:
    case FIONREAD:
    case SIOCATMARK: status = perform(sock, (DWORD)cmd, &r); break;
    default: status = STATUS_NOT_SUPPORTED;
    }
    lw_sock_put(s);
    return lw_wsa_result(status);
}
