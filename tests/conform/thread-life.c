/* SPDX-License-Identifier: MIT */
/* thread-life.c - threads from creation to exit code: who may wait, when they start, what names them. */
#include "test.h"

#include <process.h>

static DWORD WINAPI return_argument(void *arg)
{
    return (DWORD)(ULONG_PTR)arg;
}

static void argument_arrives_and_exit_code_comes_back(void)
{
    static const ULONG_PTR codes[] = { 0, 1, 258, 0x7fffffff, 0x80000000, 0xffffffff };
    size_t i;

    for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
        CHECK_EQ(test_join(test_thread(return_argument, (void *)codes[i])), codes[i]);
}

/* Data that the thread wrote is there for whoever has waited for the thread. */
static DWORD WINAPI fill(void *arg)
{
    memset(arg, 0x5a, 4096);
    return 0;
}

static void waiting_sees_what_the_thread_wrote(void)
{
    unsigned char *data = calloc(1, 4096);
    int i, wrong = 0;

    test_join(test_thread(fill, data));
    for (i = 0; i < 4096; i++) wrong += data[i] != 0x5a;
    CHECK_EQ(wrong, 0);
    free(data);
}

static DWORD WINAPI wait_for_event(void *arg)
{
    return WaitForSingleObject(arg, DEADLINE_MS);
}

static void running_thread_is_still_active(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go);
    DWORD code = 0;

    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(STILL_ACTIVE, 259);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(go));
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void ended_thread_stays_signalled(void)
{
    HANDLE thread = test_thread(return_argument, (void *)9);
    DWORD code;
    int i;

    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    for (i = 0; i < 3; i++) {
        CHECK(test_signalled(thread));
        code = 0;
        CHECK(GetExitCodeThread(thread, &code));
        CHECK_EQ(code, 9);
    }
    CHECK_EQ(test_join(thread), 9);
}

static DWORD WINAPI wait_for_thread(void *arg)
{
    return WaitForSingleObject(arg, DEADLINE_MS);
}

static void all_who_wait_for_a_thread_are_released(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go), waiters[4];
    int i;

    for (i = 0; i < 4; i++) waiters[i] = test_thread(wait_for_thread, thread);
    CHECK_EQ(WaitForMultipleObjects(4, waiters, FALSE, QUIET_MS), WAIT_TIMEOUT);
    CHECK(SetEvent(go));
    for (i = 0; i < 4; i++) CHECK_EQ(test_join(waiters[i]), WAIT_OBJECT_0);
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void leave(DWORD code)
{
    ExitThread(code);
}

static DWORD WINAPI leave_from_below(void *arg)
{
    leave((DWORD)(ULONG_PTR)arg);
    CHECK(!"ExitThread returned");
    return 1;
}

static void exit_thread_ends_the_thread(void)
{
    CHECK_EQ(test_join(test_thread(leave_from_below, (void *)123)), 123);
    CHECK_EQ(test_join(test_thread(leave_from_below, (void *)0)), 0);
    CHECK_EQ(test_join(test_thread(leave_from_below, (void *)(ULONG_PTR)0xfffffffe)), 0xfffffffe);
}

static DWORD WINAPI return_own_id(void *arg)
{
    CHECK_EQ(GetCurrentThreadId(), GetCurrentThreadId());
    *(DWORD *)arg = GetCurrentThreadId();
    return 0;
}

static void thread_id_is_the_one_of_its_creation(void)
{
    DWORD inside[2] = { 0, 0 }, outside[2] = { 0, 0 };
    HANDLE a = CreateThread(NULL, 0, return_own_id, &inside[0], 0, &outside[0]),
           b = CreateThread(NULL, 0, return_own_id, &inside[1], 0, &outside[1]);

    CHECK(outside[0] != 0);
    CHECK(outside[0] != outside[1]);
    CHECK(outside[0] != GetCurrentThreadId());
    test_join(a);
    test_join(b);
    CHECK_EQ(inside[0], outside[0]);
    CHECK_EQ(inside[1], outside[1]);
}

static volatile LONG started;

static DWORD WINAPI say_started(void *arg)
{
    (void)arg;
    InterlockedIncrement(&started);
    return 3;
}

static void suspended_thread_starts_when_resumed(void)
{
    HANDLE thread = CreateThread(NULL, 0, say_started, NULL, CREATE_SUSPENDED, NULL);
    DWORD code = 0;

    started = 0;
    REQUIRE(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(started, 0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(test_join(thread), 3);
    CHECK_EQ(started, 1);
}

static void resuming_a_running_thread_gives_0(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = test_thread(wait_for_event, go);

    CHECK_EQ(ResumeThread(thread), 0);
    CHECK_EQ(ResumeThread(thread), 0);
    CHECK_EQ(ResumeThread(GetCurrentThread()), 0);
    CHECK(SetEvent(go));
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void second_resume_of_a_new_thread_gives_0(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread = CreateThread(NULL, 0, wait_for_event, go, CREATE_SUSPENDED, NULL);

    REQUIRE(thread != NULL);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(ResumeThread(thread), 0);
    CHECK(SetEvent(go));
    CHECK_EQ(test_join(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static unsigned __stdcall begin_return(void *arg)
{
    return (unsigned)(ULONG_PTR)arg;
}

static unsigned __stdcall begin_leave(void *arg)
{
    _endthreadex((unsigned)(ULONG_PTR)arg);
    return 1;
}

static unsigned __stdcall begin_id(void *arg)
{
    *(unsigned *)arg = GetCurrentThreadId();
    return 0;
}

static void beginthreadex_makes_the_same_threads(void)
{
    unsigned inside = 0, outside = 0;
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, begin_return, (void *)41, 0, NULL);

    CHECK_EQ(test_join(thread), 41);
    thread = (HANDLE)_beginthreadex(NULL, 65536, begin_leave, (void *)42, CREATE_SUSPENDED, &outside);
    CHECK(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(test_join(thread), 42);
    thread = (HANDLE)_beginthreadex(NULL, 0, begin_id, &inside, 0, &outside);
    test_join(thread);
    CHECK(inside != 0);
    CHECK_EQ(inside, outside);
}

static DWORD WINAPI go_then_done(void *arg)
{
    HANDLE *pair = arg, go = pair[0], done = pair[1];

    CHECK_EQ(WaitForSingleObject(go, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(SetEvent(done));
    return 0;
}

static void closing_the_handle_does_not_end_the_thread(void)
{
    HANDLE go = test_event(FALSE, FALSE), done = test_event(FALSE, FALSE), pair[2] = { go, done };
    HANDLE thread = test_thread(go_then_done, pair);

    CHECK(CloseHandle(thread));
    CHECK_EQ(WaitForSingleObject(done, QUIET_MS), WAIT_TIMEOUT);
    CHECK(SetEvent(go));
    CHECK_EQ(WaitForSingleObject(done, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
    CHECK(CloseHandle(done));
}

static void opened_thread_is_the_same_thread(void)
{
    HANDLE go = test_event(TRUE, FALSE), thread, opened;
    DWORD id = 0, code = 0;

    thread = CreateThread(NULL, 0, wait_for_event, go, 0, &id);
    opened = OpenThread(THREAD_ALL_ACCESS, FALSE, id);
    REQUIRE(thread != NULL && opened != NULL);
    CHECK(opened != thread);
    CHECK(GetExitCodeThread(opened, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(WaitForSingleObject(opened, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(go));
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK_EQ(test_join(opened), WAIT_OBJECT_0);
    CHECK(CloseHandle(go));
}

static void opening_an_unknown_id_fails(void)
{
    static const DWORD ids[] = { 0, 0xfffffffc, 0x7ffffffc };
    int i;

    for (i = 0; i < 3; i++) {
        SetLastError(0);
        CHECK(OpenThread(THREAD_ALL_ACCESS, FALSE, ids[i]) == NULL);
        CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    }
}

static void id_of_a_gone_thread_cannot_be_opened(void)
{
    DWORD id = 0;
    HANDLE thread = CreateThread(NULL, 0, return_argument, NULL, 0, &id);
    LONGLONG start = test_ticks();

    test_join(thread);
    /* The system may need a moment to forget it. */
    while ((thread = OpenThread(SYNCHRONIZE, FALSE, id)) != NULL) {
        CHECK(CloseHandle(thread));
        if (!CHECK(!test_elapsed(start, DEADLINE_MS))) return;
        Sleep(1);
    }
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void thread_knows_its_own_state(void)
{
    HANDLE opened = OpenThread(THREAD_ALL_ACCESS, FALSE, GetCurrentThreadId());
    DWORD code = 0;

    CHECK(GetExitCodeThread(GetCurrentThread(), &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK(opened != NULL);
    CHECK_EQ(WaitForSingleObject(opened, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(opened));
}

static DWORD WINAPI use_stack(void *arg)
{
    volatile char big[200 * 1024];
    size_t i;

    (void)arg;
    for (i = 0; i < sizeof big; i += 512) big[i] = (char)i;
    return big[512] == 0;
}

/* The size is rounded up and never below what a thread needs. */
static void any_stack_size_is_accepted(void)
{
    static const SIZE_T sizes[] = { 0, 1, 4096, 65536, 1048576, 1048577 };
    HANDLE thread;
    int i;

    for (i = 0; i < 6; i++) {
        thread = CreateThread(NULL, sizes[i], return_argument, (void *)6, 0, NULL);
        CHECK_EQ(test_join(thread), 6);
    }
    thread = CreateThread(NULL, 1048576, use_stack, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    CHECK_EQ(test_join(thread), 1);
}

static void many_threads_come_and_go(void)
{
    HANDLE threads[64];
    int round, i;

    for (round = 0; round < 4; round++) {
        for (i = 0; i < 64; i++) threads[i] = test_thread(return_argument, (void *)(ULONG_PTR)(round * 64 + i));
        CHECK_EQ(WaitForMultipleObjects(64, threads, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
        for (i = 0; i < 64; i++) CHECK_EQ(test_join(threads[i]), round * 64 + i);
    }
}

static DWORD WINAPI start_another(void *arg)
{
    return test_join(test_thread(return_argument, arg)) + 1;
}

static void thread_may_start_threads(void)
{
    CHECK_EQ(test_join(test_thread(start_another, (void *)10)), 11);
}

static const struct test_case cases[] = {
    TEST(argument_arrives_and_exit_code_comes_back, "CreateThread, GetExitCodeThread pages [doc]"),
    TEST(waiting_sees_what_the_thread_wrote, "00 Concurrency"),
    TEST(running_thread_is_still_active, "GetExitCodeThread page: STILL_ACTIVE [doc]"),
    TEST(ended_thread_stays_signalled, "CreateThread page: the thread object is signaled [doc]"),
    TEST(all_who_wait_for_a_thread_are_released, "CreateThread page: releasing any threads that were waiting [doc]"),
    TEST(exit_thread_ends_the_thread, "ExitThread page [doc]"),
    TEST(thread_id_is_the_one_of_its_creation, "CreateThread page: lpThreadId [doc]"),
    TEST(suspended_thread_starts_when_resumed, "CreateThread page: CREATE_SUSPENDED; ResumeThread page [doc]"),
    TEST(resuming_a_running_thread_gives_0, "ResumeThread page: 0, not suspended [doc]"),
    TEST(second_resume_of_a_new_thread_gives_0, "ResumeThread page: 1, then 0 [doc]"),
    TEST(beginthreadex_makes_the_same_threads, "_beginthreadex page [doc]"),
    TEST(closing_the_handle_does_not_end_the_thread, "CloseHandle page [doc]"),
    TEST(opened_thread_is_the_same_thread, "OpenThread page [doc]"),
    TEST(opening_an_unknown_id_fails, "OpenThread page; ERROR_INVALID_PARAMETER [known]"),
    TEST(id_of_a_gone_thread_cannot_be_opened, "OpenThread page; ERROR_INVALID_PARAMETER [known]"),
    TEST(thread_knows_its_own_state, "10 QueueUserAPC: any thread the library knows; GetExitCodeThread page [doc]"),
    TEST(any_stack_size_is_accepted, "CreateThread page: dwStackSize [doc]"),
    TEST(many_threads_come_and_go, "CreateThread page [doc]"),
    TEST(thread_may_start_threads, "CreateThread page [doc]"),
};
TEST_MAIN(cases)
