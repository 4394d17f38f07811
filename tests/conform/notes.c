/* SPDX-License-Identifier: MIT */
/*
 * notes.c - the page of notes that Lapwing started from, one case for each of
 * its statements (contract 01), in the same order and with what really holds.
 */
#include "test.h"

#ifndef __MINGW32__
#include <ws2spi.h> /* MinGW's library does not export WSPGetOverlappedResult */
#endif

#include <stddef.h>

enum { UNTOUCHED = 0xdead, MIB = 1 << 20 };

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* WSARecv as the notes write it; 0, WSA_IO_PENDING or the error. */
static int post_recv(SOCKET s, char data[8], WSAOVERLAPPED *ov)
{
    WSABUF buf = { 8, data };
    DWORD n = 0, flags = 0;

    return WSARecv(s, &buf, 1, &n, &flags, ov, NULL) ? WSAGetLastError() : 0;
}

/* ---- events ---- */

static void note01_wsacreateevent_is_manual_reset_and_not_signalled(void)
{
    WSAEVENT event = WSACreateEvent();

    CHECK(event != WSA_INVALID_EVENT);
    CHECK(WSA_INVALID_EVENT == NULL);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSASetEvent(event));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, FALSE), WSA_WAIT_EVENT_0); /* a wait does not reset it */
    CHECK(WSAResetEvent(event));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSACloseEvent(event));
}

static void note02_createevent_makes_auto_reset_ones_for_any_use(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    ov.hEvent = CreateEvent(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &ov.hEvent, TRUE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &ov.hEvent, TRUE, 0, FALSE), WSA_WAIT_TIMEOUT); /* the wait has reset it */
    CHECK(WSASetEvent(ov.hEvent));
    CHECK(WSAResetEvent(ov.hEvent));
    close_pair(s);
    CHECK(WSACloseEvent(ov.hEvent));
}

/* ---- the structure ---- */

static void note03_structure_has_pointer_sized_status_and_count(void)
{
    WSAOVERLAPPED ov;

    CHECK_EQ(sizeof ov.Internal, sizeof(void *));
    CHECK_EQ(sizeof ov.InternalHigh, sizeof(void *));
    CHECK_EQ(sizeof ov.Offset, 4);
    CHECK_EQ(sizeof ov.OffsetHigh, 4);
    CHECK_EQ(offsetof(WSAOVERLAPPED, Pointer), offsetof(WSAOVERLAPPED, Offset));
    CHECK_EQ(sizeof(WSAOVERLAPPED), 32);
}

static void note04_internal_is_the_status(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK(CancelIo((HANDLE)s[0]));
    CHECK_EQ(test_result(s[0], &ov, NULL), WSA_OPERATION_ABORTED);
    CHECK_EQ((ULONG)ov.Internal, 0xC0000120); /* an NTSTATUS, not the error code */
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void note05_internalhigh_is_the_count(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(ov.InternalHigh, 5);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void note06_offsets_need_not_be_zero_for_sockets(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    ov.Offset = 0x12345678;
    ov.OffsetHigh = 0x87654321;
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(ov.InternalHigh, 5);
    CHECK_EQ(ov.Offset, 0x12345678);
    CHECK_EQ(ov.OffsetHigh, 0x87654321);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void CALLBACK set_context(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)flags;
    *(int *)ov->hEvent = 1;
}

static void note07_hevent_is_the_event_or_zero_or_the_programs_own(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    WSAEVENT event;
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD flags = 0;
    int context = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    event = ov.hEvent;
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "x", 1));
    CHECK_EQ(WaitForSingleObject(event, DEADLINE_MS), WAIT_OBJECT_0);

    ov.hEvent = 0;
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "x", 1));
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0);

    ov.hEvent = &context;
    CHECK_EQ(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, set_context), SOCKET_ERROR);
    CHECK(test_send_all(s[1], "x", 1));
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(context, 1);
    close_pair(s);
    WSACloseEvent(event);
}

/* ---- waiting ---- */

static void note08_wsawaitformultipleevents_waits_for_any_or_all(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov[2];
    WSAEVENT events[65];
    char data[2][8];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < 2; i++) {
        test_overlapped(&ov[i]);
        events[i] = ov[i].hEvent;
        CHECK_EQ(post_recv(s[i], data[i], &ov[i]), WSA_IO_PENDING);
    }
    CHECK(test_send_all(s[0], "to 1", 4));
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, FALSE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0 + 1);
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, TRUE, QUIET_MS, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "to 0", 4));
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, TRUE, WSA_INFINITE, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAWaitForMultipleEvents(0, events, TRUE, 0, FALSE), WSA_WAIT_FAILED);
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    CHECK_EQ(WSA_MAXIMUM_WAIT_EVENTS, 64);
    for (i = 2; i < 65; i++) events[i] = WSACreateEvent();
    CHECK_EQ(WSAWaitForMultipleEvents(64, events, FALSE, 0, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAWaitForMultipleEvents(65, events, FALSE, 0, FALSE), WSA_WAIT_FAILED);
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    for (i = 0; i < 65; i++) WSACloseEvent(events[i]);
    close_pair(s);
}

static int apc_runs, routine_runs;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    apc_runs++;
}

static void CALLBACK count_routine(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)ov, (void)flags;
    routine_runs++;
}

static void note09_wait_io_completion_needs_alertable(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    WSAEVENT never = WSACreateEvent();
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    apc_runs = routine_runs = 0;
    CHECK_EQ(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, count_routine), SOCKET_ERROR);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &never, TRUE, QUIET_MS, FALSE), WSA_WAIT_TIMEOUT);
    CHECK_EQ(routine_runs, 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &never, TRUE, DEADLINE_MS, TRUE), WSA_WAIT_IO_COMPLETION);
    CHECK_EQ(routine_runs, 1);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &never, TRUE, DEADLINE_MS, TRUE), WSA_WAIT_IO_COMPLETION);
    CHECK_EQ(apc_runs, 1);
    close_pair(s);
    WSACloseEvent(never);
}

/* ---- results ---- */

#ifdef __MINGW32__

static void note10_wspgetoverlappedresult_tells_success(void)
{
    test_skip("the library of MinGW-w64 exports no WSPGetOverlappedResult");
}

static void note14_error_comes_through_lperrno(void)
{
    test_skip("the library of MinGW-w64 exports no WSPGetOverlappedResult");
}

#else

static void note10_wspgetoverlappedresult_tells_success(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n = UNTOUCHED, flags = UNTOUCHED;
    INT error = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK_EQ(shutdown(s[1], SD_SEND), 0); /* graceful: TRUE with 0 bytes */
    CHECK(WSPGetOverlappedResult(s[0], &ov, &n, TRUE, &flags, &error));
    CHECK_EQ(n, 0);
    CHECK_EQ(flags, 0);
    close_pair(s);

    REQUIRE(test_pair(s));
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    test_reset(s[1]); /* a broken connection: FALSE and the code */
    CHECK(!WSPGetOverlappedResult(s[0], &ov, &n, TRUE, &flags, &error));
    CHECK_EQ(error, WSAECONNRESET);
    closesocket(s[0]);
    WSACloseEvent(ov.hEvent);
}

static void note14_error_comes_through_lperrno(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags;
    INT error = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    WSASetLastError(UNTOUCHED);
    CHECK(!WSPGetOverlappedResult(s[0], &ov, &n, FALSE, &flags, &error));
    CHECK_EQ(error, WSA_IO_INCOMPLETE);
    CHECK_EQ(WSAGetLastError(), UNTOUCHED); /* never the thread's last error */
    CHECK(!WSPGetOverlappedResult(INVALID_SOCKET, &ov, &n, FALSE, &flags, &error));
    CHECK_EQ(error, WSAENOTSOCK);
    CHECK_EQ(WSAGetLastError(), UNTOUCHED);
    CHECK(test_send_all(s[1], "hello", 5));
    WSASetLastError(UNTOUCHED);
    CHECK(WSPGetOverlappedResult(s[0], &ov, &n, TRUE, &flags, &error));
    CHECK_EQ(n, 5);
    CHECK_EQ(WSAGetLastError(), UNTOUCHED);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

#endif

static void note11_lpcbtransfer_is_what_really_moved(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *data = calloc(1, MIB);
    WSABUF buf = { MIB, data };
    int small = 0;
    DWORD n = 0, flags = 0;

    REQUIRE(data && test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small), 0);
    CHECK_EQ(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(test_recv_all(s[1], data, MIB));
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, MIB);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(data);
}

static DWORD WINAPI send_later(void *arg)
{
    SOCKET *s = arg;

    Sleep(QUIET_MS); /* lets the wait begin first most times; either order is right */
    CHECK_EQ(send(s[1], "hello", 5, 0), 5);
    return 0;
}

static void note12_fwait_decides_whether_it_waits(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    char data[8];
    DWORD n = 0, flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    CHECK(!WSAGetOverlappedResult(s[0], &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSA_IO_INCOMPLETE);
    thread = CreateThread(NULL, 0, send_later, s, 0, NULL);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, 5);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void note13_lpdwflags_are_receive_flags_and_a_close_is_zero_bytes(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    WSABUF buf = { 5, (char *)"hello" };
    DWORD n = UNTOUCHED, flags = UNTOUCHED;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK(WSASend(s[1], &buf, 1, NULL, 0, &ov, NULL) == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK(WSAGetOverlappedResult(s[1], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, 5);
    CHECK_EQ(flags, 0); /* not the bytes sent */
    flags = UNTOUCHED;
    CHECK(post_recv(s[0], data, &ov) == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, 5);
    CHECK_EQ(flags, 0); /* although the client is there */
    CHECK_EQ(post_recv(s[0], data, &ov), WSA_IO_PENDING);
    closesocket(s[1]);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, 0);
    closesocket(s[0]);
    WSACloseEvent(ov.hEvent);
}

/* ---- sockets ---- */

static void note15_wsasocket_and_socket_make_overlapped_ones(void)
{
    SOCKET s[3];
    WSAOVERLAPPED ov;
    struct sockaddr_in any = { 0 };
    char data[8];
    int i;

    s[0] = WSASocketA(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    s[1] = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);
    s[2] = socket(AF_INET, SOCK_DGRAM, 0);
    any.sin_family = AF_INET;
    for (i = 0; i < 3; i++) {
        CHECK(s[i] != INVALID_SOCKET);
        CHECK_EQ(bind(s[i], (struct sockaddr *)&any, sizeof any), 0);
        test_overlapped(&ov);
        CHECK_EQ(post_recv(s[i], data, &ov), WSA_IO_PENDING); /* without overlap it would block */
        CHECK(CancelIo((HANDLE)s[i]));
        CHECK_EQ(test_result(s[i], &ov, NULL), WSA_OPERATION_ABORTED);
        closesocket(s[i]);
        WSACloseEvent(ov.hEvent);
    }
}

/* ---- AcceptEx ---- */

/* A listener with one AcceptEx pending and a client that is not connected yet. */
struct scene {
    struct sockaddr_in addr;
    SOCKET listener, taker, client;
    WSAOVERLAPPED ov;
    char block[256];
    DWORD data_len, local_len, remote_len;
};

static void begin(struct scene *c, DWORD data_len, DWORD local_len, DWORD remote_len)
{
    memset(c, 0, sizeof *c);
    c->listener = test_listener(&c->addr);
    c->taker = test_tcp();
    c->client = test_tcp();
    c->data_len = data_len;
    c->local_len = local_len;
    c->remote_len = remote_len;
    test_overlapped(&c->ov);
    CHECK(!AcceptEx(c->listener, c->taker, c->block, data_len, local_len, remote_len, NULL, &c->ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
}

static void connect_client(struct scene *c)
{
    CHECK_EQ(connect(c->client, (struct sockaddr *)&c->addr, sizeof c->addr), 0);
}

static void end(struct scene *c)
{
    closesocket(c->client);
    closesocket(c->taker);
    closesocket(c->listener);
    WSACloseEvent(c->ov.hEvent);
}

/* The address that the client has itself. */
static struct sockaddr_in own_address(struct scene *c)
{
    struct sockaddr_in a = { 0 };
    int len = sizeof a;

    CHECK_EQ(getsockname(c->client, (struct sockaddr *)&a, &len), 0);
    return a;
}

static void check_address(const struct sockaddr *got, struct sockaddr_in want)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)got;

    CHECK_EQ(in->sin_family, AF_INET);
    CHECK_EQ(in->sin_port, want.sin_port);
    CHECK_EQ(in->sin_addr.s_addr, want.sin_addr.s_addr);
}

static void note16_acceptex_pends_with_error_io_pending(void)
{
    struct scene c;

    CHECK_EQ(ERROR_IO_PENDING, WSA_IO_PENDING);
    CHECK_EQ(ERROR_IO_PENDING, 997);
    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    end(&c);
}

static void note17_accept_socket_is_a_fresh_one(void)
{
    struct scene c;
    char data[8];

    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    CHECK(test_send_all(c.client, "hello", 5)); /* it is the connection now */
    CHECK(test_recv_all(c.taker, data, 5));
    end(&c);
}

static void note17_bound_or_connected_sockets_are_refused(void)
{
    static WSAOVERLAPPED ov; /* static: where the call is not refused it pends until the listener goes */
    static char block[128];
    SOCKET listener = test_listener(NULL), bound = test_tcp_bound(), s[2];

    REQUIRE(test_pair(s));
    CHECK(!AcceptEx(listener, bound, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!AcceptEx(listener, s[0], block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    closesocket(listener);
    closesocket(bound);
    close_pair(s);
}

static void note18_output_buffer_holds_data_local_and_remote_address(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;
    DWORD n = 0;

    begin(&c, 10, 32, 32);
    connect_client(&c);
    CHECK(test_send_all(c.client, "hello", 5));
    CHECK_EQ(test_result(c.listener, &c.ov, &n), 0);
    CHECK_EQ(n, 5);
    CHECK(!memcmp(c.block, "hello", 5));
    GetAcceptExSockaddrs(c.block, 10, 32, 32, &local, &local_len, &remote, &remote_len);
    REQUIRE(local && remote);
    check_address(local, c.addr);
    check_address(remote, own_address(&c));
    CHECK((char *)local >= c.block + 10 && (char *)local < (char *)remote);
    CHECK((char *)remote < c.block + 10 + 32 + 32);
    end(&c);
}

static void note19_receive_length_zero_does_not_wait_for_data(void)
{
    struct scene c;
    DWORD n = UNTOUCHED;

    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, &n), 0);
    CHECK_EQ(n, 0);
    end(&c);

    begin(&c, 8, 32, 32);
    connect_client(&c);
    CHECK_EQ(WaitForSingleObject(c.ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(test_send_all(c.client, "x", 1));
    CHECK_EQ(test_result(c.listener, &c.ov, &n), 0);
    CHECK_EQ(n, 1);
    end(&c);
}

static void note20_address_lengths_are_their_shares_of_the_buffer(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;

    begin(&c, 0, 48, 40);
    memset(c.block + 48 + 40, '#', sizeof c.block - 88);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 48, 40, &local, &local_len, &remote, &remote_len);
    REQUIRE(local && remote);
    check_address(local, c.addr);
    check_address(remote, own_address(&c));
    CHECK((char *)local < c.block + 48);
    CHECK((char *)remote >= c.block + 48 && (char *)remote < c.block + 88);
    CHECK_EQ(c.block[88], '#');
    end(&c);
}

static void note21_lpdwbytesreceived_is_set_only_on_synchronous_success(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];
    DWORD n = UNTOUCHED;

    test_overlapped(&ov);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(test_send_all(client, "hello", 5));
    CHECK(!AcceptEx(listener, taker, block, 8, 32, 32, &n, &ov)); /* always pends */
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    CHECK_EQ(ov.InternalHigh, 5);
    CHECK_EQ(n, UNTOUCHED);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static void note22_getacceptexsockaddrs_points_into_the_buffer(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;

    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 32, 32, &local, &local_len, &remote, &remote_len);
    CHECK_EQ(local_len, 16);
    CHECK_EQ(remote_len, 16);
    CHECK((char *)local >= c.block && (char *)local + local_len <= c.block + 64);
    CHECK((char *)remote >= c.block && (char *)remote + remote_len <= c.block + 64);
    end(&c);
}

/* The example of the notes, written out: nothing but the remote address is asked for. */
static void note23_example_prints_the_clients_address(void)
{
    WSAEVENT event = WSACreateEvent();
    struct sockaddr_in addr;
    SOCKET listen_socket = test_listener(&addr), client = test_tcp();
    SOCKET accept_socket = WSASocket(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    WSAOVERLAPPED overlapped;
    char buffer[128];
    DWORD received = 0, transferred = 0, flags = 0;
    SOCKADDR *local = NULL, *remote = NULL;
    INT local_length = 0, remote_length = 0;

    ZeroMemory(&overlapped, sizeof overlapped);
    overlapped.hEvent = event;
    if (!AcceptEx(listen_socket, accept_socket, buffer, 0, 0, sizeof buffer, &received, &overlapped)) {
        CHECK(ERROR_IO_PENDING == WSAGetLastError());
    }
    CHECK_EQ(connect(client, (SOCKADDR *)&addr, sizeof addr), 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK(WSAGetOverlappedResult(listen_socket, &overlapped, &transferred, FALSE, &flags));
    GetAcceptExSockaddrs(buffer, 0, 0, sizeof buffer, &local, &local_length, &remote, &remote_length);
    REQUIRE(remote != NULL);
    CHECK(!strcmp(inet_ntoa(((SOCKADDR_IN *)remote)->sin_addr), "127.0.0.1"));
    CHECK_EQ(remote_length, 16);
    closesocket(client);
    closesocket(accept_socket);
    closesocket(listen_socket);
    WSACloseEvent(event);
}

static void note23_local_outputs_of_length_zero_stay(void)
{
    struct scene c;
    struct sockaddr_in mine;
    struct sockaddr *local = (struct sockaddr *)&mine, *remote = NULL;
    int local_len = 99, remote_len = 0;

    begin(&c, 0, 0, 128);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 0, 128, &local, &local_len, &remote, &remote_len);
    REQUIRE(remote != NULL);
    check_address(remote, own_address(&c));
    CHECK(local == (struct sockaddr *)&mine);
    CHECK_EQ(local_len, 99);
    end(&c);
}

/* ---- WSARecv and WSASend ---- */

static void note24_wsarecv_returns_zero_or_pending_and_needs_no_count(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD flags = 0, n = UNTOUCHED;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 5);
    CHECK(test_send_all(s[1], "again", 5));
    CHECK_EQ(recv(s[0], data, sizeof data, MSG_PEEK), 5);
    n = UNTOUCHED;
    if (WSARecv(s[0], &buf, 1, &n, &flags, &ov, NULL) == 0) CHECK_EQ(n, 5);
    else CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 5);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void note25_routine_is_null_or_used(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    routine_runs = 0;
    CHECK_EQ(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), SOCKET_ERROR);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, count_routine), SOCKET_ERROR);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_runs, 1);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void note26_wsabuf_is_a_32_bit_length_and_a_pointer(void)
{
    WSABUF buf = { 3, (char *)"abc" };

    CHECK_EQ(sizeof(u_long), 4);
    CHECK_EQ(sizeof buf.len, 4);
    CHECK_EQ(sizeof buf.buf, sizeof(char *));
    CHECK_EQ(offsetof(WSABUF, len), 0);
    CHECK_EQ(offsetof(WSABUF, buf), 8);
}

static void note27_wsasend_takes_its_flags_by_value(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    WSABUF bufs[2] = { { 2, (char *)"he" }, { 3, (char *)"llo" } };
    DWORD n = UNTOUCHED, flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(WSASend(s[1], bufs, 2, &n, 0, NULL, NULL), 0);
    CHECK_EQ(n, 5);
    CHECK(WSASend(s[1], bufs, 2, NULL, flags, &ov, NULL) == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(test_result(s[1], &ov, &n), 0);
    CHECK_EQ(n, 5);
    CHECK(test_recv_all(s[0], data, 5));
    CHECK(!memcmp(data, "hello", 5));
    CHECK(test_recv_all(s[0], data, 5));
    CHECK(!memcmp(data, "hello", 5));
    routine_runs = 0;
    CHECK(WSASend(s[1], bufs, 2, NULL, 0, &ov, count_routine) == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_runs, 1);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void note28_addresses_need_sixteen_bytes_more(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;

    CHECK_EQ(sizeof(SOCKADDR_IN) + 16, 32);
    begin(&c, 0, sizeof(SOCKADDR_IN) + 16, sizeof(SOCKADDR_IN) + 16);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 32, 32, &local, &local_len, &remote, &remote_len);
    REQUIRE(local && remote);
    check_address(local, c.addr);
    check_address(remote, own_address(&c));
    end(&c);
}

static void note28_less_fails_when_the_connection_arrives(void)
{
    static const DWORD too_little[] = { 1, 3, 20, 31 };
    struct scene c;
    size_t i;

    for (i = 0; i < sizeof too_little / sizeof too_little[0]; i++) {
        begin(&c, 0, too_little[i], 32);
        CHECK_EQ(WaitForSingleObject(c.ov.hEvent, 0), WAIT_TIMEOUT);
        connect_client(&c);
        CHECK_EQ(test_result(c.listener, &c.ov, NULL), WSAEFAULT);
        end(&c);
    }
}

static const struct test_case cases[] = {
    TEST(note01_wsacreateevent_is_manual_reset_and_not_signalled, "01 row 1; 10"),
    TEST(note02_createevent_makes_auto_reset_ones_for_any_use, "01 row 2; 10"),
    TEST(note03_structure_has_pointer_sized_status_and_count, "01 row 3; 20 §1"),
    TEST(note04_internal_is_the_status, "01 row 4; 20 §1"),
    TEST(note05_internalhigh_is_the_count, "01 row 5; 20 §1"),
    TEST(note06_offsets_need_not_be_zero_for_sockets, "01 row 6; 20 §1"),
    TEST(note07_hevent_is_the_event_or_zero_or_the_programs_own, "01 row 7; 20 §2"),
    TEST(note08_wsawaitformultipleevents_waits_for_any_or_all, "01 row 8; 10"),
    TEST(note09_wait_io_completion_needs_alertable, "01 row 9; 10"),
    TEST(note10_wspgetoverlappedresult_tells_success, "01 row 10; 95"),
    TEST(note11_lpcbtransfer_is_what_really_moved, "01 row 11; 20 §5"),
    TEST(note12_fwait_decides_whether_it_waits, "01 row 12; 20 §5"),
    TEST(note13_lpdwflags_are_receive_flags_and_a_close_is_zero_bytes, "01 row 13; 20 §5"),
    TEST(note14_error_comes_through_lperrno, "01 row 14; 95"),
    TEST(note15_wsasocket_and_socket_make_overlapped_ones, "01 row 15"),
    TEST(note16_acceptex_pends_with_error_io_pending, "01 row 16; 30"),
    TEST(note17_accept_socket_is_a_fresh_one, "01 row 17; 30"),
    TEST_WINE_DIFFERS(note17_bound_or_connected_sockets_are_refused, "01 row 17; 30 [obs]",
                      "Wine 8 takes a bound socket"),
    TEST(note18_output_buffer_holds_data_local_and_remote_address, "01 row 18; 30"),
    TEST(note19_receive_length_zero_does_not_wait_for_data, "01 row 19; 30"),
    TEST(note20_address_lengths_are_their_shares_of_the_buffer, "01 row 20; 30"),
    TEST_WINE_DIFFERS(note21_lpdwbytesreceived_is_set_only_on_synchronous_success, "01 row 21; 30",
                      "Wine 8 stores 0 through lpdwBytesReceived at issue"),
    TEST(note22_getacceptexsockaddrs_points_into_the_buffer, "01 row 22; 30"),
    TEST(note23_example_prints_the_clients_address, "01 row 23; 30"),
    TEST_WINE_DIFFERS(note23_local_outputs_of_length_zero_stay, "01 row 23; 30 [obs]",
                      "Wine 8 fills the local outputs"),
    TEST(note24_wsarecv_returns_zero_or_pending_and_needs_no_count, "01 row 24; 20 §2"),
    TEST(note25_routine_is_null_or_used, "01 row 25; 20 §7"),
    TEST(note26_wsabuf_is_a_32_bit_length_and_a_pointer, "01 row 26; 20 §10"),
    TEST(note27_wsasend_takes_its_flags_by_value, "01 row 27; 40"),
    TEST(note28_addresses_need_sixteen_bytes_more, "01 row 28; 30"),
    TEST_WINE_DIFFERS(note28_less_fails_when_the_connection_arrives, "01 row 28; 30 [obs]",
                      "Wine 8 is content with room for the address itself"),
};

TEST_MAIN(cases)
