/* SPDX-License-Identifier: MIT */
/* shutdown.c - half-closing: what goes on, what is refused from then on, and what the peer sees. */
#include "test.h"

#define BIG (1024 * 1024)

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static void end(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* Both plain and overlapped receives are refused with WSAESHUTDOWN, and nothing is notified. */
static void check_no_receive(SOCKET s)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef, flags = 0;

    test_overlapped(&ov);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAESHUTDOWN);
    CHECK_ERROR(WSARecv(s, &buf, 1, &n, &flags, &ov, NULL), WSAESHUTDOWN);
    CHECK_EQ(n, 0xdeadbeef);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
}

static void check_no_send(SOCKET s)
{
    WSABUF buf = { 1, "x" };
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef;

    test_overlapped(&ov);
    CHECK_ERROR(send(s, "x", 1, 0), WSAESHUTDOWN);
    CHECK_ERROR(WSASend(s, &buf, 1, &n, 0, &ov, NULL), WSAESHUTDOWN);
    CHECK_EQ(n, 0xdeadbeef);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
}

static void send_side(void)
{
    char byte = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[0], "x", 1);
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    check_no_send(s[0]);
    CHECK(test_recv_all(s[1], &byte, 1) && byte == 'x');
    CHECK_EQ(recv(s[1], &byte, 1, 0), 0);
    test_send_all(s[1], "y", 1);
    CHECK(test_recv_all(s[0], &byte, 1) && byte == 'y');
    end(s);
}

static void receive_side(void)
{
    char byte = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[0], SD_RECEIVE), 0);
    check_no_receive(s[0]);
    test_send_all(s[0], "x", 1);
    CHECK(test_recv_all(s[1], &byte, 1) && byte == 'x');
    end(s);
}

static void receive_side_with_data_unread(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "data", 4);
    CHECK_EQ(shutdown(s[0], SD_RECEIVE), 0);
    check_no_receive(s[0]);
    end(s);
}

static void both_sides(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    check_no_receive(s[0]);
    check_no_send(s[0]);
    CHECK_EQ(recv(s[1], &byte, 1, 0), 0);
    end(s);
}

static void pending_receive_stays_and_is_served(void)
{
    char data[8];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0, flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(shutdown(s[0], SD_RECEIVE), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    check_no_receive(s[0]);
    test_send_all(s[1], "late", 4);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(memcmp(data, "late", 4) == 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void own_send_side_does_not_disturb_a_pending_receive(void)
{
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(byte, 'x');
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void peers_send_side_completes_a_pending_receive(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n = 77, flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

/* The end goes behind all that was queued. */
static void pending_sends_go_before_the_end(void)
{
    enum { COUNT = 6 };
    char *data = calloc(COUNT, BIG), block[4096];
    WSAOVERLAPPED ov[COUNT];
    long long total = 0;
    SOCKET s[2];
    int i, n;

    REQUIRE(data && test_pair(s));
    for (i = 0; i < COUNT; i++) {
        WSABUF buf;

        buf.buf = data + (size_t)i * BIG;
        buf.len = BIG;
        test_overlapped(&ov[i]);
        if (WSASend(s[0], &buf, 1, NULL, 0, &ov[i], NULL)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    }
    CHECK(!HasOverlappedIoCompleted(&ov[COUNT - 1]));
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    CHECK_ERROR(send(s[0], "x", 1, 0), WSAESHUTDOWN);
    while ((n = recv(s[1], block, sizeof block, 0)) > 0) total += n;
    CHECK_EQ(n, 0);
    CHECK_EQ(total, (long long)COUNT * BIG);
    for (i = 0; i < COUNT; i++) {
        CHECK_EQ(test_result(s[0], &ov[i], NULL), 0);
        WSACloseEvent(ov[i].hEvent);
    }
    end(s);
    free(data);
}

static void repeated(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    CHECK_EQ(shutdown(s[0], SD_RECEIVE), 0);
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    end(s);
}

static void after_the_peer_has_gone(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(closesocket(s[1]), 0);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 0);
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    closesocket(s[0]);
}

static void not_connected(void)
{
    SOCKET fresh = test_tcp(), bound = test_tcp_bound(), listener = test_listener(NULL);

    CHECK_ERROR(shutdown(fresh, SD_BOTH), WSAENOTCONN);
    CHECK_ERROR(shutdown(bound, SD_SEND), WSAENOTCONN);
    CHECK_ERROR(shutdown(listener, SD_RECEIVE), WSAENOTCONN);
    closesocket(fresh);
    closesocket(bound);
    closesocket(listener);
}

/* The refusal leaves a listener a listener. */
static void refused_shutdown_leaves_the_listener(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = test_tcp(), got;

    CHECK_ERROR(shutdown(listener, SD_BOTH), WSAENOTCONN);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void unknown_direction(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_ERROR(shutdown(s[0], 3), WSAEINVAL);
    CHECK_ERROR(shutdown(s[0], -1), WSAEINVAL);
    CHECK_EQ(send(s[0], "x", 1, 0), 1);
    end(s);
}

static void connect_after_it(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    CHECK_ERROR(connect(s[0], (struct sockaddr *)&addr, sizeof addr), WSAEISCONN);
    end(s);
    closesocket(listener);
}

static void datagram_sockets_succeed(void)
{
    struct sockaddr_in addr;
    SOCKET fresh = socket(AF_INET, SOCK_DGRAM, 0), bound = test_udp(&addr), linked = test_udp(NULL);

    CHECK_EQ(connect(linked, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(shutdown(fresh, SD_SEND), 0);
    CHECK_EQ(shutdown(bound, SD_RECEIVE), 0);
    CHECK_EQ(shutdown(linked, SD_BOTH), 0);
    CHECK_EQ(shutdown(linked, SD_BOTH), 0);
    closesocket(fresh);
    closesocket(bound);
    closesocket(linked);
}

static void datagram_receive_side(void)
{
    struct sockaddr_in addr, other;
    SOCKET s = test_udp(&addr), peer = test_udp(&other);
    char byte = 0;

    CHECK_EQ(sendto(peer, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(shutdown(s, SD_RECEIVE), 0);
    check_no_receive(s);
    CHECK_EQ(sendto(s, "y", 1, 0, (struct sockaddr *)&other, sizeof other), 1);
    CHECK_EQ(recv(peer, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'y');
    closesocket(s);
    closesocket(peer);
}

static void datagram_send_side(void)
{
    struct sockaddr_in addr, other;
    SOCKET s = test_udp(&addr), peer = test_udp(&other);
    char byte = 0;

    CHECK_EQ(shutdown(s, SD_SEND), 0);
    CHECK_ERROR(sendto(s, "x", 1, 0, (struct sockaddr *)&other, sizeof other), WSAESHUTDOWN);
    CHECK_EQ(sendto(peer, "y", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(recv(s, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'y');
    CHECK_EQ(connect(s, (struct sockaddr *)&other, sizeof other), 0);
    CHECK_ERROR(send(s, "x", 1, 0), WSAESHUTDOWN);
    closesocket(s);
    closesocket(peer);
}

static void success_sets_the_last_error_to_zero(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    WSASetLastError(0xbad);
    CHECK_EQ(shutdown(s[0], SD_SEND), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    end(s);
}

static const struct test_case cases[] = {
    TEST(send_side, "40 shutdown [doc; obs]"),
    TEST(receive_side, "40 shutdown [doc; obs]"),
    TEST(receive_side_with_data_unread, "40 stream receive [obs]"),
    TEST(both_sides, "40 shutdown [doc; obs]"),
    TEST(pending_receive_stays_and_is_served, "40 stream receive [obs]"),
    TEST(own_send_side_does_not_disturb_a_pending_receive, "40 stream receive [obs]"),
    TEST(peers_send_side_completes_a_pending_receive, "40 stream receive [obs]"),
    TEST(pending_sends_go_before_the_end, "40 shutdown [impl]"),
    TEST(repeated, "40 shutdown [obs]"),
    TEST(after_the_peer_has_gone, "40 shutdown [obs]"),
    TEST(not_connected, "40 shutdown [obs]"),
    TEST(refused_shutdown_leaves_the_listener, "40 shutdown [obs]"),
    TEST(unknown_direction, "40 shutdown [obs]"),
    TEST(connect_after_it, "40 shutdown [obs]"),
    TEST(datagram_sockets_succeed, "40 shutdown [obs]"),
    TEST(datagram_receive_side, "40 datagram receive [obs]"),
    TEST(datagram_send_side, "40 datagram receive [obs]"),
    TEST(success_sets_the_last_error_to_zero, "00 return styles [obs]"),
};
TEST_MAIN(cases)
