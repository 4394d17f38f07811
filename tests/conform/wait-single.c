/* SPDX-License-Identifier: MIT */
/* wait-single.c - WaitForSingleObject and WaitForSingleObjectEx: results, time-outs, what they consume. */
#include "test.h"

static DWORD wait_one(int which, HANDLE h, DWORD ms)
{
    return which ? WaitForSingleObjectEx(h, ms, FALSE) : WaitForSingleObject(h, ms);
}

static void signalled_object_is_returned_at_once(void)
{
    static const DWORD times[] = { 0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, INFINITE };
    HANDLE e = test_event(FALSE, FALSE);
    size_t i;

    for (i = 0; i < 2 * sizeof times / sizeof times[0]; i++) {
        CHECK(SetEvent(e));
        CHECK_EQ(wait_one(i & 1, e, times[i / 2]), WAIT_OBJECT_0);
        CHECK_EQ(wait_one(i & 1, e, 0), WAIT_TIMEOUT);
    }
    CHECK(CloseHandle(e));
}

static void timeout_is_never_early(void)
{
    static const DWORD times[] = { 1, 2, 3, 10, 16, 33, 100 };
    HANDLE e = test_event(FALSE, FALSE);
    size_t i;

    for (i = 0; i < 2 * sizeof times / sizeof times[0]; i++) {
        LONGLONG start = test_ticks();

        CHECK_EQ(wait_one(i & 1, e, times[i / 2]), WAIT_TIMEOUT);
        if (!CHECK(test_elapsed(start, times[i / 2]))) test_note("%lu ms", (unsigned long)times[i / 2]);
        CHECK(!test_elapsed(start, DEADLINE_MS));
    }
    CHECK(CloseHandle(e));
}

static void timeout_0_does_not_block(void)
{
    HANDLE e = test_event(TRUE, FALSE);
    LONGLONG start = test_ticks();
    int i;

    for (i = 0; i < 1000; i++)
        if (!CHECK_EQ(wait_one(i & 1, e, 0), WAIT_TIMEOUT)) break;
    CHECK(!test_elapsed(start, DEADLINE_MS));
    CHECK(CloseHandle(e));
}

struct waiter {
    HANDLE event;
    DWORD ms;
};

static DWORD WINAPI wait_in_thread(void *arg)
{
    struct waiter *w = arg;

    return WaitForSingleObject(w->event, w->ms);
}

/* The long times are those that overflow when somebody turns them into nanoseconds or signed numbers. */
static void long_waits_wait(void)
{
    static const DWORD times[] = { INFINITE, 0xFFFFFFFE, 0x80000000, 0x7FFFFFFF, 4294968, 2147484 };
    struct waiter w[6];
    HANDLE threads[6];
    int i;

    for (i = 0; i < 6; i++) {
        w[i].event = test_event(FALSE, FALSE);
        w[i].ms = times[i];
        threads[i] = test_thread(wait_in_thread, &w[i]);
    }
    CHECK_EQ(WaitForMultipleObjects(6, threads, FALSE, QUIET_MS), WAIT_TIMEOUT);
    for (i = 0; i < 6; i++) {
        CHECK(SetEvent(w[i].event));
        CHECK_EQ(test_join(threads[i]), WAIT_OBJECT_0);
        CHECK(!test_signalled(w[i].event));
        CHECK(CloseHandle(w[i].event));
    }
}

static void pseudo_handles_can_be_waited_for(void)
{
    int which;

    CHECK(GetCurrentThread() == (HANDLE)(LONG_PTR)-2);
    CHECK(GetCurrentProcess() == (HANDLE)(LONG_PTR)-1);
    for (which = 0; which < 2; which++) {
        CHECK_EQ(wait_one(which, GetCurrentThread(), 0), WAIT_TIMEOUT);
        CHECK_EQ(wait_one(which, GetCurrentProcess(), 0), WAIT_TIMEOUT);
    }
}

static void low_two_bits_of_a_handle_are_ignored(void)
{
    HANDLE e = test_event(FALSE, FALSE), h;
    int tag, which;

    for (tag = 1; tag < 4; tag++) {
        h = test_tagged(e, tag);
        CHECK(SetEvent(h));
        CHECK(test_signalled(e));
        CHECK(WSASetEvent(h));
        CHECK(ResetEvent(h));
        CHECK(!test_signalled(h));
        CHECK(SetEvent(h));
        CHECK(WSAResetEvent(h));
        CHECK(!test_signalled(h));
        CHECK(SetEvent(e));
        CHECK(PulseEvent(h));
        CHECK(!test_signalled(h));
        for (which = 0; which < 2; which++) {
            CHECK(SetEvent(e));
            CHECK_EQ(wait_one(which, h, 0), WAIT_OBJECT_0);
        }
        for (which = 0; which < TEST_WAITS; which++) {
            CHECK(SetEvent(e));
            if (!CHECK_EQ(test_wait(which, 1, &h, FALSE, 0), WAIT_OBJECT_0)) test_note("%s", test_wait_name(which));
        }
        CHECK_EQ(SignalObjectAndWait(h, h, 0, FALSE), WAIT_OBJECT_0);
    }
    CHECK(CloseHandle(test_tagged(e, 1)));
    SetLastError(0);
    CHECK(!SetEvent(e));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static void bad_handle_fails(void)
{
    HANDLE e = test_event(TRUE, TRUE);
    int which;

    CHECK(CloseHandle(e));
    for (which = 0; which < 2; which++) {
        SetLastError(0);
        CHECK_EQ(wait_one(which, NULL, 0), WAIT_FAILED);
        CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
        SetLastError(0);
        CHECK_EQ(wait_one(which, e, INFINITE), WAIT_FAILED);
        CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
        SetLastError(0);
        CHECK_EQ(wait_one(which, (HANDLE)(ULONG_PTR)0xdeadbee0, INFINITE), WAIT_FAILED);
        CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    }
}

static const struct test_case cases[] = {
    TEST(signalled_object_is_returned_at_once, "10 WaitForSingleObject"),
    TEST(timeout_is_never_early, "10 dwTimeout: milliseconds; expiry 258"),
    TEST(timeout_0_does_not_block, "10 dwTimeout 0: poll, never blocks"),
    TEST(long_waits_wait, "10 WSA_INFINITE never expires"),
    TEST(pseudo_handles_can_be_waited_for, "10 Failures: pseudo handles in single-object waits [obs]"),
    TEST(low_two_bits_of_a_handle_are_ignored, "10 Bits 0-1 of a handle value are ignored [obs]; 20 §3"),
    TEST(bad_handle_fails, "10 Failures: WAIT_FAILED, ERROR_INVALID_HANDLE"),
};
TEST_MAIN(cases)
