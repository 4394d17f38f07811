/* SPDX-License-Identifier: MIT */
/*
 * acceptex-errors.c - what AcceptEx refuses at once, and what it refuses only
 * when the connection has come.  But for a NULL OVERLAPPED, the status of a
 * refused request says pending, and nothing is ever notified.
 */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)

#define CHECK_PENDS(call) (CHECK(!(call)), CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING))

static char space[256];

/* Issues a request that must be refused and returns the error. */
static int refusal(SOCKET listener, SOCKET taken, void *buf, DWORD data, DWORD local, DWORD remote)
{
    WSAOVERLAPPED ov;
    int error;

    test_overlapped(&ov);
    WSASetLastError(0xbad);
    CHECK(!AcceptEx(listener, taken, buf, data, local, remote, NULL, &ov));
    error = WSAGetLastError();
    CHECK_EQ((ULONG)ov.Internal, STATUS_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    CHECK(WSACloseEvent(ov.hEvent));
    return error;
}

static void missing_overlapped_comes_first(void)
{
    SOCKET listener = test_listener(NULL), taken = test_tcp();
    DWORD n;

    WSASetLastError(0);
    CHECK(!AcceptEx(listener, taken, space, 0, AREA, AREA, &n, NULL));
    CHECK_EQ(WSAGetLastError(), ERROR_INVALID_PARAMETER);
    WSASetLastError(0);
    CHECK(!AcceptEx(INVALID_SOCKET, INVALID_SOCKET, NULL, 0, 0, 0, &n, NULL));
    CHECK_EQ(WSAGetLastError(), ERROR_INVALID_PARAMETER);
    closesocket(listener);
    closesocket(taken);
}

static void refusal_writes_neither_count(void)
{
    SOCKET listener = test_listener(NULL), taken = test_tcp();
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef;

    test_overlapped(&ov);
    ov.InternalHigh = 0xabba;
    CHECK(!AcceptEx(listener, INVALID_SOCKET, space, 0, AREA, AREA, &n, &ov));
    CHECK(!AcceptEx(INVALID_SOCKET, taken, space, 0, AREA, AREA, &n, &ov));
    CHECK(!AcceptEx(listener, taken, space, 0, AREA, 0, &n, &ov));
    CHECK_EQ(ov.InternalHigh, 0xabba);
    CHECK_EQ(n, 0xdeadbeef);
    CHECK(WSACloseEvent(ov.hEvent));
    closesocket(listener);
    closesocket(taken);
}

static void bad_listener(void)
{
    SOCKET taken = test_tcp();
    WSAEVENT event = WSACreateEvent();

    CHECK_EQ(refusal(INVALID_SOCKET, taken, space, 0, AREA, AREA), WSAENOTSOCK);
    CHECK_EQ(refusal((SOCKET)event, taken, space, 0, AREA, AREA), WSAENOTSOCK);
    CHECK_EQ(refusal(0, taken, space, 0, AREA, AREA), WSAENOTSOCK);
    WSACloseEvent(event);
    closesocket(taken);
}

static void socket_that_does_not_listen(void)
{
    SOCKET bound = test_tcp_bound(), fresh = test_tcp(), taken = test_tcp();

    CHECK_EQ(refusal(bound, taken, space, 0, AREA, AREA), WSAEINVAL);
    CHECK_EQ(refusal(fresh, taken, space, 0, AREA, AREA), WSAEINVAL);
    closesocket(bound);
    closesocket(fresh);
    closesocket(taken);
}

static void bad_accept_socket(void)
{
    SOCKET listener = test_listener(NULL);
    WSAEVENT event = WSACreateEvent();

    CHECK_EQ(refusal(listener, INVALID_SOCKET, space, 0, AREA, AREA), WSAENOTSOCK);
    CHECK_EQ(refusal(listener, (SOCKET)event, space, 0, AREA, AREA), WSAENOTSOCK);
    WSACloseEvent(event);
    closesocket(listener);
}

static void closed_accept_socket(void)
{
    SOCKET listener = test_listener(NULL), taken = test_tcp();

    closesocket(taken);
    CHECK_EQ(refusal(listener, taken, space, 0, AREA, AREA), WSAENOTSOCK);
    closesocket(listener);
}

static void missing_buffer(void)
{
    SOCKET listener = test_listener(NULL), taken = test_tcp();

    CHECK_EQ(refusal(listener, taken, NULL, 16, AREA, AREA), WSAEFAULT);
    closesocket(listener);
    closesocket(taken);
}

static void no_room_for_the_remote_address(void)
{
    SOCKET listener = test_listener(NULL), taken = test_tcp();

    CHECK_EQ(refusal(listener, taken, space, 0, AREA, 0), WSAEFAULT);
    CHECK_EQ(refusal(listener, taken, space, 16, AREA, 0), WSAEFAULT);
    closesocket(listener);
    closesocket(taken);
}

static void accept_socket_that_is_bound(void)
{
    SOCKET listener = test_listener(NULL), taken = test_tcp_bound();

    CHECK_EQ(refusal(listener, taken, space, 0, AREA, AREA), WSAEINVAL);
    closesocket(listener);
    closesocket(taken);
}

static void accept_socket_that_is_connected(void)
{
    SOCKET listener = test_listener(NULL), pair[2];

    REQUIRE(test_pair(pair));
    CHECK_EQ(refusal(listener, pair[0], space, 0, AREA, AREA), WSAEINVAL);
    CHECK_EQ(refusal(listener, pair[1], space, 0, AREA, AREA), WSAEINVAL);
    closesocket(listener);
    closesocket(pair[0]);
    closesocket(pair[1]);
}

static void accept_socket_that_listens(void)
{
    SOCKET listener = test_listener(NULL), other = test_listener(NULL);

    CHECK_EQ(refusal(listener, other, space, 0, AREA, AREA), WSAEINVAL);
    CHECK_EQ(refusal(listener, listener, space, 0, AREA, AREA), WSAEINVAL);
    closesocket(listener);
    closesocket(other);
}

static void accept_socket_that_is_udp(void)
{
    SOCKET listener = test_listener(NULL), bound = test_udp(NULL), fresh = socket(AF_INET, SOCK_DGRAM, 0);

    CHECK_EQ(refusal(listener, bound, space, 0, AREA, AREA), WSAEINVAL);
    CHECK_EQ(refusal(listener, fresh, space, 0, AREA, AREA), WSAEINVAL);
    closesocket(listener);
    closesocket(bound);
    closesocket(fresh);
}

static void listener_that_is_udp(void)
{
    SOCKET listener = test_udp(NULL), taken = test_tcp();

    CHECK_EQ(refusal(listener, taken, space, 0, AREA, AREA), WSAEINVAL);
    closesocket(listener);
    closesocket(taken);
}

static void accept_socket_of_a_pending_request(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), other = test_listener(NULL), taken = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;

    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(listener, taken, space, 0, AREA, AREA, NULL, &ov));
    CHECK_EQ(refusal(listener, taken, space + 128, 0, AREA, AREA), WSAEINVAL);
    CHECK_EQ(refusal(other, taken, space + 128, 0, AREA, AREA), WSAEINVAL);
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    CHECK_EQ(refusal(listener, taken, space, 0, AREA, AREA), WSAEINVAL);
    closesocket(listener);
    closesocket(other);
    closesocket(taken);
    closesocket(client);
    WSACloseEvent(ov.hEvent);
}

/* A refusal leaves both sockets as they were. */
static void refused_request_can_be_put_right(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taken = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;

    CHECK_EQ(refusal(listener, taken, space, 0, AREA, 0), WSAEFAULT);
    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(listener, taken, space, 0, AREA, AREA, NULL, &ov));
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    closesocket(listener);
    closesocket(taken);
    closesocket(client);
    WSACloseEvent(ov.hEvent);
}

/*
 * Issues with short address lengths, connects, and expects the failure; then
 * the connection must still be there for accept().
 */
static void fails_at_the_connection(DWORD local, DWORD remote)
{
    struct sockaddr_in addr, peer, own;
    SOCKET listener = test_listener(&addr), taken = test_tcp(), client = test_tcp(), got;
    WSAOVERLAPPED ov;
    DWORD n = 77;
    int len = sizeof peer;
    u_long on = 1;

    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(listener, taken, space, 0, local, remote, NULL, &ov));
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_EQ(test_result(listener, &ov, &n), WSAEFAULT);
    CHECK_EQ(n, 0);
    CHECK_EQ((ULONG)ov.Internal, 0xC0000023);
    CHECK(!GetOverlappedResult((HANDLE)listener, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);

    CHECK(ioctlsocket(listener, FIONBIO, &on) == 0);
    got = accept(listener, (struct sockaddr *)&peer, &len);
    CHECK(got != INVALID_SOCKET);
    len = sizeof own;
    CHECK(getsockname(client, (struct sockaddr *)&own, &len) == 0);
    CHECK_EQ(peer.sin_port, own.sin_port);
    if (got != INVALID_SOCKET) closesocket(got);
    closesocket(listener);
    closesocket(taken);
    closesocket(client);
    WSACloseEvent(ov.hEvent);
}

static void short_local_area_fails_when_the_connection_comes(void)
{
    fails_at_the_connection(3, AREA);
    fails_at_the_connection(20, AREA);
}

static void local_area_one_byte_short(void)
{
    fails_at_the_connection(AREA - 1, AREA);
}

static void short_remote_area_fails_when_the_connection_comes(void)
{
    fails_at_the_connection(AREA, AREA - 1);
    fails_at_the_connection(AREA, 5);
}

/* The connection that one request was too small for goes to the next that is large enough. */
static void next_request_gets_the_connection_that_did_not_fit(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), first = test_tcp(), second = test_tcp(), client = test_tcp();
    WSAOVERLAPPED small, large;
    char byte = 0;

    test_overlapped(&small);
    test_overlapped(&large);
    CHECK_PENDS(AcceptEx(listener, first, space, 0, 20, AREA, NULL, &small));
    CHECK_PENDS(AcceptEx(listener, second, space + 128, 0, AREA, AREA, NULL, &large));
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_EQ(test_result(listener, &small, NULL), WSAEFAULT);
    CHECK_EQ(test_result(listener, &large, NULL), 0);
    CHECK(test_send_all(client, "x", 1));
    CHECK(test_recv_all(second, &byte, 1) && byte == 'x');
    closesocket(listener);
    closesocket(first);
    closesocket(second);
    closesocket(client);
    WSACloseEvent(small.hEvent);
    WSACloseEvent(large.hEvent);
}

#define UNCHECKED "Wine 8 does not check the state of the sockets at issue: the request would pend"
#define CONSUMED "Wine 8 is content with 16 bytes, and takes the connection whose address does not fit"

static const struct test_case cases[] = {
    TEST(missing_overlapped_comes_first, "30 AcceptEx [obs]"),
    TEST_WINE_DIFFERS(refusal_writes_neither_count, "20 §1 [obs]; 30 AcceptEx [doc]", "Wine 8 writes 0 to both"),
    TEST(bad_listener, "30 AcceptEx [obs]"),
    TEST_NOT_ON_WINE(socket_that_does_not_listen, "30 AcceptEx [obs]", UNCHECKED),
    TEST(bad_accept_socket, "30 AcceptEx [obs]"),
    TEST(closed_accept_socket, "30 AcceptEx [obs]"),
    TEST_WINE_DIFFERS(missing_buffer, "30 AcceptEx [obs]", "Wine says WSAEINVAL"),
    TEST(no_room_for_the_remote_address, "30 AcceptEx [obs]"),
    TEST_NOT_ON_WINE(accept_socket_that_is_bound, "30 AcceptEx [obs]", UNCHECKED),
    TEST_NOT_ON_WINE(accept_socket_that_is_connected, "30 AcceptEx [obs]", UNCHECKED),
    TEST_NOT_ON_WINE(accept_socket_that_listens, "30 AcceptEx [obs]", UNCHECKED),
    TEST_NOT_ON_WINE(accept_socket_that_is_udp, "30 AcceptEx [obs]", UNCHECKED),
    TEST_NOT_ON_WINE(listener_that_is_udp, "30 AcceptEx [obs]", UNCHECKED),
    TEST_NOT_ON_WINE(accept_socket_of_a_pending_request, "30 AcceptEx [obs]", UNCHECKED),
    TEST(refused_request_can_be_put_right, "30 AcceptEx; 20 §2 [doc]"),
    TEST_WINE_DIFFERS(short_local_area_fails_when_the_connection_comes, "30 AcceptEx [obs]; 01 row 28", CONSUMED),
    TEST_WINE_DIFFERS(local_area_one_byte_short, "30 AcceptEx [obs]", CONSUMED),
    TEST_WINE_DIFFERS(short_remote_area_fails_when_the_connection_comes, "30 AcceptEx [known]", CONSUMED),
    TEST_NOT_ON_WINE(next_request_gets_the_connection_that_did_not_fit, "30 AcceptEx [obs]", CONSUMED),
};
TEST_MAIN(cases)
