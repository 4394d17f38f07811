/* SPDX-License-Identifier: MIT */
/*
 * restart.c - a server that ends and starts again gets its port at once, with
 * no option set, though its old connections linger in TIME_WAIT; but two live
 * listeners never share a port.
 */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

/* Serves some connections at addr (port 0: chooses one) and closes first, so that TIME_WAIT stays on this side. */
static int serve(struct sockaddr *addr, int len, int family)
{
    SOCKET listener = socket(family, SOCK_STREAM, IPPROTO_TCP);
    int i;

    if (!CHECK_EQ(bind(listener, addr, len), 0)) {
        closesocket(listener);
        return 0;
    }
    CHECK_EQ(listen(listener, SOMAXCONN), 0);
    CHECK_EQ(getsockname(listener, addr, &len), 0);
    for (i = 0; i < 4; i++) {
        SOCKET client = socket(family, SOCK_STREAM, IPPROTO_TCP), got;
        char byte;

        CHECK_EQ(connect(client, addr, len), 0);
        got = accept(listener, NULL, NULL);
        CHECK(got != INVALID_SOCKET);
        CHECK_EQ(closesocket(got), 0);
        CHECK_EQ(recv(client, &byte, 1, 0), 0);
        CHECK_EQ(closesocket(client), 0);
    }
    CHECK_EQ(closesocket(listener), 0);
    return 1;
}

static struct sockaddr_in loopback(void)
{
    struct sockaddr_in addr;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return addr;
}

static void server_binds_its_port_again_at_once(void)
{
    struct sockaddr_in addr = loopback();
    int i;

    for (i = 0; i < 3; i++) {
        if (!serve((struct sockaddr *)&addr, sizeof addr, AF_INET)) break;
    }
}

static void server_on_ipv6_binds_its_port_again_at_once(void)
{
    struct sockaddr_in6 addr;
    SOCKET probe = socket(AF_INET6, SOCK_STREAM, 0);
    int missing;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    missing = probe == INVALID_SOCKET || bind(probe, (struct sockaddr *)&addr, sizeof addr);
    if (probe != INVALID_SOCKET) closesocket(probe);
    if (missing) {
        test_skip("no ::1 here");
        return;
    }
    if (serve((struct sockaddr *)&addr, sizeof addr, AF_INET6)) serve((struct sockaddr *)&addr, sizeof addr, AF_INET6);
}

static void second_live_listener_is_refused(void)
{
    struct sockaddr_in addr = loopback();
    SOCKET live = test_tcp(), second = test_tcp();
    int len = sizeof addr;

    if (!serve((struct sockaddr *)&addr, sizeof addr, AF_INET)) return;
    CHECK_EQ(bind(live, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(listen(live, SOMAXCONN), 0);
    CHECK_ERROR(bind(second, (struct sockaddr *)&addr, sizeof addr), WSAEADDRINUSE);
    CHECK_EQ(closesocket(live), 0);
    CHECK_EQ(bind(second, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(listen(second, SOMAXCONN), 0);
    CHECK_EQ(getsockname(second, (struct sockaddr *)&addr, &len), 0);
    closesocket(second);
}

/* With AcceptEx pending when the server ends, as in a real one. */
static void pending_accepts_do_not_hold_the_port(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taken = test_tcp(), again = test_tcp();
    char buf[2 * (sizeof(struct sockaddr_in) + 16)];
    WSAOVERLAPPED ov;

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taken, buf, 0, sizeof buf / 2, sizeof buf / 2, NULL, &ov));
    CHECK_EQ(closesocket(listener), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(bind(again, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(listen(again, SOMAXCONN), 0);
    closesocket(again);
    closesocket(taken);
    WSACloseEvent(ov.hEvent);
}

/* A client too may bind the port of a connection that it has just ended. */
static void client_binds_its_port_again(void)
{
    struct sockaddr_in addr, own;
    SOCKET listener = test_listener(&addr), client = test_tcp_bound(), got;
    int len = sizeof own;
    char byte;

    CHECK_EQ(getsockname(client, (struct sockaddr *)&own, &len), 0);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    got = accept(listener, NULL, NULL);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(recv(got, &byte, 1, 0), 0);
    CHECK_EQ(closesocket(got), 0);
    client = test_tcp();
    CHECK_EQ(bind(client, (struct sockaddr *)&own, sizeof own), 0);
    closesocket(client);
    closesocket(listener);
}

static const struct test_case cases[] = {
    TEST(server_binds_its_port_again_at_once, "70 SO_REUSEADDR [known]"),
    TEST(server_on_ipv6_binds_its_port_again_at_once, "70 SO_REUSEADDR [known]"),
    TEST(second_live_listener_is_refused, "70 SO_REUSEADDR [known]"),
    TEST(pending_accepts_do_not_hold_the_port, "70 SO_REUSEADDR [known]"),
    TEST(client_binds_its_port_again, "70 SO_REUSEADDR [known]"),
};
TEST_MAIN(cases)
