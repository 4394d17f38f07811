/* SPDX-License-Identifier: MIT */
/*
 * startup.c - WSAStartup and WSACleanup: versions, counts, what ends with the last cleanup.
 *
 * Winsock is started once when a case begins; a case that ends it starts it again.
 */
#include "test.h"

#include <stddef.h>

static int start(WORD version)
{
    WSADATA data;

    return WSAStartup(version, &data);
}

/* Ends Winsock altogether; the program started it once. */
static void stop(void)
{
    CHECK_EQ(WSACleanup(), 0);
}

static void restart(void)
{
    CHECK_EQ(start(MAKEWORD(2, 2)), 0);
}

static void wsadata_has_its_layout(void)
{
    CHECK_EQ(sizeof(WSADATA), 408);
    CHECK_EQ(offsetof(WSADATA, wVersion), 0);
    CHECK_EQ(offsetof(WSADATA, wHighVersion), 2);
    CHECK_EQ(offsetof(WSADATA, iMaxSockets), 4);
    CHECK_EQ(offsetof(WSADATA, iMaxUdpDg), 6);
    CHECK_EQ(offsetof(WSADATA, lpVendorInfo), 8);
    CHECK_EQ(offsetof(WSADATA, szDescription), 16);
    CHECK_EQ(offsetof(WSADATA, szSystemStatus), 16 + 257);
}

static void known_versions_are_granted(void)
{
    static const WORD versions[] = { MAKEWORD(1, 0), MAKEWORD(1, 1), MAKEWORD(2, 0), MAKEWORD(2, 1), MAKEWORD(2, 2) };
    int i;

    for (i = 0; i < 5; i++) {
        WSADATA data;

        memset(&data, 0xcc, sizeof data);
        CHECK_EQ(WSAStartup(versions[i], &data), 0);
        CHECK_EQ(data.wVersion, versions[i]);
        CHECK_EQ(data.wHighVersion, MAKEWORD(2, 2));
        CHECK_EQ(WSACleanup(), 0);
    }
}

static void higher_versions_get_2_2(void)
{
    static const WORD versions[] = { MAKEWORD(2, 3), MAKEWORD(2, 255), MAKEWORD(3, 0), MAKEWORD(255, 255) };
    int i;

    for (i = 0; i < 4; i++) {
        WSADATA data;

        memset(&data, 0xcc, sizeof data);
        CHECK_EQ(WSAStartup(versions[i], &data), 0);
        CHECK_EQ(data.wVersion, MAKEWORD(2, 2));
        CHECK_EQ(data.wHighVersion, MAKEWORD(2, 2));
        CHECK_EQ(WSACleanup(), 0);
    }
}

static void versions_below_1_0_are_refused(void)
{
    static const WORD versions[] = { MAKEWORD(0, 0), MAKEWORD(0, 1), MAKEWORD(0, 9), MAKEWORD(0, 255) };
    int i;

    for (i = 0; i < 4; i++) CHECK_EQ(start(versions[i]), WSAVERNOTSUPPORTED);
    CHECK_EQ(WSAVERNOTSUPPORTED, 10092);
}

static void null_data_is_a_fault(void)
{
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);
    CHECK_EQ(WSAStartup(MAKEWORD(1, 1), NULL), WSAEFAULT);
}

static void texts_and_limits_are_those_of_windows(void)
{
    WSADATA data;

    memset(&data, 0xcc, sizeof data);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK(strcmp(data.szDescription, "WinSock 2.0") == 0);
    CHECK(strcmp(data.szSystemStatus, "Running") == 0);
    CHECK_EQ(data.iMaxSockets, 0);
    CHECK_EQ(WSACleanup(), 0);

    memset(&data, 0xcc, sizeof data);
    CHECK_EQ(WSAStartup(MAKEWORD(1, 1), &data), 0);
    CHECK(strcmp(data.szDescription, "WinSock 2.0") == 0);
    CHECK(strcmp(data.szSystemStatus, "Running") == 0);
    CHECK_EQ(data.iMaxSockets, 32767);
    CHECK_EQ(WSACleanup(), 0);
}

/* The version is no property of the process: each call may ask for another. */
static void each_success_needs_its_cleanup(void)
{
    SOCKET s = test_udp(NULL);
    struct sockaddr_in addr;
    int len = sizeof addr, i;

    CHECK_EQ(start(MAKEWORD(1, 1)), 0);
    CHECK_EQ(start(MAKEWORD(2, 2)), 0);
    CHECK_EQ(start(MAKEWORD(9, 9)), 0);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(WSACleanup(), 0);
        len = sizeof addr;
        CHECK_EQ(getsockname(s, (struct sockaddr *)&addr, &len), 0);
    }
    CHECK_EQ(closesocket(s), 0);
    stop();
    CHECK_EQ(WSACleanup(), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    restart();
}

static void failed_startup_does_not_count(void)
{
    CHECK_EQ(start(MAKEWORD(0, 0)), WSAVERNOTSUPPORTED);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);
    stop();
    CHECK_EQ(start(MAKEWORD(0, 0)), WSAVERNOTSUPPORTED);
    WSASetLastError(0);
    CHECK_EQ(WSACleanup(), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    restart();
}

static void cleanup_without_startup_fails_and_does_no_harm(void)
{
    int i;

    stop();
    for (i = 0; i < 3; i++) {
        WSASetLastError(0);
        CHECK_EQ(WSACleanup(), SOCKET_ERROR);
        CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    }
    CHECK_EQ(WSANOTINITIALISED, 10093);
    restart();
    CHECK_EQ(closesocket(test_tcp()), 0);
}

static DWORD WINAPI start_in_thread(void *arg)
{
    (void)arg;
    return start(MAKEWORD(2, 2));
}

static DWORD WINAPI stop_in_thread(void *arg)
{
    (void)arg;
    return WSACleanup();
}

static void count_belongs_to_the_process(void)
{
    CHECK_EQ(test_join(test_thread(start_in_thread, NULL)), 0);
    stop();
    CHECK_EQ(closesocket(test_tcp()), 0);
    CHECK_EQ(test_join(test_thread(stop_in_thread, NULL)), 0);
    CHECK(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    restart();
}

#define CHECK_NOT_STARTED(failed)                       \
    do {                                                \
        WSASetLastError(0);                             \
        CHECK(failed);                                  \
        CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED); \
    } while (0)

static void no_socket_before_startup(void)
{
    stop();
    CHECK_NOT_STARTED(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) == INVALID_SOCKET);
    CHECK_NOT_STARTED(socket(AF_INET, SOCK_DGRAM, 0) == INVALID_SOCKET);
    CHECK_NOT_STARTED(WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED) == INVALID_SOCKET);
    CHECK_NOT_STARTED(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0) == INVALID_SOCKET);
    restart();
}

static void socket_calls_before_startup_fail(void)
{
    struct sockaddr_in addr;
    int len = sizeof addr, value = 0, size = sizeof value;
    u_long mode = 1;
    DWORD n = 0, flags = 0;
    WSAOVERLAPPED ov;
    char byte = 0;
    WSABUF buf = { 1, &byte };
    SOCKET s = test_udp(&addr);

    memset(&ov, 0, sizeof ov);
    stop();
    CHECK_NOT_STARTED(bind(s, (struct sockaddr *)&addr, sizeof addr) == SOCKET_ERROR);
    CHECK_NOT_STARTED(connect(s, (struct sockaddr *)&addr, sizeof addr) == SOCKET_ERROR);
    CHECK_NOT_STARTED(listen(s, 1) == SOCKET_ERROR);
    CHECK_NOT_STARTED(accept(s, NULL, NULL) == INVALID_SOCKET);
    CHECK_NOT_STARTED(getsockname(s, (struct sockaddr *)&addr, &len) == SOCKET_ERROR);
    CHECK_NOT_STARTED(getpeername(s, (struct sockaddr *)&addr, &len) == SOCKET_ERROR);
    CHECK_NOT_STARTED(shutdown(s, SD_BOTH) == SOCKET_ERROR);
    CHECK_NOT_STARTED(ioctlsocket(s, FIONBIO, &mode) == SOCKET_ERROR);
    CHECK_NOT_STARTED(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&value, &size) == SOCKET_ERROR);
    CHECK_NOT_STARTED(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, sizeof value) == SOCKET_ERROR);
    CHECK_NOT_STARTED(send(s, &byte, 1, 0) == SOCKET_ERROR);
    CHECK_NOT_STARTED(recv(s, &byte, 1, 0) == SOCKET_ERROR);
    CHECK_NOT_STARTED(sendto(s, &byte, 1, 0, (struct sockaddr *)&addr, sizeof addr) == SOCKET_ERROR);
    CHECK_NOT_STARTED(recvfrom(s, &byte, 1, 0, NULL, NULL) == SOCKET_ERROR);
    CHECK_NOT_STARTED(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL) == SOCKET_ERROR);
    CHECK_NOT_STARTED(WSASend(s, &buf, 1, &n, 0, NULL, NULL) == SOCKET_ERROR);
    CHECK_NOT_STARTED(closesocket(s) == SOCKET_ERROR);
    restart();
}

static void names_are_not_resolved_before_startup(void)
{
    struct addrinfo *found = NULL;
    char name[64];

    stop();
    CHECK_EQ(getaddrinfo("127.0.0.1", "80", NULL, &found), WSANOTINITIALISED);
    CHECK(found == NULL);
    CHECK_NOT_STARTED(gethostname(name, sizeof name) == SOCKET_ERROR);
    restart();
}

static void pure_functions_work_without_startup(void)
{
    struct in_addr in;
    WSAEVENT e;

    stop();
    CHECK_EQ(htonl(0x01020304), 0x04030201);
    CHECK_EQ(ntohl(0x01020304), 0x04030201);
    CHECK_EQ(htons(0x0102), 0x0201);
    CHECK_EQ(ntohs(0x0102), 0x0201);
    CHECK_EQ(inet_addr("127.0.0.1"), htonl(INADDR_LOOPBACK));
    in.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(strcmp(inet_ntoa(in), "127.0.0.1") == 0);
    WSASetLastError(4711);
    CHECK_EQ(WSAGetLastError(), 4711);
    e = WSACreateEvent();
    CHECK(e != WSA_INVALID_EVENT);
    CHECK(WSASetEvent(e));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &e, FALSE, 0, FALSE), WSA_WAIT_EVENT_0);
    CHECK(WSAResetEvent(e));
    CHECK(WSACloseEvent(e));
    restart();
}

static void sockets_end_with_the_last_cleanup(void)
{
    struct sockaddr_in addr, udp_addr, out;
    SOCKET listener = test_listener(&addr), udp = test_udp(&udp_addr), again;
    int len = sizeof out;

    stop();
    restart();
    CHECK_EQ(getsockname(listener, (struct sockaddr *)&out, &len), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(closesocket(listener), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(closesocket(udp), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);

    again = test_tcp();
    CHECK_EQ(bind(again, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(listen(again, 1), 0);
    CHECK_EQ(closesocket(again), 0);
    again = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    CHECK_EQ(bind(again, (struct sockaddr *)&udp_addr, sizeof udp_addr), 0);
    CHECK_EQ(closesocket(again), 0);
}

static void CALLBACK routine(DWORD error, DWORD transferred, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)transferred, (void)ov, (void)flags;
    CHECK(!"this routine must not run");
}

/* The request has ended as cancelled when its socket was closed, or does so soon. */
static void check_aborted(WSAOVERLAPPED *ov)
{
    LONGLONG begin = test_ticks();

    while (!HasOverlappedIoCompleted(ov) && !test_elapsed(begin, DEADLINE_MS)) Sleep(1);
    CHECK_EQ((ULONG)ov->Internal, 0xC0000120);
}

static void last_cleanup_aborts_requests_in_silence(void)
{
    SOCKET s = test_udp(NULL), t = test_udp(NULL);
    WSAOVERLAPPED ov, routine_ov;
    char bytes[2];
    WSABUF buf = { 1, bytes }, routine_buf = { 1, bytes + 1 };
    DWORD flags = 0;

    test_overlapped(&ov);
    memset(&routine_ov, 0, sizeof routine_ov);
    CHECK_EQ(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(WSARecv(t, &routine_buf, 1, NULL, &flags, &routine_ov, routine), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    stop();
    check_aborted(&ov);
    check_aborted(&routine_ov);
    CHECK(!test_signalled(ov.hEvent));
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK(WSACloseEvent(ov.hEvent));
    restart();
}

/* Events, threads and APCs belong to the kernel's half and outlive Winsock. */
static void events_outlive_the_last_cleanup(void)
{
    WSAEVENT e = WSACreateEvent();
    HANDLE k = test_event(FALSE, TRUE);

    CHECK(WSASetEvent(e));
    stop();
    CHECK(test_signalled(e));
    CHECK(test_signalled(k));
    restart();
    CHECK(test_signalled(e));
    CHECK(WSACloseEvent(e));
    CHECK(CloseHandle(k));
}

static void winsock_can_be_started_over_and_over(void)
{
    char byte = 0;
    SOCKET s[2];
    int i;

    for (i = 0; i < 20; i++) {
        stop();
        restart();
        if (!test_pair(s)) return;
        CHECK(test_send_all(s[0], "y", 1));
        CHECK(test_recv_all(s[1], &byte, 1));
        CHECK_EQ(byte, 'y');
        CHECK_EQ(closesocket(s[0]), 0);
        CHECK_EQ(closesocket(s[1]), 0);
    }
}

static const struct test_case cases[] = {
    TEST(wsadata_has_its_layout, "10 WSAStartup: 64-bit WSADATA [hdr]"),
    TEST(known_versions_are_granted, "10 WSAStartup: wVersion, wHighVersion [doc; impl]"),
    TEST(higher_versions_get_2_2, "10 WSAStartup: else (higher) 0x0202 [doc; impl]"),
    TEST(versions_below_1_0_are_refused, "10 WSAStartup: WSAVERNOTSUPPORTED [doc; impl]"),
    TEST(null_data_is_a_fault, "10 WSAStartup: NULL data, WSAEFAULT"),
    TEST(texts_and_limits_are_those_of_windows, "10 WSAStartup: texts, iMaxSockets [impl]"),
    TEST(each_success_needs_its_cleanup, "10 WSACleanup: only the last one acts [doc]"),
    TEST(failed_startup_does_not_count, "10 WSACleanup: each success needs its own [doc]"),
    TEST(cleanup_without_startup_fails_and_does_no_harm, "10 WSACleanup without startup: WSANOTINITIALISED"),
    TEST(count_belongs_to_the_process, "10 WSAStartup: counted; WSACleanup page: for all threads [doc]"),
    TEST(no_socket_before_startup, "10 Sockets calls before startup: WSANOTINITIALISED"),
    TEST_WINE_DIFFERS(socket_calls_before_startup_fail,
                      "10 Sockets calls before startup: WSANOTINITIALISED; 00 Parameter-check order",
                      "Wine 8 looks only at the handle, which gives WSAENOTSOCK"),
    TEST_WINE_DIFFERS(names_are_not_resolved_before_startup, "10 Sockets calls before startup: WSANOTINITIALISED",
                      "Wine 8 resolves names without WSAStartup"),
    TEST(pure_functions_work_without_startup,
         "10 htonl etc. work always; WSACreateEvent works before WSAStartup [impl]"),
    TEST(sockets_end_with_the_last_cleanup, "10 After the last cleanup every socket is closed: WSAENOTSOCK [obs]"),
    TEST_WINE_DIFFERS(last_cleanup_aborts_requests_in_silence, "20 §14 WSACleanup to count 0 [doc WSACleanup]",
                      "Wine 8 notifies as for closesocket, and with another status"),
    TEST(events_outlive_the_last_cleanup, "10 WSACreateEvent; first paragraph"),
    TEST(winsock_can_be_started_over_and_over, "10 WSAStartup: counted [doc]"),
};
TEST_MAIN(cases)
