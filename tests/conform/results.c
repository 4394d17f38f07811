/* SPDX-License-Identifier: MIT */
/*
 * results.c - WSAGetOverlappedResult, GetOverlappedResult and
 * GetOverlappedResultEx: what they check, when they wait, what they write.
 * The translation of each status is in results-errors.c.
 */
#include "test.h"

enum { UNTOUCHED = 0x5eadbeef, ALL_FLAGS = 0x5555 };

static int post_recv(SOCKET s, void *data, ULONG len, WSAOVERLAPPED *ov)
{
    WSABUF buf = { len, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, NULL) ? WSAGetLastError() : 0;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static LONG apc_runs;

static void CALLBACK count_apc(ULONG_PTR data)
{
    (void)data;
    apc_runs++;
}

/* Sends hello on a socket a moment later; either order with the wait under test is right. */
static DWORD WINAPI send_later(void *arg)
{
    SOCKET *s = arg;

    Sleep(QUIET_MS);
    CHECK_EQ(send(s[1], "hello", 5, 0), 5);
    return 0;
}

static HANDLE start_sender(SOCKET s[2])
{
    HANDLE thread = CreateThread(NULL, 0, send_later, s, 0, NULL);

    CHECK(thread != NULL);
    return thread;
}

static void join(HANDLE thread)
{
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
}

/* A structure as a finished request leaves it. */
static WSAOVERLAPPED finished(ULONG status, ULONG_PTR count)
{
    WSAOVERLAPPED ov = { 0 };

    ov.Internal = status;
    ov.InternalHigh = count;
    return ov;
}

/* ---- WSAGetOverlappedResult ---- */

static void wsa_checks_the_socket(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(0, 7);
    WSAEVENT event = WSACreateEvent();
    DWORD n, flags;

    CHECK(WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK(!WSAGetOverlappedResult(INVALID_SOCKET, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(!WSAGetOverlappedResult(0, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(!WSAGetOverlappedResult((SOCKET)event, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    closesocket(s);
    CHECK(!WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    ov.Internal = STATUS_PENDING;
    CHECK(!WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    WSACloseEvent(event);
}

static void wsa_checks_the_socket_before_it_reads_the_structure(void)
{
    WSAOVERLAPPED *nowhere = (WSAOVERLAPPED *)(ULONG_PTR)16;
    DWORD n, flags;

    CHECK(!WSAGetOverlappedResult(INVALID_SOCKET, nowhere, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
}

static void wsa_does_not_know_duplicated_handles(void)
{
    SOCKET s = test_tcp();
    HANDLE copy = NULL;
    WSAOVERLAPPED ov = finished(0, 7);
    DWORD n, flags;

    REQUIRE(
        DuplicateHandle(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(!WSAGetOverlappedResult((SOCKET)copy, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK(CloseHandle(copy));
    closesocket(s);
}

static void wsa_reports_pending_as_incomplete(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n, flags;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK(!WSAGetOverlappedResult(s[0], &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSA_IO_INCOMPLETE);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void wsa_waits_when_asked(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    char data[8];
    DWORD n = 0, flags = ALL_FLAGS;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    thread = start_sender(s);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, 5);
    CHECK_EQ(flags, 0);
    join(thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void wsa_wait_is_not_alertable(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    char data[8];
    DWORD n, flags;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    apc_runs = 0;
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    thread = start_sender(s);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(apc_runs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_runs, 1);
    join(thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void wsa_takes_an_event_set_by_hand_for_success(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n = 0, flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    WSASetEvent(ov.hEvent);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK(!HasOverlappedIoCompleted(&ov));
    WSAResetEvent(ov.hEvent);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 5);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void wsa_success_gives_count_flags_and_last_error_zero(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(0, 1234);
    DWORD n = UNTOUCHED, flags = ALL_FLAGS;

    WSASetLastError(UNTOUCHED);
    CHECK(WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(n, 1234);
    CHECK_EQ(flags, 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s);
}

static void wsa_failure_gives_the_count_too(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov;
    char data[4];
    DWORD n = UNTOUCHED, flags = 0;

    test_overlapped(&ov);
    CHECK_EQ(post_recv(s, data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK_EQ(sendto(s, "too long", 8, 0, (struct sockaddr *)&addr, sizeof addr), 8);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(!WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEMSGSIZE);
    CHECK_EQ(n, 4);
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

static void wsa_failure_leaves_the_flags(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(0xC000020D, 3);
    DWORD n = UNTOUCHED, flags = ALL_FLAGS;

    CHECK(!WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    CHECK_EQ(n, 3);
    CHECK_EQ(flags, ALL_FLAGS);
    closesocket(s);
}

static void wsa_flags_come_from_the_success_status(void)
{
    static const struct {
        ULONG status;
        DWORD flags;
    } rows[] = {
        { 0x4000000F, MSG_PARTIAL },
        { 0x40000010, MSG_OOB },
        { 0x40000011, MSG_PARTIAL | MSG_OOB },
        { 0x40000000, 0 },
        { 1, 0 },
    };
    SOCKET s = test_tcp();
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        WSAOVERLAPPED ov = finished(rows[i].status, 9);
        DWORD n = 0, flags = ALL_FLAGS;

        CHECK(WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
        CHECK_EQ(n, 9);
        CHECK_EQ(flags, rows[i].flags);
    }
    closesocket(s);
}

static void wsa_tolerates_missing_flags(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(0, 9);
    DWORD n = 0;

    CHECK(WSAGetOverlappedResult(s, &ov, &n, FALSE, NULL));
    CHECK_EQ(n, 9);
    closesocket(s);
}

static void wsa_refuses_missing_structure_and_count(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(0, 9);
    DWORD n, flags;

    CHECK(!WSAGetOverlappedResult(s, NULL, &n, FALSE, &flags));
    CHECK(WSAGetLastError() == WSAEFAULT || WSAGetLastError() == WSA_INVALID_PARAMETER);
    CHECK(!WSAGetOverlappedResult(s, &ov, NULL, FALSE, &flags));
    CHECK(WSAGetLastError() == WSAEFAULT || WSAGetLastError() == WSA_INVALID_PARAMETER);
    closesocket(s);
}

static void wsa_wait_on_a_bad_event_is_an_invalid_handle(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(STATUS_PENDING, 0);
    DWORD n, flags;

    ov.hEvent = WSACreateEvent();
    WSACloseEvent(ov.hEvent);
    CHECK(!WSAGetOverlappedResult(s, &ov, &n, TRUE, &flags));
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
    closesocket(s);
}

/* ---- GetOverlappedResult ---- */

static void win32_does_not_look_at_the_handle_unless_it_waits(void)
{
    WSAOVERLAPPED ov = finished(0, 11);
    DWORD n = 0;

    CHECK(GetOverlappedResult(NULL, &ov, &n, FALSE));
    CHECK_EQ(n, 11);
    n = 0;
    CHECK(GetOverlappedResult(INVALID_HANDLE_VALUE, &ov, &n, TRUE)); /* final: there is nothing to wait for */
    CHECK_EQ(n, 11);
    ov = finished(STATUS_PENDING, 0);
    CHECK(!GetOverlappedResult(INVALID_HANDLE_VALUE, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_IO_INCOMPLETE);
}

static void win32_wait_on_a_bad_handle_is_an_invalid_handle(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(STATUS_PENDING, 0);
    DWORD n;

    closesocket(s);
    CHECK(!GetOverlappedResult((HANDLE)s, &ov, &n, TRUE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static void win32_reports_pending_and_waits_when_asked(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    char data[8];
    DWORD n = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK(!GetOverlappedResult((HANDLE)s[0], &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_IO_INCOMPLETE);
    thread = start_sender(s);
    CHECK(GetOverlappedResult((HANDLE)s[0], &ov, &n, TRUE));
    CHECK_EQ(n, 5);
    join(thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void win32_wait_is_not_alertable(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    char data[8];
    DWORD n;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    apc_runs = 0;
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    thread = start_sender(s);
    CHECK(GetOverlappedResult((HANDLE)s[0], &ov, &n, TRUE));
    CHECK_EQ(apc_runs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    join(thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void win32_count_is_written_for_every_final_status(void)
{
    WSAOVERLAPPED ov = finished(0xC000020D, 3);
    DWORD n = UNTOUCHED;

    CHECK(!GetOverlappedResult(NULL, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_NETNAME_DELETED);
    CHECK_EQ(n, 3);
    ov = finished(0x80000005, 4);
    CHECK(!GetOverlappedResult(NULL, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_MORE_DATA);
    CHECK_EQ(n, 4);
}

/* ---- GetOverlappedResultEx ---- */

static void ex_with_time_zero_does_not_wait(void)
{
    WSAOVERLAPPED ov = finished(STATUS_PENDING, 0);
    DWORD n;

    CHECK(!GetOverlappedResultEx(INVALID_HANDLE_VALUE, &ov, &n, 0, FALSE));
    CHECK_EQ(GetLastError(), ERROR_IO_INCOMPLETE);
    apc_runs = 0;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK(!GetOverlappedResultEx(INVALID_HANDLE_VALUE, &ov, &n, 0, TRUE));
    CHECK_EQ(GetLastError(), ERROR_IO_INCOMPLETE);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_runs, 1);
}

static void ex_times_out(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    ULONGLONG start;
    char data[8];
    DWORD n;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    start = GetTickCount64();
    CHECK(!GetOverlappedResultEx((HANDLE)s[0], &ov, &n, QUIET_MS, FALSE));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    CHECK(GetTickCount64() - start >= QUIET_MS - 16); /* the tick may be as coarse as 16 ms */
    CHECK(!GetOverlappedResultEx((HANDLE)s[0], &ov, &n, QUIET_MS, TRUE));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(GetOverlappedResultEx((HANDLE)s[0], &ov, &n, DEADLINE_MS, FALSE));
    CHECK_EQ(n, 5);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void ex_returns_when_an_apc_ran(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    apc_runs = 0;
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK(!GetOverlappedResultEx((HANDLE)s[0], &ov, &n, QUIET_MS, FALSE));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    CHECK_EQ(apc_runs, 0);
    CHECK(!GetOverlappedResultEx((HANDLE)s[0], &ov, &n, DEADLINE_MS, TRUE));
    CHECK_EQ(GetLastError(), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_runs, 1);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(GetOverlappedResultEx((HANDLE)s[0], &ov, &n, DEADLINE_MS, TRUE));
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void ex_without_end_waits_for_the_result(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    HANDLE thread;
    char data[8];
    DWORD n = 0;

    REQUIRE(test_pair(s));
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    thread = start_sender(s);
    CHECK(GetOverlappedResultEx((HANDLE)s[0], &ov, &n, INFINITE, TRUE)); /* on the socket: there is no event */
    CHECK_EQ(n, 5);
    join(thread);
    close_pair(s);
}

static void ex_of_a_final_status_runs_no_apc(void)
{
    WSAOVERLAPPED ov = finished(0, 5);
    DWORD n = 0;

    apc_runs = 0;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK(GetOverlappedResultEx(NULL, &ov, &n, INFINITE, TRUE));
    CHECK_EQ(n, 5);
    CHECK_EQ(apc_runs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_runs, 1);
}

static const struct test_case cases[] = {
    TEST(wsa_checks_the_socket, "20 §5 WSAENOTSOCK [obs]"),
    TEST(wsa_checks_the_socket_before_it_reads_the_structure, "20 §5 checked before the OVERLAPPED is read [obs]"),
    TEST(wsa_does_not_know_duplicated_handles, "20 §5 DuplicateHandle [obs]"),
    TEST(wsa_reports_pending_as_incomplete, "20 §5 pending [doc; obs]"),
    TEST(wsa_waits_when_asked, "20 §5 fWait [doc]"),
    TEST(wsa_wait_is_not_alertable, "20 §5 fWait; §8 [obs]"),
    TEST(wsa_takes_an_event_set_by_hand_for_success, "20 §5 manually signalled event [obs]"),
    TEST(wsa_success_gives_count_flags_and_last_error_zero, "20 §5 success [obs]"),
    TEST(wsa_failure_gives_the_count_too, "20 §5 failing status [obs]"),
    TEST_WINE_DIFFERS(wsa_failure_leaves_the_flags, "20 §5 failing status [obs]", "Wine 8 writes 0"),
    TEST_WINE_DIFFERS(wsa_flags_come_from_the_success_status, "20 §5 *lpdwFlags [impl ReactOS]",
                      "Wine 8 writes 0 for every status"),
    TEST(wsa_tolerates_missing_flags, "20 §5 NULL lpdwFlags [obs]"),
    TEST_WINE_DIFFERS(wsa_refuses_missing_structure_and_count, "20 §5 NULL ov, NULL lpcbTransfer",
                      "Wine 8 takes a NULL count"),
    TEST(wsa_wait_on_a_bad_event_is_an_invalid_handle, "20 §5 WSA_INVALID_HANDLE [doc]"),
    TEST(win32_does_not_look_at_the_handle_unless_it_waits, "20 §5 GetOverlappedResult [impl; obs]"),
    TEST(win32_wait_on_a_bad_handle_is_an_invalid_handle, "20 §5 GetOverlappedResult"),
    TEST(win32_reports_pending_and_waits_when_asked, "20 §5 GetOverlappedResult [doc]"),
    TEST(win32_wait_is_not_alertable, "20 §5 GetOverlappedResult"),
    TEST(win32_count_is_written_for_every_final_status, "20 §5 *n [impl; obs]"),
    TEST(ex_with_time_zero_does_not_wait, "20 §5 Ex: 0 is bWait FALSE [doc]"),
    TEST(ex_times_out, "20 §5 Ex: WAIT_TIMEOUT [doc]"),
    TEST(ex_returns_when_an_apc_ran, "20 §5 Ex: WAIT_IO_COMPLETION [doc]"),
    TEST(ex_without_end_waits_for_the_result, "20 §5 Ex: INFINITE"),
    TEST(ex_of_a_final_status_runs_no_apc, "20 §5 Ex: a final status is returned without waiting"),
};

TEST_MAIN(cases)
