/* SPDX-License-Identifier: MIT */
/* mswsock.c - AcceptEx and GetAcceptExSockaddrs (contract 30). */
#include "api/error.h"
#include "api/startup.h"
#include "sock/sock.h"

#include <winsock2.h>
#include <mswsock.h>
#include <ws2ipdef.h>

BOOL PASCAL FAR AcceptEx(SOCKET sListenSocket, SOCKET sAcceptSocket, PVOID lpOutputBuffer, DWORD dwReceiveDataLength,
                         DWORD dwLocalAddressLength, DWORD dwRemoteAddressLength, LPDWORD lpdwBytesReceived,
                         LPOVERLAPPED lpOverlapped)
{
    (void)lpdwBytesReceived; /* written only on synchronous success, which does not happen: it always pends */
    if (!lpOverlapped) return lw_refuse(ERROR_INVALID_PARAMETER);
    if (!lw_started()) return lw_refuse(WSANOTINITIALISED);
    __atomic_store_n(&lpOverlapped->Internal, (ULONG_PTR)STATUS_PENDING, __ATOMIC_RELAXED); /* refused or not */
    struct lw_sock *listener = lw_sock_get(sListenSocket);
    if (!listener) return lw_refuse(WSAENOTSOCK);
    NTSTATUS status = lw_sock_accept_ex(listener, sAcceptSocket, lpOutputBuffer, dwReceiveDataLength,
                                        dwLocalAddressLength, dwRemoteAddressLength, lpOverlapped);
    lw_sock_put(sListenSocket);
    return lw_refuse(status == STATUS_PENDING ? ERROR_IO_PENDING : (DWORD)lw_status_to_wsa(status));
}

/* The size of the address in a block. */
static int address_size(const struct sockaddr *name)
{
    return name->sa_family == AF_INET6  ? (int)sizeof(struct sockaddr_in6)
           : name->sa_family == AF_INET ? (int)sizeof(struct sockaddr_in)
                                        : 0;
}

void PASCAL FAR GetAcceptExSockaddrs(PVOID lpOutputBuffer, DWORD dwReceiveDataLength, DWORD dwLocalAddressLength,
                                     DWORD dwRemoteAddressLength, struct sockaddr **LocalSockaddr,
                                     LPINT LocalSockaddrLength, struct sockaddr **RemoteSockaddr,
                                     LPINT RemoteSockaddrLength)
{
    char *at = (char *)lpOutputBuffer + dwReceiveDataLength;

    if (dwLocalAddressLength) { /* 0: nothing was stored, and the outputs stay as they were */
        *LocalSockaddr = (struct sockaddr *)lw_accept_ex_address(at);
        *LocalSockaddrLength = address_size(*LocalSockaddr);
    }
    if (!dwRemoteAddressLength) return;
    *RemoteSockaddr = (struct sockaddr *)lw_accept_ex_address(at + dwLocalAddressLength);
    *RemoteSockaddrLength = address_size(*RemoteSockaddr);
}
