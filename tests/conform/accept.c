/* SPDX-License-Identifier: MIT */
/* accept.c - accept(): the classic call, its errors, and what the new socket takes over from the listener. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))
#define CHECK_NO_SOCKET(call, code) \
    (WSASetLastError(0), CHECK((call) == INVALID_SOCKET), CHECK_EQ(WSAGetLastError(), (code)))

static SOCKET dial(const struct sockaddr_in *addr)
{
    SOCKET s = test_tcp();

    CHECK(connect(s, (const struct sockaddr *)addr, sizeof *addr) == 0);
    return s;
}

static void set_non_blocking(SOCKET s)
{
    u_long on = 1;

    CHECK(ioctlsocket(s, FIONBIO, &on) == 0);
}

static void address_of_the_peer_is_stored(void)
{
    struct sockaddr_in addr, own, *peer;
    struct sockaddr_storage room;
    SOCKET listener = test_listener(&addr), client = dial(&addr), got;
    int len = sizeof room, own_len = sizeof own;

    memset(&room, 0, sizeof room);
    peer = (struct sockaddr_in *)&room;
    got = accept(listener, (struct sockaddr *)&room, &len);
    CHECK(got != INVALID_SOCKET);
    CHECK(getsockname(client, (struct sockaddr *)&own, &own_len) == 0);
    CHECK_EQ(len, sizeof *peer);
    CHECK_EQ(peer->sin_family, AF_INET);
    CHECK_EQ(peer->sin_port, own.sin_port);
    CHECK_EQ(peer->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void success_sets_the_last_error_to_zero(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = dial(&addr), got;

    WSASetLastError(0xbad);
    got = accept(listener, NULL, NULL);
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK(got != INVALID_SOCKET);
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void room_too_small_for_the_address(void)
{
    struct sockaddr_in addr, peer;
    SOCKET listener = test_listener(&addr), client = dial(&addr);
    int len = sizeof peer - 1;

    CHECK_NO_SOCKET(accept(listener, (struct sockaddr *)&peer, &len), WSAEFAULT);
    closesocket(client);
    closesocket(listener);
}

static void length_missing(void)
{
    struct sockaddr_in addr, peer;
    SOCKET listener = test_listener(&addr), client = dial(&addr);

    CHECK_NO_SOCKET(accept(listener, (struct sockaddr *)&peer, NULL), WSAEFAULT);
    closesocket(client);
    closesocket(listener);
}

static void nothing_waits_on_a_non_blocking_listener(void)
{
    SOCKET listener = test_listener(NULL);

    set_non_blocking(listener);
    CHECK_NO_SOCKET(accept(listener, NULL, NULL), WSAEWOULDBLOCK);
    closesocket(listener);
}

static void socket_that_does_not_listen(void)
{
    SOCKET fresh = test_tcp(), bound = test_tcp_bound(), pair[2];

    CHECK_NO_SOCKET(accept(fresh, NULL, NULL), WSAEINVAL);
    CHECK_NO_SOCKET(accept(bound, NULL, NULL), WSAEINVAL);
    closesocket(fresh);
    closesocket(bound);
    REQUIRE(test_pair(pair));
    CHECK_NO_SOCKET(accept(pair[0], NULL, NULL), WSAEINVAL);
    closesocket(pair[0]);
    closesocket(pair[1]);
}

static void datagram_socket(void)
{
    SOCKET s = test_udp(NULL);

    CHECK_NO_SOCKET(accept(s, NULL, NULL), WSAEOPNOTSUPP);
    closesocket(s);
}

static DWORD WINAPI accept_in_thread(void *s)
{
    SOCKET *pair = s;

    pair[1] = accept(pair[0], NULL, NULL);
    return 0;
}

static void waits_until_a_connection_comes(void)
{
    struct sockaddr_in addr;
    SOCKET s[2] = { test_listener(&addr), INVALID_SOCKET }, client;
    HANDLE thread = CreateThread(NULL, 0, accept_in_thread, s, 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    client = dial(&addr);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(s[1] != INVALID_SOCKET);
    CloseHandle(thread);
    closesocket(s[0]);
    closesocket(s[1]);
    closesocket(client);
}

static void connections_come_in_the_order_of_arrival(void)
{
    struct sockaddr_in addr, peer, own;
    SOCKET listener = test_listener(&addr), client[5], got;
    int i, len;

    for (i = 0; i < 5; i++) client[i] = dial(&addr);
    for (i = 0; i < 5; i++) {
        len = sizeof peer;
        got = accept(listener, (struct sockaddr *)&peer, &len);
        CHECK(got != INVALID_SOCKET);
        len = sizeof own;
        CHECK(getsockname(client[i], (struct sockaddr *)&own, &len) == 0);
        CHECK_EQ(peer.sin_port, own.sin_port);
        closesocket(got);
        closesocket(client[i]);
    }
    closesocket(listener);
}

static void blocking_mode_is_the_listeners(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = dial(&addr), got;
    char byte;

    set_non_blocking(listener);
    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    CHECK_ERROR(recv(got, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void options_are_the_listeners(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client, got;
    struct linger linger = { 1, 7 }, linger_got = { 0, 0 };
    DWORD ms = 1234, ms_got = 0;
    BOOL on = TRUE, on_got = FALSE;
    int len = sizeof ms_got;

    CHECK(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms) == 0);
    CHECK(setsockopt(listener, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof linger) == 0);
    CHECK(setsockopt(listener, SOL_SOCKET, SO_OOBINLINE, (const char *)&on, sizeof on) == 0);
    client = dial(&addr);
    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    CHECK(getsockopt(got, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms_got, &len) == 0);
    CHECK_EQ(ms_got, 1234);
    len = sizeof linger_got;
    CHECK(getsockopt(got, SOL_SOCKET, SO_LINGER, (char *)&linger_got, &len) == 0);
    CHECK_EQ(linger_got.l_onoff, 1);
    CHECK_EQ(linger_got.l_linger, 7);
    len = sizeof on_got;
    CHECK(getsockopt(got, SOL_SOCKET, SO_OOBINLINE, (char *)&on_got, &len) == 0);
    CHECK(on_got);
    closesocket(client);
    closesocket(got);
    closesocket(listener);
}

static void overlapped_calls_pend_on_the_new_socket(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = dial(&addr), got;
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0, n = 0;

    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(got, &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK(test_send_all(client, "x", 1));
    CHECK_EQ(test_result(got, &ov, &n), 0);
    CHECK_EQ(n, 1);
    CHECK_EQ(byte, 'x');
    WSACloseEvent(ov.hEvent);
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

/* What the client sent and closed before the accept is still there. */
static void connection_that_is_closed_already_keeps_its_data(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = dial(&addr), got;
    char data[5];

    CHECK(test_send_all(client, "early", 5));
    CHECK(closesocket(client) == 0);
    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    CHECK(test_recv_all(got, data, 5) && memcmp(data, "early", 5) == 0);
    CHECK_EQ(recv(got, data, 1, 0), 0);
    closesocket(got);
    closesocket(listener);
}

static void accepted_socket_outlives_the_listener(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = dial(&addr), got = accept(listener, NULL, NULL);
    char byte = 0;

    CHECK(got != INVALID_SOCKET);
    CHECK(closesocket(listener) == 0);
    CHECK(test_send_all(client, "x", 1));
    CHECK(test_recv_all(got, &byte, 1) && byte == 'x');
    closesocket(got);
    closesocket(client);
}

static void accepts_over_ipv6(void)
{
    struct sockaddr_in6 addr, peer;
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0), client, got;
    int len = sizeof addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&addr, sizeof addr)) {
        if (listener != INVALID_SOCKET) closesocket(listener);
        test_skip("no ::1 here");
        return;
    }
    CHECK(listen(listener, SOMAXCONN) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&addr, &len) == 0);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    got = accept(listener, (struct sockaddr *)&peer, &len);
    CHECK(got != INVALID_SOCKET);
    CHECK_EQ(len, sizeof peer);
    CHECK_EQ(peer.sin6_family, AF_INET6);
    CHECK(memcmp(&peer.sin6_addr, &addr.sin6_addr, 16) == 0);
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void room_for_ipv4_is_too_small_for_ipv6(void)
{
    struct sockaddr_in6 addr;
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0), client;
    int len = sizeof addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&addr, sizeof addr)) {
        if (listener != INVALID_SOCKET) closesocket(listener);
        test_skip("no ::1 here");
        return;
    }
    CHECK(listen(listener, SOMAXCONN) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&addr, &len) == 0);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    len = sizeof(struct sockaddr_in);
    CHECK_NO_SOCKET(accept(listener, (struct sockaddr *)&addr, &len), WSAEFAULT);
    closesocket(client);
    closesocket(listener);
}

static const struct test_case cases[] = {
    TEST(address_of_the_peer_is_stored, "30 accept [doc]"),
    TEST_WINE_DIFFERS(success_sets_the_last_error_to_zero, "00 return styles [obs]",
                      "Wine 8 leaves the last error alone"),
    TEST(room_too_small_for_the_address, "30 accept [known]"),
    TEST_WINE_DIFFERS(length_missing, "30 accept [known]", "Wine 8 accepts and stores no address"),
    TEST(nothing_waits_on_a_non_blocking_listener, "30 accept [doc accept]"),
    TEST(socket_that_does_not_listen, "[doc accept]"),
    TEST(datagram_socket, "[doc accept]"),
    TEST(waits_until_a_connection_comes, "[doc accept]"),
    TEST(connections_come_in_the_order_of_arrival, "[doc accept]"),
    TEST(blocking_mode_is_the_listeners, "30 accept [obs]"),
    TEST(options_are_the_listeners, "30 accept [doc accept]"),
    TEST(overlapped_calls_pend_on_the_new_socket, "80 socket [known]"),
    TEST(connection_that_is_closed_already_keeps_its_data, "[doc accept]"),
    TEST(accepted_socket_outlives_the_listener, "[doc accept]"),
    TEST(accepts_over_ipv6, "[doc accept]"),
    TEST(room_for_ipv4_is_too_small_for_ipv6, "30 accept [known]"),
};
TEST_MAIN(cases)
