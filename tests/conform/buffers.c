/* SPDX-License-Identifier: MIT */
/* buffers.c - WSABUF arrays: their layout, how long they must live, how many there may be, and bad ones. */
#include "test.h"

#include <stddef.h>

enum { UNTOUCHED = 0xdead };

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static int recv_error(SOCKET s, WSABUF *bufs, DWORD count, WSAOVERLAPPED *ov)
{
    DWORD n = 0, flags = 0;

    return WSARecv(s, bufs, count, ov ? NULL : &n, &flags, ov, NULL) ? WSAGetLastError() : 0;
}

static int send_error(SOCKET s, WSABUF *bufs, DWORD count, WSAOVERLAPPED *ov)
{
    DWORD n = 0;

    return WSASend(s, bufs, count, ov ? NULL : &n, 0, ov, NULL) ? WSAGetLastError() : 0;
}

static void length_comes_first(void)
{
    CHECK_EQ(sizeof(WSABUF), 16);
    CHECK_EQ(offsetof(WSABUF, len), 0);
    CHECK_EQ(offsetof(WSABUF, buf), 8);
    CHECK_EQ(sizeof((WSABUF *)0)->len, 4);
}

/* ---- captured at issue ---- */

/* Overwrites where the array of a call just made has been. */
static void spoil(WSABUF *bufs, int n)
{
    while (n--) {
        bufs[n].len = 0x7fffffff;
        bufs[n].buf = (char *)(ULONG_PTR)8;
    }
}

static void array_of_a_pending_receive_may_go(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[8] = "";
    WSABUF bufs[3] = { { 3, data }, { 2, data + 3 }, { 3, data + 5 } };
    DWORD n;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(recv_error(s[0], bufs, 3, &ov), WSA_IO_PENDING);
    spoil(bufs, 3);
    CHECK(test_send_all(s[1], "abcdefgh", 8));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 8);
    CHECK(!memcmp(data, "abcdefgh", 8));
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void array_of_a_pending_send_may_go(void)
{
    enum { PART = 1 << 19 };
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *data = malloc(4 * PART), *back = malloc(4 * PART);
    WSABUF bufs[4];
    int small = 0, i;
    DWORD n;

    REQUIRE(data && back && test_pair(s));
    for (i = 0; i < 4; i++) {
        memset(data + i * PART, 'a' + i, PART);
        bufs[i].len = PART;
        bufs[i].buf = data + i * PART;
    }
    test_overlapped(&ov);
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small), 0);
    CHECK_EQ(send_error(s[0], bufs, 4, &ov), WSA_IO_PENDING);
    spoil(bufs, 4);
    CHECK(test_recv_all(s[1], back, 4 * PART));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 4 * PART);
    CHECK(!memcmp(data, back, 4 * PART));
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(data);
    free(back);
}

static void array_of_a_pending_datagram_receive_may_go(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov;
    char data[4] = "";
    WSABUF bufs[2] = { { 1, data }, { 3, data + 1 } };
    DWORD n;

    test_overlapped(&ov);
    CHECK_EQ(recv_error(s, bufs, 2, &ov), WSA_IO_PENDING);
    spoil(bufs, 2);
    CHECK_EQ(sendto(s, "abcd", 4, 0, (struct sockaddr *)&addr, sizeof addr), 4);
    CHECK_EQ(test_result(s, &ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(!memcmp(data, "abcd", 4));
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

/* ---- packed, in order, any number ---- */

static void parts_are_gathered_and_scattered_in_order(void)
{
    SOCKET s[2];
    WSAOVERLAPPED out, in;
    char a[3], b[4], c[9];
    WSABUF parts[4] = { { 5, (char *)"hello" }, { 0, NULL }, { 1, (char *)" " }, { 5, (char *)"world" } };
    WSABUF into[4] = { { sizeof a, a }, { 0, NULL }, { sizeof b, b }, { sizeof c, c } };
    char all[11];
    DWORD n;

    REQUIRE(test_pair(s));
    test_overlapped(&out);
    test_overlapped(&in);
    memset(c, '#', sizeof c);
    send_error(s[1], parts, 4, &out);
    CHECK_EQ(test_result(s[1], &out, &n), 0);
    CHECK_EQ(n, 11);
    CHECK_EQ(recv(s[0], all, sizeof all, MSG_PEEK), 11);
    recv_error(s[0], into, 4, &in);
    CHECK_EQ(test_result(s[0], &in, &n), 0);
    CHECK_EQ(n, 11);
    CHECK(!memcmp(a, "hel", 3));
    CHECK(!memcmp(b, "lo w", 4));
    CHECK(!memcmp(c, "orld#####", 9)); /* nothing behind the count is written */
    close_pair(s);
    WSACloseEvent(out.hEvent);
    WSACloseEvent(in.hEvent);
}

static void parts_of_a_datagram_make_one_message(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSABUF parts[2] = { { 3, (char *)"abc" }, { 2, (char *)"de" } };
    char one[4], two[8];
    WSABUF into[2] = { { sizeof one, one }, { sizeof two, two } };
    DWORD n = 0, flags = 0;

    CHECK_EQ(WSASendTo(s, parts, 2, &n, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL), 0);
    CHECK_EQ(n, 5);
    CHECK_EQ(WSARecvFrom(s, into, 2, &n, &flags, NULL, NULL, NULL, NULL), 0);
    CHECK_EQ(n, 5);
    CHECK(!memcmp(one, "abcd", 4));
    CHECK_EQ(two[0], 'e');
    closesocket(s);
}

enum { CROWD = 3000 };

static void there_may_be_thousands_of_parts(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char *data = malloc(CROWD), *back = malloc(CROWD);
    WSABUF *bufs = malloc(CROWD * sizeof *bufs);
    DWORD n = 0, got;
    int i;

    REQUIRE(data && back && bufs && test_pair(s));
    test_overlapped(&ov);
    for (i = 0; i < CROWD; i++) {
        data[i] = (char)(i * 7);
        bufs[i].len = 1;
        bufs[i].buf = data + i;
    }
    send_error(s[1], bufs, CROWD, &ov);
    CHECK_EQ(test_result(s[1], &ov, &n), 0);
    CHECK_EQ(n, CROWD);
    for (got = 0; got < CROWD; got += n) { /* a receive may take less than there is */
        for (i = 0; i < CROWD; i++) bufs[i].buf = back + got + i;
        recv_error(s[0], bufs, CROWD - got, &ov);
        if (!CHECK_EQ(test_result(s[0], &ov, &n), 0) || !CHECK(n > 0)) break;
    }
    CHECK(!memcmp(data, back, CROWD));
    close_pair(s);
    WSACloseEvent(ov.hEvent);
    free(data);
    free(back);
    free(bufs);
}

/* ---- none, empty and bad ---- */

static void receive_without_buffers_is_invalid(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char data[4];
    WSABUF buf = { sizeof data, data };
    u_long on = 1;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &on), 0); /* so that a wrong answer does not block */
    CHECK_EQ(recv_error(s[0], &buf, 0, NULL), WSAEINVAL);
    CHECK_EQ(recv_error(s[0], NULL, 0, NULL), WSAEINVAL);
    CHECK_EQ(recv_error(s[0], &buf, 0, &ov), WSAEINVAL);
    CHECK_EQ(recv_error(s[0], NULL, 0, &ov), WSAEINVAL);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    close_pair(s);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT); /* nothing was pending */
    WSACloseEvent(ov.hEvent);
}

static void receive_with_a_null_array_is_refused(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    int rc;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    rc = recv_error(s[0], NULL, 1, &ov);
    CHECK(rc == WSAEINVAL || rc == WSAEFAULT); /* seen with count 0 only */
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void empty_buffer_waits_for_data_and_takes_none(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    WSABUF empty = { 0, NULL };
    char data[4];
    DWORD n = UNTOUCHED;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(recv_error(s[0], &empty, 1, &ov), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "data", 4));
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 0);
    CHECK(test_recv_all(s[0], data, 4));
    CHECK(!memcmp(data, "data", 4));
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void negative_length_is_a_fault(void)
{
    SOCKET s[2];
    char data[4];

    REQUIRE(test_pair(s));
    CHECK(test_send_all(s[1], "data", 4));
    CHECK_EQ(recv(s[0], data, 4, MSG_PEEK), 4);
    CHECK_EQ(recv(s[0], data, -1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(test_recv_all(s[0], data, 4)); /* still there */
    close_pair(s);
}

static void bad_receive_memory_is_a_fault(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    WSABUF bad = { 4, (char *)(ULONG_PTR)16 };
    char data[4];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK(test_send_all(s[1], "data", 4));
    CHECK_EQ(recv(s[0], data, 4, MSG_PEEK), 4);
    CHECK_EQ(recv(s[0], bad.buf, 4, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(recv_error(s[0], &bad, 1, &ov), WSAEFAULT);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    CHECK(test_recv_all(s[0], data, 4)); /* still there */
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void bad_receive_memory_is_a_fault_at_issue(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    WSABUF bad = { 4, (char *)(ULONG_PTR)16 };

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(recv_error(s[0], &bad, 1, &ov), WSAEFAULT); /* although there is no data yet */
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void bad_send_memory_is_a_fault(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    WSABUF bad = { 4, (char *)(ULONG_PTR)16 };
    u_long on = 1;
    char data[4];

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK_EQ(send(s[0], bad.buf, 4, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(send_error(s[0], &bad, 1, &ov), WSAEFAULT);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    CHECK_EQ(ioctlsocket(s[1], FIONBIO, &on), 0);
    CHECK_EQ(recv(s[1], data, 4, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(length_comes_first, "20 §10 WSABUF [hdr]"),
    TEST(array_of_a_pending_receive_may_go, "20 §10 arrays are captured [doc]"),
    TEST(array_of_a_pending_send_may_go, "20 §10 arrays are captured [doc]"),
    TEST(array_of_a_pending_datagram_receive_may_go, "20 §10 arrays are captured [doc]"),
    TEST(parts_are_gathered_and_scattered_in_order, "20 §10 packed [doc]"),
    TEST(parts_of_a_datagram_make_one_message, "20 §10 packed [doc]"),
    TEST_NOT_ON_WINE(there_may_be_thousands_of_parts, "20 §10 packed, any number [doc]",
                     "Wine 8 fails with WSAEMSGSIZE beyond the IOV_MAX of Linux"),
    TEST_WINE_DIFFERS(receive_without_buffers_is_invalid, "20 §10 dwBufferCount 0; 40 [obs]",
                      "Wine 8 receives into nothing"),
    TEST(receive_with_a_null_array_is_refused, "20 §10 NULL array [obs]"),
    TEST(empty_buffer_waits_for_data_and_takes_none, "20 §10 one WSABUF with len 0; 40 [obs]"),
    TEST(negative_length_is_a_fault, "20 §10 bad buffer memory [obs]"),
    TEST(bad_receive_memory_is_a_fault, "20 §10 bad buffer memory [obs]"),
    TEST(bad_receive_memory_is_a_fault_at_issue, "20 §10 bad buffer memory: at issue [obs]"),
    TEST(bad_send_memory_is_a_fault, "20 §10 bad buffer memory [obs]"),
};

TEST_MAIN(cases)
