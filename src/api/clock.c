/* SPDX-License-Identifier: MIT */
/*
 * clock.c - tick count and performance counter: one clock for both and for
 * every time-out, so that they agree.  The date has a clock of its own, which
 * may be set.
 */
#include <profileapi.h>
#include <sysinfoapi.h>
#include <winerror.h>

#include "api/error.h"
#include "sys/env.h"

#include <time.h>

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

enum { FILETIME_PER_SECOND = 10000000 };
static const int64_t seconds_1601_to_1970 = 11644473600;

static struct timespec now(void)
{
    struct timespec ts = { 0 };

    (void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail with this clock */
    return ts;
}

void WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
    struct timespec ts = now();
    uint64_t time = (uint64_t)(ts.tv_sec + seconds_1601_to_1970) * FILETIME_PER_SECOND + (uint64_t)ts.tv_nsec / 100;

    lpSystemTimeAsFileTime->dwLowDateTime = (DWORD)time;
    lpSystemTimeAsFileTime->dwHighDateTime = (DWORD)(time >> 32);
}

/* Linux' clock is no cheaper to read coarsely. */
void WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
    GetSystemTimePreciseAsFileTime(lpSystemTimeAsFileTime);
}

static void store_date(LPSYSTEMTIME to, const struct tm *date, long ns)
{
    to->wYear = (WORD)(date->tm_year + 1900);
    to->wMonth = (WORD)(date->tm_mon + 1);
    to->wDayOfWeek = (WORD)date->tm_wday;
    to->wDay = (WORD)date->tm_mday;
    to->wHour = (WORD)date->tm_hour;
    to->wMinute = (WORD)date->tm_min;
    to->wSecond = (WORD)(date->tm_sec < 60 ? date->tm_sec : 59); /* a zone with leap seconds: Windows has none */
    to->wMilliseconds = (WORD)(ns / NS_PER_MS);
}

void WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime)
{
    struct timespec ts = now();
    struct tm date = { 0 };

    (void)gmtime_r(&ts.tv_sec, &date); /* fails beyond the year 2^31 only */
    store_date(lpSystemTime, &date, ts.tv_nsec);
}

void WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime)
{
    struct timespec ts = now();
    struct tm date = { 0 };

    tzset(); /* localtime_r need not look at TZ, and a change of it counts */
    (void)localtime_r(&ts.tv_sec, &date);
    store_date(lpSystemTime, &date, ts.tv_nsec);
}
