/* SPDX-License-Identifier: MIT */
/* events-set-reset.c - who is released by SetEvent, ResetEvent and PulseEvent, and what state stays behind. */
#include "test.h"

enum { WAITERS = 4 };

/* Threads that wait once for the same event. */
struct crowd {
    HANDLE event;
    HANDLE got; /* auto-reset: set by each thread that was released */
    volatile LONG released;
    HANDLE threads[WAITERS];
};

static DWORD WINAPI wait_once(void *arg)
{
    struct crowd *c = arg;

    if (!CHECK_EQ(WaitForSingleObject(c->event, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
    InterlockedIncrement(&c->released);
    CHECK(SetEvent(c->got));
    return 0;
}

static void crowd_start(struct crowd *c, BOOL manual)
{
    int i;

    c->event = test_event(manual, FALSE);
    c->got = test_event(FALSE, FALSE);
    c->released = 0;
    for (i = 0; i < WAITERS; i++) c->threads[i] = test_thread(wait_once, c);
}

static void crowd_end(struct crowd *c)
{
    int i;

    for (i = 0; i < WAITERS; i++) CHECK_EQ(test_join(c->threads[i]), 0);
    CHECK(CloseHandle(c->got));
    CHECK(CloseHandle(c->event));
}

static void auto_reset_is_consumed_by_one_wait(void)
{
    HANDLE e = test_event(FALSE, FALSE);

    CHECK(SetEvent(e));
    CHECK(test_signalled(e));
    CHECK(!test_signalled(e));
    CHECK(CloseHandle(e));
}

static void extra_sets_collapse(void)
{
    HANDLE e = test_event(FALSE, FALSE);
    int i;

    for (i = 0; i < 5; i++) CHECK(i & 1 ? WSASetEvent(e) : SetEvent(e));
    CHECK(test_signalled(e));
    CHECK(!test_signalled(e));
    CHECK(CloseHandle(e));
}

static void manual_reset_stays_set(void)
{
    HANDLE e = test_event(TRUE, FALSE);
    int i;

    CHECK(SetEvent(e));
    for (i = 0; i < 5; i++) CHECK(test_signalled(e));
    CHECK(ResetEvent(e));
    CHECK(!test_signalled(e));
    CHECK(CloseHandle(e));
}

static void setting_and_resetting_twice_succeeds(void)
{
    int manual;

    for (manual = 0; manual < 2; manual++) {
        HANDLE e = test_event(manual, FALSE);

        CHECK(ResetEvent(e));
        CHECK(WSAResetEvent(e));
        CHECK(SetEvent(e));
        CHECK(WSASetEvent(e));
        CHECK(ResetEvent(e));
        CHECK(!test_signalled(e));
        CHECK(CloseHandle(e));
    }
}

static void auto_reset_releases_exactly_one_waiter(void)
{
    struct crowd c;
    int i;

    crowd_start(&c, FALSE);
    CHECK_EQ(WaitForSingleObject(c.got, QUIET_MS), WAIT_TIMEOUT);
    for (i = 1; i <= WAITERS; i++) {
        CHECK(SetEvent(c.event));
        CHECK_EQ(WaitForSingleObject(c.got, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_EQ(WaitForSingleObject(c.got, QUIET_MS), WAIT_TIMEOUT);
        CHECK_EQ(test_read(&c.released), i);
        CHECK(!test_signalled(c.event));
    }
    crowd_end(&c);
}

static void manual_reset_releases_all_waiters(void)
{
    struct crowd c;

    crowd_start(&c, TRUE);
    CHECK_EQ(WaitForSingleObject(c.got, QUIET_MS), WAIT_TIMEOUT);
    CHECK(SetEvent(c.event));
    CHECK_EQ(WaitForMultipleObjects(WAITERS, c.threads, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(c.released, WAITERS);
    CHECK(test_signalled(c.event));
    crowd_end(&c);
}

static void pulse_leaves_the_event_clear(void)
{
    int i;

    for (i = 0; i < 4; i++) {
        HANDLE e = test_event(i & 1, i >> 1);

        CHECK(PulseEvent(e));
        CHECK(!test_signalled(e));
        CHECK(SetEvent(e));
        CHECK(PulseEvent(e));
        CHECK(!test_signalled(e));
        CHECK(CloseHandle(e));
    }
}

/*
 * Pulses until every thread has been caught in its wait; only a thread that waits at that moment is released, and no
 * program can know when a thread waits.  Returns the number of pulses.
 */
static LONG pulse_until_all_are_released(struct crowd *c, LONG released_by_one)
{
    LONGLONG start = test_ticks();
    LONG pulses = 0;

    while (WaitForMultipleObjects(WAITERS, c->threads, TRUE, 1) == WAIT_TIMEOUT) {
        if (!CHECK(!test_elapsed(start, DEADLINE_MS))) break;
        CHECK(PulseEvent(c->event));
        pulses++;
        CHECK(test_read(&c->released) <= pulses * released_by_one);
        CHECK(!test_signalled(c->event));
    }
    return pulses;
}

static void pulse_of_manual_reset_releases_those_who_wait(void)
{
    struct crowd c;

    crowd_start(&c, TRUE);
    CHECK(pulse_until_all_are_released(&c, WAITERS) >= 1);
    CHECK_EQ(c.released, WAITERS);
    crowd_end(&c);
}

static void pulse_of_auto_reset_releases_at_most_one(void)
{
    struct crowd c;

    crowd_start(&c, FALSE);
    CHECK(pulse_until_all_are_released(&c, 1) >= WAITERS);
    CHECK_EQ(c.released, WAITERS);
    crowd_end(&c);
}

static void reset_before_the_wait_takes_the_signal_back(void)
{
    HANDLE e = test_event(FALSE, TRUE);

    CHECK(ResetEvent(e));
    CHECK_EQ(WaitForSingleObject(e, QUIET_MS), WAIT_TIMEOUT);
    CHECK(CloseHandle(e));
}

static const struct test_case cases[] = {
    TEST(auto_reset_is_consumed_by_one_wait, "10 Auto-reset event [doc CreateEvent]"),
    TEST(extra_sets_collapse, "10 Auto-reset event: extra SetEvents collapse [doc CreateEvent]"),
    TEST(manual_reset_stays_set, "10 Manual: stays set [doc CreateEvent]"),
    TEST(setting_and_resetting_twice_succeeds, "10 Close/Set/Reset: TRUE"),
    TEST(auto_reset_releases_exactly_one_waiter, "10 Auto-reset event: exactly one waiter [doc CreateEvent]"),
    TEST(manual_reset_releases_all_waiters, "10 Manual: all waiters [doc CreateEvent]"),
    TEST(pulse_leaves_the_event_clear, "PulseEvent page [doc]"),
    TEST(pulse_of_manual_reset_releases_those_who_wait, "PulseEvent page [doc]"),
    TEST(pulse_of_auto_reset_releases_at_most_one, "PulseEvent page [doc]"),
    TEST(reset_before_the_wait_takes_the_signal_back, "10 Close/Set/Reset"),
};
TEST_MAIN(cases)
