/* SPDX-License-Identifier: MIT */
/*
 * results-errors.c - each NTSTATUS in both error namespaces: the whole table
 * through statuses written by hand, and the events that produce them.
 */
#include "test.h"

struct row {
    ULONG status;
    int wsa;
    DWORD win32;
    const char *name;
};

static const struct row table[] = {
    { 0x80000005, WSAEMSGSIZE, 234, "BUFFER_OVERFLOW" },
    { 0xC0000002, WSAEOPNOTSUPP, 1, "NOT_IMPLEMENTED" },
    { 0xC0000005, WSAEFAULT, 998, "ACCESS_VIOLATION" },
    { 0xC0000007, WSAENOBUFS, 1454, "PAGEFILE_QUOTA" },
    { 0xC0000008, WSAENOTSOCK, 6, "INVALID_HANDLE" },
    { 0xC000000D, WSAEINVAL, 87, "INVALID_PARAMETER" },
    { 0xC000000E, WSAENETDOWN, 433, "NO_SUCH_DEVICE" },
    { 0xC000000F, WSAENETDOWN, 2, "NO_SUCH_FILE" },
    { 0xC0000010, WSAEINVAL, 1, "INVALID_DEVICE_REQUEST" },
    { 0xC0000011, WSAEINVAL, 38, "END_OF_FILE" },
    { 0xC0000017, WSAENOBUFS, 8, "NO_MEMORY" },
    { 0xC0000018, WSAENOBUFS, 487, "CONFLICTING_ADDRESSES" },
    { 0xC0000022, WSAEACCES, 5, "ACCESS_DENIED" },
    { 0xC0000023, WSAEFAULT, 122, "BUFFER_TOO_SMALL" },
    { 0xC0000024, WSAENOTSOCK, 6, "OBJECT_TYPE_MISMATCH" },
    { 0xC0000034, WSAENETDOWN, 2, "OBJECT_NAME_NOT_FOUND" },
    { 0xC000003A, WSAENETDOWN, 3, "OBJECT_PATH_NOT_FOUND" },
    { 0xC0000043, WSAEADDRINUSE, 32, "SHARING_VIOLATION" },
    { 0xC0000044, WSAENOBUFS, 1816, "QUOTA_EXCEEDED" },
    { 0xC0000097, WSAENOBUFS, 8, "TOO_MANY_PAGING_FILES" },
    { 0xC000009A, WSAENOBUFS, 1450, "INSUFFICIENT_RESOURCES" },
    { 0xC00000A1, WSAENOBUFS, 1453, "WORKING_SET_QUOTA" },
    { 0xC00000A3, WSAEWOULDBLOCK, 21, "DEVICE_NOT_READY" },
    { 0xC00000B0, WSAESHUTDOWN, 233, "PIPE_DISCONNECTED" },
    { 0xC00000B5, WSAETIMEDOUT, 121, "IO_TIMEOUT" },
    { 0xC00000BB, WSAEOPNOTSUPP, 50, "NOT_SUPPORTED" },
    { 0xC00000BC, WSAECONNREFUSED, 51, "REMOTE_NOT_LISTENING" },
    { 0xC00000BE, WSAENETUNREACH, 53, "BAD_NETWORK_PATH" },
    { 0xC00000BF, WSAENETDOWN, 54, "NETWORK_BUSY" },
    { 0xC00000C3, WSAENETDOWN, 58, "INVALID_NETWORK_RESPONSE" },
    { 0xC00000C4, WSAENETDOWN, 59, "UNEXPECTED_NETWORK_ERROR" },
    { 0xC00000D0, WSAEWOULDBLOCK, 71, "REQUEST_NOT_ACCEPTED" },
    { 0xC000011F, WSAEINVAL, 4, "TOO_MANY_OPENED_FILES" },
    { 0xC0000120, WSA_OPERATION_ABORTED, 995, "CANCELLED" },
    { 0xC000012D, WSAENOBUFS, 1455, "COMMITMENT_LIMIT" },
    { 0xC000013B, WSAECONNABORTED, 64, "LOCAL_DISCONNECT" },
    { 0xC000013C, WSAECONNRESET, 64, "REMOTE_DISCONNECT" },
    { 0xC000013D, WSAENOBUFS, 51, "REMOTE_RESOURCES" },
    { 0xC000013E, WSAECONNRESET, 59, "LINK_FAILED" },
    { 0xC000013F, WSAETIMEDOUT, 59, "LINK_TIMEOUT" },
    { 0xC0000140, WSAENOTCONN, 59, "INVALID_CONNECTION" },
    { 0xC0000141, WSAEADDRNOTAVAIL, 59, "INVALID_ADDRESS" },
    { 0xC0000206, WSAEMSGSIZE, 1784, "INVALID_BUFFER_SIZE" },
    { 0xC0000207, WSAEADDRNOTAVAIL, 1214, "INVALID_ADDRESS_COMPONENT" },
    { 0xC0000209, WSAENOBUFS, 68, "TOO_MANY_ADDRESSES" },
    { 0xC000020A, WSAEADDRINUSE, 52, "ADDRESS_ALREADY_EXISTS" },
    { 0xC000020B, WSAEINVAL, 64, "ADDRESS_CLOSED" },
    { 0xC000020C, WSAECONNRESET, 64, "CONNECTION_DISCONNECTED" },
    { 0xC000020D, WSAECONNRESET, 64, "CONNECTION_RESET" },
    { 0xC000020F, WSAECONNABORTED, 59, "TRANSACTION_ABORTED" },
    { 0xC0000225, WSAEINVAL, 1168, "NOT_FOUND" },
    { 0xC0000236, WSAECONNREFUSED, 1225, "CONNECTION_REFUSED" },
    { 0xC0000237, WSAEDISCON, 1226, "GRACEFUL_DISCONNECT" },
    { 0xC0000238, WSAEINVAL, 1227, "ADDRESS_ALREADY_ASSOCIATED" },
    { 0xC000023A, WSAEINVAL, 1229, "CONNECTION_INVALID" },
    { 0xC000023B, WSAEISCONN, 1230, "CONNECTION_ACTIVE" },
    { 0xC000023C, WSAENETUNREACH, 1231, "NETWORK_UNREACHABLE" },
    { 0xC000023D, WSAEHOSTUNREACH, 1232, "HOST_UNREACHABLE" },
    { 0xC000023E, WSAENETUNREACH, 1233, "PROTOCOL_UNREACHABLE" },
    { 0xC000023F, WSAECONNRESET, 1234, "PORT_UNREACHABLE" },
    { 0xC0000240, WSAEINTR, 1235, "REQUEST_ABORTED" },
    { 0xC0000241, WSAECONNABORTED, 1236, "CONNECTION_ABORTED" },
    { 0xC00002C5, WSAEFAULT, 998, "DATATYPE_MISALIGNMENT_ERROR" },
    { 0xC0000350, WSAEHOSTDOWN, 1256, "HOST_DOWN" },
};

enum { ROWS = sizeof table / sizeof table[0] };

static WSAOVERLAPPED finished(ULONG status)
{
    WSAOVERLAPPED ov = { 0 };

    ov.Internal = status;
    ov.InternalHigh = 7;
    return ov;
}

/* The WSA error of a status; 0 when it is a success. */
static int wsa_error(SOCKET s, ULONG status)
{
    WSAOVERLAPPED ov = finished(status);
    DWORD n = 0, flags = 0;

    if (WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags)) return 0;
    return WSAGetLastError();
}

static DWORD win32_error(ULONG status)
{
    WSAOVERLAPPED ov = finished(status);
    DWORD n = 0;

    if (GetOverlappedResult(NULL, &ov, &n, FALSE)) return 0;
    return GetLastError();
}

static int is_listed(ULONG status)
{
    int i;

    for (i = 0; i < ROWS; i++) {
        if (table[i].status == status) return 1;
    }
    return 0;
}

static void each_status_has_its_winsock_error(void)
{
    SOCKET s = test_tcp();
    int i;

    for (i = 0; i < ROWS; i++) {
        if (!CHECK_EQ(wsa_error(s, table[i].status), table[i].wsa)) test_note("status %s", table[i].name);
    }
    closesocket(s);
}

static void each_status_has_its_win32_error(void)
{
    int i;

    for (i = 0; i < ROWS; i++) {
        if (!CHECK_EQ(win32_error(table[i].status), table[i].win32)) test_note("status %s", table[i].name);
    }
    CHECK_EQ(win32_error(0xC0000001), ERROR_GEN_FAILURE);
}

static void unlisted_failures_are_invalid_in_winsock(void)
{
    SOCKET s = test_tcp();
    ULONG status;

    for (status = 0xC0000001; status < 0xC0000400; status++) {
        if (!is_listed(status) && !CHECK_EQ(wsa_error(s, status), WSAEINVAL)) break;
    }
    for (status = 0x80000001; status < 0x80000030; status++) {
        if (!is_listed(status) && !CHECK_EQ(wsa_error(s, status), WSAEINVAL)) break;
    }
    CHECK_EQ(wsa_error(s, 0x80000000), WSAEINVAL);
    CHECK_EQ(wsa_error(s, 0xFFFFFFFF), WSAEINVAL);
    closesocket(s);
}

static const ULONG good[] = { 0, 1, 0x3F, 0x80, 0xC0, 0x102, 0x104, 0x40000000, 0x4000000F, 0x7FFFFFFF };

static void every_status_that_is_not_negative_succeeds_in_winsock(void)
{
    SOCKET s = test_tcp();
    size_t i;

    for (i = 0; i < sizeof good / sizeof good[0]; i++) CHECK_EQ(wsa_error(s, good[i]), 0);
    closesocket(s);
}

static void every_status_that_is_not_negative_succeeds_in_win32(void)
{
    size_t i;

    for (i = 0; i < sizeof good / sizeof good[0]; i++) CHECK_EQ(win32_error(good[i]), 0);
}

static void pending_is_incomplete_in_both(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(wsa_error(s, STATUS_PENDING), WSA_IO_INCOMPLETE);
    CHECK_EQ(win32_error(STATUS_PENDING), ERROR_IO_INCOMPLETE);
    closesocket(s);
}

static void wrapped_incomplete_stays_incomplete(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(wsa_error(s, 0x80070000 | 996), WSA_IO_INCOMPLETE);
    CHECK_EQ(wsa_error(s, 0xC0070000 | 996), WSA_IO_INCOMPLETE);
    CHECK_EQ(wsa_error(s, 0xC0010000 | 996), WSA_IO_INCOMPLETE);
    closesocket(s);
}

static void only_the_low_half_of_internal_counts(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov = finished(0xC000020D);
    DWORD n, flags;

    CHECK(!WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    ov.Internal =
        (ULONG_PTR)(LONG_PTR)(LONG)0xC000020D; /* sign-extended, as a program that stores an NTSTATUS has it */
    CHECK(!WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    closesocket(s);
}

/* ---- the events themselves ---- */

static int routine_error;

static void CALLBACK keep_error(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)count, (void)ov, (void)flags;
    routine_error = (int)error;
}

static int post_recv(SOCKET s, void *data, ULONG len, WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { len, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, routine) ? WSAGetLastError() : 0;
}

/* Two receives pend on s, one per mechanism; end makes both end; they must end with these three values. */
static void check_event(SOCKET s, void (*end)(SOCKET s, void *arg), void *arg, ULONG status, int wsa, DWORD win32)
{
    WSAOVERLAPPED by_event, by_routine = { 0 };
    char data[2][4];
    DWORD n;

    test_overlapped(&by_event);
    routine_error = -1;
    CHECK_EQ(post_recv(s, data[0], 4, &by_event, NULL), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s, data[1], 4, &by_routine, keep_error), WSA_IO_PENDING);
    end(s, arg);
    CHECK_EQ(test_result(s, &by_event, NULL), wsa);
    CHECK_EQ((ULONG)by_event.Internal, status);
    CHECK_EQ(by_event.Internal >> 32, 0); /* zero-extended */
    CHECK(!GetOverlappedResult((HANDLE)s, &by_event, &n, FALSE));
    CHECK_EQ(GetLastError(), win32);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_error, wsa);
    CHECK_EQ((ULONG)by_routine.Internal, status);
    WSACloseEvent(by_event.hEvent);
}

static void reset_peer(SOCKET s, void *peer)
{
    (void)s;
    test_reset(*(SOCKET *)peer);
}

static void cancel_all(SOCKET s, void *unused)
{
    (void)unused;
    CHECK(CancelIoEx((HANDLE)s, NULL));
}

static void send_two_long(SOCKET s, void *to)
{
    CHECK_EQ(sendto(s, "long one", 8, 0, to, sizeof(struct sockaddr_in)), 8);
    CHECK_EQ(sendto(s, "long two", 8, 0, to, sizeof(struct sockaddr_in)), 8);
}

static void cancelled_request(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    check_event(s[0], cancel_all, NULL, 0xC0000120, WSA_OPERATION_ABORTED, ERROR_OPERATION_ABORTED);
    closesocket(s[0]);
    closesocket(s[1]);
}

static void long_datagram(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);

    check_event(s, send_two_long, &addr, 0x80000005, WSAEMSGSIZE, ERROR_MORE_DATA);
    closesocket(s);
}

static void reset_by_the_peer(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[4];
    DWORD n;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], data, 4, &ov, NULL), WSA_IO_PENDING);
    reset_peer(s[0], &s[1]);
    CHECK_EQ(test_result(s[0], &ov, NULL), WSAECONNRESET);
    CHECK_EQ(ov.Internal, 0xC000020D);
    CHECK(!GetOverlappedResult((HANDLE)s[0], &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_NETNAME_DELETED);
    closesocket(s[0]);
    WSACloseEvent(ov.hEvent);
}

static void reset_by_the_peer_with_several_pending(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    check_event(s[0], reset_peer, &s[1], 0xC000020D, WSAECONNRESET, ERROR_NETNAME_DELETED);
    closesocket(s[0]);
}

static void unreachable_port(void)
{
    struct sockaddr_in addr, nobody;
    SOCKET s = test_udp(&addr), gone = test_udp(&nobody);
    WSAOVERLAPPED ov;
    char data[4];
    DWORD n;

    closesocket(gone);
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s, data, 4, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)&nobody, sizeof nobody), 1);
    CHECK_EQ(test_result(s, &ov, NULL), WSAECONNRESET);
    CHECK_EQ(ov.Internal, 0xC000023F);
    CHECK(!GetOverlappedResult((HANDLE)s, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_PORT_UNREACHABLE);
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

static void too_small_address_block(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];
    DWORD n;

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taker, block, 0, 3, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(test_result(listener, &ov, NULL), WSAEFAULT);
    CHECK_EQ(ov.Internal, 0xC0000023);
    CHECK(!GetOverlappedResult((HANDLE)listener, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(each_status_has_its_winsock_error, "20 §5 two namespaces; 97 table [obs]"),
    TEST(each_status_has_its_win32_error, "20 §5 two namespaces; 97 table [obs]"),
    TEST(unlisted_failures_are_invalid_in_winsock, "97 every failing status not listed [obs]"),
    TEST(every_status_that_is_not_negative_succeeds_in_winsock, "97 every succeeding status [obs]"),
    TEST_WINE_DIFFERS(every_status_that_is_not_negative_succeeds_in_win32,
                      "20 §5 GetOverlappedResult: same; NT_SUCCESS", "Wine 8 fails for every status that is not 0"),
    TEST(pending_is_incomplete_in_both, "97 table: PENDING; 20 §5"),
    TEST(wrapped_incomplete_stays_incomplete, "97 0x80070000|996 and the like [obs]"),
    TEST(only_the_low_half_of_internal_counts, "00 Internal holds a 32-bit status [obs]"),
    TEST(cancelled_request, "20 §5 two namespaces: cancelled"),
    TEST(long_datagram, "20 §5 two namespaces: datagram longer than buffers [obs]"),
    TEST(reset_by_the_peer, "20 §5 two namespaces: peer reset [obs]"),
    TEST(reset_by_the_peer_with_several_pending, "20 §5 two namespaces: peer reset; 40 [obs]"),
    TEST_NOT_ON_WINE(unreachable_port, "20 §5 two namespaces: ICMP port unreachable; 40 [doc]",
                     "Wine 8 on Linux hears of ICMP errors only on connected sockets: the receive stays pending"),
    TEST(too_small_address_block, "20 §5 two namespaces: too small buffer; 30 [obs]"),
};

TEST_MAIN(cases)
