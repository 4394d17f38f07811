/* SPDX-License-Identifier: MIT */
/* connect-time.c - SO_CONNECT_TIME: seconds since the connection, or 0xFFFFFFFF where there is none. */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)
#define NEVER 0xffffffffu

/* The option, which never fails on a socket. */
static DWORD seconds_of(SOCKET s)
{
    DWORD seconds = 12345;
    int len = sizeof seconds;

    WSASetLastError(0xbad);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &len), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK_EQ(len, sizeof seconds);
    return seconds;
}

static void both_ends_start_at_zero(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK(seconds_of(s[0]) <= 1);
    CHECK(seconds_of(s[1]) <= 1);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void seconds_are_counted(void)
{
    ULONGLONG begin = GetTickCount64();
    SOCKET s[2];
    DWORD now;

    REQUIRE(test_pair(s));
    do {
        now = seconds_of(s[0]);
        if (now == 0) Sleep(5);
    } while (now == 0 && GetTickCount64() - begin < DEADLINE_MS);
    CHECK(now >= 1 && now <= (GetTickCount64() - begin) / 1000 + 1);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void unconnected_sockets_say_never(void)
{
    SOCKET fresh = test_tcp(), bound = test_tcp_bound(), listener = test_listener(NULL);

    CHECK_EQ(seconds_of(fresh), NEVER);
    CHECK_EQ(seconds_of(bound), NEVER);
    CHECK_EQ(seconds_of(listener), NEVER);
    closesocket(fresh);
    closesocket(bound);
    closesocket(listener);
}

static void refused_socket_says_never(void)
{
    SOCKET bound = test_tcp_bound(), s = test_tcp();
    struct sockaddr_in addr;
    int len = sizeof addr;

    CHECK(getsockname(bound, (struct sockaddr *)&addr, &len) == 0);
    CHECK(connect(s, (struct sockaddr *)&addr, sizeof addr) == SOCKET_ERROR);
    CHECK_EQ(seconds_of(s), NEVER);
    closesocket(s);
    closesocket(bound);
}

static void udp_says_never(void)
{
    struct sockaddr_in addr;
    SOCKET a = test_udp(&addr), b = test_udp(NULL);

    CHECK_EQ(seconds_of(b), NEVER);
    CHECK(connect(b, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_EQ(seconds_of(b), NEVER);
    closesocket(a);
    closesocket(b);
}

/* What the option is for: finding clients that have connected and say nothing. */
static void accept_socket_that_waits_for_data(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taken = test_tcp(), client = test_tcp();
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    char buf[16 + 2 * AREA];
    WSAOVERLAPPED ov;

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taken, buf, 16, AREA, AREA, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(seconds_of(taken), NEVER);
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    while (seconds_of(taken) == NEVER && GetTickCount64() < limit) Sleep(1);
    CHECK(seconds_of(taken) <= 1);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK(test_send_all(client, "x", 1));
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    CHECK(seconds_of(taken) <= 1);
    closesocket(listener);
    closesocket(taken);
    closesocket(client);
    WSACloseEvent(ov.hEvent);
}

static void short_buffer(void)
{
    SOCKET s = test_tcp();
    DWORD seconds;
    int len = 3;

    WSASetLastError(0);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &len), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(both_ends_start_at_zero, "30 SO_CONNECT_TIME [obs]"),
    TEST(seconds_are_counted, "30 SO_CONNECT_TIME [obs]"),
    TEST(unconnected_sockets_say_never, "30 SO_CONNECT_TIME [obs]"),
    TEST(refused_socket_says_never, "30 SO_CONNECT_TIME [obs]"),
    TEST(udp_says_never, "30 SO_CONNECT_TIME [obs]"),
    TEST(accept_socket_that_waits_for_data, "30 SO_CONNECT_TIME [obs]"),
    TEST(short_buffer, "70 options [doc getsockopt]"),
};
TEST_MAIN(cases)
