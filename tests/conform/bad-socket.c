/* SPDX-License-Identifier: MIT */
/*
 * bad-socket.c - any value in the place of a socket, in every call: first of
 * all WSANOTINITIALISED before WSAStartup, then WSAENOTSOCK, and only then
 * what the other arguments deserve.
 */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)

static struct sockaddr_in somewhere;
static char space[256];
static WSAOVERLAPPED ov;

/* Each of these makes one call with s and reasonable arguments; returns what tells failure as SOCKET_ERROR. */
static int do_bind(SOCKET s)
{
    return bind(s, (struct sockaddr *)&somewhere, sizeof somewhere);
}

static int do_listen(SOCKET s)
{
    return listen(s, 1);
}

static int do_accept(SOCKET s)
{
    return accept(s, NULL, NULL) == INVALID_SOCKET ? SOCKET_ERROR : 0;
}

static int do_connect(SOCKET s)
{
    return connect(s, (struct sockaddr *)&somewhere, sizeof somewhere);
}

static int do_wsaconnect(SOCKET s)
{
    return WSAConnect(s, (struct sockaddr *)&somewhere, sizeof somewhere, NULL, NULL, NULL, NULL);
}

static int do_shutdown(SOCKET s)
{
    return shutdown(s, SD_BOTH);
}

static int do_closesocket(SOCKET s)
{
    return closesocket(s);
}

static int do_getsockname(SOCKET s)
{
    int len = sizeof space;

    return getsockname(s, (struct sockaddr *)space, &len);
}

static int do_getpeername(SOCKET s)
{
    int len = sizeof space;

    return getpeername(s, (struct sockaddr *)space, &len);
}

static int do_send(SOCKET s)
{
    return send(s, space, 1, 0);
}

static int do_recv(SOCKET s)
{
    return recv(s, space, 1, 0);
}

static int do_sendto(SOCKET s)
{
    return sendto(s, space, 1, 0, (struct sockaddr *)&somewhere, sizeof somewhere);
}

static int do_recvfrom(SOCKET s)
{
    return recvfrom(s, space, 1, 0, NULL, NULL);
}

static int do_ioctlsocket(SOCKET s)
{
    u_long value = 0;

    return ioctlsocket(s, FIONBIO, &value);
}

static int do_getsockopt(SOCKET s)
{
    int len = sizeof space;

    return getsockopt(s, SOL_SOCKET, SO_TYPE, space, &len);
}

static int do_setsockopt(SOCKET s)
{
    int value = 0;

    return setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (const char *)&value, sizeof value);
}

static int do_connect_time(SOCKET s)
{
    int len = sizeof space;

    return getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, space, &len);
}

static int do_update_accept_context(SOCKET s)
{
    return setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&s, sizeof s);
}

static int do_wsarecv(SOCKET s)
{
    WSABUF buf = { 1, space };
    DWORD n, flags = 0;

    return WSARecv(s, &buf, 1, &n, &flags, NULL, NULL);
}

static int do_wsarecv_overlapped(SOCKET s)
{
    WSABUF buf = { 1, space };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL);
}

static int do_wsarecvfrom(SOCKET s)
{
    WSABUF buf = { 1, space };
    DWORD n, flags = 0;

    return WSARecvFrom(s, &buf, 1, &n, &flags, NULL, NULL, NULL, NULL);
}

static int do_wsasend(SOCKET s)
{
    WSABUF buf = { 1, space };
    DWORD n;

    return WSASend(s, &buf, 1, &n, 0, NULL, NULL);
}

static int do_wsasend_overlapped(SOCKET s)
{
    WSABUF buf = { 1, space };

    return WSASend(s, &buf, 1, NULL, 0, &ov, NULL);
}

static int do_wsasendto(SOCKET s)
{
    WSABUF buf = { 1, space };
    DWORD n;

    return WSASendTo(s, &buf, 1, &n, 0, (struct sockaddr *)&somewhere, sizeof somewhere, NULL, NULL);
}

static int do_extension(SOCKET s)
{
    GUID id = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX fn;
    DWORD n;

    return WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &fn, sizeof fn, &n, NULL, NULL);
}

static int do_acceptex(SOCKET s)
{
    return AcceptEx(s, s, space, 0, AREA, AREA, NULL, &ov) ? 0 : SOCKET_ERROR;
}

static int do_result(SOCKET s)
{
    WSAOVERLAPPED done;
    DWORD n, flags;

    memset(&done, 0, sizeof done);
    return WSAGetOverlappedResult(s, &done, &n, FALSE, &flags) ? 0 : SOCKET_ERROR;
}

/* The same with arguments that would be refused as well. */
static int bad_bind(SOCKET s)
{
    return bind(s, NULL, 0);
}

static int bad_connect(SOCKET s)
{
    return connect(s, NULL, 0);
}

static int bad_shutdown(SOCKET s)
{
    return shutdown(s, 99);
}

static int bad_names(SOCKET s)
{
    return getsockname(s, NULL, NULL) == SOCKET_ERROR ? getpeername(s, NULL, NULL) : 0;
}

static int bad_accept(SOCKET s)
{
    return accept(s, (struct sockaddr *)space, NULL) == INVALID_SOCKET ? SOCKET_ERROR : 0;
}

static int bad_recv(SOCKET s)
{
    return recv(s, NULL, -1, 0x7fffffff);
}

static int bad_send(SOCKET s)
{
    return send(s, NULL, -1, 0x7fffffff);
}

static int bad_wsarecv(SOCKET s)
{
    return WSARecv(s, NULL, 0, NULL, NULL, NULL, NULL);
}

static int bad_wsarecvfrom(SOCKET s)
{
    return WSARecvFrom(s, NULL, 0, NULL, NULL, (struct sockaddr *)space, NULL, NULL, NULL);
}

static int bad_wsasend(SOCKET s)
{
    return WSASend(s, NULL, 0, NULL, 0x7fffffff, NULL, NULL);
}

static int bad_wsasendto(SOCKET s)
{
    WSABUF buf = { 1, space };

    return WSASendTo(s, &buf, 1, NULL, 0, NULL, 0, NULL, NULL);
}

static int bad_getsockopt(SOCKET s)
{
    return getsockopt(s, 12345, 12345, NULL, NULL);
}

static int bad_setsockopt(SOCKET s)
{
    return setsockopt(s, 12345, 12345, NULL, 0);
}

static int bad_ioctlsocket(SOCKET s)
{
    return ioctlsocket(s, 12345, NULL);
}

static int bad_wsaioctl(SOCKET s)
{
    DWORD n;

    return WSAIoctl(s, 12345, NULL, 0, NULL, 0, &n, NULL, NULL);
}

struct call {
    const char *name;
    int (*make)(SOCKET s);
};

static const struct call calls[] = {
    { "bind", do_bind },
    { "listen", do_listen },
    { "accept", do_accept },
    { "connect", do_connect },
    { "WSAConnect", do_wsaconnect },
    { "shutdown", do_shutdown },
    { "closesocket", do_closesocket },
    { "getsockname", do_getsockname },
    { "getpeername", do_getpeername },
    { "send", do_send },
    { "recv", do_recv },
    { "sendto", do_sendto },
    { "recvfrom", do_recvfrom },
    { "ioctlsocket", do_ioctlsocket },
    { "getsockopt", do_getsockopt },
    { "setsockopt", do_setsockopt },
    { "SO_CONNECT_TIME", do_connect_time },
    { "WSARecv", do_wsarecv },
    { "WSARecv, overlapped", do_wsarecv_overlapped },
    { "WSARecvFrom", do_wsarecvfrom },
    { "WSASend", do_wsasend },
    { "WSASend, overlapped", do_wsasend_overlapped },
    { "WSASendTo", do_wsasendto },
    { "WSAGetOverlappedResult", do_result },
};

static const struct call extension_calls[] = {
    { "SO_UPDATE_ACCEPT_CONTEXT", do_update_accept_context },
    { "WSAIoctl", do_extension },
    { "AcceptEx", do_acceptex },
};

static const struct call bad_calls[] = {
    { "bind", bad_bind },
    { "connect", bad_connect },
    { "shutdown", bad_shutdown },
    { "getsockname, getpeername", bad_names },
    { "accept", bad_accept },
    { "recv", bad_recv },
    { "send", bad_send },
    { "WSARecv", bad_wsarecv },
    { "WSARecvFrom", bad_wsarecvfrom },
    { "WSASend", bad_wsasend },
    { "WSASendTo", bad_wsasendto },
    { "getsockopt", bad_getsockopt },
    { "setsockopt", bad_setsockopt },
    { "ioctlsocket", bad_ioctlsocket },
    { "WSAIoctl", bad_wsaioctl },
};

#define ALL(list) list, sizeof list / sizeof *list

static void expect(const struct call *list, size_t count, SOCKET s, int error)
{
    size_t i;

    somewhere.sin_family = AF_INET;
    somewhere.sin_port = htons(9);
    somewhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (i = 0; i < count; i++) {
        int result, got;

        WSASetLastError(0);
        result = list[i].make(s);
        got = WSAGetLastError();
        if (result != SOCKET_ERROR || got != error) {
            test_note("%s: returned %d, error %d", list[i].name, result, got);
            CHECK(!"the error that a bad socket deserves");
        }
    }
}

static const SOCKET nameless[] = { INVALID_SOCKET, 0, 0x7ffffffc, (SOCKET)-2, (SOCKET)0xfffffffffffc };

static void values_that_name_nothing(void)
{
    size_t i;

    for (i = 0; i < sizeof nameless / sizeof *nameless; i++) expect(ALL(calls), nameless[i], WSAENOTSOCK);
}

static void closed_socket(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(closesocket(s), 0);
    expect(ALL(calls), s, WSAENOTSOCK);
}

static void event_handle(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);

    expect(ALL(calls), (SOCKET)event, WSAENOTSOCK);
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
}

static DWORD WINAPI nothing(void *arg)
{
    (void)arg;
    return 7;
}

static void thread_handle(void)
{
    HANDLE thread = CreateThread(NULL, 0, nothing, NULL, 0, NULL);
    DWORD code = 0;

    expect(ALL(calls), (SOCKET)thread, WSAENOTSOCK);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 7);
    CHECK(CloseHandle(thread));
}

static void extension_calls_on_bad_sockets(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    SOCKET closed = test_tcp();
    size_t i;

    for (i = 0; i < sizeof nameless / sizeof *nameless; i++) expect(ALL(extension_calls), nameless[i], WSAENOTSOCK);
    CHECK_EQ(closesocket(closed), 0);
    expect(ALL(extension_calls), closed, WSAENOTSOCK);
    expect(ALL(extension_calls), (SOCKET)event, WSAENOTSOCK);
    CHECK(CloseHandle(event));
}

static void socket_comes_before_the_other_arguments(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    SOCKET closed = test_tcp();

    CHECK_EQ(closesocket(closed), 0);
    expect(ALL(bad_calls), INVALID_SOCKET, WSAENOTSOCK);
    expect(ALL(bad_calls), (SOCKET)event, WSAENOTSOCK);
    expect(ALL(bad_calls), closed, WSAENOTSOCK);
    CHECK(CloseHandle(event));
}

/* The value of a closed socket may be given to the next one, but never to two, and an old value may not reach it. */
static void closing_one_socket_leaves_the_others(void)
{
    struct sockaddr_in addr;
    SOCKET a = test_udp(&addr), b = test_tcp(), c = test_udp(NULL);
    char byte = 0;

    CHECK_EQ(closesocket(b), 0);
    CHECK_EQ(sendto(c, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(recv(a, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'x');
    closesocket(a);
    closesocket(c);
}

/* ---- before WSAStartup, and after the last WSACleanup ---- */

static void start(void)
{
    WSADATA data;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void calls_before_startup(void)
{
    CHECK_EQ(WSACleanup(), 0);
    expect(ALL(calls), INVALID_SOCKET, WSANOTINITIALISED);
    expect(ALL(extension_calls), INVALID_SOCKET, WSANOTINITIALISED);
    start();
}

static void bad_calls_before_startup(void)
{
    CHECK_EQ(WSACleanup(), 0);
    expect(ALL(bad_calls), INVALID_SOCKET, WSANOTINITIALISED);
    start();
}

static void creation_before_startup(void)
{
    CHECK_EQ(WSACleanup(), 0);
    WSASetLastError(0);
    CHECK(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    WSASetLastError(0);
    CHECK(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    WSASetLastError(0);
    CHECK(WSASocketA(99, 99, 99, NULL, 0, 0) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    start();
}

static void cleanup_without_startup(void)
{
    CHECK_EQ(WSACleanup(), 0);
    WSASetLastError(0);
    CHECK_EQ(WSACleanup(), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    start();
}

static void only_the_last_cleanup_counts(void)
{
    SOCKET s = test_tcp();
    int type, len = sizeof type;

    start();
    CHECK_EQ(WSACleanup(), 0);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &len), 0);
    CHECK_EQ(closesocket(s), 0);
}

static void byte_order_works_without_startup(void)
{
    CHECK_EQ(WSACleanup(), 0);
    CHECK_EQ(htons(0x1234), 0x3412);
    CHECK_EQ(htonl(0x12345678), 0x78563412);
    WSASetLastError(4711);
    CHECK_EQ(WSAGetLastError(), 4711);
    start();
}

static void cleanup_closes_every_socket(void)
{
    SOCKET tcp = test_tcp(), udp = test_udp(NULL), listener = test_listener(NULL), pair[2];

    REQUIRE(test_pair(pair));
    CHECK_EQ(WSACleanup(), 0);
    start();
    expect(ALL(calls), tcp, WSAENOTSOCK);
    expect(ALL(calls), udp, WSAENOTSOCK);
    expect(ALL(calls), listener, WSAENOTSOCK);
    expect(ALL(calls), pair[0], WSAENOTSOCK);
    expect(ALL(calls), pair[1], WSAENOTSOCK);
}

static void library_starts_again(void)
{
    SOCKET pair[2];
    char byte = 0;

    CHECK_EQ(WSACleanup(), 0);
    start();
    REQUIRE(test_pair(pair));
    CHECK(test_send_all(pair[0], "x", 1));
    CHECK(test_recv_all(pair[1], &byte, 1) && byte == 'x');
    closesocket(pair[0]);
    closesocket(pair[1]);
}

static const struct test_case cases[] = {
    TEST(values_that_name_nothing, "00 parameter-check order [obs]"),
    TEST(closed_socket, "00 parameter-check order [obs]"),
    TEST(event_handle, "00 parameter-check order [obs]"),
    TEST(thread_handle, "00 parameter-check order [obs]"),
    TEST_WINE_DIFFERS(extension_calls_on_bad_sockets, "30 AcceptEx; 70 WSAIoctl [obs]",
                      "Wine 8 looks at the socket later, or not at all"),
    TEST_WINE_DIFFERS(socket_comes_before_the_other_arguments, "00 parameter-check order [obs]",
                      "Wine 8 looks at some arguments first"),
    TEST(closing_one_socket_leaves_the_others, "30 closesocket [doc]"),
    TEST_WINE_DIFFERS(calls_before_startup, "10 WSAStartup [doc]; 20 §14", "Wine 8 checks in a few calls only"),
    TEST_WINE_DIFFERS(bad_calls_before_startup, "00 parameter-check order [obs]", "Wine 8 checks in a few calls only"),
    TEST(creation_before_startup, "10 WSAStartup [doc]"),
    TEST(cleanup_without_startup, "10 WSACleanup [doc]"),
    TEST(only_the_last_cleanup_counts, "10 WSACleanup [doc]"),
    TEST(byte_order_works_without_startup, "10 WSACleanup [doc]"),
    TEST(cleanup_closes_every_socket, "10 WSACleanup [obs]"),
    TEST(library_starts_again, "10 WSAStartup [doc]"),
};
TEST_MAIN(cases)
