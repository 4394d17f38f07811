/* SPDX-License-Identifier: MIT */
/*
 * datagram-errors.c - a port that nobody has: the ICMP answer to an earlier
 * datagram fails the next receive, once, and never a send.
 */
#include "test.h"

#ifdef __MINGW32__
#include <mstcpip.h>
#endif

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

#define STATUS_UNREACHABLE 0xC000023F

/* The address of a port that was in use a moment ago. */
static struct sockaddr_in dead_port(void)
{
    struct sockaddr_in addr;

    CHECK_EQ(closesocket(test_udp(&addr)), 0);
    return addr;
}

static int send_to(SOCKET s, const struct sockaddr_in *to)
{
    return sendto(s, "x", 1, 0, (const struct sockaddr *)to, sizeof *to);
}

static void set_non_blocking(SOCKET s)
{
    u_long on = 1;

    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
}

/* Receives without blocking until something happens; returns the error, 0 for a datagram. */
static int next_outcome(SOCKET s)
{
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    char byte;

    for (;;) {
        if (recv(s, &byte, 1, 0) >= 0) return 0;
        if (WSAGetLastError() != WSAEWOULDBLOCK || GetTickCount64() > limit) return WSAGetLastError();
        Sleep(1);
    }
}

static void next_receive_fails_once(void)
{
    struct sockaddr_in dead = dead_port();
    SOCKET s = test_udp(NULL);
    char byte;

    set_non_blocking(s);
    CHECK_EQ(send_to(s, &dead), 1);
    CHECK_EQ(next_outcome(s), WSAECONNRESET);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(s);
}

static void blocked_receive_fails(void)
{
    struct sockaddr_in dead = dead_port();
    SOCKET s = test_udp(NULL);
    DWORD ms = DEADLINE_MS;
    char byte;

    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms), 0);
    CHECK_EQ(send_to(s, &dead), 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    closesocket(s);
}

static void pending_receive_fails_in_both_namespaces(void)
{
    struct sockaddr_in dead = dead_port();
    SOCKET s = test_udp(NULL);
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD n = 77, flags = 0;

    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(send_to(s, &dead), 1);
    CHECK_EQ(test_result(s, &ov, &n), WSAECONNRESET);
    CHECK_EQ(n, 0);
    CHECK_EQ((ULONG)ov.Internal, STATUS_UNREACHABLE);
    CHECK(!GetOverlappedResult((HANDLE)s, &ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_PORT_UNREACHABLE);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void only_the_first_pending_receive_fails(void)
{
    struct sockaddr_in dead = dead_port(), addr;
    SOCKET s = test_udp(&addr), peer = test_udp(NULL);
    char bytes[2];
    WSABUF buf[2] = { { 1, &bytes[0] }, { 1, &bytes[1] } };
    WSAOVERLAPPED ov[2];
    DWORD flags = 0;
    int i;

    for (i = 0; i < 2; i++) {
        test_overlapped(&ov[i]);
        CHECK_ERROR(WSARecv(s, &buf[i], 1, NULL, &flags, &ov[i], NULL), WSA_IO_PENDING);
    }
    CHECK_EQ(send_to(s, &dead), 1);
    CHECK_EQ(test_result(s, &ov[0], NULL), WSAECONNRESET);
    CHECK_EQ(WaitForSingleObject(ov[1].hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(send_to(peer, &addr), 1);
    CHECK_EQ(test_result(s, &ov[1], NULL), 0);
    CHECK_EQ(bytes[1], 'x');
    for (i = 0; i < 2; i++) WSACloseEvent(ov[i].hEvent);
    closesocket(s);
    closesocket(peer);
}

static void connected_socket(void)
{
    struct sockaddr_in dead = dead_port();
    SOCKET s = test_udp(NULL);
    char byte;

    CHECK_EQ(connect(s, (struct sockaddr *)&dead, sizeof dead), 0);
    set_non_blocking(s);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    CHECK_EQ(next_outcome(s), WSAECONNRESET);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(s);
}

static void sends_go_on(void)
{
    struct sockaddr_in dead = dead_port(), live;
    SOCKET s = test_udp(NULL), linked = test_udp(NULL), peer = test_udp(&live);
    char byte;
    int i;

    for (i = 0; i < 4; i++) CHECK_EQ(send_to(s, &dead), 1);
    CHECK_EQ(send_to(s, &live), 1);
    CHECK_EQ(recv(peer, &byte, 1, 0), 1);
    CHECK_EQ(connect(linked, (struct sockaddr *)&dead, sizeof dead), 0);
    for (i = 0; i < 4; i++) CHECK_EQ(send(linked, "x", 1, 0), 1);
    closesocket(s);
    closesocket(linked);
    closesocket(peer);
}

static void overlapped_sends_go_on(void)
{
    struct sockaddr_in dead = dead_port();
    SOCKET s = test_udp(NULL);
    WSABUF buf = { 1, "x" };
    int i;

    CHECK_EQ(connect(s, (struct sockaddr *)&dead, sizeof dead), 0);
    for (i = 0; i < 4; i++) {
        WSAOVERLAPPED ov;

        test_overlapped(&ov);
        if (WSASend(s, &buf, 1, NULL, 0, &ov, NULL)) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        CHECK_EQ(test_result(s, &ov, NULL), 0);
        WSACloseEvent(ov.hEvent);
    }
    closesocket(s);
}

static void datagrams_come_through_after_the_error(void)
{
    struct sockaddr_in dead = dead_port(), addr;
    SOCKET s = test_udp(&addr), peer = test_udp(NULL);

    set_non_blocking(s);
    CHECK_EQ(send_to(s, &dead), 1);
    CHECK_EQ(next_outcome(s), WSAECONNRESET);
    CHECK_EQ(send_to(peer, &addr), 1);
    CHECK_EQ(next_outcome(s), 0);
    closesocket(s);
    closesocket(peer);
}

static void each_answer_is_told_and_nothing_more(void)
{
    struct sockaddr_in dead = dead_port();
    SOCKET s = test_udp(NULL);
    char byte;
    int i;

    set_non_blocking(s);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(send_to(s, &dead), 1);
        CHECK_EQ(next_outcome(s), WSAECONNRESET);
        CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    }
    closesocket(s);
}

static void ipv6_port_unreachable(void)
{
    struct sockaddr_in6 addr;
    SOCKET gone = socket(AF_INET6, SOCK_DGRAM, 0), s;
    int len = sizeof addr;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    if (gone == INVALID_SOCKET || bind(gone, (struct sockaddr *)&addr, sizeof addr)) {
        if (gone != INVALID_SOCKET) closesocket(gone);
        test_skip("no ::1 here");
        return;
    }
    CHECK_EQ(getsockname(gone, (struct sockaddr *)&addr, &len), 0);
    CHECK_EQ(closesocket(gone), 0);
    s = socket(AF_INET6, SOCK_DGRAM, 0);
    set_non_blocking(s);
    CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(next_outcome(s), WSAECONNRESET);
    closesocket(s);
}

#ifdef SIO_UDP_CONNRESET
static void reports_can_be_switched_off(void)
{
    struct sockaddr_in dead = dead_port(), addr;
    SOCKET s = test_udp(&addr), peer = test_udp(NULL);
    BOOL off = FALSE;
    DWORD n = 77;

    CHECK_EQ(WSAIoctl(s, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &n, NULL, NULL), 0);
    CHECK_EQ(n, 0);
    set_non_blocking(s);
    CHECK_EQ(send_to(s, &dead), 1);
    CHECK_EQ(send_to(peer, &addr), 1);
    CHECK_EQ(next_outcome(s), 0);
    closesocket(s);
    closesocket(peer);
}
#endif

#define UNHEARD "Wine 8 does not ask Linux for ICMP errors on unconnected sockets"

static const struct test_case cases[] = {
    TEST_NOT_ON_WINE(next_receive_fails_once, "40 datagram receive [doc]", UNHEARD),
    TEST_NOT_ON_WINE(blocked_receive_fails, "40 datagram receive [doc]", UNHEARD),
    TEST_NOT_ON_WINE(pending_receive_fails_in_both_namespaces, "20 §5; 40 datagram receive [doc]", UNHEARD),
    TEST_NOT_ON_WINE(only_the_first_pending_receive_fails, "40 datagram receive [doc]", UNHEARD),
    TEST_NOT_ON_WINE(connected_socket, "40 datagram receive [doc]", "Wine 8 tells the next send, as Linux does"),
    TEST_NOT_ON_WINE(sends_go_on, "40 datagram receive [doc]", "Wine 8 tells the next send, as Linux does"),
    TEST_NOT_ON_WINE(overlapped_sends_go_on, "40 datagram receive [doc]", "Wine 8 tells the next send, as Linux does"),
    TEST_NOT_ON_WINE(datagrams_come_through_after_the_error, "40 datagram receive [doc]", UNHEARD),
    TEST_NOT_ON_WINE(each_answer_is_told_and_nothing_more, "40 datagram receive [doc]", UNHEARD),
    TEST_NOT_ON_WINE(ipv6_port_unreachable, "40 datagram receive [doc]", UNHEARD),
#ifdef SIO_UDP_CONNRESET
    TEST(reports_can_be_switched_off, "70 SIO_UDP_CONNRESET [hdr; doc]"),
#endif
};
TEST_MAIN(cases)
