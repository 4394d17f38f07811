/* SPDX-License-Identifier: MIT */
/* critical-section.c - CRITICAL_SECTION: exclusion, recursion, try. */
#include "test.h"

enum { THREADS = 4, ROUNDS = 20000 };

static CRITICAL_SECTION section;
static int counter; /* guarded by section */

static DWORD WINAPI count_up(void *arg)
{
    int i;

    for (i = 0; i < ROUNDS; i++) {
        EnterCriticalSection(&section);
        counter++;
        LeaveCriticalSection(&section);
    }
    return arg != NULL;
}

static void run_counters(void)
{
    HANDLE threads[THREADS];
    int i;

    counter = 0;
    for (i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, count_up, NULL, 0, NULL);
        CHECK(threads[i] != NULL);
    }
    CHECK_EQ(WaitForMultipleObjects(THREADS, threads, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
    for (i = 0; i < THREADS; i++) CloseHandle(threads[i]);
    CHECK_EQ(counter, THREADS * ROUNDS);
}

static void one_thread_at_a_time_is_inside(void)
{
    InitializeCriticalSection(&section);
    run_counters();
    DeleteCriticalSection(&section);
}

static void spinning_changes_nothing_but_the_waiting(void)
{
    CHECK(InitializeCriticalSectionAndSpinCount(&section, 4000));
    run_counters();
    DeleteCriticalSection(&section);
}

static void initialize_ex_takes_no_debug_info(void)
{
    CHECK(InitializeCriticalSectionEx(&section, 100, CRITICAL_SECTION_NO_DEBUG_INFO));
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
}

/* What another thread finds: TRUE if it got in (and out again). */
static DWORD WINAPI try_from_outside(void *ret)
{
    *(BOOL *)ret = TryEnterCriticalSection(&section);
    if (*(BOOL *)ret) LeaveCriticalSection(&section);
    return 0;
}

static BOOL others_can_enter(void)
{
    BOOL entered = FALSE;
    HANDLE thread = CreateThread(NULL, 0, try_from_outside, &entered, 0, NULL);

    CHECK(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    return entered;
}

static void the_owner_may_enter_again(void)
{
    int i;

    InitializeCriticalSection(&section);
    for (i = 0; i < 3; i++) EnterCriticalSection(&section);
    CHECK(TryEnterCriticalSection(&section));
    for (i = 0; i < 3; i++) {
        LeaveCriticalSection(&section);
        CHECK(!others_can_enter());
    }
    LeaveCriticalSection(&section);
    CHECK(others_can_enter());
    DeleteCriticalSection(&section);
}

static void try_fails_at_once_while_another_is_inside(void)
{
    InitializeCriticalSection(&section);
    CHECK(others_can_enter());
    EnterCriticalSection(&section);
    CHECK(!others_can_enter());
    LeaveCriticalSection(&section);
    CHECK(others_can_enter());
    DeleteCriticalSection(&section);
}

static DWORD WINAPI enter_and_leave(void *entered)
{
    EnterCriticalSection(&section);
    InterlockedExchange((LONG *)entered, 1);
    LeaveCriticalSection(&section);
    return 0;
}

static void leaving_lets_a_waiter_in(void)
{
    LONG entered = 0;
    HANDLE thread;

    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    thread = CreateThread(NULL, 0, enter_and_leave, &entered, 0, NULL);
    REQUIRE(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(InterlockedCompareExchange(&entered, 0, 0), 0);
    LeaveCriticalSection(&section);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(entered, 1);
    CloseHandle(thread);
    DeleteCriticalSection(&section);
}

static void CALLBACK note_apc(ULONG_PTR arg)
{
    InterlockedIncrement((LONG *)arg);
}

struct apc_victim {
    HANDLE started;
    LONG apcs;
    LONG apcs_inside; /* seen when the section was entered */
};

static DWORD WINAPI wait_for_section(void *arg)
{
    struct apc_victim *v = arg;

    SetEvent(v->started);
    EnterCriticalSection(&section);
    v->apcs_inside = InterlockedCompareExchange(&v->apcs, 0, 0);
    LeaveCriticalSection(&section);
    SleepEx(0, TRUE);
    return 0;
}

static void waiting_to_enter_is_not_alertable(void)
{
    struct apc_victim v = { CreateEventA(NULL, TRUE, FALSE, NULL), 0, -1 };
    HANDLE thread;

    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    thread = CreateThread(NULL, 0, wait_for_section, &v, 0, NULL);
    REQUIRE(thread != NULL);
    CHECK_EQ(WaitForSingleObject(v.started, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(QueueUserAPC(note_apc, thread, (ULONG_PTR)&v.apcs));
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    LeaveCriticalSection(&section);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(v.apcs_inside, 0);
    CHECK_EQ(v.apcs, 1);
    CloseHandle(thread);
    CloseHandle(v.started);
    DeleteCriticalSection(&section);
}

static void the_last_error_stays(void)
{
    InitializeCriticalSection(&section);
    SetLastError(0xbad);
    EnterCriticalSection(&section);
    CHECK(TryEnterCriticalSection(&section));
    LeaveCriticalSection(&section);
    LeaveCriticalSection(&section);
    CHECK_EQ(GetLastError(), 0xbad);
    DeleteCriticalSection(&section);
}

static void a_deleted_section_can_be_initialized_again(void)
{
    InitializeCriticalSection(&section);
    DeleteCriticalSection(&section);
    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    CHECK(!others_can_enter());
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
}

static void the_structure_has_the_size_of_windows(void)
{
    CHECK_EQ(sizeof(CRITICAL_SECTION), 40);
}

static const struct test_case cases[] = {
    TEST(one_thread_at_a_time_is_inside, "reference EnterCriticalSection"),
    TEST(spinning_changes_nothing_but_the_waiting, "reference InitializeCriticalSectionAndSpinCount"),
    TEST(initialize_ex_takes_no_debug_info, "reference InitializeCriticalSectionEx"),
    TEST(the_owner_may_enter_again, "reference EnterCriticalSection, Remarks"),
    TEST(try_fails_at_once_while_another_is_inside, "reference TryEnterCriticalSection"),
    TEST(leaving_lets_a_waiter_in, "reference LeaveCriticalSection"),
    TEST(waiting_to_enter_is_not_alertable, "20 section 8; reference Asynchronous Procedure Calls"),
    TEST(the_last_error_stays, "reference EnterCriticalSection: no error codes"),
    TEST(a_deleted_section_can_be_initialized_again, "reference DeleteCriticalSection"),
    TEST(the_structure_has_the_size_of_windows, "00 Structure sizes"),
};
TEST_MAIN(cases)
