/* SPDX-License-Identifier: MIT */
/*
 * cleanup-pending.c - the last WSACleanup with sockets open and requests
 * pending, and calls before a WSAStartup.  Each case ends started as it began.
 */
#include "test.h"

enum { CANCELLED = (int)0xC0000120, UNTOUCHED = 0xdead };

/* WSACleanup down to zero. */
static void stop_winsock(void)
{
    int n = 0;

    while (WSACleanup() == 0 && n < 100) n++;
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK(n > 0);
}

static void start_winsock(void)
{
    WSADATA data;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static int runs;

static void CALLBACK count_run(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)ov, (void)flags;
    runs++;
}

static int post_recv(SOCKET s, char data[8], WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 8, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, routine) ? WSAGetLastError() : 0;
}

static int becomes_final(const WSAOVERLAPPED *ov)
{
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;

    while (!HasOverlappedIoCompleted(ov) && GetTickCount64() < end) Sleep(1);
    return HasOverlappedIoCompleted(ov);
}

/* ---- pending requests ---- */

static void pending_requests_fail_without_notification(void)
{
    static WSAOVERLAPPED by_event, by_routine, by_none; /* static: they may end when this function is long over */
    static char data[3][8];
    SOCKET s[2];

    REQUIRE(test_pair(s));
    runs = 0;
    test_overlapped(&by_event);
    memset(&by_routine, 0, sizeof by_routine);
    memset(&by_none, 0, sizeof by_none);
    CHECK_EQ(post_recv(s[0], data[0], &by_event, NULL), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], data[1], &by_routine, count_run), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], data[2], &by_none, NULL), WSA_IO_PENDING);
    stop_winsock();
    CHECK(becomes_final(&by_event));
    CHECK(becomes_final(&by_routine));
    CHECK(becomes_final(&by_none));
    CHECK_EQ((int)by_event.Internal, CANCELLED);
    CHECK_EQ((int)by_routine.Internal, CANCELLED);
    CHECK_EQ((int)by_none.Internal, CANCELLED);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    CHECK_EQ(runs, 0);
    CHECK_EQ(WaitForSingleObject(by_event.hEvent, 0), WAIT_TIMEOUT);
    start_winsock();
    CHECK(CloseHandle(by_event.hEvent));
}

static DWORD WINAPI issue_and_wait(void *arg)
{
    static WSAOVERLAPPED ov;
    static char data[8];
    HANDLE *step = arg;

    memset(&ov, 0, sizeof ov);
    CHECK_EQ(post_recv((SOCKET)step[2], data, &ov, count_run), WSA_IO_PENDING);
    SetEvent(step[0]);
    CHECK_EQ(WaitForSingleObject(step[1], DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(becomes_final(&ov));
    CHECK_EQ((int)ov.Internal, CANCELLED);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    return 0;
}

static void requests_of_all_threads_fail(void)
{
    SOCKET s = test_udp(NULL);
    HANDLE step[3] = { CreateEventW(NULL, TRUE, FALSE, NULL), CreateEventW(NULL, TRUE, FALSE, NULL), (HANDLE)s };
    HANDLE thread = CreateThread(NULL, 0, issue_and_wait, step, 0, NULL);

    runs = 0;
    CHECK_EQ(WaitForSingleObject(step[0], DEADLINE_MS), WAIT_OBJECT_0);
    stop_winsock();
    SetEvent(step[1]);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(runs, 0);
    start_winsock();
    CloseHandle(thread);
    CloseHandle(step[0]);
    CloseHandle(step[1]);
}

static DWORD WINAPI receive_blocking(void *arg)
{
    HANDLE *step = arg;
    char data[8];

    SetEvent(step[0]);
    CHECK_EQ(recv((SOCKET)step[2], data, sizeof data, 0), SOCKET_ERROR);
    return 0;
}

static void blocking_calls_end(void)
{
    SOCKET s = test_udp(NULL);
    HANDLE step[3] = { CreateEventW(NULL, TRUE, FALSE, NULL), NULL, (HANDLE)s };
    HANDLE thread = CreateThread(NULL, 0, receive_blocking, step, 0, NULL);

    CHECK_EQ(WaitForSingleObject(step[0], DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT); /* in its call by now; if not, the call fails */
    stop_winsock();
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    start_winsock();
    CloseHandle(thread);
    CloseHandle(step[0]);
}

static void only_the_last_cleanup_acts(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    start_winsock();
    CHECK_EQ(WSACleanup(), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    closesocket(s[0]);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
}

static void sockets_are_closed_for_good(void)
{
    struct sockaddr_in addr;
    SOCKET s[2], listener = test_listener(&addr);
    char data[8];

    REQUIRE(test_pair(s));
    stop_winsock();
    start_winsock();
    CHECK_EQ(recv(s[0], data, sizeof data, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(closesocket(s[1]), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    s[0] = test_tcp();
    CHECK_EQ(connect(s[0], (struct sockaddr *)&addr, sizeof addr), SOCKET_ERROR); /* nobody listens any more */
    CHECK_EQ(WSAGetLastError(), WSAECONNREFUSED);
    closesocket(s[0]);
    (void)listener;
}

static void everything_works_after_a_new_start(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    int i;

    for (i = 0; i < 3; i++) {
        stop_winsock();
        start_winsock();
        REQUIRE(test_pair(s));
        test_overlapped(&ov);
        CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
        CHECK(test_send_all(s[1], "hello", 5));
        CHECK_EQ(test_result(s[0], &ov, NULL), 0);
        closesocket(s[0]);
        closesocket(s[1]);
        WSACloseEvent(ov.hEvent);
    }
}

/* ---- calls without a start ---- */

static void calls_without_a_start_are_refused(void)
{
    SOCKET s = test_udp(NULL);
    WSAOVERLAPPED ov = { 0 };
    char data[8], block[128];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = 0;

    stop_winsock();
    ov.Internal = UNTOUCHED;
    CHECK_EQ(post_recv(s, data, &ov, NULL), WSANOTINITIALISED);
    CHECK_EQ(WSASend(s, &buf, 1, NULL, 0, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(WSARecvFrom(s, &buf, 1, NULL, &flags, NULL, NULL, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(WSASendTo(s, &buf, 1, NULL, 0, NULL, 0, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK(!AcceptEx(s, s, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(closesocket(s), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK(!WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    start_winsock();
}

static void sockets_are_not_made_without_a_start(void)
{
    stop_winsock();
    CHECK(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    start_winsock();
}

static void win32_results_need_no_start(void)
{
    WSAOVERLAPPED ov = { 0 };
    DWORD n = 0;

    stop_winsock();
    ov.InternalHigh = 7;
    CHECK(GetOverlappedResult(NULL, &ov, &n, FALSE));
    CHECK_EQ(n, 7);
    start_winsock();
}

static const struct test_case cases[] = {
    TEST_WINE_DIFFERS(pending_requests_fail_without_notification, "20 §14 no event, no routine [doc WSACleanup]",
                      "Wine 8 closes the sockets only, which notifies"),
    TEST_WINE_DIFFERS(requests_of_all_threads_fail, "20 §14 all threads [doc WSACleanup]",
                      "Wine 8 closes the sockets only, which notifies"),
    TEST(blocking_calls_end, "20 §14 blocking calls are cancelled [doc WSACleanup]"),
    TEST(only_the_last_cleanup_acts, "20 §14 count 0 [doc WSACleanup]"),
    TEST(sockets_are_closed_for_good, "20 §14 open sockets are closed; 10 [obs]"),
    TEST(everything_works_after_a_new_start, "20 §14; 10"),
    TEST_WINE_DIFFERS(calls_without_a_start_are_refused, "20 §14 WSANOTINITIALISED",
                      "Wine 8 does not look: it knows no such socket"),
    TEST(sockets_are_not_made_without_a_start, "20 §14 WSANOTINITIALISED; 10"),
    TEST(win32_results_need_no_start, "20 §14 GetOverlappedResult needs no WSAStartup"),
};

TEST_MAIN(cases)
