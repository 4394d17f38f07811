/* SPDX-License-Identifier: MIT */
/*
 * routines.c - completion routines: their arguments, the thread and the waits
 * that run them, nesting, and what they may do themselves.
 */
#include "test.h"

/* One request with its buffer; the routine finds it from the OVERLAPPED. */
struct request {
    WSAOVERLAPPED ov; /* first */
    SOCKET s;
    char data[8];
    int runs;
    DWORD error, count, flags, thread;
};

static void CALLBACK record(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    struct request *r = (struct request *)ov;

    r->runs++;
    r->error = error;
    r->count = count;
    r->flags = flags;
    r->thread = GetCurrentThreadId();
}

static int issue_recv(struct request *r, SOCKET s, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { sizeof r->data, r->data };
    DWORD flags = 0;

    r->s = s;
    return WSARecv(s, &buf, 1, NULL, &flags, &r->ov, routine) ? WSAGetLastError() : 0;
}

static int issue_send(struct request *r, SOCKET s, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 5, (char *)"hello" };

    r->s = s;
    return WSASend(s, &buf, 1, NULL, 0, &r->ov, routine) ? WSAGetLastError() : 0;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* Waits for the end of a request without an alertable wait. */
static int spin_until_final(const WSAOVERLAPPED *ov)
{
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;

    while (!HasOverlappedIoCompleted(ov) && GetTickCount64() < end) Sleep(0);
    return CHECK(HasOverlappedIoCompleted(ov));
}

/* Issues a receive of the data that has just been sent; its routine is queued when this returns. */
static int issue_recv_of_waiting_data(struct request *r, SOCKET s, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    char c;
    int rc;

    CHECK_EQ(recv(s, &c, 1, MSG_PEEK), 1);
    rc = issue_recv(r, s, routine);
    if (rc == WSA_IO_PENDING && spin_until_final(&r->ov)) {
        Sleep(QUIET_MS); /* the routine follows the status, and nothing tells when */
        rc = 0;
    }
    return CHECK_EQ(rc, 0);
}

/* Runs routines until *count has reached want. */
static int run_until(const int *count, int want)
{
    while (*count < want) {
        if (!CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION)) return 0;
    }
    return CHECK_EQ(*count, want);
}

/* ---- arguments ---- */

static void success_arguments(void)
{
    SOCKET s[2];
    struct request in = { 0 }, out = { 0 };

    REQUIRE(test_pair(s));
    CHECK_EQ(issue_recv(&in, s[0], record), WSA_IO_PENDING);
    in.flags = out.flags = 0x5555;
    issue_send(&out, s[1], record);
    CHECK(run_until(&in.runs, 1));
    CHECK(run_until(&out.runs, 1));
    CHECK_EQ(in.error, 0);
    CHECK_EQ(in.count, 5);
    CHECK_EQ(in.flags, 0);
    CHECK(!memcmp(in.data, "hello", 5));
    CHECK_EQ(out.error, 0);
    CHECK_EQ(out.count, 5);
    CHECK_EQ(out.flags, 0);
    close_pair(s);
}

static void failure_arguments(void)
{
    struct sockaddr_in addr;
    SOCKET s[2], u = test_udp(&addr);
    struct request reset = { 0 }, cancelled = { 0 }, cut = { 0 };

    REQUIRE(test_pair(s));
    CHECK_EQ(issue_recv(&cancelled, s[0], record), WSA_IO_PENDING);
    CHECK(CancelIo((HANDLE)s[0]));
    CHECK(run_until(&cancelled.runs, 1));
    CHECK_EQ(cancelled.error, WSA_OPERATION_ABORTED);
    CHECK_EQ(cancelled.count, 0);

    CHECK_EQ(issue_recv(&cut, u, record), WSA_IO_PENDING);
    CHECK_EQ(sendto(u, "0123456789", 10, 0, (struct sockaddr *)&addr, sizeof addr), 10);
    CHECK(run_until(&cut.runs, 1));
    CHECK_EQ(cut.error, WSAEMSGSIZE);
    CHECK_EQ(cut.count, 8);
    CHECK_EQ(cut.flags, 0);

    CHECK_EQ(issue_recv(&reset, s[0], record), WSA_IO_PENDING);
    test_reset(s[1]);
    CHECK(run_until(&reset.runs, 1));
    CHECK_EQ(reset.error, WSAECONNRESET);
    CHECK_EQ(reset.count, 0);
    closesocket(s[0]);
    closesocket(u);
}

static void datagram_routines_have_their_arguments_too(void)
{
    struct sockaddr_in addr, from = { 0 };
    SOCKET s = test_udp(&addr);
    struct request in = { 0 }, out = { 0 };
    WSABUF inbuf = { sizeof in.data, in.data }, outbuf = { 5, (char *)"hello" };
    DWORD flags = 0;
    int fromlen = sizeof from;

    CHECK_EQ(WSARecvFrom(s, &inbuf, 1, NULL, &flags, (struct sockaddr *)&from, &fromlen, &in.ov, record), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    in.flags = out.flags = 0x5555;
    WSASendTo(s, &outbuf, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, &out.ov, record);
    CHECK(run_until(&in.runs, 1));
    CHECK(run_until(&out.runs, 1));
    CHECK_EQ(in.error, 0);
    CHECK_EQ(in.count, 5);
    CHECK_EQ(in.flags, 0);
    CHECK_EQ(from.sin_port, addr.sin_port);
    CHECK_EQ(out.error, 0);
    CHECK_EQ(out.count, 5);
    CHECK_EQ(out.flags, 0);
    closesocket(s);
}

/* ---- the thread and the waits that run routines ---- */

static DWORD WINAPI wait_alertably(void *arg)
{
    DWORD rc = SleepEx(QUIET_MS, TRUE);

    (void)arg;
    CHECK_EQ(rc, 0); /* this thread issued nothing */
    return 0;
}

static void only_the_issuing_thread_runs_it(void)
{
    SOCKET s[2];
    struct request r = { 0 };
    HANDLE thread;

    REQUIRE(test_pair(s));
    CHECK_EQ(issue_recv(&r, s[0], record), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    thread = CreateThread(NULL, 0, wait_alertably, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CHECK_EQ(r.runs, 0);
    CHECK(run_until(&r.runs, 1));
    CHECK_EQ(r.thread, GetCurrentThreadId());
    close_pair(s);
}

static void waits_that_are_not_alertable_do_not_run_it(void)
{
    SOCKET s[2];
    struct request r = { 0 };
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    REQUIRE(test_pair(s));
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(issue_recv_of_waiting_data(&r, s[0], record));
    Sleep(1);
    CHECK_EQ(SleepEx(1, FALSE), 0);
    CHECK_EQ(WaitForSingleObject(event, 1), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObjectEx(event, 1, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjects(1, &event, FALSE, 1), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjectsEx(1, &event, FALSE, 1, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 1, FALSE), WSA_WAIT_TIMEOUT);
    CHECK_EQ(r.runs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(r.runs, 1);
    CloseHandle(event);
    close_pair(s);
}

static DWORD by_sleep(HANDLE never[2])
{
    (void)never;
    return SleepEx(DEADLINE_MS, TRUE);
}

static DWORD by_single(HANDLE never[2])
{
    return WaitForSingleObjectEx(never[0], DEADLINE_MS, TRUE);
}

static DWORD by_multiple(HANDLE never[2])
{
    return WaitForMultipleObjectsEx(2, never, FALSE, DEADLINE_MS, TRUE);
}

static DWORD by_multiple_all(HANDLE never[2])
{
    return WaitForMultipleObjectsEx(2, never, TRUE, DEADLINE_MS, TRUE);
}

static DWORD by_wsa(HANDLE never[2])
{
    return WSAWaitForMultipleEvents(2, never, FALSE, DEADLINE_MS, TRUE);
}

static DWORD by_signal(HANDLE never[2])
{
    HANDLE other = CreateEventW(NULL, TRUE, FALSE, NULL);
    DWORD rc = SignalObjectAndWait(other, never[0], DEADLINE_MS, TRUE);

    CHECK_EQ(WaitForSingleObject(other, 0), WAIT_OBJECT_0);
    CloseHandle(other);
    return rc;
}

static DWORD by_result(HANDLE never[2])
{
    WSAOVERLAPPED ov = { 0 };
    DWORD n;

    ov.Internal = STATUS_PENDING;
    ov.hEvent = never[0];
    CHECK(!GetOverlappedResultEx(never[0], &ov, &n, DEADLINE_MS, TRUE));
    return GetLastError();
}

static DWORD (*const alertable[])(HANDLE never[2]) = {
    by_sleep, by_single, by_multiple, by_multiple_all, by_wsa, by_signal, by_result,
};

enum { ALERTABLE = sizeof alertable / sizeof alertable[0] };

static void each_alertable_wait_runs_a_queued_routine(void)
{
    SOCKET s[2];
    HANDLE never[2] = { CreateEventW(NULL, TRUE, FALSE, NULL), CreateEventW(NULL, FALSE, FALSE, NULL) };
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < ALERTABLE; i++) {
        struct request r = { 0 };

        CHECK(test_send_all(s[1], "hello", 5));
        CHECK(issue_recv_of_waiting_data(&r, s[0], record));
        if (!CHECK_EQ(alertable[i](never), WAIT_IO_COMPLETION)) test_note("wait %d", i);
        CHECK_EQ(r.runs, 1);
    }
    close_pair(s);
    CloseHandle(never[0]);
    CloseHandle(never[1]);
}

static DWORD WINAPI send_later(void *arg)
{
    SOCKET *s = arg;

    Sleep(QUIET_MS); /* lets the wait begin first most times; either order is right */
    CHECK_EQ(send(s[1], "hello", 5, 0), 5);
    return 0;
}

static void each_alertable_wait_ends_when_a_request_completes(void)
{
    SOCKET s[2];
    HANDLE never[2] = { CreateEventW(NULL, TRUE, FALSE, NULL), CreateEventW(NULL, FALSE, FALSE, NULL) }, thread;
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < ALERTABLE; i++) {
        struct request r = { 0 };

        CHECK_EQ(issue_recv(&r, s[0], record), WSA_IO_PENDING);
        thread = CreateThread(NULL, 0, send_later, s, 0, NULL);
        if (!CHECK_EQ(alertable[i](never), WAIT_IO_COMPLETION)) test_note("wait %d", i);
        CHECK_EQ(r.runs, 1);
        CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
        CloseHandle(thread);
    }
    close_pair(s);
    CloseHandle(never[0]);
    CloseHandle(never[1]);
}

static void signalled_object_comes_before_the_routine(void)
{
    SOCKET s[2];
    struct request r = { 0 };
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);

    REQUIRE(test_pair(s));
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(issue_recv_of_waiting_data(&r, s[0], record));
    CHECK_EQ(WaitForSingleObjectEx(event, DEADLINE_MS, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, TRUE), WSA_WAIT_EVENT_0);
    CHECK_EQ(r.runs, 0);
    ResetEvent(event);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, TRUE), WSA_WAIT_IO_COMPLETION); /* even with time-out 0 */
    CHECK_EQ(r.runs, 1);
    CloseHandle(event);
    close_pair(s);
}

/* ---- how many run in one wait ---- */

static void all_queued_routines_run_in_one_wait(void)
{
    SOCKET s[2], t[2];
    struct request a = { 0 }, b = { 0 }, c = { 0 };

    REQUIRE(test_pair(s) && test_pair(t));
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(test_send_all(t[1], "hello", 5));
    CHECK_EQ(issue_send(&c, s[0], record), 0);
    CHECK(issue_recv_of_waiting_data(&a, s[0], record));
    CHECK(issue_recv_of_waiting_data(&b, t[0], record));
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(a.runs, 1);
    CHECK_EQ(b.runs, 1);
    CHECK_EQ(c.runs, 1);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    close_pair(s);
    close_pair(t);
}

static int apc_runs;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    apc_runs++;
}

static void CALLBACK queue_one_more(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    record(error, count, ov, flags);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
}

static void apcs_queued_by_a_routine_run_in_the_same_wait(void)
{
    SOCKET s[2];
    struct request r = { 0 };

    REQUIRE(test_pair(s));
    apc_runs = 0;
    CHECK_EQ(issue_recv(&r, s[0], queue_one_more), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(r.runs, 1);
    CHECK_EQ(apc_runs, 1);
    close_pair(s);
}

/* ---- nesting ---- */

static int depth, depth_max, chained;

/* Reads the stream byte by byte, each routine issuing the next receive; the data is there already. */
static void CALLBACK read_on(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    struct request *r = (struct request *)ov;
    WSABUF buf = { 1, r->data };

    CHECK_EQ(error, 0);
    CHECK_EQ(count, 1);
    CHECK_EQ(r->data[0], 'a' + chained % 26);
    chained++;
    if (++depth > depth_max) depth_max = depth;
    if (chained < 520) {
        flags = 0;
        if (WSARecv(r->s, &buf, 1, NULL, &flags, ov, read_on)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    }
    depth--;
}

static void routines_that_issue_more_do_not_nest(void)
{
    SOCKET s[2];
    struct request r = { 0 };
    char text[521];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < 520; i++) text[i] = (char)('a' + i % 26);
    depth = depth_max = chained = 0;
    r.s = s[0];
    CHECK(test_send_all(s[1], "a", 1));
    {
        WSABUF buf = { 1, r.data };
        DWORD flags = 0;

        if (WSARecv(s[0], &buf, 1, NULL, &flags, &r.ov, read_on)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    }
    CHECK(test_send_all(s[1], text + 1, 519));
    CHECK(run_until(&chained, 520));
    CHECK_EQ(depth_max, 1);
    close_pair(s);
}

static int nested_runs, nested_result;

static void CALLBACK wait_inside(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    struct request *r = (struct request *)ov;

    record(error, count, ov, flags);
    nested_runs++;
    if (++depth > depth_max) depth_max = depth;
    if (r->data[0] == '1') nested_result = (int)SleepEx(0, TRUE);
    depth--;
}

static void wait_inside_a_routine_runs_other_apcs(void)
{
    SOCKET s[2], t[2];
    struct request r = { 0 }, other = { 0 };

    REQUIRE(test_pair(s) && test_pair(t));
    apc_runs = nested_runs = nested_result = depth = depth_max = 0;
    CHECK(test_send_all(s[1], "1", 1));
    CHECK(issue_recv_of_waiting_data(&r, s[0], wait_inside));
    CHECK(test_send_all(t[1], "2", 1));
    CHECK(issue_recv_of_waiting_data(&other, t[0], record));
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(nested_result, WAIT_IO_COMPLETION);
    CHECK_EQ(nested_runs, 1);
    CHECK_EQ(other.runs, 1);
    CHECK_EQ(apc_runs, 1);
    close_pair(s);
    close_pair(t);
}

static void wait_inside_a_routine_does_not_nest_on_its_socket(void)
{
    SOCKET s[2];
    struct request one = { 0 }, two = { 0 };

    REQUIRE(test_pair(s));
    nested_runs = nested_result = depth = depth_max = 0;
    CHECK(test_send_all(s[1], "1", 1));
    CHECK(issue_recv_of_waiting_data(&one, s[0], wait_inside));
    CHECK(test_send_all(s[1], "2", 1));
    CHECK(issue_recv_of_waiting_data(&two, s[0], wait_inside));
    CHECK(run_until(&nested_runs, 2));
    CHECK_EQ(depth_max, 1);
    CHECK_EQ(one.runs, 1);
    CHECK_EQ(two.runs, 1);
    close_pair(s);
}

/* ---- what a routine may do ---- */

enum { ECHOES = 100 };

static int echoes;

static void CALLBACK echoed(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags);

static void CALLBACK got_question(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    struct request *r = (struct request *)ov;
    WSABUF buf = { count, r->data };

    (void)flags;
    CHECK_EQ(error, 0);
    if (count && WSASend(r->s, &buf, 1, NULL, 0, ov, echoed)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

static void CALLBACK echoed(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    int rc = issue_recv((struct request *)ov, ((struct request *)ov)->s, got_question);

    (void)flags;
    CHECK_EQ(error, 0);
    CHECK_EQ(count, 4);
    CHECK(rc == 0 || rc == WSA_IO_PENDING);
    echoes++;
}

static void routines_may_issue_again_with_the_same_structure(void)
{
    SOCKET s[2];
    struct request r = { 0 };
    int i, answer;

    REQUIRE(test_pair(s));
    echoes = 0;
    CHECK_EQ(issue_recv(&r, s[0], got_question), WSA_IO_PENDING);
    for (i = 0; i < ECHOES; i++) {
        CHECK(test_send_all(s[1], &i, 4));
        if (!run_until(&echoes, i + 1)) break;
        CHECK(test_recv_all(s[1], &answer, 4));
        CHECK_EQ(answer, i);
    }
    shutdown(s[1], SD_SEND); /* ends the receive that pends with 0 bytes */
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    close_pair(s);
}

static int freed;

static void CALLBACK release(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)flags;
    memset(ov, 0xEE, sizeof(struct request));
    free(ov);
    freed++;
}

static void routines_may_free_their_structure(void)
{
    SOCKET s[2];
    struct request *r;
    int i;

    REQUIRE(test_pair(s));
    freed = 0;
    for (i = 0; i < 50; i++) {
        r = calloc(1, sizeof *r);
        REQUIRE(r != NULL);
        CHECK_EQ(issue_recv(r, s[0], release), WSA_IO_PENDING);
        r = calloc(1, sizeof *r);
        REQUIRE(r != NULL);
        issue_send(r, s[1], release);
        if (!run_until(&freed, 2 * i + 2)) break;
    }
    close_pair(s);
}

static void CALLBACK close_own_socket(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    struct request *r = (struct request *)ov;

    record(error, count, ov, flags);
    CHECK_EQ(closesocket(r->s), 0);
}

static void routines_may_close_their_socket(void)
{
    SOCKET s[2];
    struct request one = { 0 }, two = { 0 };

    REQUIRE(test_pair(s));
    CHECK_EQ(issue_recv(&one, s[0], close_own_socket), WSA_IO_PENDING);
    CHECK_EQ(issue_recv(&two, s[0], record), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(run_until(&one.runs, 1));
    CHECK(run_until(&two.runs, 1)); /* ended by the close */
    CHECK_EQ(one.error, 0);
    CHECK(two.error != 0);
    CHECK_EQ(two.count, 0);
    closesocket(s[1]);
}

/* ---- the thread ends first ---- */

static struct request left; /* its routine must never run, so no thread's stack may hold it */

static DWORD WINAPI issue_and_leave(void *arg)
{
    SOCKET *s = arg;
    int rc;

    rc = issue_recv(&left, s[0], record); /* the data is there */
    CHECK(rc == 0 || rc == WSA_IO_PENDING);
    CHECK(spin_until_final(&left.ov));
    return 0;
}

static void queued_routine_is_dropped_when_its_thread_ends(void)
{
    SOCKET s[2];
    HANDLE thread;

    REQUIRE(test_pair(s));
    memset(&left, 0, sizeof left);
    CHECK(test_send_all(s[1], "hello", 5));
    thread = CreateThread(NULL, 0, issue_and_leave, s, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    CHECK_EQ(left.runs, 0);
    CHECK_EQ(left.ov.Internal, 0);
    CHECK_EQ(left.ov.InternalHigh, 5);
    close_pair(s);
}

static const struct test_case cases[] = {
    TEST(success_arguments, "20 §7 arguments [doc]"),
    TEST(failure_arguments, "20 §7 arguments; §5 [doc]"),
    TEST(datagram_routines_have_their_arguments_too, "20 §7 arguments [doc WSASendTo, WSARecvFrom]"),
    TEST(only_the_issuing_thread_runs_it, "20 §7 only on the issuing thread [doc]"),
    TEST(waits_that_are_not_alertable_do_not_run_it, "20 §7 only inside an alertable wait [doc]"),
    TEST(each_alertable_wait_runs_a_queued_routine, "20 §7 list of alertable waits [doc]"),
    TEST(each_alertable_wait_ends_when_a_request_completes, "20 §7 list of alertable waits [doc]"),
    TEST(signalled_object_comes_before_the_routine, "20 §7 object state is checked before APCs; 10 [doc; impl]"),
    TEST(all_queued_routines_run_in_one_wait, "20 §7 all APCs queued run before the wait returns [doc; impl]"),
    TEST(apcs_queued_by_a_routine_run_in_the_same_wait, "20 §7 APCs queued by APCs also run [doc; impl]"),
    TEST(routines_that_issue_more_do_not_nest, "20 §7 never nest; may issue further receives [doc]"),
    TEST(wait_inside_a_routine_runs_other_apcs, "20 §7 alertable wait in a routine [doc]"),
    TEST_WINE_DIFFERS(wait_inside_a_routine_does_not_nest_on_its_socket, "20 §7 for the same socket do not nest [doc]",
                      "Wine 8 runs routines of one socket inside each other"),
    TEST(routines_may_issue_again_with_the_same_structure, "20 §7 may re-issue the OVERLAPPED [doc]"),
    TEST(routines_may_free_their_structure, "20 §7 not touched after calling the routine"),
    TEST(routines_may_close_their_socket, "20 §7, §12"),
    TEST(queued_routine_is_dropped_when_its_thread_ends, "20 §7 dropped when the thread exits [doc QueueUserAPC]"),
};

TEST_MAIN(cases)
