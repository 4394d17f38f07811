/* SPDX-License-Identifier: MIT */
/* signal-and-wait.c - SignalObjectAndWait: one object is signalled, then another is waited for. */
#include "test.h"

static volatile LONG apcs;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    InterlockedIncrement(&apcs);
}

static void signals_one_and_takes_the_other(void)
{
    HANDLE a = test_event(FALSE, FALSE), b = test_event(FALSE, TRUE);

    CHECK_EQ(SignalObjectAndWait(a, b, DEADLINE_MS, FALSE), WAIT_OBJECT_0);
    CHECK(test_signalled(a));
    CHECK(!test_signalled(b));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

/* The signal comes first: a thread can satisfy its own wait. */
static void signal_comes_before_the_wait(void)
{
    HANDLE a = test_event(FALSE, FALSE), m = test_event(TRUE, FALSE);

    CHECK_EQ(SignalObjectAndWait(a, a, 0, FALSE), WAIT_OBJECT_0);
    CHECK(!test_signalled(a));
    CHECK_EQ(SignalObjectAndWait(m, m, INFINITE, FALSE), WAIT_OBJECT_0);
    CHECK(test_signalled(m));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(m));
}

static void object_is_signalled_though_the_wait_times_out(void)
{
    static const DWORD times[] = { 0, 1, 20 };
    HANDLE a = test_event(FALSE, FALSE), b = test_event(FALSE, FALSE);
    int i;

    for (i = 0; i < 3; i++) {
        LONGLONG start = test_ticks();

        CHECK_EQ(SignalObjectAndWait(a, b, times[i], FALSE), WAIT_TIMEOUT);
        CHECK(test_elapsed(start, times[i]));
        CHECK(!test_elapsed(start, DEADLINE_MS));
        CHECK(test_signalled(a));
    }
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

static void alertable_form_runs_apcs(void)
{
    HANDLE a = test_event(FALSE, FALSE), b = test_event(FALSE, FALSE);

    apcs = 0;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK_EQ(SignalObjectAndWait(a, b, 0, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(apcs, 0);
    CHECK(test_signalled(a));
    CHECK_EQ(SignalObjectAndWait(a, b, INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 1);
    CHECK(test_signalled(a));

    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK_EQ(SignalObjectAndWait(b, b, INFINITE, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(apcs, 1);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

static DWORD WINAPI wait_for_event(void *arg)
{
    return WaitForSingleObject(arg, DEADLINE_MS);
}

static void thread_can_be_waited_for(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go);

    CHECK_EQ(SignalObjectAndWait(go, thread, DEADLINE_MS, FALSE), WAIT_OBJECT_0);
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void wsa_events_and_low_bits_are_accepted(void)
{
    WSAEVENT a = WSACreateEvent(), b = WSACreateEvent();

    CHECK(WSASetEvent(b));
    CHECK_EQ(SignalObjectAndWait(test_tagged(a, 1), test_tagged(b, 2), DEADLINE_MS, FALSE), WAIT_OBJECT_0);
    CHECK(test_signalled(a));
    CHECK(WSACloseEvent(a));
    CHECK(WSACloseEvent(b));
}

static void check_fails(HANDLE signal, HANDLE wait)
{
    SetLastError(0);
    CHECK_EQ(SignalObjectAndWait(signal, wait, INFINITE, FALSE), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static void bad_object_to_signal_fails_and_takes_nothing(void)
{
    HANDLE e = test_event(FALSE, TRUE), closed = test_event(TRUE, TRUE);

    CHECK(CloseHandle(closed));
    check_fails(NULL, e);
    check_fails((HANDLE)(ULONG_PTR)0xdeadbee0, e);
    check_fails(closed, e);
    CHECK(test_signalled(e));
    CHECK(CloseHandle(e));
}

static void bad_object_to_wait_for_fails(void)
{
    HANDLE e = test_event(FALSE, FALSE), closed = test_event(TRUE, TRUE);

    CHECK(CloseHandle(closed));
    check_fails(e, NULL);
    check_fails(e, (HANDLE)(ULONG_PTR)0xdeadbee0);
    check_fails(e, closed);
    CHECK(CloseHandle(e));
}

/* Threads and sockets can be waited for; nobody can signal them. */
static void object_that_cannot_be_signalled_fails(void)
{
    HANDLE go = test_event(TRUE, FALSE), e = test_event(FALSE, TRUE), thread = test_thread(wait_for_event, go);
    SOCKET s = test_tcp();

    check_fails(thread, e);
    check_fails((HANDLE)s, e);
    check_fails(GetCurrentThread(), e);
    CHECK(test_signalled(e));
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(go));
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK_EQ(closesocket(s), 0);
    CHECK(CloseHandle(e));
    CHECK(CloseHandle(go));
}

enum { ROUNDS = 500 };

struct ball {
    HANDLE ping, pong;
    int value;
};

static DWORD WINAPI play(void *arg)
{
    struct ball *b = arg;
    int i;

    if (!CHECK_EQ(WaitForSingleObject(b->ping, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
    for (i = 0; i < ROUNDS; i++) {
        CHECK_EQ(b->value, 2 * i + 1);
        b->value++;
        if (i == ROUNDS - 1) CHECK(SetEvent(b->pong));
        else if (!CHECK_EQ(SignalObjectAndWait(b->pong, b->ping, DEADLINE_MS, FALSE), WAIT_OBJECT_0)) return 1;
    }
    return 0;
}

/* Two threads hand a plain variable to and fro: no signal is lost and memory goes with it. */
static void two_threads_take_turns(void)
{
    struct ball b = { test_event(FALSE, FALSE), test_event(FALSE, FALSE), 0 };
    HANDLE thread = test_thread(play, &b);
    int i;

    for (i = 0; i < ROUNDS; i++) {
        CHECK_EQ(b.value, 2 * i);
        b.value++;
        if (!CHECK_EQ(SignalObjectAndWait(b.ping, b.pong, DEADLINE_MS, i & 1), WAIT_OBJECT_0)) break;
    }
    CHECK_EQ(b.value, 2 * ROUNDS);
    CHECK_EQ(test_join(thread), 0);
    CHECK(CloseHandle(b.ping));
    CHECK(CloseHandle(b.pong));
}

static const struct test_case cases[] = {
    TEST(signals_one_and_takes_the_other, "10 SignalObjectAndWait; its page [doc]"),
    TEST(signal_comes_before_the_wait, "SignalObjectAndWait page [doc]"),
    TEST(object_is_signalled_though_the_wait_times_out, "SignalObjectAndWait page [doc]"),
    TEST(alertable_form_runs_apcs, "10 Precedence of an alertable wait; SignalObjectAndWait page [doc]"),
    TEST(thread_can_be_waited_for, "SignalObjectAndWait page: Thread [doc]"),
    TEST(wsa_events_and_low_bits_are_accepted, "10 first paragraph; Bits 0-1 of a handle value [obs]"),
    TEST(bad_object_to_signal_fails_and_takes_nothing, "10 Failures: WAIT_FAILED, ERROR_INVALID_HANDLE"),
    TEST(bad_object_to_wait_for_fails, "10 Failures: WAIT_FAILED, ERROR_INVALID_HANDLE"),
    TEST(object_that_cannot_be_signalled_fails, "SignalObjectAndWait page: semaphore, mutex or event [doc]"),
    TEST(two_threads_take_turns, "SignalObjectAndWait page [doc]; 00 Concurrency"),
};
TEST_MAIN(cases)
