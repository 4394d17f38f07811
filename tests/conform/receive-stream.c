/* SPDX-License-Identifier: MIT */
/* receive-stream.c - receives on a TCP connection: how much completes one, where bytes land, the end of the stream. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static void end(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* Issues an overlapped receive that has to pend. */
static int pend(SOCKET s, WSABUF *bufs, DWORD count, WSAOVERLAPPED *ov)
{
    DWORD flags = 0;

    test_overlapped(ov);
    WSASetLastError(0);
    if (!CHECK_EQ(WSARecv(s, bufs, count, NULL, &flags, ov, NULL), SOCKET_ERROR)) return 0;
    return CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

static void pending_receive_takes_what_comes_without_filling(void)
{
    char data[100];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &buf, 1, &ov);
    test_send_all(s[1], "some", 4);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(memcmp(data, "some", 4) == 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void waiting_data_is_taken_up_to_the_room(void)
{
    char data[4];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "abcdefg", 7);
    CHECK_EQ(WSARecv(s[0], &buf, 1, &n, &flags, NULL, NULL), 0);
    CHECK_EQ(n, 4);
    CHECK(memcmp(data, "abcd", 4) == 0);
    CHECK_EQ(recv(s[0], data, sizeof data, 0), 3);
    CHECK(memcmp(data, "efg", 3) == 0);
    end(s);
}

static void buffers_are_filled_in_order_without_gaps(void)
{
    char a[3], b[1], c[10];
    WSABUF bufs[4] = { { sizeof a, a }, { 0, NULL }, { sizeof b, b }, { sizeof c, c } };
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], bufs, 4, &ov);
    test_send_all(s[1], "aaabcc", 6);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 6);
    CHECK(memcmp(a, "aaa", 3) == 0 && b[0] == 'b' && memcmp(c, "cc", 2) == 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void hundred_buffers(void)
{
    enum { COUNT = 100 };
    char in[COUNT], out[COUNT];
    WSABUF bufs[COUNT];
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];
    int i;

    for (i = 0; i < COUNT; i++) {
        out[i] = (char)i;
        bufs[i].len = 1;
        bufs[i].buf = &in[COUNT - 1 - i];
    }
    REQUIRE(test_pair(s));
    pend(s[0], bufs, COUNT, &ov);
    test_send_all(s[1], out, COUNT);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, COUNT);
    for (i = 0; i < COUNT; i++) CHECK_EQ(in[COUNT - 1 - i], out[i]);
    WSACloseEvent(ov.hEvent);
    end(s);
}

/* The array is captured: only what it points to must stay. */
static void buffer_array_may_go_after_the_call(void)
{
    char data[4];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &buf, 1, &ov);
    buf.buf = NULL;
    buf.len = 0x7fffffff;
    test_send_all(s[1], "data", 4);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(memcmp(data, "data", 4) == 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void two_receives_share_one_send_in_order(void)
{
    char a[16], b[16], out[32];
    WSABUF first = { sizeof a, a }, second = { sizeof b, b };
    WSAOVERLAPPED ov[2];
    DWORD n = 0;
    SOCKET s[2];

    memset(out, 'a', 16);
    memset(out + 16, 'b', 16);
    REQUIRE(test_pair(s));
    pend(s[0], &first, 1, &ov[0]);
    pend(s[0], &second, 1, &ov[1]);
    test_send_all(s[1], out, sizeof out);
    CHECK_EQ(test_result(s[0], &ov[0], &n), 0);
    CHECK_EQ(n, 16);
    CHECK_EQ(test_result(s[0], &ov[1], &n), 0);
    CHECK_EQ(n, 16);
    CHECK(memcmp(a, out, 16) == 0 && memcmp(b, out + 16, 16) == 0);
    WSACloseEvent(ov[0].hEvent);
    WSACloseEvent(ov[1].hEvent);
    end(s);
}

static void end_of_stream_is_success_with_no_bytes_for_ever(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD n = 77, flags = 0;
    SOCKET s[2];
    int i;

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK_EQ(WSARecv(s[0], &buf, 1, &n, &flags, NULL, NULL), 0);
    CHECK_EQ(n, 0);
    for (i = 0; i < 3; i++) CHECK_EQ(recv(s[0], &byte, 1, 0), 0);
    end(s);
}

static void pending_receive_completes_with_no_bytes_at_the_end(void)
{
    char a, b;
    WSABUF first = { 1, &a }, second = { 1, &b };
    WSAOVERLAPPED ov[2];
    DWORD n = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &first, 1, &ov[0]);
    pend(s[0], &second, 1, &ov[1]);
    CHECK_EQ(closesocket(s[1]), 0);
    CHECK_EQ(test_result(s[0], &ov[0], &n), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(ov[0].Internal, 0);
    n = 77;
    CHECK_EQ(test_result(s[0], &ov[1], &n), 0);
    CHECK_EQ(n, 0);
    WSACloseEvent(ov[0].hEvent);
    WSACloseEvent(ov[1].hEvent);
    closesocket(s[0]);
}

static void data_comes_before_the_end(void)
{
    char data[8];
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "data", 4);
    CHECK_EQ(closesocket(s[1]), 0);
    CHECK_EQ(recv(s[0], data, sizeof data, 0), 4);
    CHECK_EQ(recv(s[0], data, sizeof data, 0), 0);
    closesocket(s[0]);
}

/* The read that stops short of the data that is there must not hide the end behind it. */
static void end_is_seen_after_data_and_end_arrive_together(void)
{
    char data[4], byte;
    WSABUF first = { sizeof data, data }, second = { 1, &byte };
    WSAOVERLAPPED ov[2];
    DWORD n = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &first, 1, &ov[0]);
    pend(s[0], &second, 1, &ov[1]);
    CHECK_EQ(send(s[1], "xy", 2, 0), 2);
    CHECK_EQ(closesocket(s[1]), 0);
    CHECK_EQ(test_result(s[0], &ov[0], &n), 0);
    CHECK_EQ(n, 2);
    CHECK_EQ(test_result(s[0], &ov[1], &n), 0);
    CHECK_EQ(n, 0);
    WSACloseEvent(ov[0].hEvent);
    WSACloseEvent(ov[1].hEvent);
    closesocket(s[0]);
}

static void no_buffers(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n, flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 0, &n, &flags, NULL, NULL), WSAEINVAL);
    CHECK_ERROR(WSARecv(s[0], NULL, 0, &n, &flags, NULL, NULL), WSAEINVAL);
    CHECK_ERROR(WSARecv(s[0], &buf, 0, NULL, &flags, &ov, NULL), WSAEINVAL);
    CHECK_ERROR(WSARecv(s[0], NULL, 0, NULL, &flags, &ov, NULL), WSAEINVAL);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void count_missing_without_overlapped(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "x", 1);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, NULL, NULL), WSAEFAULT);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    end(s);
}

static void flags_missing(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, &n, NULL, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, NULL, &ov, NULL), WSAEFAULT);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void negative_length(void)
{
    char byte = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "x", 1);
    CHECK_ERROR(recv(s[0], &byte, -1, 0), WSAEFAULT);
    end(s);
}

static void bad_memory(void)
{
    char byte = 0;
    SOCKET s[2];
    u_long on = 1;

    REQUIRE(test_pair(s));
    test_send_all(s[1], "x", 1);
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &on), 0);
    CHECK_ERROR(recv(s[0], (char *)16, 1, 0), WSAEFAULT);
    CHECK_ERROR(recv(s[0], NULL, 1, 0), WSAEFAULT);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    CHECK_EQ(byte, 'x');
    end(s);
}

static void check_not_connected(SOCKET s)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef, flags = 0;

    test_overlapped(&ov);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAENOTCONN);
    CHECK_ERROR(WSARecv(s, &buf, 1, &n, &flags, NULL, NULL), WSAENOTCONN);
    CHECK_ERROR(WSARecv(s, &buf, 1, &n, &flags, &ov, NULL), WSAENOTCONN);
    CHECK_EQ(n, 0xdeadbeef);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void socket_without_a_connection(void)
{
    check_not_connected(test_tcp());
    check_not_connected(test_tcp_bound());
}

static void listening_socket(void)
{
    check_not_connected(test_listener(NULL));
}

static void flags_are_not_written_when_it_pends(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef, flags = 0, out = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, &n, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(n, 0xdeadbeef);
    flags = 0xdeadbeef;
    test_send_all(s[1], "x", 1);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(n, 0xdeadbeef);
    CHECK_EQ(flags, 0xdeadbeef);
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, FALSE, &out));
    CHECK_EQ(out, 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void success_sets_the_last_error_to_zero(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "x", 1);
    WSASetLastError(0xbad);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    CHECK_EQ(WSAGetLastError(), 0);
    end(s);
}

/* A blocked recv in another thread gets only what the pending request leaves. */
struct blocked {
    SOCKET s;
    char byte;
    int result;
};

static DWORD WINAPI receive_in_thread(void *arg)
{
    struct blocked *b = arg;

    b->result = recv(b->s, &b->byte, 1, 0);
    return 0;
}

static void blocked_recv_does_not_overtake_a_pending_request(void)
{
    struct blocked b = { 0, 0, 77 };
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    HANDLE thread;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &buf, 1, &ov);
    b.s = s[0];
    thread = CreateThread(NULL, 0, receive_in_thread, &b, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    test_send_all(s[1], "12", 2);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(byte, '1');
    CHECK_EQ(b.result, 1);
    CHECK_EQ(b.byte, '2');
    CloseHandle(thread);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static const struct test_case cases[] = {
    TEST(pending_receive_takes_what_comes_without_filling, "40 stream receive [doc]; 01 row 24"),
    TEST(waiting_data_is_taken_up_to_the_room, "40 stream receive [doc]"),
    TEST(buffers_are_filled_in_order_without_gaps, "20 §10 [doc]; 01 row 26"),
    TEST(hundred_buffers, "20 §10 [doc]"),
    TEST(buffer_array_may_go_after_the_call, "20 §10 [doc]"),
    TEST(two_receives_share_one_send_in_order, "20 §9 [doc; obs]"),
    TEST(end_of_stream_is_success_with_no_bytes_for_ever, "40 stream receive [doc; obs]; 01 row 13"),
    TEST(pending_receive_completes_with_no_bytes_at_the_end, "40 stream receive [doc; obs]; 01 row 10"),
    TEST(data_comes_before_the_end, "40 stream receive [doc]"),
    TEST(end_is_seen_after_data_and_end_arrive_together, "40 stream receive [doc]"),
    TEST_NOT_ON_WINE(no_buffers, "40 stream receive [obs]", "Wine 8 waits for data"),
    TEST_NOT_ON_WINE(count_missing_without_overlapped, "20 §2 [doc]", "Wine 8 receives"),
    TEST_NOT_ON_WINE(flags_missing, "40 lpFlags [doc]", "Wine 8 waits for data"),
    TEST(negative_length, "20 §10 [obs]"),
    TEST(bad_memory, "20 §10 [obs]"),
    TEST(socket_without_a_connection, "40 stream receive [obs]"),
    TEST_NOT_ON_WINE(listening_socket, "40 stream receive [obs]", "Wine 8 waits"),
    TEST(flags_are_not_written_when_it_pends, "40 lpFlags [doc]"),
    TEST(success_sets_the_last_error_to_zero, "20 §2 [obs]"),
    TEST(blocked_recv_does_not_overtake_a_pending_request, "20 §9 [known]; 40 interplay"),
};
TEST_MAIN(cases)
