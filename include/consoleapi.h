/* SPDX-License-Identifier: MIT */
/* consoleapi.h - Ctrl-C and the other ways in which a program is asked to end. */
#ifndef LAPWING_CONSOLEAPI_H
#define LAPWING_CONSOLEAPI_H

#include <minwinbase.h>

#define CTRL_C_EVENT 0
#define CTRL_BREAK_EVENT 1
#define CTRL_CLOSE_EVENT 2
#define CTRL_LOGOFF_EVENT 5
#define CTRL_SHUTDOWN_EVENT 6

typedef BOOL(WINAPI *PHANDLER_ROUTINE)(DWORD CtrlType);

#ifdef __cplusplus
extern "C" {
#endif

BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE HandlerRoutine, BOOL Add);

#ifdef __cplusplus
}
#endif

#endif
