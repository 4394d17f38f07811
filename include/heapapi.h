/* SPDX-License-Identifier: MIT */
/* heapapi.h - the process heap; it is malloc's. */
#ifndef LAPWING_HEAPAPI_H
#define LAPWING_HEAPAPI_H

#include <minwinbase.h>

#ifdef __cplusplus
extern "C" {
#endif

HANDLE WINAPI GetProcessHeap(void);
LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes);
LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes);
BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem);

#ifdef __cplusplus
}
#endif

#endif
