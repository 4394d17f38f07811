/* SPDX-License-Identifier: MIT */
/* clock.c - tick count and performance counter, alone and against each other and against Sleep. */
#include "test.h"

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

static const struct test_case cases[] = {
    TEST(tick_counts_never_go_back, "reference GetTickCount64"),
    TEST(short_tick_count_is_the_low_half, "reference GetTickCount"),
    TEST(counter_never_goes_back, "reference QueryPerformanceCounter"),
    TEST(frequency_is_constant_and_fine, "reference QueryPerformanceFrequency"),
    TEST(counter_is_finer_than_a_millisecond, "reference QueryPerformanceCounter: below one microsecond"),
    TEST(a_sleep_takes_its_time_on_both_clocks, "10 SleepEx; reference GetTickCount64"),
    TEST(both_clocks_run_alike, "reference QueryPerformanceCounter"),
    TEST(success_leaves_the_last_error, "10 Last error"),
};
TEST_MAIN(cases)
