/* SPDX-License-Identifier: MIT */
/*
 * primitives - what single operations of the library cost.  No arguments.
 *
 * Every operation is timed in ROUNDS rounds, interleaved with the others; the
 * median, the best and the spread ((max-min)/median) of nanoseconds per
 * operation are printed.  Run it on one CPU (taskset -c 0); on a busy machine
 * the best says more.  Windows API only, so that the same file gives the
 * figures of Wine.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 9, SLICE_MS = 25, ADDRESS = sizeof(struct sockaddr_in) + 16 };

static HANDLE autoreset, manual, stale;
static SOCKET pair[2], listener;
static struct sockaddr_in listener_name;
static unsigned apcs;

static void fatal(const char *what, int err)
{
    fprintf(stderr, "primitives: %s: error %d\n", what, err);
    exit(1);
}

static void must(int good, const char *what)
{
    if (!good) fatal(what, WSAGetLastError());
}

/* ---- events, APCs, handles ---- */

static void set_and_wait(void)
{
    SetEvent(autoreset);
    must(WaitForSingleObject(autoreset, INFINITE) == WAIT_OBJECT_0, "WaitForSingleObject");
}

static void set_and_wsa_wait(void)
{
    HANDLE h[2] = { manual, autoreset };

    WSASetEvent(autoreset);
    must(WSAWaitForMultipleEvents(2, h, FALSE, WSA_INFINITE, TRUE) == WAIT_OBJECT_0 + 1, "WSAWaitForMultipleEvents");
}

static void poll_unset(void)
{
    must(WaitForSingleObject(manual, 0) == WAIT_TIMEOUT, "WaitForSingleObject");
}

static void CALLBACK count_apc(ULONG_PTR arg)
{
    apcs += (unsigned)arg;
}

static void apc_and_sleep(void)
{
    must(QueueUserAPC(count_apc, GetCurrentThread(), 1) != 0, "QueueUserAPC");
    must(SleepEx(0, TRUE) == WAIT_IO_COMPLETION, "SleepEx");
}

static void sleep_without_apc(void)
{
    must(SleepEx(0, TRUE) == 0, "SleepEx");
}

static void create_and_close(void)
{
    HANDLE h = CreateEventW(NULL, TRUE, FALSE, NULL);

    must(h != NULL && CloseHandle(h), "CreateEvent");
}

static void look_up(void)
{
    must(WSAResetEvent(manual), "WSAResetEvent");
}

static void look_up_stale(void)
{
    must(!WSAResetEvent(stale), "WSAResetEvent of a closed handle");
}

/* ---- sockets ---- */

static SOCKET new_socket(void)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);

    must(s != INVALID_SOCKET, "WSASocket");
    return s;
}

static void close_hard(SOCKET s)
{
    struct linger hard = { 1, 0 };

    setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard);
    must(closesocket(s) == 0, "closesocket");
}

static SOCKET connected(void)
{
    SOCKET s = new_socket();

    must(connect(s, (struct sockaddr *)&listener_name, sizeof listener_name) == 0, "connect");
    return s;
}

static void open_and_close(void)
{
    must(closesocket(new_socket()) == 0, "closesocket");
}

static void accept_and_close(void)
{
    SOCKET c = connected(), s = accept(listener, NULL, NULL);

    must(s != INVALID_SOCKET, "accept");
    close_hard(c);
    closesocket(s);
}

static void accept_ex_and_close(void)
{
    static char addresses[2 * ADDRESS];
    OVERLAPPED ov = { 0 };
    DWORD got;
    SOCKET s = new_socket();

    ov.hEvent = autoreset;
    must(!AcceptEx(listener, s, addresses, 0, ADDRESS, ADDRESS, &got, &ov) && WSAGetLastError() == ERROR_IO_PENDING,
         "AcceptEx");
    SOCKET c = connected();
    must(WSAWaitForMultipleEvents(1, &autoreset, FALSE, WSA_INFINITE, FALSE) == WAIT_OBJECT_0, "the accept");
    must(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener) == 0, "update");
    close_hard(c);
    closesocket(s);
}

static char buffer[64];

/* 64 bytes to the other end and taken there, by blocking calls: what the next ones are compared with. */
static void send_and_recv(void)
{
    must(send(pair[0], buffer, sizeof buffer, 0) == sizeof buffer, "send");
    must(recv(pair[1], buffer, sizeof buffer, 0) == sizeof buffer, "recv");
}

static void send_overlapped(OVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF b = { sizeof buffer, buffer };

    must(WSASend(pair[0], &b, 1, NULL, 0, ov, routine) == 0, "WSASend");
}

static void recv_overlapped(OVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF b = { sizeof buffer, buffer };
    DWORD flags = 0;

    must(WSARecv(pair[1], &b, 1, NULL, &flags, ov, routine) == 0 || WSAGetLastError() == WSA_IO_PENDING, "WSARecv");
}

static void pending_recv_with_event(void)
{
    OVERLAPPED in = { 0 };
    DWORD n, flags;

    in.hEvent = autoreset;
    recv_overlapped(&in, NULL);
    must(send(pair[0], buffer, sizeof buffer, 0) == sizeof buffer, "send");
    must(WSAWaitForMultipleEvents(1, &autoreset, FALSE, WSA_INFINITE, FALSE) == WAIT_OBJECT_0, "the receive");
    must(WSAGetOverlappedResult(pair[1], &in, &n, FALSE, &flags) && n == sizeof buffer, "WSAGetOverlappedResult");
}

static unsigned completed;

static void CALLBACK on_completed(DWORD err, DWORD n, LPWSAOVERLAPPED ov, DWORD flags)
{
    (void)ov, (void)flags;
    must(err == 0 && n == sizeof buffer, "a completion");
    completed++;
}

static void pending_recv_with_routine(void)
{
    OVERLAPPED in = { 0 };

    completed = 0;
    recv_overlapped(&in, on_completed);
    must(send(pair[0], buffer, sizeof buffer, 0) == sizeof buffer, "send");
    while (completed < 1) SleepEx(INFINITE, TRUE);
}

/* Both requests complete at once, and notify nevertheless. */
static void both_with_routines(void)
{
    OVERLAPPED in = { 0 }, out = { 0 };

    completed = 0;
    send_overlapped(&out, on_completed);
    recv_overlapped(&in, on_completed);
    while (completed < 2) SleepEx(INFINITE, TRUE);
}

/* ---- the table ---- */

static const struct operation {
    const char *name;
    void (*run)(void);
} operations[] = {
    { "SetEvent + satisfied WaitForSingleObject", set_and_wait },
    { "WSASetEvent + satisfied WSAWaitForMultipleEvents of 2, alertable", set_and_wsa_wait },
    { "WaitForSingleObject(unset, 0)", poll_unset },
    { "QueueUserAPC + SleepEx(0, TRUE)", apc_and_sleep },
    { "SleepEx(0, TRUE), no APC", sleep_without_apc },
    { "CreateEvent + CloseHandle", create_and_close },
    { "WSAResetEvent (handle look-up and an uncontended lock)", look_up },
    { "WSAResetEvent of a stale handle", look_up_stale },
    { "WSASocket + closesocket", open_and_close },
    { "connect + accept + close of both ends", accept_and_close },
    { "AcceptEx + connect + wait + close of both ends", accept_ex_and_close },
    { "send + recv of 64 B", send_and_recv },
    { "pending WSARecv, send, wait for its event, result", pending_recv_with_event },
    { "pending WSARecv, send, SleepEx runs its routine", pending_recv_with_routine },
    { "WSASend + WSARecv that complete at once, routines", both_with_routines },
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static double now_ns(void)
{
    LARGE_INTEGER ticks, per_second;

    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    return (double)ticks.QuadPart * 1e9 / (double)per_second.QuadPart;
}

static double time_one(void (*run)(void))
{
    long n = 0;
    double begun = now_ns(), now;

    do {
        for (int i = 0; i < 20; i++, n++) run();
        now = now_ns();
    } while (now - begun < SLICE_MS * 1e6);
    return (now - begun) / (double)n;
}

static int by_value(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;

    return d < 0 ? -1 : d > 0;
}

static void prepare(void)
{
    WSADATA wsa;
    int len = sizeof listener_name;
    BOOL one = TRUE;

    if (WSAStartup(MAKEWORD(2, 2), &wsa)) fatal("WSAStartup", 0);
    autoreset = CreateEventW(NULL, FALSE, FALSE, NULL);
    manual = CreateEventW(NULL, TRUE, FALSE, NULL);
    stale = CreateEventW(NULL, TRUE, FALSE, NULL);
    must(autoreset && manual && stale && CloseHandle(stale), "CreateEvent");
    listener = new_socket();
    listener_name.sin_family = AF_INET;
    listener_name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(listener, (struct sockaddr *)&listener_name, sizeof listener_name) == 0, "bind");
    must(listen(listener, SOMAXCONN) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&listener_name, &len) == 0, "getsockname");
    pair[0] = connected();
    pair[1] = accept(listener, NULL, NULL);
    must(pair[1] != INVALID_SOCKET, "accept");
    for (int i = 0; i < 2; i++) setsockopt(pair[i], IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof one);
}

int main(void)
{
    static double ns[OPERATIONS][ROUNDS];

    prepare();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < OPERATIONS; i++) ns[i][round] = time_one(operations[i].run);
    }
    printf("| operation | ns (median) | best | spread %% |\n|---|--:|--:|--:|\n");
    for (int i = 0; i < OPERATIONS; i++) {
        qsort(ns[i], ROUNDS, sizeof ns[i][0], by_value);
        double median = ns[i][ROUNDS / 2], best = ns[i][0], worst = ns[i][ROUNDS - 1];
        printf("| %s | %.0f | %.0f | %.0f |\n", operations[i].name, median, best, (worst - best) / median * 100);
    }
    return apcs == 0;
}
