/* SPDX-License-Identifier: MIT */
/* receive-from.c - the sender's address: when it is stored, how much room it needs, and where it is ignored. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

struct mail {
    SOCKET to, from;
    struct sockaddr_in addr, sender;
};

static void begin(struct mail *m)
{
    DWORD ms = DEADLINE_MS;

    m->to = test_udp(&m->addr);
    m->from = test_udp(&m->sender);
    CHECK_EQ(setsockopt(m->to, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms), 0);
}

static void post(struct mail *m, const char *data, int len)
{
    CHECK_EQ(sendto(m->from, data, len, 0, (struct sockaddr *)&m->addr, sizeof m->addr), len);
}

static void end(struct mail *m)
{
    closesocket(m->to);
    closesocket(m->from);
}

static void check_sender(const struct mail *m, const struct sockaddr_in *got)
{
    CHECK_EQ(got->sin_family, AF_INET);
    CHECK_EQ(got->sin_port, m->sender.sin_port);
    CHECK_EQ(got->sin_addr.s_addr, m->sender.sin_addr.s_addr);
}

/* An overlapped WSARecvFrom that has to pend. */
static void pend(SOCKET s, WSABUF *buf, void *from, INT *len, WSAOVERLAPPED *ov)
{
    DWORD flags = 0;

    test_overlapped(ov);
    CHECK_ERROR(WSARecvFrom(s, buf, 1, NULL, &flags, from, len, ov, NULL), WSA_IO_PENDING);
}

static void plain_receive_stores_the_address(void)
{
    struct mail m;
    struct sockaddr_storage room;
    char data[8];
    int len = sizeof room;

    begin(&m);
    post(&m, "abc", 3);
    CHECK_EQ(recvfrom(m.to, data, sizeof data, 0, (struct sockaddr *)&room, &len), 3);
    CHECK_EQ(len, sizeof(struct sockaddr_in));
    check_sender(&m, (struct sockaddr_in *)&room);
    end(&m);
}

static void call_that_finds_a_datagram_stores_the_address(void)
{
    struct mail m;
    struct sockaddr_in from;
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = 0;
    INT len = sizeof from;

    begin(&m);
    post(&m, "abc", 3);
    CHECK_EQ(WSARecvFrom(m.to, &buf, 1, &n, &flags, (struct sockaddr *)&from, &len, NULL, NULL), 0);
    CHECK_EQ(n, 3);
    CHECK_EQ(len, sizeof from);
    check_sender(&m, &from);
    end(&m);
}

static void pending_receive_stores_the_address_at_completion(void)
{
    struct mail m;
    struct sockaddr_storage room;
    char data[8];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0;
    INT len = sizeof room;

    begin(&m);
    memset(&room, 0x5a, sizeof room);
    pend(m.to, &buf, &room, &len, &ov);
    CHECK_EQ(len, sizeof room);
    CHECK_EQ(room.ss_family, 0x5a5a);
    post(&m, "abc", 3);
    CHECK_EQ(test_result(m.to, &ov, &n), 0);
    CHECK_EQ(n, 3);
    CHECK_EQ(len, sizeof(struct sockaddr_in));
    check_sender(&m, (struct sockaddr_in *)&room);
    WSACloseEvent(ov.hEvent);
    end(&m);
}

static void each_pending_receive_has_its_own_address(void)
{
    struct mail m;
    struct sockaddr_in from[2], other_addr;
    SOCKET other = test_udp(&other_addr);
    char data[2];
    WSABUF buf[2] = { { 1, &data[0] }, { 1, &data[1] } };
    WSAOVERLAPPED ov[2];
    INT len[2] = { sizeof from[0], sizeof from[1] };

    begin(&m);
    pend(m.to, &buf[0], &from[0], &len[0], &ov[0]);
    pend(m.to, &buf[1], &from[1], &len[1], &ov[1]);
    CHECK_EQ(sendto(other, "1", 1, 0, (struct sockaddr *)&m.addr, sizeof m.addr), 1);
    post(&m, "2", 1);
    CHECK_EQ(test_result(m.to, &ov[0], NULL), 0);
    CHECK_EQ(test_result(m.to, &ov[1], NULL), 0);
    CHECK_EQ(from[0].sin_port, other_addr.sin_port);
    check_sender(&m, &from[1]);
    CHECK(data[0] == '1' && data[1] == '2');
    WSACloseEvent(ov[0].hEvent);
    WSACloseEvent(ov[1].hEvent);
    closesocket(other);
    end(&m);
}

static void truncated_datagram_still_has_its_sender(void)
{
    struct mail m;
    struct sockaddr_in from;
    char data[2];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0, flags = 0;
    INT len = sizeof from;

    begin(&m);
    memset(&from, 0, sizeof from);
    post(&m, "abcde", 5);
    CHECK_ERROR(WSARecvFrom(m.to, &buf, 1, &n, &flags, (struct sockaddr *)&from, &len, NULL, NULL), WSAEMSGSIZE);
    check_sender(&m, &from);
    memset(&from, 0, sizeof from);
    pend(m.to, &buf, &from, &len, &ov);
    post(&m, "abcde", 5);
    CHECK_EQ(test_result(m.to, &ov, &n), WSAEMSGSIZE);
    CHECK_EQ(n, 2);
    check_sender(&m, &from);
    WSACloseEvent(ov.hEvent);
    end(&m);
}

static void no_address_wanted(void)
{
    struct mail m;
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = 0;
    INT len = 3;

    begin(&m);
    post(&m, "abc", 3);
    CHECK_EQ(WSARecvFrom(m.to, &buf, 1, &n, &flags, NULL, &len, NULL, NULL), 0);
    CHECK_EQ(n, 3);
    post(&m, "def", 3);
    CHECK_EQ(recvfrom(m.to, data, sizeof data, 0, NULL, NULL), 3);
    end(&m);
}

static void length_too_small(void)
{
    struct mail m;
    struct sockaddr_in from;
    char data[8];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0, flags = 0;
    INT len = sizeof from - 1;

    begin(&m);
    post(&m, "abc", 3);
    CHECK_ERROR(WSARecvFrom(m.to, &buf, 1, &n, &flags, (struct sockaddr *)&from, &len, NULL, NULL), WSAEFAULT);
    len = sizeof from - 1;
    CHECK_ERROR(recvfrom(m.to, data, sizeof data, 0, (struct sockaddr *)&from, &len), WSAEFAULT);
    test_overlapped(&ov);
    len = 0;
    CHECK_ERROR(WSARecvFrom(m.to, &buf, 1, NULL, &flags, (struct sockaddr *)&from, &len, &ov, NULL), WSAEFAULT);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 3);
    end(&m);
}

static void length_missing(void)
{
    struct mail m;
    struct sockaddr_in from;
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = 0;

    begin(&m);
    post(&m, "abc", 3);
    CHECK_ERROR(WSARecvFrom(m.to, &buf, 1, &n, &flags, (struct sockaddr *)&from, NULL, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(recvfrom(m.to, data, sizeof data, 0, (struct sockaddr *)&from, NULL), WSAEFAULT);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 3);
    end(&m);
}

static void unbound_socket_is_not_bound_by_it(void)
{
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in from;
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n, flags = 0;
    INT len = sizeof from;

    test_overlapped(&ov);
    CHECK_ERROR(WSARecvFrom(s, &buf, 1, &n, &flags, (struct sockaddr *)&from, &len, NULL, NULL), WSAEINVAL);
    CHECK_ERROR(recvfrom(s, &byte, 1, 0, (struct sockaddr *)&from, &len), WSAEINVAL);
    CHECK_ERROR(WSARecvFrom(s, &buf, 1, NULL, &flags, (struct sockaddr *)&from, &len, &ov, NULL), WSAEINVAL);
    CHECK_ERROR(getsockname(s, (struct sockaddr *)&from, &len), WSAEINVAL);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void connection_leaves_address_and_length_alone(void)
{
    struct sockaddr_in from, untouched;
    char byte;
    int len = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    memset(&from, 0x5a, sizeof from);
    untouched = from;
    test_send_all(s[1], "x", 1);
    CHECK_EQ(recvfrom(s[0], &byte, 1, 0, (struct sockaddr *)&from, &len), 1);
    CHECK_EQ(len, 77);
    CHECK(memcmp(&from, &untouched, sizeof from) == 0);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void connection_leaves_them_alone_when_it_pends(void)
{
    struct sockaddr_in from, untouched;
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    INT len = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    memset(&from, 0x5a, sizeof from);
    untouched = from;
    pend(s[0], &buf, &from, &len, &ov);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(len, 77);
    CHECK(memcmp(&from, &untouched, sizeof from) == 0);
    WSACloseEvent(ov.hEvent);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void cancelled_receive_stores_nothing(void)
{
    struct mail m;
    struct sockaddr_in from, untouched;
    char data[8];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    INT len = sizeof from;

    begin(&m);
    memset(&from, 0x5a, sizeof from);
    untouched = from;
    pend(m.to, &buf, &from, &len, &ov);
    CHECK(CancelIoEx((HANDLE)m.to, &ov));
    CHECK_EQ(test_result(m.to, &ov, NULL), WSA_OPERATION_ABORTED);
    CHECK(memcmp(&from, &untouched, sizeof from) == 0);
    post(&m, "abc", 3);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 3);
    WSACloseEvent(ov.hEvent);
    end(&m);
}

/* A socket on [::1] that has sent itself a datagram, or INVALID_SOCKET. */
static SOCKET ipv6_with_a_datagram(struct sockaddr_in6 *addr)
{
    SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0);
    int len = sizeof *addr;

    memset(addr, 0, sizeof *addr);
    addr->sin6_family = AF_INET6;
    addr->sin6_addr.s6_addr[15] = 1;
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)addr, sizeof *addr)) {
        if (s != INVALID_SOCKET) closesocket(s);
        test_skip("no ::1 here");
        return INVALID_SOCKET;
    }
    CHECK_EQ(getsockname(s, (struct sockaddr *)addr, &len), 0);
    CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)addr, sizeof *addr), 1);
    return s;
}

static void ipv6_sender(void)
{
    struct sockaddr_in6 addr, from;
    SOCKET s = ipv6_with_a_datagram(&addr);
    char byte;
    int len = sizeof from;

    if (s == INVALID_SOCKET) return;
    CHECK_EQ(recvfrom(s, &byte, 1, 0, (struct sockaddr *)&from, &len), 1);
    CHECK_EQ(len, sizeof from);
    CHECK_EQ(from.sin6_family, AF_INET6);
    CHECK_EQ(from.sin6_port, addr.sin6_port);
    CHECK(memcmp(&from.sin6_addr, &addr.sin6_addr, 16) == 0);
    closesocket(s);
}

static void room_for_ipv4_is_too_small_for_ipv6(void)
{
    struct sockaddr_in6 addr, from;
    SOCKET s = ipv6_with_a_datagram(&addr);
    char byte;
    int len = sizeof(struct sockaddr_in);

    if (s == INVALID_SOCKET) return;
    CHECK_ERROR(recvfrom(s, &byte, 1, 0, (struct sockaddr *)&from, &len), WSAEFAULT);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(plain_receive_stores_the_address, "40 lpFrom [doc]"),
    TEST(call_that_finds_a_datagram_stores_the_address, "40 lpFrom [doc]"),
    TEST(pending_receive_stores_the_address_at_completion, "40 lpFrom [doc]"),
    TEST(each_pending_receive_has_its_own_address, "40 lpFrom; 20 §9 [doc]"),
    TEST(truncated_datagram_still_has_its_sender, "40 datagram receive [obs]"),
    TEST(no_address_wanted, "40 lpFrom [doc]"),
    TEST_NOT_ON_WINE(length_too_small, "40 lpFrom [doc WSARecvFrom]", "Wine 8 receives"),
    TEST_NOT_ON_WINE(length_missing, "40 lpFrom [doc WSARecvFrom]", "Wine 8 receives"),
    TEST_NOT_ON_WINE(unbound_socket_is_not_bound_by_it, "40 lpFrom [doc; obs]", "Wine 8 waits"),
    TEST(connection_leaves_address_and_length_alone, "40 lpFrom [doc; obs]"),
    TEST(connection_leaves_them_alone_when_it_pends, "40 lpFrom [doc; obs]"),
    TEST(cancelled_receive_stores_nothing, "40 lpFrom; 20 §11"),
    TEST(ipv6_sender, "40 lpFrom [doc]"),
    TEST_WINE_DIFFERS(room_for_ipv4_is_too_small_for_ipv6, "40 lpFrom [doc WSARecvFrom]", "Wine 8 receives"),
};
TEST_MAIN(cases)
