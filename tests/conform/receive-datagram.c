/* SPDX-License-Identifier: MIT */
/* receive-datagram.c - one datagram for each receive: truncation, empty ones, unbound and connected sockets. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

#define STATUS_OVERFLOW 0x80000005

/* A receiver, its address, and a sender; receives end at the deadline. */
struct mail {
    SOCKET to, from;
    struct sockaddr_in addr, sender;
};

static void begin(struct mail *m)
{
    DWORD ms = DEADLINE_MS;

    m->to = test_udp(&m->addr);
    m->from = test_udp(&m->sender);
    CHECK_EQ(setsockopt(m->to, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms), 0);
}

static void post(struct mail *m, const char *data, int len)
{
    CHECK_EQ(sendto(m->from, data, len, 0, (struct sockaddr *)&m->addr, sizeof m->addr), len);
}

static void end(struct mail *m)
{
    closesocket(m->to);
    closesocket(m->from);
}

static void pend(SOCKET s, WSABUF *bufs, DWORD count, WSAOVERLAPPED *ov)
{
    DWORD flags = 0;

    test_overlapped(ov);
    CHECK_ERROR(WSARecv(s, bufs, count, NULL, &flags, ov, NULL), WSA_IO_PENDING);
}

static void each_receive_takes_one_datagram(void)
{
    struct mail m;
    char data[16];

    begin(&m);
    post(&m, "one", 3);
    post(&m, "two!", 4);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 3);
    CHECK(memcmp(data, "one", 3) == 0);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 4);
    CHECK(memcmp(data, "two!", 4) == 0);
    end(&m);
}

static void pending_receives_take_one_each_in_order(void)
{
    enum { COUNT = 4 };
    struct mail m;
    char data[COUNT][8];
    WSABUF buf[COUNT];
    WSAOVERLAPPED ov[COUNT];
    DWORD n;
    int i;

    begin(&m);
    for (i = 0; i < COUNT; i++) {
        buf[i].len = sizeof data[i];
        buf[i].buf = data[i];
        pend(m.to, &buf[i], 1, &ov[i]);
    }
    for (i = 0; i < COUNT; i++) post(&m, &"abcd"[i], 1);
    for (i = 0; i < COUNT; i++) {
        CHECK_EQ(test_result(m.to, &ov[i], &n), 0);
        CHECK_EQ(n, 1);
        CHECK_EQ(data[i][0], 'a' + i);
        WSACloseEvent(ov[i].hEvent);
    }
    end(&m);
}

static void buffers_are_filled_in_array_order(void)
{
    struct mail m;
    char a[2], b[8];
    WSABUF bufs[2] = { { sizeof a, a }, { sizeof b, b } };
    DWORD n = 0, flags = 0;

    begin(&m);
    post(&m, "abcde", 5);
    CHECK_EQ(WSARecv(m.to, bufs, 2, &n, &flags, NULL, NULL), 0);
    CHECK_EQ(n, 5);
    CHECK(memcmp(a, "ab", 2) == 0 && memcmp(b, "cde", 3) == 0);
    end(&m);
}

static void too_long_for_the_buffers(void)
{
    struct mail m;
    char a[2], b[1];
    WSABUF bufs[2] = { { sizeof a, a }, { sizeof b, b } };
    DWORD n = 0, flags = 0;

    begin(&m);
    post(&m, "abcde", 5);
    post(&m, "next", 4);
    CHECK_ERROR(WSARecv(m.to, bufs, 2, &n, &flags, NULL, NULL), WSAEMSGSIZE);
    CHECK_EQ(flags, 0);
    CHECK(memcmp(a, "ab", 2) == 0 && b[0] == 'c');
    CHECK_ERROR(recv(m.to, a, 2, 0), WSAEMSGSIZE);
    CHECK(memcmp(a, "ne", 2) == 0);
    end(&m);
}

static void rest_of_a_truncated_datagram_is_lost(void)
{
    struct mail m;
    char data[8];

    begin(&m);
    post(&m, "abcde", 5);
    post(&m, "next", 4);
    CHECK_ERROR(recv(m.to, data, 2, 0), WSAEMSGSIZE);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 4);
    CHECK(memcmp(data, "next", 4) == 0);
    end(&m);
}

static void truncated_count(void)
{
    struct mail m;
    char data[2];
    WSABUF buf = { sizeof data, data };
    DWORD n = 77, flags = 0;

    begin(&m);
    post(&m, "abcde", 5);
    CHECK_ERROR(WSARecv(m.to, &buf, 1, &n, &flags, NULL, NULL), WSAEMSGSIZE);
    CHECK_EQ(n, 2);
    CHECK_EQ(flags, 0);
    end(&m);
}

static void truncation_completes_a_pending_receive(void)
{
    struct mail m;
    char data[3];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0;

    begin(&m);
    pend(m.to, &buf, 1, &ov);
    post(&m, "abcde", 5);
    CHECK_EQ(test_result(m.to, &ov, &n), WSAEMSGSIZE);
    CHECK_EQ(n, 3);
    CHECK_EQ((ULONG)ov.Internal, STATUS_OVERFLOW);
    CHECK_EQ(ov.InternalHigh, 3);
    CHECK(memcmp(data, "abc", 3) == 0);
    CHECK(!GetOverlappedResult((HANDLE)m.to, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_MORE_DATA);
    CHECK_EQ(n, 3);
    WSACloseEvent(ov.hEvent);
    end(&m);
}

/* A truncated datagram that is there already is a completion too, not a refusal: the call says pending. */
static void truncation_at_issue_says_pending(void)
{
    struct mail m;
    char data[3], byte;
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 0, flags = 0;

    begin(&m);
    post(&m, "abcde", 5);
    WSASetLastError(0);
    recv(m.to, &byte, 1, MSG_PEEK);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(m.to, &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(test_result(m.to, &ov, &n), WSAEMSGSIZE);
    CHECK_EQ(n, 3);
    WSACloseEvent(ov.hEvent);
    end(&m);
}

static struct {
    DWORD error, count, flags;
    int runs;
} routine_saw;

static void CALLBACK routine(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)ov;
    routine_saw.error = error;
    routine_saw.count = count;
    routine_saw.flags = flags;
    routine_saw.runs++;
}

static void routine_is_told_of_the_truncation(void)
{
    struct mail m;
    char data[3];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD flags = 0;

    memset(&routine_saw, 0, sizeof routine_saw);
    memset(&ov, 0, sizeof ov);
    begin(&m);
    CHECK_ERROR(WSARecv(m.to, &buf, 1, NULL, &flags, &ov, routine), WSA_IO_PENDING);
    post(&m, "abcde", 5);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_saw.runs, 1);
    CHECK_EQ(routine_saw.error, WSAEMSGSIZE);
    CHECK_EQ(routine_saw.count, 3);
    CHECK_EQ(routine_saw.flags, 0);
    end(&m);
}

static void partial_flag_changes_nothing(void)
{
    struct mail m;
    char data[3];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = MSG_PARTIAL;

    begin(&m);
    post(&m, "abcde", 5);
    CHECK_ERROR(WSARecv(m.to, &buf, 1, &n, &flags, NULL, NULL), WSAEMSGSIZE);
    CHECK(memcmp(data, "abc", 3) == 0);
    end(&m);
}

static void peek_leaves_the_datagram(void)
{
    struct mail m;
    char data[8];

    begin(&m);
    post(&m, "abcde", 5);
    CHECK_EQ(recv(m.to, data, sizeof data, MSG_PEEK), 5);
    CHECK_ERROR(recv(m.to, data, 2, MSG_PEEK), WSAEMSGSIZE);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 5);
    CHECK(memcmp(data, "abcde", 5) == 0);
    end(&m);
}

static void empty_datagram_is_success_with_no_bytes(void)
{
    struct mail m;
    char data[8];
    WSABUF buf = { sizeof data, data };
    WSAOVERLAPPED ov;
    DWORD n = 77;

    begin(&m);
    post(&m, "", 0);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 0);
    pend(m.to, &buf, 1, &ov);
    post(&m, "", 0);
    CHECK_EQ(test_result(m.to, &ov, &n), 0);
    CHECK_EQ(n, 0);
    post(&m, "more", 4);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 4);
    WSACloseEvent(ov.hEvent);
    end(&m);
}

static void unbound_socket_cannot_receive(void)
{
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;

    test_overlapped(&ov);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEINVAL);
    CHECK_ERROR(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL), WSAEINVAL);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void unbound_non_blocking_socket_cannot_receive(void)
{
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    char byte;
    u_long on = 1;

    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEINVAL);
    closesocket(s);
}

static void bound_socket_would_block(void)
{
    SOCKET s = test_udp(NULL);
    char byte;
    u_long on = 1;

    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(s);
}

static void connected_socket_hears_its_peer_only(void)
{
    struct mail m;
    SOCKET stranger = test_udp(NULL);
    char data[8];

    begin(&m);
    CHECK_EQ(connect(m.to, (struct sockaddr *)&m.sender, sizeof m.sender), 0);
    CHECK_EQ(sendto(stranger, "spam", 4, 0, (struct sockaddr *)&m.addr, sizeof m.addr), 4);
    post(&m, "ham", 3);
    CHECK_EQ(recv(m.to, data, sizeof data, 0), 3);
    CHECK(memcmp(data, "ham", 3) == 0);
    closesocket(stranger);
    end(&m);
}

static void closing_cancels_a_pending_receive(void)
{
    struct mail m;
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;

    begin(&m);
    pend(m.to, &buf, 1, &ov);
    CHECK_EQ(closesocket(m.to), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ((ULONG)ov.Internal, 0xC0000120);
    CHECK_EQ(ov.InternalHigh, 0);
    WSACloseEvent(ov.hEvent);
    closesocket(m.from);
}

static void largest_datagram(void)
{
    enum { LARGEST = 65507 };
    struct mail m;
    char *out = malloc(LARGEST), *in = malloc(LARGEST);
    WSABUF buf;
    WSAOVERLAPPED ov;
    DWORD n = 0;

    REQUIRE(out && in);
    memset(out, 'L', LARGEST);
    buf.len = LARGEST;
    buf.buf = in;
    begin(&m);
    pend(m.to, &buf, 1, &ov);
    post(&m, out, LARGEST);
    CHECK_EQ(test_result(m.to, &ov, &n), 0);
    CHECK_EQ(n, LARGEST);
    CHECK(memcmp(in, out, LARGEST) == 0);
    WSACloseEvent(ov.hEvent);
    end(&m);
    free(in);
    free(out);
}

/* A raw socket hears its own echo request, which has 28 bytes with the IP header. */
static void raw_datagram_too_long_for_the_buffer(void)
{
    static const unsigned char echo[8] = { 8, 0, 0xf7, 0xff, 0, 0, 0, 0 };
    SOCKET s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    struct sockaddr_in addr;
    DWORD ms = DEADLINE_MS;
    char data[10];

    if (s == INVALID_SOCKET) {
        CHECK_EQ(WSAGetLastError(), WSAEACCES);
        test_skip("no right to raw sockets here");
        return;
    }
    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms), 0);
    CHECK_EQ(bind(s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(sendto(s, (const char *)echo, sizeof echo, 0, (struct sockaddr *)&addr, sizeof addr), (int)sizeof echo);
    CHECK_ERROR(recv(s, data, sizeof data, 0), WSAEMSGSIZE);
    CHECK_EQ(data[0], 0x45);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(each_receive_takes_one_datagram, "40 datagram receive [doc]"),
    TEST(pending_receives_take_one_each_in_order, "40 datagram receive [doc; obs]"),
    TEST(buffers_are_filled_in_array_order, "40 datagram receive [obs]"),
    TEST(too_long_for_the_buffers, "40 datagram receive [doc; obs]"),
    TEST(rest_of_a_truncated_datagram_is_lost, "40 datagram receive [doc]"),
    TEST_WINE_DIFFERS(truncated_count, "40 datagram receive [obs]", "Wine 8 leaves the count alone"),
    TEST(truncation_completes_a_pending_receive, "40 datagram receive; 20 §5 [obs]"),
    TEST_WINE_DIFFERS(truncation_at_issue_says_pending, "40 datagram receive [obs]",
                      "Wine 8 fails at once and yet completes"),
    TEST(routine_is_told_of_the_truncation, "40 datagram receive; 20 §7 [obs]"),
    TEST(partial_flag_changes_nothing, "40 MSG_PARTIAL [doc; impl]"),
    TEST(peek_leaves_the_datagram, "40 MSG_PEEK [doc]"),
    TEST(empty_datagram_is_success_with_no_bytes, "40 datagram receive [doc]"),
    TEST_NOT_ON_WINE(unbound_socket_cannot_receive, "40 datagram receive [obs]", "Wine 8 waits"),
    TEST_WINE_DIFFERS(unbound_non_blocking_socket_cannot_receive, "40 datagram receive [obs]",
                      "Wine 8 says WSAEWOULDBLOCK"),
    TEST(bound_socket_would_block, "40 datagram receive [obs]"),
    TEST(connected_socket_hears_its_peer_only, "40 datagram receive [doc]"),
    TEST_WINE_DIFFERS(closing_cancels_a_pending_receive, "20 §12 [obs]", "Wine 8 ends it with STATUS_HANDLES_CLOSED"),
    TEST(largest_datagram, "40 lpTo [doc]"),
    TEST(raw_datagram_too_long_for_the_buffer, "40 datagram receive [obs]"),
};
TEST_MAIN(cases)
