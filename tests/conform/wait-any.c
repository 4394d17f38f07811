/* SPDX-License-Identifier: MIT */
/* wait-any.c - waits for any of several objects, by all three functions: which one is returned, what is consumed. */
#include "test.h"

/* What went wrong is only clear with the function's name. */
#define CHECK_WAIT(which, got, want)                                      \
    do {                                                                  \
        if (!CHECK_EQ(got, want)) test_note("%s", test_wait_name(which)); \
    } while (0)

static void make_events(HANDLE *e, int n, BOOL manual)
{
    int i;

    for (i = 0; i < n; i++) e[i] = test_event(manual, FALSE);
}

static void close_all(HANDLE *h, int n)
{
    int i;

    for (i = 0; i < n; i++) CHECK(CloseHandle(h[i]));
}

static void lowest_signalled_index_is_returned(void)
{
    HANDLE e[4];
    int which;

    make_events(e, 4, TRUE);
    for (which = 0; which < TEST_WAITS; which++) {
        CHECK(SetEvent(e[3]));
        CHECK_WAIT(which, test_wait(which, 4, e, FALSE, DEADLINE_MS), WAIT_OBJECT_0 + 3);
        CHECK(SetEvent(e[1]));
        CHECK_WAIT(which, test_wait(which, 4, e, FALSE, DEADLINE_MS), WAIT_OBJECT_0 + 1);
        CHECK(SetEvent(e[2]));
        CHECK_WAIT(which, test_wait(which, 4, e, FALSE, DEADLINE_MS), WAIT_OBJECT_0 + 1);
        CHECK(SetEvent(e[0]));
        CHECK_WAIT(which, test_wait(which, 4, e, FALSE, DEADLINE_MS), WAIT_OBJECT_0);
        ResetEvent(e[0]), ResetEvent(e[1]), ResetEvent(e[2]), ResetEvent(e[3]);
    }
    close_all(e, 4);
}

static void only_the_returned_object_is_consumed(void)
{
    HANDLE e[3];
    int which;

    make_events(e, 3, FALSE);
    for (which = 0; which < TEST_WAITS; which++) {
        CHECK(SetEvent(e[2]));
        CHECK(SetEvent(e[0]));
        CHECK(SetEvent(e[1]));
        CHECK_WAIT(which, test_wait(which, 3, e, FALSE, 0), WAIT_OBJECT_0);
        CHECK_WAIT(which, test_wait(which, 3, e, FALSE, 0), WAIT_OBJECT_0 + 1);
        CHECK(test_signalled(e[2]));
        CHECK_WAIT(which, test_wait(which, 3, e, FALSE, 0), WAIT_TIMEOUT);
    }
    close_all(e, 3);
}

static void each_of_64_objects_is_found(void)
{
    HANDLE e[64];
    int which, i;

    make_events(e, 64, FALSE);
    for (which = 0; which < TEST_WAITS; which++) {
        CHECK_WAIT(which, test_wait(which, 64, e, FALSE, 0), WAIT_TIMEOUT);
        for (i = 0; i < 64; i++) {
            CHECK(SetEvent(e[i]));
            CHECK_WAIT(which, test_wait(which, 64, e, FALSE, DEADLINE_MS), WAIT_OBJECT_0 + i);
        }
        CHECK_WAIT(which, test_wait(which, 64, e, FALSE, 0), WAIT_TIMEOUT);
    }
    close_all(e, 64);
}

/* Not allowed by the page of WaitForMultipleObjectsEx, and tolerated. */
static void duplicates_are_tolerated(void)
{
    HANDLE e = test_event(FALSE, FALSE), other = test_event(FALSE, FALSE), h[4];
    int which;

    h[0] = other, h[1] = e, h[2] = e, h[3] = test_tagged(e, 1);
    for (which = 0; which < TEST_WAITS; which++) {
        CHECK_WAIT(which, test_wait(which, 4, h, FALSE, 0), WAIT_TIMEOUT);
        CHECK(SetEvent(e));
        CHECK_WAIT(which, test_wait(which, 4, h, FALSE, 0), WAIT_OBJECT_0 + 1);
        CHECK_WAIT(which, test_wait(which, 4, h, FALSE, 0), WAIT_TIMEOUT);
    }
    CHECK(CloseHandle(e));
    CHECK(CloseHandle(other));
}

static void timeout_is_never_early(void)
{
    static const DWORD times[] = { 1, 3, 16, 50 };
    HANDLE e[2];
    int which, i;

    make_events(e, 2, TRUE);
    for (which = 0; which < TEST_WAITS; which++)
        for (i = 0; i < 4; i++) {
            LONGLONG start = test_ticks();

            CHECK_WAIT(which, test_wait(which, 2, e, FALSE, times[i]), WAIT_TIMEOUT);
            CHECK(test_elapsed(start, times[i]));
            CHECK(!test_elapsed(start, DEADLINE_MS));
        }
    close_all(e, 2);
}

static void timeout_0_does_not_block(void)
{
    HANDLE e[2];
    LONGLONG start = test_ticks();
    int i;

    make_events(e, 2, TRUE);
    for (i = 0; i < 1000; i++)
        if (!CHECK_EQ(test_wait(i % TEST_WAITS, 2, e, FALSE, 0), WAIT_TIMEOUT)) break;
    CHECK(!test_elapsed(start, DEADLINE_MS));
    close_all(e, 2);
}

struct waiter {
    HANDLE events[64];
    DWORD count, ms;
    int which;
};

static DWORD WINAPI wait_in_thread(void *arg)
{
    struct waiter *w = arg;

    return test_wait(w->which, w->count, w->events, FALSE, w->ms);
}

static void blocked_waiter_is_woken_by_any_object(void)
{
    static const int signalled[] = { 0, 31, 63 };
    struct waiter w = { { NULL }, 64, INFINITE, 0 };
    int i;

    make_events(w.events, 64, FALSE);
    for (i = 0; i < 3; i++) {
        HANDLE thread;

        w.which = i;
        thread = test_thread(wait_in_thread, &w);
        CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
        CHECK(SetEvent(w.events[signalled[i]]));
        CHECK_WAIT(i, test_join(thread), WAIT_OBJECT_0 + signalled[i]);
        CHECK(!test_signalled(w.events[signalled[i]]));
    }
    close_all(w.events, 64);
}

/* One signal, several waiters that share one event only: one of them gets it, the others go on waiting. */
static void one_signal_serves_one_of_several_waiters(void)
{
    HANDLE shared = test_event(FALSE, FALSE), threads[4];
    struct waiter w[4];
    int i;

    for (i = 0; i < 4; i++) {
        w[i].count = 2;
        w[i].ms = INFINITE;
        w[i].which = i % TEST_WAITS;
        w[i].events[i & 1] = shared;
        w[i].events[!(i & 1)] = test_event(FALSE, FALSE);
        threads[i] = test_thread(wait_in_thread, &w[i]);
    }
    for (i = 4; i > 0; i--) {
        DWORD first;

        CHECK_EQ(WaitForMultipleObjects(i, threads, FALSE, QUIET_MS), WAIT_TIMEOUT);
        CHECK(SetEvent(shared));
        first = WaitForMultipleObjects(i, threads, FALSE, DEADLINE_MS);
        REQUIRE(first < (DWORD)i);
        CHECK(test_join(threads[first]) < 2);
        threads[first] = threads[i - 1];
        CHECK(!test_signalled(shared));
    }
    for (i = 0; i < 4; i++) CHECK(CloseHandle(w[i].events[!(i & 1)]));
    CHECK(CloseHandle(shared));
}

static DWORD WINAPI end_at_once(void *arg)
{
    (void)arg;
    return 0;
}

static void kinds_can_be_mixed(void)
{
    HANDLE go = test_event(TRUE, FALSE), h[4];
    struct waiter w = { { go }, 1, INFINITE, 0 };
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov;
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0;
    int which;

    memset(&ov, 0, sizeof ov);
    h[0] = WSACreateEvent(), h[1] = test_thread(wait_in_thread, &w), h[2] = (HANDLE)s, h[3] = test_event(FALSE, FALSE);
    CHECK_EQ(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    for (which = 0; which < TEST_WAITS; which++) {
        CHECK_WAIT(which, test_wait(which, 4, h, FALSE, 0), WAIT_TIMEOUT);
        CHECK(SetEvent(h[3]));
        CHECK_WAIT(which, test_wait(which, 4, h, FALSE, 0), WAIT_OBJECT_0 + 3);
    }
    CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    for (which = 0; which < TEST_WAITS; which++)
        CHECK_WAIT(which, test_wait(which, 4, h, FALSE, DEADLINE_MS), WAIT_OBJECT_0 + 2);
    CHECK(SetEvent(go));
    CHECK_EQ(WaitForSingleObject(h[1], DEADLINE_MS), WAIT_OBJECT_0);
    for (which = 0; which < TEST_WAITS; which++)
        CHECK_WAIT(which, test_wait(which, 4, h, FALSE, DEADLINE_MS), WAIT_OBJECT_0 + 1);
    CHECK_EQ(test_result(s, &ov, NULL), 0);
    CHECK_EQ(test_join(h[1]), WAIT_OBJECT_0);
    CHECK_EQ(closesocket(s), 0);
    CHECK(CloseHandle(h[0]));
    CHECK(CloseHandle(h[3]));
    CHECK(CloseHandle(go));
}

static void threads_are_found_by_index(void)
{
    HANDLE h[3];
    int which;

    h[0] = test_event(TRUE, FALSE), h[1] = test_thread(end_at_once, NULL), h[2] = test_thread(end_at_once, NULL);
    CHECK_EQ(WaitForSingleObject(h[1], DEADLINE_MS), WAIT_OBJECT_0);
    for (which = 0; which < TEST_WAITS; which++)
        CHECK_WAIT(which, test_wait(which, 3, h, FALSE, DEADLINE_MS), WAIT_OBJECT_0 + 1);
    test_join(h[1]);
    test_join(h[2]);
    CHECK(CloseHandle(h[0]));
}

static const struct test_case cases[] = {
    TEST(lowest_signalled_index_is_returned, "10 Any mode: lowest index [doc; obs]"),
    TEST(only_the_returned_object_is_consumed, "10 Any mode: only that object is consumed [doc; obs]"),
    TEST(each_of_64_objects_is_found, "10 cEvents 1…64"),
    TEST(duplicates_are_tolerated, "10 Any tolerates duplicates [impl]"),
    TEST(timeout_is_never_early, "10 dwTimeout: milliseconds; expiry 258"),
    TEST(timeout_0_does_not_block, "10 dwTimeout 0: poll, never blocks"),
    TEST(blocked_waiter_is_woken_by_any_object, "10 Any mode; INFINITE"),
    TEST(one_signal_serves_one_of_several_waiters, "10 Auto-reset event: exactly one waiter [doc]"),
    TEST(kinds_can_be_mixed, "10 Array may mix object kinds"),
    TEST(threads_are_found_by_index, "10 Array may mix object kinds"),
};
TEST_MAIN(cases)
