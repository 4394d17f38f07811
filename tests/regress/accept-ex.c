/* SPDX-License-Identifier: MIT */
/* accept-ex.c - AcceptEx: what was once lost, locked for ever or told when it should not be. */
#include "test.h"

static char output[256];

struct crosswise {
    SOCKET a, b;
};

static DWORD WINAPI update_context(void *arg)
{
    struct crosswise *c = arg;
    int i;

    for (i = 0; i < 20000; i++)
        setsockopt(c->a, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&c->b, sizeof c->b);
    return 0;
}

/* Both were locked, in the order of the arguments. */
static void contexts_may_be_updated_crosswise(void)
{
    SOCKET s[2];
    struct crosswise there, back;
    HANDLE h[2];

    REQUIRE(test_pair(s));
    there.a = back.b = s[0];
    there.b = back.a = s[1];
    h[0] = CreateThread(NULL, 0, update_context, &there, 0, NULL);
    h[1] = CreateThread(NULL, 0, update_context, &back, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(2, h, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(h[0]);
    CloseHandle(h[1]);
    closesocket(s[0]);
    closesocket(s[1]);
}

static SOCKET dial(const struct sockaddr_in *addr)
{
    SOCKET s = test_tcp();

    CHECK_EQ(connect(s, (const struct sockaddr *)addr, sizeof *addr), 0);
    return s;
}

/* The accept socket stayed reserved for the request that had failed. */
static void accept_socket_of_a_failed_request_is_free(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp(), client;
    WSAOVERLAPPED ov;
    DWORD n;

    test_overlapped(&ov);
    CHECK(!AcceptEx(listener, s, output, 0, 3, 32, &n, &ov) && WSAGetLastError() == ERROR_IO_PENDING);
    client = dial(&addr);
    CHECK_EQ(test_result(listener, &ov, NULL), WSAEFAULT);
    CHECK(!AcceptEx(listener, s, output, 0, 32, 32, &n, &ov) && WSAGetLastError() == ERROR_IO_PENDING);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    WSACloseEvent(ov.hEvent);
    closesocket(client);
    closesocket(s);
    closesocket(listener);
}

struct issuer {
    SOCKET listener, s;
    WSAOVERLAPPED ov;
};

static DWORD WINAPI issue_with_data(void *arg)
{
    struct issuer *i = arg;
    DWORD n;

    CHECK(!AcceptEx(i->listener, i->s, output, 100, 32, 32, &n, &i->ov) && WSAGetLastError() == ERROR_IO_PENDING);
    return 0;
}

/* With a connection waiting, the request went to its accept socket at once, and nobody knew that the thread had issued one. */
static void thread_exit_cancels_a_request_that_waits_for_data(void)
{
    struct sockaddr_in addr;
    struct issuer i = { test_listener(&addr), test_tcp(), { 0 } };
    SOCKET client = dial(&addr);
    HANDLE thread;

    test_overlapped(&i.ov);
    thread = CreateThread(NULL, 0, issue_with_data, &i, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(i.listener, &i.ov, NULL), WSA_OPERATION_ABORTED);
    CloseHandle(thread);
    WSACloseEvent(i.ov.hEvent);
    closesocket(client);
    closesocket(i.s);
    closesocket(i.listener);
}

static DWORD connected_seconds(SOCKET s)
{
    DWORD seconds = 0;
    int len = sizeof seconds;

    getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &len);
    return seconds;
}

/* The last WSACleanup tells nobody: not of a request that waits for data, nor when the accept socket is closed first. */
static void last_cleanup_is_silent(void)
{
    WSADATA data;
    struct sockaddr_in addr;
    SOCKET early = test_tcp(), listener = test_listener(&addr), s = test_tcp(), client;
    WSAOVERLAPPED with_data, without;
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;
    DWORD n;

    test_overlapped(&with_data);
    test_overlapped(&without);
    CHECK(!AcceptEx(listener, s, output, 100, 32, 32, &n, &with_data));
    client = dial(&addr);
    (void)client; /* closed by the clean-up */
    while (connected_seconds(s) == 0xffffffff && GetTickCount64() < end) SwitchToThread();
    CHECK(!AcceptEx(listener, early, output + 200, 0, 0, 56, &n, &without));
    while (WSACleanup() == 0) continue;
    CHECK_EQ(WaitForSingleObject(with_data.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(without.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ((ULONG)with_data.Internal, 0xC0000120);
    CHECK_EQ((ULONG)without.Internal, 0xC0000120);
    WSACloseEvent(with_data.hEvent);
    WSACloseEvent(without.hEvent);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static const struct test_case cases[] = {
    TEST(contexts_may_be_updated_crosswise, "30 SO_UPDATE_ACCEPT_CONTEXT"),
    TEST(accept_socket_of_a_failed_request_is_free, "30 AcceptEx, local length 1…31"),
    TEST(thread_exit_cancels_a_request_that_waits_for_data, "20 §13"),
    TEST(last_cleanup_is_silent, "20 §14 [doc WSACleanup]"),
};

TEST_MAIN(cases)
