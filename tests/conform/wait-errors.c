/* SPDX-License-Identifier: MIT */
/* wait-errors.c - waits for several objects that cannot be waited for: the code, and that nothing is taken. */
#include "test.h"

#define CHECK_WAIT(which, got, want)                                      \
    do {                                                                  \
        if (!CHECK_EQ(got, want)) test_note("%s", test_wait_name(which)); \
    } while (0)

/* Every function, both modes, no waiting and endless waiting must fail with `error`. */
static void check_refused(DWORD count, const HANDLE *h, DWORD error)
{
    int i;

    for (i = 0; i < TEST_WAITS * 4; i++) {
        SetLastError(0);
        CHECK_WAIT(i / 4, test_wait(i / 4, count, h, i & 1, i & 2 ? INFINITE : 0), WAIT_FAILED);
        CHECK_WAIT(i / 4, GetLastError(), error);
    }
}

static void zero_objects_are_refused(void)
{
    HANDLE e = test_event(TRUE, TRUE);

    check_refused(0, &e, ERROR_INVALID_PARAMETER);
    CHECK_EQ(WSA_INVALID_PARAMETER, ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(e));
}

static void more_than_64_objects_are_refused(void)
{
    HANDLE e = test_event(FALSE, TRUE), h[65];
    int i;

    for (i = 0; i < 65; i++) h[i] = e;
    check_refused(65, h, ERROR_INVALID_PARAMETER);
    check_refused(0x80000000, h, ERROR_INVALID_PARAMETER);
    check_refused(0xFFFFFFFF, h, ERROR_INVALID_PARAMETER);
    CHECK(test_signalled(e));
    CHECK(CloseHandle(e));
}

/* A library that reads the array for a bad count would read past its end. */
static void count_is_checked_before_the_handles(void)
{
    HANDLE h = NULL;

    check_refused(0, &h, ERROR_INVALID_PARAMETER);
    check_refused(65, &h, ERROR_INVALID_PARAMETER);
}

static void null_array_is_a_fault(void)
{
    WSASetLastError(0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, NULL, FALSE, 0, FALSE), WSA_WAIT_FAILED);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0);
    CHECK_EQ(WSAWaitForMultipleEvents(64, NULL, TRUE, 0, TRUE), WSA_WAIT_FAILED);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

/* The bad handle at every position beside signalled auto-reset events, which stay signalled. */
static void check_bad_handle(HANDLE bad)
{
    HANDLE good[3] = { test_event(FALSE, TRUE), test_event(FALSE, TRUE), test_event(FALSE, TRUE) }, h[3];
    int i;

    check_refused(1, &bad, ERROR_INVALID_HANDLE);
    for (i = 0; i < 3; i++) {
        memcpy(h, good, sizeof h);
        h[i] = bad;
        check_refused(3, h, ERROR_INVALID_HANDLE);
    }
    for (i = 0; i < 3; i++) {
        CHECK(test_signalled(good[i]));
        CHECK(CloseHandle(good[i]));
    }
}

static void bad_handle_is_refused_at_any_position(void)
{
    CHECK_EQ(WSA_INVALID_HANDLE, ERROR_INVALID_HANDLE);
    check_bad_handle(NULL);
    check_bad_handle((HANDLE)(ULONG_PTR)0xdeadbee0);
    check_bad_handle((HANDLE)(ULONG_PTR)3);
    check_bad_handle((HANDLE)(LONG_PTR)0x7ffffffffffffffc);
}

static void closed_handle_is_refused(void)
{
    HANDLE e = test_event(TRUE, TRUE);
    SOCKET s = test_tcp();

    CHECK(CloseHandle(e));
    check_refused(1, &e, ERROR_INVALID_HANDLE);
    CHECK_EQ(closesocket(s), 0);
    e = (HANDLE)s;
    check_refused(1, &e, ERROR_INVALID_HANDLE);
}

static void pseudo_handles_are_refused(void)
{
    check_bad_handle(GetCurrentThread());
    check_bad_handle(GetCurrentProcess());
}

static volatile LONG apcs;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    InterlockedIncrement(&apcs);
}

/* A wait that fails is no wait: an alertable one leaves the APC in the queue. */
static void failing_alertable_wait_runs_no_apc(void)
{
    HANDLE null = NULL, e = test_event(TRUE, TRUE);
    int i;

    apcs = 0;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    for (i = 0; i < TEST_ALERTABLES; i++) {
        SetLastError(0);
        if (!CHECK_EQ(test_alertable(i, NULL, 0, TRUE), WAIT_FAILED)) test_note("%s", test_alertable_name(i));
        CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    }
    CHECK_EQ(WaitForMultipleObjectsEx(0, &e, FALSE, 0, TRUE), WAIT_FAILED);
    CHECK_EQ(WSAWaitForMultipleEvents(65, &null, FALSE, 0, TRUE), WSA_WAIT_FAILED);
    CHECK_EQ(apcs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 1);
    CHECK(CloseHandle(e));
}

struct waiter {
    HANDLE events[2];
    HANDLE ready;
    int all;
};

static DWORD WINAPI wait_a_moment(void *arg)
{
    struct waiter *w = arg;

    CHECK(SetEvent(w->ready));
    WaitForMultipleObjects(2, w->events, w->all, QUIET_MS);
    return 7;
}

/* What the wait returns is not defined.  It must return, and the library must go on working. */
static void closing_a_handle_in_a_wait_hangs_nobody(void)
{
    struct waiter w;
    int i;

    for (i = 0; i < 4; i++) {
        HANDLE thread;

        w.ready = test_event(FALSE, FALSE);
        w.events[0] = test_event(FALSE, FALSE);
        w.events[1] = test_event(FALSE, FALSE);
        w.all = i & 1;
        thread = test_thread(wait_a_moment, &w);
        CHECK_EQ(WaitForSingleObject(w.ready, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK(CloseHandle(w.events[0]));
        if (i & 2) CHECK(SetEvent(w.events[1]));
        CHECK_EQ(test_join(thread), 7);
        CHECK(CloseHandle(w.events[1]));
        CHECK(CloseHandle(w.ready));
    }
}

static const struct test_case cases[] = {
    TEST(zero_objects_are_refused, "10 cEvents 0: WSA_INVALID_PARAMETER"),
    TEST(more_than_64_objects_are_refused, "10 cEvents > 64: WSA_INVALID_PARAMETER"),
    TEST(count_is_checked_before_the_handles, "10 cEvents; Failures"),
    TEST_NOT_ON_WINE(null_array_is_a_fault, "10 NULL array: WSAEFAULT [known]", "Wine 8 faults"),
    TEST(bad_handle_is_refused_at_any_position, "10 Bad handle: WSA_INVALID_HANDLE"),
    TEST(closed_handle_is_refused, "10 Bad handle: WSA_INVALID_HANDLE"),
    TEST_NOT_ON_WINE(pseudo_handles_are_refused, "10 Failures: pseudo handles in multiple-object waits [obs]",
                     "Wine 8 accepts them, and here waits for ever"),
    TEST(failing_alertable_wait_runs_no_apc, "10 Precedence of an alertable wait; Failures"),
    TEST(closing_a_handle_in_a_wait_hangs_nobody, "10 Closing a handle being waited on"),
};
TEST_MAIN(cases)
