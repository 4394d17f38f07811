/* SPDX-License-Identifier: MIT */
/* bind-listen.c - bind() and listen(): what is refused, who shares an address with whom. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static struct sockaddr_in at(unsigned long host, u_short port)
{
    struct sockaddr_in addr;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(host);
    addr.sin_port = port;
    return addr;
}

static int bind_at(SOCKET s, unsigned long host, u_short port)
{
    struct sockaddr_in addr = at(host, port);

    return bind(s, (struct sockaddr *)&addr, sizeof addr);
}

static u_short port_of(SOCKET s)
{
    struct sockaddr_in addr;
    int len = sizeof addr;

    return CHECK(getsockname(s, (struct sockaddr *)&addr, &len) == 0) ? addr.sin_port : 0;
}

static void set_on(SOCKET s, int option)
{
    BOOL on = TRUE;

    CHECK(setsockopt(s, SOL_SOCKET, option, (const char *)&on, sizeof on) == 0);
}

static void address_missing_or_short(void)
{
    struct sockaddr_in addr = at(INADDR_LOOPBACK, 0);
    SOCKET s = test_tcp();

    CHECK_ERROR(bind(s, NULL, sizeof addr), WSAEFAULT);
    CHECK_ERROR(bind(s, (struct sockaddr *)&addr, sizeof addr - 1), WSAEFAULT);
    CHECK_ERROR(bind(s, (struct sockaddr *)&addr, 0), WSAEFAULT);
    CHECK_EQ(bind(s, (struct sockaddr *)&addr, sizeof addr), 0);
    closesocket(s);
}

static void negative_length(void)
{
    struct sockaddr_in addr = at(INADDR_LOOPBACK, 0);
    SOCKET s = test_tcp();

    CHECK_ERROR(bind(s, (struct sockaddr *)&addr, -1), WSAEFAULT);
    closesocket(s);
}

static void longer_length_is_fine(void)
{
    struct sockaddr_storage room;
    struct sockaddr_in addr = at(INADDR_LOOPBACK, 0);
    SOCKET s = test_tcp();

    memset(&room, 0, sizeof room);
    memcpy(&room, &addr, sizeof addr);
    CHECK_EQ(bind(s, (struct sockaddr *)&room, sizeof room), 0);
    closesocket(s);
}

static void family_of_the_address_must_fit(void)
{
    struct sockaddr_in6 six;
    SOCKET s = test_tcp();

    memset(&six, 0, sizeof six);
    six.sin6_family = AF_INET6;
    WSASetLastError(0);
    CHECK_EQ(bind(s, (struct sockaddr *)&six, sizeof six), SOCKET_ERROR);
    CHECK(WSAGetLastError() == WSAEAFNOSUPPORT || WSAGetLastError() == WSAEFAULT);
    closesocket(s);
}

#define NOT_OURS 0xC6336401 /* 198.51.100.1, an address for documentation */

static void address_that_is_not_ours(void)
{
    SOCKET s = test_tcp();

    CHECK_ERROR(bind_at(s, NOT_OURS, 0), WSAEADDRNOTAVAIL);
    closesocket(s);
}

static void address_that_is_not_ours_on_udp(void)
{
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK_ERROR(bind_at(s, NOT_OURS, 0), WSAEADDRNOTAVAIL);
    closesocket(s);
}

static void bound_twice(void)
{
    SOCKET tcp = test_tcp_bound(), udp = test_udp(NULL), pair[2];

    CHECK_ERROR(bind_at(tcp, INADDR_LOOPBACK, 0), WSAEINVAL);
    CHECK_ERROR(bind_at(udp, INADDR_LOOPBACK, 0), WSAEINVAL);
    closesocket(tcp);
    closesocket(udp);
    REQUIRE(test_pair(pair));
    CHECK_ERROR(bind_at(pair[0], INADDR_LOOPBACK, 0), WSAEINVAL);
    CHECK_ERROR(bind_at(pair[1], INADDR_LOOPBACK, 0), WSAEINVAL);
    closesocket(pair[0]);
    closesocket(pair[1]);
}

static void port_zero_chooses_one(void)
{
    SOCKET a = test_tcp_bound(), b = test_tcp_bound();

    CHECK(port_of(a) != 0);
    CHECK(port_of(a) != port_of(b));
    closesocket(a);
    closesocket(b);
}

static void port_of_a_listener_is_in_use(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();

    CHECK_ERROR(bind(s, (struct sockaddr *)&addr, sizeof addr), WSAEADDRINUSE);
    CHECK_EQ(bind_at(s, INADDR_LOOPBACK, 0), 0);
    closesocket(listener);
    closesocket(s);
}

static void port_of_a_bound_socket_is_in_use(void)
{
    SOCKET first = test_tcp_bound(), s = test_tcp();

    CHECK_ERROR(bind_at(s, INADDR_LOOPBACK, port_of(first)), WSAEADDRINUSE);
    closesocket(first);
    closesocket(s);
}

static void port_of_a_udp_socket_is_in_use(void)
{
    SOCKET first = test_udp(NULL), s = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK_ERROR(bind_at(s, INADDR_LOOPBACK, port_of(first)), WSAEADDRINUSE);
    closesocket(first);
    closesocket(s);
}

/*
 * Binds a socket of one type to a loopback port and one of another type to the
 * same port at `host`.  Another process may have that port there: tries a few.
 */
static int binds_beside(int first_type, int type, unsigned long host)
{
    int ok = 0, i;

    for (i = 0; i < 20 && !ok; i++) {
        SOCKET first = socket(AF_INET, first_type, 0), second = socket(AF_INET, type, 0);

        CHECK_EQ(bind_at(first, INADDR_LOOPBACK, 0), 0);
        ok = bind_at(second, host, port_of(first)) == 0;
        if (!ok && !CHECK_EQ(WSAGetLastError(), WSAEADDRINUSE)) i = 20;
        closesocket(first);
        closesocket(second);
    }
    return ok;
}

static void tcp_and_udp_ports_are_apart(void)
{
    CHECK(binds_beside(SOCK_DGRAM, SOCK_STREAM, INADDR_LOOPBACK));
    CHECK(binds_beside(SOCK_STREAM, SOCK_DGRAM, INADDR_LOOPBACK));
}

static void other_address_with_the_same_port(void)
{
    CHECK(binds_beside(SOCK_STREAM, SOCK_STREAM, INADDR_LOOPBACK + 1));
}

static void other_address_with_the_same_udp_port(void)
{
    CHECK(binds_beside(SOCK_DGRAM, SOCK_DGRAM, INADDR_LOOPBACK + 1));
}

/* Linux knows no such bind that would still refuse a second live listener: see differences(7). */
#ifdef __MINGW32__
enum { COEXIST = 1 };
#else
enum { COEXIST = 0 };
#endif

static void specific_and_wildcard_may_coexist(void)
{
    CHECK_EQ(binds_beside(SOCK_STREAM, SOCK_STREAM, INADDR_ANY), COEXIST);
}

static void specific_and_wildcard_may_coexist_on_udp(void)
{
    CHECK_EQ(binds_beside(SOCK_DGRAM, SOCK_DGRAM, INADDR_ANY), COEXIST);
}

static void reuseaddr_lets_two_bind(void)
{
    SOCKET first = test_tcp(), second = test_tcp(), client = test_tcp(), got;
    struct sockaddr_in addr;
    u_long on = 1;

    set_on(first, SO_REUSEADDR);
    set_on(second, SO_REUSEADDR);
    CHECK_EQ(bind_at(first, INADDR_LOOPBACK, 0), 0);
    addr = at(INADDR_LOOPBACK, port_of(first));
    CHECK_EQ(bind_at(second, INADDR_LOOPBACK, addr.sin_port), 0);
    CHECK_EQ(listen(first, SOMAXCONN), 0);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(ioctlsocket(first, FIONBIO, &on) == 0);
    got = accept(first, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    closesocket(got);
    closesocket(client);
    closesocket(first);
    closesocket(second);
}

static void reuseaddr_lets_two_udp_sockets_bind(void)
{
    SOCKET first = socket(AF_INET, SOCK_DGRAM, 0), second = socket(AF_INET, SOCK_DGRAM, 0);

    set_on(first, SO_REUSEADDR);
    set_on(second, SO_REUSEADDR);
    CHECK_EQ(bind_at(first, INADDR_LOOPBACK, 0), 0);
    CHECK_EQ(bind_at(second, INADDR_LOOPBACK, port_of(first)), 0);
    closesocket(first);
    closesocket(second);
}

static void exclusive_address_is_not_shared(void)
{
    SOCKET first = test_tcp(), second = test_tcp();

    set_on(first, SO_EXCLUSIVEADDRUSE);
    CHECK_EQ(bind_at(first, INADDR_LOOPBACK, 0), 0);
    WSASetLastError(0);
    CHECK_EQ(bind_at(second, INADDR_LOOPBACK, port_of(first)), SOCKET_ERROR);
    CHECK(WSAGetLastError() == WSAEADDRINUSE || WSAGetLastError() == WSAEACCES);
    closesocket(first);
    closesocket(second);
}

static void exclusive_address_is_not_stolen(void)
{
    SOCKET first = test_tcp(), second = test_tcp();

    set_on(first, SO_EXCLUSIVEADDRUSE);
    set_on(second, SO_REUSEADDR);
    CHECK_EQ(bind_at(first, INADDR_LOOPBACK, 0), 0);
    CHECK_ERROR(bind_at(second, INADDR_LOOPBACK, port_of(first)), WSAEACCES);
    closesocket(first);
    closesocket(second);
}

static void listen_on_an_unbound_socket(void)
{
    SOCKET s = test_tcp();

    CHECK_ERROR(listen(s, 5), WSAEINVAL);
    closesocket(s);
}

static void listen_on_a_connected_socket(void)
{
    SOCKET pair[2];

    REQUIRE(test_pair(pair));
    CHECK_ERROR(listen(pair[0], 5), WSAEISCONN);
    CHECK_ERROR(listen(pair[1], 5), WSAEISCONN);
    closesocket(pair[0]);
    closesocket(pair[1]);
}

static void listen_on_a_datagram_socket(void)
{
    SOCKET s = test_udp(NULL);

    CHECK_ERROR(listen(s, 5), WSAEOPNOTSUPP);
    closesocket(s);
}

static void listen_again_succeeds(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = test_tcp(), got;

    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(listen(listener, 5), 0);
    CHECK_EQ(listen(listener, SOMAXCONN), 0);
    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void any_backlog_is_accepted(void)
{
    static const int backlog[] = { 0, 1, -1, 100000, SOMAXCONN };
    size_t i;

    for (i = 0; i < sizeof backlog / sizeof *backlog; i++) {
        SOCKET s = test_tcp_bound(), client = test_tcp(), got;
        struct sockaddr_in addr = at(INADDR_LOOPBACK, port_of(s));

        CHECK_EQ(listen(s, backlog[i]), 0);
        CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
        got = accept(s, NULL, NULL);
        CHECK(got != INVALID_SOCKET);
        closesocket(got);
        closesocket(client);
        closesocket(s);
    }
}

static void bound_port_that_does_not_listen_refuses(void)
{
    SOCKET s = test_tcp_bound(), client = test_tcp();
    struct sockaddr_in addr = at(INADDR_LOOPBACK, port_of(s));

    CHECK_ERROR(connect(client, (struct sockaddr *)&addr, sizeof addr), WSAECONNREFUSED);
    closesocket(s);
    closesocket(client);
}

static void ipv6_addresses(void)
{
    struct sockaddr_in6 addr;
    SOCKET first = socket(AF_INET6, SOCK_STREAM, 0), second = socket(AF_INET6, SOCK_STREAM, 0);
    int len = sizeof addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    if (bind(first, (struct sockaddr *)&addr, sizeof addr)) {
        closesocket(first);
        closesocket(second);
        test_skip("no ::1 here");
        return;
    }
    CHECK(getsockname(first, (struct sockaddr *)&addr, &len) == 0);
    CHECK_ERROR(bind(second, (struct sockaddr *)&addr, sizeof addr), WSAEADDRINUSE);
    CHECK_EQ(listen(first, 5), 0);
    closesocket(first);
    closesocket(second);
}

static const struct test_case cases[] = {
    TEST(address_missing_or_short, "80 bind [doc; obs]"),
    TEST_WINE_DIFFERS(negative_length, "80 bind [doc; obs]", "Wine 8 runs out of memory"),
    TEST(longer_length_is_fine, "80 bind [doc]"),
    TEST_WINE_DIFFERS(family_of_the_address_must_fit, "80 bind [doc; obs]", "Wine 8 says WSAEOPNOTSUPP"),
    TEST(address_that_is_not_ours, "80 bind [doc; obs]"),
    TEST_WINE_DIFFERS(address_that_is_not_ours_on_udp, "80 bind [doc; obs]", "Wine 8 binds to the wildcard address"),
    TEST(bound_twice, "80 bind [doc; obs]"),
    TEST(port_zero_chooses_one, "80 bind [doc]"),
    TEST(port_of_a_listener_is_in_use, "80 bind [doc; obs]"),
    TEST(port_of_a_bound_socket_is_in_use, "80 bind [doc; obs]"),
    TEST(port_of_a_udp_socket_is_in_use, "80 bind [doc; obs]"),
    TEST(tcp_and_udp_ports_are_apart, "80 bind [doc]"),
    TEST(other_address_with_the_same_port, "80 bind [doc]"),
    TEST_WINE_DIFFERS(other_address_with_the_same_udp_port, "80 bind [doc]", "Wine 8 binds to the wildcard address"),
    TEST(specific_and_wildcard_may_coexist, "70 SO_REUSEADDR [obs]"),
    TEST_WINE_DIFFERS(specific_and_wildcard_may_coexist_on_udp, "70 SO_REUSEADDR [obs]", "Wine 8 does as Linux does"),
    TEST(reuseaddr_lets_two_bind, "70 SO_REUSEADDR [obs]"),
    TEST(reuseaddr_lets_two_udp_sockets_bind, "70 SO_REUSEADDR [obs]"),
    TEST(exclusive_address_is_not_shared, "80 bind [doc; obs]"),
    TEST(exclusive_address_is_not_stolen, "80 bind [doc; obs]"),
    TEST(listen_on_an_unbound_socket, "80 listen [doc; obs]"),
    TEST_WINE_DIFFERS(listen_on_a_connected_socket, "80 listen [doc; obs]", "Wine 8 says WSAEINVAL"),
    TEST(listen_on_a_datagram_socket, "[doc listen]"),
    TEST(listen_again_succeeds, "80 listen [obs]"),
    TEST(any_backlog_is_accepted, "[doc listen]"),
    TEST(bound_port_that_does_not_listen_refuses, "97 refused [obs]"),
    TEST(ipv6_addresses, "80 bind [doc; obs]"),
};
TEST_MAIN(cases)
