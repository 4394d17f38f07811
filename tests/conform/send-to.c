/* SPDX-License-Identifier: MIT */
/* send-to.c - destinations: where they are needed, ignored or refused, and the implicit bind of a datagram socket. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

/* A UDP socket whose receives end at the deadline. */
static SOCKET udp(struct sockaddr_in *addr)
{
    SOCKET s = test_udp(addr);
    DWORD ms = DEADLINE_MS;

    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms), 0);
    return s;
}

static int send_to(SOCKET s, const char *data, int len, const struct sockaddr_in *to)
{
    return sendto(s, data, len, 0, (const struct sockaddr *)to, sizeof *to);
}

static void check_received(SOCKET s, const char *want)
{
    char data[64];
    int len = (int)strlen(want);

    CHECK_EQ(recv(s, data, sizeof data, 0), len);
    CHECK(memcmp(data, want, (size_t)len) == 0);
}

static void first_send_binds_the_socket(void)
{
    struct sockaddr_in addr, own, from;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0), peer = udp(&addr);
    int len = sizeof own;
    char byte;

    CHECK_EQ(send_to(s, "x", 1, &addr), 1);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&own, &len), 0);
    CHECK_EQ(own.sin_addr.s_addr, 0);
    CHECK(own.sin_port != 0);
    CHECK_EQ(recvfrom(peer, &byte, 1, 0, (struct sockaddr *)&from, &len), 1);
    CHECK_EQ(from.sin_port, own.sin_port);
    CHECK_EQ(bind(s, (struct sockaddr *)&own, sizeof own), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    closesocket(s);
    closesocket(peer);
}

/* From then on it can receive, too. */
static void socket_bound_by_a_send_hears_the_answer(void)
{
    struct sockaddr_in addr, from;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0), peer = udp(&addr);
    WSABUF out = { 4, "ping" };
    DWORD n = 0, ms = DEADLINE_MS;
    char data[8];
    int len = sizeof from;

    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms), 0);
    CHECK_EQ(WSASendTo(s, &out, 1, &n, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL), 0);
    CHECK_EQ(n, 4);
    CHECK_EQ(recvfrom(peer, data, sizeof data, 0, (struct sockaddr *)&from, &len), 4);
    CHECK_EQ(send_to(peer, "pong", 4, &from), 4);
    check_received(s, "pong");
    closesocket(s);
    closesocket(peer);
}

static void buffers_form_one_datagram(void)
{
    struct sockaddr_in addr;
    SOCKET s = udp(NULL), peer = udp(&addr);
    WSABUF bufs[4] = { { 2, "ab" }, { 0, NULL }, { 1, "c" }, { 3, "def" } };
    DWORD n = 0;

    CHECK_EQ(WSASendTo(s, bufs, 4, &n, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL), 0);
    CHECK_EQ(n, 6);
    check_received(peer, "abcdef");
    closesocket(s);
    closesocket(peer);
}

static void overlapped_send(void)
{
    struct sockaddr_in addr;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0), peer = udp(&addr);
    WSABUF buf = { 5, "hello" };
    WSAOVERLAPPED ov;
    DWORD n = 0;

    test_overlapped(&ov);
    if (WSASendTo(s, &buf, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, &ov, NULL))
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(test_result(s, &ov, &n), 0);
    CHECK_EQ(n, 5);
    check_received(peer, "hello");
    WSACloseEvent(ov.hEvent);
    closesocket(s);
    closesocket(peer);
}

static void empty_datagram_is_sent(void)
{
    struct sockaddr_in addr;
    SOCKET s = udp(NULL), peer = udp(&addr);
    char byte;

    CHECK_EQ(send_to(s, "", 0, &addr), 0);
    CHECK_EQ(recv(peer, &byte, 1, 0), 0);
    closesocket(s);
    closesocket(peer);
}

static void connected_stream_ignores_the_destination(void)
{
    struct sockaddr garbage;
    WSABUF buf = { 1, "b" };
    DWORD n = 0;
    SOCKET s[2];
    char data[3];

    REQUIRE(test_pair(s));
    memset(&garbage, 0xa5, sizeof garbage);
    CHECK_EQ(sendto(s[0], "a", 1, 0, &garbage, sizeof garbage), 1);
    CHECK_EQ(WSASendTo(s[0], &buf, 1, &n, 0, &garbage, 3, NULL, NULL), 0);
    CHECK_EQ(sendto(s[0], "c", 1, 0, NULL, 0), 1);
    CHECK(test_recv_all(s[1], data, 3) && memcmp(data, "abc", 3) == 0);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void connected_datagram_socket_may_name_another_peer(void)
{
    struct sockaddr_in first, second;
    SOCKET s = udp(NULL), a = udp(&first), b = udp(&second);

    CHECK_EQ(connect(s, (struct sockaddr *)&first, sizeof first), 0);
    CHECK_EQ(send_to(s, "other", 5, &second), 5);
    CHECK_EQ(send(s, "default", 7, 0), 7);
    check_received(b, "other");
    check_received(a, "default");
    closesocket(s);
    closesocket(a);
    closesocket(b);
}

static void connected_datagram_socket_needs_no_destination(void)
{
    struct sockaddr_in addr;
    SOCKET s = udp(NULL), peer = udp(&addr);
    WSABUF buf = { 3, "one" };
    DWORD n = 0;

    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(WSASendTo(s, &buf, 1, &n, 0, NULL, 0, NULL, NULL), 0);
    CHECK_EQ(n, 3);
    CHECK_EQ(sendto(s, "two", 3, 0, NULL, 0), 3);
    CHECK_EQ(WSASend(s, &buf, 1, &n, 0, NULL, NULL), 0);
    check_received(peer, "one");
    check_received(peer, "two");
    check_received(peer, "one");
    closesocket(s);
    closesocket(peer);
}

static void destination_missing(void)
{
    SOCKET s = udp(NULL);
    WSABUF buf = { 1, "x" };
    DWORD n;

    CHECK_ERROR(WSASendTo(s, &buf, 1, &n, 0, NULL, 0, NULL, NULL), WSAEDESTADDRREQ);
    WSASetLastError(0);
    CHECK_EQ(sendto(s, "x", 1, 0, NULL, 0), SOCKET_ERROR);
    CHECK(WSAGetLastError() == WSAEDESTADDRREQ || WSAGetLastError() == WSAENOTCONN);
    closesocket(s);
}

static void unconnected_stream(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();

    CHECK_ERROR(send_to(s, "x", 1, &addr), WSAENOTCONN);
    closesocket(s);
    closesocket(listener);
}

static void destination_too_short(void)
{
    struct sockaddr_in addr;
    SOCKET s = udp(NULL), peer = udp(&addr);
    WSABUF buf = { 1, "x" };
    WSAOVERLAPPED ov;
    DWORD n;

    CHECK_ERROR(sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr - 1), WSAEFAULT);
    CHECK_ERROR(WSASendTo(s, &buf, 1, &n, 0, (struct sockaddr *)&addr, 3, NULL, NULL), WSAEFAULT);
    test_overlapped(&ov);
    CHECK_ERROR(WSASendTo(s, &buf, 1, &n, 0, (struct sockaddr *)&addr, 3, &ov, NULL), WSAEFAULT);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
    closesocket(peer);
}

static void destination_of_another_family(void)
{
    struct sockaddr_in6 six;
    SOCKET s = udp(NULL);

    memset(&six, 0, sizeof six);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(9);
    six.sin6_addr.s6_addr[15] = 1;
    CHECK_ERROR(sendto(s, "x", 1, 0, (struct sockaddr *)&six, sizeof six), WSAEAFNOSUPPORT);
    closesocket(s);
}

static void nowhere_to_send(void)
{
    struct sockaddr_in addr, nowhere;
    SOCKET s = udp(NULL), peer = udp(&addr);

    nowhere = addr;
    nowhere.sin_addr.s_addr = 0;
    CHECK_ERROR(send_to(s, "x", 1, &nowhere), WSAEADDRNOTAVAIL);
    nowhere = addr;
    nowhere.sin_port = 0;
    CHECK_ERROR(send_to(s, "x", 1, &nowhere), WSAEADDRNOTAVAIL);
    closesocket(s);
    closesocket(peer);
}

/* The broadcast address of the loopback network: nothing leaves the machine. */
static struct sockaddr_in broadcast_address(void)
{
    struct sockaddr_in addr;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(0x7fffffff);
    addr.sin_port = htons(9);
    return addr;
}

static void broadcast_needs_the_option(void)
{
    struct sockaddr_in addr = broadcast_address();
    SOCKET s = udp(NULL);
    BOOL on = TRUE;

    CHECK_ERROR(send_to(s, "x", 1, &addr), WSAEACCES);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_BROADCAST, (const char *)&on, sizeof on), 0);
    CHECK_EQ(send_to(s, "x", 1, &addr), 1);
    closesocket(s);
}

static void connected_broadcast_needs_no_option(void)
{
    struct sockaddr_in addr = broadcast_address();
    SOCKET s = udp(NULL);

    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    closesocket(s);
}

static void datagram_too_long(void)
{
    enum { TOO_LONG = 65508 };
    struct sockaddr_in addr;
    SOCKET s = udp(NULL), peer = udp(&addr);
    char *data = calloc(1, TOO_LONG);
    WSABUF buf;
    WSAOVERLAPPED ov;

    REQUIRE(data);
    buf.len = TOO_LONG;
    buf.buf = data;
    CHECK_ERROR(send_to(s, data, TOO_LONG, &addr), WSAEMSGSIZE);
    test_overlapped(&ov);
    CHECK_ERROR(WSASendTo(s, &buf, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, &ov, NULL), WSAEMSGSIZE);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    CHECK_EQ(send_to(s, "next", 4, &addr), 4);
    check_received(peer, "next");
    WSACloseEvent(ov.hEvent);
    closesocket(s);
    closesocket(peer);
    free(data);
}

static void partial_is_not_supported(void)
{
    struct sockaddr_in addr;
    SOCKET s = udp(&addr);
    WSABUF buf = { 1, "x" };
    DWORD n;

    CHECK_ERROR(WSASendTo(s, &buf, 1, &n, MSG_PARTIAL, (struct sockaddr *)&addr, sizeof addr, NULL, NULL),
                WSAEOPNOTSUPP);
    closesocket(s);
}

static void socket_is_checked_before_the_count(void)
{
    struct sockaddr_in addr;
    SOCKET s = udp(&addr);
    WSABUF buf = { 1, "x" };

    CHECK_ERROR(WSASendTo(INVALID_SOCKET, &buf, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL),
                WSAENOTSOCK);
    CHECK_ERROR(WSASendTo(s, &buf, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL), WSAEFAULT);
    closesocket(s);
}

static void success_sets_the_last_error_to_zero(void)
{
    struct sockaddr_in addr;
    SOCKET s = udp(&addr);
    WSABUF buf = { 1, "x" };
    DWORD n;

    WSASetLastError(0xbad);
    CHECK_EQ(WSASendTo(s, &buf, 1, &n, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(first_send_binds_the_socket, "40 lpTo [doc; obs]"),
    TEST(socket_bound_by_a_send_hears_the_answer, "40 lpTo [doc WSASendTo]"),
    TEST(buffers_form_one_datagram, "40 lpTo [doc]"),
    TEST(overlapped_send, "40 lpTo [doc]"),
    TEST(empty_datagram_is_sent, "40 datagram receive [doc]"),
    TEST_NOT_ON_WINE(connected_stream_ignores_the_destination, "40 lpTo [doc; obs]", "Wine 8 looks at it"),
    TEST(connected_datagram_socket_may_name_another_peer, "40 lpTo [doc WSASendTo]"),
    TEST(connected_datagram_socket_needs_no_destination, "40 lpTo [doc]"),
    TEST_WINE_DIFFERS(destination_missing, "40 lpTo [doc; obs]", "Wine 8 says WSAEINVAL"),
    TEST_WINE_DIFFERS(unconnected_stream, "40 stream send [obs]", "Wine 8 says WSAECONNRESET"),
    TEST(destination_too_short, "40 lpTo [doc]"),
    TEST_WINE_DIFFERS(destination_of_another_family, "40 lpTo [doc]", "Wine 8 says WSAEOPNOTSUPP"),
    TEST_WINE_DIFFERS(nowhere_to_send, "40 lpTo [doc; known]", "Wine 8 does as Linux does"),
    TEST(broadcast_needs_the_option, "40 lpTo [doc; obs]"),
    TEST_WINE_DIFFERS(connected_broadcast_needs_no_option, "40 lpTo [obs]", "Wine 8 does as Linux does"),
    TEST_WINE_DIFFERS(datagram_too_long, "40 lpTo [doc]", "Wine 8 refuses and notifies, too"),
    TEST_WINE_DIFFERS(partial_is_not_supported, "40 lpTo [doc WSASendTo]", "Wine 8 ignores the flag"),
    TEST(socket_is_checked_before_the_count, "40 WSASendTo check order [obs]"),
    TEST(success_sets_the_last_error_to_zero, "40 WSASendTo check order [obs]"),
};
TEST_MAIN(cases)
