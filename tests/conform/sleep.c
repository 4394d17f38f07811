/* SPDX-License-Identifier: MIT */
/* sleep.c - Sleep and SleepEx in each of their forms. */
#include "test.h"

static volatile LONG apcs;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    InterlockedIncrement(&apcs);
}

static void queue_to_self(void)
{
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
}

static void sleep_is_never_early(void)
{
    static const DWORD times[] = { 1, 2, 5, 15, 16, 17, 40 };
    size_t i;

    for (i = 0; i < sizeof times / sizeof times[0]; i++) {
        LONGLONG start = test_ticks();

        Sleep(times[i]);
        if (!CHECK(test_elapsed(start, times[i]))) test_note("Sleep(%lu)", (unsigned long)times[i]);
        start = test_ticks();
        CHECK_EQ(SleepEx(times[i], FALSE), 0);
        if (!CHECK(test_elapsed(start, times[i]))) test_note("SleepEx(%lu, FALSE)", (unsigned long)times[i]);
        start = test_ticks();
        CHECK_EQ(SleepEx(times[i], TRUE), 0);
        if (!CHECK(test_elapsed(start, times[i]))) test_note("SleepEx(%lu, TRUE)", (unsigned long)times[i]);
        CHECK(!test_elapsed(start, DEADLINE_MS));
    }
}

static void sleep_0_only_yields(void)
{
    LONGLONG start = test_ticks();
    int i;

    apcs = 0;
    queue_to_self();
    for (i = 0; i < 100; i++) {
        Sleep(0);
        CHECK_EQ(SleepEx(0, FALSE), 0);
    }
    CHECK(!test_elapsed(start, DEADLINE_MS));
    CHECK_EQ(apcs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 1);
}

static void sleep_ex_0_drains_the_queue(void)
{
    apcs = 0;
    CHECK_EQ(SleepEx(0, TRUE), 0);
    queue_to_self();
    queue_to_self();
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 2);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static void pending_apc_ends_an_alertable_sleep_at_once(void)
{
    LONGLONG start = test_ticks();

    apcs = 0;
    queue_to_self();
    CHECK_EQ(SleepEx(4 * DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    queue_to_self();
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 2);
    CHECK(!test_elapsed(start, DEADLINE_MS));
}

static void alertable_is_any_nonzero_value(void)
{
    apcs = 0;
    queue_to_self();
    CHECK_EQ(SleepEx(0, 2), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 1);
}

struct sleeper {
    HANDLE ready;
    DWORD ms;
    BOOL alertable, early;
    DWORD result;
};

static DWORD WINAPI sleep_in_thread(void *arg)
{
    struct sleeper *s = arg;
    LONGLONG start = test_ticks();

    CHECK(SetEvent(s->ready));
    s->result = SleepEx(s->ms, s->alertable);
    s->early = !test_elapsed(start, s->ms);
    return SleepEx(0, TRUE);
}

static void start_sleeper(struct sleeper *s, DWORD ms, BOOL alertable, HANDLE *thread)
{
    apcs = 0;
    s->ready = test_event(FALSE, FALSE);
    s->ms = ms;
    s->alertable = alertable;
    *thread = test_thread(sleep_in_thread, s);
    CHECK_EQ(WaitForSingleObject(s->ready, DEADLINE_MS), WAIT_OBJECT_0);
}

static void apc_from_another_thread_ends_an_alertable_sleep(void)
{
    static const DWORD times[] = { 4 * DEADLINE_MS, INFINITE, 0x80000000 };
    struct sleeper s;
    HANDLE thread;
    int i;

    for (i = 0; i < 3; i++) {
        start_sleeper(&s, times[i], TRUE, &thread);
        CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
        CHECK(QueueUserAPC(count_apc, thread, 0));
        CHECK_EQ(test_join(thread), 0);
        CHECK_EQ(s.result, WAIT_IO_COMPLETION);
        CHECK_EQ(apcs, 1);
        CHECK(s.early);
        CHECK(CloseHandle(s.ready));
    }
}

/* The APC stays in the queue and the time is slept to its end. */
static void apc_does_not_end_a_sleep_that_is_not_alertable(void)
{
    struct sleeper s;
    HANDLE thread;

    start_sleeper(&s, 4 * QUIET_MS, FALSE, &thread);
    CHECK(QueueUserAPC(count_apc, thread, 0));
    CHECK(QueueUserAPC(count_apc, thread, 0));
    CHECK_EQ(test_join(thread), WAIT_IO_COMPLETION);
    CHECK_EQ(s.result, 0);
    CHECK(!s.early);
    CHECK_EQ(apcs, 2);
    CHECK(CloseHandle(s.ready));
}

static void own_apc_does_not_end_a_sleep_that_is_not_alertable(void)
{
    LONGLONG start = test_ticks();

    apcs = 0;
    queue_to_self();
    CHECK_EQ(SleepEx(20, FALSE), 0);
    CHECK(test_elapsed(start, 20));
    start = test_ticks();
    Sleep(20);
    CHECK(test_elapsed(start, 20));
    CHECK_EQ(apcs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 1);
}

static const struct test_case cases[] = {
    TEST(sleep_is_never_early, "10 SleepEx: returns 0 on expiry"),
    TEST(sleep_0_only_yields, "10 SleepEx(0, FALSE) and Sleep(0) only yield [doc SleepEx]"),
    TEST(sleep_ex_0_drains_the_queue, "10 SleepEx(0, TRUE) drains queued APCs [obs]"),
    TEST(pending_apc_ends_an_alertable_sleep_at_once, "10 SleepEx(ms, TRUE): runs pending APCs and returns 192"),
    TEST(alertable_is_any_nonzero_value, "00 Types: BOOL"),
    TEST(apc_from_another_thread_ends_an_alertable_sleep, "10 SleepEx(INFINITE, TRUE) waits for an APC [doc SleepEx]"),
    TEST(apc_does_not_end_a_sleep_that_is_not_alertable, "10 SleepEx(ms, FALSE) ≡ Sleep [doc SleepEx]"),
    TEST(own_apc_does_not_end_a_sleep_that_is_not_alertable, "10 SleepEx(ms, FALSE) ≡ Sleep [doc SleepEx]"),
};
TEST_MAIN(cases)
