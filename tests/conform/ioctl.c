/* SPDX-License-Identifier: MIT */
/* ioctl.c - ioctlsocket() and the codes FIONBIO, FIONREAD and SIOCATMARK of WSAIoctl(), plain and overlapped. */
#include "test.h"

#ifndef FIOASYNC
#define FIOASYNC 0x8004667D
#endif
#define NO_SUCH_CODE 0x88001234

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static void end(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static long readable(SOCKET s)
{
    u_long n = 0xdeadbeef;

    return CHECK_EQ(ioctlsocket(s, FIONREAD, &n), 0) ? (long)n : -1;
}

static u_long at_mark(SOCKET s)
{
    u_long mark = 77;

    CHECK_EQ(ioctlsocket(s, SIOCATMARK, &mark), 0);
    return mark;
}

/* Waits until the stream has n bytes to read. */
static void check_readable(SOCKET s, long n)
{
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;

    while (readable(s) != n && GetTickCount64() < limit) Sleep(1);
    CHECK_EQ(readable(s), n);
}

static void bytes_of_a_stream(void)
{
    char data[4];
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(readable(s[0]), 0);
    test_send_all(s[1], "abc", 3);
    test_send_all(s[1], "defg", 4);
    check_readable(s[0], 7);
    CHECK_EQ(recv(s[0], data, 4, 0), 4);
    CHECK_EQ(readable(s[0]), 3);
    CHECK_EQ(recv(s[0], data, 4, 0), 3);
    CHECK_EQ(readable(s[0]), 0);
    end(s);
}

static void urgent_byte_is_not_counted(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "abc", 3);
    CHECK_EQ(send(s[1], "!", 1, MSG_OOB), 1);
    check_readable(s[0], 3);
    end(s);
}

static void nothing_after_the_end(void)
{
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 0);
    CHECK_EQ(readable(s[0]), 0);
    end(s);
}

static void sockets_without_a_stream_have_nothing(void)
{
    SOCKET fresh = test_tcp(), bound = test_tcp_bound(), listener = test_listener(NULL);

    CHECK_EQ(readable(fresh), 0);
    CHECK_EQ(readable(bound), 0);
    CHECK_EQ(readable(listener), 0);
    closesocket(fresh);
    closesocket(bound);
    closesocket(listener);
}

static void bytes_of_a_datagram(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    char data[8];

    CHECK_EQ(readable(s), 0);
    CHECK_EQ(sendto(s, "hello", 5, 0, (struct sockaddr *)&addr, sizeof addr), 5);
    check_readable(s, 5);
    CHECK_EQ(recv(s, data, sizeof data, 0), 5);
    CHECK_EQ(readable(s), 0);
    closesocket(s);
}

static void mark_tells_of_urgent_data(void)
{
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    char byte;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    CHECK_EQ(at_mark(s[0]), TRUE);
    test_send_all(s[1], "a", 1);
    check_readable(s[0], 1);
    CHECK_EQ(at_mark(s[0]), TRUE);
    CHECK_EQ(send(s[1], "!", 1, MSG_OOB), 1);
    while (at_mark(s[0]) && GetTickCount64() < limit) Sleep(1);
    CHECK_EQ(at_mark(s[0]), FALSE);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    CHECK_EQ(recv(s[0], &byte, 1, MSG_OOB), 1);
    test_send_all(s[1], "b", 1);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    CHECK_EQ(byte, 'b');
    CHECK_EQ(at_mark(s[0]), TRUE);
    end(s);
}

static void mark_of_an_unconnected_socket(void)
{
    SOCKET fresh = test_tcp(), bound = test_tcp_bound();

    CHECK_EQ(at_mark(fresh), TRUE);
    CHECK_EQ(at_mark(bound), TRUE);
    closesocket(fresh);
    closesocket(bound);
}

static void argument_missing(void)
{
    SOCKET s = test_udp(NULL);

    CHECK_ERROR(ioctlsocket(s, FIONBIO, NULL), WSAEFAULT);
    CHECK_ERROR(ioctlsocket(s, FIONREAD, NULL), WSAEFAULT);
    CHECK_ERROR(ioctlsocket(s, SIOCATMARK, NULL), WSAEFAULT);
    closesocket(s);
}

static void command_that_does_not_exist(void)
{
    SOCKET s = test_tcp();
    u_long value = 0;

    CHECK_ERROR(ioctlsocket(s, (long)NO_SUCH_CODE, &value), WSAEOPNOTSUPP);
    CHECK_ERROR(ioctlsocket(s, (long)FIOASYNC, &value), WSAEOPNOTSUPP);
    CHECK_ERROR(ioctlsocket(s, 0x541B, &value), WSAEOPNOTSUPP); /* Linux' number for FIONREAD */
    closesocket(s);
}

/* ---- WSAIoctl ---- */

static void fionbio_by_wsaioctl(void)
{
    SOCKET s = test_udp(NULL);
    struct {
        u_long on;
        char more[12];
    } in = { 1, { 0 } };
    char byte;
    DWORD n = 77;

    CHECK_EQ(WSAIoctl(s, (DWORD)FIONBIO, &in, sizeof in, NULL, 0, &n, NULL, NULL), 0);
    CHECK_EQ(n, 0);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(s);
}

static void fionbio_ignores_the_output(void)
{
    SOCKET s = test_udp(NULL);
    u_long on = 1, out = 0xdeadbeef;
    DWORD n = 77;

    CHECK_EQ(WSAIoctl(s, (DWORD)FIONBIO, &on, sizeof on, &out, sizeof out, &n, NULL, NULL), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(out, 0xdeadbeef);
    closesocket(s);
}

static void fionbio_with_short_input(void)
{
    SOCKET s = test_udp(NULL);
    u_long on = 1;
    DWORD n = 77;

    CHECK_ERROR(WSAIoctl(s, (DWORD)FIONBIO, &on, sizeof on - 1, NULL, 0, &n, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAIoctl(s, (DWORD)FIONBIO, NULL, sizeof on, NULL, 0, &n, NULL, NULL), WSAEFAULT);
    closesocket(s);
}

static void fionread_by_wsaioctl(void)
{
    u_long value = 77;
    DWORD n = 77;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    test_send_all(s[1], "abc", 3);
    check_readable(s[0], 3);
    CHECK_EQ(WSAIoctl(s[0], FIONREAD, NULL, 0, &value, sizeof value, &n, NULL, NULL), 0);
    CHECK_EQ(value, 3);
    CHECK_EQ(n, sizeof value);
    end(s);
}

static void short_output_touches_nothing(void)
{
    SOCKET s = test_tcp();
    u_long value = 0xdeadbeef;
    DWORD n = 77;

    CHECK_ERROR(WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value - 1, &n, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAIoctl(s, FIONREAD, NULL, 0, NULL, sizeof value, &n, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAIoctl(s, SIOCATMARK, NULL, 0, &value, sizeof value - 1, &n, NULL, NULL), WSAEFAULT);
    CHECK_EQ(value, 0xdeadbeef);
    CHECK_EQ(n, 77);
    closesocket(s);
}

static void mark_by_wsaioctl(void)
{
    SOCKET s = test_tcp();
    u_long value = 77;
    DWORD n = 77;

    CHECK_EQ(WSAIoctl(s, SIOCATMARK, NULL, 0, &value, sizeof value, &n, NULL, NULL), 0);
    CHECK_EQ(value, TRUE);
    CHECK_EQ(n, sizeof value);
    closesocket(s);
}

static void count_missing_whatever_the_code(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov;
    u_long value = 1;

    test_overlapped(&ov);
    CHECK_ERROR(WSAIoctl(s, (DWORD)FIONBIO, &value, sizeof value, NULL, 0, NULL, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, NULL, &ov, NULL), WSAEFAULT);
    CHECK_ERROR(WSAIoctl(s, NO_SUCH_CODE, NULL, 0, NULL, 0, NULL, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAIoctl(s, NO_SUCH_CODE, NULL, 0, NULL, 0, NULL, &ov, NULL), WSAEFAULT);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void overlapped_code_that_is_done_at_once(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov;
    u_long value = 77;
    DWORD n = 77, count = 77;

    test_overlapped(&ov);
    ov.Internal = 0xdead;
    CHECK_EQ(WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, &n, &ov, NULL), 0);
    CHECK_EQ(value, 0);
    CHECK_EQ(n, sizeof value);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(s, &ov, &count), 0);
    CHECK_EQ(count, 0);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
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

static void routine_of_a_code_that_is_done_at_once(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov;
    u_long value = 77;
    DWORD n = 77;

    memset(&ov, 0, sizeof ov);
    memset(&routine_saw, 0x5a, sizeof routine_saw);
    routine_saw.runs = 0;
    CHECK_EQ(WSAIoctl(s, SIOCATMARK, NULL, 0, &value, sizeof value, &n, &ov, routine), 0);
    CHECK_EQ(routine_saw.runs, 0);
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_saw.runs, 1);
    CHECK_EQ(routine_saw.error, 0);
    CHECK_EQ(routine_saw.count, 0);
    CHECK_EQ(routine_saw.flags, 0);
    closesocket(s);
}

static void unsupported_code(void)
{
    SOCKET s = test_tcp();
    DWORD n = 77;

    CHECK_ERROR(WSAIoctl(s, NO_SUCH_CODE, NULL, 0, NULL, 0, &n, NULL, NULL), WSAEOPNOTSUPP);
    CHECK_EQ(n, 0);
    n = 77;
    CHECK_ERROR(WSAIoctl(s, FIOASYNC, NULL, 0, NULL, 0, &n, NULL, NULL), WSAEOPNOTSUPP);
    CHECK_EQ(n, 0);
    closesocket(s);
}

static void overlapped_unsupported_code_fails_at_completion(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov;
    DWORD n = 77, count = 77;

    test_overlapped(&ov);
    CHECK_ERROR(WSAIoctl(s, NO_SUCH_CODE, NULL, 0, NULL, 0, &n, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(n, 77);
    CHECK_EQ(test_result(s, &ov, &count), WSAEOPNOTSUPP);
    CHECK_EQ(count, 0);
    CHECK_EQ((ULONG)ov.Internal, 0xC00000BB);
    CHECK(!GetOverlappedResult((HANDLE)s, &ov, &count, FALSE));
    CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void refused_overlapped_code_is_not_notified(void)
{
    SOCKET s = test_tcp();
    WSAOVERLAPPED ov;
    u_long value;
    DWORD n = 77;

    test_overlapped(&ov);
    CHECK_ERROR(WSAIoctl(s, FIONREAD, NULL, 0, &value, 1, &n, &ov, NULL), WSAEFAULT);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(n, 77);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(bytes_of_a_stream, "70 FIONREAD [obs]"),
    TEST(urgent_byte_is_not_counted, "70 FIONREAD [obs]"),
    TEST(nothing_after_the_end, "70 FIONREAD [obs]"),
    TEST(sockets_without_a_stream_have_nothing, "70 FIONREAD [obs]"),
    TEST(bytes_of_a_datagram, "70 FIONREAD [doc]"),
    TEST_NOT_ON_WINE(mark_tells_of_urgent_data, "70 SIOCATMARK [obs]",
                     "Wine 8 does not see the mark while data is ahead of it"),
    TEST(mark_of_an_unconnected_socket, "70 SIOCATMARK [obs]"),
    TEST_WINE_DIFFERS(argument_missing, "70 FIONBIO [obs]", "Wine 8 says WSAEINVAL"),
    TEST(command_that_does_not_exist, "70 general ioctl rules [obs]"),
    TEST(fionbio_by_wsaioctl, "70 FIONBIO [obs]"),
    TEST(fionbio_ignores_the_output, "70 FIONBIO [obs]"),
    TEST(fionbio_with_short_input, "70 FIONBIO [obs]"),
    TEST(fionread_by_wsaioctl, "70 FIONREAD [obs]"),
    TEST(short_output_touches_nothing, "70 FIONREAD [obs]"),
    TEST(mark_by_wsaioctl, "70 SIOCATMARK [obs]"),
    TEST(count_missing_whatever_the_code, "70 general ioctl rules [obs]"),
    TEST(overlapped_code_that_is_done_at_once, "70 general ioctl rules, immediate [obs]"),
    TEST(routine_of_a_code_that_is_done_at_once, "70 general ioctl rules, immediate [obs]"),
    TEST(unsupported_code, "70 general ioctl rules [obs]"),
    TEST(overlapped_unsupported_code_fails_at_completion, "70 general ioctl rules, unsupported [obs]"),
    TEST(refused_overlapped_code_is_not_notified, "70 general ioctl rules [obs]"),
};
TEST_MAIN(cases)
