/* SPDX-License-Identifier: MIT */
/* clock.c - tick count and performance counter, alone and against each other and against Sleep; the date. */
#include "test.h"

#include <time.h>

/* A tick of Windows' coarse clock, and a little more. */
enum { TICK_MS = 16 };

static LONGLONG frequency(void)
{
    LARGE_INTEGER f = { .QuadPart = 0 };

    CHECK(QueryPerformanceFrequency(&f));
    return f.QuadPart;
}

static LONGLONG counter(void)
{
    LARGE_INTEGER c = { .QuadPart = -1 };

    CHECK(QueryPerformanceCounter(&c));
    return c.QuadPart;
}

static void tick_counts_never_go_back(void)
{
    ULONGLONG last = GetTickCount64(), now;
    int i;

    for (i = 0; i < 100000; i++) {
        now = GetTickCount64();
        if (!CHECK(now >= last)) return;
        last = now;
    }
}

static void short_tick_count_is_the_low_half(void)
{
    ULONGLONG before = GetTickCount64();
    DWORD ticks = GetTickCount();
    ULONGLONG after = GetTickCount64();

    CHECK(ticks - (DWORD)before <= (DWORD)(after - before));
}

static void counter_never_goes_back(void)
{
    LONGLONG last = counter(), now;
    int i;

    for (i = 0; i < 100000; i++) {
        now = counter();
        if (!CHECK(now >= last)) return;
        last = now;
    }
}

static void frequency_is_constant_and_fine(void)
{
    LONGLONG f = frequency();

    CHECK(f >= 1000000);
    CHECK_EQ(frequency(), f);
}

static void counter_is_finer_than_a_millisecond(void)
{
    LONGLONG start = counter(), end = start;

    while (end == start) end = counter();
    CHECK((end - start) * 1000 < frequency());
}

static void a_sleep_takes_its_time_on_both_clocks(void)
{
    LONGLONG start = counter(), ms;
    ULONGLONG ticks = GetTickCount64();

    Sleep(100);
    ms = (counter() - start) * 1000 / frequency();
    ticks = GetTickCount64() - ticks;
    CHECK(ms >= 100 - TICK_MS && ms < DEADLINE_MS);
    CHECK(ticks >= 100 - TICK_MS && ticks < DEADLINE_MS);
}

static void both_clocks_run_alike(void)
{
    ULONGLONG ticks = GetTickCount64();
    LONGLONG before = counter(), after, ms;

    while (GetTickCount64() < ticks + 50) Sleep(1);
    ticks = GetTickCount64() - ticks;
    after = counter();
    ms = (after - before) * 1000 / frequency();
    CHECK(ms + TICK_MS >= (LONGLONG)ticks);
}

static void success_leaves_the_last_error(void)
{
    SetLastError(0xbad);
    (void)counter();
    (void)frequency();
    (void)GetTickCount();
    (void)GetTickCount64();
    CHECK_EQ(GetLastError(), 0xbad);
}

/* Seconds since 1970, from a FILETIME. */
static LONGLONG seconds(const FILETIME *time)
{
    ULARGE_INTEGER units;

    units.LowPart = time->dwLowDateTime;
    units.HighPart = time->dwHighDateTime;
    return (LONGLONG)(units.QuadPart / 10000000) - 11644473600LL;
}

static void file_time_counts_from_1601(void)
{
    LONGLONG before = (LONGLONG)time(NULL), now;
    FILETIME ft = { 0, 0 };

    SetLastError(0xbad);
    GetSystemTimeAsFileTime(&ft);
    now = seconds(&ft);
    CHECK(now >= before - 1 && now <= (LONGLONG)time(NULL) + 1);
    CHECK_EQ(GetLastError(), 0xbad);
}

static void check_date(const SYSTEMTIME *st, const struct tm *want)
{
    CHECK_EQ(st->wYear, want->tm_year + 1900);
    CHECK_EQ(st->wMonth, want->tm_mon + 1);
    CHECK_EQ(st->wDay, want->tm_mday);
    CHECK_EQ(st->wDayOfWeek, want->tm_wday);
    CHECK_EQ(st->wHour, want->tm_hour);
    CHECK_EQ(st->wMinute, want->tm_min);
    CHECK_EQ(st->wSecond, want->tm_sec);
    CHECK(st->wMilliseconds < 1000);
}

/* Asks again when a second has ended in between. */
static void dates_are_those_of_the_c_library(void)
{
    SYSTEMTIME utc, local;
    time_t before, after;

    do {
        before = time(NULL);
        GetSystemTime(&utc);
        GetLocalTime(&local);
        Sleep(TICK_MS); /* time may be a tick behind */
        after = time(NULL);
    } while (before != after);
    check_date(&utc, gmtime(&before));
    check_date(&local, localtime(&before));
}

static const struct test_case cases[] = {
    TEST(tick_counts_never_go_back, "reference GetTickCount64"),
    TEST(short_tick_count_is_the_low_half, "reference GetTickCount"),
    TEST(counter_never_goes_back, "reference QueryPerformanceCounter"),
    TEST(frequency_is_constant_and_fine, "reference QueryPerformanceFrequency"),
    TEST(counter_is_finer_than_a_millisecond, "reference QueryPerformanceCounter: below one microsecond"),
    TEST(a_sleep_takes_its_time_on_both_clocks, "10 SleepEx; reference GetTickCount64"),
    TEST(both_clocks_run_alike, "reference QueryPerformanceCounter"),
    TEST(success_leaves_the_last_error, "10 Last error"),
    TEST(file_time_counts_from_1601, "reference GetSystemTimeAsFileTime, FILETIME"),
    TEST(dates_are_those_of_the_c_library, "reference GetSystemTime, GetLocalTime, SYSTEMTIME"),
};
TEST_MAIN(cases)
