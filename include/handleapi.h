/* SPDX-License-Identifier: MIT */
/* handleapi.h - what can be done to any handle. */
#ifndef LAPWING_HANDLEAPI_H
#define LAPWING_HANDLEAPI_H

#include <minwinbase.h>

#ifdef __cplusplus
extern "C" {
#endif

BOOL WINAPI CloseHandle(HANDLE hObject);
/* Source and target are this process. */
BOOL WINAPI DuplicateHandle(HANDLE hSourceProcessHandle, HANDLE hSourceHandle, HANDLE hTargetProcessHandle,
                            LPHANDLE lpTargetHandle, DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwOptions);

#ifdef __cplusplus
}
#endif

#endif
