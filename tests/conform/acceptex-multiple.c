/* SPDX-License-Identifier: MIT */
/* acceptex-multiple.c - several AcceptEx pending on one listener, and accept() beside them. */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)
#define DATA 16
#define MANY 40

#define CHECK_PENDS(call) (CHECK(!(call)), CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING))

struct slot {
    SOCKET taken, client;
    WSAOVERLAPPED ov;
    char buf[DATA + 2 * AREA];
};

static struct slot slots[MANY];
static SOCKET listener;
static struct sockaddr_in addr;

static void begin(int count)
{
    int i;

    listener = test_listener(&addr);
    memset(slots, 0, sizeof slots);
    for (i = 0; i < count; i++) {
        slots[i].taken = test_tcp();
        slots[i].client = INVALID_SOCKET;
        test_overlapped(&slots[i].ov);
    }
}

static void issue(int i, DWORD data_len)
{
    struct slot *s = &slots[i];

    CHECK_PENDS(AcceptEx(listener, s->taken, s->buf, data_len, AREA, AREA, NULL, &s->ov));
}

static SOCKET dial(void)
{
    SOCKET s = test_tcp();

    CHECK(connect(s, (struct sockaddr *)&addr, sizeof addr) == 0);
    return s;
}

static void end(int count)
{
    int i;

    closesocket(listener);
    for (i = 0; i < count; i++) {
        closesocket(slots[i].taken);
        if (slots[i].client != INVALID_SOCKET) closesocket(slots[i].client);
        WSACloseEvent(slots[i].ov.hEvent);
    }
}

static int port_of(SOCKET s)
{
    struct sockaddr_in a;
    int len = sizeof a;

    return CHECK(getsockname(s, (struct sockaddr *)&a, &len) == 0) ? ntohs(a.sin_port) : -1;
}

/* The port of the client whose connection request i has taken. */
static int remote_port(int i, DWORD data_len)
{
    struct sockaddr *local = NULL, *remote = NULL;
    INT n;

    GetAcceptExSockaddrs(slots[i].buf, data_len, AREA, AREA, &local, &n, &remote, &n);
    return CHECK(remote != NULL) ? ntohs(((struct sockaddr_in *)remote)->sin_port) : -2;
}

static void requests_are_served_in_issue_order(void)
{
    int i;

    begin(MANY);
    for (i = 0; i < MANY; i++) issue(i, 0);
    for (i = 0; i < MANY; i++) {
        slots[i].client = dial();
        CHECK_EQ(test_result(listener, &slots[i].ov, NULL), 0);
        CHECK_EQ(remote_port(i, 0), port_of(slots[i].client));
        if (i + 1 < MANY) CHECK(!HasOverlappedIoCompleted(&slots[i + 1].ov));
    }
    end(MANY);
}

static void waiting_connections_are_taken_in_their_order(void)
{
    int i;

    begin(MANY);
    for (i = 0; i < MANY; i++) slots[i].client = dial();
    for (i = 0; i < MANY; i++) issue(i, 0);
    for (i = 0; i < MANY; i++) {
        CHECK_EQ(test_result(listener, &slots[i].ov, NULL), 0);
        CHECK_EQ(remote_port(i, 0), port_of(slots[i].client));
    }
    end(MANY);
}

static void silent_connection_does_not_hold_the_next(void)
{
    DWORD n = 0;

    begin(2);
    issue(0, DATA);
    issue(1, DATA);
    slots[0].client = dial();
    slots[1].client = dial();
    test_send_all(slots[1].client, "second", 6);
    CHECK_EQ(test_result(listener, &slots[1].ov, &n), 0);
    CHECK_EQ(n, 6);
    CHECK_EQ(remote_port(1, DATA), port_of(slots[1].client));
    CHECK(!HasOverlappedIoCompleted(&slots[0].ov));
    test_send_all(slots[0].client, "first", 5);
    CHECK_EQ(test_result(listener, &slots[0].ov, &n), 0);
    CHECK_EQ(n, 5);
    CHECK_EQ(remote_port(0, DATA), port_of(slots[0].client));
    end(2);
}

static void cancelled_request_leaves_the_order_of_the_others(void)
{
    begin(3);
    issue(0, 0);
    issue(1, 0);
    issue(2, 0);
    CHECK(CancelIoEx((HANDLE)listener, &slots[1].ov));
    CHECK_EQ(test_result(listener, &slots[1].ov, NULL), WSA_OPERATION_ABORTED);
    slots[0].client = dial();
    CHECK_EQ(test_result(listener, &slots[0].ov, NULL), 0);
    slots[2].client = dial();
    CHECK_EQ(test_result(listener, &slots[2].ov, NULL), 0);
    CHECK_EQ(remote_port(0, 0), port_of(slots[0].client));
    CHECK_EQ(remote_port(2, 0), port_of(slots[2].client));
    end(3);
}

static void cancel_all_ends_all(void)
{
    int i;

    begin(3);
    for (i = 0; i < 3; i++) issue(i, DATA);
    CHECK(CancelIoEx((HANDLE)listener, NULL));
    for (i = 0; i < 3; i++) CHECK_EQ(test_result(listener, &slots[i].ov, NULL), WSA_OPERATION_ABORTED);
    end(3);
}

static void closing_the_listener_ends_all(void)
{
    int i;

    begin(3);
    for (i = 0; i < 3; i++) issue(i, 0);
    CHECK(closesocket(listener) == 0);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(WaitForSingleObject(slots[i].ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_EQ((ULONG)slots[i].ov.Internal, 0xC0000120);
    }
    listener = test_listener(&addr);
    end(3);
}

static void accept_does_not_see_what_a_request_takes(void)
{
    u_long on = 1;
    SOCKET got;

    begin(1);
    CHECK(ioctlsocket(listener, FIONBIO, &on) == 0);
    issue(0, 0);
    CHECK(accept(listener, NULL, NULL) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    slots[0].client = dial();
    got = accept(listener, NULL, NULL);
    CHECK(got == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK_EQ(test_result(listener, &slots[0].ov, NULL), 0);
    if (got != INVALID_SOCKET) closesocket(got);
    end(1);
}

static DWORD WINAPI accept_in_thread(void *result)
{
    *(SOCKET *)result = accept(listener, NULL, NULL);
    return 0;
}

static void blocked_accept_gets_what_requests_leave(void)
{
    SOCKET got = INVALID_SOCKET, second;
    struct sockaddr_in peer;
    int len = sizeof peer;
    HANDLE thread;

    begin(1);
    issue(0, 0);
    thread = CreateThread(NULL, 0, accept_in_thread, &got, 0, NULL);
    slots[0].client = dial();
    CHECK_EQ(test_result(listener, &slots[0].ov, NULL), 0);
    CHECK_EQ(remote_port(0, 0), port_of(slots[0].client));
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    second = dial();
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(got != INVALID_SOCKET);
    CHECK(getpeername(got, (struct sockaddr *)&peer, &len) == 0);
    CHECK_EQ(ntohs(peer.sin_port), port_of(second));
    CloseHandle(thread);
    closesocket(got);
    closesocket(second);
    end(1);
}

static void accept_and_requests_share_the_queue_of_connections(void)
{
    SOCKET got;
    struct sockaddr_in peer;
    int len = sizeof peer, i;

    begin(3);
    for (i = 0; i < 3; i++) slots[i].client = dial();
    got = accept(listener, (struct sockaddr *)&peer, &len);
    CHECK(got != INVALID_SOCKET);
    CHECK_EQ(ntohs(peer.sin_port), port_of(slots[0].client));
    issue(1, 0);
    CHECK_EQ(test_result(listener, &slots[1].ov, NULL), 0);
    CHECK_EQ(remote_port(1, 0), port_of(slots[1].client));
    closesocket(got);
    got = accept(listener, (struct sockaddr *)&peer, &len);
    CHECK(got != INVALID_SOCKET);
    CHECK_EQ(ntohs(peer.sin_port), port_of(slots[2].client));
    closesocket(got);
    end(3);
}

static void one_listener_does_not_serve_anothers_request(void)
{
    struct sockaddr_in other_addr;
    SOCKET other = test_listener(&other_addr), other_taken = test_tcp();
    char buf[2 * AREA];
    WSAOVERLAPPED ov;

    begin(1);
    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(other, other_taken, buf, 0, AREA, AREA, NULL, &ov));
    issue(0, 0);
    slots[0].client = dial();
    CHECK_EQ(test_result(listener, &slots[0].ov, NULL), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(closesocket(other) == 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(closesocket(other_taken) == 0);
    WSACloseEvent(ov.hEvent);
    end(1);
}

/* A server's loop: the next request is issued when the last has completed, while clients come all at once. */
static void one_request_at_a_time_takes_a_crowd(void)
{
    int i;

    begin(MANY);
    for (i = 0; i < MANY; i++) {
        slots[i].client = dial();
        test_send_all(slots[i].client, "x", 1);
    }
    for (i = 0; i < MANY; i++) {
        DWORD n = 0;

        issue(i, DATA);
        CHECK_EQ(test_result(listener, &slots[i].ov, &n), 0);
        CHECK_EQ(n, 1);
        CHECK_EQ(remote_port(i, DATA), port_of(slots[i].client));
    }
    end(MANY);
}

static const struct test_case cases[] = {
    TEST(requests_are_served_in_issue_order, "30 AcceptEx [obs]"),
    TEST(waiting_connections_are_taken_in_their_order, "30 AcceptEx [obs]"),
    TEST(silent_connection_does_not_hold_the_next, "30 AcceptEx [doc; obs]"),
    TEST(cancelled_request_leaves_the_order_of_the_others, "30 AcceptEx; 20 §11 [doc]"),
    TEST(cancel_all_ends_all, "20 §11 [doc]"),
    TEST(closing_the_listener_ends_all, "20 §12 [obs]"),
    TEST(accept_does_not_see_what_a_request_takes, "30 AcceptEx; 20 §9 [obs]"),
    TEST(blocked_accept_gets_what_requests_leave, "30 AcceptEx; 20 §9 [obs]"),
    TEST(accept_and_requests_share_the_queue_of_connections, "30 AcceptEx; 20 §9"),
    TEST(one_listener_does_not_serve_anothers_request, "30 AcceptEx"),
    TEST(one_request_at_a_time_takes_a_crowd, "30 AcceptEx [obs]"),
};
TEST_MAIN(cases)
