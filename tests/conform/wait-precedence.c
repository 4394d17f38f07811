/* SPDX-License-Identifier: MIT */
/*
 * wait-precedence.c - what an alertable wait looks at first: a signalled object, then the APC queue, then the time-out.
 *
 * Every case goes through every form of alertable wait.
 */
#include "test.h"

static volatile LONG apcs;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    InterlockedIncrement(&apcs);
}

static void CALLBACK set_event_apc(ULONG_PTR event)
{
    InterlockedIncrement(&apcs);
    CHECK(SetEvent((HANDLE)event));
}

static void queue(PAPCFUNC function, HANDLE data)
{
    CHECK(QueueUserAPC(function, GetCurrentThread(), (ULONG_PTR)data));
}

/* Runs the wait and says which one it was if the result is not the wanted one. */
static void check_wait(int which, HANDLE h, DWORD ms, BOOL alertable, DWORD want)
{
    if (!CHECK_EQ(test_alertable(which, h, ms, alertable), want)) test_note("%s", test_alertable_name(which));
}

static void signalled_object_comes_before_apc(void)
{
    static const DWORD times[] = { 0, 10, INFINITE };
    HANDLE e = test_event(FALSE, FALSE);
    int which, i;

    for (which = 0; which < TEST_ALERTABLES; which++)
        for (i = 0; i < 3; i++) {
            apcs = 0;
            queue(count_apc, NULL);
            CHECK(SetEvent(e));
            check_wait(which, e, times[i], TRUE, WAIT_OBJECT_0);
            CHECK_EQ(apcs, 0);
            CHECK(!test_signalled(e));
            CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
            CHECK_EQ(apcs, 1);
        }
    CHECK(CloseHandle(e));
}

static void apc_comes_before_timeout(void)
{
    static const DWORD times[] = { 0, 1, INFINITE };
    HANDLE e = test_event(FALSE, FALSE);
    int which, i;

    for (which = 0; which < TEST_ALERTABLES; which++)
        for (i = 0; i < 3; i++) {
            apcs = 0;
            queue(count_apc, NULL);
            check_wait(which, e, times[i], TRUE, WAIT_IO_COMPLETION);
            CHECK_EQ(apcs, 1);
            check_wait(which, e, 0, TRUE, WAIT_TIMEOUT);
        }
    CHECK(CloseHandle(e));
}

/* An event that the APC itself sets is left for the next wait. */
static void apc_ends_the_wait_even_if_it_signals_the_object(void)
{
    HANDLE e = test_event(FALSE, FALSE);
    int which;

    for (which = 0; which < TEST_ALERTABLES; which++) {
        apcs = 0;
        queue(set_event_apc, e);
        check_wait(which, e, DEADLINE_MS, TRUE, WAIT_IO_COMPLETION);
        CHECK_EQ(apcs, 1);
        check_wait(which, e, DEADLINE_MS, TRUE, WAIT_OBJECT_0);
        CHECK(!test_signalled(e));
    }
    CHECK(CloseHandle(e));
}

/* All mode, one of two signalled: the wait is not satisfied, the APC runs, and the signalled one is not taken. */
static void half_satisfied_wait_for_all_runs_the_apc(void)
{
    HANDLE e[2] = { test_event(FALSE, FALSE), test_event(FALSE, FALSE) };
    int i;

    for (i = 0; i < 4; i++) {
        apcs = 0;
        queue(count_apc, NULL);
        CHECK(SetEvent(e[i & 1]));
        if (i & 2) CHECK_EQ(WaitForMultipleObjectsEx(2, e, TRUE, INFINITE, TRUE), WAIT_IO_COMPLETION);
        else CHECK_EQ(WSAWaitForMultipleEvents(2, e, TRUE, 0, TRUE), WSA_WAIT_IO_COMPLETION);
        CHECK_EQ(apcs, 1);
        CHECK(test_signalled(e[i & 1]));
        CHECK(!test_signalled(e[!(i & 1)]));
    }
    CHECK(CloseHandle(e[0]));
    CHECK(CloseHandle(e[1]));
}

static void satisfied_wait_for_several_leaves_the_apc(void)
{
    HANDLE e[3] = { test_event(FALSE, FALSE), test_event(FALSE, FALSE), test_event(FALSE, FALSE) };
    int i;

    apcs = 0;
    queue(count_apc, NULL);
    for (i = 0; i < 2; i++) {
        CHECK(SetEvent(e[2]));
        CHECK_EQ(i ? WaitForMultipleObjectsEx(3, e, FALSE, INFINITE, TRUE)
                   : WSAWaitForMultipleEvents(3, e, FALSE, INFINITE, TRUE),
                 WAIT_OBJECT_0 + 2);
        SetEvent(e[0]), SetEvent(e[1]), SetEvent(e[2]);
        CHECK_EQ(i ? WaitForMultipleObjectsEx(3, e, TRUE, INFINITE, TRUE)
                   : WSAWaitForMultipleEvents(3, e, TRUE, INFINITE, TRUE),
                 WAIT_OBJECT_0);
    }
    CHECK_EQ(apcs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 1);
    for (i = 0; i < 3; i++) CHECK(CloseHandle(e[i]));
}

static void wait_that_is_not_alertable_runs_no_apc(void)
{
    HANDLE e = test_event(FALSE, FALSE);
    int which;

    apcs = 0;
    queue(count_apc, NULL);
    for (which = 0; which < TEST_ALERTABLES; which++) {
        LONGLONG start = test_ticks();

        check_wait(which, e, 0, FALSE, WAIT_TIMEOUT);
        check_wait(which, e, 5, FALSE, WAIT_TIMEOUT);
        CHECK(test_elapsed(start, 5));
        CHECK(SetEvent(e));
        check_wait(which, e, DEADLINE_MS, FALSE, WAIT_OBJECT_0);
    }
    CHECK_EQ(WaitForSingleObject(e, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(e, 5), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjects(1, &e, FALSE, 5), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjects(1, &e, TRUE, 5), WAIT_TIMEOUT);
    CHECK_EQ(apcs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 1);
    CHECK(CloseHandle(e));
}

static void expiry_without_apc_is_a_timeout(void)
{
    HANDLE e = test_event(FALSE, FALSE);
    int which;

    for (which = 0; which < TEST_ALERTABLES; which++) {
        LONGLONG start = test_ticks();

        check_wait(which, e, 0, TRUE, WAIT_TIMEOUT);
        check_wait(which, e, 10, TRUE, WAIT_TIMEOUT);
        CHECK(test_elapsed(start, 10));
        CHECK(!test_elapsed(start, DEADLINE_MS));
    }
    CHECK(CloseHandle(e));
}

struct waiter {
    HANDLE event, ready;
    int which;
};

static DWORD WINAPI wait_alertably(void *arg)
{
    struct waiter *w = arg;

    CHECK(SetEvent(w->ready));
    return test_alertable(w->which, w->event, 4 * DEADLINE_MS, TRUE);
}

/* What is left of the time-out is lost: the wait ends long before it. */
static void apc_from_another_thread_ends_a_blocked_wait(void)
{
    struct waiter w;

    w.ready = test_event(FALSE, FALSE);
    for (w.which = 0; w.which < TEST_ALERTABLES; w.which++) {
        HANDLE thread;

        apcs = 0;
        w.event = test_event(FALSE, FALSE);
        thread = test_thread(wait_alertably, &w);
        CHECK_EQ(WaitForSingleObject(w.ready, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
        CHECK(QueueUserAPC(set_event_apc, thread, (ULONG_PTR)w.event));
        if (!CHECK_EQ(test_join(thread), WAIT_IO_COMPLETION)) test_note("%s", test_alertable_name(w.which));
        CHECK_EQ(apcs, 1);
        CHECK(test_signalled(w.event));
        CHECK(CloseHandle(w.event));
    }
    CHECK(CloseHandle(w.ready));
}

static const struct test_case cases[] = {
    TEST(signalled_object_comes_before_apc, "10 Precedence of an alertable wait [doc; impl]; 20 §7"),
    TEST(apc_comes_before_timeout, "10 Precedence of an alertable wait: time-out 0 too [doc; impl]"),
    TEST(apc_ends_the_wait_even_if_it_signals_the_object, "10 fAlertable: no event is consumed"),
    TEST(half_satisfied_wait_for_all_runs_the_apc, "10 Precedence; fAlertable: no event is consumed"),
    TEST(satisfied_wait_for_several_leaves_the_apc, "10 Precedence: both wait modes [doc; impl]"),
    TEST(wait_that_is_not_alertable_runs_no_apc, "10 fAlertable: not alertable: no APC runs"),
    TEST(expiry_without_apc_is_a_timeout, "10 expiry: 258 even if fAlertable"),
    TEST(apc_from_another_thread_ends_a_blocked_wait, "10 One alertable return: the remaining timeout is lost"),
};
TEST_MAIN(cases)
