/* SPDX-License-Identifier: MIT */
/* acceptex.c - the life of an AcceptEx request: how it starts, completes, ends early, and to whom it belongs. */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)

#define CHECK_PENDS(call) (CHECK(!(call)), CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING))

/* A listener, the socket that takes the connection, and the request. */
struct accepting {
    SOCKET listener, taken, client;
    struct sockaddr_in addr;
    WSAOVERLAPPED ov;
    DWORD received;
    char buf[64 + 2 * AREA];
};

static void begin(struct accepting *a)
{
    memset(a, 0, sizeof *a);
    a->listener = test_listener(&a->addr);
    a->taken = test_tcp();
    a->client = INVALID_SOCKET;
    a->received = 0xdeadbeef;
    test_overlapped(&a->ov);
}

static int issue(struct accepting *a, DWORD data_len)
{
    return CHECK_PENDS(AcceptEx(a->listener, a->taken, a->buf, data_len, AREA, AREA, &a->received, &a->ov));
}

static int dial(struct accepting *a)
{
    a->client = test_tcp();
    return CHECK(connect(a->client, (struct sockaddr *)&a->addr, sizeof a->addr) == 0);
}

/* Closes all that is still open. */
static void end(struct accepting *a)
{
    if (a->listener != INVALID_SOCKET) CHECK(closesocket(a->listener) == 0);
    if (a->taken != INVALID_SOCKET) CHECK(closesocket(a->taken) == 0);
    if (a->client != INVALID_SOCKET) CHECK(closesocket(a->client) == 0);
    CHECK(WSACloseEvent(a->ov.hEvent));
}

static void pends_until_a_connection_comes(void)
{
    struct accepting a;
    DWORD n = 77;

    begin(&a);
    issue(&a, 0);
    CHECK_EQ((ULONG)a.ov.Internal, STATUS_PENDING);
    CHECK_EQ(WaitForSingleObject(a.ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(a.ov.Internal, 0);
    CHECK_EQ(a.ov.InternalHigh, 0);
    end(&a);
}

static void count_pointer_is_not_written_when_it_pends(void)
{
    struct accepting a;

    begin(&a);
    issue(&a, 0);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    CHECK_EQ(a.received, 0xdeadbeef);
    end(&a);
}

static void count_pointer_may_be_null(void)
{
    struct accepting a;

    begin(&a);
    CHECK_PENDS(AcceptEx(a.listener, a.taken, a.buf, 0, AREA, AREA, NULL, &a.ov));
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void waiting_connection_still_pends_first(void)
{
    struct accepting a;

    begin(&a);
    dial(&a);
    issue(&a, 0);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void issue_resets_the_event(void)
{
    struct accepting a;

    begin(&a);
    WSASetEvent(a.ov.hEvent);
    issue(&a, 0);
    CHECK_EQ(WaitForSingleObject(a.ov.hEvent, 0), WAIT_TIMEOUT);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void non_blocking_listener_is_no_different(void)
{
    struct accepting a;
    u_long on = 1;

    begin(&a);
    CHECK(ioctlsocket(a.listener, FIONBIO, &on) == 0);
    issue(&a, 0);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void accepted_socket_carries_data_before_its_context_is_updated(void)
{
    struct accepting a;
    char byte = 0;
    WSABUF out = { 1, "b" }, in = { 1, &byte };
    DWORD n = 0, flags = 0;

    begin(&a);
    issue(&a, 0);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    CHECK_EQ(send(a.taken, "a", 1, 0), 1);
    CHECK_EQ(WSASend(a.taken, &out, 1, &n, 0, NULL, NULL), 0);
    CHECK(test_recv_all(a.client, &byte, 1) && byte == 'a');
    CHECK(test_recv_all(a.client, &byte, 1) && byte == 'b');
    CHECK(test_send_all(a.client, "cd", 2));
    CHECK_EQ(recv(a.taken, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'c');
    CHECK_EQ(WSARecv(a.taken, &in, 1, &n, &flags, NULL, NULL), 0);
    CHECK_EQ(n, 1);
    CHECK_EQ(byte, 'd');
    end(&a);
}

static void extension_pointer_serves_any_socket(void)
{
    struct accepting a;
    GUID id = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX fn = NULL;
    SOCKET other = test_tcp();
    DWORD n;

    CHECK(WSAIoctl(other, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &fn, sizeof fn, &n, NULL, NULL) == 0);
    CHECK(closesocket(other) == 0);
    REQUIRE(fn);
    begin(&a);
    CHECK_PENDS(fn(a.listener, a.taken, a.buf, 0, AREA, AREA, &a.received, &a.ov));
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

/* Without an event the listener itself is what becomes signalled. */
static void listener_is_signalled_when_there_is_no_event(void)
{
    struct accepting a;
    HANDLE event;

    begin(&a);
    event = a.ov.hEvent;
    a.ov.hEvent = NULL;
    issue(&a, 0);
    CHECK_EQ(WaitForSingleObject((HANDLE)a.listener, QUIET_MS), WAIT_TIMEOUT);
    dial(&a);
    CHECK_EQ(WaitForSingleObject((HANDLE)a.listener, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    a.ov.hEvent = event;
    end(&a);
}

static void cancel_on_the_accept_socket_has_no_effect(void)
{
    struct accepting a;

    begin(&a);
    issue(&a, 0);
    CHECK(CancelIo((HANDLE)a.taken));
    CHECK_EQ(WaitForSingleObject(a.ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void accept_socket_has_nothing_to_cancel(void)
{
    struct accepting a;

    begin(&a);
    issue(&a, 0);
    CHECK(!CancelIoEx((HANDLE)a.taken, NULL));
    CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void cancel_on_the_listener_aborts(void)
{
    struct accepting a;
    DWORD n = 77;

    begin(&a);
    issue(&a, 0);
    CHECK(CancelIo((HANDLE)a.listener));
    CHECK_EQ(test_result(a.listener, &a.ov, &n), WSA_OPERATION_ABORTED);
    CHECK_EQ(n, 0);
    CHECK_EQ((ULONG)a.ov.Internal, 0xC0000120);
    issue(&a, 0);
    CHECK(CancelIoEx((HANDLE)a.listener, &a.ov));
    CHECK_EQ(test_result(a.listener, &a.ov, &n), WSA_OPERATION_ABORTED);
    end(&a);
}

static void connect_is_refused_while_an_accept_is_pending_on_the_socket(void)
{
    struct accepting a;

    begin(&a);
    issue(&a, 0);
    CHECK_EQ(connect(a.taken, (struct sockaddr *)&a.addr, sizeof a.addr), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

static void closing_the_accept_socket_aborts(void)
{
    struct accepting a;
    DWORD n = 77;

    begin(&a);
    issue(&a, 0);
    CHECK(closesocket(a.taken) == 0);
    a.taken = INVALID_SOCKET;
    CHECK_EQ(test_result(a.listener, &a.ov, &n), WSA_OPERATION_ABORTED);
    CHECK_EQ(n, 0);
    end(&a);
}

static void listener_goes_on_after_an_accept_socket_was_closed(void)
{
    struct accepting a;

    begin(&a);
    issue(&a, 0);
    CHECK(closesocket(a.taken) == 0);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), WSA_OPERATION_ABORTED);
    a.taken = test_tcp();
    issue(&a, 0);
    dial(&a);
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), 0);
    end(&a);
}

/* The connection is there, the data is not: SO_CONNECT_TIME tells when that state is reached. */
static int wait_connected(SOCKET s)
{
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    DWORD seconds = 0xffffffff;
    int len = sizeof seconds;

    while (seconds == 0xffffffff && GetTickCount64() < limit) {
        if (getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &len)) break;
        if (seconds == 0xffffffff) Sleep(1);
    }
    return CHECK(seconds != 0xffffffff);
}

static void closing_the_accept_socket_that_waits_for_data_aborts(void)
{
    struct accepting a;
    int error;

    begin(&a);
    issue(&a, 64);
    dial(&a);
    wait_connected(a.taken);
    CHECK(closesocket(a.taken) == 0);
    a.taken = INVALID_SOCKET;
    error = test_result(a.listener, &a.ov, NULL);
    CHECK(error == WSA_OPERATION_ABORTED || error == WSAECONNABORTED);
    end(&a);
}

static void closing_the_accept_socket_after_completion_changes_nothing(void)
{
    struct accepting a;
    DWORD n = 0;

    begin(&a);
    issue(&a, 64);
    dial(&a);
    CHECK(test_send_all(a.client, "abc", 3));
    CHECK_EQ(WaitForSingleObject(a.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(closesocket(a.taken) == 0);
    a.taken = INVALID_SOCKET;
    CHECK_EQ(test_result(a.listener, &a.ov, &n), 0);
    CHECK_EQ(n, 3);
    end(&a);
}

static void closing_the_listener_cancels(void)
{
    struct accepting a;

    begin(&a);
    issue(&a, 0);
    CHECK(closesocket(a.listener) == 0);
    a.listener = INVALID_SOCKET;
    CHECK_EQ(WaitForSingleObject(a.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ((ULONG)a.ov.Internal, 0xC0000120);
    CHECK_EQ(a.ov.InternalHigh, 0);
    end(&a);
}

static void closing_the_listener_cancels_an_accept_that_waits_for_data(void)
{
    struct accepting a;

    begin(&a);
    issue(&a, 64);
    dial(&a);
    wait_connected(a.taken);
    CHECK(closesocket(a.listener) == 0);
    a.listener = INVALID_SOCKET;
    CHECK_EQ(WaitForSingleObject(a.ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ((ULONG)a.ov.Internal, 0xC0000120);
    end(&a);
}

/* Either the dead connection is passed over, or it completes the request with WSAECONNRESET: never a success. */
static void connection_reset_before_the_accept_is_no_success(void)
{
    struct accepting a;
    int error;

    begin(&a);
    dial(&a);
    test_reset(a.client);
    issue(&a, 0);
    dial(&a);
    error = test_result(a.listener, &a.ov, NULL);
    if (error == 0) {
        char byte = 0;

        CHECK(test_send_all(a.client, "x", 1));
        CHECK_EQ(recv(a.taken, &byte, 1, 0), 1);
        CHECK_EQ(byte, 'x');
    } else {
        CHECK_EQ(error, WSAECONNRESET);
    }
    end(&a);
}

static void set_up_v6(SOCKET *listener, struct sockaddr_in6 *addr)
{
    int len = sizeof *addr;

    memset(addr, 0, sizeof *addr);
    addr->sin6_family = AF_INET6;
    addr->sin6_addr.s6_addr[15] = 1;
    *listener = WSASocketW(AF_INET6, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (*listener == INVALID_SOCKET) return;
    if (bind(*listener, (struct sockaddr *)addr, sizeof *addr) || listen(*listener, SOMAXCONN)) {
        closesocket(*listener);
        *listener = INVALID_SOCKET;
        return;
    }
    CHECK(getsockname(*listener, (struct sockaddr *)addr, &len) == 0);
}

static void works_over_ipv6(void)
{
    enum { AREA6 = sizeof(struct sockaddr_in6) + 16 };
    struct sockaddr_in6 addr;
    SOCKET listener, taken, client;
    char buf[16 + 2 * AREA6];
    WSAOVERLAPPED ov;
    DWORD n = 0;

    set_up_v6(&listener, &addr);
    if (listener == INVALID_SOCKET) {
        test_skip("no ::1 here");
        return;
    }
    taken = socket(AF_INET6, SOCK_STREAM, 0);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(listener, taken, buf, 16, AREA6, AREA6, NULL, &ov));
    CHECK(connect(client, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK(test_send_all(client, "six", 3));
    CHECK_EQ(test_result(listener, &ov, &n), 0);
    CHECK_EQ(n, 3);
    CHECK(memcmp(buf, "six", 3) == 0);
    closesocket(listener);
    closesocket(taken);
    closesocket(client);
    WSACloseEvent(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(pends_until_a_connection_comes, "30 AcceptEx [doc]; 01 rows 16, 17, 19"),
    TEST_WINE_DIFFERS(count_pointer_is_not_written_when_it_pends, "30 AcceptEx [doc]; 01 row 21",
                      "Wine writes 0 there although the request pends"),
    TEST(count_pointer_may_be_null, "30 AcceptEx [doc]"),
    TEST(waiting_connection_still_pends_first, "30 AcceptEx; 20 §2 [obs]"),
    TEST(issue_resets_the_event, "20 §1 [doc WSAGetOverlappedResult]"),
    TEST(non_blocking_listener_is_no_different, "30 AcceptEx [obs]"),
    TEST(accepted_socket_carries_data_before_its_context_is_updated, "30 AcceptEx [doc]"),
    TEST(extension_pointer_serves_any_socket, "30 [doc]"),
    TEST(listener_is_signalled_when_there_is_no_event, "30 AcceptEx; 20 §4 [obs]"),
    TEST(cancel_on_the_accept_socket_has_no_effect, "30 AcceptEx [obs]; 20 §11"),
    TEST_WINE_DIFFERS(accept_socket_has_nothing_to_cancel, "20 §11 [doc; obs]",
                      "Wine 8 counts the request among those of the accept socket, too"),
    TEST(cancel_on_the_listener_aborts, "30 AcceptEx; 20 §11 [obs]"),
    TEST(connect_is_refused_while_an_accept_is_pending_on_the_socket, "30 AcceptEx [obs]"),
    TEST(closing_the_accept_socket_aborts, "30 AcceptEx; 20 §12 [obs]"),
    TEST(listener_goes_on_after_an_accept_socket_was_closed, "30 AcceptEx; 20 §12 [obs]"),
    TEST(closing_the_accept_socket_that_waits_for_data_aborts, "30 AcceptEx; 20 §12 [obs]"),
    TEST(closing_the_accept_socket_after_completion_changes_nothing, "20 §12 [obs]"),
    TEST(closing_the_listener_cancels, "30 AcceptEx; 20 §12 [obs]"),
    TEST(closing_the_listener_cancels_an_accept_that_waits_for_data, "30 AcceptEx; 20 §12 [obs]"),
    TEST_WINE_DIFFERS(connection_reset_before_the_accept_is_no_success, "30 AcceptEx [doc]",
                      "Wine takes the dead connection and fails with WSAENOTCONN"),
    TEST(works_over_ipv6, "30 AcceptEx [doc]"),
};
TEST_MAIN(cases)
