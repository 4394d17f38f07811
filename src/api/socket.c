/* SPDX-License-Identifier: MIT */
/* socket.c - making, connecting, closing and naming sockets; options (contracts 30, 70, 80). */
#include "api/error.h"
#include "api/startup.h"
#include "sock/sock.h"

#include <winsock2.h>
#include <mswsock.h>
#include <string.h>

/*
 * How every call on a socket begins: started, then a socket.  `s` and the
 * socket behind it, until END.
 */
#define BEGIN(value, sock)                                      \
    if (!lw_started()) return lw_wsa_refuse(WSANOTINITIALISED); \
    struct lw_sock *sock = lw_sock_get(value);                  \
    if (!(sock)) return lw_wsa_refuse(WSAENOTSOCK)

static int end(SOCKET s, NTSTATUS status)
{
    lw_sock_put(s);
    return lw_wsa_result(status);
}

/* ---- making and closing ---- */

static SOCKET make(int af, int type, int protocol, bool overlapped)
{
    lw_socket_t s = INVALID_SOCKET;

    if (!lw_started()) return lw_set_error(WSANOTINITIALISED), INVALID_SOCKET;
    NTSTATUS status = lw_sock_create(af, type, protocol, overlapped, &s);
    (void)lw_wsa_result(status);
    return lw_ok(status) ? s : INVALID_SOCKET;
}

/* SO_OPENTYPE: what socket() makes in this thread; needs no socket to be set. */
static __thread int open_type;

SOCKET WSAAPI socket(int af, int type, int protocol)
{
    return make(af, type, protocol, open_type == 0);
}

/* What WSASocket takes of a protocol structure, whose two forms differ in a text only. */
struct triple {
    int family, type, protocol;
};

/* An argument of 0 or FROM_PROTOCOL_INFO comes from the structure. */
static int from_info(int given, int info)
{
    return given == 0 || given == FROM_PROTOCOL_INFO ? info : given;
}

/* At most one role in each plane of a multipoint session. */
static bool has_two_roles(DWORD flags)
{
    DWORD control = WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_C_LEAF;
    DWORD data = WSA_FLAG_MULTIPOINT_D_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF;

    return (flags & control) == control || (flags & data) == data;
}

static SOCKET make_from(struct triple given, const struct triple *info, DWORD flags)
{
    if (has_two_roles(flags)) return lw_set_error(WSAEINVAL), INVALID_SOCKET;
    if (info) {
        if (info->family != AF_INET && info->family != AF_INET6) return lw_set_error(WSAEAFNOSUPPORT), INVALID_SOCKET;
        given.family = from_info(given.family, info->family);
        given.type = from_info(given.type, info->type);
        given.protocol = from_info(given.protocol, info->protocol);
    }
    return make(given.family, given.type, given.protocol, (flags & WSA_FLAG_OVERLAPPED) != 0);
}

SOCKET WSAAPI WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags)
{
    struct triple info = { 0, 0, 0 };

    (void)g; /* socket groups do nothing on Windows either */
    if (lpProtocolInfo)
        info =
            (struct triple){ lpProtocolInfo->iAddressFamily, lpProtocolInfo->iSocketType, lpProtocolInfo->iProtocol };
    return make_from((struct triple){ af, type, protocol }, lpProtocolInfo ? &info : NULL, dwFlags);
}

SOCKET WSAAPI WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g, DWORD dwFlags)
{
    struct triple info = { 0, 0, 0 };

    (void)g; /* as above */
    if (lpProtocolInfo)
        info =
            (struct triple){ lpProtocolInfo->iAddressFamily, lpProtocolInfo->iSocketType, lpProtocolInfo->iProtocol };
    return make_from((struct triple){ af, type, protocol }, lpProtocolInfo ? &info : NULL, dwFlags);
}

int WSAAPI closesocket(SOCKET s)
{
    if (!lw_started()) return lw_wsa_refuse(WSANOTINITIALISED);
    return lw_wsa_result(lw_sock_close(s));
}

/* ---- states ---- */

int WSAAPI bind(SOCKET s, const struct sockaddr *name, int namelen)
{
    BEGIN(s, sock);
    return end(s, lw_sock_bind(sock, name, namelen));
}

int WSAAPI listen(SOCKET s, int backlog)
{
    BEGIN(s, sock);
    return end(s, lw_sock_listen(sock, backlog));
}

int WSAAPI shutdown(SOCKET s, int how)
{
    BEGIN(s, sock);
    return end(s, lw_sock_shutdown(sock, how));
}

int WSAAPI connect(SOCKET s, const struct sockaddr *name, int namelen)
{
    BEGIN(s, sock);
    return end(s, lw_sock_connect(sock, name, namelen));
}

int WSAAPI WSAConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                      LPQOS lpSQOS, LPQOS lpGQOS)
{
    (void)lpSQOS, (void)lpGQOS; /* advisory on Windows, where TCP/IP takes no notice of them */
    BEGIN(s, sock);
    /* TCP/IP carries no connect data: there is none to send, and none is received. */
    if (lpCallerData && lpCallerData->len) return end(s, LW_STATUS_WSA(WSAENOPROTOOPT));
    if (lpCalleeData) lpCalleeData->len = 0;
    return end(s, lw_sock_connect(sock, name, namelen));
}

SOCKET WSAAPI accept(SOCKET s, struct sockaddr *addr, int *addrlen)
{
    lw_socket_t accepted = INVALID_SOCKET;

    if (!lw_started()) return lw_set_error(WSANOTINITIALISED), INVALID_SOCKET;
    struct lw_sock *sock = lw_sock_get(s);
    if (!sock) return lw_set_error(WSAENOTSOCK), INVALID_SOCKET;
    NTSTATUS status = lw_sock_accept(sock, addr, addrlen, &accepted);
    (void)end(s, status);
    return lw_ok(status) ? accepted : INVALID_SOCKET;
}

int WSAAPI getsockname(SOCKET s, struct sockaddr *name, int *namelen)
{
    BEGIN(s, sock);
    return end(s, lw_sock_name(sock, false, name, namelen));
}

int WSAAPI getpeername(SOCKET s, struct sockaddr *name, int *namelen)
{
    BEGIN(s, sock);
    return end(s, lw_sock_name(sock, true, name, namelen));
}

/* ---- options ---- */

static NTSTATUS get_open_type(char *value, int *len)
{
    if (!value || !len || *len < (int)sizeof open_type) return STATUS_ACCESS_VIOLATION;
    memcpy(value, &open_type, sizeof open_type);
    *len = sizeof open_type;
    return STATUS_SUCCESS;
}

static NTSTATUS set_open_type(const char *value, int len)
{
    if (!value || len < (int)sizeof open_type) return STATUS_ACCESS_VIOLATION;
    memcpy(&open_type, value, sizeof open_type);
    return STATUS_SUCCESS;
}

int WSAAPI getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen)
{
    if (level == SOL_SOCKET && optname == SO_OPENTYPE && lw_started())
        return lw_wsa_result(get_open_type(optval, optlen));
    BEGIN(s, sock);
    if (!optlen) return end(s, STATUS_ACCESS_VIOLATION);
    return end(s, lw_sock_get_option(sock, level, optname, optval, optlen));
}

int WSAAPI setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
{
    if (level == SOL_SOCKET && optname == SO_OPENTYPE && lw_started())
        return lw_wsa_result(set_open_type(optval, optlen));
    BEGIN(s, sock);
    return end(s, lw_sock_set_option(sock, level, optname, optval, optlen));
}
