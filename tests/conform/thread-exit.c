/* SPDX-License-Identifier: MIT */
/* thread-exit.c - what becomes of the requests of a thread that ends. */
#include "test.h"

#include <process.h>

enum { CANCELLED = (int)0xC0000120, MIB = 1 << 20 };

/*
 * What the ending thread works with.  Static, and so are the buffers: nothing
 * of a request may lie on the stack of a thread that is gone.
 */
struct job {
    SOCKET s, other;
    WSAOVERLAPPED ov, second;
    char data[8], more[8], block[128];
    int runs;
};

static struct job job;

static void CALLBACK count_run(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)ov, (void)flags;
    job.runs++;
}

static void post_recv(SOCKET s, char data[8], WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 8, data };
    DWORD flags = 0;

    CHECK(WSARecv(s, &buf, 1, NULL, &flags, ov, routine) == 0 || WSAGetLastError() == WSA_IO_PENDING);
}

static DWORD WINAPI receive_and_return(void *arg)
{
    (void)arg;
    post_recv(job.s, job.data, &job.ov, NULL);
    return 0;
}

static void run_to_end(LPTHREAD_START_ROUTINE f)
{
    HANDLE thread = CreateThread(NULL, 0, f, NULL, 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
}

static int start_job(SOCKET s[2])
{
    memset(&job, 0, sizeof job);
    if (!test_pair(s)) return 0;
    job.s = s[0];
    job.other = s[1];
    return 1;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void wait_until_final(WSAOVERLAPPED *ov)
{
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;

    while (!HasOverlappedIoCompleted(ov) && GetTickCount64() < end) Sleep(1);
}

static void check_cancelled(WSAOVERLAPPED *ov)
{
    wait_until_final(ov);
    CHECK_EQ((int)ov->Internal, CANCELLED);
    CHECK_EQ(ov->InternalHigh, 0);
}

/* ---- requests that end with their thread ---- */

static void request_with_event_is_cancelled_and_sets_it(void)
{
    SOCKET s[2];

    REQUIRE(start_job(s));
    test_overlapped(&job.ov);
    run_to_end(receive_and_return);
    CHECK_EQ(WaitForSingleObject(job.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    check_cancelled(&job.ov);
    CHECK_EQ(test_result(s[0], &job.ov, NULL), WSA_OPERATION_ABORTED);
    close_pair(s);
    WSACloseEvent(job.ov.hEvent);
}

static void request_without_event_is_cancelled(void)
{
    SOCKET s[2];

    REQUIRE(start_job(s));
    run_to_end(receive_and_return);
    check_cancelled(&job.ov);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0); /* notified as usual: the socket */
    close_pair(s);
}

static DWORD WINAPI receive_by_routine(void *arg)
{
    (void)arg;
    post_recv(job.s, job.data, &job.ov, count_run);
    return 0;
}

static void request_with_routine_is_cancelled_and_never_runs_it(void)
{
    SOCKET s[2];

    REQUIRE(start_job(s));
    run_to_end(receive_by_routine);
    check_cancelled(&job.ov);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    CHECK_EQ(job.runs, 0);
    close_pair(s);
}

static DWORD WINAPI receive_twice_and_exit(void *arg)
{
    (void)arg;
    post_recv(job.s, job.data, &job.ov, NULL);
    post_recv(job.other, job.more, &job.second, NULL);
    ExitThread(7);
}

static void all_requests_of_the_thread_are_cancelled(void)
{
    SOCKET s[2];
    HANDLE thread;
    DWORD code = 0;

    REQUIRE(start_job(s));
    test_overlapped(&job.ov);
    test_overlapped(&job.second);
    thread = CreateThread(NULL, 0, receive_twice_and_exit, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 7);
    CloseHandle(thread);
    CHECK_EQ(WaitForSingleObject(job.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(job.second.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    check_cancelled(&job.ov);
    check_cancelled(&job.second);
    close_pair(s);
    WSACloseEvent(job.ov.hEvent);
    WSACloseEvent(job.second.hEvent);
}

static unsigned __stdcall receive_in_crt_thread(void *arg)
{
    (void)arg;
    post_recv(job.s, job.data, &job.ov, NULL);
    return 0;
}

static void threads_of_the_c_runtime_count_too(void)
{
    SOCKET s[2];
    HANDLE thread;

    REQUIRE(start_job(s));
    test_overlapped(&job.ov);
    thread = (HANDLE)_beginthreadex(NULL, 0, receive_in_crt_thread, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CHECK_EQ(WaitForSingleObject(job.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    check_cancelled(&job.ov);
    close_pair(s);
    WSACloseEvent(job.ov.hEvent);
}

static DWORD WINAPI accept_and_return(void *arg)
{
    (void)arg;
    CHECK(!AcceptEx(job.s, job.other, job.block, 0, 32, 32, NULL, &job.ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    return 0;
}

static void accept_is_cancelled_and_its_sockets_live_on(void)
{
    struct sockaddr_in addr;
    SOCKET client = test_tcp();

    memset(&job, 0, sizeof job);
    job.s = test_listener(&addr);
    job.other = test_tcp();
    test_overlapped(&job.ov);
    run_to_end(accept_and_return);
    CHECK_EQ(WaitForSingleObject(job.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    check_cancelled(&job.ov);
    accept_and_return(NULL); /* this thread stays */
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(test_result(job.s, &job.ov, NULL), 0);
    closesocket(client);
    closesocket(job.other);
    closesocket(job.s);
    WSACloseEvent(job.ov.hEvent);
}

static char *large;

static DWORD WINAPI send_large_and_return(void *arg)
{
    WSABUF buf = { 8 * MIB, large };

    (void)arg;
    CHECK_EQ(WSASend(job.s, &buf, 1, NULL, 0, &job.ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    return 0;
}

static void pending_send_is_cancelled(void)
{
    SOCKET s[2];
    int small = 0;

    large = calloc(1, 8 * MIB);
    REQUIRE(large && start_job(s));
    test_overlapped(&job.ov);
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small), 0);
    run_to_end(send_large_and_return);
    CHECK_EQ(WaitForSingleObject(job.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ((int)job.ov.Internal, CANCELLED);
    close_pair(s);
    WSACloseEvent(job.ov.hEvent);
    free(large);
}

/* ---- what stays ---- */

static void requests_of_other_threads_stay(void)
{
    SOCKET s[2];
    WSAOVERLAPPED mine;
    char data[8];
    DWORD n;

    REQUIRE(start_job(s));
    test_overlapped(&mine);
    test_overlapped(&job.ov);
    post_recv(s[0], data, &mine, NULL);
    run_to_end(receive_and_return);
    CHECK_EQ(WaitForSingleObject(job.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    check_cancelled(&job.ov);
    CHECK(!HasOverlappedIoCompleted(&mine));
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &mine, &n), 0);
    CHECK_EQ(n, 5);
    close_pair(s);
    WSACloseEvent(mine.hEvent);
    WSACloseEvent(job.ov.hEvent);
}

static HANDLE stop;

static DWORD WINAPI receive_and_stay(void *arg)
{
    receive_and_return(arg);
    CHECK_EQ(WaitForSingleObject(stop, DEADLINE_MS), WAIT_OBJECT_0);
    return 0;
}

static void finished_requests_keep_their_result(void)
{
    SOCKET s[2];
    HANDLE thread;

    REQUIRE(start_job(s));
    test_overlapped(&job.ov);
    stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    thread = CreateThread(NULL, 0, receive_and_stay, NULL, 0, NULL);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(WaitForSingleObject(job.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    SetEvent(stop);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CHECK_EQ(job.ov.Internal, 0);
    CHECK_EQ(job.ov.InternalHigh, 5);
    close_pair(s);
    CloseHandle(stop);
    WSACloseEvent(job.ov.hEvent);
}

static int accepted_bytes;

static DWORD WINAPI send_what_fits_and_return(void *arg)
{
    static char data[65536];
    u_long on = 1;
    int n;

    (void)arg;
    CHECK_EQ(ioctlsocket(job.s, FIONBIO, &on), 0);
    while ((n = send(job.s, data, sizeof data, 0)) > 0) accepted_bytes += n;
    return 0;
}

static void sends_already_accepted_arrive(void)
{
    SOCKET s[2];
    char *bite = malloc(65536);
    int got = 0, n;

    REQUIRE(bite && start_job(s));
    accepted_bytes = 0;
    run_to_end(send_what_fits_and_return);
    CHECK_EQ(closesocket(s[0]), 0);
    while ((n = recv(s[1], bite, 65536, 0)) > 0) got += n;
    CHECK_EQ(n, 0);
    CHECK_EQ(got, accepted_bytes);
    closesocket(s[1]);
    free(bite);
}

static DWORD WINAPI complete_send_and_return(void *arg)
{
    WSABUF buf = { 5, (char *)"hello" };

    (void)arg;
    CHECK(WSASend(job.s, &buf, 1, NULL, 0, &job.ov, NULL) == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(test_result(job.s, &job.ov, NULL), 0);
    return 0;
}

static void overlapped_sends_that_completed_arrive(void)
{
    SOCKET s[2];
    char data[8];

    REQUIRE(start_job(s));
    test_overlapped(&job.ov);
    run_to_end(complete_send_and_return);
    CHECK(test_recv_all(s[1], data, 5));
    CHECK_EQ(job.ov.Internal, 0);
    CHECK_EQ(job.ov.InternalHigh, 5);
    close_pair(s);
    WSACloseEvent(job.ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(request_with_event_is_cancelled_and_sets_it, "20 §13 cancelled, notified as usual [doc; impl]"),
    TEST(request_without_event_is_cancelled, "20 §13 cancelled [doc; impl]"),
    TEST(request_with_routine_is_cancelled_and_never_runs_it, "20 §13 completion-routine requests [doc]"),
    TEST(all_requests_of_the_thread_are_cancelled, "20 §13 cancelled; ExitThread [doc]"),
    TEST(threads_of_the_c_runtime_count_too, "20 §13 cancelled; _beginthreadex"),
    TEST(accept_is_cancelled_and_its_sockets_live_on, "20 §13 cancelled [doc]"),
    TEST_NOT_ON_WINE(pending_send_is_cancelled, "20 §13 cancelled [doc WSASendTo]",
                     "Wine 8 loses the request when the system call of the thread was under way"),
    TEST(requests_of_other_threads_stay, "20 §13 I/O issued by the thread"),
    TEST(finished_requests_keep_their_result, "20 §13"),
    TEST(sends_already_accepted_arrive, "20 §13 accepted bytes must reach the peer [obs]"),
    TEST(overlapped_sends_that_completed_arrive, "20 §13 accepted bytes must reach the peer [obs]"),
};

TEST_MAIN(cases)
