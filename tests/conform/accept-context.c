/* SPDX-License-Identifier: MIT */
/* accept-context.c - SO_UPDATE_ACCEPT_CONTEXT: what makes the socket of an AcceptEx a full one. */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)

#define CHECK_PENDS(call) (CHECK(!(call)), CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING))

struct accepted {
    SOCKET listener, taken, client;
    struct sockaddr_in addr;
    WSAOVERLAPPED ov;
    char buf[2 * AREA];
};

static void begin(struct accepted *a)
{
    memset(a, 0, sizeof *a);
    a->listener = test_listener(&a->addr);
    a->taken = test_tcp();
    a->client = test_tcp();
    test_overlapped(&a->ov);
}

static void accept_one(struct accepted *a)
{
    CHECK_PENDS(AcceptEx(a->listener, a->taken, a->buf, 0, AREA, AREA, NULL, &a->ov));
    CHECK(connect(a->client, (struct sockaddr *)&a->addr, sizeof a->addr) == 0);
    CHECK_EQ(test_result(a->listener, &a->ov, NULL), 0);
}

static int update(SOCKET s, SOCKET listener)
{
    WSASetLastError(0xbad);
    return setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&listener, sizeof listener);
}

static void end(struct accepted *a)
{
    closesocket(a->listener);
    closesocket(a->taken);
    closesocket(a->client);
    WSACloseEvent(a->ov.hEvent);
}

static void names_are_known_after_the_update(void)
{
    struct accepted a;
    struct sockaddr_in own, peer, client;
    int own_len = sizeof own, peer_len = sizeof peer, client_len = sizeof client;

    begin(&a);
    accept_one(&a);
    CHECK_EQ(update(a.taken, a.listener), 0);
    CHECK(getsockname(a.taken, (struct sockaddr *)&own, &own_len) == 0);
    CHECK(getpeername(a.taken, (struct sockaddr *)&peer, &peer_len) == 0);
    CHECK(getsockname(a.client, (struct sockaddr *)&client, &client_len) == 0);
    CHECK_EQ(own_len, sizeof own);
    CHECK_EQ(peer_len, sizeof peer);
    CHECK_EQ(own.sin_port, a.addr.sin_port);
    CHECK_EQ(own.sin_addr.s_addr, a.addr.sin_addr.s_addr);
    CHECK_EQ(peer.sin_port, client.sin_port);
    CHECK_EQ(peer.sin_addr.s_addr, client.sin_addr.s_addr);
    end(&a);
}

static void success_sets_the_last_error_to_zero(void)
{
    struct accepted a;

    begin(&a);
    accept_one(&a);
    CHECK_EQ(update(a.taken, a.listener), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    end(&a);
}

/* Before the update they may fail, but only in the documented way. */
static void names_before_the_update_are_right_or_not_connected(void)
{
    struct accepted a;
    struct sockaddr_in peer, client;
    int peer_len = sizeof peer, client_len = sizeof client;

    begin(&a);
    accept_one(&a);
    CHECK(getsockname(a.client, (struct sockaddr *)&client, &client_len) == 0);
    if (getpeername(a.taken, (struct sockaddr *)&peer, &peer_len)) CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    else CHECK_EQ(peer.sin_port, client.sin_port);
    end(&a);
}

static void shutdown_works_after_the_update(void)
{
    struct accepted a;
    char byte;

    begin(&a);
    accept_one(&a);
    CHECK_EQ(update(a.taken, a.listener), 0);
    CHECK(shutdown(a.taken, SD_SEND) == 0);
    CHECK_EQ(recv(a.client, &byte, 1, 0), 0);
    end(&a);
}

static DWORD receive_timeout(SOCKET s)
{
    DWORD ms = 0;
    int len = sizeof ms;

    CHECK(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, &len) == 0);
    return ms;
}

static void set_receive_timeout(SOCKET s, DWORD ms)
{
    CHECK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms) == 0);
}

static void properties_of_the_listener_come_with_the_update(void)
{
    struct accepted a;
    BOOL on = TRUE;
    int len = sizeof on;

    begin(&a);
    set_receive_timeout(a.listener, 1234);
    CHECK(setsockopt(a.listener, SOL_SOCKET, SO_OOBINLINE, (const char *)&on, sizeof on) == 0);
    accept_one(&a);
    CHECK_EQ(update(a.taken, a.listener), 0);
    CHECK_EQ(receive_timeout(a.taken), 1234);
    on = FALSE;
    CHECK(getsockopt(a.taken, SOL_SOCKET, SO_OOBINLINE, (char *)&on, &len) == 0);
    CHECK(on);
    end(&a);
}

static void own_options_stay_until_the_update(void)
{
    struct accepted a;
    DWORD ms = 0;
    int len = sizeof ms;

    begin(&a);
    set_receive_timeout(a.listener, 1234);
    set_receive_timeout(a.taken, 4321);
    accept_one(&a);
    if (getsockopt(a.taken, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, &len)) CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    else CHECK_EQ(ms, 4321);
    end(&a);
}

/* An option of the transport that was set before there was a connection is in force on it. */
static void options_of_the_prepared_socket_reach_the_connection(void)
{
    struct accepted a;
    BOOL on = TRUE;
    int len = 1, size = 12345;
    char flag = 0;

    begin(&a);
    CHECK(setsockopt(a.taken, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on) == 0);
    CHECK(setsockopt(a.taken, SOL_SOCKET, SO_SNDBUF, (const char *)&size, sizeof size) == 0);
    accept_one(&a);
    if (getsockopt(a.taken, IPPROTO_TCP, TCP_NODELAY, &flag, &len)) CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    else CHECK_EQ(flag, 1);
    size = 0;
    len = sizeof size;
    if (getsockopt(a.taken, SOL_SOCKET, SO_SNDBUF, (char *)&size, &len)) CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    else CHECK_EQ(size, 12345);
    end(&a);
}

static void value_that_is_no_socket(void)
{
    struct accepted a;

    begin(&a);
    accept_one(&a);
    CHECK_EQ(update(a.taken, INVALID_SOCKET), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(update(a.taken, (SOCKET)a.ov.hEvent), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(update(a.taken, a.listener), 0);
    end(&a);
}

static void another_listener(void)
{
    struct accepted a;
    SOCKET other = test_listener(NULL);

    begin(&a);
    accept_one(&a);
    CHECK_EQ(update(a.taken, other), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK_EQ(update(a.taken, a.client), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK_EQ(update(a.taken, a.listener), 0);
    closesocket(other);
    end(&a);
}

static void value_missing_or_short(void)
{
    struct accepted a;

    begin(&a);
    accept_one(&a);
    WSASetLastError(0);
    CHECK_EQ(setsockopt(a.taken, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, NULL, sizeof(SOCKET)), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0);
    CHECK_EQ(setsockopt(a.taken, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&a.listener, 4), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0);
    CHECK_EQ(setsockopt(a.taken, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&a.listener, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    end(&a);
}

static void socket_that_was_not_accepted(void)
{
    struct accepted a;

    begin(&a);
    CHECK_EQ(update(a.taken, a.listener), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    CHECK_PENDS(AcceptEx(a.listener, a.taken, a.buf, 0, AREA, AREA, NULL, &a.ov));
    CHECK_EQ(update(a.taken, a.listener), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    CHECK(connect(a.client, (struct sockaddr *)&a.addr, sizeof a.addr) == 0);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void option_cannot_be_read(void)
{
    struct accepted a;
    SOCKET value = 0;
    int len = sizeof value;

    begin(&a);
    accept_one(&a);
    CHECK_EQ(getsockopt(a.taken, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&value, &len), SOCKET_ERROR);
    end(&a);
}

#define NOTHING "Wine accepts the option and does nothing with it"

static const struct test_case cases[] = {
    TEST(names_are_known_after_the_update, "30 SO_UPDATE_ACCEPT_CONTEXT [doc]"),
    TEST_WINE_DIFFERS(success_sets_the_last_error_to_zero, "00 return styles [obs]",
                      "Wine 8 leaves the last error alone"),
    TEST(names_before_the_update_are_right_or_not_connected, "30 AcceptEx [doc]"),
    TEST(shutdown_works_after_the_update, "30 SO_UPDATE_ACCEPT_CONTEXT [doc]"),
    TEST_WINE_DIFFERS(properties_of_the_listener_come_with_the_update, "30 SO_UPDATE_ACCEPT_CONTEXT [doc]", NOTHING),
    TEST(own_options_stay_until_the_update, "30 AcceptEx [doc]"),
    TEST_WINE_DIFFERS(options_of_the_prepared_socket_reach_the_connection, "30 AcceptEx [doc]",
                      "Wine 8 replaces the descriptor and forgets TCP_NODELAY"),
    TEST_WINE_DIFFERS(value_that_is_no_socket, "30 SO_UPDATE_ACCEPT_CONTEXT [known]", NOTHING),
    TEST_WINE_DIFFERS(another_listener, "30 SO_UPDATE_ACCEPT_CONTEXT [known]", NOTHING),
    TEST_WINE_DIFFERS(value_missing_or_short, "30 SO_UPDATE_ACCEPT_CONTEXT [known]", NOTHING),
    TEST_WINE_DIFFERS(socket_that_was_not_accepted, "30 SO_UPDATE_ACCEPT_CONTEXT [known]", NOTHING),
    TEST(option_cannot_be_read, "30 SO_UPDATE_ACCEPT_CONTEXT"),
};
TEST_MAIN(cases)
