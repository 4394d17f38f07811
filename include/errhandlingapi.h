/* SPDX-License-Identifier: MIT */
/* errhandlingapi.h - the last error: one 32-bit value per thread, WSAGetLastError's as well. */
#ifndef LAPWING_ERRHANDLINGAPI_H
#define LAPWING_ERRHANDLINGAPI_H

#include <minwindef.h>

#ifdef __cplusplus
extern "C" {
#endif

DWORD WINAPI GetLastError(void);
void WINAPI SetLastError(DWORD dwErrCode);

#ifdef __cplusplus
}
#endif

#endif
