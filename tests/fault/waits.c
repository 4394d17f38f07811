/* SPDX-License-Identifier: MIT */
/* waits.c - every failure of events, threads, APCs, waits and select. */
#include "sweep.h"

#include <lapwing.h>

/* ---- events ---- */

static void event(void)
{
    HANDLE h = own_handle(CreateEventW(NULL, TRUE, FALSE, NULL));

    TRY(h != NULL);
    TRY(WaitForSingleObject(h, 0) == WAIT_TIMEOUT);
    EXPECT(SetEvent(h));
    TRY(WaitForSingleObject(h, WAIT_MS) == WAIT_OBJECT_0);
    EXPECT(ResetEvent(h));
}

static void named_event(void)
{
    HANDLE h = own_handle(CreateEventA(NULL, FALSE, TRUE, "fault sweep")), same, other;

    TRY(h != NULL);
    TRY((same = own_handle(OpenEventA(EVENT_ALL_ACCESS, FALSE, "fault sweep"))) != NULL);
    TRY((other = own_handle(CreateEventA(NULL, FALSE, FALSE, "another"))) != NULL);
    TRY(WaitForSingleObject(same, 0) == WAIT_OBJECT_0);
    TRY(WaitForSingleObject(h, 0) == WAIT_TIMEOUT);
    EXPECT(OpenEventA(EVENT_ALL_ACCESS, FALSE, "none of this name") == NULL);
}

static void many_events(void)
{
    HANDLE h[16];

    for (int i = 0; i < 16; i++) TRY((h[i] = own_handle(CreateEventW(NULL, FALSE, FALSE, NULL))) != NULL);
    EXPECT(SetEvent(h[9]));
    TRY(WaitForMultipleObjects(16, h, FALSE, WAIT_MS) == WAIT_OBJECT_0 + 9);
    TRY(WaitForMultipleObjects(16, h, FALSE, 1) == WAIT_TIMEOUT);
    for (int i = 0; i < 16; i++) EXPECT(SetEvent(h[i]));
    TRY(WaitForMultipleObjects(16, h, TRUE, WAIT_MS) == WAIT_OBJECT_0);
}

static void duplicate(void)
{
    HANDLE h = own_handle(CreateEventW(NULL, TRUE, TRUE, NULL)), copy = NULL;

    TRY(h != NULL);
    TRY(DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    own_handle(copy);
    TRY(WaitForSingleObject(copy, 0) == WAIT_OBJECT_0);
}

/* ---- threads ---- */

/* A thread without memory for its own block cannot wait at all: it asks until the driver gives memory back. */
static void await_end(HANDLE h)
{
    int tries = 0;

    while (WaitForSingleObject(h, WAIT_MS) == WAIT_FAILED && EXPECT(fault_was(FAULT_ALLOC))) {
        if (tries++ == 1000) (void)fault_disarm();
        SwitchToThread();
    }
}

static HANDLE gate;

static DWORD WINAPI pass_gate(LPVOID arg)
{
    DWORD result = WaitForSingleObject(gate, WAIT_MS);

    return result == WAIT_OBJECT_0 ? (DWORD)(ULONG_PTR)arg : 0;
}

static void threads(void)
{
    enum { MANY = 3 };
    HANDLE h[MANY];
    DWORD id = 0, code = 0, made = 0;

    TRY((gate = own_handle(CreateEventW(NULL, TRUE, FALSE, NULL))) != NULL);
    for (; made < MANY; made++) {
        h[made] = own_handle(CreateThread(NULL, 0, pass_gate, (LPVOID)(ULONG_PTR)(made + 1), 0, &id));
        if (!h[made]) break;
        EXPECT(id != 0);
    }
    DWORD error = GetLastError();
    EXPECT(SetEvent(gate)); /* also for those that there are when one could not be made */
    for (DWORD i = 0; i < made; i++) {
        await_end(h[i]);
        EXPECT(GetExitCodeThread(h[i], &code) && code != STILL_ACTIVE);
    }
    SetLastError(error);
    TRY(made == MANY);
    TRY(WaitForMultipleObjects(MANY, h, TRUE, 0) == WAIT_OBJECT_0);
}

static void suspended_thread(void)
{
    HANDLE h;
    DWORD code = 0;

    TRY((gate = own_handle(CreateEventW(NULL, TRUE, TRUE, NULL))) != NULL);
    TRY((h = own_handle(CreateThread(NULL, 0, pass_gate, (LPVOID)7, CREATE_SUSPENDED, NULL))) != NULL);
    EXPECT(ResumeThread(h) == 1);
    await_end(h);
    EXPECT(GetExitCodeThread(h, &code) && (code == 7 || (code == 0 && fault_fired() > 0)));
}

/* ---- APCs ---- */

static int ran;

static void CALLBACK count_apc(ULONG_PTR data)
{
    ran += (int)data;
}

static void apcs(void)
{
    int queued = 0;

    ran = 0;
    for (int i = 0; i < 5; i++) {
        if (!QueueUserAPC(count_apc, GetCurrentThread(), 1)) break;
        queued++;
    }
    DWORD error = GetLastError();
    if (queued > 0) EXPECT(SleepEx(WAIT_MS, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(ran == queued);
    /* Without memory for the thread's own block the pseudo handle is no handle. */
    SetLastError(error == ERROR_INVALID_HANDLE && queued == 0 ? ERROR_NOT_ENOUGH_MEMORY : error);
    TRY(queued == 5);
}

static DWORD WINAPI sleep_alertably(LPVOID unused)
{
    (void)unused;
    EXPECT(SetEvent(gate));
    return SleepEx(WAIT_MS, TRUE);
}

static void apc_for_another_thread(void)
{
    HANDLE h;
    DWORD code = 0;

    ran = 0;
    TRY((gate = own_handle(CreateEventW(NULL, TRUE, FALSE, NULL))) != NULL);
    TRY((h = own_handle(CreateThread(NULL, 0, sleep_alertably, NULL, 0, NULL))) != NULL);
    await_end(gate); /* else it would run before the thread's own start */
    DWORD queued = QueueUserAPC(count_apc, h, 1), error = GetLastError();
    if (!queued) {
        (void)fault_disarm();
        EXPECT(QueueUserAPC(count_apc, h, 1));
    }
    await_end(h);
    EXPECT(GetExitCodeThread(h, &code) && code == WAIT_IO_COMPLETION);
    SetLastError(error);
    TRY(queued);
}

static void sleeping(void)
{
    ULONGLONG start = GetTickCount64();

    Sleep(3);
    EXPECT(GetTickCount64() - start >= 2 || fault_fired() > 0);
    EXPECT(SleepEx(1, TRUE) == 0);
    Sleep(0);
}

/* ---- who waits beside the attendant ---- */

static SOCKET pair[2];
static struct request *first_request;

static int wait_beside(void)
{
    /* The thread that issued the request attends; this one waits for the same event. */
    return WaitForSingleObject(first_request->ov.hEvent, WAIT_MS) == WAIT_OBJECT_0 || sweep_step(0, "wait beside");
}

static int send_a_little_later(void)
{
    Sleep(3);
    STEP(send(pair[0], "x", 1, 0) == 1);
    return 1;
}

static void two_wait_for_one_request(void)
{
    if (!make_pair(pair)) return;
    if (!(first_request = new_request(pair[1], BY_EVENT, 1, 1)) || !start_recv(first_request, 0)) return;
    do_later(wait_beside);
    do_later(send_a_little_later);
    (void)await_success(first_request, NULL);
}

static int send_now(void)
{
    STEP(send(pair[0], "x", 1, 0) == 1);
    return 1;
}

/* Alertable waits for other things attend the thread's own requests. */
static void a_request_completes_during_another_wait(void)
{
    struct request *r;
    HANDLE h;

    TRY((h = own_handle(CreateEventW(NULL, TRUE, FALSE, NULL))) != NULL);
    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_ROUTINE, 1, 1)) || !start_recv(r, 0)) return;
    do_later(send_now);
    DWORD result = WaitForSingleObjectEx(h, WAIT_MS, TRUE);
    TRY(result == WAIT_IO_COMPLETION);
    EXPECT(r->told == 1);
}

static void result_with_a_wait(void)
{
    struct request *r;
    DWORD n = 0, flags;

    if (!make_pair(pair)) return;
    if (!(r = new_request(pair[1], BY_EVENT, 1, 1)) || !start_recv(r, 0)) return;
    do_later(send_now);
    TRY(WSAGetOverlappedResult(pair[1], &r->ov, &n, TRUE, &flags));
}

/* ---- select ---- */

static void select_of_several(void)
{
    fd_set readable;
    struct timeval timeout = { 0, 500000 }, now = { 0, 0 };
    char byte;

    if (!make_pair(pair)) return;
    FD_ZERO(&readable);
    FD_SET(pair[0], &readable);
    FD_SET(pair[1], &readable);
    TRY(select(0, &readable, NULL, NULL, &now) == 0);
    do_later(send_now);
    FD_SET(pair[0], &readable);
    FD_SET(pair[1], &readable);
    TRY(select(0, &readable, NULL, NULL, &timeout) == 1);
    EXPECT(FD_ISSET(pair[1], &readable));
    TRY(recv(pair[1], &byte, 1, 0) == 1);
    timeout = (struct timeval){ 0, 3000 };
    FD_SET(pair[1], &readable);
    TRY(select(0, &readable, NULL, NULL, &timeout) == 0);
}

static void select_while_a_request_completes(void)
{
    struct request *r;
    fd_set readable;
    struct timeval timeout = { 0, 20000 };
    SOCKET other[2];

    if (!make_pair(pair) || !make_pair(other)) return;
    if (!(r = new_request(pair[1], BY_ROUTINE, 1, 1)) || !start_recv(r, 0)) return;
    do_later(send_now);
    FD_ZERO(&readable);
    FD_SET(other[0], &readable);
    TRY(select(0, &readable, NULL, NULL, &timeout) == 0);
    (void)await_success(r, NULL);
}

/* ---- both worlds ---- */

static void descriptor_of_a_socket(void)
{
    SOCKET s = make_socket(SOCK_STREAM);

    if (s == INVALID_SOCKET) return;
    int fd = lapwing_socket_to_fd(s);
    if (fd < 0) {
        EXPECT(fault_fired() > 0 && WSAGetLastError() == WSAEMFILE);
        return;
    }
    EXPECT(lapwing_socket_to_fd(s) == fd);
}

static const struct scenario scenarios[] = {
    SCENARIO(event),
    SCENARIO(named_event),
    SCENARIO(many_events),
    SCENARIO(duplicate),
    SCENARIO(threads),
    SCENARIO(suspended_thread),
    SCENARIO(apcs),
    SCENARIO(apc_for_another_thread),
    SCENARIO(sleeping),
    SCENARIO(two_wait_for_one_request),
    SCENARIO(a_request_completes_during_another_wait),
    SCENARIO(result_with_a_wait),
    SCENARIO(select_of_several),
    SCENARIO(select_while_a_request_completes),
    SCENARIO(descriptor_of_a_socket),
};
SWEEP_MAIN(scenarios, FAULT_ALLOC, FAULT_FUTEX_WAIT, FAULT_EPOLL_WAIT, FAULT_POLL)
