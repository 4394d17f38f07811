/* SPDX-License-Identifier: MIT */
/*
 * overlapped-outcomes.c - issuing an overlapped request has three outcomes
 * (done, pending, refused), and each has its rules for what is written and
 * what is notified.
 */
#include "test.h"

enum { UNTOUCHED = 0xdead, FLAGS_UNTOUCHED = 0x5555 };

static int runs; /* times that a routine ran; only the test's own thread */
static DWORD routine_error, routine_count, routine_flags;

static void CALLBACK count_run(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)ov;
    runs++;
    routine_error = error;
    routine_count = count;
    routine_flags = flags;
}

static void await_data(SOCKET s)
{
    char data[64];

    CHECK(recv(s, data, sizeof data, MSG_PEEK) > 0);
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* WSARecv of up to 8 bytes; 0, WSA_IO_PENDING or the error. */
static int issue_recv(SOCKET s, char data[8], DWORD *n, DWORD *flags, WSAOVERLAPPED *ov,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 8, data };

    return WSARecv(s, &buf, 1, n, flags, ov, routine) ? WSAGetLastError() : 0;
}

static int issue_send(SOCKET s, DWORD *n, WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 5, (char *)"hello" };

    return WSASend(s, &buf, 1, n, 0, ov, routine) ? WSAGetLastError() : 0;
}

/* ---- done at once ---- */

static void done_at_once_writes_count_and_flags(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags;
    int at_once = 0, rc, i;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    for (i = 0; i < 20; i++) {
        n = UNTOUCHED;
        rc = issue_send(s[1], &n, &ov, NULL);
        CHECK(rc == 0 || rc == WSA_IO_PENDING);
        CHECK_EQ(n, rc ? UNTOUCHED : 5);
        CHECK_EQ(test_result(s[1], &ov, NULL), 0);

        await_data(s[0]);
        n = UNTOUCHED;
        flags = 0;
        rc = issue_recv(s[0], data, &n, &flags, &ov, NULL);
        CHECK(rc == 0 || rc == WSA_IO_PENDING);
        CHECK_EQ(n, rc ? UNTOUCHED : 5);
        CHECK_EQ(flags, 0);
        CHECK_EQ(test_result(s[0], &ov, NULL), 0);
        at_once += rc == 0;
    }
    CHECK(at_once > 0); /* which of the two is not promised for one request, but 0 is usual */
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void done_at_once_sets_the_event(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    issue_send(s[1], NULL, &ov, NULL);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(s[1], &ov, NULL), 0);
    await_data(s[0]);
    issue_recv(s[0], data, NULL, &flags, &ov, NULL);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void done_at_once_queues_the_routine(void)
{
    SOCKET s[2];
    WSAOVERLAPPED in = { 0 }, out = { 0 };
    char data[8];
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    runs = 0;
    issue_send(s[1], NULL, &out, count_run);
    CHECK_EQ(runs, 0); /* never inside the issuing call */
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    CHECK_EQ(routine_error, 0);
    CHECK_EQ(routine_count, 5);

    await_data(s[0]);
    issue_recv(s[0], data, NULL, &flags, &in, count_run);
    CHECK_EQ(runs, 1);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 2);
    CHECK_EQ(routine_error, 0);
    CHECK_EQ(routine_count, 5);
    CHECK_EQ(routine_flags, 0);
    close_pair(s);
}

static void success_sets_last_error_to_zero(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    WSASetLastError(UNTOUCHED);
    CHECK_EQ(issue_send(s[1], &n, NULL, NULL), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    await_data(s[0]);
    WSASetLastError(UNTOUCHED);
    CHECK_EQ(issue_recv(s[0], data, &n, &flags, NULL, NULL), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    WSASetLastError(UNTOUCHED);
    if (issue_send(s[1], NULL, &ov, NULL) == 0) CHECK_EQ(WSAGetLastError(), 0);
    CHECK_EQ(test_result(s[1], &ov, NULL), 0);
    await_data(s[0]);
    WSASetLastError(UNTOUCHED);
    if (issue_recv(s[0], data, NULL, &flags, &ov, NULL) == 0) CHECK_EQ(WSAGetLastError(), 0);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

/* ---- pending ---- */

static void pending_leaves_the_count(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n = UNTOUCHED, flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(issue_recv(s[0], data, &n, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(n, UNTOUCHED);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(n, UNTOUCHED);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void pending_never_writes_the_flags(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(issue_recv(s[0], data, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    flags = FLAGS_UNTOUCHED; /* read at issue only: the variable is the program's again */
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(flags, FLAGS_UNTOUCHED);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void pending_accept_leaves_the_count(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];
    DWORD n = UNTOUCHED;

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taker, block, 8, 32, 32, &n, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(test_send_all(client, "hello", 5));
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    CHECK_EQ(ov.InternalHigh, 5);
    CHECK_EQ(n, UNTOUCHED);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static void pending_sets_the_event_once(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    ov.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(issue_recv(s[0], data, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(test_send_all(s[1], "again", 5)); /* nobody asked for this one */
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    close_pair(s);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CloseHandle(ov.hEvent);
}

static void pending_runs_the_routine_once(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    runs = 0;
    CHECK_EQ(issue_recv(s[0], data, NULL, &flags, &ov, count_run), WSA_IO_PENDING);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(runs, 0);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    CHECK(test_send_all(s[1], "again", 5));
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    close_pair(s);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    CHECK_EQ(runs, 1);
}

static void accept_always_pends(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];

    test_overlapped(&ov);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov)); /* although the connection waits */
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

/* ---- refused ---- */

/* A receive on s is refused with the error: no event, no routine, count untouched. */
static void check_recv_refused(SOCKET s, int error)
{
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n = UNTOUCHED, flags = 0;

    test_overlapped(&ov);
    runs = 0;
    CHECK_EQ(issue_recv(s, data, &n, &flags, &ov, NULL), error);
    CHECK_EQ(issue_recv(s, data, &n, &flags, &ov, count_run), error);
    CHECK_EQ(n, UNTOUCHED);
    CHECK_EQ(WaitForSingleObjectEx(ov.hEvent, QUIET_MS, TRUE), WAIT_TIMEOUT);
    while (SleepEx(0, TRUE) == WAIT_IO_COMPLETION) continue; /* leave nothing to the next case */
    CHECK_EQ(runs, 0);
    WSACloseEvent(ov.hEvent);
}

static void check_send_refused(SOCKET s, int error)
{
    WSAOVERLAPPED ov;
    DWORD n = UNTOUCHED;

    test_overlapped(&ov);
    runs = 0;
    CHECK_EQ(issue_send(s, &n, &ov, NULL), error);
    CHECK_EQ(issue_send(s, &n, &ov, count_run), error);
    CHECK_EQ(n, UNTOUCHED);
    CHECK_EQ(WaitForSingleObjectEx(ov.hEvent, QUIET_MS, TRUE), WAIT_TIMEOUT);
    while (SleepEx(0, TRUE) == WAIT_IO_COMPLETION) continue; /* leave nothing to the next case */
    CHECK_EQ(runs, 0);
    WSACloseEvent(ov.hEvent);
}

static void receive_on_an_unconnected_socket_is_refused(void)
{
    SOCKET s = test_tcp();

    check_recv_refused(s, WSAENOTCONN);
    closesocket(s);
}

static void send_on_an_unconnected_socket_is_refused(void)
{
    SOCKET s = test_tcp();

    check_send_refused(s, WSAENOTCONN);
    closesocket(s);
}

static void shut_down_socket_refuses(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[0], SD_RECEIVE), 0);
    check_recv_refused(s[0], WSAESHUTDOWN);
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    check_send_refused(s[0], WSAESHUTDOWN);
    close_pair(s);
}

static void refused_request_cannot_be_cancelled(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    DWORD flags = 0;

    CHECK_EQ(issue_recv(s, data, NULL, &flags, &ov, NULL), WSAENOTCONN);
    CHECK_EQ(CancelIoEx((HANDLE)s, &ov), FALSE);
    CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
    closesocket(s);
}

/* Resets the connection of s[0] and returns when a pending receive has seen it. */
static void see_reset(SOCKET s[2])
{
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n = UNTOUCHED, flags = 0;

    test_overlapped(&ov);
    CHECK_EQ(issue_recv(s[0], data, &n, &flags, &ov, NULL), WSA_IO_PENDING);
    test_reset(s[1]);
    CHECK_EQ(test_result(s[0], &ov, NULL), WSAECONNRESET);
    CHECK_EQ(n, UNTOUCHED);
    WSACloseEvent(ov.hEvent);
}

static void reset_met_later_completes_and_then_sends_are_refused(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    see_reset(s);
    check_send_refused(s[0], WSAECONNRESET);
    closesocket(s[0]);
}

static void receives_after_a_known_reset_are_refused(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    see_reset(s);
    check_recv_refused(s[0], WSAECONNRESET);
    closesocket(s[0]);
}

static void bad_socket_refuses(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n = UNTOUCHED, flags = 0;

    closesocket(s);
    test_overlapped(&ov);
    CHECK_EQ(issue_recv(s, data, &n, &flags, &ov, NULL), WSAENOTSOCK);
    CHECK_EQ(issue_send(s, &n, &ov, NULL), WSAENOTSOCK);
    CHECK_EQ(issue_recv(INVALID_SOCKET, data, &n, &flags, &ov, NULL), WSAENOTSOCK);
    CHECK_EQ(issue_recv((SOCKET)ov.hEvent, data, &n, &flags, &ov, NULL), WSAENOTSOCK);
    CHECK_EQ(n, UNTOUCHED);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
}

/* ---- a warning is a completion ---- */

static void truncated_datagram_is_a_completion(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n = UNTOUCHED, flags = 0;

    test_overlapped(&ov);
    CHECK_EQ(issue_recv(s, data, &n, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(sendto(s, "0123456789", 10, 0, (struct sockaddr *)&addr, sizeof addr), 10);
    CHECK_EQ(test_result(s, &ov, &n), WSAEMSGSIZE);
    CHECK_EQ(n, 8);
    CHECK_EQ((ULONG)ov.Internal, 0x80000005);
    CHECK(!memcmp(data, "01234567", 8));
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

static void truncated_datagram_that_waits_pends_and_is_notified(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags = 0;

    test_overlapped(&ov);
    CHECK_EQ(sendto(s, "0123456789", 10, 0, (struct sockaddr *)&addr, sizeof addr), 10);
    await_data(s);
    CHECK_EQ(issue_recv(s, data, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(s, &ov, &n), WSAEMSGSIZE);
    CHECK_EQ(n, 8);

    runs = 0;
    CHECK_EQ(sendto(s, "0123456789", 10, 0, (struct sockaddr *)&addr, sizeof addr), 10);
    await_data(s);
    flags = 0;
    CHECK_EQ(issue_recv(s, data, NULL, &flags, &ov, count_run), WSA_IO_PENDING);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    CHECK_EQ(routine_error, WSAEMSGSIZE);
    CHECK_EQ(routine_count, 8);
    CHECK_EQ(routine_flags, 0);
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

/* ---- count pointers and blocking mode ---- */

static void send_without_count_needs_an_overlapped(void)
{
    struct sockaddr_in addr;
    SOCKET s[2], u = test_udp(&addr);
    WSAOVERLAPPED ov;
    WSABUF buf = { 5, (char *)"hello" };
    char data[8];
    u_long on = 1;

    REQUIRE(test_pair(s));
    CHECK_EQ(issue_send(s[0], NULL, NULL, NULL), WSAEFAULT);
    CHECK_EQ(WSASendTo(u, &buf, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(ioctlsocket(s[1], FIONBIO, &on), 0);
    CHECK_EQ(recv(s[1], data, sizeof data, 0), -1); /* nothing was sent */
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);

    test_overlapped(&ov);
    issue_send(s[0], NULL, &ov, NULL);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    closesocket(u);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void receive_without_count_needs_an_overlapped(void)
{
    struct sockaddr_in addr;
    SOCKET s[2], u = test_udp(&addr);
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD flags = 0;
    u_long on = 1;

    REQUIRE(test_pair(s));
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &on), 0);
    CHECK_EQ(ioctlsocket(u, FIONBIO, &on), 0);
    CHECK_EQ(issue_recv(s[0], data, NULL, &flags, NULL, NULL), WSAEFAULT);
    CHECK_EQ(WSARecvFrom(u, &buf, 1, NULL, &flags, NULL, NULL, NULL, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    closesocket(u);
    close_pair(s);
}

static void ioctl_needs_its_count_even_with_an_overlapped(void)
{
    SOCKET s = test_tcp();
    GUID guid = WSAID_ACCEPTEX;
    WSAOVERLAPPED ov;
    void *function = NULL;

    test_overlapped(&ov);
    CHECK_EQ(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &function, sizeof function, NULL, NULL,
                      NULL),
             SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &function, sizeof function, NULL, &ov,
                      NULL),
             SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

static void check_pends_in_mode(u_long nonblocking)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags = 0;

    if (!CHECK(test_pair(s))) return;
    test_overlapped(&ov);
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &nonblocking), 0);
    CHECK_EQ(issue_recv(s[0], data, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 5);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void receives_pend_in_either_blocking_mode(void)
{
    check_pends_in_mode(0);
    check_pends_in_mode(1);
}

static void accepts_pend_on_a_nonblocking_listener(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];
    u_long on = 1;

    test_overlapped(&ov);
    CHECK_EQ(ioctlsocket(listener, FIONBIO, &on), 0);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

/* Sends 1 MiB at a time until one pends; returns how many were issued. */
static int send_until_pending(SOCKET s, char *block, WSAOVERLAPPED *ov)
{
    WSABUF buf = { 1 << 20, block };
    int i;

    for (i = 1; i <= 64; i++) {
        if (!WSASend(s, &buf, 1, NULL, 0, ov, NULL)) continue;
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        return i;
    }
    CHECK(!"a send must pend at last");
    return i - 1;
}

static void sends_pend_on_a_nonblocking_socket_with_full_buffers(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *block = calloc(1, 1 << 20), *back = malloc(1 << 20);
    u_long on = 1;
    int small = 0, sends;
    DWORD n;

    REQUIRE(block && back && test_pair(s));
    test_overlapped(&ov);
    setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small);
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &on), 0);
    sends = send_until_pending(s[0], block, &ov);
    CHECK(!HasOverlappedIoCompleted(&ov));
    while (sends--) CHECK(test_recv_all(s[1], back, 1 << 20));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 1 << 20);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(block);
    free(back);
}

static const struct test_case cases[] = {
    TEST(done_at_once_writes_count_and_flags, "20 §2 done at once [doc WSARecv, WSASend; obs]"),
    TEST(done_at_once_sets_the_event, "20 §2 done at once is notified [doc]"),
    TEST(done_at_once_queues_the_routine, "20 §2 done at once is notified [doc]"),
    TEST(success_sets_last_error_to_zero, "20 §2 success sets last error 0 [obs]"),
    TEST(pending_leaves_the_count, "20 §2 pending [doc]"),
    TEST(pending_never_writes_the_flags, "20 §2 pending [doc]; 40 lpFlags"),
    TEST_WINE_DIFFERS(pending_accept_leaves_the_count, "20 §2 pending, BOOL calls [doc]",
                      "Wine 8 stores 0 through lpdwBytesReceived at issue"),
    TEST(pending_sets_the_event_once, "20 §2 notified once [doc]"),
    TEST(pending_runs_the_routine_once, "20 §2 notified once [doc]"),
    TEST(accept_always_pends, "20 §2 seen always pending [obs]"),
    TEST(receive_on_an_unconnected_socket_is_refused, "20 §2 refused [obs]"),
    TEST_WINE_DIFFERS(send_on_an_unconnected_socket_is_refused, "20 §2 refused; 40 [obs]",
                      "Wine 8 maps the EPIPE of Linux to WSAECONNRESET"),
    TEST(shut_down_socket_refuses, "20 §2 refused [obs]"),
    TEST(refused_request_cannot_be_cancelled, "20 §2 refused; §11 ERROR_NOT_FOUND"),
    TEST(reset_met_later_completes_and_then_sends_are_refused, "20 §2 errors known at issue and met later [obs]"),
    TEST_WINE_DIFFERS(receives_after_a_known_reset_are_refused, "20 §2 errors known at issue [obs]; 40",
                      "Wine 8 forgets a reset that it has reported and receives 0 bytes"),
    TEST(bad_socket_refuses, "20 §2 refused [doc]"),
    TEST(truncated_datagram_is_a_completion, "20 §2 a warning is a completion [obs]"),
    TEST_WINE_DIFFERS(truncated_datagram_that_waits_pends_and_is_notified, "20 §2 a warning is a completion; 40 [obs]",
                      "Wine 8 returns WSAEMSGSIZE at once"),
    TEST(send_without_count_needs_an_overlapped, "20 §2 NULL count [doc; obs]"),
    TEST_WINE_DIFFERS(receive_without_count_needs_an_overlapped, "20 §2 NULL count [doc; obs]",
                      "Wine 8 receives without a count"),
    TEST(ioctl_needs_its_count_even_with_an_overlapped, "20 §2 NULL count of WSAIoctl [doc; obs]"),
    TEST(receives_pend_in_either_blocking_mode, "20 §2 blocking mode is irrelevant [doc; obs]"),
    TEST(accepts_pend_on_a_nonblocking_listener, "20 §2 blocking mode is irrelevant; 30"),
    TEST(sends_pend_on_a_nonblocking_socket_with_full_buffers, "20 §2 blocking mode is irrelevant [doc; obs]"),
};

TEST_MAIN(cases)
