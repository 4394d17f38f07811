/* SPDX-License-Identifier: MIT */
/* overlapped-structure.c - the OVERLAPPED itself: its layout, who writes which member, and when. */
#include "test.h"

#include <stddef.h>

enum { UNTOUCHED = 0x5eadbeef };

/* Issues a receive of len bytes; 0, WSA_IO_PENDING or the error of the refusal. */
static int post_recv(SOCKET s, void *data, ULONG len, WSAOVERLAPPED *ov)
{
    WSABUF buf = { len, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, NULL) ? WSAGetLastError() : 0;
}

static int post_send(SOCKET s, void *data, ULONG len, WSAOVERLAPPED *ov)
{
    WSABUF buf = { len, data };

    return WSASend(s, &buf, 1, NULL, 0, ov, NULL) ? WSAGetLastError() : 0;
}

/* Returns when a byte can be received from s. */
static void await_data(SOCKET s)
{
    char c;

    CHECK_EQ(recv(s, &c, 1, MSG_PEEK), 1);
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void layout_is_that_of_64_bit_windows(void)
{
    WSAOVERLAPPED ov;
    LPOVERLAPPED same = &ov;

    CHECK_EQ(sizeof(OVERLAPPED), 32);
    CHECK_EQ(_Alignof(OVERLAPPED), 8);
    CHECK_EQ(offsetof(OVERLAPPED, Internal), 0);
    CHECK_EQ(offsetof(OVERLAPPED, InternalHigh), 8);
    CHECK_EQ(offsetof(OVERLAPPED, Offset), 16);
    CHECK_EQ(offsetof(OVERLAPPED, OffsetHigh), 20);
    CHECK_EQ(offsetof(OVERLAPPED, Pointer), 16);
    CHECK_EQ(offsetof(OVERLAPPED, hEvent), 24);
    CHECK_EQ(sizeof ov.Internal, 8);
    CHECK_EQ(sizeof ov.InternalHigh, 8);
    CHECK(same == &ov);
}

static void pending_receive_shows_its_status_and_keeps_the_old_count(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    DWORD n;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    ov.Internal = UNTOUCHED;
    ov.InternalHigh = UNTOUCHED;
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK_EQ(InterlockedCompareExchange64((LONG64 *)&ov.InternalHigh, 0, 0), UNTOUCHED);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 5);
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 5);
    CHECK(HasOverlappedIoCompleted(&ov));
    CHECK(!memcmp(data, "hello", 5));
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void request_done_at_once_shows_status_and_count(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];
    int rc;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    ov.Internal = ov.InternalHigh = UNTOUCHED;
    rc = post_send(s[1], "hello", 5, &ov);
    CHECK(rc == 0 || rc == WSA_IO_PENDING);
    CHECK_EQ(test_result(s[1], &ov, NULL), 0);
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 5);

    await_data(s[0]);
    ov.Internal = ov.InternalHigh = UNTOUCHED;
    rc = post_recv(s[0], data, sizeof data, &ov);
    CHECK(rc == 0 || rc == WSA_IO_PENDING);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 5);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void mark_position(WSAOVERLAPPED *ov)
{
    ov->Offset = 0x11223344;
    ov->OffsetHigh = 0x55667788;
}

static void check_position(const WSAOVERLAPPED *ov, HANDLE event)
{
    CHECK_EQ(ov->Offset, 0x11223344);
    CHECK_EQ(ov->OffsetHigh, 0x55667788);
    CHECK(ov->hEvent == event);
}

static void stream_requests_leave_position_and_event_member_alone(void)
{
    SOCKET s[2];
    WSAOVERLAPPED in, out;
    HANDLE in_event, out_event;
    char data[8];

    REQUIRE(test_pair(s));
    test_overlapped(&in);
    test_overlapped(&out);
    in_event = in.hEvent;
    out_event = out.hEvent;
    mark_position(&in);
    mark_position(&out);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &in), WSA_IO_PENDING);
    check_position(&in, in_event);
    post_send(s[1], "hello", 5, &out);
    CHECK_EQ(test_result(s[1], &out, NULL), 0);
    CHECK_EQ(test_result(s[0], &in, NULL), 0);
    check_position(&in, in_event);
    check_position(&out, out_event);
    close_pair(s);
    WSACloseEvent(in_event);
    WSACloseEvent(out_event);
}

static void datagram_requests_leave_position_and_event_member_alone(void)
{
    struct sockaddr_in addr, from;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED in, out;
    HANDLE in_event, out_event;
    char data[8];
    WSABUF inbuf = { sizeof data, data }, outbuf = { 5, (char *)"hello" };
    DWORD flags = 0;
    int fromlen = sizeof from;

    test_overlapped(&in);
    test_overlapped(&out);
    in_event = in.hEvent;
    out_event = out.hEvent;
    mark_position(&in);
    mark_position(&out);
    CHECK_EQ(WSARecvFrom(s, &inbuf, 1, NULL, &flags, (struct sockaddr *)&from, &fromlen, &in, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    check_position(&in, in_event);
    WSASendTo(s, &outbuf, 1, NULL, 0, (struct sockaddr *)&addr, sizeof addr, &out, NULL);
    CHECK_EQ(test_result(s, &out, NULL), 0);
    CHECK_EQ(test_result(s, &in, NULL), 0);
    check_position(&in, in_event);
    check_position(&out, out_event);
    closesocket(s);
    WSACloseEvent(in_event);
    WSACloseEvent(out_event);
}

static void accept_request_leaves_the_event_member_alone(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    HANDLE event;
    char block[128];

    test_overlapped(&ov);
    event = ov.hEvent;
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK(!HasOverlappedIoCompleted(&ov));
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    CHECK(ov.hEvent == event);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(event);
}

static void calls_without_overlapped_touch_none(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov, before;
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK(test_send_all(s[1], "one", 3));
    post_recv(s[0], data, sizeof data, &ov);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    ov.Internal = ov.InternalHigh = UNTOUCHED;
    before = ov;
    CHECK_EQ(WSASend(s[1], &buf, 1, &n, 0, NULL, NULL), 0);
    CHECK_EQ(WSARecv(s[0], &buf, 1, &n, &flags, NULL, NULL), 0);
    CHECK_EQ(n, sizeof data);
    CHECK(!memcmp(&before, &ov, sizeof ov));
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void check_event_is_reset_at_issue(BOOL manual)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8];

    memset(&ov, 0, sizeof ov);
    if (!CHECK(test_pair(s))) return;
    ov.hEvent = CreateEventW(NULL, manual, TRUE, NULL);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "x", 1));
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    close_pair(s);
    CloseHandle(ov.hEvent);
}

static void issuing_resets_a_manual_reset_event(void)
{
    check_event_is_reset_at_issue(TRUE);
}

static void issuing_resets_an_auto_reset_event(void)
{
    check_event_is_reset_at_issue(FALSE);
}

static void issuing_an_accept_resets_the_event(void)
{
    SOCKET listener = test_listener(NULL), taker = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];

    test_overlapped(&ov);
    WSASetEvent(ov.hEvent);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    closesocket(listener);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    closesocket(taker);
    WSACloseEvent(ov.hEvent);
}

static void pending_structure_used_again_is_accepted(void)
{
    SOCKET s[2];
    static WSAOVERLAPPED ov; /* static: nothing tells when the second of the two is done with it */
    WSAOVERLAPPED last;
    char first[2] = "", second[2] = "", third[2] = "";

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    test_overlapped(&last);
    CHECK_EQ(post_recv(s[0], first, 2, &ov), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], second, 2, &ov), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], third, 2, &last), WSA_IO_PENDING); /* filled when both others are */
    CHECK(test_send_all(s[1], "abcdef", 6));
    CHECK_EQ(test_result(s[0], &last, NULL), 0);
    CHECK(!memcmp(first, "ab", 2));
    CHECK(!memcmp(second, "cd", 2));
    CHECK(!memcmp(third, "ef", 2));
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    WSACloseEvent(last.hEvent);
}

static void unknown_extension_leaves_the_structure_alone(void)
{
    SOCKET s = test_tcp();
    GUID guid = { 0x12345678, 0x1234, 0x5678, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    WSAOVERLAPPED ov, before;
    void *function = NULL;
    DWORD n = UNTOUCHED;

    test_overlapped(&ov);
    ov.Internal = ov.InternalHigh = UNTOUCHED;
    mark_position(&ov);
    before = ov;
    CHECK_EQ(
        WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &function, sizeof function, &n, &ov, NULL),
        SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!memcmp(&before, &ov, sizeof ov));
    CHECK(function == NULL);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(layout_is_that_of_64_bit_windows, "20 §1 [hdr]"),
    TEST(pending_receive_shows_its_status_and_keeps_the_old_count, "20 §1 Internal, InternalHigh [obs]"),
    TEST(request_done_at_once_shows_status_and_count, "20 §1 Internal, InternalHigh [doc]"),
    TEST(stream_requests_leave_position_and_event_member_alone, "20 §1 Offset/OffsetHigh, hEvent [obs]"),
    TEST(datagram_requests_leave_position_and_event_member_alone, "20 §1 Offset/OffsetHigh, hEvent [obs]"),
    TEST(accept_request_leaves_the_event_member_alone, "20 §1 hEvent"),
    TEST(calls_without_overlapped_touch_none, "20 §1 WSARecv/WSASend with lpOverlapped NULL [obs]"),
    TEST(issuing_resets_a_manual_reset_event, "20 §1 event reset at issue [doc WSAGetOverlappedResult]"),
    TEST(issuing_resets_an_auto_reset_event, "20 §1 event reset at issue [doc WSAGetOverlappedResult]"),
    TEST(issuing_an_accept_resets_the_event, "20 §1 event reset at issue [doc WSAGetOverlappedResult]"),
    TEST(pending_structure_used_again_is_accepted, "20 §1 reuse of a pending structure [obs]"),
    TEST(unknown_extension_leaves_the_structure_alone, "20 §1 unknown GUID [obs]"),
};

TEST_MAIN(cases)
