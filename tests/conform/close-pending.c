/* SPDX-License-Identifier: MIT */
/* close-pending.c - closesocket with requests pending: each ends, with its notification and its status. */
#include "test.h"

enum { CANCELLED = (int)0xC0000120, ABORTED = (int)0xC0000241, MIB = 1 << 20 };

static int runs;
static DWORD routine_error, routine_count;

static void CALLBACK count_run(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)ov, (void)flags;
    runs++;
    routine_error = error;
    routine_count = count;
}

static int post_recv(SOCKET s, char data[8], WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 8, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, routine) ? WSAGetLastError() : 0;
}

static void post_accept(SOCKET listener, SOCKET taker, char block[128], DWORD len, WSAOVERLAPPED *ov)
{
    CHECK(!AcceptEx(listener, taker, block, len, 32, 32, NULL, ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
}

/* The event comes within the deadline, and the request has ended with the status and no bytes. */
static void check_ended(WSAOVERLAPPED *ov, int status)
{
    DWORD n = 1;

    CHECK_EQ(WaitForSingleObject(ov->hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ((int)ov->Internal, status);
    CHECK_EQ(ov->InternalHigh, 0);
    CHECK(!GetOverlappedResult(NULL, ov, &n, FALSE));
    CHECK_EQ(GetLastError(), status == ABORTED ? ERROR_CONNECTION_ABORTED : ERROR_OPERATION_ABORTED);
    CHECK_EQ(n, 0);
}

/* The same when the status is not the matter of the case. */
static void check_over(WSAOVERLAPPED *ov)
{
    CHECK_EQ(WaitForSingleObject(ov->hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(HasOverlappedIoCompleted(ov));
    CHECK((int)ov->Internal < 0);
    CHECK_EQ(ov->InternalHigh, 0);
}

static void stream_receive_ends_as_aborted(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s[0]), 0);
    check_ended(&ov, ABORTED);
    CHECK(!WSAGetOverlappedResult(s[1], &ov, &n, FALSE, &flags)); /* any socket does for the translation */
    CHECK_EQ(WSAGetLastError(), WSAECONNABORTED);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
}

static void routine_of_a_stream_receive_tells_aborted(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    runs = 0;
    CHECK_EQ(post_recv(s[0], data, &ov, count_run), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    CHECK_EQ(routine_error, WSAECONNABORTED);
    CHECK_EQ(routine_count, 0);
    CHECK_EQ((int)ov.Internal, ABORTED);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    closesocket(s[1]);
}

static void all_pending_receives_end(void)
{
    enum { MANY = 20 };
    SOCKET s[2];
    WSAOVERLAPPED ov[MANY], bare = { 0 };
    char data[MANY + 1][8];
    int i;

    REQUIRE(test_pair(s));
    runs = 0;
    for (i = 0; i < MANY; i++) {
        test_overlapped(&ov[i]);
        CHECK_EQ(post_recv(s[0], data[i], &ov[i], NULL), WSA_IO_PENDING);
    }
    CHECK_EQ(post_recv(s[0], data[i], &bare, count_run), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s[0]), 0);
    for (i = 0; i < MANY; i++) {
        check_over(&ov[i]);
        WSACloseEvent(ov[i].hEvent);
    }
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    closesocket(s[1]);
}

static void request_without_event_ends_too(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;
    char data[8];

    REQUIRE(test_pair(s));
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s[0]), 0);
    while (!HasOverlappedIoCompleted(&ov) && GetTickCount64() < end) Sleep(1);
    CHECK((int)ov.Internal < 0);
    closesocket(s[1]);
}

static DWORD WINAPI close_elsewhere(void *arg)
{
    CHECK_EQ(closesocket(*(SOCKET *)arg), 0);
    return 0;
}

static void another_thread_may_close(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    thread = CreateThread(NULL, 0, close_elsewhere, &s[0], 0, NULL);
    check_over(&ov);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
}

static void datagram_receive_ends_as_cancelled(void)
{
    SOCKET s = test_udp(NULL);
    WSAOVERLAPPED ov;
    char data[8];

    test_overlapped(&ov);
    CHECK_EQ(post_recv(s, data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s), 0);
    check_ended(&ov, CANCELLED);
    WSACloseEvent(ov.hEvent);
}

static void datagram_receivefrom_ends_as_cancelled(void)
{
    SOCKET s = test_udp(NULL);
    struct sockaddr_in from;
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD flags = 0;
    int fromlen = sizeof from;

    runs = 0;
    CHECK_EQ(WSARecvFrom(s, &buf, 1, NULL, &flags, (struct sockaddr *)&from, &fromlen, &ov, count_run), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    CHECK_EQ(routine_error, WSA_OPERATION_ABORTED);
    CHECK_EQ(routine_count, 0);
}

static void send_ends_when_its_socket_closes(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *data = calloc(1, 8 * MIB), *bite = malloc(65536);
    WSABUF buf = { 8 * MIB, data };
    int small = 0, n;

    REQUIRE(data && bite && test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small), 0);
    CHECK_EQ(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s[0]), 0);
    do n = recv(s[1], bite, 65536, 0); /* the peer sees an end, whichever */
    while (n > 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(HasOverlappedIoCompleted(&ov));
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
    free(data);
    free(bite);
}

static void peer_of_a_closed_socket_sees_the_end(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK(test_send_all(s[0], "bye", 3)); /* a pending receive holds back neither data nor FIN */
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK(test_recv_all(s[1], data, 3));
    CHECK_EQ(recv(s[1], data, sizeof data, 0), 0);
    check_over(&ov);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
}

static void closed_socket_is_unknown_at_once(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK(!WSAGetOverlappedResult(s[0], &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(closesocket(s[0]), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
}

static void closehandle_has_the_same_effect(void)
{
    SOCKET s = test_udp(NULL);
    WSAOVERLAPPED ov;
    char data[8];

    test_overlapped(&ov);
    CHECK_EQ(post_recv(s, data, &ov, NULL), WSA_IO_PENDING);
    CHECK(CloseHandle((HANDLE)s));
    check_over(&ov);
    CHECK_EQ(post_recv(s, data, &ov, NULL), WSAENOTSOCK);
    WSACloseEvent(ov.hEvent);
}

/* ---- AcceptEx ---- */

static void accept_on_a_closed_listener_ends_as_cancelled(void)
{
    SOCKET listener = test_listener(NULL), taker[2] = { test_tcp(), test_tcp() };
    WSAOVERLAPPED ov[2];
    char block[2][128];
    int i;

    for (i = 0; i < 2; i++) {
        test_overlapped(&ov[i]);
        post_accept(listener, taker[i], block[i], i ? 8 : 0, &ov[i]);
    }
    CHECK_EQ(closesocket(listener), 0);
    for (i = 0; i < 2; i++) {
        check_ended(&ov[i], CANCELLED);
        closesocket(taker[i]);
        WSACloseEvent(ov[i].hEvent);
    }
}

static void closing_the_accept_socket_before_a_connection_cancels(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp(), taken;
    WSAOVERLAPPED ov;
    char block[128];

    test_overlapped(&ov);
    post_accept(listener, taker, block, 0, &ov);
    CHECK_EQ(closesocket(taker), 0);
    check_ended(&ov, CANCELLED);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    taken = accept(listener, NULL, NULL); /* the listener serves on */
    CHECK(taken != INVALID_SOCKET);
    closesocket(taken);
    closesocket(client);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static void closing_the_accept_socket_before_data_ends_the_request(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;
    WSAOVERLAPPED ov;
    char block[128], c;
    DWORD seconds = 0xFFFFFFFF;
    int len = sizeof seconds, error;

    test_overlapped(&ov);
    post_accept(listener, taker, block, 8, &ov);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    do { /* SO_CONNECT_TIME tells when the connection has been taken */
        CHECK_EQ(getsockopt(taker, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &len), 0);
    } while (seconds == 0xFFFFFFFF && GetTickCount64() < end && (Sleep(1), 1));
    CHECK(seconds != 0xFFFFFFFF);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK_EQ(closesocket(taker), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    error = test_result(listener, &ov, NULL);
    CHECK(error == WSA_OPERATION_ABORTED || error == WSAECONNABORTED);
    CHECK_EQ(ov.InternalHigh, 0);
    CHECK(recv(client, &c, 1, 0) <= 0);
    closesocket(client);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static void finished_accept_stays_a_success(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];
    DWORD n;

    test_overlapped(&ov);
    post_accept(listener, taker, block, 8, &ov);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(test_send_all(client, "data", 4));
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(closesocket(taker), 0);
    CHECK_EQ(test_result(listener, &ov, &n), 0);
    CHECK_EQ(n, 4);
    closesocket(client);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST_WINE_DIFFERS(stream_receive_ends_as_aborted, "20 §12 CONNECTION_ABORTED [obs]",
                      "Wine 8 ends it with STATUS_HANDLES_CLOSED"),
    TEST_WINE_DIFFERS(routine_of_a_stream_receive_tells_aborted, "20 §12 10053 by Winsock [obs]",
                      "Wine 8 ends it with STATUS_HANDLES_CLOSED"),
    TEST(all_pending_receives_end, "20 §12 every pending request completes [obs]"),
    TEST(request_without_event_ends_too, "20 §12 every pending request completes [obs]"),
    TEST(another_thread_may_close, "20 §12 every pending request completes [doc closesocket]"),
    TEST_WINE_DIFFERS(datagram_receive_ends_as_cancelled, "20 §12 UDP receive [obs]",
                      "Wine 8 ends it with STATUS_HANDLES_CLOSED"),
    TEST_WINE_DIFFERS(datagram_receivefrom_ends_as_cancelled, "20 §12 UDP receive [obs]",
                      "Wine 8 ends it with STATUS_HANDLES_CLOSED"),
    TEST(send_ends_when_its_socket_closes, "20 §12 every pending request completes [doc closesocket]"),
    TEST(peer_of_a_closed_socket_sees_the_end, "20 §12; 30 graceful close"),
    TEST(closed_socket_is_unknown_at_once, "20 §12 the SOCKET value [doc closesocket]"),
    TEST(closehandle_has_the_same_effect, "20 §12 CloseHandle(socket) [obs]"),
    TEST(accept_on_a_closed_listener_ends_as_cancelled, "20 §12 closed listener [obs]"),
    TEST(closing_the_accept_socket_before_a_connection_cancels, "20 §12 accept socket: no connection yet [obs]"),
    TEST(closing_the_accept_socket_before_data_ends_the_request, "20 §12 accept socket: waiting for data [obs]"),
    TEST(finished_accept_stays_a_success, "20 §12 accept socket: already completed [obs]"),
};

TEST_MAIN(cases)
