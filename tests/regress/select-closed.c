/* SPDX-License-Identifier: MIT */
/* select-closed.c - closesocket in another thread ends a select, and the connection, at once (contract 80). */
#include "test.h"

enum { LONG_S = 5 };

static DWORD WINAPI close_soon(LPVOID s)
{
    Sleep(QUIET_MS);
    closesocket((SOCKET)s);
    return 0;
}

/* select over one socket that is closed meanwhile. */
static void select_closed(SOCKET s)
{
    struct timeval timeout = { LONG_S, 0 };
    LONGLONG start = test_ticks();
    HANDLE thread;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(s, &set);
    thread = test_thread(close_soon, (LPVOID)s);
    CHECK_EQ(select(0, &set, NULL, NULL, &timeout), 1);
    CHECK(FD_ISSET(s, &set));
    CHECK(!test_elapsed(start, LONG_S * 1000 / 2));
    test_join(thread);
}

static void a_listener(void)
{
    struct sockaddr_in addr;

    select_closed(test_listener(&addr));
}

static void a_datagram_socket(void)
{
    struct sockaddr_in addr;

    select_closed(test_udp(&addr));
}

static DWORD WINAPI select_one(LPVOID s)
{
    struct timeval timeout = { LONG_S, 0 };
    fd_set set;

    FD_ZERO(&set);
    FD_SET((SOCKET)s, &set);
    return (DWORD)select(0, &set, NULL, NULL, &timeout);
}

/* The sleeping select must not keep the connection open either. */
static void the_peer_of_a_connection(void)
{
    LONGLONG start = test_ticks();
    HANDLE thread;
    SOCKET s[2];
    char byte;

    REQUIRE(test_pair(s));
    thread = test_thread(select_one, (LPVOID)s[0]);
    Sleep(QUIET_MS);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(recv(s[1], &byte, 1, 0), 0);
    CHECK(!test_elapsed(start, LONG_S * 1000 / 2));
    CHECK_EQ(test_join(thread), 1);
    closesocket(s[1]);
}

static const struct test_case cases[] = {
    TEST(a_listener, "80 select: closesocket in another thread wakes it [obs]"),
    TEST(a_datagram_socket, "80 select: closesocket in another thread wakes it [obs]"),
    TEST(the_peer_of_a_connection, "30 closesocket [doc]"),
};
TEST_MAIN(cases)
