/* SPDX-License-Identifier: MIT */
/* apc-queue.c - the APC queue of one thread: what goes in, in which order it runs, APCs that queue or wait themselves. */
#include "test.h"

/* What the APCs of the running case were called with, in order. */
static ULONG_PTR seen[2048];
static int count;

static void CALLBACK note(ULONG_PTR data)
{
    if (CHECK(count < 2048)) seen[count++] = data;
}

static void queue(PAPCFUNC function, ULONG_PTR data)
{
    CHECK(QueueUserAPC(function, GetCurrentThread(), data) != 0);
}

/* The case saw exactly 1, 2, … n. */
static void check_sequence(int n)
{
    int i;

    CHECK_EQ(count, n);
    for (i = 0; i < n && i < count; i++)
        if (!CHECK_EQ(seen[i], i + 1)) break;
}

static void apcs_run_in_the_order_of_queueing(void)
{
    int i;

    count = 0;
    for (i = 1; i <= 10; i++) queue(note, i);
    CHECK_EQ(count, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(10);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    check_sequence(10);
}

/* One return covers them all, whatever the form of the wait. */
static void one_alertable_return_covers_all(void)
{
    HANDLE e = test_event(FALSE, FALSE);
    int which;

    for (which = 0; which < TEST_ALERTABLES; which++) {
        count = 0;
        queue(note, 1);
        queue(note, 2);
        queue(note, 3);
        if (!CHECK_EQ(test_alertable(which, e, INFINITE, TRUE), WAIT_IO_COMPLETION))
            test_note("%s", test_alertable_name(which));
        check_sequence(3);
    }
    CHECK(CloseHandle(e));
}

static void data_is_passed_whole(void)
{
    count = 0;
    queue(note, 0);
    queue(note, ~(ULONG_PTR)0);
    queue(note, (ULONG_PTR)0x123456789abcdef0);
    queue(note, (ULONG_PTR)0x123456789abcdef0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(count, 4);
    CHECK_EQ(seen[0], 0);
    CHECK_EQ(seen[1], ~(ULONG_PTR)0);
    CHECK_EQ(seen[2], (ULONG_PTR)0x123456789abcdef0);
    CHECK_EQ(seen[3], seen[2]);
}

/* Many queued at once: none is lost and none refused. */
static void long_queue_runs_whole(void)
{
    int i;

    count = 0;
    for (i = 1; i <= 2000; i++) queue(note, i);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    check_sequence(2000);
}

static void CALLBACK note_and_queue(ULONG_PTR data)
{
    note(data);
    if (data < 1000) queue(note_and_queue, data + 1);
}

static void apc_queued_by_an_apc_runs_in_the_same_call(void)
{
    count = 0;
    queue(note_and_queue, 1);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(1000);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static void CALLBACK note_and_queue_last(ULONG_PTR data)
{
    note(data);
    queue(note, 4);
}

static void apc_queued_by_an_apc_comes_last(void)
{
    count = 0;
    queue(note_and_queue_last, 1);
    queue(note, 2);
    queue(note, 3);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(4);
}

static void CALLBACK note_and_wait(ULONG_PTR data)
{
    note(data);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    note(5);
}

static void alertable_wait_in_an_apc_runs_the_others(void)
{
    count = 0;
    queue(note, 1);
    queue(note_and_wait, 2);
    queue(note, 3);
    queue(note, 4);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(5);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static void CALLBACK note_on_the_way_back(ULONG_PTR data)
{
    if (data > 1) CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    else CHECK_EQ(SleepEx(0, TRUE), 0);
    note(data);
}

/* Each APC enters an alertable wait, which runs the next one inside: they end in reverse order. */
static void nested_apcs_end_in_reverse_order(void)
{
    int i;

    count = 0;
    for (i = 50; i > 0; i--) queue(note_on_the_way_back, i);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(50);
}

static void CALLBACK wait_without_alert(ULONG_PTR event)
{
    CHECK_EQ(WaitForSingleObject((HANDLE)event, 1), WAIT_TIMEOUT);
    note(1);
}

static void wait_in_an_apc_that_is_not_alertable_runs_none(void)
{
    HANDLE e = test_event(FALSE, FALSE);

    count = 0;
    queue(wait_without_alert, (ULONG_PTR)e);
    queue(note, 2);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(2);
    CHECK(CloseHandle(e));
}

/* An APC finds a signalled object like anybody else, though more APCs are waiting. */
static void CALLBACK take_the_event(ULONG_PTR event)
{
    CHECK_EQ(WaitForSingleObjectEx((HANDLE)event, DEADLINE_MS, TRUE), WAIT_OBJECT_0);
    note(1);
}

static void precedence_holds_inside_an_apc(void)
{
    HANDLE e = test_event(FALSE, TRUE);

    count = 0;
    queue(take_the_event, (ULONG_PTR)e);
    queue(note, 2);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(2);
    CHECK(!test_signalled(e));
    CHECK(CloseHandle(e));
}

struct partner {
    HANDLE ask, answer;
};

static DWORD WINAPI answer_once(void *arg)
{
    struct partner *p = arg;
    HANDLE e = WSACreateEvent();

    CHECK_EQ(WaitForSingleObject(p->ask, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(e));
    CHECK(QueueUserAPC(note, GetCurrentThread(), 9));
    CHECK(SetEvent(p->answer));
    return 0;
}

static void CALLBACK ask_partner(ULONG_PTR data)
{
    struct partner *p = (struct partner *)data;
    SOCKET s = test_tcp();

    CHECK_EQ(SignalObjectAndWait(p->ask, p->answer, DEADLINE_MS, FALSE), WAIT_OBJECT_0);
    CHECK_EQ(closesocket(s), 0);
    note(1);
}

/* If an APC ran with a lock of the library held, this would end in a deadlock. */
static void apc_may_use_the_library_and_wait_for_others(void)
{
    struct partner p = { test_event(FALSE, FALSE), test_event(FALSE, FALSE) };
    HANDLE thread = test_thread(answer_once, &p), e = test_event(FALSE, FALSE);

    count = 0;
    queue(ask_partner, (ULONG_PTR)&p);
    CHECK_EQ(WaitForSingleObjectEx(e, DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    check_sequence(1);
    test_join(thread);
    CHECK(CloseHandle(e));
    CHECK(CloseHandle(p.ask));
    CHECK(CloseHandle(p.answer));
}

/* The object that the APC's own wait is about is closed by the APC: the wait is over all the same. */
static void CALLBACK close_it(ULONG_PTR event)
{
    CHECK(CloseHandle((HANDLE)event));
    note(1);
}

static void apc_may_close_the_object_of_its_wait(void)
{
    int which;

    for (which = 0; which < TEST_ALERTABLES; which++) {
        HANDLE e = test_event(FALSE, FALSE);

        count = 0;
        queue(close_it, (ULONG_PTR)e);
        CHECK_EQ(test_alertable(which, e, DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
        check_sequence(1);
    }
}

static void own_thread_is_named_by_any_handle(void)
{
    HANDLE self = NULL, opened = OpenThread(THREAD_ALL_ACCESS, FALSE, GetCurrentThreadId());

    CHECK(opened != NULL);
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    count = 0;
    CHECK(QueueUserAPC(note, GetCurrentThread(), 1));
    CHECK(QueueUserAPC(note, self, 2));
    CHECK(QueueUserAPC(note, opened, 3));
    CHECK(QueueUserAPC(note, (HANDLE)(LONG_PTR)-2, 4));
    CHECK(QueueUserAPC(note, test_tagged(self, 1), 5));
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(5);
    CHECK(CloseHandle(self));
    CHECK(CloseHandle(opened));
}

static void CALLBACK routine(DWORD error, DWORD transferred, WSAOVERLAPPED *ov, DWORD flags)
{
    CHECK_EQ(error, 0);
    CHECK_EQ(transferred, 1);
    CHECK_EQ(flags, 0);
    note((ULONG_PTR)ov->hEvent);
}

/* Receives with a routine that is given `data`; a datagram is there already, so that the routine is queued at once. */
static void receive_with_routine(SOCKET s, WSAOVERLAPPED *ov, char *byte, ULONG_PTR data)
{
    WSABUF buf = { 1, byte };
    DWORD flags = 0;

    memset(ov, 0, sizeof *ov);
    ov->hEvent = (HANDLE)data;
    CHECK_EQ(WSARecv(s, &buf, 1, NULL, &flags, ov, routine), 0);
}

static void completion_routines_use_the_same_queue(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov[2];
    char bytes[2], peek[4];
    int i;

    for (i = 0; i < 2; i++) {
        CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
        CHECK_EQ(recv(s, peek, sizeof peek, MSG_PEEK), 1);
    }
    count = 0;
    queue(note, 1);
    receive_with_routine(s, &ov[0], &bytes[0], 2);
    queue(note, 3);
    receive_with_routine(s, &ov[1], &bytes[1], 4);
    queue(note, 5);
    CHECK_EQ(count, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    check_sequence(5);
    CHECK_EQ(closesocket(s), 0);
}

static const struct test_case cases[] = {
    TEST(apcs_run_in_the_order_of_queueing, "10 QueueUserAPC: FIFO per thread [doc]"),
    TEST(one_alertable_return_covers_all, "10 One alertable return may cover several APCs; 20 §7"),
    TEST(data_is_passed_whole, "10 QueueUserAPC"),
    TEST(long_queue_runs_whole, "10 QueueUserAPC: FIFO per thread [doc]"),
    TEST(apc_queued_by_an_apc_runs_in_the_same_call, "10 QueueUserAPC: APCs queued by an APC [impl]"),
    TEST(apc_queued_by_an_apc_comes_last, "10 QueueUserAPC: FIFO per thread [doc]"),
    TEST(alertable_wait_in_an_apc_runs_the_others, "10 APC executing inside WaitFor…: recursively [doc QueueUserAPC]"),
    TEST(nested_apcs_end_in_reverse_order, "10 APC executing inside WaitFor…: recursively [doc QueueUserAPC]"),
    TEST(wait_in_an_apc_that_is_not_alertable_runs_none, "10 fAlertable: not alertable: no APC runs"),
    TEST(precedence_holds_inside_an_apc, "10 Precedence of an alertable wait [doc; impl]"),
    TEST(apc_may_use_the_library_and_wait_for_others, "10 APC executing inside WaitFor…: no library locks"),
    TEST(apc_may_close_the_object_of_its_wait, "10 Closing a handle being waited on"),
    TEST(own_thread_is_named_by_any_handle, "10 QueueUserAPC: any thread the library knows [doc; obs]"),
    TEST(completion_routines_use_the_same_queue, "10 QueueUserAPC: one queue shared with I/O routines [doc]"),
};
TEST_MAIN(cases)
