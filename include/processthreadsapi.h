/* SPDX-License-Identifier: MIT */
/* processthreadsapi.h - threads that can be waited for, APCs, and thread-local storage. */
#ifndef LAPWING_PROCESSTHREADSAPI_H
#define LAPWING_PROCESSTHREADSAPI_H

#include <minwinbase.h>

#define TLS_OUT_OF_INDEXES ((DWORD)0xffffffff)

#ifdef __cplusplus
extern "C" {
#endif

HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
                           LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter, DWORD dwCreationFlags,
                           LPDWORD lpThreadId);
DECLSPEC_NORETURN void WINAPI ExitThread(DWORD dwExitCode);
DWORD WINAPI ResumeThread(HANDLE hThread);
BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode);
HANDLE WINAPI OpenThread(DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwThreadId);
HANDLE WINAPI GetCurrentThread(void);
DWORD WINAPI GetCurrentThreadId(void);
DWORD WINAPI GetThreadId(HANDLE Thread);
BOOL WINAPI SwitchToThread(void);
DWORD WINAPI QueueUserAPC(PAPCFUNC pfnAPC, HANDLE hThread, ULONG_PTR dwData);

/* An index of 1088 at most; in every thread its value is NULL until that thread stores one. */
DWORD WINAPI TlsAlloc(void);
LPVOID WINAPI TlsGetValue(DWORD dwTlsIndex);
BOOL WINAPI TlsSetValue(DWORD dwTlsIndex, LPVOID lpTlsValue);
BOOL WINAPI TlsFree(DWORD dwTlsIndex);

HANDLE WINAPI GetCurrentProcess(void);
DWORD WINAPI GetCurrentProcessId(void);
DECLSPEC_NORETURN void WINAPI ExitProcess(UINT uExitCode);

#ifdef __cplusplus
}
#endif

#endif
