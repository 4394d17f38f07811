/* SPDX-License-Identifier: MIT */
/*
 * requests-order.c - several requests outstanding on one socket: receives are
 * filled in issue order, sends leave in issue order and whole.
 */
#include "test.h"

enum { MANY = 8, MIB = 1 << 20 };

struct request {
    WSAOVERLAPPED ov;
    char data[32];
};

static int post_recv(SOCKET s, struct request *r, ULONG len)
{
    WSABUF buf = { len, r->data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, &r->ov, NULL) ? WSAGetLastError() : 0;
}

/* A send of len bytes; whether it is pending now. */
static int post_send(SOCKET s, WSAOVERLAPPED *ov, const void *data, ULONG len)
{
    WSABUF buf = { len, (char *)data };
    int rc = WSASend(s, &buf, 1, NULL, 0, ov, NULL) ? WSAGetLastError() : 0;

    CHECK(rc == 0 || rc == WSA_IO_PENDING);
    return rc == WSA_IO_PENDING;
}

static void prepare(struct request *r, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        memset(r[i].data, 0, sizeof r[i].data);
        test_overlapped(&r[i].ov);
    }
}

static void release(struct request *r, int n)
{
    while (n--) WSACloseEvent(r[n].ov.hEvent);
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* The byte at a position of the streams below. */
static char byte_at(size_t position)
{
    return (char)(position * 31 + position / 251);
}

static char *pattern(size_t len)
{
    char *data = malloc(len);
    size_t i;

    CHECK(data != NULL);
    for (i = 0; data && i < len; i++) data[i] = byte_at(i);
    return data;
}

/* ---- receives ---- */

static void two_receives_share_one_send(void)
{
    SOCKET s[2];
    struct request r[2];
    char sent[32];
    DWORD n;
    int i;

    REQUIRE(test_pair(s));
    prepare(r, 2);
    for (i = 0; i < 32; i++) sent[i] = (char)i;
    CHECK_EQ(post_recv(s[0], &r[0], 16), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], &r[1], 16), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], sent, 32));
    for (i = 0; i < 2; i++) {
        CHECK_EQ(test_result(s[0], &r[i].ov, &n), 0);
        CHECK_EQ(n, 16);
        CHECK(!memcmp(r[i].data, sent + 16 * i, 16));
    }
    close_pair(s);
    release(r, 2);
}

static void receives_are_filled_in_issue_order(void)
{
    SOCKET s[2];
    struct request r[MANY];
    char c;
    DWORD n;
    int i, later;

    REQUIRE(test_pair(s));
    prepare(r, MANY);
    for (i = 0; i < MANY; i++) CHECK_EQ(post_recv(s[0], &r[i], 4), WSA_IO_PENDING);
    for (i = 0; i < MANY; i++) {
        c = (char)('a' + i);
        CHECK(test_send_all(s[1], &c, 1)); /* the first bytes end a receive: it is not filled up */
        CHECK_EQ(test_result(s[0], &r[i].ov, &n), 0);
        CHECK_EQ(n, 1);
        CHECK_EQ(r[i].data[0], c);
        for (later = i + 1; later < MANY; later++) CHECK(!HasOverlappedIoCompleted(&r[later].ov));
    }
    close_pair(s);
    release(r, MANY);
}

static void datagrams_are_given_out_in_issue_order(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    struct request r[MANY];
    char text[2] = "a";
    DWORD n;
    int i;

    prepare(r, MANY);
    for (i = 0; i < MANY; i++) CHECK_EQ(post_recv(s, &r[i], 4), WSA_IO_PENDING);
    for (i = 0; i < MANY; i++) {
        text[0] = (char)('a' + i);
        CHECK_EQ(sendto(s, text, 2, 0, (struct sockaddr *)&addr, sizeof addr), 2);
    }
    for (i = 0; i < MANY; i++) {
        CHECK_EQ(test_result(s, &r[i].ov, &n), 0);
        CHECK_EQ(n, 2);
        CHECK_EQ(r[i].data[0], 'a' + i);
    }
    closesocket(s);
    release(r, MANY);
}

static void accepts_and_their_data_keep_apart(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker[2], client[2];
    WSAOVERLAPPED ov[2];
    char block[2][72];
    DWORD n;
    int i;

    for (i = 0; i < 2; i++) {
        taker[i] = test_tcp();
        client[i] = test_tcp();
        test_overlapped(&ov[i]);
        CHECK(!AcceptEx(listener, taker[i], block[i], 8, 32, 32, NULL, &ov[i]));
        CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    }
    for (i = 0; i < 2; i++) CHECK_EQ(connect(client[i], (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(test_send_all(client[1], "two", 3)); /* the second request ends first: its data came first */
    CHECK_EQ(test_result(listener, &ov[1], &n), 0);
    CHECK_EQ(n, 3);
    CHECK(!memcmp(block[1], "two", 3));
    CHECK(!HasOverlappedIoCompleted(&ov[0]));
    CHECK(test_send_all(client[0], "first", 5));
    CHECK_EQ(test_result(listener, &ov[0], &n), 0);
    CHECK_EQ(n, 5);
    CHECK(!memcmp(block[0], "first", 5));
    for (i = 0; i < 2; i++) {
        closesocket(client[i]);
        closesocket(taker[i]);
        WSACloseEvent(ov[i].hEvent);
    }
    closesocket(listener);
}

static void synchronous_receive_does_not_overtake(void)
{
    SOCKET s[2];
    struct request r[2];
    char data[8];
    u_long on = 1;
    DWORD n;

    REQUIRE(test_pair(s));
    prepare(r, 2);
    CHECK_EQ(post_recv(s[0], &r[0], 4), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], &r[1], 4), WSA_IO_PENDING);
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &on), 0);
    CHECK(test_send_all(s[1], "1234", 4));
    CHECK_EQ(recv(s[0], data, sizeof data, 0), SOCKET_ERROR); /* whether it has arrived or not */
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK(test_send_all(s[1], "5678", 4));
    CHECK_EQ(test_result(s[0], &r[0].ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(!memcmp(r[0].data, "1234", 4));
    CHECK_EQ(test_result(s[0], &r[1].ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(!memcmp(r[1].data, "5678", 4));
    close_pair(s);
    release(r, 2);
}

static DWORD WINAPI receive_blocking(void *arg)
{
    SOCKET s = *(SOCKET *)arg;
    char data[8];

    CHECK_EQ(recv(s, data, 4, 0), 4);
    CHECK(!memcmp(data, "5678", 4));
    return 0;
}

static void blocking_receive_waits_behind_pending_ones(void)
{
    SOCKET s[2];
    struct request r;
    HANDLE thread;
    DWORD n;

    REQUIRE(test_pair(s));
    prepare(&r, 1);
    CHECK_EQ(post_recv(s[0], &r, 4), WSA_IO_PENDING);
    thread = CreateThread(NULL, 0, receive_blocking, &s[0], 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS),
             WAIT_TIMEOUT); /* in its call by now; if not, the order is the same */
    CHECK(test_send_all(s[1], "12345678", 8));
    CHECK_EQ(test_result(s[0], &r.ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(!memcmp(r.data, "1234", 4));
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    close_pair(s);
    release(&r, 1);
}

static void end_of_stream_ends_all_pending_receives(void)
{
    SOCKET s[2];
    struct request r[MANY];
    DWORD n;
    int i;

    REQUIRE(test_pair(s));
    prepare(r, MANY);
    for (i = 0; i < MANY; i++) CHECK_EQ(post_recv(s[0], &r[i], 4), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "last", 4));
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    for (i = 0; i < MANY; i++) {
        CHECK_EQ(test_result(s[0], &r[i].ov, &n), 0);
        CHECK_EQ(n, i ? 0 : 4);
    }
    close_pair(s);
    release(r, MANY);
}

/* Whether select sees s readable now. */
static int readable(SOCKET s)
{
    struct timeval now = { 0, 0 };
    fd_set set;

    FD_ZERO(&set);
    FD_SET(s, &set);
    return select(0, &set, NULL, NULL, &now);
}

static void select_sees_only_what_pending_receives_leave(void)
{
    SOCKET s[2];
    struct request r;
    char data[8];

    REQUIRE(test_pair(s));
    prepare(&r, 1);
    CHECK_EQ(post_recv(s[0], &r, 4), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "1234", 4));
    CHECK_EQ(readable(s[0]), 0); /* it may not even have been taken yet */
    CHECK_EQ(test_result(s[0], &r.ov, NULL), 0);
    CHECK_EQ(readable(s[0]), 0);
    CHECK_EQ(post_recv(s[0], &r, 4), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "12345678", 8));
    CHECK_EQ(test_result(s[0], &r.ov, NULL), 0);
    CHECK_EQ(readable(s[0]), 1);
    CHECK(test_recv_all(s[0], data, 4));
    CHECK(!memcmp(data, "5678", 4));
    close_pair(s);
    release(&r, 1);
}

static void select_sees_no_connection_that_a_pending_accept_takes(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client[2] = { test_tcp(), test_tcp() };
    WSAOVERLAPPED ov;
    char block[64];

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(client[0], (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(readable(listener), 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    CHECK_EQ(readable(listener), 0);
    CHECK_EQ(connect(client[1], (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(readable(listener), 1);
    closesocket(client[0]);
    closesocket(client[1]);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

/* ---- sends ---- */

static void set_send_buffer(SOCKET s, int bytes)
{
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_SNDBUF, (char *)&bytes, sizeof bytes), 0);
}

/* Reads len bytes of the pattern from position on, in slow bites. */
static void check_stream(SOCKET s, size_t position, size_t len)
{
    char *bite = malloc(50000);
    int want, i, wrong = 0;

    while (len > 0 && !wrong) {
        want = len < 50000 ? (int)len : 50000;
        if (!CHECK(bite && test_recv_all(s, bite, want))) break;
        for (i = 0; i < want; i++) wrong += bite[i] != byte_at(position + (size_t)i);
        CHECK_EQ(wrong, 0);
        position += (size_t)want;
        len -= (size_t)want;
    }
    free(bite);
}

static void large_send_without_buffer_pends_and_arrives_whole(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *data = pattern(MIB);
    DWORD n;

    REQUIRE(data && test_pair(s));
    test_overlapped(&ov);
    set_send_buffer(s[0], 0);
    CHECK(post_send(s[0], &ov, data, MIB));
    CHECK(!HasOverlappedIoCompleted(&ov));
    check_stream(s[1], 0, MIB);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, MIB); /* never partial */
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(data);
}

enum { SENDS = 6 };

static void sends_leave_in_issue_order_and_whole(void)
{
    static const ULONG len[SENDS] = { MIB, 1, 300000, 7, MIB, 100 };
    SOCKET s[2];
    WSAOVERLAPPED ov[SENDS];
    size_t total = 0;
    char *data = pattern(3 * MIB);
    DWORD n;
    int i;

    REQUIRE(data && test_pair(s));
    set_send_buffer(s[0], 0);
    for (i = 0; i < SENDS; i++) {
        test_overlapped(&ov[i]);
        post_send(s[0], &ov[i], data + total, len[i]);
        total += len[i];
    }
    check_stream(s[1], 0, total);
    for (i = 0; i < SENDS; i++) {
        CHECK_EQ(test_result(s[0], &ov[i], &n), 0);
        CHECK_EQ(n, len[i]);
        WSACloseEvent(ov[i].hEvent);
    }
    close_pair(s);
    free(data);
}

static DWORD WINAPI send_tail(void *arg)
{
    SOCKET s = *(SOCKET *)arg;
    char tail[100];
    size_t i;

    for (i = 0; i < sizeof tail; i++) tail[i] = byte_at(MIB + i);
    CHECK(test_send_all(s, tail, sizeof tail));
    return 0;
}

static void synchronous_send_does_not_break_into_a_pending_one(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *data = pattern(MIB);
    HANDLE thread;

    REQUIRE(data && test_pair(s));
    test_overlapped(&ov);
    set_send_buffer(s[0], 0);
    CHECK(post_send(s[0], &ov, data, MIB));
    thread = CreateThread(NULL, 0, send_tail, &s[0], 0, NULL);
    check_stream(s[1], 0, MIB + 100);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(data);
}

static void pending_receive_does_not_hold_back_a_send(void)
{
    SOCKET s[2];
    struct request r[2];
    WSAOVERLAPPED ov;
    char data[8];

    REQUIRE(test_pair(s));
    prepare(r, 2);
    test_overlapped(&ov);
    CHECK_EQ(post_recv(s[0], &r[0], 4), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[1], &r[1], 4), WSA_IO_PENDING);
    post_send(s[0], &ov, "ping", 4);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(test_result(s[1], &r[1].ov, NULL), 0);
    CHECK(!memcmp(r[1].data, "ping", 4));
    CHECK_EQ(send(s[0], "pong", 4, 0), 4);
    CHECK(test_recv_all(s[1], data, 4));
    CHECK(!HasOverlappedIoCompleted(&r[0].ov));
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK_EQ(test_result(s[0], &r[0].ov, NULL), 0);
    close_pair(s);
    release(r, 2);
    WSACloseEvent(ov.hEvent);
}

/* ---- several threads ---- */

enum { THREADS = 4, BLOCKS = 40, BLOCK = 8192 };

struct worker {
    SOCKET s;
    int id;
    long histogram[256]; /* receivers: how often each byte came */
};

static DWORD WINAPI send_blocks(void *arg)
{
    struct worker *w = arg;
    char *block = malloc(BLOCK);
    WSAOVERLAPPED ov;
    DWORD n;
    int i;

    if (!CHECK(block != NULL)) return 1;
    test_overlapped(&ov);
    for (i = 0; i < BLOCKS; i++) {
        memset(block, w->id, BLOCK);
        block[0] = (char)(THREADS + i);
        post_send(w->s, &ov, block, BLOCK);
        CHECK_EQ(test_result(w->s, &ov, &n), 0);
        CHECK_EQ(n, BLOCK);
    }
    WSACloseEvent(ov.hEvent);
    free(block);
    return 0;
}

static void sends_of_several_threads_do_not_mix(void)
{
    SOCKET s[2];
    struct worker w[THREADS];
    HANDLE thread[THREADS];
    int next[THREADS] = { 0 }, i, k, id, wrong;
    char *block = malloc(BLOCK);

    REQUIRE(block && test_pair(s));
    set_send_buffer(s[0], 0);
    for (i = 0; i < THREADS; i++) {
        w[i].s = s[0];
        w[i].id = i;
        thread[i] = CreateThread(NULL, 0, send_blocks, &w[i], 0, NULL);
    }
    for (i = 0; i < THREADS * BLOCKS; i++) {
        if (!test_recv_all(s[1], block, BLOCK)) break;
        id = block[1];
        if (!CHECK(id >= 0 && id < THREADS)) break;
        CHECK_EQ(block[0], THREADS + next[id]++);
        for (wrong = 0, k = 1; k < BLOCK; k++) wrong += block[k] != id;
        if (!CHECK_EQ(wrong, 0)) break;
    }
    CHECK_EQ(WaitForMultipleObjects(THREADS, thread, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
    for (i = 0; i < THREADS; i++) CloseHandle(thread[i]);
    close_pair(s);
    free(block);
}

static DWORD WINAPI receive_until_end(void *arg)
{
    struct worker *w = arg;
    struct request r;
    DWORD n, i;
    int rc;

    prepare(&r, 1);
    do {
        rc = post_recv(w->s, &r, sizeof r.data);
        if (!CHECK(rc == 0 || rc == WSA_IO_PENDING)) break;
        if (!CHECK_EQ(test_result(w->s, &r.ov, &n), 0)) break;
        for (i = 0; i < n; i++) w->histogram[(unsigned char)r.data[i]]++;
    } while (n > 0);
    release(&r, 1);
    return 0;
}

static void receives_of_several_threads_lose_nothing(void)
{
    SOCKET s[2];
    struct worker w[THREADS];
    HANDLE thread[THREADS];
    char piece[256];
    long sum;
    int i, k;

    REQUIRE(test_pair(s));
    memset(w, 0, sizeof w);
    for (i = 0; i < 256; i++) piece[i] = (char)i;
    for (i = 0; i < THREADS; i++) {
        w[i].s = s[0];
        thread[i] = CreateThread(NULL, 0, receive_until_end, &w[i], 0, NULL);
    }
    for (i = 0; i < 200; i++) CHECK(test_send_all(s[1], piece, 256));
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK_EQ(WaitForMultipleObjects(THREADS, thread, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
    for (k = 0; k < 256; k++) {
        for (sum = 0, i = 0; i < THREADS; i++) sum += w[i].histogram[k];
        if (!CHECK_EQ(sum, 200)) break;
    }
    for (i = 0; i < THREADS; i++) CloseHandle(thread[i]);
    close_pair(s);
}

static const struct test_case cases[] = {
    TEST(two_receives_share_one_send, "20 §9 two 16-byte reads and one 32-byte send [doc; obs]"),
    TEST(receives_are_filled_in_issue_order, "20 §9 issue order, first available bytes [doc; obs]"),
    TEST(datagrams_are_given_out_in_issue_order, "20 §9; 40 datagram receive"),
    TEST(accepts_and_their_data_keep_apart, "20 §9 notifications in any order; 30"),
    TEST(synchronous_receive_does_not_overtake, "20 §9 later synchronous recv [known]"),
    TEST(blocking_receive_waits_behind_pending_ones, "20 §9 later synchronous recv; 40 [known]"),
    TEST(end_of_stream_ends_all_pending_receives, "20 §9; 40 peer's FIN [doc; obs]"),
    TEST(select_sees_only_what_pending_receives_leave, "20 §9 pending reads take the data before select"),
    TEST(select_sees_no_connection_that_a_pending_accept_takes, "20 §9; 30 pending AcceptEx before select"),
    TEST(large_send_without_buffer_pends_and_arrives_whole, "20 §9 whole; 40 SO_SNDBUF 0 [obs]"),
    TEST(sends_leave_in_issue_order_and_whole, "20 §9 sends in issue order, contiguous [doc]"),
    TEST(synchronous_send_does_not_break_into_a_pending_one, "20 §9 contiguous [doc]"),
    TEST(pending_receive_does_not_hold_back_a_send, "20 §9"),
    TEST(sends_of_several_threads_do_not_mix, "20 §9 several threads: contiguous, not corrupted [doc]"),
    TEST(receives_of_several_threads_lose_nothing, "20 §9 several threads: not corrupted [doc]"),
};

TEST_MAIN(cases)
