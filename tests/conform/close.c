/* SPDX-License-Identifier: MIT */
/* close.c - closesocket(): what becomes of data, of the peer, and of the handle; SO_LINGER decides. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static void set_blocking(SOCKET s, int blocking)
{
    u_long on = !blocking;

    CHECK(ioctlsocket(s, FIONBIO, &on) == 0);
}

static void set_linger(SOCKET s, int on, int seconds)
{
    struct linger linger;

    linger.l_onoff = (u_short)on;
    linger.l_linger = (u_short)seconds;
    CHECK(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof linger) == 0);
}

/* Sends until the system takes no more; returns the bytes sent.  The socket is left non-blocking. */
static long long fill(SOCKET s)
{
    static char block[65536];
    long long sent = 0;
    int n;

    set_blocking(s, 0);
    while ((n = send(s, block, sizeof block, 0)) > 0) sent += n;
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    return sent;
}

/* Reads what is there; returns 1 at the end of the stream, -1 at an error, 0 if more may come. */
static int drain(SOCKET s, long long *received)
{
    static char block[65536];
    int n;

    while ((n = recv(s, block, sizeof block, 0)) > 0) *received += n;
    if (n == 0) return 1;
    return WSAGetLastError() == WSAEWOULDBLOCK ? 0 : -1;
}

/* Reads to the end, within the deadline; returns as drain. */
static int drain_all(SOCKET s, long long *received)
{
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    int end;

    set_blocking(s, 0);
    while ((end = drain(s, received)) == 0 && GetTickCount64() < limit) Sleep(1);
    return end;
}

static void closed_twice(void)
{
    SOCKET s = test_tcp();

    WSASetLastError(0xbad);
    CHECK_EQ(closesocket(s), 0);
    CHECK_ERROR(closesocket(s), WSAENOTSOCK);
    CHECK_ERROR(closesocket(INVALID_SOCKET), WSAENOTSOCK);
}

static void closed_socket_is_no_socket(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    char byte;

    CHECK_EQ(closesocket(s), 0);
    CHECK_ERROR(sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), WSAENOTSOCK);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAENOTSOCK);
}

static void event_is_not_closed(void)
{
    WSAEVENT event = WSACreateEvent();

    CHECK_ERROR(closesocket((SOCKET)event), WSAENOTSOCK);
    CHECK(WSASetEvent(event));
    CHECK(WSACloseEvent(event));
}

static void data_sent_before_the_close_arrives(void)
{
    SOCKET s[2];
    char data[6];

    REQUIRE(test_pair(s));
    CHECK(test_send_all(s[0], "farewe", 6));
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK(test_recv_all(s[1], data, 6) && memcmp(data, "farewe", 6) == 0);
    CHECK_EQ(recv(s[1], data, 1, 0), 0);
    closesocket(s[1]);
}

/* Off is the default: the call returns at once, and the system delivers in the background. */
static void much_data_is_delivered_in_the_background(void)
{
    SOCKET s[2];
    long long sent, received = 0;
    ULONGLONG begin;

    REQUIRE(test_pair(s));
    sent = fill(s[0]);
    set_blocking(s[0], 1);
    begin = GetTickCount64();
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK(GetTickCount64() - begin < 1000);
    CHECK_EQ(drain_all(s[1], &received), 1);
    CHECK_EQ(received, sent);
    closesocket(s[1]);
}

static void hard_close_resets_the_peer(void)
{
    SOCKET s[2];
    char byte;

    REQUIRE(test_pair(s));
    set_linger(s[0], 1, 0);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_ERROR(recv(s[1], &byte, 1, 0), WSAECONNRESET);
    closesocket(s[1]);
}

static void hard_close_returns_at_once_and_drops_data(void)
{
    SOCKET s[2];
    long long sent, received = 0;
    ULONGLONG begin;

    REQUIRE(test_pair(s));
    sent = fill(s[0]);
    set_blocking(s[0], 1);
    set_linger(s[0], 1, 0);
    begin = GetTickCount64();
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK(GetTickCount64() - begin < 1000);
    CHECK_EQ(drain_all(s[1], &received), -1);
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    CHECK(received < sent);
    closesocket(s[1]);
}

static void lingering_close_delivers_and_ends_gracefully(void)
{
    SOCKET s[2];
    char data[4];

    REQUIRE(test_pair(s));
    set_linger(s[0], 1, 5);
    CHECK(test_send_all(s[0], "last", 4));
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK(test_recv_all(s[1], data, 4) && memcmp(data, "last", 4) == 0);
    CHECK_EQ(recv(s[1], data, 1, 0), 0);
    closesocket(s[1]);
}

/* When the time is over the connection is aborted, and the call still succeeds. */
static void lingering_close_aborts_when_the_time_is_over(void)
{
    SOCKET s[2];
    long long sent, received = 0;
    ULONGLONG begin, took;

    REQUIRE(test_pair(s));
    sent = fill(s[0]);
    set_blocking(s[0], 1);
    set_linger(s[0], 1, 1);
    begin = GetTickCount64();
    CHECK_EQ(closesocket(s[0]), 0);
    took = GetTickCount64() - begin;
    CHECK(took >= 950 && took < DEADLINE_MS);
    CHECK_EQ(drain_all(s[1], &received), -1);
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    CHECK(received < sent);
    closesocket(s[1]);
}

static void non_blocking_lingering_close_must_be_repeated(void)
{
    SOCKET s[2];
    long long sent, received = 0;
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    struct sockaddr_in name;
    int len = sizeof name, result;

    REQUIRE(test_pair(s));
    sent = fill(s[0]);
    set_linger(s[0], 1, 5);
    CHECK_ERROR(closesocket(s[0]), WSAEWOULDBLOCK);
    CHECK_EQ(getsockname(s[0], (struct sockaddr *)&name, &len), 0);
    set_blocking(s[1], 0);
    do {
        if (drain(s[1], &received) == 0) Sleep(1);
        result = closesocket(s[0]);
    } while (result && WSAGetLastError() == WSAEWOULDBLOCK && GetTickCount64() < limit);
    CHECK_EQ(result, 0);
    CHECK_EQ(drain_all(s[1], &received), 1);
    CHECK_EQ(received, sent);
    closesocket(s[1]);
}

static void non_blocking_lingering_close_with_nothing_to_send(void)
{
    SOCKET s[2];
    char byte;

    REQUIRE(test_pair(s));
    set_blocking(s[0], 0);
    set_linger(s[0], 1, 5);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(recv(s[1], &byte, 1, 0), 0);
    closesocket(s[1]);
}

static void lingering_close_of_an_unconnected_socket(void)
{
    SOCKET tcp = test_tcp_bound(), udp = test_udp(NULL);

    set_linger(tcp, 1, 5);
    CHECK_EQ(closesocket(tcp), 0);
    CHECK_EQ(closesocket(udp), 0);
}

static void closing_a_listener_resets_those_who_wait(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = test_tcp();
    char byte;

    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAECONNRESET);
    closesocket(client);
}

static void closed_listener_refuses(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = test_tcp();

    CHECK_EQ(closesocket(listener), 0);
    CHECK_ERROR(connect(client, (struct sockaddr *)&addr, sizeof addr), WSAECONNREFUSED);
    closesocket(client);
}

static void port_is_free_after_the_close(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr), again = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(bind(again, (struct sockaddr *)&addr, sizeof addr), 0);
    closesocket(again);
}

static void dontlinger_sets_only_the_switch(void)
{
    SOCKET s = test_tcp();
    struct linger linger = { 9, 9 };
    BOOL dont = TRUE;
    int len = sizeof linger;

    set_linger(s, 1, 7);
    CHECK(setsockopt(s, SOL_SOCKET, SO_DONTLINGER, (const char *)&dont, sizeof dont) == 0);
    CHECK(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &len) == 0);
    CHECK_EQ(linger.l_onoff, 0);
    CHECK_EQ(linger.l_linger, 7);
    dont = FALSE;
    CHECK(setsockopt(s, SOL_SOCKET, SO_DONTLINGER, (const char *)&dont, sizeof dont) == 0);
    CHECK(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &len) == 0);
    CHECK_EQ(linger.l_onoff, 1);
    CHECK_EQ(linger.l_linger, 7);
    closesocket(s);
}

/* The server reads SO_ERROR when it sees the reset, and then the receive finds a plain end. */
#define EATEN "Wine 8 may take the reset's error away, and then recv returns 0"

static const struct test_case cases[] = {
    TEST(closed_twice, "30 closesocket [doc]"),
    TEST(closed_socket_is_no_socket, "30 closesocket [doc]"),
    TEST(event_is_not_closed, "30 closesocket [doc]"),
    TEST(data_sent_before_the_close_arrives, "30 closesocket [doc]"),
    TEST(much_data_is_delivered_in_the_background, "30 closesocket [doc]"),
    TEST_NOT_ON_WINE(hard_close_resets_the_peer, "30 closesocket [doc]", EATEN),
    TEST_NOT_ON_WINE(hard_close_returns_at_once_and_drops_data, "30 closesocket [doc]", EATEN),
    TEST(lingering_close_delivers_and_ends_gracefully, "30 closesocket [doc]"),
    TEST_WINE_DIFFERS(lingering_close_aborts_when_the_time_is_over, "30 closesocket [doc]",
                      "Wine 8 delivers in the background"),
    TEST_NOT_ON_WINE(non_blocking_lingering_close_must_be_repeated, "30 closesocket [doc]",
                     "Wine 8 closes at once, and its server waits for the data"),
    TEST(non_blocking_lingering_close_with_nothing_to_send, "30 closesocket [doc]"),
    TEST(lingering_close_of_an_unconnected_socket, "30 closesocket [doc]"),
    TEST_NOT_ON_WINE(closing_a_listener_resets_those_who_wait, "30 closesocket [known]", EATEN),
    TEST(closed_listener_refuses, "30 closesocket [doc]"),
    TEST(port_is_free_after_the_close, "30 closesocket [doc]"),
    TEST_WINE_DIFFERS(dontlinger_sets_only_the_switch, "30 closesocket [doc]", "Wine 8 sets the seconds, too"),
};
TEST_MAIN(cases)
