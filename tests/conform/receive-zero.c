/* SPDX-License-Identifier: MIT */
/* receive-zero.c - the zero-byte receive: it waits for data, takes none, and so costs no memory while it waits. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static void end(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void pend(SOCKET s, WSABUF *buf, WSAOVERLAPPED *ov)
{
    DWORD flags = 0;

    test_overlapped(ov);
    CHECK_ERROR(WSARecv(s, buf, 1, NULL, &flags, ov, NULL), WSA_IO_PENDING);
}

static void expect(SOCKET s, WSAOVERLAPPED *ov, DWORD count)
{
    DWORD n = 77;

    CHECK_EQ(test_result(s, ov, &n), 0);
    CHECK_EQ(n, count);
    WSACloseEvent(ov->hEvent);
}

static void waits_for_data_and_takes_none(void)
{
    WSABUF none = { 0, NULL };
    WSAOVERLAPPED ov;
    char data[4];
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &none, &ov);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    test_send_all(s[1], "data", 4);
    expect(s[0], &ov, 0);
    CHECK(test_recv_all(s[0], data, 4) && memcmp(data, "data", 4) == 0);
    end(s);
}

static void buffer_of_length_zero_is_not_touched(void)
{
    char byte = 'z';
    WSABUF none = { 0, &byte };
    WSAOVERLAPPED ov;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &none, &ov);
    test_send_all(s[1], "x", 1);
    expect(s[0], &ov, 0);
    CHECK_EQ(byte, 'z');
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    end(s);
}

static void completes_at_once_when_data_waits(void)
{
    WSABUF none = { 0, NULL };
    DWORD n = 77, flags = 0;
    WSAOVERLAPPED ov;
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "x", 1);
    /* The data is there for this receive; then it must be for the next. */
    CHECK_EQ(recv(s[0], &byte, 1, MSG_PEEK), 1);
    test_overlapped(&ov);
    CHECK_EQ(WSARecv(s[0], &none, 1, &n, &flags, &ov, NULL), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_OBJECT_0);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void again_while_the_data_is_unread(void)
{
    WSABUF none = { 0, NULL };
    char byte;
    SOCKET s[2];
    int i;

    REQUIRE(test_pair(s));
    test_send_all(s[1], "x", 1);
    for (i = 0; i < 3; i++) {
        DWORD flags = 0;
        WSAOVERLAPPED ov;

        test_overlapped(&ov);
        if (WSARecv(s[0], &none, 1, NULL, &flags, &ov, NULL)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        expect(s[0], &ov, 0);
    }
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    end(s);
}

static void waits_again_after_the_data_was_read(void)
{
    WSABUF none = { 0, NULL };
    WSAOVERLAPPED ov;
    char byte;
    SOCKET s[2];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < 3; i++) {
        pend(s[0], &none, &ov);
        CHECK_EQ(WaitForSingleObject(ov.hEvent, 1), WAIT_TIMEOUT);
        test_send_all(s[1], "x", 1);
        expect(s[0], &ov, 0);
        CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    }
    end(s);
}

/* The first asks, the second takes: both are served by one byte. */
static void receive_behind_it_gets_the_data(void)
{
    char byte = 0;
    WSABUF none = { 0, NULL }, one = { 1, &byte };
    WSAOVERLAPPED first, second;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &none, &first);
    pend(s[0], &one, &second);
    test_send_all(s[1], "x", 1);
    expect(s[0], &first, 0);
    expect(s[0], &second, 1);
    CHECK_EQ(byte, 'x');
    end(s);
}

static void two_of_them_are_served_by_one_byte(void)
{
    WSABUF none = { 0, NULL };
    WSAOVERLAPPED first, second;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &none, &first);
    pend(s[0], &none, &second);
    test_send_all(s[1], "x", 1);
    expect(s[0], &first, 0);
    expect(s[0], &second, 0);
    end(s);
}

/* The receive ahead takes the only byte: the zero-byte receive behind it waits for the next. */
static void waits_behind_a_receive_that_takes_all(void)
{
    char byte = 0;
    WSABUF none = { 0, NULL }, one = { 1, &byte };
    WSAOVERLAPPED first, second;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &one, &first);
    pend(s[0], &none, &second);
    test_send_all(s[1], "x", 1);
    expect(s[0], &first, 1);
    CHECK_EQ(WaitForSingleObject(second.hEvent, QUIET_MS), WAIT_TIMEOUT);
    test_send_all(s[1], "y", 1);
    expect(s[0], &second, 0);
    end(s);
}

static void end_of_stream_completes_it(void)
{
    WSABUF none = { 0, NULL };
    WSAOVERLAPPED ov;
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &none, &ov);
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    expect(s[0], &ov, 0);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 0);
    end(s);
}

static void reset_fails_it(void)
{
    WSABUF none = { 0, NULL };
    WSAOVERLAPPED ov;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &none, &ov);
    test_reset(s[1]);
    CHECK_EQ(test_result(s[0], &ov, NULL), WSAECONNRESET);
    WSACloseEvent(ov.hEvent);
    closesocket(s[0]);
}

static void cancel_ends_it(void)
{
    WSABUF none = { 0, NULL };
    WSAOVERLAPPED ov;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &none, &ov);
    CHECK(CancelIoEx((HANDLE)s[0], &ov));
    CHECK_EQ(test_result(s[0], &ov, NULL), WSA_OPERATION_ABORTED);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void recv_of_nothing_returns_zero_when_data_waits(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "x", 1);
    CHECK_EQ(recv(s[0], NULL, 0, 0), 0);
    CHECK_EQ(recv(s[0], &byte, 0, 0), 0);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    end(s);
}

static const struct test_case cases[] = {
    TEST(waits_for_data_and_takes_none, "40 zero-byte read [obs]"),
    TEST(buffer_of_length_zero_is_not_touched, "40 zero-byte read [obs]"),
    TEST(completes_at_once_when_data_waits, "40 zero-byte read [obs]"),
    TEST(again_while_the_data_is_unread, "40 zero-byte read [obs]"),
    TEST(waits_again_after_the_data_was_read, "40 zero-byte read [obs]"),
    TEST(receive_behind_it_gets_the_data, "40 zero-byte read; 20 §9"),
    TEST(two_of_them_are_served_by_one_byte, "40 zero-byte read; 20 §9"),
    TEST(waits_behind_a_receive_that_takes_all, "40 zero-byte read; 20 §9"),
    TEST(end_of_stream_completes_it, "40 zero-byte read [obs]"),
    TEST(reset_fails_it, "40 zero-byte read [obs]"),
    TEST(cancel_ends_it, "20 §11 [doc]"),
    TEST(recv_of_nothing_returns_zero_when_data_waits, "40 zero-byte read [obs]"),
};
TEST_MAIN(cases)
