/* SPDX-License-Identifier: MIT */
/* apc-threads.c - APCs for other threads: before they start, while they run or wait, after they have ended. */
#include "test.h"

struct log {
    ULONG_PTR seen[64];
    DWORD thread[64];
    volatile LONG count;
};

static struct log noted;

static void CALLBACK note(ULONG_PTR data)
{
    LONG i = InterlockedIncrement(&noted.count) - 1;

    if (!CHECK(i < 64)) return;
    noted.seen[i] = data;
    noted.thread[i] = GetCurrentThreadId();
}

/* The thread `id` saw exactly 1, 2, … n. */
static void check_sequence(int n, DWORD id)
{
    int i;

    CHECK_EQ(noted.count, n);
    for (i = 0; i < n && i < noted.count; i++) {
        CHECK_EQ(noted.seen[i], i + 1);
        CHECK_EQ(noted.thread[i], id);
    }
}

static DWORD WINAPI note_4_and_drain(void *arg)
{
    (void)arg;
    note(4);
    return SleepEx(0, TRUE);
}

static void apcs_queued_before_the_start_run_first(void)
{
    DWORD id = 0;
    HANDLE thread = CreateThread(NULL, 0, note_4_and_drain, NULL, CREATE_SUSPENDED, &id);

    REQUIRE(thread != NULL);
    noted.count = 0;
    CHECK(QueueUserAPC(note, thread, 1));
    CHECK(QueueUserAPC(note, thread, 2));
    CHECK(QueueUserAPC(note, thread, 3));
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(noted.count, 0);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(test_join(thread), 0);
    check_sequence(4, id);
}

/* A thread that says that it is there, waits without being alertable, and then does as it was told. */
struct worker {
    HANDLE ready, go;
    BOOL drain;
};

static DWORD WINAPI work(void *arg)
{
    struct worker *w = arg;

    CHECK(SetEvent(w->ready));
    CHECK_EQ(WaitForSingleObjectEx(w->go, DEADLINE_MS, FALSE), WAIT_OBJECT_0);
    return w->drain ? SleepEx(0, TRUE) : 5;
}

static HANDLE start_worker(struct worker *w, BOOL drain, DWORD *id)
{
    HANDLE thread;

    noted.count = 0;
    w->ready = test_event(FALSE, FALSE);
    w->go = test_event(FALSE, FALSE);
    w->drain = drain;
    thread = CreateThread(NULL, 0, work, w, 0, id);
    CHECK(thread != NULL);
    CHECK_EQ(WaitForSingleObject(w->ready, DEADLINE_MS), WAIT_OBJECT_0);
    return thread;
}

static DWORD finish_worker(struct worker *w, HANDLE thread)
{
    DWORD code;

    CHECK(SetEvent(w->go));
    code = test_join(thread);
    CHECK(CloseHandle(w->ready));
    CHECK(CloseHandle(w->go));
    return code;
}

static void apcs_wait_until_the_thread_is_alertable(void)
{
    struct worker w;
    DWORD id;
    HANDLE thread = start_worker(&w, TRUE, &id);

    CHECK(QueueUserAPC(note, thread, 1));
    CHECK(QueueUserAPC(note, thread, 2));
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(noted.count, 0);
    CHECK_EQ(finish_worker(&w, thread), WAIT_IO_COMPLETION);
    check_sequence(2, id);
}

static void apcs_left_at_thread_exit_are_lost(void)
{
    struct worker w;
    HANDLE thread = start_worker(&w, FALSE, NULL);

    CHECK(QueueUserAPC(note, thread, 1));
    CHECK(QueueUserAPC(note, thread, 2));
    CHECK_EQ(finish_worker(&w, thread), 5);
    CHECK_EQ(noted.count, 0);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(noted.count, 0);
}

static void CALLBACK exit_apc(ULONG_PTR code)
{
    note(1);
    ExitThread((DWORD)code);
}

static void thread_may_exit_in_an_apc(void)
{
    struct worker w;
    DWORD id;
    HANDLE thread = start_worker(&w, TRUE, &id);

    CHECK(QueueUserAPC(exit_apc, thread, 77));
    CHECK(QueueUserAPC(note, thread, 2));
    CHECK_EQ(finish_worker(&w, thread), 77);
    check_sequence(1, id);
}

static void exited_thread_takes_no_apc(void)
{
    struct worker w;
    HANDLE thread = start_worker(&w, FALSE, NULL), copy = NULL;

    CHECK(DuplicateHandle(GetCurrentProcess(), thread, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_EQ(finish_worker(&w, thread), 5);
    SetLastError(0);
    CHECK_EQ(QueueUserAPC(note, copy, 1), 0);
    CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
    CHECK_EQ(noted.count, 0);
    CHECK(CloseHandle(copy));
    SetLastError(0);
    CHECK_EQ(QueueUserAPC(note, copy, 1), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static DWORD WINAPI sleep_until_apc(void *arg)
{
    CHECK(SetEvent(arg));
    return SleepEx(INFINITE, TRUE);
}

/* A thread whose start routine runs already: an APC that came earlier would run before its sleep. */
static HANDLE start_sleeper(DWORD *id)
{
    HANDLE ready = test_event(FALSE, FALSE), thread = CreateThread(NULL, 0, sleep_until_apc, ready, 0, id);

    noted.count = 0;
    CHECK(thread != NULL);
    CHECK_EQ(WaitForSingleObject(ready, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(ready));
    return thread;
}

static void sleeping_thread_is_woken(void)
{
    DWORD id;
    HANDLE thread = start_sleeper(&id), opened;

    opened = OpenThread(THREAD_SET_CONTEXT, FALSE, id);
    CHECK(opened != NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK(QueueUserAPC(note, opened, 1));
    CHECK(CloseHandle(opened));
    CHECK_EQ(test_join(thread), WAIT_IO_COMPLETION);
    check_sequence(1, id);
}

static void CALLBACK reply(ULONG_PTR thread)
{
    note(1);
    CHECK(QueueUserAPC(note, (HANDLE)thread, 2));
}

/* An APC answers with an APC to the thread that sent it. */
static void threads_send_each_other_apcs(void)
{
    HANDLE self = NULL, thread = start_sleeper(NULL);
    LONGLONG start = test_ticks();

    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(QueueUserAPC(reply, thread, (ULONG_PTR)self));
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK(!test_elapsed(start, DEADLINE_MS));
    CHECK_EQ(test_join(thread), WAIT_IO_COMPLETION);
    CHECK_EQ(noted.count, 2);
    CHECK_EQ(noted.thread[1], GetCurrentThreadId());
    CHECK(CloseHandle(self));
}

struct sender {
    HANDLE target;
    ULONG_PTR number;
};

static DWORD WINAPI send_ten(void *arg)
{
    struct sender *s = arg;
    ULONG_PTR i;

    for (i = 1; i <= 10; i++) CHECK(QueueUserAPC(note, s->target, s->number * 100 + i));
    return 0;
}

static void order_of_each_sender_is_kept(void)
{
    ULONG_PTR last[4] = { 0 };
    struct sender s[4];
    HANDLE self = NULL, threads[4];
    int i;

    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    noted.count = 0;
    for (i = 0; i < 4; i++) {
        s[i].target = self;
        s[i].number = i;
        threads[i] = test_thread(send_ten, &s[i]);
    }
    for (i = 0; i < 4; i++) test_join(threads[i]);
    CHECK_EQ(noted.count, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(noted.count, 40);
    for (i = 0; i < 40; i++) {
        ULONG_PTR who = noted.seen[i] / 100;

        REQUIRE(who < 4);
        CHECK_EQ(noted.seen[i] % 100, ++last[who]);
    }
    CHECK(CloseHandle(self));
}

static const struct test_case cases[] = {
    TEST(apcs_queued_before_the_start_run_first, "10 QueueUserAPC: before the thread starts [doc]"),
    TEST(apcs_wait_until_the_thread_is_alertable, "10 fAlertable: not alertable: no APC runs"),
    TEST(apcs_left_at_thread_exit_are_lost, "10 QueueUserAPC: APCs left at thread exit [doc]"),
    TEST(thread_may_exit_in_an_apc, "10 QueueUserAPC: APCs left at thread exit [doc]"),
    TEST(exited_thread_takes_no_apc, "10 QueueUserAPC: ERROR_GEN_FAILURE, ERROR_INVALID_HANDLE [doc; impl]"),
    TEST(sleeping_thread_is_woken, "10 SleepEx(INFINITE, TRUE) waits for an APC [doc]"),
    TEST(threads_send_each_other_apcs, "10 QueueUserAPC: target may be any thread the library knows [doc]"),
    TEST(order_of_each_sender_is_kept, "10 QueueUserAPC: FIFO per thread [doc]"),
};
TEST_MAIN(cases)
