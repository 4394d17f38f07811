/* SPDX-License-Identifier: MIT */
/* wait-all.c - waits for all of several objects: nothing is taken before everything can be taken. */
#include "test.h"

#define CHECK_WAIT(which, got, want)                                      \
    do {                                                                  \
        if (!CHECK_EQ(got, want)) test_note("%s", test_wait_name(which)); \
    } while (0)

static void close_all(HANDLE *h, int n)
{
    int i;

    for (i = 0; i < n; i++) CHECK(CloseHandle(h[i]));
}

static void nothing_is_consumed_before_all_are_signalled(void)
{
    HANDLE e[3] = { test_event(FALSE, FALSE), test_event(FALSE, FALSE), test_event(FALSE, FALSE) };
    int which, missing;

    for (which = 0; which < TEST_WAITS; which++)
        for (missing = 0; missing < 3; missing++) {
            SetEvent(e[0]), SetEvent(e[1]), SetEvent(e[2]);
            CHECK(ResetEvent(e[missing]));
            CHECK_WAIT(which, test_wait(which, 3, e, TRUE, 0), WAIT_TIMEOUT);
            CHECK_EQ(test_signalled(e[0]), missing != 0);
            CHECK_EQ(test_signalled(e[1]), missing != 1);
            CHECK_EQ(test_signalled(e[2]), missing != 2);
        }
    close_all(e, 3);
}

static void all_are_consumed_together(void)
{
    HANDLE e[3] = { test_event(FALSE, FALSE), test_event(TRUE, FALSE), test_event(FALSE, FALSE) };
    int which;

    for (which = 0; which < TEST_WAITS; which++) {
        SetEvent(e[2]), SetEvent(e[1]), SetEvent(e[0]);
        CHECK_WAIT(which, test_wait(which, 3, e, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK(!test_signalled(e[0]));
        CHECK(test_signalled(e[1]));
        CHECK(!test_signalled(e[2]));
    }
    close_all(e, 3);
}

static void one_object_is_enough(void)
{
    HANDLE e = test_event(FALSE, FALSE);
    int which;

    for (which = 0; which < TEST_WAITS; which++) {
        CHECK_WAIT(which, test_wait(which, 1, &e, TRUE, 0), WAIT_TIMEOUT);
        CHECK(SetEvent(e));
        CHECK_WAIT(which, test_wait(which, 1, &e, TRUE, 0), WAIT_OBJECT_0);
        CHECK(!test_signalled(e));
    }
    CHECK(CloseHandle(e));
}

static void all_of_64_objects_are_waited_for(void)
{
    HANDLE e[64];
    int which, i;

    for (i = 0; i < 64; i++) e[i] = test_event(FALSE, FALSE);
    for (which = 0; which < TEST_WAITS; which++) {
        for (i = 0; i < 63; i++) CHECK(SetEvent(e[i]));
        CHECK_WAIT(which, test_wait(which, 64, e, TRUE, 0), WAIT_TIMEOUT);
        CHECK(SetEvent(e[63]));
        CHECK_WAIT(which, test_wait(which, 64, e, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_WAIT(which, test_wait(which, 64, e, FALSE, 0), WAIT_TIMEOUT);
    }
    close_all(e, 64);
}

/* Whatever the state of the events; nothing may be consumed. */
static void same_handle_twice_is_refused(void)
{
    HANDLE e = test_event(FALSE, TRUE), other = test_event(FALSE, TRUE), h[64];
    int which, i;

    for (which = 0; which < TEST_WAITS; which++) {
        for (i = 0; i < 3; i++) h[i] = i == 1 ? other : e;
        SetLastError(0);
        CHECK_WAIT(which, test_wait(which, 3, h, TRUE, 0), WAIT_FAILED);
        CHECK_WAIT(which, GetLastError(), ERROR_INVALID_PARAMETER);
        h[1] = e;
        SetLastError(0);
        CHECK_WAIT(which, test_wait(which, 2, h, TRUE, 0), WAIT_FAILED);
        CHECK_WAIT(which, GetLastError(), ERROR_INVALID_PARAMETER);
        h[1] = test_tagged(e, 1);
        SetLastError(0);
        CHECK_WAIT(which, test_wait(which, 2, h, TRUE, 0), WAIT_FAILED);
        CHECK_WAIT(which, GetLastError(), ERROR_INVALID_PARAMETER);
    }
    CHECK(test_signalled(e));
    CHECK(test_signalled(other));
    CHECK(CloseHandle(e));
    CHECK(CloseHandle(other));
}

static void same_handle_at_both_ends_is_refused(void)
{
    HANDLE h[64];
    int which, i;

    for (i = 0; i < 63; i++) h[i] = test_event(TRUE, FALSE);
    h[63] = h[0];
    for (which = 0; which < TEST_WAITS; which++) {
        SetLastError(0);
        CHECK_WAIT(which, test_wait(which, 64, h, TRUE, 0), WAIT_FAILED);
        CHECK_WAIT(which, GetLastError(), ERROR_INVALID_PARAMETER);
    }
    close_all(h, 63);
}

static void timeout_is_never_early(void)
{
    static const DWORD times[] = { 1, 3, 16, 50 };
    HANDLE e[2] = { test_event(TRUE, TRUE), test_event(TRUE, FALSE) };
    int which, i;

    for (which = 0; which < TEST_WAITS; which++)
        for (i = 0; i < 4; i++) {
            LONGLONG start = test_ticks();

            CHECK_WAIT(which, test_wait(which, 2, e, TRUE, times[i]), WAIT_TIMEOUT);
            CHECK(test_elapsed(start, times[i]));
            CHECK(!test_elapsed(start, DEADLINE_MS));
        }
    close_all(e, 2);
}

struct waiter {
    HANDLE events[2];
    int which;
};

static DWORD WINAPI wait_in_thread(void *arg)
{
    struct waiter *w = arg;

    return test_wait(w->which, 2, w->events, TRUE, INFINITE);
}

/* A blocked wait owns nothing: what it waits for can be taken from under it. */
static void blocked_wait_holds_nothing(void)
{
    struct waiter w;
    int which;

    for (which = 0; which < TEST_WAITS; which++) {
        HANDLE a = w.events[0] = test_event(FALSE, FALSE), b = w.events[1] = test_event(FALSE, FALSE), thread;

        w.which = which;
        thread = test_thread(wait_in_thread, &w);
        CHECK(SetEvent(a));
        CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
        CHECK(test_signalled(a));
        CHECK(SetEvent(b));
        CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
        CHECK(test_signalled(b));
        CHECK(SetEvent(b));
        CHECK(SetEvent(a));
        CHECK_WAIT(which, test_join(thread), WAIT_OBJECT_0);
        CHECK(!test_signalled(a));
        CHECK(!test_signalled(b));
        close_all(w.events, 2);
    }
}

/* Two threads want the same two events, in opposite orders.  Each pair of signals serves exactly one of them. */
static void rivals_in_opposite_order_share_fairly(void)
{
    HANDLE a = test_event(FALSE, FALSE), b = test_event(FALSE, FALSE), threads[2];
    struct waiter w[2] = { { { a, b }, 0 }, { { b, a }, 2 } };
    DWORD first;

    threads[0] = test_thread(wait_in_thread, &w[0]);
    threads[1] = test_thread(wait_in_thread, &w[1]);
    CHECK(SetEvent(a));
    CHECK_EQ(WaitForMultipleObjects(2, threads, FALSE, QUIET_MS), WAIT_TIMEOUT);
    CHECK(SetEvent(b));
    first = WaitForMultipleObjects(2, threads, FALSE, DEADLINE_MS);
    REQUIRE(first < 2);
    CHECK_EQ(test_join(threads[first]), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(threads[!first], QUIET_MS), WAIT_TIMEOUT);
    CHECK(!test_signalled(a));
    CHECK(!test_signalled(b));
    CHECK(SetEvent(b));
    CHECK(SetEvent(a));
    CHECK_EQ(test_join(threads[!first]), WAIT_OBJECT_0);
    CHECK(!test_signalled(a));
    CHECK(!test_signalled(b));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

/*
 * All objects are signalled together for a moment only: whoever waits at that moment is released.  As nobody can know
 * when the thread waits, the moment is repeated.
 */
static void short_signal_completes_a_blocked_wait(void)
{
    struct waiter w;
    int i;

    for (i = 0; i < 2 * TEST_WAITS; i++) {
        LONGLONG start = test_ticks();
        HANDLE set = w.events[i & 1] = test_event(TRUE, TRUE), clear = w.events[!(i & 1)] = test_event(TRUE, FALSE);
        HANDLE thread;

        w.which = i / 2;
        thread = test_thread(wait_in_thread, &w);
        while (WaitForSingleObject(thread, 1) == WAIT_TIMEOUT) {
            if (!CHECK(!test_elapsed(start, DEADLINE_MS))) break;
            CHECK(i & 1 ? PulseEvent(clear) : SetEvent(clear) && ResetEvent(clear));
        }
        CHECK(SetEvent(clear)); /* so that a thread that was missed ends too */
        CHECK_WAIT(w.which, test_join(thread), WAIT_OBJECT_0);
        CHECK(CloseHandle(set));
        CHECK(CloseHandle(clear));
    }
}

static DWORD WINAPI wait_for_event(void *arg)
{
    return WaitForSingleObject(arg, DEADLINE_MS);
}

static void threads_and_events_together(void)
{
    HANDLE go = test_event(TRUE, FALSE), h[3];
    int which;

    h[0] = test_thread(wait_for_event, go), h[1] = test_event(FALSE, TRUE), h[2] = test_thread(wait_for_event, go);
    for (which = 0; which < TEST_WAITS; which++) CHECK_WAIT(which, test_wait(which, 3, h, TRUE, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(go));
    for (which = 0; which < TEST_WAITS; which++) {
        CHECK(SetEvent(h[1]));
        CHECK_WAIT(which, test_wait(which, 3, h, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK(!test_signalled(h[1]));
    }
    CHECK_EQ(test_join(h[0]), WAIT_OBJECT_0);
    CHECK_EQ(test_join(h[2]), WAIT_OBJECT_0);
    CHECK(CloseHandle(h[1]));
    CHECK(CloseHandle(go));
}

static const char wine_duplicates[] = "Wine 8 does not look for duplicates";

static const struct test_case cases[] = {
    TEST(nothing_is_consumed_before_all_are_signalled,
         "10 All mode: nothing is consumed until all are signalled [doc]"),
    TEST(all_are_consumed_together, "10 All mode: all are consumed atomically, WSA_WAIT_EVENT_0 [doc]"),
    TEST(one_object_is_enough, "10 cEvents 1…64; All mode"),
    TEST(all_of_64_objects_are_waited_for, "10 cEvents 1…64; All mode"),
    TEST_WINE_DIFFERS(same_handle_twice_is_refused, "10 All mode with the same handle twice [doc]", wine_duplicates),
    TEST_WINE_DIFFERS(same_handle_at_both_ends_is_refused, "10 All mode with the same handle twice [doc]",
                      wine_duplicates),
    TEST(timeout_is_never_early, "10 dwTimeout: milliseconds; expiry 258"),
    TEST(blocked_wait_holds_nothing, "10 All mode: nothing is consumed until all are signalled [doc]"),
    TEST(short_signal_completes_a_blocked_wait, "10 All mode: all are signalled at once [doc WaitFor…, PulseEvent]"),
    TEST(rivals_in_opposite_order_share_fairly, "10 All mode: consumed atomically [doc]"),
    TEST(threads_and_events_together, "10 Array may mix object kinds; All mode"),
};
TEST_MAIN(cases)
