/* SPDX-License-Identifier: MIT */
/* error.c - GetLastError and its relatives (contract 10, last error). */
#include "api/error.h"

#include <winsock2.h>
#include <windows.h>

__thread DWORD lw_last_error __attribute__((tls_model("initial-exec")));

DWORD WINAPI GetLastError(void)
{
    return lw_last_error;
}

void WINAPI SetLastError(DWORD dwErrCode)
{
    lw_last_error = dwErrCode;
}

int WSAAPI WSAGetLastError(void)
{
    return (int)lw_last_error;
}

void WSAAPI WSASetLastError(int iError)
{
    lw_last_error = (DWORD)iError;
}
