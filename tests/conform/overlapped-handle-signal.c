/* SPDX-License-Identifier: MIT */
/*
 * overlapped-handle-signal.c - the order of effects at completion, and the
 * rule that a socket is itself the event of requests that have none.
 */
#include "test.h"

enum { ROUNDS = 300, UNTOUCHED = 0x5eadbeef };

static int post_recv(SOCKET s, void *data, ULONG len, WSAOVERLAPPED *ov)
{
    WSABUF buf = { len, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, NULL) ? WSAGetLastError() : 0;
}

static int post_send(SOCKET s, WSAOVERLAPPED *ov)
{
    WSABUF buf = { 5, (char *)"hello" };

    return WSASend(s, &buf, 1, NULL, 0, ov, NULL) ? WSAGetLastError() : 0;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* ---- order of effects ---- */

/* A thread that sends one numbered message each time that go is set. */
struct sender {
    SOCKET s;
    struct sockaddr_in to; /* sin_family 0: a connected stream */
    HANDLE go;
    int rounds;
};

static DWORD WINAPI send_numbers(void *arg)
{
    struct sender *m = arg;
    int i;

    for (i = 0; i < m->rounds; i++) {
        if (!CHECK_EQ(WaitForSingleObject(m->go, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
        if (m->to.sin_family)
            CHECK_EQ(sendto(m->s, (char *)&i, sizeof i, 0, (struct sockaddr *)&m->to, sizeof m->to), 4);
        else CHECK_EQ(send(m->s, (char *)&i, sizeof i, 0), 4);
    }
    return 0;
}

static HANDLE start_sender(struct sender *m)
{
    m->go = CreateEventW(NULL, FALSE, FALSE, NULL);
    m->rounds = ROUNDS;
    return CreateThread(NULL, 0, send_numbers, m, 0, NULL);
}

static void end_sender(struct sender *m, HANDLE thread)
{
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(m->go);
}

/* Looks at Internal alone until it is final. */
static int spin_until_final(const WSAOVERLAPPED *ov)
{
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;

    while (!HasOverlappedIoCompleted(ov)) {
        if (GetTickCount64() > end) return CHECK(!"the request must complete");
    }
    return 1;
}

static void final_status_comes_after_count_and_data(void)
{
    struct sender m = { 0 };
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    int i, value;

    REQUIRE(test_pair(s));
    m.s = s[1];
    test_overlapped(&ov);
    thread = start_sender(&m);
    for (i = 0; i < ROUNDS; i++) {
        value = -1;
        ov.InternalHigh = UNTOUCHED;
        CHECK_EQ(post_recv(s[0], &value, sizeof value, &ov), WSA_IO_PENDING);
        SetEvent(m.go);
        if (!spin_until_final(&ov)) break;
        if (!CHECK_EQ(ov.InternalHigh, 4) || !CHECK_EQ(ov.Internal, 0) || !CHECK_EQ(value, i)) break;
        CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    }
    end_sender(&m, thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static void final_status_comes_after_the_sender_address(void)
{
    struct sender m = { 0 };
    struct sockaddr_in from;
    SOCKET s = test_udp(&m.to);
    WSAOVERLAPPED ov;
    HANDLE thread;
    DWORD flags;
    int i, value, fromlen;
    WSABUF buf = { sizeof value, (char *)&value };

    m.s = s;
    test_overlapped(&ov);
    thread = start_sender(&m);
    for (i = 0; i < ROUNDS; i++) {
        memset(&from, 0, sizeof from);
        flags = 0;
        fromlen = sizeof from;
        CHECK_EQ(WSARecvFrom(s, &buf, 1, NULL, &flags, (struct sockaddr *)&from, &fromlen, &ov, NULL), SOCKET_ERROR);
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        SetEvent(m.go);
        if (!spin_until_final(&ov)) break;
        if (!CHECK_EQ(from.sin_port, m.to.sin_port) || !CHECK_EQ(fromlen, sizeof from) || !CHECK_EQ(value, i)) break;
        CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    }
    end_sender(&m, thread);
    closesocket(s);
    WSACloseEvent(ov.hEvent);
}

static void signalled_event_means_final_status_count_and_data(void)
{
    struct sender m = { 0 };
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE thread;
    int i, value;

    REQUIRE(test_pair(s));
    m.s = s[1];
    test_overlapped(&ov);
    thread = start_sender(&m);
    for (i = 0; i < ROUNDS; i++) {
        value = -1;
        CHECK_EQ(post_recv(s[0], &value, sizeof value, &ov), WSA_IO_PENDING);
        SetEvent(m.go);
        if (!CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0)) break;
        if (!CHECK_EQ(ov.Internal, 0) || !CHECK_EQ(ov.InternalHigh, 4) || !CHECK_EQ(value, i)) break;
    }
    end_sender(&m, thread);
    close_pair(s);
    WSACloseEvent(ov.hEvent);
}

static int routine_saw, value_received;

static void CALLBACK look_inside(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)flags;
    CHECK_EQ(error, 0);
    CHECK_EQ(count, 4);
    CHECK_EQ(ov->Internal, 0);
    CHECK_EQ(ov->InternalHigh, 4);
    routine_saw = value_received;
}

static void running_routine_means_final_status_count_and_data(void)
{
    struct sender m = { 0 };
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    WSABUF buf = { sizeof value_received, (char *)&value_received };
    HANDLE thread;
    DWORD flags;
    int i;

    REQUIRE(test_pair(s));
    m.s = s[1];
    thread = start_sender(&m);
    for (i = 0; i < ROUNDS; i++) {
        routine_saw = value_received = -1;
        flags = 0;
        CHECK_EQ(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, look_inside), SOCKET_ERROR);
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        SetEvent(m.go);
        if (!CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION)) break;
        if (!CHECK_EQ(routine_saw, i)) break;
    }
    end_sender(&m, thread);
    close_pair(s);
}

/* ---- the socket as event ---- */

static void socket_is_signalled_by_each_completion_without_event(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < 3; i++) { /* issuing resets it, completion sets it */
        CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
        CHECK_EQ(WaitForSingleObject((HANDLE)s[0], i ? 0 : QUIET_MS), WAIT_TIMEOUT);
        CHECK(!HasOverlappedIoCompleted(&ov));
        CHECK(test_send_all(s[1], "hello", 5));
        CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_EQ(ov.Internal, 0);
        CHECK_EQ(ov.InternalHigh, 5);
        CHECK_EQ(WaitForSingleObject((HANDLE)s[0], 0), WAIT_OBJECT_0); /* a wait does not consume it */
    }
    close_pair(s);
}

static void socket_is_signalled_by_a_request_done_at_once(void)
{
    SOCKET s[2];
    WSAOVERLAPPED in = { 0 }, out = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    CHECK_EQ(post_recv(s[0], data, sizeof data, &in), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], 0), WAIT_TIMEOUT);
    post_send(s[0], &out); /* the signal cannot tell the two requests apart */
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(out.Internal, 0);
    CHECK(!HasOverlappedIoCompleted(&in));
    CHECK_EQ(shutdown(s[1], SD_SEND), 0);
    CHECK(spin_until_final(&in));
    close_pair(s);
}

static void request_with_an_event_does_not_signal_the_socket(void)
{
    SOCKET s[2];
    WSAOVERLAPPED bare = { 0 }, with;
    char one[1], rest[8];

    REQUIRE(test_pair(s));
    test_overlapped(&with);
    CHECK_EQ(post_recv(s[0], rest, sizeof rest, &bare), WSA_IO_PENDING);
    CHECK_EQ(post_send(s[0], &with), 0);
    CHECK_EQ(WaitForSingleObject(with.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], QUIET_MS), WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "x", 1));
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0);

    CHECK_EQ(post_recv(s[0], one, sizeof one, &bare), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[0], rest, sizeof rest, &with), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], 0), WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(WaitForSingleObject(with.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject((HANDLE)s[0], DEADLINE_MS), WAIT_OBJECT_0); /* by the first receive */
    close_pair(s);
    WSACloseEvent(with.hEvent);
}

static void listener_is_the_event_of_its_accepts(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov = { 0 };
    char block[128];

    CHECK(!AcceptEx(listener, taker, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject((HANDLE)listener, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(WaitForSingleObject((HANDLE)listener, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(ov.Internal, 0);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
}

static void sockets_and_events_wait_together(void)
{
    SOCKET s[2];
    WSAOVERLAPPED bare = { 0 }, with;
    char one[8], two[8];
    HANDLE both[2];

    REQUIRE(test_pair(s));
    test_overlapped(&with);
    CHECK_EQ(post_recv(s[0], one, sizeof one, &bare), WSA_IO_PENDING);
    CHECK_EQ(post_recv(s[1], two, sizeof two, &with), WSA_IO_PENDING);
    both[0] = (HANDLE)s[0];
    both[1] = with.hEvent;
    CHECK_EQ(WSAWaitForMultipleEvents(2, both, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK_EQ(send(s[0], "to one", 6, 0), 6);
    CHECK_EQ(WSAWaitForMultipleEvents(2, both, FALSE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0 + 1);
    CHECK_EQ(WSAWaitForMultipleEvents(2, both, TRUE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK_EQ(send(s[1], "to nil", 6, 0), 6);
    CHECK_EQ(WSAWaitForMultipleEvents(2, both, TRUE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(bare.Internal, 0);
    CHECK_EQ(with.Internal, 0);
    close_pair(s);
    WSACloseEvent(with.hEvent);
}

static DWORD WINAPI send_later(void *arg)
{
    SOCKET *s = arg;

    Sleep(QUIET_MS); /* lets the wait begin first most times; either order is right */
    CHECK_EQ(send(s[1], "hello", 5, 0), 5);
    return 0;
}

static void results_wait_on_the_socket_when_there_is_no_event(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    HANDLE thread;
    char data[8];
    DWORD n = 0, flags = 0;
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < 2; i++) {
        CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
        thread = CreateThread(NULL, 0, send_later, s, 0, NULL);
        n = 0;
        if (i) CHECK(GetOverlappedResult((HANDLE)s[0], &ov, &n, TRUE));
        else CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
        CHECK_EQ(n, 5);
        CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
        CloseHandle(thread);
    }
    close_pair(s);
}

/* ---- manual- and auto-reset events ---- */

static void completion_sets_either_kind_of_event(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    int manual;

    REQUIRE(test_pair(s));
    for (manual = 0; manual < 2; manual++) {
        ov.hEvent = CreateEventW(NULL, manual, FALSE, NULL);
        CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
        CHECK(test_send_all(s[1], "x", 1));
        CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), manual ? WAIT_OBJECT_0 : WAIT_TIMEOUT);
        CloseHandle(ov.hEvent);
    }
    close_pair(s);
}

static void results_of_a_consumed_event_do_not_wait(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];
    DWORD n = 0, flags = 0;

    REQUIRE(test_pair(s));
    ov.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(post_recv(s[0], data, sizeof data, &ov), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(GetOverlappedResult((HANDLE)s[0], &ov, &n, TRUE)); /* would hang if it waited */
    CHECK_EQ(n, 5);
    n = 0;
    CHECK(WSAGetOverlappedResult(s[0], &ov, &n, TRUE, &flags));
    CHECK_EQ(n, 5);
    close_pair(s);
    CloseHandle(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(final_status_comes_after_count_and_data, "20 §4 1 before 2"),
    TEST(final_status_comes_after_the_sender_address, "20 §4 output pointers before the status"),
    TEST(signalled_event_means_final_status_count_and_data, "20 §4 1 and 2 before 3"),
    TEST(running_routine_means_final_status_count_and_data, "20 §4 1 and 2 before 4"),
    TEST(socket_is_signalled_by_each_completion_without_event, "20 §4 handle as event [obs]"),
    TEST(socket_is_signalled_by_a_request_done_at_once, "20 §4 cannot tell requests apart [known]"),
    TEST(request_with_an_event_does_not_signal_the_socket, "20 §4 event or handle"),
    TEST(listener_is_the_event_of_its_accepts, "20 §4 handle as event"),
    TEST(sockets_and_events_wait_together, "20 §4 handle as event; 10"),
    TEST(results_wait_on_the_socket_when_there_is_no_event, "20 §4 GetOverlappedResult waits on the handle [obs]"),
    TEST(completion_sets_either_kind_of_event, "20 §4 manual- or auto-reset [impl]"),
    TEST(results_of_a_consumed_event_do_not_wait, "20 §4 a final status is returned without waiting [impl]"),
};

TEST_MAIN(cases)
