/* SPDX-License-Identifier: MIT */
/*
 * foreign-threads.c - threads that the program made by other means than CreateThread are threads like all others.
 *
 * On Linux these are made by pthread_create, which the library never sees; elsewhere by CreateThread.
 */
#include "test.h"

#ifdef __MINGW32__

typedef HANDLE foreign_t;

#define foreign_exit() ExitThread(0)

static foreign_t foreign_start(LPTHREAD_START_ROUTINE start, void *arg)
{
    return test_thread(start, arg);
}

static void foreign_join(foreign_t thread)
{
    test_join(thread);
}

#else

#include <pthread.h>

typedef pthread_t foreign_t;

#define foreign_exit() pthread_exit(NULL)

struct start {
    DWORD (*function)(void *);
    void *arg;
};

static void *run(void *arg)
{
    struct start start = *(struct start *)arg;

    free(arg);
    start.function(start.arg);
    return NULL;
}

static foreign_t foreign_start(DWORD (*function)(void *), void *arg)
{
    struct start *start = malloc(sizeof *start);
    pthread_t thread;

    start->function = function;
    start->arg = arg;
    CHECK_EQ(pthread_create(&thread, NULL, run, start), 0);
    return thread;
}

static void foreign_join(foreign_t thread)
{
    CHECK_EQ(pthread_join(thread, NULL), 0);
}

#endif

/* What a foreign thread and its case tell each other. */
struct talk {
    HANDLE ready, go;
    HANDLE self; /* a real handle of the foreign thread */
    DWORD id, result;
};

static void talk_begin(struct talk *t)
{
    memset(t, 0, sizeof *t);
    t->ready = test_event(FALSE, FALSE);
    t->go = test_event(FALSE, FALSE);
}

static void talk_end(struct talk *t)
{
    if (t->self) CHECK(CloseHandle(t->self));
    CHECK(CloseHandle(t->ready));
    CHECK(CloseHandle(t->go));
}

/* Publishes a handle of the calling thread and waits for the word to go on. */
static void introduce(struct talk *t)
{
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &t->self, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    t->id = GetCurrentThreadId();
    CHECK(SetEvent(t->ready));
    CHECK_EQ(WaitForSingleObject(t->go, DEADLINE_MS), WAIT_OBJECT_0);
}

static volatile LONG apcs;
static volatile DWORD apc_thread;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    InterlockedIncrement(&apcs);
    apc_thread = GetCurrentThreadId();
}

static DWORD WINAPI use_everything(void *arg)
{
    HANDLE e = WSACreateEvent();
    SOCKET s = test_tcp();

    (void)arg;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK_EQ(WaitForSingleObjectEx(e, 0, TRUE), WAIT_IO_COMPLETION);
    CHECK(SetEvent(e));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &e, TRUE, DEADLINE_MS, TRUE), WSA_WAIT_EVENT_0);
    CHECK(WSACloseEvent(e));
    CHECK_EQ(closesocket(s), 0);
    return 0;
}

static void foreign_thread_waits_and_takes_apcs(void)
{
    foreign_t thread;

    apcs = 0;
    thread = foreign_start(use_everything, NULL);
    foreign_join(thread);
    CHECK_EQ(apcs, 1);
}

static DWORD WINAPI introduce_and_drain(void *arg)
{
    struct talk *t = arg;

    introduce(t);
    t->result = SleepEx(0, TRUE);
    return 0;
}

static void others_can_send_it_apcs(void)
{
    foreign_t thread;
    struct talk t;
    HANDLE opened;

    talk_begin(&t);
    apcs = 0;
    thread = foreign_start(introduce_and_drain, &t);
    CHECK_EQ(WaitForSingleObject(t.ready, DEADLINE_MS), WAIT_OBJECT_0);
    opened = OpenThread(THREAD_ALL_ACCESS, FALSE, t.id);
    CHECK(opened != NULL);
    CHECK(QueueUserAPC(count_apc, opened, 0));
    CHECK(QueueUserAPC(count_apc, t.self, 0));
    CHECK(CloseHandle(opened));
    CHECK_EQ(apcs, 0);
    CHECK(SetEvent(t.go));
    foreign_join(thread);
    CHECK_EQ(t.result, WAIT_IO_COMPLETION);
    CHECK_EQ(apcs, 2);
    CHECK_EQ(apc_thread, t.id);
    talk_end(&t);
}

static DWORD WINAPI introduce_only(void *arg)
{
    introduce(arg);
    return 0;
}

static DWORD WINAPI introduce_and_exit(void *arg)
{
    introduce(arg);
    foreign_exit();
    return 0;
}

static DWORD WINAPI introduce_and_exit_thread(void *arg)
{
    introduce(arg);
    ExitThread(0);
    return 0;
}

/* Its handle is signalled when it ends, whichever way; then it takes no APCs, and those left are lost. */
static void its_end_can_be_waited_for(void)
{
    static const LPTHREAD_START_ROUTINE ways[] = { introduce_only, introduce_and_exit, introduce_and_exit_thread };
    int i;

    for (i = 0; i < 3; i++) {
        foreign_t thread;
        struct talk t;
        DWORD code = 0;

        talk_begin(&t);
        apcs = 0;
        thread = foreign_start(ways[i], &t);
        CHECK_EQ(WaitForSingleObject(t.ready, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_EQ(WaitForSingleObject(t.self, 0), WAIT_TIMEOUT);
        CHECK(GetExitCodeThread(t.self, &code));
        CHECK_EQ(code, STILL_ACTIVE);
        CHECK(QueueUserAPC(count_apc, t.self, 0));
        CHECK(SetEvent(t.go));
        CHECK_EQ(WaitForSingleObject(t.self, DEADLINE_MS), WAIT_OBJECT_0);
        foreign_join(thread);
        CHECK(GetExitCodeThread(t.self, &code));
        SetLastError(0);
        CHECK_EQ(QueueUserAPC(count_apc, t.self, 0), 0);
        CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
        CHECK_EQ(apcs, 0);
        talk_end(&t);
    }
}

static DWORD WINAPI leave_apcs(void *arg)
{
    int i;

    (void)arg;
    for (i = 0; i < 10; i++) CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    SetLastError(4711);
    return 0;
}

static void many_come_and_go_with_apcs_left(void)
{
    int i;

    apcs = 0;
    SetLastError(99);
    for (i = 0; i < 100; i++) {
        foreign_t thread = foreign_start(leave_apcs, NULL);

        foreign_join(thread);
    }
    CHECK_EQ(apcs, 0);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static DWORD WINAPI fail_and_look(void *arg)
{
    SetLastError(0);
    CHECK(!SetEvent(NULL));
    *(DWORD *)arg = GetLastError();
    return 0;
}

static void it_has_its_own_last_error(void)
{
    DWORD inside = 0;
    foreign_t thread;

    thread = foreign_start(fail_and_look, &inside);
    SetLastError(1111);
    foreign_join(thread);
    CHECK_EQ(GetLastError(), 1111);
    CHECK_EQ(inside, ERROR_INVALID_HANDLE);
}

static const struct test_case cases[] = {
    TEST(foreign_thread_waits_and_takes_apcs, "10 QueueUserAPC: threads made by pthread_create are adopted"),
    TEST(others_can_send_it_apcs, "10 QueueUserAPC: threads made by pthread_create are adopted"),
    TEST(its_end_can_be_waited_for, "10 QueueUserAPC: ERROR_GEN_FAILURE; APCs left at thread exit [doc]"),
    TEST(many_come_and_go_with_apcs_left, "10 QueueUserAPC: APCs left at thread exit [doc]"),
    TEST(it_has_its_own_last_error, "10 Last error: per thread"),
};
TEST_MAIN(cases)
