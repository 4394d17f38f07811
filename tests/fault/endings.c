/* SPDX-License-Identifier: MIT */
/* endings.c - every failure while pending requests are ended: cancelled, closed, left by their thread, cleaned up. */
#include "sweep.h"

enum { SIZE = 100 };

static struct sockaddr_in address;
static SOCKET pair[2], listener;
static struct request *pending;

/* The result of a request that something has ended. */
static int ended_by_cancelling(struct request *r)
{
    DWORD n, flags;

    if (!await_notice(r)) return 0;
    EXPECT((ULONG)r->ov.Internal == 0xC0000120u || sweep_may_fail());
    EXPECT(!WSAGetOverlappedResult(r->s, &r->ov, &n, FALSE, &flags));
    return 1;
}

static int pend_receive(SOCKET s, enum how how, struct request **ret)
{
    return (*ret = new_request(s, how, SIZE, 1)) && start_recv(*ret, 0);
}

/* ---- cancelling ---- */

static void cancel_one(void)
{
    struct request *r[3];

    if (!make_pair(pair)) return;
    for (int i = 0; i < 3; i++)
        if (!pend_receive(pair[1], i % 2 ? BY_ROUTINE : BY_EVENT, &r[i])) return;
    TRY(CancelIoEx((HANDLE)pair[1], &r[1]->ov));
    if (!ended_by_cancelling(r[1])) return;
    EXPECT(!CancelIoEx((HANDLE)pair[1], &r[1]->ov) && GetLastError() == ERROR_NOT_FOUND);
    EXPECT(!HasOverlappedIoCompleted(&r[0]->ov) && !HasOverlappedIoCompleted(&r[2]->ov));
    fill(r[1]->data, SIZE, 0);
    TRY(send(pair[0], r[1]->data, SIZE, 0) > 0);
    if (!await_success(r[0], NULL)) return;
    EXPECT(matches(r[0]->data, (int)r[0]->ov.InternalHigh, 0));
}

static void cancel_own(void)
{
    struct request *r[2];

    if (!make_pair(pair)) return;
    for (int i = 0; i < 2; i++)
        if (!pend_receive(pair[i], i ? BY_ROUTINE : BY_EVENT, &r[i])) return;
    for (int i = 0; i < 2; i++) TRY(CancelIo((HANDLE)pair[i]));
    for (int i = 0; i < 2; i++)
        if (!ended_by_cancelling(r[i])) return;
    EXPECT(CancelIo((HANDLE)pair[0])); /* nothing is left */
}

static int cancel_from_outside(void)
{
    STEP(CancelIoEx((HANDLE)pair[1], NULL));
    return 1;
}

static void cancel_by_another_thread(void)
{
    if (!make_pair(pair) || !pend_receive(pair[1], BY_EVENT, &pending)) return;
    do_later(cancel_from_outside);
    (void)ended_by_cancelling(pending);
}

static void cancel_accept(void)
{
    struct request *r[2];
    SOCKET s;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    if (!(r[0] = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r[0], s, 0)) return;
    TRY(CancelIoEx((HANDLE)listener, &r[0]->ov));
    if (!ended_by_cancelling(r[0])) return;
    /* The accept socket is free again. */
    if (!(r[1] = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r[1], s, 0)) return;
    TRY(make_client(&address) != INVALID_SOCKET);
    (void)await_success(r[1], NULL);
}

static void cancel_accept_that_waits_for_data(void)
{
    struct request *r;
    SOCKET s;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    if (!(r = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r, s, SIZE)) return;
    TRY(make_client(&address) != INVALID_SOCKET);
    EXPECT(WaitForSingleObject(r->ov.hEvent, 3) == WAIT_TIMEOUT || sweep_may_fail());
    if (!CancelIoEx((HANDLE)listener, NULL)) EXPECT(sweep_may_fail());
    (void)ended_by_cancelling(r);
}

/* ---- closing ---- */

static int close_it(void)
{
    EXPECT(closesocket(pair[1]) == 0);
    return 1;
}

static void close_with_receives(void)
{
    struct request *r[4];

    if (!make_pair(pair)) return;
    for (int i = 0; i < 4; i++)
        if (!pend_receive(pair[1], i % 2 ? BY_ROUTINE : BY_EVENT, &r[i])) return;
    EXPECT(close_it());
    for (int i = 0; i < 4; i++)
        if (!await_notice(r[i])) return;
}

static void close_under_a_waiter(void)
{
    if (!make_pair(pair) || !pend_receive(pair[1], BY_EVENT, &pending)) return;
    do_later(close_it);
    if (await_notice(pending)) EXPECT(pending->ov.Internal != 0 && pending->ov.InternalHigh == 0);
}

static void close_under_a_blocking_receive(void)
{
    char byte;

    if (!make_pair(pair)) return;
    do_later(close_it);
    EXPECT(recv(pair[1], &byte, 1, 0) == SOCKET_ERROR);
}

static void close_datagram_socket(void)
{
    struct request *r;
    SOCKET s = make_bound(SOCK_DGRAM, &address);

    if (s == INVALID_SOCKET || !pend_receive(s, BY_EVENT, &r)) return;
    EXPECT(closesocket(s) == 0);
    (void)await_notice(r);
}

static void close_listener(void)
{
    struct request *r[2];
    SOCKET s[2];

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    for (int i = 0; i < 2; i++) {
        TRY((s[i] = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
        if (!(r[i] = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r[i], s[i], i ? SIZE : 0)) return;
    }
    EXPECT(closesocket(listener) == 0);
    for (int i = 0; i < 2; i++)
        if (!await_notice(r[i])) return;
}

static void close_accept_socket(void)
{
    struct request *r;
    SOCKET s;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    for (int i = 0; i < 2; i++) {
        TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
        if (!(r = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r, s, SIZE)) return;
        if (i) TRY(make_client(&address) != INVALID_SOCKET); /* with a connection, and without */
        EXPECT(closesocket(s) == 0);
        if (!await_notice(r)) return;
    }
}

static void close_with_queued_sends(void)
{
    struct request *r[2];
    int size = 2048;

    if (!make_pair(pair)) return;
    TRY(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, (char *)&size, sizeof size) == 0);
    for (int i = 0; i < 2; i++)
        if (!(r[i] = new_request(pair[0], i ? BY_ROUTINE : BY_EVENT, DATA_MAX, 1)) || !start_send(r[i])) return;
    TRY(shutdown(pair[0], SD_SEND) == 0); /* behind them */
    EXPECT(closesocket(pair[0]) == 0);
    for (int i = 0; i < 2; i++)
        if (!await_notice(r[i])) return;
}

static void reset_by_the_peer(void)
{
    struct linger hard = { 1, 0 };
    struct request *r;
    DWORD n, flags;

    if (!make_pair(pair) || !pend_receive(pair[1], BY_EVENT, &r)) return;
    TRY(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard) == 0);
    EXPECT(closesocket(pair[0]) == 0);
    if (!await_notice(r)) return;
    EXPECT(!WSAGetOverlappedResult(pair[1], &r->ov, &n, FALSE, &flags) || fault_was(FAULT_SETSOCKOPT));
}

static void lingering_close(void)
{
    struct linger one_second = { 1, 1 };

    if (!make_pair(pair)) return;
    TRY(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, (char *)&one_second, sizeof one_second) == 0);
    TRY(send(pair[0], "x", 1, 0) == 1);
    EXPECT(closesocket(pair[0]) == 0);
}

/* ---- the end of a thread ---- */

static DWORD WINAPI issue_and_end(LPVOID how)
{
    int done = pend_receive(pair[1], (enum how)(ULONG_PTR)how, &pending);

    if (done && pending->how == BY_ROUTINE) pending->orphaned = 1;
    return (DWORD)done;
}

/* A thread without memory for its own block cannot wait: memory comes back then. */
static int run_thread(LPTHREAD_START_ROUTINE start, LPVOID arg)
{
    HANDLE h = own_handle(CreateThread(NULL, 0, start, arg, 0, NULL));
    DWORD code = 0;

    STEP(h != NULL);
    while (WaitForSingleObject(h, WAIT_MS) == WAIT_FAILED && EXPECT(fault_was(FAULT_ALLOC))) (void)fault_disarm();
    EXPECT(GetExitCodeThread(h, &code) && code != STILL_ACTIVE);
    return (int)code;
}

static void thread_leaves_an_event(void)
{
    if (!make_pair(pair)) return;
    if (run_thread(issue_and_end, (LPVOID)BY_EVENT)) (void)ended_by_cancelling(pending);
}

static void thread_leaves_a_routine(void)
{
    if (!make_pair(pair)) return;
    if (!run_thread(issue_and_end, (LPVOID)BY_ROUTINE)) return;
    EXPECT(HasOverlappedIoCompleted(&pending->ov) && pending->told == 0);
}

static DWORD WINAPI accept_and_end(LPVOID accept_socket)
{
    pending = new_request(listener, BY_EVENT, 0, 0);
    return pending && start_accept(pending, (SOCKET)accept_socket, 0);
}

static void thread_leaves_an_accept(void)
{
    SOCKET s;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    if (run_thread(accept_and_end, (LPVOID)s)) (void)ended_by_cancelling(pending);
}

/* What another thread has issued in the poller of one that ends goes on. */
static struct request *of_the_other;

static DWORD WINAPI issue_first(LPVOID go)
{
    DWORD done = (DWORD)pend_receive(pair[1], BY_EVENT, &pending);

    SetEvent((HANDLE)go);
    if (done) WaitForSingleObject(pending->ov.hEvent, 5);
    return done;
}

static void thread_leaves_its_poller(void)
{
    HANDLE go, h;
    DWORD code = 0;

    TRY((go = own_handle(CreateEventW(NULL, TRUE, FALSE, NULL))) != NULL);
    if (!make_pair(pair)) return;
    TRY((h = own_handle(CreateThread(NULL, 0, issue_first, go, 0, NULL))) != NULL);
    while (WaitForSingleObject(go, WAIT_MS) == WAIT_FAILED && EXPECT(fault_was(FAULT_ALLOC))) (void)fault_disarm();
    int issued = pend_receive(pair[1], BY_EVENT, &of_the_other);
    EXPECT(WaitForSingleObject(h, WAIT_MS) == WAIT_OBJECT_0 && GetExitCodeThread(h, &code));
    if (!code || !issued) return;
    TRY(send(pair[0], "x", 1, 0) == 1);
    (void)await_success(of_the_other, NULL);
}

/* ---- the end of everything ---- */

static void clean_up(void)
{
    struct request *r[2];
    WSADATA data;

    if (!make_pair(pair)) return;
    for (int i = 0; i < 2; i++)
        if (!pend_receive(pair[i], i ? BY_ROUTINE : BY_EVENT, &r[i])) return;
    EXPECT(WSACleanup() == 0);
    for (int i = 0; i < 2; i++) {
        EXPECT(HasOverlappedIoCompleted(&r[i]->ov) && r[i]->told == 0);
        r[i]->accepted = 0; /* its status is written, but nobody is told */
    }
    EXPECT(closesocket(pair[0]) == SOCKET_ERROR && WSAGetLastError() == WSANOTINITIALISED);
    EXPECT(WSAStartup(MAKEWORD(2, 2), &data) == 0);
}

static const struct scenario scenarios[] = {
    SCENARIO(cancel_one),
    SCENARIO(cancel_own),
    SCENARIO(cancel_by_another_thread),
    SCENARIO(cancel_accept),
    SCENARIO(cancel_accept_that_waits_for_data),
    SCENARIO(close_with_receives),
    SCENARIO(close_under_a_waiter),
    SCENARIO(close_under_a_blocking_receive),
    SCENARIO(close_datagram_socket),
    SCENARIO(close_listener),
    SCENARIO(close_accept_socket),
    SCENARIO(close_with_queued_sends),
    SCENARIO(reset_by_the_peer),
    SCENARIO(lingering_close),
    SCENARIO(thread_leaves_an_event),
    SCENARIO(thread_leaves_a_routine),
    SCENARIO(thread_leaves_an_accept),
    SCENARIO(thread_leaves_its_poller),
    SCENARIO(clean_up),
};
SWEEP_MAIN(scenarios, FAULT_CLOSE, FAULT_ALLOC, FAULT_EPOLL_ADD)
