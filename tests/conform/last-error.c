/* SPDX-License-Identifier: MIT */
/* last-error.c - the one variable of each thread behind GetLastError and WSAGetLastError, and who leaves it alone. */
#include "test.h"

static void both_pairs_share_one_variable(void)
{
    SetLastError(1234);
    CHECK_EQ(WSAGetLastError(), 1234);
    CHECK_EQ(GetLastError(), 1234);
    WSASetLastError(WSAECONNRESET);
    CHECK_EQ(GetLastError(), WSAECONNRESET);
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    SetLastError(0);
    CHECK_EQ(WSAGetLastError(), 0);
}

static void all_32_bits_are_kept(void)
{
    SetLastError(0xdeadbeef);
    CHECK_EQ(GetLastError(), 0xdeadbeef);
    CHECK_EQ((DWORD)WSAGetLastError(), 0xdeadbeef);
    CHECK(WSAGetLastError() < 0);
    WSASetLastError(-1);
    CHECK_EQ(GetLastError(), 0xffffffff);
    CHECK_EQ(WSAGetLastError(), -1);
    SetLastError(0x7fffffff);
    CHECK_EQ(WSAGetLastError(), 0x7fffffff);
}

struct turns {
    HANDLE go, done;
};

static DWORD WINAPI set_and_look(void *arg)
{
    struct turns *t = arg;

    SetLastError(2222);
    SetEvent(t->done);
    WaitForSingleObject(t->go, DEADLINE_MS);
    SetLastError(GetLastError() == 2222 ? 3333 : 1);
    SetEvent(t->done);
    WaitForSingleObject(t->go, DEADLINE_MS);
    return GetLastError();
}

/* Both threads change theirs in turn.  (Satisfied waits and SetEvent leave it alone: see below.) */
static void each_thread_has_its_own(void)
{
    struct turns t = { test_event(FALSE, FALSE), test_event(FALSE, FALSE) };
    HANDLE thread = test_thread(set_and_look, &t);

    CHECK_EQ(WaitForSingleObject(t.done, DEADLINE_MS), WAIT_OBJECT_0);
    SetLastError(1111);
    CHECK(SetEvent(t.go));
    CHECK_EQ(WaitForSingleObject(t.done, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(GetLastError(), 1111);
    WSASetLastError(4444);
    CHECK(SetEvent(t.go));
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WSAGetLastError(), 4444);
    CHECK_EQ(test_join(thread), 3333);
    CHECK(CloseHandle(t.go));
    CHECK(CloseHandle(t.done));
}

/* Runs the call, which must succeed and must not touch the variable. */
#define CHECK_KEEPS(call)                     \
    do {                                      \
        SetLastError(0xdeadbeef);             \
        CHECK(call);                          \
        CHECK_EQ(GetLastError(), 0xdeadbeef); \
    } while (0)

static void event_functions_leave_it_alone(void)
{
    HANDLE e = test_event(TRUE, FALSE), w = WSACreateEvent();

    CHECK_KEEPS(SetEvent(e));
    CHECK_KEEPS(ResetEvent(e));
    CHECK_KEEPS(PulseEvent(e));
    CHECK_KEEPS(WSASetEvent(w));
    CHECK_KEEPS(WSAResetEvent(w));
    CHECK_KEEPS(CloseHandle(e));
    CHECK_KEEPS(WSACloseEvent(w));
}

static void CALLBACK nothing(ULONG_PTR data)
{
    (void)data;
}

static void waits_leave_it_alone(void)
{
    HANDLE e = test_event(TRUE, TRUE), clear = test_event(TRUE, FALSE), h[2] = { clear, e };

    CHECK_KEEPS(WaitForSingleObject(e, INFINITE) == WAIT_OBJECT_0);
    CHECK_KEEPS(WaitForSingleObject(clear, 1) == WAIT_TIMEOUT);
    CHECK_KEEPS(WaitForMultipleObjects(2, h, FALSE, 0) == WAIT_OBJECT_0 + 1);
    CHECK_KEEPS(WaitForMultipleObjects(2, h, TRUE, 1) == WAIT_TIMEOUT);
    CHECK_KEEPS(SleepEx(1, TRUE) == 0);
    CHECK_KEEPS(QueueUserAPC(nothing, GetCurrentThread(), 0) != 0);
    CHECK_KEEPS(WaitForSingleObjectEx(clear, INFINITE, TRUE) == WAIT_IO_COMPLETION);
    CHECK(CloseHandle(e));
    CHECK(CloseHandle(clear));
}

/* Every failure that a wait or event function reports is in the variable, through either pair. */
static void failures_are_seen_through_both_pairs(void)
{
    HANDLE bad = NULL;

    SetLastError(0);
    CHECK(!SetEvent(bad));
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
    WSASetLastError(0);
    CHECK(!WSASetEvent(bad));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK_EQ(WSAWaitForMultipleEvents(0, &bad, FALSE, 0, FALSE), WSA_WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK_EQ(recv((SOCKET)0xdeadbee0, NULL, 0, 0), SOCKET_ERROR);
    CHECK_EQ(GetLastError(), WSAENOTSOCK);
}

/* The call must succeed and leave 0. */
#define CHECK_CLEARS(call)              \
    do {                                \
        WSASetLastError(0xdead);        \
        CHECK(call);                    \
        CHECK_EQ(WSAGetLastError(), 0); \
    } while (0)

static void successful_overlapped_calls_write_0(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char byte = 'x';
    WSABUF buf = { 1, &byte };
    DWORD n = 0, flags = 0;

    if (!test_pair(s)) return;
    test_overlapped(&ov);
    CHECK_CLEARS(WSASend(s[0], &buf, 1, &n, 0, NULL, NULL) == 0);
    CHECK_CLEARS(WSARecv(s[1], &buf, 1, &n, &flags, NULL, NULL) == 0);
    CHECK_CLEARS(WSASend(s[0], &buf, 1, &n, 0, &ov, NULL) == 0);
    CHECK_CLEARS(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_CLEARS(recv(s[1], &byte, 1, 0) == 1);
    CHECK_CLEARS(send(s[1], &byte, 1, 0) == 1);
    CHECK(WSACloseEvent(ov.hEvent));
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(closesocket(s[1]), 0);
}

static void other_successful_calls_write_0(void)
{
    SOCKET s = INVALID_SOCKET;
    struct sockaddr_in addr;
    int len = sizeof addr, value = 1;
    u_long mode = 1;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_CLEARS((s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)) != INVALID_SOCKET);
    CHECK_CLEARS(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, sizeof value) == 0);
    CHECK_CLEARS(bind(s, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_CLEARS(getsockname(s, (struct sockaddr *)&addr, &len) == 0);
    CHECK_CLEARS(listen(s, 1) == 0);
    CHECK_CLEARS(ioctlsocket(s, FIONBIO, &mode) == 0);
    CHECK_EQ(closesocket(s), 0);
}

static void closesocket_writes_0(void)
{
    SOCKET s = test_tcp();

    CHECK_CLEARS(closesocket(s) == 0);
}

static void CALLBACK set_error(ULONG_PTR code)
{
    SetLastError((DWORD)code);
}

/* An APC runs on the thread, so what it sets is the thread's. */
static void apc_shares_the_variable_of_its_thread(void)
{
    SetLastError(1);
    CHECK(QueueUserAPC(set_error, GetCurrentThread(), 555));
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(GetLastError(), 555);
}

static const struct test_case cases[] = {
    TEST(both_pairs_share_one_variable, "10 Last error: one variable serves both pairs [doc; obs]"),
    TEST(all_32_bits_are_kept, "10 Last error: 32-bit variable"),
    TEST(each_thread_has_its_own, "10 Last error: per thread"),
    TEST(event_functions_leave_it_alone, "10 Last error: event functions leave it alone"),
    TEST(waits_leave_it_alone, "10 Last error: event functions leave it alone [known]"),
    TEST(failures_are_seen_through_both_pairs, "10 Last error; Close/Set/Reset; 97 Codes shared with Win32"),
    TEST(successful_overlapped_calls_write_0, "10 Last error: modern Winsock calls write 0; 00 Return styles [obs]"),
    TEST(other_successful_calls_write_0, "10 Last error: modern Winsock calls write 0; 00 Return styles [obs]"),
    TEST_WINE_DIFFERS(closesocket_writes_0, "10 Last error: modern Winsock calls write 0; 00 Return styles [obs]",
                      "Wine 8's closesocket leaves it alone"),
    TEST(apc_shares_the_variable_of_its_thread, "10 Last error: per thread"),
};
TEST_MAIN(cases)
