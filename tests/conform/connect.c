/* SPDX-License-Identifier: MIT */
/* connect.c - connect() and WSAConnect(): success, refusal, non-blocking progress, wrong states, datagram sockets. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static int dial(SOCKET s, const struct sockaddr_in *addr)
{
    return connect(s, (const struct sockaddr *)addr, sizeof *addr);
}

static void set_blocking(SOCKET s, int blocking)
{
    u_long on = !blocking;

    CHECK(ioctlsocket(s, FIONBIO, &on) == 0);
}

static int error_of(SOCKET s)
{
    int error = -1, len = sizeof error;

    CHECK(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &len) == 0);
    return error;
}

static int is_connected(SOCKET s)
{
    DWORD seconds = 0xffffffff;
    int len = sizeof seconds;

    CHECK(getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &len) == 0);
    return seconds != 0xffffffff;
}

/* Waits until a non-blocking connect has ended; returns its error. */
static int outcome(SOCKET s)
{
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    int error = 0;

    while (!is_connected(s) && !(error = error_of(s)) && GetTickCount64() < limit) Sleep(1);
    return error;
}

/* An address at which nobody listens: the socket keeps the port. */
static SOCKET deaf(struct sockaddr_in *addr)
{
    SOCKET s = test_tcp_bound();
    int len = sizeof *addr;

    CHECK(getsockname(s, (struct sockaddr *)addr, &len) == 0);
    return s;
}

static void success_binds_and_names_both_ends(void)
{
    struct sockaddr_in addr, own, peer;
    SOCKET listener = test_listener(&addr), s = test_tcp();
    int len = sizeof own;

    CHECK_EQ(dial(s, &addr), 0);
    CHECK(getsockname(s, (struct sockaddr *)&own, &len) == 0);
    CHECK_EQ(own.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK(own.sin_port != 0);
    len = sizeof peer;
    CHECK(getpeername(s, (struct sockaddr *)&peer, &len) == 0);
    CHECK_EQ(peer.sin_port, addr.sin_port);
    closesocket(s);
    closesocket(listener);
}

static void success_sets_the_last_error_to_zero(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();

    WSASetLastError(0xbad);
    CHECK_EQ(dial(s, &addr), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s);
    closesocket(listener);
}

static void bound_socket_keeps_its_port(void)
{
    struct sockaddr_in addr, own, after;
    SOCKET listener = test_listener(&addr), s = deaf(&own);
    int len = sizeof after;

    CHECK_EQ(dial(s, &addr), 0);
    CHECK(getsockname(s, (struct sockaddr *)&after, &len) == 0);
    CHECK_EQ(after.sin_port, own.sin_port);
    closesocket(s);
    closesocket(listener);
}

static void blocking_refusal(void)
{
    struct sockaddr_in addr;
    SOCKET port = deaf(&addr), s = test_tcp();

    CHECK_ERROR(dial(s, &addr), WSAECONNREFUSED);
    CHECK_EQ(error_of(s), 0);
    closesocket(s);
    closesocket(port);
}

static void refused_socket_may_try_again(void)
{
    struct sockaddr_in nobody, addr;
    SOCKET port = deaf(&nobody), listener = test_listener(&addr), s = test_tcp();

    CHECK_ERROR(dial(s, &nobody), WSAECONNREFUSED);
    CHECK_ERROR(dial(s, &nobody), WSAECONNREFUSED);
    CHECK_EQ(dial(s, &addr), 0);
    closesocket(s);
    closesocket(listener);
    closesocket(port);
}

static void non_blocking_connect_would_block(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp(), got;
    char byte = 0;

    set_blocking(s, 0);
    CHECK_ERROR(dial(s, &addr), WSAEWOULDBLOCK);
    CHECK_EQ(outcome(s), 0);
    got = accept(listener, NULL, NULL);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    CHECK(test_recv_all(got, &byte, 1) && byte == 'x');
    CHECK_ERROR(dial(s, &addr), WSAEISCONN);
    closesocket(got);
    closesocket(s);
    closesocket(listener);
}

static void non_blocking_refusal_stays_in_so_error(void)
{
    struct sockaddr_in addr;
    SOCKET port = deaf(&addr), s = test_tcp();

    set_blocking(s, 0);
    CHECK_ERROR(dial(s, &addr), WSAEWOULDBLOCK);
    CHECK_EQ(outcome(s), WSAECONNREFUSED);
    CHECK_EQ(error_of(s), WSAECONNREFUSED);
    CHECK_EQ(error_of(s), WSAECONNREFUSED);
    closesocket(s);
    closesocket(port);
}

static void socket_may_try_again_after_a_non_blocking_refusal(void)
{
    struct sockaddr_in nobody, addr;
    SOCKET port = deaf(&nobody), listener = test_listener(&addr), s = test_tcp();

    set_blocking(s, 0);
    CHECK_ERROR(dial(s, &nobody), WSAEWOULDBLOCK);
    CHECK_EQ(outcome(s), WSAECONNREFUSED);
    set_blocking(s, 1);
    CHECK_EQ(dial(s, &addr), 0);
    closesocket(s);
    closesocket(listener);
    closesocket(port);
}

enum { CROWD = 4 };

/*
 * A listener whose queue is full: the last of the clients is still on its way
 * in, because the system does not answer it while nobody accepts.
 */
static SOCKET crowded(SOCKET client[CROWD], struct sockaddr_in *addr)
{
    SOCKET listener = test_tcp_bound();
    int i, len = sizeof *addr;

    CHECK(listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)addr, &len) == 0);
    for (i = 0; i < CROWD; i++) {
        client[i] = test_tcp();
        set_blocking(client[i], 0);
        CHECK_ERROR(dial(client[i], addr), WSAEWOULDBLOCK);
    }
    return listener;
}

static void end_crowd(SOCKET listener, SOCKET client[CROWD])
{
    int i;

    closesocket(listener);
    for (i = 0; i < CROWD; i++) CHECK(closesocket(client[i]) == 0);
}

static void connect_again_while_in_progress(void)
{
    struct sockaddr_in addr;
    SOCKET client[CROWD], listener = crowded(client, &addr);

    CHECK(!is_connected(client[CROWD - 1]));
    CHECK_ERROR(dial(client[CROWD - 1], &addr), WSAEALREADY);
    CHECK_ERROR(dial(client[CROWD - 1], &addr), WSAEALREADY);
    end_crowd(listener, client);
}

static void no_transfer_while_in_progress(void)
{
    struct sockaddr_in addr;
    SOCKET client[CROWD], listener = crowded(client, &addr), s = client[CROWD - 1];
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;

    CHECK_ERROR(send(s, "x", 1, 0), WSAENOTCONN);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAENOTCONN);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL), WSAENOTCONN);
    CHECK_ERROR(WSASend(s, &buf, 1, NULL, 0, &ov, NULL), WSAENOTCONN);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    end_crowd(listener, client);
}

static void names_while_in_progress(void)
{
    struct sockaddr_in addr, name;
    SOCKET client[CROWD], listener = crowded(client, &addr);
    int len = sizeof name;

    CHECK(getsockname(client[CROWD - 1], (struct sockaddr *)&name, &len) == 0);
    CHECK(name.sin_port != 0);
    len = sizeof name;
    CHECK(getpeername(client[CROWD - 1], (struct sockaddr *)&name, &len) == 0);
    CHECK_EQ(name.sin_port, addr.sin_port);
    end_crowd(listener, client);
}

static void connection_in_progress_comes_through_later(void)
{
    struct sockaddr_in addr;
    SOCKET client[CROWD], listener = crowded(client, &addr), got[CROWD];
    int i;

    for (i = 0; i < CROWD; i++) got[i] = accept(listener, NULL, NULL);
    for (i = 0; i < CROWD; i++) {
        CHECK(got[i] != INVALID_SOCKET);
        CHECK_EQ(outcome(client[i]), 0);
        CHECK_ERROR(dial(client[i], &addr), WSAEISCONN);
        closesocket(got[i]);
    }
    end_crowd(listener, client);
}

static void connected_socket(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s[2];

    REQUIRE(test_pair(s));
    CHECK_ERROR(dial(s[0], &addr), WSAEISCONN);
    CHECK_ERROR(dial(s[1], &addr), WSAEISCONN);
    set_blocking(s[0], 0);
    CHECK_ERROR(dial(s[0], &addr), WSAEISCONN);
    closesocket(s[0]);
    closesocket(s[1]);
    closesocket(listener);
}

static void listening_socket(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), other = test_listener(NULL);

    CHECK_ERROR(dial(other, &addr), WSAEINVAL);
    closesocket(listener);
    closesocket(other);
}

static void address_missing_or_of_negative_length(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();

    CHECK_ERROR(connect(s, NULL, sizeof addr), WSAEFAULT);
    CHECK_ERROR(connect(s, (struct sockaddr *)&addr, -1), WSAEFAULT);
    closesocket(s);
    closesocket(listener);
}

static void address_short(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();

    CHECK_ERROR(connect(s, (struct sockaddr *)&addr, sizeof addr - 1), WSAEFAULT);
    CHECK_ERROR(connect(s, (struct sockaddr *)&addr, 0), WSAEFAULT);
    CHECK_EQ(dial(s, &addr), 0);
    closesocket(s);
    closesocket(listener);
}

static void address_of_another_family(void)
{
    struct sockaddr_in6 six;
    SOCKET s = test_tcp();

    memset(&six, 0, sizeof six);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(9);
    six.sin6_addr.s6_addr[15] = 1;
    CHECK_ERROR(connect(s, (struct sockaddr *)&six, sizeof six), WSAEAFNOSUPPORT);
    closesocket(s);
}

static void nowhere_to_go(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();
    struct sockaddr_in no_port = addr, no_host = addr;

    no_port.sin_port = 0;
    CHECK_ERROR(dial(s, &no_port), WSAEADDRNOTAVAIL);
    no_host.sin_addr.s_addr = 0;
    CHECK_ERROR(dial(s, &no_host), WSAEADDRNOTAVAIL);
    closesocket(s);
    closesocket(listener);
}

static void wsaconnect_is_the_same(void)
{
    struct sockaddr_in nobody, addr;
    SOCKET port = deaf(&nobody), listener = test_listener(&addr), s = test_tcp();

    CHECK_ERROR(WSAConnect(s, (struct sockaddr *)&nobody, sizeof nobody, NULL, NULL, NULL, NULL), WSAECONNREFUSED);
    closesocket(s);
    s = test_tcp();
    CHECK_EQ(WSAConnect(s, (struct sockaddr *)&addr, sizeof addr, NULL, NULL, NULL, NULL), 0);
    CHECK_ERROR(WSAConnect(s, (struct sockaddr *)&addr, sizeof addr, NULL, NULL, NULL, NULL), WSAEISCONN);
    closesocket(s);
    closesocket(listener);
    closesocket(port);
}

/* A UDP socket whose receives end at the deadline. */
static SOCKET udp(struct sockaddr_in *addr)
{
    SOCKET s = test_udp(addr);
    DWORD ms = DEADLINE_MS;

    CHECK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms) == 0);
    return s;
}

static void udp_gets_a_default_peer(void)
{
    struct sockaddr_in addr, name;
    SOCKET server = udp(&addr), s = socket(AF_INET, SOCK_DGRAM, 0);
    int len = sizeof name;
    char byte = 0;

    CHECK_EQ(dial(s, &addr), 0);
    CHECK(getsockname(s, (struct sockaddr *)&name, &len) == 0);
    CHECK_EQ(name.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK(name.sin_port != 0);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'x');
    closesocket(s);
    closesocket(server);
}

static void udp_may_connect_to_another_peer(void)
{
    struct sockaddr_in first, second, name;
    SOCKET a = udp(&first), b = udp(&second), s = udp(NULL);
    int len = sizeof name;
    char byte = 0;

    CHECK_EQ(dial(s, &first), 0);
    CHECK_EQ(dial(s, &second), 0);
    CHECK(getpeername(s, (struct sockaddr *)&name, &len) == 0);
    CHECK_EQ(name.sin_port, second.sin_port);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    CHECK_EQ(recv(b, &byte, 1, 0), 1);
    closesocket(s);
    closesocket(a);
    closesocket(b);
}

static int dissolve(SOCKET s)
{
    struct sockaddr none;

    memset(&none, 0, sizeof none);
    none.sa_family = AF_UNSPEC;
    return connect(s, &none, sizeof none);
}

static void unspecified_family_dissolves_the_udp_association(void)
{
    struct sockaddr_in addr, name;
    SOCKET server = udp(&addr), s = socket(AF_INET, SOCK_DGRAM, 0);
    int len = sizeof name;
    char byte = 0;

    CHECK_EQ(dial(s, &addr), 0);
    CHECK_EQ(dissolve(s), 0);
    CHECK_ERROR(getpeername(s, (struct sockaddr *)&name, &len), WSAENOTCONN);
    CHECK_EQ(sendto(s, "y", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'y');
    closesocket(s);
    closesocket(server);
}

static void dissolved_udp_socket_has_no_default_peer(void)
{
    struct sockaddr_in addr;
    SOCKET server = udp(&addr), s = udp(NULL);

    CHECK_EQ(dial(s, &addr), 0);
    CHECK_EQ(dissolve(s), 0);
    CHECK_ERROR(send(s, "x", 1, 0), WSAENOTCONN);
    closesocket(s);
    closesocket(server);
}

/* A socket is bound until it is closed. */
static void dissolved_udp_socket_keeps_its_port_and_hears_everybody(void)
{
    struct sockaddr_in addr, own, name;
    SOCKET server = udp(&addr), s = udp(&own), stranger = udp(NULL);
    int len = sizeof name;
    char byte = 0;

    CHECK_EQ(dial(s, &addr), 0);
    CHECK_EQ(dissolve(s), 0);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&name, &len), 0);
    if (CHECK_EQ(name.sin_port, own.sin_port) &&
        CHECK_EQ(sendto(stranger, "y", 1, 0, (struct sockaddr *)&own, sizeof own), 1)) {
        CHECK_EQ(recv(s, &byte, 1, 0), 1);
        CHECK_EQ(byte, 'y');
    }
    closesocket(s);
    closesocket(server);
    closesocket(stranger);
}

static void connects_over_ipv6(void)
{
    struct sockaddr_in6 addr;
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0), s = socket(AF_INET6, SOCK_STREAM, 0);
    int len = sizeof addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    if (bind(listener, (struct sockaddr *)&addr, sizeof addr)) {
        closesocket(listener);
        closesocket(s);
        test_skip("no ::1 here");
        return;
    }
    CHECK(getsockname(listener, (struct sockaddr *)&addr, &len) == 0);
    CHECK_ERROR(connect(s, (struct sockaddr *)&addr, sizeof addr), WSAECONNREFUSED);
    closesocket(s);
    s = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(listen(listener, 1) == 0);
    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    closesocket(s);
    closesocket(listener);
}

static const struct test_case cases[] = {
    TEST(success_binds_and_names_both_ends, "30 connect [doc connect]"),
    TEST_WINE_DIFFERS(success_sets_the_last_error_to_zero, "00 return styles [obs]",
                      "Wine 8 leaves the last error alone"),
    TEST(bound_socket_keeps_its_port, "30 connect [doc connect]"),
    TEST_WINE_DIFFERS(blocking_refusal, "30 connect; 97 SO_ERROR [obs]", "Wine 8 leaves WSAECONNREFUSED in SO_ERROR"),
    TEST_WINE_DIFFERS(refused_socket_may_try_again, "30 connect [obs]",
                      "Wine 8 passes on Linux' ECONNABORTED of the next attempt"),
    TEST(non_blocking_connect_would_block, "30 connect [obs]"),
    TEST(non_blocking_refusal_stays_in_so_error, "30 connect; 97 SO_ERROR [obs]"),
    TEST_WINE_DIFFERS(socket_may_try_again_after_a_non_blocking_refusal, "30 connect [obs]",
                      "Wine 8 passes on Linux' ECONNABORTED of the next attempt"),
    TEST(connect_again_while_in_progress, "30 connect [obs]"),
    TEST_NOT_ON_WINE(no_transfer_while_in_progress, "30 ConnectEx; 40 receive [obs]", "Wine 8 lets the requests pend"),
    TEST_WINE_DIFFERS(names_while_in_progress, "30 ConnectEx [obs]", "Wine 8 says WSAENOTCONN"),
    TEST(connection_in_progress_comes_through_later, "30 connect [doc connect]"),
    TEST(connected_socket, "30 connect [obs]"),
    TEST(listening_socket, "30 connect [obs]"),
    TEST_NOT_ON_WINE(address_missing_or_of_negative_length, "30 connect [doc connect]", "Wine 8 crashes"),
    TEST_WINE_DIFFERS(address_short, "30 connect [doc connect]", "Wine 8 passes the length on to Linux"),
    TEST_WINE_DIFFERS(address_of_another_family, "30 connect [doc connect]", "Wine 8 says WSAEOPNOTSUPP"),
    TEST_WINE_DIFFERS(nowhere_to_go, "30 connect [doc connect]", "Wine 8 tries, as Linux does"),
    TEST(wsaconnect_is_the_same, "[doc WSAConnect]"),
    TEST(udp_gets_a_default_peer, "40 lpTo [doc connect]"),
    TEST(udp_may_connect_to_another_peer, "[doc connect]"),
    TEST(unspecified_family_dissolves_the_udp_association, "40 datagram receive [obs]"),
    TEST_WINE_DIFFERS(dissolved_udp_socket_has_no_default_peer, "40 stream send [obs]",
                      "Wine 8 says WSAEINVAL, as Linux has given the port back"),
    TEST_WINE_DIFFERS(dissolved_udp_socket_keeps_its_port_and_hears_everybody, "40 datagram receive [doc bind]",
                      "Wine 8 passes the call on to Linux, which gives the port back"),
    TEST(connects_over_ipv6, "[doc connect]"),
};
TEST_MAIN(cases)
