/* SPDX-License-Identifier: MIT */
/* send-stream.c - sends on a TCP connection: whole and in order, what they refuse, and what waits for room. */
#include "test.h"

#define BIG (1024 * 1024)

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static void end(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void set_non_blocking(SOCKET s)
{
    u_long on = 1;

    CHECK(ioctlsocket(s, FIONBIO, &on) == 0);
}

/* A block in which every byte tells its place. */
static char *pattern(size_t size, unsigned seed)
{
    char *p = malloc(size);
    size_t i;

    for (i = 0; p && i < size; i++) p[i] = (char)((i * 31 + i / 251 + seed) & 0xff);
    return p;
}

/* Reads size bytes with a deadline and compares them. */
static int check_arrives(SOCKET s, const char *want, size_t size)
{
    static char block[65536];
    DWORD ms = DEADLINE_MS;
    size_t done = 0;

    CHECK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms) == 0);
    while (done < size) {
        size_t left = size - done;
        int n = recv(s, block, (int)(left < sizeof block ? left : sizeof block), 0);

        if (!CHECK(n > 0)) return 0;
        if (!CHECK(memcmp(block, want + done, (size_t)n) == 0)) return 0;
        done += (size_t)n;
    }
    return 1;
}

static void buffers_are_sent_in_order(void)
{
    WSABUF bufs[4] = { { 3, "abc" }, { 0, NULL }, { 1, "d" }, { 4, "efgh" } };
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(WSASend(s[0], bufs, 4, &n, 0, NULL, NULL), 0);
    CHECK_EQ(n, 8);
    check_arrives(s[1], "abcdefgh", 8);
    end(s);
}

static void overlapped_send_completes_with_the_full_count(void)
{
    WSABUF buf = { 5, "hello" };
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    if (WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 5);
    CHECK_EQ(ov.InternalHigh, 5);
    check_arrives(s[1], "hello", 5);
    WSACloseEvent(ov.hEvent);
    end(s);
}

/* Issues an overlapped send of size bytes; completed or pending. */
static void issue(SOCKET s, char *data, ULONG size, WSAOVERLAPPED *ov)
{
    WSABUF buf;

    buf.buf = data;
    buf.len = size;
    test_overlapped(ov);
    if (WSASend(s, &buf, 1, NULL, 0, ov, NULL)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

static void large_overlapped_sends_arrive_whole_and_in_order(void)
{
    enum { COUNT = 8 };
    char *data = pattern((size_t)COUNT * BIG, 7);
    WSAOVERLAPPED ov[COUNT];
    DWORD n;
    SOCKET s[2];
    int i;

    REQUIRE(data && test_pair(s));
    for (i = 0; i < COUNT; i++) issue(s[0], data + (size_t)i * BIG, BIG, &ov[i]);
    CHECK(!HasOverlappedIoCompleted(&ov[COUNT - 1]));
    check_arrives(s[1], data, (size_t)COUNT * BIG);
    for (i = 0; i < COUNT; i++) {
        n = 0;
        CHECK_EQ(test_result(s[0], &ov[i], &n), 0);
        CHECK_EQ(n, BIG);
        WSACloseEvent(ov[i].hEvent);
    }
    end(s);
    free(data);
}

static void pending_send_does_not_hold_receives(void)
{
    enum { COUNT = 8 };
    char *data = pattern((size_t)COUNT * BIG, 3), byte = 0;
    WSAOVERLAPPED ov[COUNT], in;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0;
    SOCKET s[2];
    int i;

    REQUIRE(data && test_pair(s));
    for (i = 0; i < COUNT; i++) issue(s[0], data + (size_t)i * BIG, BIG, &ov[i]);
    CHECK(!HasOverlappedIoCompleted(&ov[COUNT - 1]));
    test_overlapped(&in);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, &in, NULL), WSA_IO_PENDING);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(test_result(s[0], &in, NULL), 0);
    CHECK_EQ(byte, 'x');
    check_arrives(s[1], data, (size_t)COUNT * BIG);
    for (i = 0; i < COUNT; i++) {
        CHECK_EQ(test_result(s[0], &ov[i], NULL), 0);
        WSACloseEvent(ov[i].hEvent);
    }
    WSACloseEvent(in.hEvent);
    end(s);
    free(data);
}

/* A plain send must not slip in front of overlapped sends that wait for room. */
static void plain_send_does_not_overtake_pending_sends(void)
{
    enum { COUNT = 8 };
    char *data = pattern((size_t)COUNT * BIG + 3, 9);
    WSAOVERLAPPED ov[COUNT];
    SOCKET s[2];
    int i, sent;

    REQUIRE(data && test_pair(s));
    for (i = 0; i < COUNT; i++) issue(s[0], data + (size_t)i * BIG, BIG, &ov[i]);
    set_non_blocking(s[0]);
    sent = send(s[0], data + (size_t)COUNT * BIG, 3, 0);
    CHECK(sent == 3 || (sent == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK));
    check_arrives(s[1], data, (size_t)COUNT * BIG + (sent == 3 ? 3 : 0));
    for (i = 0; i < COUNT; i++) {
        CHECK_EQ(test_result(s[0], &ov[i], NULL), 0);
        WSACloseEvent(ov[i].hEvent);
    }
    end(s);
    free(data);
}

struct sender {
    SOCKET s;
    const char *data;
    int size, result;
};

static DWORD WINAPI send_in_thread(void *arg)
{
    struct sender *t = arg;

    t->result = send(t->s, t->data, t->size, 0);
    return 0;
}

static void blocking_send_accepts_everything(void)
{
    enum { SIZE = 16 * BIG };
    char *data = pattern(SIZE, 5);
    struct sender t = { 0, NULL, SIZE, 77 };
    HANDLE thread;
    SOCKET s[2];

    REQUIRE(data && test_pair(s));
    t.s = s[0];
    t.data = data;
    thread = CreateThread(NULL, 0, send_in_thread, &t, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    check_arrives(s[1], data, SIZE);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(t.result, SIZE);
    CloseHandle(thread);
    end(s);
    free(data);
}

static void non_blocking_send_stops_when_there_is_no_room(void)
{
    char *data = pattern(BIG, 1);
    long long total = 0;
    SOCKET s[2];
    int n;

    REQUIRE(data && test_pair(s));
    set_non_blocking(s[0]);
    while ((n = send(s[0], data, BIG, 0)) > 0 && total < 1000LL * BIG) total += n;
    CHECK_EQ(n, SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK(total > 0);
    end(s);
    free(data);
}

static void overlapped_send_pends_where_a_plain_one_would_block(void)
{
    char *data = pattern(BIG, 1);
    WSAOVERLAPPED ov;
    WSABUF buf = { 1, "x" };
    SOCKET s[2];
    int n;

    REQUIRE(data && test_pair(s));
    set_non_blocking(s[0]);
    do n = send(s[0], data, BIG, 0);
    while (n > 0);
    test_overlapped(&ov);
    CHECK_ERROR(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ((ULONG)ov.Internal, STATUS_PENDING);
    CHECK(CancelIoEx((HANDLE)s[0], &ov));
    CHECK_EQ(test_result(s[0], &ov, NULL), WSA_OPERATION_ABORTED);
    WSACloseEvent(ov.hEvent);
    end(s);
    free(data);
}

static void without_a_send_buffer_a_large_send_pends_until_it_is_taken(void)
{
    char *data = pattern(BIG, 2);
    WSAOVERLAPPED ov;
    WSABUF buf = { BIG, data };
    int zero = 0;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(data && test_pair(s));
    CHECK(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (const char *)&zero, sizeof zero) == 0);
    test_overlapped(&ov);
    CHECK_ERROR(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    check_arrives(s[1], data, BIG);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, BIG);
    WSACloseEvent(ov.hEvent);
    end(s);
    free(data);
}

static void nothing_to_send_is_success_and_notified(void)
{
    WSABUF bufs[2] = { { 0, NULL }, { 0, "" } };
    WSAOVERLAPPED ov;
    DWORD n = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(send(s[0], "", 0, 0), 0);
    CHECK_EQ(WSASend(s[0], bufs, 2, &n, 0, NULL, NULL), 0);
    CHECK_EQ(n, 0);
    test_overlapped(&ov);
    if (WSASend(s[0], bufs, 1, NULL, 0, &ov, NULL)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    n = 77;
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_OBJECT_0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void count_missing_without_overlapped(void)
{
    WSABUF buf = { 1, "x" };
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_ERROR(WSASend(s[0], &buf, 1, NULL, 0, NULL, NULL), WSAEFAULT);
    end(s);
}

static void bad_memory(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_ERROR(send(s[0], (const char *)16, 1, 0), WSAEFAULT);
    CHECK_ERROR(send(s[0], NULL, 1, 0), WSAEFAULT);
    CHECK_EQ(send(s[0], "x", 1, 0), 1);
    check_arrives(s[1], "x", 1);
    end(s);
}

static void check_not_connected(SOCKET s)
{
    WSABUF buf = { 1, "x" };
    WSAOVERLAPPED ov;
    DWORD n = 0xdeadbeef;

    test_overlapped(&ov);
    CHECK_ERROR(send(s, "x", 1, 0), WSAENOTCONN);
    CHECK_ERROR(WSASend(s, &buf, 1, &n, 0, NULL, NULL), WSAENOTCONN);
    CHECK_ERROR(WSASend(s, &buf, 1, &n, 0, &ov, NULL), WSAENOTCONN);
    CHECK_EQ(n, 0xdeadbeef);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void sockets_without_a_connection(void)
{
    check_not_connected(test_tcp());
    check_not_connected(test_tcp_bound());
}

static void listening_socket(void)
{
    check_not_connected(test_listener(NULL));
}

static void datagram_socket_without_a_peer(void)
{
    check_not_connected(test_udp(NULL));
    check_not_connected(socket(AF_INET, SOCK_DGRAM, 0));
}

static void partial_is_not_supported(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_ERROR(send(s[0], "x", 1, MSG_PARTIAL), WSAEOPNOTSUPP);
    CHECK_EQ(send(s[0], "y", 1, MSG_DONTROUTE), 1);
    check_arrives(s[1], "y", 1);
    end(s);
}

static void success_sets_the_last_error_to_zero(void)
{
    WSABUF buf = { 1, "x" };
    DWORD n;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    WSASetLastError(0xbad);
    CHECK_EQ(send(s[0], "x", 1, 0), 1);
    CHECK_EQ(WSAGetLastError(), 0);
    WSASetLastError(0xbad);
    CHECK_EQ(WSASend(s[0], &buf, 1, &n, 0, NULL, NULL), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    end(s);
}

static const struct test_case cases[] = {
    TEST(buffers_are_sent_in_order, "20 §10 [doc]; 01 row 27"),
    TEST(overlapped_send_completes_with_the_full_count, "40 stream send [obs]; 01 row 11"),
    TEST(large_overlapped_sends_arrive_whole_and_in_order, "40 stream send; 20 §9 [doc; obs]"),
    TEST(pending_send_does_not_hold_receives, "20 §9 [doc]"),
    TEST(plain_send_does_not_overtake_pending_sends, "20 §9 [doc]"),
    TEST(blocking_send_accepts_everything, "40 stream send [doc]"),
    TEST(non_blocking_send_stops_when_there_is_no_room, "40 stream send [doc; obs]"),
    TEST(overlapped_send_pends_where_a_plain_one_would_block, "20 §2 [doc; obs]"),
    TEST(without_a_send_buffer_a_large_send_pends_until_it_is_taken, "40 stream send [obs]"),
    TEST(nothing_to_send_is_success_and_notified, "40 stream send [known]"),
    TEST(count_missing_without_overlapped, "20 §2 [doc]"),
    TEST(bad_memory, "20 §10 [obs]"),
    TEST_WINE_DIFFERS(sockets_without_a_connection, "40 stream send [obs]", "Wine 8 says WSAECONNRESET"),
    TEST_NOT_ON_WINE(listening_socket, "40 stream send [obs]", "Wine 8 waits"),
    TEST_WINE_DIFFERS(datagram_socket_without_a_peer, "40 stream send [obs]", "Wine 8 says WSAEINVAL"),
    TEST_WINE_DIFFERS(partial_is_not_supported, "40 lpFlags [doc]", "Wine 8 ignores the flag"),
    TEST(success_sets_the_last_error_to_zero, "20 §2 [obs]"),
};
TEST_MAIN(cases)
