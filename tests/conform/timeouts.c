/* SPDX-License-Identifier: MIT */
/* timeouts.c - SO_RCVTIMEO and SO_SNDTIMEO: milliseconds, for blocking calls only, and never early. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

#define SHORT_MS 60

static void set_timeout(SOCKET s, int option, DWORD ms)
{
    CHECK_EQ(setsockopt(s, SOL_SOCKET, option, (const char *)&ms, sizeof ms), 0);
}

static DWORD timeout_of(SOCKET s, int option)
{
    DWORD ms = 77;
    int len = sizeof ms;

    CHECK_EQ(getsockopt(s, SOL_SOCKET, option, (char *)&ms, &len), 0);
    CHECK_EQ(len, 4);
    return ms;
}

static void end(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

static void none_by_default(void)
{
    SOCKET tcp = test_tcp(), udp = test_udp(NULL);

    CHECK_EQ(timeout_of(tcp, SO_RCVTIMEO), 0);
    CHECK_EQ(timeout_of(tcp, SO_SNDTIMEO), 0);
    CHECK_EQ(timeout_of(udp, SO_RCVTIMEO), 0);
    CHECK_EQ(timeout_of(udp, SO_SNDTIMEO), 0);
    closesocket(tcp);
    closesocket(udp);
}

static void value_is_read_back_in_milliseconds(void)
{
    static const DWORD values[] = { 1, 37, 999, 1000, 1234567, 0 };
    SOCKET s = test_tcp();
    size_t i;

    for (i = 0; i < sizeof values / sizeof *values; i++) {
        set_timeout(s, SO_RCVTIMEO, values[i]);
        CHECK_EQ(timeout_of(s, SO_RCVTIMEO), values[i]);
        set_timeout(s, SO_SNDTIMEO, values[i]);
        CHECK_EQ(timeout_of(s, SO_SNDTIMEO), values[i]);
    }
    closesocket(s);
}

static void value_outlives_the_connection_being_made(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();
    char byte;

    set_timeout(s, SO_RCVTIMEO, SHORT_MS);
    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(timeout_of(s, SO_RCVTIMEO), SHORT_MS);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAETIMEDOUT);
    closesocket(s);
    closesocket(listener);
}

static void value_missing_or_short(void)
{
    SOCKET s = test_tcp();
    DWORD ms = 5;
    int len = 3;

    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, 3), WSAEFAULT);
    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, NULL, 4), WSAEFAULT);
    CHECK_ERROR(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, &len), WSAEFAULT);
    CHECK_EQ(timeout_of(s, SO_RCVTIMEO), 0);
    closesocket(s);
}

/* Runs a receive that nothing answers and checks how long it takes. */
static void check_expires(SOCKET s, int (*receive)(SOCKET))
{
    ULONGLONG begin = GetTickCount64(), took;

    set_timeout(s, SO_RCVTIMEO, SHORT_MS);
    CHECK_ERROR(receive(s), WSAETIMEDOUT);
    took = GetTickCount64() - begin;
    /* The clock of the test counts in steps of up to 16 ms. */
    if (!CHECK(took >= SHORT_MS - 16 && took < DEADLINE_MS)) test_note("it took %u ms", (unsigned)took);
}

static int by_recv(SOCKET s)
{
    char byte;

    return recv(s, &byte, 1, 0);
}

static int by_recvfrom(SOCKET s)
{
    struct sockaddr_storage from;
    int len = sizeof from;
    char byte;

    return recvfrom(s, &byte, 1, 0, (struct sockaddr *)&from, &len);
}

static int by_wsarecv(SOCKET s)
{
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD n = 0xdeadbeef, flags = 0;
    int result = WSARecv(s, &buf, 1, &n, &flags, NULL, NULL), error = WSAGetLastError();

    CHECK_EQ(n, 0xdeadbeef);
    WSASetLastError(error);
    return result;
}

static int by_waitall(SOCKET s)
{
    char data[4];

    return recv(s, data, sizeof data, MSG_WAITALL);
}

static void stream_receives_expire(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    check_expires(s[0], by_recv);
    check_expires(s[0], by_wsarecv);
    end(s);
}

static void waitall_receive_expires(void)
{
    SOCKET s[2];

    REQUIRE(test_pair(s));
    check_expires(s[0], by_waitall);
    end(s);
}

static void datagram_receives_expire(void)
{
    SOCKET s = test_udp(NULL);

    check_expires(s, by_recv);
    check_expires(s, by_recvfrom);
    check_expires(s, by_wsarecv);
    closesocket(s);
}

static void connection_goes_on_after_the_expiry(void)
{
    char byte = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    check_expires(s[0], by_recv);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(recv(s[0], &byte, 1, 0), 1);
    CHECK_EQ(byte, 'x');
    end(s);
}

static void sender_expires_when_there_is_no_room(void)
{
    static char block[65536];
    SOCKET s[2];
    int n, rounds = 0;

    REQUIRE(test_pair(s));
    set_timeout(s[0], SO_SNDTIMEO, SHORT_MS);
    do n = send(s[0], block, sizeof block, 0);
    while (n > 0 && ++rounds < 10000);
    CHECK_EQ(n, SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAETIMEDOUT);
    end(s);
}

static void overlapped_receive_does_not_expire(void)
{
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;
    SOCKET s[2];

    REQUIRE(test_pair(s));
    set_timeout(s[0], SO_RCVTIMEO, 10);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 10 * QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ((ULONG)ov.Internal, STATUS_PENDING);
    test_send_all(s[1], "x", 1);
    CHECK_EQ(test_result(s[0], &ov, NULL), 0);
    WSACloseEvent(ov.hEvent);
    end(s);
}

static void non_blocking_calls_do_not_wait(void)
{
    SOCKET s = test_udp(NULL);
    ULONGLONG begin;
    u_long on = 1;
    char byte;

    set_timeout(s, SO_RCVTIMEO, DEADLINE_MS);
    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
    begin = GetTickCount64();
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK(GetTickCount64() - begin < 1000);
    closesocket(s);
}

struct plain {
    SOCKET s;
    int result;
};

static DWORD WINAPI receive_in_thread(void *arg)
{
    struct plain *p = arg;
    char byte;

    p->result = recv(p->s, &byte, 1, 0);
    return 0;
}

static void no_effect_on_a_socket_without_overlap(void)
{
    struct sockaddr_in addr;
    struct plain p = { WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0), 77 };
    SOCKET sender = test_udp(NULL);
    int len = sizeof addr;
    HANDLE thread;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(bind(p.s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(getsockname(p.s, (struct sockaddr *)&addr, &len), 0);
    set_timeout(p.s, SO_RCVTIMEO, 10);
    thread = CreateThread(NULL, 0, receive_in_thread, &p, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, 2 * QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(sendto(sender, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(p.result, 1);
    CloseHandle(thread);
    closesocket(p.s);
    closesocket(sender);
}

static const struct test_case cases[] = {
    TEST(none_by_default, "70 SO_RCVTIMEO [obs]"),
    TEST(value_is_read_back_in_milliseconds, "70 SO_RCVTIMEO [obs]"),
    TEST(value_outlives_the_connection_being_made, "70 SO_RCVTIMEO [doc]"),
    TEST(value_missing_or_short, "70 option lengths [obs]"),
    TEST(stream_receives_expire, "40 errors; 70 SO_RCVTIMEO [obs]"),
    TEST(waitall_receive_expires, "40 errors; 70 SO_RCVTIMEO [obs]"),
    TEST(datagram_receives_expire, "40 errors; 70 SO_RCVTIMEO [obs]"),
    TEST(connection_goes_on_after_the_expiry, "70 SO_RCVTIMEO [obs]"),
    TEST(sender_expires_when_there_is_no_room, "70 SO_SNDTIMEO [doc]"),
    TEST(overlapped_receive_does_not_expire, "20 §2 [doc; obs]"),
    TEST(non_blocking_calls_do_not_wait, "70 SO_RCVTIMEO [doc]"),
    TEST(no_effect_on_a_socket_without_overlap, "70 SO_RCVTIMEO [doc SOL_SOCKET options]"),
};
TEST_MAIN(cases)
