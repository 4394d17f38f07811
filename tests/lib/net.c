/* SPDX-License-Identifier: MIT */
/* net.c - loopback sockets for tests, by the public API only. */
#include "test.h"

SOCKET test_tcp(void)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);

    CHECK(s != INVALID_SOCKET);
    return s;
}

static int bind_loopback(SOCKET s, struct sockaddr_in *addr)
{
    struct sockaddr_in a;
    int len = sizeof a;

    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!CHECK(bind(s, (struct sockaddr *)&a, sizeof a) == 0)) return 0;
    if (!CHECK(getsockname(s, (struct sockaddr *)&a, &len) == 0)) return 0;
    if (addr) *addr = a;
    return 1;
}

SOCKET test_tcp_bound(void)
{
    SOCKET s = test_tcp();

    bind_loopback(s, NULL);
    return s;
}

SOCKET test_listener(struct sockaddr_in *addr)
{
    SOCKET s = test_tcp();

    if (bind_loopback(s, addr)) CHECK(listen(s, SOMAXCONN) == 0);
    return s;
}

SOCKET test_udp(struct sockaddr_in *addr)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);

    CHECK(s != INVALID_SOCKET);
    bind_loopback(s, addr);
    return s;
}

int test_pair(SOCKET s[2])
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr);
    BOOL on = TRUE;
    int ok;

    s[0] = test_tcp();
    s[1] = INVALID_SOCKET;
    ok = CHECK(connect(s[0], (struct sockaddr *)&addr, sizeof addr) == 0);
    if (ok) {
        s[1] = accept(listener, NULL, NULL);
        ok = CHECK(s[1] != INVALID_SOCKET);
    }
    if (ok) {
        setsockopt(s[0], IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
        setsockopt(s[1], IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
    }
    closesocket(listener);
    return ok;
}

int test_send_all(SOCKET s, const void *data, int len)
{
    int done = 0;

    while (done < len) {
        int n = send(s, (const char *)data + done, len - done, 0);

        if (!CHECK(n > 0)) return 0;
        done += n;
    }
    return 1;
}

int test_recv_all(SOCKET s, void *data, int len)
{
    int done = 0;

    while (done < len) {
        int n = recv(s, (char *)data + done, len - done, 0);

        if (!CHECK(n > 0)) return 0;
        done += n;
    }
    return 1;
}

void test_reset(SOCKET s)
{
    struct linger hard = { 1, 0 };

    setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard);
    CHECK(closesocket(s) == 0);
}

int test_result(SOCKET s, WSAOVERLAPPED *ov, DWORD *count)
{
    HANDLE h = ov->hEvent ? ov->hEvent : (HANDLE)s;
    DWORD n = 0, flags = 0;

    if (!HasOverlappedIoCompleted(ov) && !CHECK_EQ(WaitForSingleObject(h, DEADLINE_MS), WAIT_OBJECT_0)) return -1;
    WSASetLastError(0);
    if (WSAGetOverlappedResult(s, ov, &n, FALSE, &flags)) WSASetLastError(0);
    if (count) *count = n;
    return WSAGetLastError();
}

void *test_extension(SOCKET s, GUID guid)
{
    void *function = NULL;
    DWORD n = 0;

    CHECK(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &function, sizeof function, &n, NULL,
                   NULL) == 0);
    return function;
}

void test_overlapped(WSAOVERLAPPED *ov)
{
    memset(ov, 0, sizeof *ov);
    ov->hEvent = WSACreateEvent();
    CHECK(ov->hEvent != WSA_INVALID_EVENT);
}
