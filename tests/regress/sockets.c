/* SPDX-License-Identifier: MIT */
/* sockets.c - sends, receives and closing: what once hung, leaked or was cut off. */
#include "test.h"

#include <ws2spi.h>

enum { LONG_SEND = 8 << 20, MANY_PARTS = 1100, LEAK_ROUNDS = 25000 };

/* Each call kept the socket for ever: sockets ran out. */
static void result_without_errno_keeps_nothing(void)
{
    int i;

    for (i = 0; i < LEAK_ROUNDS; i++) {
        SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
        WSAOVERLAPPED ov = { 0 };
        DWORD n, flags;

        REQUIRE(s != INVALID_SOCKET);
        CHECK(!WSPGetOverlappedResult(s, &ov, &n, FALSE, &flags, NULL));
        closesocket(s);
    }
}

static void set_linger(SOCKET s, int seconds)
{
    struct linger on = { 1, (u_short)seconds };

    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&on, sizeof on), 0);
}

struct reader {
    SOCKET s;
    long long count;
};

static DWORD WINAPI read_to_the_end(void *arg)
{
    static char data[65536];
    struct reader *r = arg;
    int n;

    while ((n = recv(r->s, data, sizeof data, 0)) > 0) r->count += n;
    CHECK_EQ(n, 0);
    return 0;
}

/* The FIN went out ahead of an overlapped send that was still queued. */
static void lingering_close_sends_what_is_queued(void)
{
    SOCKET s[2];
    char *data = calloc(1, LONG_SEND);
    WSABUF buf = { LONG_SEND, data };
    struct reader r;
    WSAOVERLAPPED ov;
    HANDLE thread;

    REQUIRE(data && test_pair(s));
    set_linger(s[0], DEADLINE_MS / 1000);
    test_overlapped(&ov);
    CHECK(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL) == SOCKET_ERROR && WSAGetLastError() == WSA_IO_PENDING);
    r.s = s[1];
    r.count = 0;
    thread = CreateThread(NULL, 0, read_to_the_end, &r, 0, NULL);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(r.count, LONG_SEND);
    CloseHandle(thread);
    WSACloseEvent(ov.hEvent);
    closesocket(s[1]);
    free(data);
}

/* The accepted socket did not know that it lingers, and the kernel's close blocked a non-blocking socket. */
static void accepted_socket_lingers_as_its_listener(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = test_tcp(), s;
    char *data = calloc(1, LONG_SEND);
    u_long on = 1;
    struct linger hard = { 1, 0 };

    REQUIRE(data);
    set_linger(listener, 2);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    s = accept(listener, NULL, NULL);
    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
    while (send(s, data, LONG_SEND, 0) > 0) continue;
    CHECK_EQ(closesocket(s), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(s), 0);
    closesocket(client);
    closesocket(listener);
    free(data);
}

/* Events for the closed handle were dropped. */
static void requests_go_on_while_a_duplicate_is_open(void)
{
    SOCKET s[2];
    HANDLE copy = NULL, self = GetCurrentProcess();
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK(DuplicateHandle(self, (HANDLE)s[0], self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL) == SOCKET_ERROR);
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(send(s[1], "x", 1, 0), 1);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(byte, 'x');
    CHECK(CloseHandle(copy));
    WSACloseEvent(ov.hEvent);
    closesocket(s[1]);
}

/* An ordinary receive stood behind one that waited for urgent data, although its data had come. */
static void urgent_receive_holds_up_nobody(void)
{
    SOCKET s[2];
    char urgent, data[4];
    WSABUF first = { 1, &urgent }, second = { sizeof data, data };
    WSAOVERLAPPED waiting, ov;
    DWORD oob = MSG_OOB, none = 0, n = 0;

    REQUIRE(test_pair(s));
    test_overlapped(&waiting);
    test_overlapped(&ov);
    CHECK(WSARecv(s[0], &first, 1, NULL, &oob, &waiting, NULL) == SOCKET_ERROR && WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(send(s[1], "data", 4, 0), 4);
    WSARecv(s[0], &second, 1, NULL, &none, &ov, NULL);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK(n > 0);
    closesocket(s[0]);
    closesocket(s[1]);
    WSACloseEvent(waiting.hEvent);
    WSACloseEvent(ov.hEvent);
}

/* One system call takes 1,024 parts; a datagram cannot be divided among two. */
static void datagram_may_have_many_parts(void)
{
    static char out[MANY_PARTS], in[MANY_PARTS];
    static WSABUF parts[MANY_PARTS];
    struct sockaddr_in addr;
    SOCKET to = test_udp(&addr), from = test_udp(NULL);
    WSAOVERLAPPED ov;
    DWORD n = 0, flags = 0;
    int i;

    test_overlapped(&ov);
    for (i = 0; i < MANY_PARTS; i++) {
        out[i] = (char)(i * 3);
        parts[i].len = 1;
        parts[i].buf = &in[i];
    }
    WSARecv(to, parts, MANY_PARTS, NULL, &flags, &ov, NULL);
    for (i = 0; i < MANY_PARTS; i++) parts[i].buf = &out[i];
    CHECK_EQ(WSASendTo(from, parts, MANY_PARTS, &n, 0, (struct sockaddr *)&addr, sizeof addr, NULL, NULL), 0);
    CHECK_EQ(n, MANY_PARTS);
    CHECK_EQ(test_result(to, &ov, &n), 0);
    CHECK_EQ(n, MANY_PARTS);
    CHECK(memcmp(in, out, MANY_PARTS) == 0);
    WSACloseEvent(ov.hEvent);
    closesocket(to);
    closesocket(from);
}

static SOCKET blocked_on;

static DWORD WINAPI receive_and_be_interrupted(void *arg)
{
    char data[64];

    (void)arg;
    (void)recv(blocked_on, data, sizeof data, 0);
    CHECK(0); /* the APC ended the thread */
    return 0;
}

static void CALLBACK exit_from_apc(ULONG_PTR code)
{
    ExitThread((DWORD)code);
}

/* The request of the blocked call was on the stack of the thread that an APC ended; the next data went there. */
static void apc_may_end_the_thread_inside_a_blocking_call(void)
{
    SOCKET s[2];
    char data[8];
    HANDLE thread;

    REQUIRE(test_pair(s));
    blocked_on = s[0];
    thread = CreateThread(NULL, 0, receive_and_be_interrupted, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK(QueueUserAPC(exit_from_apc, thread, 3));
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(send(s[1], "hello", 5, 0), 5);
    CHECK(test_recv_all(s[0], data, 5));
    CHECK(memcmp(data, "hello", 5) == 0);
    CloseHandle(thread);
    closesocket(s[0]);
    closesocket(s[1]);
}

static const struct test_case cases[] = {
    TEST(result_without_errno_keeps_nothing, "01 row 14; 95 WSPGetOverlappedResult"),
    TEST(lingering_close_sends_what_is_queued, "30 closesocket [doc]"),
    TEST(accepted_socket_lingers_as_its_listener, "30 closesocket; 80 accept"),
    TEST(requests_go_on_while_a_duplicate_is_open, "20 §12 requests belong to the socket object [obs]"),
    TEST(urgent_receive_holds_up_nobody, "40 MSG_OOB"),
    TEST(datagram_may_have_many_parts, "20 §10 buffers; 40 datagram receive"),
    TEST(apc_may_end_the_thread_inside_a_blocking_call, "20 §8"),
};

TEST_MAIN(cases)
