/* SPDX-License-Identifier: MIT */
/*
 * overlapped-mechanisms.c - which mechanism tells of a completion: nothing
 * for synchronous calls, the socket, the event, or the routine; sockets
 * without overlap; the low bit of hEvent.
 */
#include "test.h"

static int runs;
static WSAOVERLAPPED *routine_ov;

static void CALLBACK count_run(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)flags;
    runs++;
    routine_ov = ov;
}

static int issue_recv(SOCKET s, char data[8], WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 8, data };
    DWORD n = 0, flags = 0;

    return WSARecv(s, &buf, 1, &n, &flags, ov, routine) ? WSAGetLastError() : 0;
}

static int issue_send(SOCKET s, WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 5, (char *)"hello" };
    DWORD n = 0;

    return WSASend(s, &buf, 1, &n, 0, ov, routine) ? WSAGetLastError() : 0;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void set_nonblocking(SOCKET s)
{
    u_long on = 1;

    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
}

static void set_timeout(SOCKET s, int option, DWORD ms)
{
    CHECK_EQ(setsockopt(s, SOL_SOCKET, option, (char *)&ms, sizeof ms), 0);
}

/* ---- no OVERLAPPED: a synchronous call ---- */

static void without_overlapped_the_blocking_mode_counts(void)
{
    SOCKET s[2];
    char data[8];

    REQUIRE(test_pair(s));
    set_nonblocking(s[0]);
    CHECK_EQ(issue_recv(s[0], data, NULL, NULL), WSAEWOULDBLOCK);
    close_pair(s);
}

static void without_overlapped_the_receive_timeout_counts(void)
{
    SOCKET s[2];
    char data[8];

    REQUIRE(test_pair(s));
    set_timeout(s[0], SO_RCVTIMEO, QUIET_MS);
    CHECK_EQ(issue_recv(s[0], data, NULL, NULL), WSAETIMEDOUT);
    close_pair(s);
}

static void without_overlapped_the_send_timeout_counts(void)
{
    SOCKET s[2];
    char *block = calloc(1, 1 << 20);
    WSABUF buf = { 1 << 20, block };
    DWORD n;
    int i, rc = 0;

    REQUIRE(block && test_pair(s));
    set_timeout(s[0], SO_SNDTIMEO, QUIET_MS);
    for (i = 0; i < 64 && rc == 0; i++) rc = WSASend(s[0], &buf, 1, &n, 0, NULL, NULL);
    CHECK_EQ(rc, SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAETIMEDOUT);
    close_pair(s);
    free(block);
}

static void without_overlapped_the_routine_is_ignored(void)
{
    SOCKET s[2];
    char data[8];

    REQUIRE(test_pair(s));
    runs = 0;
    CHECK_EQ(issue_send(s[1], NULL, count_run), 0);
    CHECK_EQ(issue_recv(s[0], data, NULL, count_run), 0); /* waits for the data */
    CHECK(!memcmp(data, "hello", 5));
    set_nonblocking(s[0]);
    CHECK_EQ(issue_recv(s[0], data, NULL, count_run), WSAEWOULDBLOCK);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    CHECK_EQ(runs, 0);
    close_pair(s);
}

/* ---- event, socket, routine ---- */

static void with_an_event_the_event_is_signalled(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(issue_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(issue_send(s[1], NULL, NULL), 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &ov.hEvent, TRUE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void without_an_event_the_socket_is_signalled(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    CHECK_EQ(issue_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(issue_send(s[1], NULL, NULL), 0);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    close_pair(s);
}

/* With a routine the event is the application's own: it keeps the state that it has. */
static void check_routine_leaves_event(BOOL signalled)
{
    SOCKET s[2];
    WSAOVERLAPPED in, out;
    char data[8];
    DWORD state = signalled ? WAIT_OBJECT_0 : WAIT_TIMEOUT;

    if (!CHECK(test_pair(s))) return;
    test_overlapped(&in);
    test_overlapped(&out);
    if (signalled) WSASetEvent(in.hEvent), WSASetEvent(out.hEvent);
    runs = 0;
    CHECK_EQ(issue_recv(s[0], data, &in, count_run), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(in.hEvent, 0), state);
    CHECK_EQ(issue_send(s[1], &out, count_run), 0);
    CHECK_EQ(WaitForSingleObject(out.hEvent, 0), state);
    while (runs < 2) REQUIRE(SleepEx(DEADLINE_MS, TRUE) == WAIT_IO_COMPLETION);
    CHECK_EQ(WaitForSingleObject(in.hEvent, 0), state);
    CHECK_EQ(WaitForSingleObject(out.hEvent, 0), state);
    close_pair(s);
    WSACloseEvent(in.hEvent);
    WSACloseEvent(out.hEvent);
}

static void routine_does_not_set_the_event(void)
{
    check_routine_leaves_event(FALSE);
}

static void routine_does_not_reset_the_event(void)
{
    check_routine_leaves_event(TRUE);
}

static void with_a_routine_the_event_member_may_hold_anything(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    runs = 0;
    ov.hEvent = (HANDLE)(ULONG_PTR)0xfedcba9876543210;
    CHECK_EQ(issue_recv(s[0], data, &ov, count_run), WSA_IO_PENDING);
    CHECK_EQ(issue_send(s[1], NULL, NULL), 0);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    CHECK(routine_ov == &ov);
    CHECK(ov.hEvent == (HANDLE)(ULONG_PTR)0xfedcba9876543210);
    close_pair(s);
}

/* ---- sockets without WSA_FLAG_OVERLAPPED ---- */

static DWORD WINAPI send_when_told(void *arg)
{
    SOCKET *s = arg;

    Sleep(QUIET_MS); /* gives the receive the chance to return too early; either order is right */
    CHECK_EQ(send(s[1], "hello", 5, 0), 5);
    return 0;
}

/* Two connected sockets of which s[0] has no overlap. */
static int plain_pair(SOCKET s[2])
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr);
    int ok;

    s[0] = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0);
    s[1] = INVALID_SOCKET;
    ok = CHECK(s[0] != INVALID_SOCKET) && CHECK_EQ(connect(s[0], (struct sockaddr *)&addr, sizeof addr), 0);
    if (ok) s[1] = accept(listener, NULL, NULL);
    closesocket(listener);
    return ok && CHECK(s[1] != INVALID_SOCKET);
}

static void check_plain_socket_blocks(BOOL nonblocking)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    HANDLE thread;
    DWORD n = 0;

    if (!CHECK(plain_pair(s))) return;
    if (nonblocking) set_nonblocking(s[0]);
    thread = CreateThread(NULL, 0, send_when_told, s, 0, NULL);
    CHECK_EQ(issue_recv(s[0], data, &ov, NULL), 0);
    CHECK(!memcmp(data, "hello", 5));
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 5);
    CHECK(GetOverlappedResult((HANDLE)s[0], &ov, &n, FALSE));
    CHECK_EQ(n, 5);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    close_pair(s);
}

static void overlapped_on_a_plain_socket_blocks_and_holds_the_result(void)
{
    check_plain_socket_blocks(FALSE);
}

static void overlapped_on_a_plain_nonblocking_socket_blocks_too(void)
{
    check_plain_socket_blocks(TRUE);
}

static void plain_socket_without_overlapped_obeys_its_mode(void)
{
    SOCKET s[2];
    char data[8];

    REQUIRE(plain_pair(s));
    set_nonblocking(s[0]);
    CHECK_EQ(issue_recv(s[0], data, NULL, NULL), WSAEWOULDBLOCK);
    close_pair(s);
}

/* ---- time-outs ---- */

static void receive_timeout_never_ends_an_overlapped_receive(void)
{
    struct sockaddr_in addr;
    SOCKET s[2], u = test_udp(&addr);
    WSAOVERLAPPED stream, datagram;
    char data[8], dgram[8];
    HANDLE both[2];

    REQUIRE(test_pair(s));
    test_overlapped(&stream);
    test_overlapped(&datagram);
    set_timeout(s[0], SO_RCVTIMEO, 1);
    set_timeout(u, SO_RCVTIMEO, 1);
    CHECK_EQ(issue_recv(s[0], data, &stream, NULL), WSA_IO_PENDING);
    CHECK_EQ(issue_recv(u, dgram, &datagram, NULL), WSA_IO_PENDING);
    both[0] = stream.hEvent;
    both[1] = datagram.hEvent;
    CHECK_EQ(WaitForMultipleObjects(2, both, FALSE, 2 * QUIET_MS), WAIT_TIMEOUT);
    CHECK(!HasOverlappedIoCompleted(&stream));
    CHECK(!HasOverlappedIoCompleted(&datagram));
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(sendto(u, "hello", 5, 0, (struct sockaddr *)&addr, sizeof addr), 5);
    CHECK_EQ(test_result(s[0], &stream, NULL), 0);
    CHECK_EQ(test_result(u, &datagram, NULL), 0);
    closesocket(u);
    close_pair(s);
    WSACloseEvent(stream.hEvent);
    WSACloseEvent(datagram.hEvent);
}

static void send_timeout_never_ends_an_overlapped_send(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *block = calloc(1, 1 << 20), *back = malloc(1 << 20);
    WSABUF buf = { 1 << 20, block };
    int sends = 0;
    DWORD n;

    REQUIRE(block && back && test_pair(s));
    test_overlapped(&ov);
    set_timeout(s[0], SO_SNDTIMEO, 1);
    do sends++;
    while (WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL) == 0 && sends < 64);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 2 * QUIET_MS), WAIT_TIMEOUT);
    while (sends--) CHECK(test_recv_all(s[1], back, 1 << 20));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 1 << 20);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(block);
    free(back);
}

/* ---- the low bit of hEvent ---- */

static HANDLE tagged(HANDLE event)
{
    return (HANDLE)((ULONG_PTR)event | 1);
}

static void tagged_event_is_signalled(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE event;
    char data[8];
    DWORD n = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    event = ov.hEvent;
    ov.hEvent = tagged(event);
    WSASetEvent(event);
    CHECK_EQ(issue_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT); /* reset at issue as any other */
    CHECK_EQ(issue_send(s[1], NULL, NULL), 0);
    CHECK_EQ(WaitForSingleObject(event, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(GetOverlappedResult((HANDLE)s[0], &ov, &n, TRUE));
    CHECK_EQ(n, 5);
    CHECK(ov.hEvent == tagged(event));
    close_pair(s);
    WSACloseEvent(event);
}

static void results_wait_on_a_tagged_event(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE event, thread;
    char data[8];
    DWORD n = 0, flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    event = ov.hEvent;
    ov.hEvent = tagged(event);
    CHECK_EQ(issue_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    thread = CreateThread(NULL, 0, send_when_told, s, 0, NULL);
    CHECK(GetOverlappedResult((HANDLE)s[0], &ov, &n, TRUE));
    CHECK_EQ(n, 5);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);

    n = 0;
    CHECK_EQ(issue_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    thread = CreateThread(NULL, 0, send_when_told, s, 0, NULL);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, 5);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    close_pair(s);
    WSACloseEvent(event);
}

static void waits_and_event_calls_accept_a_tagged_handle(void)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL), t[2];
    int i;

    for (i = 1; i <= 3; i++) { /* both low bits are ignored */
        t[0] = (HANDLE)((ULONG_PTR)event | (ULONG_PTR)i);
        CHECK_EQ(WaitForSingleObject(t[0], 0), WAIT_TIMEOUT);
        CHECK(SetEvent(t[0]));
        CHECK_EQ(WaitForSingleObject(t[0], 0), WAIT_OBJECT_0);
        CHECK_EQ(WSAWaitForMultipleEvents(1, t, FALSE, 0, FALSE), WSA_WAIT_EVENT_0);
        CHECK(ResetEvent(t[0]));
        CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    }
    CHECK(CloseHandle(event));
}

static void tagged_event_of_an_accept_is_signalled(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    HANDLE event;
    char block[128];
    DWORD n = 0;

    test_overlapped(&ov);
    event = ov.hEvent;
    ov.hEvent = tagged(event);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(WaitForSingleObject(event, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(GetOverlappedResult((HANDLE)listener, &ov, &n, TRUE));
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(event);
}

static const struct test_case cases[] = {
    TEST(without_overlapped_the_blocking_mode_counts, "20 §2 mechanisms: lpOverlapped NULL [doc]"),
    TEST(without_overlapped_the_receive_timeout_counts, "20 §2 mechanisms: lpOverlapped NULL [doc]"),
    TEST(without_overlapped_the_send_timeout_counts, "20 §2 mechanisms: lpOverlapped NULL [doc]"),
    TEST_WINE_DIFFERS(without_overlapped_the_routine_is_ignored, "20 §2 lpOverlapped NULL and a routine [doc]",
                      "Wine 8 queues the routine of a synchronous call"),
    TEST(with_an_event_the_event_is_signalled, "20 §2 mechanisms: event [doc]"),
    TEST(without_an_event_the_socket_is_signalled, "20 §2 mechanisms: neither [doc]; §4"),
    TEST(routine_does_not_set_the_event, "20 §2 mechanisms: routine, event untouched [obs]"),
    TEST(routine_does_not_reset_the_event, "20 §2 mechanisms: routine, event untouched [obs]"),
    TEST(with_a_routine_the_event_member_may_hold_anything, "20 §2 mechanisms: routine, event ignored [doc]"),
    TEST(overlapped_on_a_plain_socket_blocks_and_holds_the_result, "20 §2 non-overlapped socket [obs]"),
    TEST(overlapped_on_a_plain_nonblocking_socket_blocks_too, "20 §2 non-overlapped socket [obs]"),
    TEST(plain_socket_without_overlapped_obeys_its_mode, "20 §2 non-overlapped socket [obs]"),
    TEST(receive_timeout_never_ends_an_overlapped_receive, "20 §2 SO_RCVTIMEO [doc; obs]"),
    TEST(send_timeout_never_ends_an_overlapped_send, "20 §2 SO_SNDTIMEO [doc]"),
    TEST(tagged_event_is_signalled, "20 §3 [doc GetQueuedCompletionStatus; obs]"),
    TEST(results_wait_on_a_tagged_event, "20 §3 GetOverlappedResult works"),
    TEST(waits_and_event_calls_accept_a_tagged_handle, "20 §3; 10 bits 0-1 are ignored [obs]"),
    TEST(tagged_event_of_an_accept_is_signalled, "20 §3 [doc]"),
};

TEST_MAIN(cases)
