/* SPDX-License-Identifier: MIT */
/* nonblocking.c - FIONBIO: what a call says that would have to wait, and what is not affected. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static void set_mode(SOCKET s, u_long non_blocking)
{
    CHECK_EQ(ioctlsocket(s, FIONBIO, &non_blocking), 0);
}

static void end(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void receives_would_block(void)
{
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD n = 0xdeadbeef, flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_mode(s[0], 1);
    CHECK_ERROR(recv(s[0], &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_ERROR(recv(s[0], &byte, 1, MSG_PEEK), WSAEWOULDBLOCK);
    CHECK_ERROR(recvfrom(s[0], &byte, 1, 0, NULL, NULL), WSAEWOULDBLOCK);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, &n, &flags, NULL, NULL), WSAEWOULDBLOCK);
    CHECK_ERROR(WSARecvFrom(s[0], &buf, 1, &n, &flags, NULL, NULL, NULL, NULL), WSAEWOULDBLOCK);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    CHECK_ERROR(recv(s[0], &byte, 1, 0), WSAEWOULDBLOCK);
    end(s);
}

static void datagram_receives_would_block(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD n, flags = 0;

    set_mode(s, 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_ERROR(recvfrom(s, &byte, 1, 0, NULL, NULL), WSAEWOULDBLOCK);
    CHECK_ERROR(WSARecvFrom(s, &buf, 1, &n, &flags, NULL, NULL, NULL, NULL), WSAEWOULDBLOCK);
    CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(recv(s, &byte, 1, 0), 1);
    closesocket(s);
}

static void any_value_but_zero_switches_on(void)
{
    SOCKET s = test_udp(NULL);
    char byte;

    set_mode(s, 0x100);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(s);
}

static void zero_switches_back(void)
{
    SOCKET s = test_udp(NULL);
    DWORD ms = 20;
    char byte;

    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms), 0);
    set_mode(s, 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    set_mode(s, 0);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAETIMEDOUT);
    closesocket(s);
}

static void overlapped_receive_pends_all_the_same(void)
{
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_mode(s[0], 1);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(byte, 'x');
    WSACloseEvent(ov.hEvent);
    end(s);
}

/* Data that a pending request is waiting for is not for a plain receive. */
static void plain_receive_behind_a_pending_one_would_block(void)
{
    char first = 0, second = 0;
    WSABUF buf = { 1, &first };
    WSAOVERLAPPED ov;
    DWORD flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_mode(s[0], 1);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    test_send_all(s[1], "1", 1);
    CHECK_ERROR(recv(s[0], &second, 1, 0), WSAEWOULDBLOCK);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    CHECK_EQ(first, '1');
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void wait_on_one_end_does_not_concern_the_other(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_mode(s[0], 1);
    CHECK_ERROR(recv(s[0], &byte, 1, 0), WSAEWOULDBLOCK);
    test_send_all(s[0], "x", 1);
    CHECK_EQ(recv(s[1], &byte, 1, 0), 1);
    end(s);
}

static void mode_can_be_set_before_the_connection(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp(), got;
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    char byte;

    set_mode(s, 1);
    CHECK_ERROR(connect(s, (struct sockaddr *)&addr, sizeof addr), WSAEWOULDBLOCK);
    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    while (recv(s, &byte, 1, 0) && WSAGetLastError() == WSAENOTCONN && GetTickCount64() < limit) Sleep(1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(got);
    closesocket(s);
    closesocket(listener);
}

static void end_of_stream_needs_no_wait(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_mode(s[0], 1);
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 0);
    end(s);
}

/* A receive that blocks already goes on blocking when the mode changes under it. */
struct blocked {
    SOCKET s;
    int result;
};

static DWORD WINAPI receive_in_thread(void *arg)
{
    struct blocked *b = arg;
    char byte;

    b->result = recv(b->s, &byte, 1, 0);
    return 0;
}

static void blocked_receive_is_not_ended_by_the_switch(void)
{
    struct blocked b = { 0, 77 };
    HANDLE thread;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    b.s = s[0];
    thread = CreateThread(NULL, 0, receive_in_thread, &b, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    set_mode(s[0], 1);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(b.result, 1);
    CloseHandle(thread);
    end(s);
}

static const struct test_case cases[] = {
    TEST(receives_would_block, "97 WSAEWOULDBLOCK [doc]"),
    TEST(datagram_receives_would_block, "40 datagram receive [obs]"),
    TEST(any_value_but_zero_switches_on, "70 FIONBIO [doc]"),
    TEST(zero_switches_back, "70 FIONBIO [doc]"),
    TEST(overlapped_receive_pends_all_the_same, "20 §2 [doc; obs]"),
    TEST(plain_receive_behind_a_pending_one_would_block, "20 §9 [known]"),
    TEST(wait_on_one_end_does_not_concern_the_other, "70 FIONBIO [doc]"),
    TEST(mode_can_be_set_before_the_connection, "70 FIONBIO; 30 connect [obs]"),
    TEST(end_of_stream_needs_no_wait, "40 stream receive [doc]"),
    TEST(blocked_receive_is_not_ended_by_the_switch, "70 FIONBIO"),
};
TEST_MAIN(cases)
