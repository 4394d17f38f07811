/* SPDX-License-Identifier: MIT */
/*
 * notes.c - the page of notes that Lapwing started from, one case for each of
 * its statements (contract 01), in the same order and with what really holds.
 * The rows about AcceptEx, 16 to 23 and 28, are in notes-acceptex.c.
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
    CHECK(!HasOverlappedIoCompleted(&ov));
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
    char *data = calloc(1, MIB), *back = malloc(MIB);
    WSABUF buf = { MIB, data };
    int small = 0;
    DWORD n = 0, flags = 0;

    REQUIRE(data && back && test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small), 0);
    CHECK_EQ(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(test_recv_all(s[1], back, MIB));
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, MIB);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(data);
    free(back);
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
    TEST(note24_wsarecv_returns_zero_or_pending_and_needs_no_count, "01 row 24; 20 §2"),
    TEST(note25_routine_is_null_or_used, "01 row 25; 20 §7"),
    TEST(note26_wsabuf_is_a_32_bit_length_and_a_pointer, "01 row 26; 20 §10"),
    TEST(note27_wsasend_takes_its_flags_by_value, "01 row 27; 40"),
};

TEST_MAIN(cases)
