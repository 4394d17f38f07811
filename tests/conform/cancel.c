/* SPDX-License-Identifier: MIT */
/* cancel.c - CancelIo and CancelIoEx: what they find, whose requests they end, and how those are notified. */
#include "test.h"

enum { CANCELLED = (int)0xC0000120, MIB = 1 << 20 };

static int runs;
static DWORD routine_error, routine_count;

static void CALLBACK count_run(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)ov, (void)flags;
    runs++;
    routine_error = error;
    routine_count = count;
}

static int post_recv(SOCKET s, char data[8], WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 8, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, routine) ? WSAGetLastError() : 0;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void check_not_found(SOCKET s, WSAOVERLAPPED *ov)
{
    SetLastError(0);
    CHECK_EQ(CancelIoEx((HANDLE)s, ov), FALSE);
    CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
}

/* The request ends as cancelled, through its event or the socket. */
static void check_cancelled(SOCKET s, WSAOVERLAPPED *ov)
{
    DWORD n = 1;

    CHECK_EQ(test_result(s, ov, &n), WSA_OPERATION_ABORTED);
    CHECK_EQ(n, 0);
    CHECK_EQ((int)ov->Internal, CANCELLED);
    CHECK_EQ(ov->InternalHigh, 0);
    CHECK(!GetOverlappedResult((HANDLE)s, ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_OPERATION_ABORTED);
}

/* Runs f on another thread, to its end. */
static void elsewhere(LPTHREAD_START_ROUTINE f, void *arg)
{
    HANDLE thread = CreateThread(NULL, 0, f, arg, 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
}

/* ---- nothing to cancel ---- */

static void with_nothing_pending_cancelio_succeeds(void)
{
    SOCKET s = test_tcp();

    CHECK(CancelIo((HANDLE)s));
    CHECK(CancelIo((HANDLE)s));
    closesocket(s);
}

static void with_nothing_pending_cancelioex_finds_nothing(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = { 0 };

    check_not_found(s, &ov);
    closesocket(s);
}

static void with_nothing_pending_cancelioex_of_all_finds_nothing(void)
{
    SOCKET s = test_tcp();

    check_not_found(s, NULL);
    closesocket(s);
}

static void finished_request_is_not_found_and_keeps_its_result(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    check_not_found(s[0], &ov);
    CHECK(CancelIo((HANDLE)s[0]));
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 5);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void check_invalid(HANDLE bad)
{
    WSAOVERLAPPED ov = { 0 };

    SetLastError(0);
    CHECK(!CancelIo(bad));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(!CancelIoEx(bad, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(!CancelIoEx(bad, &ov));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static void invalid_handles_are_told(void)
{
    SOCKET s = test_tcp();

    closesocket(s);
    check_invalid((HANDLE)s);
    check_invalid(NULL);
}

static void invalid_socket_value_is_told(void)
{
    check_invalid((HANDLE)INVALID_SOCKET);
}

/* ---- how a cancelled request ends ---- */

static void cancelled_receive_sets_its_event(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    int ex;

    for (ex = 0; ex < 2; ex++) {
        REQUIRE(test_pair(s));
        test_overlapped(&ov);
        ov.InternalHigh = 99;
        CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
        if (ex) CHECK(CancelIoEx((HANDLE)s[0], &ov));
        else CHECK(CancelIo((HANDLE)s[0]));
        CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
        check_cancelled(s[0], &ov);
        check_not_found(s[0], &ov);
        close_pair(s);
        WSACloseEvent(ov.hEvent);
    }
}

static void cancelled_receive_signals_the_socket(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], 0), WAIT_TIMEOUT);
    CHECK(CancelIoEx((HANDLE)s[0], NULL));
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0);
    check_cancelled(s[0], &ov);
    close_pair(s);
}

static void cancelled_receive_runs_its_routine(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    runs = 0;
    CHECK_EQ(post_recv(s[0], data, &ov, count_run), WSA_IO_PENDING);
    CHECK(CancelIo((HANDLE)s[0]));
    CHECK_EQ(runs, 0);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    CHECK_EQ(routine_error, WSA_OPERATION_ABORTED);
    CHECK_EQ(routine_count, 0);
    CHECK_EQ(SleepEx(QUIET_MS, TRUE), 0);
    CHECK_EQ(runs, 1);
    close_pair(s);
}

static void cancelled_datagram_receive_leaves_the_socket_usable(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n;

    test_overlapped(&ov);
    CHECK_EQ(post_recv(s, data, &ov, NULL), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)s, &ov));
    check_cancelled(s, &ov);
    CHECK_EQ(post_recv(s, data, &ov, NULL), WSA_IO_PENDING); /* the structure as well */
    CHECK_EQ(sendto(s, "hello", 5, 0, (struct sockaddr *)&addr, sizeof addr), 5);
    CHECK_EQ(test_result(s, &ov, &n), 0);
    CHECK_EQ(n, 5);
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

static void cancelled_send_counts_at_most_what_arrives(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *data = calloc(1, 8 * MIB), *bite = malloc(65536);
    WSABUF buf = { 8 * MIB, data };
    size_t arrived = 0;
    int small = 0, n;

    REQUIRE(data && bite && test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small), 0);
    CHECK_EQ(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)s[0], &ov));
    CHECK_EQ(test_result(s[0], &ov, NULL), WSA_OPERATION_ABORTED);
    CHECK_EQ((int)ov.Internal, CANCELLED);
    closesocket(s[0]);
    while ((n = recv(s[1], bite, 65536, 0)) > 0) arrived += (size_t)n;
    CHECK(ov.InternalHigh <= arrived); /* 0, or the bytes already moved */
    CHECK(arrived < 8 * MIB);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
    free(data);
    free(bite);
}

/* ---- whose requests ---- */

struct other {
    SOCKET s;
    WSAOVERLAPPED *ov;
    BOOL result;
};

static DWORD WINAPI cancelio_elsewhere(void *arg)
{
    struct other *o = arg;

    o->result = CancelIo((HANDLE)o->s);
    return 0;
}

static DWORD WINAPI cancelioex_elsewhere(void *arg)
{
    struct other *o = arg;

    o->result = CancelIoEx((HANDLE)o->s, o->ov);
    return 0;
}

static void cancelio_ends_only_the_requests_of_its_thread(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    struct other o = { 0 };

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    o.s = s[0];
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    elsewhere(cancelio_elsewhere, &o);
    CHECK_EQ(o.result, TRUE);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK(CancelIo((HANDLE)s[0]));
    check_cancelled(s[0], &ov);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void cancelioex_ends_requests_of_any_thread(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov[2];
    char data[8];
    struct other o = { 0 };
    int all;

    REQUIRE(test_pair(s));
    test_overlapped(&ov[0]);
    test_overlapped(&ov[1]);
    o.s = s[0];
    for (all = 0; all < 2; all++) {
        o.ov = all ? NULL : &ov[0];
        CHECK_EQ(post_recv(s[0], data, &ov[all], NULL), WSA_IO_PENDING);
        elsewhere(cancelioex_elsewhere, &o);
        CHECK_EQ(o.result, TRUE);
        check_cancelled(s[0], &ov[all]);
        WSACloseEvent(ov[all].hEvent);
    }
    close_pair(s);
}

static void cancelioex_by_structure_leaves_the_others(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov[3], stranger = { 0 };
    char data[3][8];
    DWORD n;
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < 3; i++) {
        test_overlapped(&ov[i]);
        CHECK_EQ(post_recv(s[0], data[i], &ov[i], NULL), WSA_IO_PENDING);
    }
    check_not_found(s[0], &stranger);
    CHECK(CancelIoEx((HANDLE)s[0], &ov[1]));
    check_cancelled(s[0], &ov[1]);
    CHECK(!HasOverlappedIoCompleted(&ov[0]));
    CHECK(!HasOverlappedIoCompleted(&ov[2]));
    CHECK(test_send_all(s[1], "12345678abcdefgh", 16)); /* the others keep their order */
    CHECK_EQ(test_result(s[0], &ov[0], &n), 0);
    CHECK(!memcmp(data[0], "12345678", 8));
    CHECK_EQ(test_result(s[0], &ov[2], &n), 0);
    CHECK(!memcmp(data[2], "abcdefgh", 8));
    for (i = 0; i < 3; i++) WSACloseEvent(ov[i].hEvent);
    close_pair(s);
}

static void cancelioex_by_structure_ends_all_that_use_it(void)
{
    SOCKET s[2];
    static WSAOVERLAPPED ov; /* static: nothing tells when the second of the two is done with it */
    char data[2][8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data[0], &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], data[1], &ov, NULL), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)s[0], &ov));
    check_cancelled(s[0], &ov);
    check_not_found(s[0], &ov);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(test_recv_all(s[0], data[0], 5)); /* neither of the two is left to take it */
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void cancelioex_without_structure_ends_all(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov[3], bare = { 0 };
    char data[4][8];
    int i;

    REQUIRE(test_pair(s));
    runs = 0;
    for (i = 0; i < 3; i++) {
        test_overlapped(&ov[i]);
        CHECK_EQ(post_recv(s[0], data[i], &ov[i], NULL), WSA_IO_PENDING);
    }
    CHECK_EQ(post_recv(s[0], data[3], &bare, count_run), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)s[0], NULL));
    for (i = 0; i < 3; i++) {
        check_cancelled(s[0], &ov[i]);
        WSACloseEvent(ov[i].hEvent);
    }
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    close_pair(s);
}

static void requests_belong_to_their_handle(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    check_not_found(s[1], &ov);
    CHECK(CancelIo((HANDLE)s[1]));
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(CancelIoEx((HANDLE)s[0], &ov));
    check_cancelled(s[0], &ov);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void accept_belongs_to_the_listener(void)
{
    SOCKET listener = test_listener(NULL), taker = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK(CancelIo((HANDLE)taker));
    check_not_found(taker, &ov);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK(CancelIo((HANDLE)listener));
    check_cancelled(listener, &ov);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static void cancelled_accept_frees_its_socket_and_the_listener(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)listener, &ov));
    check_cancelled(listener, &ov);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

/* ---- completed sends are out of reach ---- */

/* Fills the buffers by calls that complete at once; the number of bytes. */
static int fill(SOCKET s)
{
    static char data[65536];
    u_long on = 1, off = 0;
    int sent = 0, n;

    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
    while ((n = send(s, data, sizeof data, 0)) > 0) sent += n;
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK_EQ(ioctlsocket(s, FIONBIO, &off), 0);
    return sent;
}

static int drain(SOCKET s)
{
    static char data[65536];
    int got = 0, n;

    while ((n = recv(s, data, sizeof data, 0)) > 0) got += n;
    CHECK_EQ(n, 0);
    return got;
}

static void completed_sends_survive_cancel_and_close(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    int sent;

    REQUIRE(test_pair(s));
    sent = fill(s[0]);
    CHECK(sent > 0);
    check_not_found(s[0], &ov);
    CHECK(CancelIo((HANDLE)s[0]));
    CHECK_EQ(shutdown(s[0], SD_BOTH), 0);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(drain(s[1]), sent);
    closesocket(s[1]);
}

static const struct test_case cases[] = {
    TEST(with_nothing_pending_cancelio_succeeds, "20 §11 CancelIo [doc; obs]"),
    TEST(with_nothing_pending_cancelioex_finds_nothing, "20 §11 ERROR_NOT_FOUND [doc; obs]"),
    TEST_WINE_DIFFERS(with_nothing_pending_cancelioex_of_all_finds_nothing, "20 §11 ERROR_NOT_FOUND [doc; obs]",
                      "CancelIoEx of Wine 8 always succeeds without a structure"),
    TEST(finished_request_is_not_found_and_keeps_its_result, "20 §11 ERROR_NOT_FOUND [doc]"),
    TEST(invalid_handles_are_told, "20 §11 ERROR_INVALID_HANDLE"),
    TEST_WINE_DIFFERS(invalid_socket_value_is_told, "20 §11 ERROR_INVALID_HANDLE; 00 -1 is invalid",
                      "Wine 8 succeeds for INVALID_HANDLE_VALUE"),
    TEST(cancelled_receive_sets_its_event, "20 §11 cancelled requests complete [doc]"),
    TEST(cancelled_receive_signals_the_socket, "20 §11 cancelled requests complete; §4"),
    TEST(cancelled_receive_runs_its_routine, "20 §11 cancelled requests complete [doc]"),
    TEST(cancelled_datagram_receive_leaves_the_socket_usable, "20 §11 reuse after completion [doc]"),
    TEST_NOT_ON_WINE(cancelled_send_counts_at_most_what_arrives, "20 §11 InternalHigh [doc]",
                     "CancelIoEx of Wine 8 may miss a send that its thread is just going on with"),
    TEST(cancelio_ends_only_the_requests_of_its_thread, "20 §11 CancelIo: calling thread [doc]"),
    TEST(cancelioex_ends_requests_of_any_thread, "20 §11 CancelIoEx: any thread [doc]"),
    TEST(cancelioex_by_structure_leaves_the_others, "20 §11 CancelIoEx(handle, ov) [doc]"),
    TEST(cancelioex_by_structure_ends_all_that_use_it, "20 §11 all requests using that ov [doc]"),
    TEST(cancelioex_without_structure_ends_all, "20 §11 NULL: all on the handle [doc]"),
    TEST(requests_belong_to_their_handle, "20 §11 tied to the handle"),
    TEST(accept_belongs_to_the_listener, "20 §11 AcceptEx [obs]"),
    TEST(cancelled_accept_frees_its_socket_and_the_listener, "20 §11; 30"),
    TEST(completed_sends_survive_cancel_and_close, "20 §11 completed sends [obs]"),
};

TEST_MAIN(cases)
