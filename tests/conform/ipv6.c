/* SPDX-License-Identifier: MIT */
/* ipv6.c - overlapped and plain calls over ::1, and what IPV6_V6ONLY does: on by default. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static struct sockaddr_in6 six(int last_byte, u_short port)
{
    struct sockaddr_in6 addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = (u_char)last_byte;
    addr.sin6_port = port;
    return addr;
}

/* A bound socket on ::1, or INVALID_SOCKET and a skip. */
static SOCKET bound(int type, struct sockaddr_in6 *addr)
{
    SOCKET s = WSASocketW(AF_INET6, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    int len = sizeof *addr;

    *addr = six(1, 0);
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)addr, sizeof *addr)) {
        if (s != INVALID_SOCKET) closesocket(s);
        test_skip("no ::1 here");
        return INVALID_SOCKET;
    }
    CHECK_EQ(getsockname(s, (struct sockaddr *)addr, &len), 0);
    return s;
}

static int pair(SOCKET s[2])
{
    struct sockaddr_in6 addr;
    SOCKET listener = bound(SOCK_STREAM, &addr);

    if (listener == INVALID_SOCKET) return 0;
    CHECK_EQ(listen(listener, 5), 0);
    s[0] = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK_EQ(connect(s[0], (struct sockaddr *)&addr, sizeof addr), 0);
    s[1] = accept(listener, NULL, NULL);
    closesocket(listener);
    return CHECK(s[1] != INVALID_SOCKET);
}

static void family_has_the_number_of_windows(void)
{
    struct sockaddr_in6 addr;
    SOCKET s = bound(SOCK_DGRAM, &addr);

    CHECK_EQ(AF_INET6, 23);
    if (s == INVALID_SOCKET) return;
    CHECK_EQ(addr.sin6_family, 23);
    closesocket(s);
}

static void overlapped_stream(void)
{
    char data[8];
    WSABUF in = { sizeof data, data }, out = { 5, "hello" };
    WSAOVERLAPPED receive, send;
    DWORD n = 0, flags = 0;
    SOCKET s[2];

    if (!pair(s)) return;
    test_overlapped(&receive);
    test_overlapped(&send);
    CHECK_ERROR(WSARecv(s[1], &in, 1, NULL, &flags, &receive, NULL), WSA_IO_PENDING);
    if (WSASend(s[0], &out, 1, NULL, 0, &send, NULL)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(test_result(s[0], &send, &n), 0);
    CHECK_EQ(n, 5);
    CHECK_EQ(test_result(s[1], &receive, &n), 0);
    CHECK_EQ(n, 5);
    CHECK(memcmp(data, "hello", 5) == 0);
    WSACloseEvent(receive.hEvent);
    WSACloseEvent(send.hEvent);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void overlapped_datagrams(void)
{
    struct sockaddr_in6 addr, from;
    SOCKET s = bound(SOCK_DGRAM, &addr), peer;
    char data[8];
    WSABUF in = { sizeof data, data }, out = { 5, "hello" };
    WSAOVERLAPPED receive, send;
    DWORD n = 0, flags = 0;
    INT len = sizeof from;

    if (s == INVALID_SOCKET) return;
    peer = socket(AF_INET6, SOCK_DGRAM, 0);
    test_overlapped(&receive);
    test_overlapped(&send);
    CHECK_ERROR(WSARecvFrom(s, &in, 1, NULL, &flags, (struct sockaddr *)&from, &len, &receive, NULL), WSA_IO_PENDING);
    if (WSASendTo(peer, &out, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, &send, NULL))
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(test_result(peer, &send, &n), 0);
    CHECK_EQ(test_result(s, &receive, &n), 0);
    CHECK_EQ(n, 5);
    CHECK_EQ(len, sizeof from);
    CHECK_EQ(from.sin6_family, AF_INET6);
    CHECK(memcmp(&from.sin6_addr, &addr.sin6_addr, 16) == 0);
    CHECK_EQ(from.sin6_scope_id, 0);
    WSACloseEvent(receive.hEvent);
    WSACloseEvent(send.hEvent);
    closesocket(s);
    closesocket(peer);
}

/* The structure had no scope id once, and programs still pass 24 as its length. */
static void old_short_address_is_accepted_for_sends(void)
{
    struct sockaddr_in6 addr;
    SOCKET s = bound(SOCK_DGRAM, &addr), peer;
    char byte;

    if (s == INVALID_SOCKET) return;
    peer = socket(AF_INET6, SOCK_DGRAM, 0);
    if (CHECK_EQ(sendto(peer, "x", 1, 0, (struct sockaddr *)&addr, 24), 1)) CHECK_EQ(recv(s, &byte, 1, 0), 1);
    closesocket(s);
    closesocket(peer);
}

static void v6only_is_on_by_default(void)
{
    SOCKET tcp = socket(AF_INET6, SOCK_STREAM, 0), udp = socket(AF_INET6, SOCK_DGRAM, 0);
    DWORD on = 77;
    int len = sizeof on;

    CHECK_EQ(getsockopt(tcp, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&on, &len), 0);
    CHECK_EQ(on & 0xff, 1);
    on = 77;
    len = sizeof on;
    CHECK_EQ(getsockopt(udp, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&on, &len), 0);
    CHECK_EQ(on & 0xff, 1);
    closesocket(tcp);
    closesocket(udp);
}

/* A listener on every IPv6 address, in the mode given. */
static SOCKET listen_on_all(int v6only, u_short *port)
{
    struct sockaddr_in6 addr = six(0, 0);
    SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
    DWORD mode = (DWORD)v6only;
    int len = sizeof addr;

    if (s == INVALID_SOCKET) {
        test_skip("no IPv6 here");
        return s;
    }
    if (!v6only) CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&mode, sizeof mode), 0);
    CHECK_EQ(bind(s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(listen(s, 5), 0);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&addr, &len), 0);
    *port = addr.sin6_port;
    return s;
}

static struct sockaddr_in four(u_short port)
{
    struct sockaddr_in addr;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = port;
    return addr;
}

static void v6only_listener_leaves_ipv4_alone(void)
{
    struct sockaddr_in addr;
    u_short port;
    SOCKET listener = listen_on_all(1, &port), client, other;

    if (listener == INVALID_SOCKET) return;
    addr = four(port);
    client = test_tcp();
    CHECK_ERROR(connect(client, (struct sockaddr *)&addr, sizeof addr), WSAECONNREFUSED);
    other = test_tcp();
    CHECK_EQ(bind(other, (struct sockaddr *)&addr, sizeof addr), 0);
    closesocket(other);
    closesocket(client);
    closesocket(listener);
}

static int is_mapped_loopback(const struct sockaddr_in6 *addr)
{
    static const u_char want[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1 };

    return addr->sin6_family == AF_INET6 && memcmp(&addr->sin6_addr, want, 16) == 0;
}

static void dual_listener_accepts_ipv4_with_mapped_addresses(void)
{
    struct sockaddr_in6 peer, own;
    struct sockaddr_in addr;
    u_short port;
    SOCKET listener = listen_on_all(0, &port), client, got;
    int len = sizeof peer;

    if (listener == INVALID_SOCKET) return;
    addr = four(port);
    client = test_tcp();
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    got = accept(listener, (struct sockaddr *)&peer, &len);
    CHECK(got != INVALID_SOCKET);
    CHECK_EQ(len, sizeof peer);
    CHECK(is_mapped_loopback(&peer));
    CHECK_EQ(getsockname(got, (struct sockaddr *)&own, &len), 0);
    CHECK(is_mapped_loopback(&own));
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void dual_listener_serves_acceptex(void)
{
    enum { AREA = sizeof(struct sockaddr_in6) + 16 };
    struct sockaddr *local = NULL, *remote = NULL;
    struct sockaddr_in addr;
    u_short port;
    SOCKET listener = listen_on_all(0, &port), client, taken;
    char buf[2 * AREA];
    WSAOVERLAPPED ov;
    INT local_len, remote_len;

    if (listener == INVALID_SOCKET) return;
    addr = four(port);
    client = test_tcp();
    taken = socket(AF_INET6, SOCK_STREAM, 0);
    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taken, buf, 0, AREA, AREA, NULL, &ov));
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    GetAcceptExSockaddrs(buf, 0, AREA, AREA, &local, &local_len, &remote, &remote_len);
    CHECK(local && is_mapped_loopback((struct sockaddr_in6 *)local));
    CHECK(remote && is_mapped_loopback((struct sockaddr_in6 *)remote));
    closesocket(taken);
    closesocket(client);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static void dual_socket_connects_to_ipv4(void)
{
    struct sockaddr_in6 mapped = six(1, 0);
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = socket(AF_INET6, SOCK_STREAM, 0);
    DWORD off = 0;

    if (s == INVALID_SOCKET) {
        closesocket(listener);
        test_skip("no IPv6 here");
        return;
    }
    mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
    mapped.sin6_addr.s6_addr[12] = 127;
    mapped.sin6_port = addr.sin_port;
    CHECK_EQ(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&off, sizeof off), 0);
    CHECK_EQ(connect(s, (struct sockaddr *)&mapped, sizeof mapped), 0);
    closesocket(s);
    closesocket(listener);
}

static const struct test_case cases[] = {
    TEST(family_has_the_number_of_windows, "00 constants [hdr]"),
    TEST(overlapped_stream, "40 [doc]"),
    TEST(overlapped_datagrams, "40 lpFrom [doc]"),
    TEST_WINE_DIFFERS(old_short_address_is_accepted_for_sends, "00 sockaddr [impl]", "Wine 8 refuses it"),
    TEST(v6only_is_on_by_default, "70 IPPROTO_IPV6 [hdr; obs]"),
    TEST(v6only_listener_leaves_ipv4_alone, "70 IPPROTO_IPV6 [obs]"),
    TEST(dual_listener_accepts_ipv4_with_mapped_addresses, "70 IPPROTO_IPV6 [doc]"),
    TEST(dual_listener_serves_acceptex, "70 IPPROTO_IPV6 [doc]"),
    TEST(dual_socket_connects_to_ipv4, "70 IPPROTO_IPV6 [doc]"),
};
TEST_MAIN(cases)
