/* SPDX-License-Identifier: MIT */
/* names-of-sockets.c - getsockname() and getpeername() in every state of a socket. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static int own_name(SOCKET s, struct sockaddr_in *name)
{
    int len = sizeof *name;

    memset(name, 0, sizeof *name);
    return getsockname(s, (struct sockaddr *)name, &len);
}

static int peer_name(SOCKET s, struct sockaddr_in *name)
{
    int len = sizeof *name;

    memset(name, 0, sizeof *name);
    return getpeername(s, (struct sockaddr *)name, &len);
}

static void unbound_socket_has_no_name(void)
{
    SOCKET tcp = test_tcp(), udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in name;

    CHECK_ERROR(own_name(tcp, &name), WSAEINVAL);
    CHECK_ERROR(own_name(udp, &name), WSAEINVAL);
    closesocket(tcp);
    closesocket(udp);
}

static void bound_socket_has_its_name(void)
{
    struct sockaddr_in addr, name;
    SOCKET s = test_udp(&addr);

    CHECK_EQ(own_name(s, &name), 0);
    CHECK_EQ(name.sin_family, AF_INET);
    CHECK_EQ(name.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(name.sin_port, addr.sin_port);
    closesocket(s);
}

static void wildcard_stays_wildcard(void)
{
    struct sockaddr_in name;
    SOCKET s = test_tcp();

    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    CHECK_EQ(bind(s, (struct sockaddr *)&name, sizeof name), 0);
    CHECK_EQ(own_name(s, &name), 0);
    CHECK_EQ(name.sin_addr.s_addr, 0);
    CHECK(name.sin_port != 0);
    CHECK_EQ(listen(s, 1), 0);
    CHECK_EQ(own_name(s, &name), 0);
    CHECK_EQ(name.sin_addr.s_addr, 0);
    closesocket(s);
}

static void ends_of_a_connection_name_each_other(void)
{
    struct sockaddr_in a, b;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(own_name(s[0], &a), 0);
    CHECK_EQ(peer_name(s[1], &b), 0);
    CHECK(memcmp(&a, &b, 8) == 0);
    CHECK_EQ(own_name(s[1], &a), 0);
    CHECK_EQ(peer_name(s[0], &b), 0);
    CHECK(memcmp(&a, &b, 8) == 0);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void unconnected_socket_has_no_peer(void)
{
    SOCKET fresh = test_tcp(), bound = test_tcp_bound(), listener = test_listener(NULL), udp = test_udp(NULL);
    struct sockaddr_in name;

    CHECK_ERROR(peer_name(fresh, &name), WSAENOTCONN);
    CHECK_ERROR(peer_name(bound, &name), WSAENOTCONN);
    CHECK_ERROR(peer_name(listener, &name), WSAENOTCONN);
    CHECK_ERROR(peer_name(udp, &name), WSAENOTCONN);
    closesocket(fresh);
    closesocket(bound);
    closesocket(listener);
    closesocket(udp);
}

static void not_connected_comes_before_the_pointers(void)
{
    SOCKET s = test_tcp();

    CHECK_ERROR(getpeername(s, NULL, NULL), WSAENOTCONN);
    closesocket(s);
}

static void room_missing_or_small(void)
{
    struct sockaddr_in name;
    int len = sizeof name;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_ERROR(getsockname(s[0], NULL, &len), WSAEFAULT);
    CHECK_ERROR(getpeername(s[0], NULL, &len), WSAEFAULT);
    len = sizeof name - 1;
    CHECK_ERROR(getsockname(s[0], (struct sockaddr *)&name, &len), WSAEFAULT);
    len = sizeof name - 1;
    CHECK_ERROR(getpeername(s[0], (struct sockaddr *)&name, &len), WSAEFAULT);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void own_length_missing(void)
{
    struct sockaddr_in name;
    SOCKET s = test_udp(NULL);

    CHECK_ERROR(getsockname(s, (struct sockaddr *)&name, NULL), WSAEFAULT);
    closesocket(s);
}

static void peer_length_missing(void)
{
    struct sockaddr_in name;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_ERROR(getpeername(s[0], (struct sockaddr *)&name, NULL), WSAEFAULT);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void length_becomes_the_true_size(void)
{
    struct sockaddr_storage room;
    int len = sizeof room;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(getsockname(s[0], (struct sockaddr *)&room, &len), 0);
    CHECK_EQ(len, sizeof(struct sockaddr_in));
    len = sizeof room;
    CHECK_EQ(getpeername(s[0], (struct sockaddr *)&room, &len), 0);
    CHECK_EQ(len, sizeof(struct sockaddr_in));
    closesocket(s[0]);
    closesocket(s[1]);
}

static void success_sets_the_last_error_to_zero(void)
{
    struct sockaddr_in name;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    WSASetLastError(0xbad);
    CHECK_EQ(own_name(s[0], &name), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    WSASetLastError(0xbad);
    CHECK_EQ(peer_name(s[0], &name), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void names_outlive_a_shutdown(void)
{
    struct sockaddr_in name;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    CHECK_EQ(own_name(s[0], &name), 0);
    CHECK_EQ(peer_name(s[0], &name), 0);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void names_outlive_the_peer(void)
{
    struct sockaddr_in name;
    SOCKET s[2];
    char byte;

    REQUIRE(test_pair(s));
    closesocket(s[1]);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 0);
    CHECK_EQ(own_name(s[0], &name), 0);
    CHECK_EQ(peer_name(s[0], &name), 0);
    closesocket(s[0]);
}

/* Both sides have ended; Linux has forgotten the peer by then. */
static void names_outlive_both_shutdowns(void)
{
    struct sockaddr_in name;
    SOCKET s[2];
    char byte;

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    CHECK_EQ(recv(s[1], &byte, 1, 0), 0);
    CHECK_EQ(shutdown(s[1], SD_BOTH), 0);
    CHECK_EQ(peer_name(s[0], &name), 0);
    CHECK_EQ(peer_name(s[1], &name), 0);
    CHECK_EQ(own_name(s[1], &name), 0);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void connected_udp_socket_has_a_real_name_and_a_peer(void)
{
    struct sockaddr_in addr, name;
    SOCKET server = test_udp(&addr), s = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(own_name(s, &name), 0);
    CHECK_EQ(name.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK(name.sin_port != 0);
    CHECK_EQ(peer_name(s, &name), 0);
    CHECK_EQ(name.sin_port, addr.sin_port);
    closesocket(server);
    closesocket(s);
}

static void udp_socket_that_has_sent_is_bound_to_the_wildcard(void)
{
    struct sockaddr_in addr, name;
    SOCKET server = test_udp(&addr), s = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(own_name(s, &name), 0);
    CHECK_EQ(name.sin_addr.s_addr, 0);
    CHECK(name.sin_port != 0);
    closesocket(server);
    closesocket(s);
}

static void ipv6_names(void)
{
    struct sockaddr_in6 addr, name;
    SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0);
    int len = sizeof name;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)&addr, sizeof addr)) {
        if (s != INVALID_SOCKET) closesocket(s);
        test_skip("no ::1 here");
        return;
    }
    CHECK_EQ(getsockname(s, (struct sockaddr *)&name, &len), 0);
    CHECK_EQ(len, sizeof name);
    CHECK_EQ(name.sin6_family, AF_INET6);
    CHECK(memcmp(&name.sin6_addr, &addr.sin6_addr, 16) == 0);
    len = sizeof(struct sockaddr_in);
    CHECK_ERROR(getsockname(s, (struct sockaddr *)&name, &len), WSAEFAULT);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(unbound_socket_has_no_name, "80 socket [obs]"),
    TEST(bound_socket_has_its_name, "[doc getsockname]"),
    TEST(wildcard_stays_wildcard, "[doc getsockname]"),
    TEST(ends_of_a_connection_name_each_other, "[doc getpeername]"),
    TEST(unconnected_socket_has_no_peer, "80 socket [obs]"),
    TEST_WINE_DIFFERS(not_connected_comes_before_the_pointers, "00 parameter-check order [obs]",
                      "Wine 8 says WSAEFAULT"),
    TEST(room_missing_or_small, "[doc getsockname]"),
    TEST_NOT_ON_WINE(own_length_missing, "[doc getsockname]", "Wine 8 crashes"),
    TEST_NOT_ON_WINE(peer_length_missing, "[doc getpeername]", "Wine 8 crashes"),
    TEST(length_becomes_the_true_size, "[doc getsockname]"),
    TEST(success_sets_the_last_error_to_zero, "00 return styles [obs]"),
    TEST(names_outlive_a_shutdown, "40 shutdown [obs]"),
    TEST(names_outlive_the_peer, "40 shutdown [obs]"),
    TEST_WINE_DIFFERS(names_outlive_both_shutdowns, "40 shutdown [obs]", "Wine 8 passes on what Linux says"),
    TEST(connected_udp_socket_has_a_real_name_and_a_peer, "40 lpTo [doc; obs]"),
    TEST(udp_socket_that_has_sent_is_bound_to_the_wildcard, "40 lpTo [doc; obs]"),
    TEST(ipv6_names, "[doc getsockname]"),
};
TEST_MAIN(cases)
