/* SPDX-License-Identifier: MIT */
/* clock.c - tick count and performance counter: one clock for both and for every time-out, so that they agree. */
#include <profileapi.h>
#include <sysinfoapi.h>
#include <winerror.h>

#include "api/error.h"
#include "sys/env.h"

enum {
    NS_PER_MS = 1000000,
    NS_PER_COUNT = 100, /* as on Windows 10: ten million counts a second */
    COUNTS_PER_SECOND = 10000000,
};

ULONGLONG WINAPI GetTickCount64(void)
{
    return (ULONGLONG)lw_now_ns() / NS_PER_MS;
}

DWORD WINAPI GetTickCount(void)
{
    return (DWORD)GetTickCount64();
}

static BOOL store(LARGE_INTEGER *to, LONGLONG value)
{
    if (!to) {
        lw_set_error(ERROR_NOACCESS);
        return FALSE;
    }
    to->QuadPart = value;
    return TRUE;
}

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
{
    return store(lpPerformanceCount, lw_now_ns() / NS_PER_COUNT);
}

BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
{
    return store(lpFrequency, COUNTS_PER_SECOND);
}
