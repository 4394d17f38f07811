/* SPDX-License-Identifier: MIT */
/* receive-flags.c - MSG_PEEK, MSG_WAITALL, MSG_OOB, MSG_PARTIAL and MSG_PUSH_IMMEDIATE of receives. */
#include "test.h"

#ifndef MSG_PUSH_IMMEDIATE
#define MSG_PUSH_IMMEDIATE 0x20 /* newer than some headers */
#endif

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

/* A plain receive by WSARecv; *n and *flags as the call leaves them. */
static int receive(SOCKET s, char *data, DWORD len, DWORD *n, DWORD *flags)
{
    WSABUF buf;

    buf.buf = data;
    buf.len = len;
    return WSARecv(s, &buf, 1, n, flags, NULL, NULL);
}

/* Issues an overlapped receive with flags; it has to pend. */
static void pend(SOCKET s, char *data, DWORD len, DWORD flags, WSAOVERLAPPED *ov)
{
    WSABUF buf;

    buf.buf = data;
    buf.len = len;
    test_overlapped(ov);
    CHECK_ERROR(WSARecv(s, &buf, 1, NULL, &flags, ov, NULL), WSA_IO_PENDING);
}

static void peek_leaves_the_data(void)
{
    char data[8];
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "data", 4);
    CHECK_EQ(recv(s[0], data, sizeof data, MSG_PEEK), 4);
    CHECK(memcmp(data, "data", 4) == 0);
    CHECK_EQ(recv(s[0], data, 2, MSG_PEEK), 2);
    CHECK_EQ(recv(s[0], data, sizeof data, 0), 4);
    CHECK(memcmp(data, "data", 4) == 0);
    end(s);
}

static void peek_by_an_overlapped_call_that_finds_data(void)
{
    char data[8];
    WSABUF buf = { sizeof data, data };
    DWORD n = 0, flags = MSG_PEEK;
    WSAOVERLAPPED ov;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "data", 4);
    CHECK_EQ(recv(s[0], data, 1, MSG_PEEK), 1);
    test_overlapped(&ov);
    CHECK_EQ(WSARecv(s[0], &buf, 1, &n, &flags, &ov, NULL), 0);
    CHECK_EQ(n, 4);
    CHECK_EQ(recv(s[0], data, sizeof data, 0), 4);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void pending_peek_does_not_consume(void)
{
    char data[8];
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], data, sizeof data, MSG_PEEK, &ov);
    test_send_all(s[1], "data", 4);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 4);
    CHECK(memcmp(data, "data", 4) == 0);
    CHECK_EQ(recv(s[0], data, sizeof data, 0), 4);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void flags_come_back_as_zero(void)
{
    char data[8];
    DWORD n = 0, flags = MSG_PEEK;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "data", 4);
    CHECK_EQ(receive(s[0], data, 4, &n, &flags), 0);
    CHECK_EQ(flags, 0);
    flags = 0;
    CHECK_EQ(receive(s[0], data, 4, &n, &flags), 0);
    CHECK_EQ(flags, 0);
    end(s);
}

struct waitall {
    SOCKET s;
    char data[6];
    int result;
};

static DWORD WINAPI waitall_in_thread(void *arg)
{
    struct waitall *w = arg;

    w->result = recv(w->s, w->data, sizeof w->data, MSG_WAITALL);
    return 0;
}

static void waitall_blocks_until_the_buffer_is_full(void)
{
    struct waitall w;
    HANDLE thread;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    memset(&w, 0, sizeof w);
    w.s = s[0];
    test_send_all(s[1], "abc", 3);
    thread = CreateThread(NULL, 0, waitall_in_thread, &w, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    test_send_all(s[1], "defg", 4);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(w.result, 6);
    CHECK(memcmp(w.data, "abcdef", 6) == 0);
    CHECK_EQ(recv(s[0], w.data, 6, 0), 1);
    CloseHandle(thread);
    end(s);
}

static void waitall_pends_until_all_buffers_are_full(void)
{
    char a[3], b[4];
    WSABUF bufs[2] = { { sizeof a, a }, { sizeof b, b } };
    DWORD n = 0, flags = MSG_WAITALL;
    WSAOVERLAPPED ov;
    SOCKET s[2];
    int i;

    REQUIRE(test_pair(s));
    test_send_all(s[1], "0", 1);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], bufs, 2, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    for (i = 1; i < 7; i++) {
        char digit = (char)('0' + i);

        CHECK_EQ(WaitForSingleObject(ov.hEvent, 5), WAIT_TIMEOUT);
        test_send_all(s[1], &digit, 1);
    }
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 7);
    CHECK(memcmp(a, "012", 3) == 0 && memcmp(b, "3456", 4) == 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void waitall_keeps_the_next_receive_waiting(void)
{
    char a[4], b[4];
    WSAOVERLAPPED first, second;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], a, 4, MSG_WAITALL, &first);
    pend(s[0], b, 4, 0, &second);
    test_send_all(s[1], "ab", 2);
    CHECK_EQ(WaitForSingleObject(second.hEvent, QUIET_MS), WAIT_TIMEOUT);
    test_send_all(s[1], "cdef", 4);
    CHECK_EQ(test_result(s[0], &first, &n), 0);
    CHECK(n == 4 && memcmp(a, "abcd", 4) == 0);
    CHECK_EQ(test_result(s[0], &second, &n), 0);
    CHECK(n == 2 && memcmp(b, "ef", 2) == 0);
    WSACloseEvent(first.hEvent);
    WSACloseEvent(second.hEvent);
    end(s);
}

static void waitall_ends_with_what_came_before_the_end(void)
{
    char data[8];
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], data, sizeof data, MSG_WAITALL, &ov);
    test_send_all(s[1], "abc", 3);
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 3);
    CHECK_EQ(recv(s[0], data, 1, 0), 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void waitall_can_be_cancelled(void)
{
    char data[8];
    WSAOVERLAPPED ov;
    DWORD n = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], data, sizeof data, MSG_WAITALL, &ov);
    test_send_all(s[1], "abc", 3);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(CancelIoEx((HANDLE)s[0], &ov));
    CHECK_EQ(test_result(s[0], &ov, &n), WSA_OPERATION_ABORTED);
    CHECK(n == 0 || n == 3);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void waitall_fails_at_a_reset(void)
{
    char data[8];
    WSAOVERLAPPED ov;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], data, sizeof data, MSG_WAITALL, &ov);
    test_send_all(s[1], "abc", 3);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    test_reset(s[1]);
    CHECK_EQ(test_result(s[0], &ov, NULL), WSAECONNRESET);
    WSACloseEvent(ov.hEvent);
    closesocket(s[0]);
}

static void waitall_on_a_datagram_socket(void)
{
    SOCKET s = test_udp(NULL);
    WSAOVERLAPPED ov;
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD n, flags = MSG_WAITALL;

    test_overlapped(&ov);
    CHECK_ERROR(receive(s, &byte, 1, &n, &flags), WSAEOPNOTSUPP);
    flags = MSG_WAITALL;
    CHECK_ERROR(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL), WSAEOPNOTSUPP);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void waitall_on_a_non_blocking_socket(void)
{
    char data[4];
    DWORD n, flags = MSG_WAITALL;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_non_blocking(s[0]);
    test_send_all(s[1], "data", 4);
    CHECK_ERROR(receive(s[0], data, 4, &n, &flags), WSAEOPNOTSUPP);
    CHECK_ERROR(recv(s[0], data, 4, MSG_WAITALL), WSAEOPNOTSUPP);
    end(s);
}

static void waitall_with_other_flags(void)
{
    static const DWORD other[] = { MSG_OOB, MSG_PEEK, MSG_PARTIAL };
    char data[4];
    SOCKET s[2];
    size_t i;

    REQUIRE(test_pair(s));
    test_send_all(s[1], "data", 4);
    for (i = 0; i < sizeof other / sizeof *other; i++) {
        DWORD n, flags = MSG_WAITALL | other[i];

        CHECK_ERROR(receive(s[0], data, 4, &n, &flags), WSAEOPNOTSUPP);
    }
    end(s);
}

static void urgent_byte_is_out_of_band(void)
{
    char data[8];
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "ab", 2);
    CHECK_EQ(send(s[1], "!", 1, MSG_OOB), 1);
    test_send_all(s[1], "cd", 2);
    CHECK_EQ(recv(s[0], data, 2, 0), 2);
    CHECK(memcmp(data, "ab", 2) == 0);
    CHECK_EQ(recv(s[0], data, 1, MSG_OOB), 1);
    CHECK_EQ(data[0], '!');
    CHECK_EQ(recv(s[0], data, 8, 0), 2);
    CHECK(memcmp(data, "cd", 2) == 0);
    end(s);
}

static void no_urgent_byte(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_non_blocking(s[0]);
    CHECK_ERROR(recv(s[0], &byte, 1, MSG_OOB), WSAEWOULDBLOCK);
    test_send_all(s[1], "x", 1);
    CHECK_ERROR(recv(s[0], &byte, 1, MSG_OOB), WSAEWOULDBLOCK);
    end(s);
}

static void pending_receive_of_the_urgent_byte(void)
{
    char urgent = 0, byte = 0;
    WSAOVERLAPPED ov;
    DWORD n = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    pend(s[0], &urgent, 1, MSG_OOB, &ov);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(send(s[1], "!", 1, MSG_OOB), 1);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(n, 1);
    CHECK_EQ(urgent, '!');
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    CHECK_EQ(byte, 'x');
    WSACloseEvent(ov.hEvent);
    end(s);
}

/* A receive stops at the urgent mark; what is behind the mark must reach the next ones. */
static void data_behind_the_urgent_mark_is_not_lost(void)
{
    char data[8];
    WSAOVERLAPPED ov[2];
    DWORD n = 0, total = 0;
    SOCKET s[2];
    int i;

    REQUIRE(test_pair(s));
    pend(s[0], data, 2, 0, &ov[0]);
    pend(s[0], data + 2, 2, 0, &ov[1]);
    test_send_all(s[1], "ab", 2);
    CHECK_EQ(send(s[1], "!", 1, MSG_OOB), 1);
    test_send_all(s[1], "cd", 2);
    for (i = 0; i < 2; i++) {
        CHECK_EQ(test_result(s[0], &ov[i], &n), 0);
        total += n;
        WSACloseEvent(ov[i].hEvent);
    }
    CHECK_EQ(total, 4);
    CHECK(memcmp(data, "abcd", 4) == 0);
    end(s);
}

static void urgent_byte_inline(void)
{
    char data[8];
    BOOL on = TRUE;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_OOBINLINE, (const char *)&on, sizeof on), 0);
    test_send_all(s[1], "ab", 2);
    CHECK_EQ(send(s[1], "!", 1, MSG_OOB), 1);
    test_send_all(s[1], "cd", 2);
    CHECK(test_recv_all(s[0], data, 5));
    CHECK(memcmp(data, "ab!cd", 5) == 0);
    end(s);
}

static void urgent_receive_while_inline(void)
{
    char byte;
    BOOL on = TRUE;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_OOBINLINE, (const char *)&on, sizeof on), 0);
    set_non_blocking(s[0]);
    CHECK_EQ(send(s[1], "!", 1, MSG_OOB), 1);
    CHECK_ERROR(recv(s[0], &byte, 1, MSG_OOB), WSAEINVAL);
    end(s);
}

static void urgent_data_on_a_datagram_socket(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    char byte;

    set_non_blocking(s);
    CHECK_ERROR(recv(s, &byte, 1, MSG_OOB), WSAEOPNOTSUPP);
    CHECK_ERROR(sendto(s, "x", 1, MSG_OOB, (struct sockaddr *)&addr, sizeof addr), WSAEOPNOTSUPP);
    closesocket(s);
}

static void partial_and_push_are_ignored(void)
{
    static const DWORD hints[] = { MSG_PARTIAL, MSG_PUSH_IMMEDIATE, MSG_PARTIAL | MSG_PUSH_IMMEDIATE };
    char byte;
    SOCKET s[2];
    size_t i;

    REQUIRE(test_pair(s));
    for (i = 0; i < sizeof hints / sizeof *hints; i++) {
        DWORD n = 0, flags = hints[i];

        test_send_all(s[1], "x", 1);
        CHECK_EQ(receive(s[0], &byte, 1, &n, &flags), 0);
        CHECK_EQ(n, 1);
    }
    end(s);
}

static void flags_of_linux_mean_something_else(void)
{
    char data[4];
    DWORD n = 0, flags = 0x40; /* Linux' MSG_DONTWAIT, no receive flag of Windows */
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "data", 4);
    if (receive(s[0], data, 4, &n, &flags)) {
        CHECK(WSAGetLastError() == WSAEOPNOTSUPP || WSAGetLastError() == WSAEINVAL);
        CHECK_EQ(recv(s[0], data, 4, 0), 4);
    }
    end(s);
}

#define NO_WAITALL "Wine 8 knows no MSG_WAITALL"

static const struct test_case cases[] = {
    TEST(peek_leaves_the_data, "40 MSG_PEEK [doc]"),
    TEST(peek_by_an_overlapped_call_that_finds_data, "40 MSG_PEEK [doc; obs]"),
    TEST(pending_peek_does_not_consume, "40 MSG_PEEK [doc]"),
    TEST_WINE_DIFFERS(flags_come_back_as_zero, "20 §5 [impl]; 40 lpFlags [doc]", "Wine 8 leaves them as they were"),
    TEST_NOT_ON_WINE(waitall_blocks_until_the_buffer_is_full, "40 MSG_WAITALL [doc]", NO_WAITALL),
    TEST_NOT_ON_WINE(waitall_pends_until_all_buffers_are_full, "40 MSG_WAITALL [doc]", NO_WAITALL),
    TEST_NOT_ON_WINE(waitall_keeps_the_next_receive_waiting, "40 MSG_WAITALL; 20 §9", NO_WAITALL),
    TEST(waitall_ends_with_what_came_before_the_end, "40 MSG_WAITALL [doc]"),
    TEST_WINE_DIFFERS(waitall_can_be_cancelled, "40 MSG_WAITALL; 20 §11 [doc]", NO_WAITALL),
    TEST_WINE_DIFFERS(waitall_fails_at_a_reset, "40 MSG_WAITALL [doc]", NO_WAITALL),
    TEST_NOT_ON_WINE(waitall_on_a_datagram_socket, "40 MSG_WAITALL [doc]", NO_WAITALL),
    TEST_NOT_ON_WINE(waitall_on_a_non_blocking_socket, "40 MSG_WAITALL [doc]", NO_WAITALL),
    TEST_NOT_ON_WINE(waitall_with_other_flags, "40 MSG_WAITALL [doc]", NO_WAITALL),
    TEST(urgent_byte_is_out_of_band, "40 MSG_OOB [doc]"),
    TEST(no_urgent_byte, "40 MSG_OOB [impl]"),
    TEST(pending_receive_of_the_urgent_byte, "40 MSG_OOB [doc]"),
    TEST(data_behind_the_urgent_mark_is_not_lost, "40 MSG_OOB; 20 §9"),
    TEST(urgent_byte_inline, "40 MSG_OOB [doc]"),
    TEST(urgent_receive_while_inline, "40 MSG_OOB [impl]"),
    TEST_WINE_DIFFERS(urgent_data_on_a_datagram_socket, "40 MSG_OOB [doc]", "Wine 8 says WSAEWOULDBLOCK"),
    TEST(partial_and_push_are_ignored, "40 MSG_PUSH_IMMEDIATE, MSG_PARTIAL [doc; impl]"),
    TEST(flags_of_linux_mean_something_else, "40 flags [hdr]"),
};
TEST_MAIN(cases)
