/* SPDX-License-Identifier: MIT */
/*
 * bytes.c - host and network byte order.  Network order is big-endian for
 * every socket that there is, so the WSA forms only check their arguments.
 */
#include <winsock2.h>

#include "api/error.h"
#include "api/startup.h"
#include "sock/sock.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SWAP_LONG(x) __builtin_bswap32(x)
#define SWAP_SHORT(x) __builtin_bswap16(x)
#else
#define SWAP_LONG(x) (x)
#define SWAP_SHORT(x) (x)
#endif

u_long WSAAPI htonl(u_long hostlong)
{
    return SWAP_LONG(hostlong);
}

u_short WSAAPI htons(u_short hostshort)
{
    return SWAP_SHORT(hostshort);
}

u_long WSAAPI ntohl(u_long netlong)
{
    return SWAP_LONG(netlong);
}

u_short WSAAPI ntohs(u_short netshort)
{
    return SWAP_SHORT(netshort);
}

/* FALSE, with the last error, if the call is refused. */
static BOOL may_convert(SOCKET s, const void *result)
{
    DWORD error = 0;

    if (!lw_started()) {
        error = WSANOTINITIALISED;
    } else if (!lw_sock_get(s)) {
        error = WSAENOTSOCK;
    } else {
        lw_sock_put(s);
        if (!result) error = WSAEFAULT;
    }
    lw_set_error(error);
    return error == 0;
}

int WSAAPI WSAHtonl(SOCKET s, u_long hostlong, u_long *lpnetlong)
{
    if (!may_convert(s, lpnetlong)) return SOCKET_ERROR;
    *lpnetlong = htonl(hostlong);
    return 0;
}

int WSAAPI WSAHtons(SOCKET s, u_short hostshort, u_short *lpnetshort)
{
    if (!may_convert(s, lpnetshort)) return SOCKET_ERROR;
    *lpnetshort = htons(hostshort);
    return 0;
}

int WSAAPI WSANtohl(SOCKET s, u_long netlong, u_long *lphostlong)
{
    if (!may_convert(s, lphostlong)) return SOCKET_ERROR;
    *lphostlong = ntohl(netlong);
    return 0;
}

int WSAAPI WSANtohs(SOCKET s, u_short netshort, u_short *lphostshort)
{
    if (!may_convert(s, lphostshort)) return SOCKET_ERROR;
    *lphostshort = ntohs(netshort);
    return 0;
}
