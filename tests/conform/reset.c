/* SPDX-License-Identifier: MIT */
/* reset.c - a connection that the peer breaks: pending requests, later calls, and the two error namespaces. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

#define STATUS_RESET 0xC000020D

static void pend(SOCKET s, WSABUF *buf, WSAOVERLAPPED *ov)
{
    DWORD flags = 0;

    test_overlapped(ov);
    CHECK_ERROR(WSARecv(s, buf, 1, NULL, &flags, ov, NULL), WSA_IO_PENDING);
}

/* A connection that the peer has reset, seen by a completed receive. */
static int broken(SOCKET *s)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    SOCKET pair[2];

    if (!test_pair(pair)) return 0;
    pend(pair[0], &buf, &ov);
    test_reset(pair[1]);
    CHECK_EQ(test_result(pair[0], &ov, NULL), WSAECONNRESET);
    WSACloseEvent(ov.hEvent);
    *s = pair[0];
    return 1;
}

static void pending_receive_fails_in_both_namespaces(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &buf, &ov);
    test_reset(s[1]);
    CHECK_EQ(test_result(s[0], &ov, &n), WSAECONNRESET);
    CHECK_EQ(n, 0);
    CHECK_EQ((ULONG)ov.Internal, STATUS_RESET);
    CHECK_EQ(ov.InternalHigh, 0);
    CHECK(!GetOverlappedResult((HANDLE)s[0], &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_NETNAME_DELETED);
    WSACloseEvent(ov.hEvent);
    closesocket(s[0]);
}

static void every_pending_receive_fails(void)
{
    enum { COUNT = 4 };
    char bytes[COUNT];
    WSABUF buf[COUNT];
    WSAOVERLAPPED ov[COUNT];
    SOCKET s[2];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < COUNT; i++) {
        buf[i].len = 1;
        buf[i].buf = &bytes[i];
        pend(s[0], &buf[i], &ov[i]);
    }
    test_reset(s[1]);
    for (i = 0; i < COUNT; i++) {
        CHECK_EQ(test_result(s[0], &ov[i], NULL), WSAECONNRESET);
        WSACloseEvent(ov[i].hEvent);
    }
    closesocket(s[0]);
}

static void pending_send_fails(void)
{
    enum { SIZE = 32 * 1024 * 1024 };
    WSABUF buf;
    WSAOVERLAPPED ov;
    SOCKET s[2];

    buf.len = SIZE;
    buf.buf = calloc(1, SIZE);
    REQUIRE(buf.buf && test_pair(s));
    test_overlapped(&ov);
    CHECK_ERROR(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    test_reset(s[1]);
    CHECK_EQ(test_result(s[0], &ov, NULL), WSAECONNRESET);
    CHECK_EQ((ULONG)ov.Internal, STATUS_RESET);
    WSACloseEvent(ov.hEvent);
    closesocket(s[0]);
    free(buf.buf);
}

static void later_receives_are_refused(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef, flags = 0;
    SOCKET s;
    int i;

    REQUIRE(broken(&s));
    test_overlapped(&ov);
    for (i = 0; i < 2; i++) {
        CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
        CHECK_ERROR(WSARecv(s, &buf, 1, &n, &flags, &ov, NULL), WSAECONNRESET);
    }
    CHECK_EQ(n, 0xdeadbeef);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

/* No SIGPIPE either: the program would be gone. */
static void later_sends_are_refused(void)
{
    WSABUF buf = { 1, "x" };
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef;
    SOCKET s;
    int i;

    REQUIRE(broken(&s));
    test_overlapped(&ov);
    for (i = 0; i < 2; i++) {
        CHECK_ERROR(send(s, "x", 1, 0), WSAECONNRESET);
        CHECK_ERROR(WSASend(s, &buf, 1, &n, 0, NULL, NULL), WSAECONNRESET);
        CHECK_ERROR(WSASend(s, &buf, 1, &n, 0, &ov, NULL), WSAECONNRESET);
    }
    CHECK_EQ(n, 0xdeadbeef);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void plain_receive_sees_the_reset(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_reset(s[1]);
    CHECK_ERROR(recv(s[0], &byte, 1, 0), WSAECONNRESET);
    CHECK_ERROR(recv(s[0], &byte, 1, 0), WSAECONNRESET);
    CHECK_ERROR(send(s[0], "x", 1, 0), WSAECONNRESET);
    closesocket(s[0]);
}

static void plain_send_sees_the_reset(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_reset(s[1]);
    CHECK_ERROR(send(s[0], "x", 1, 0), WSAECONNRESET);
    CHECK_ERROR(send(s[0], "x", 1, 0), WSAECONNRESET);
    CHECK_ERROR(recv(s[0], &byte, 1, 0), WSAECONNRESET);
    closesocket(s[0]);
}

struct blocked {
    SOCKET s;
    int result, error;
};

static DWORD WINAPI receive_in_thread(void *arg)
{
    struct blocked *b = arg;
    char byte;

    b->result = recv(b->s, &byte, 1, 0);
    b->error = WSAGetLastError();
    return 0;
}

static void blocked_receive_is_woken(void)
{
    struct blocked b = { 0, 77, 0 };
    HANDLE thread;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    b.s = s[0];
    thread = CreateThread(NULL, 0, receive_in_thread, &b, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    test_reset(s[1]);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(b.result, SOCKET_ERROR);
    CHECK_EQ(b.error, WSAECONNRESET);
    CloseHandle(thread);
    closesocket(s[0]);
}

static void so_error_stays_zero(void)
{
    int error = 77, len = sizeof error;
    SOCKET s;

    REQUIRE(broken(&s));
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &len), 0);
    CHECK_EQ(error, 0);
    closesocket(s);
}

/* The peer has closed with data unread, which is a reset on the wire. */
static void close_with_unread_data_is_a_reset(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[0], "unread", 6);
    CHECK_EQ(recv(s[1], &byte, 1, MSG_PEEK), 1);
    pend(s[0], &buf, &ov);
    CHECK_EQ(closesocket(s[1]), 0);
    CHECK_EQ(test_result(s[0], &ov, NULL), WSAECONNRESET);
    WSACloseEvent(ov.hEvent);
    closesocket(s[0]);
}

/* The first send succeeds, the peer answers it with a reset, and the connection counts as aborted. */
static void data_for_a_peer_that_has_closed(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(closesocket(s[1]), 0);
    CHECK_EQ(send(s[0], "x", 1, 0), 1);
    CHECK_ERROR(recv(s[0], &byte, 1, 0), WSAECONNABORTED);
    closesocket(s[0]);
}

static void reset_over_ipv6(void)
{
    struct sockaddr_in6 addr;
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0), client, got;
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    int len = sizeof addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&addr, sizeof addr)) {
        if (listener != INVALID_SOCKET) closesocket(listener);
        test_skip("no ::1 here");
        return;
    }
    CHECK_EQ(listen(listener, 1), 0);
    CHECK_EQ(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    got = accept(listener, NULL, NULL);
    pend(got, &buf, &ov);
    test_reset(client);
    CHECK_EQ(test_result(got, &ov, NULL), WSAECONNRESET);
    WSACloseEvent(ov.hEvent);
    closesocket(got);
    closesocket(listener);
}

/* The server reads SO_ERROR when it sees the reset, and then a plain call finds an ordinary end. */
#define EATEN "Wine 8 may take the reset's error away, and then the call sees a plain end"

static const struct test_case cases[] = {
    TEST(pending_receive_fails_in_both_namespaces, "20 §5; 40 stream receive [obs]"),
    TEST(every_pending_receive_fails, "20 §5; 40 stream receive [obs]"),
    TEST(pending_send_fails, "20 §5 [obs]"),
    TEST_WINE_DIFFERS(later_receives_are_refused, "40 stream receive [obs]",
                      "Wine 8 tells of a reset once, then of a plain end"),
    TEST(later_sends_are_refused, "40 stream send [obs]"),
    TEST_NOT_ON_WINE(plain_receive_sees_the_reset, "40 stream receive [obs]", EATEN),
    TEST_NOT_ON_WINE(plain_send_sees_the_reset, "40 stream send [obs]", EATEN),
    TEST_NOT_ON_WINE(blocked_receive_is_woken, "40 stream receive [obs]", EATEN),
    TEST(so_error_stays_zero, "40 stream receive; 97 SO_ERROR [obs]"),
    TEST(close_with_unread_data_is_a_reset, "30 closesocket [doc]"),
    TEST_WINE_DIFFERS(data_for_a_peer_that_has_closed, "40 stream receive [obs]", "Wine 8 does as Linux does"),
    TEST(reset_over_ipv6, "20 §5 [obs]"),
};
TEST_MAIN(cases)
