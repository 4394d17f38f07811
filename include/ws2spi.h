/* SPDX-License-Identifier: MIT */
/* ws2spi.h - Winsock's service provider interface, as far as it is here. */
#ifndef LAPWING_WS2SPI_H
#define LAPWING_WS2SPI_H

#include <winsock2.h>

#define WSPAPI WSAAPI

typedef struct _WSATHREADID {
    HANDLE ThreadHandle;
    DWORD_PTR Reserved;
} WSATHREADID, *LPWSATHREADID;

#ifdef __cplusplus
extern "C" {
#endif

/* The error goes to *lpErrno; the thread's last error stays as it is. */
BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags, LPINT lpErrno);

#ifdef __cplusplus
}
#endif

#endif
