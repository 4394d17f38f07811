/* SPDX-License-Identifier: MIT */
/*
 * routine-server - thousands of connections by completion routines:  routine-server [port [echo]]
 *
 * Serves HTTP, or with "echo" sends every byte back.
 *
 * A completion routine runs on the thread that issued the request, and only while that thread waits alertably.  So one
 * thread does everything, and nothing needs a lock.  The 64 events that a wait can take do not limit the connections:
 * only AcceptEx uses events, because it has no completion routine.  What a connection does is in connection.c.
 *
 *     x86_64-w64-mingw32-gcc -o routine-server.exe *.c -lws2_32
 *     cl routine-server.c connection.c http.c page.c ws2_32.lib
 */
#include <winsock2.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

enum {
    ACCEPTS = 16,                                   /* clients that may arrive while we are busy with others */
    ADDRESS_SIZE = sizeof(struct sockaddr_in) + 16, /* AcceptEx wants 16 bytes more than the address */
    PORT_FIRST = 8080,
    PORT_LAST = 8099,
    TICK_MS = 1000
};

/* One AcceptEx, issued again as soon as it has completed. */
struct acceptor {
    WSAOVERLAPPED ov; /* its hEvent is also events[i] */
    BOOL pending;
    SOCKET s;
    char addresses[2 * ADDRESS_SIZE];
};

static SOCKET listener;
static LPFN_ACCEPTEX accept_ex;
static LPFN_GETACCEPTEXSOCKADDRS get_accept_ex_sockaddrs;
static struct acceptor acceptors[ACCEPTS];
static WSAEVENT events[ACCEPTS];
static HANDLE main_thread;

/* ---- accepting ---- */

/* An acceptor for which this fails (no memory, say) rests until the next tick. */
static void post_accept(struct acceptor *a)
{
    WSAEVENT event = a->ov.hEvent;
    DWORD bytes;

    a->s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (a->s == INVALID_SOCKET) return;
    memset(&a->ov, 0, sizeof a->ov);
    a->ov.hEvent = event;
    /* no room for data: a client that says nothing does not keep the acceptor from the next one */
    a->pending = accept_ex(listener, a->s, a->addresses, 0, ADDRESS_SIZE, ADDRESS_SIZE, &bytes, &a->ov) ||
                 WSAGetLastError() == ERROR_IO_PENDING;
    if (a->pending) counters.issued++;
    else closesocket(a->s);
}

static BOOL start_connection(struct acceptor *a)
{
    struct sockaddr *local = NULL, *peer = NULL;
    int local_length = 0, peer_length = 0;
    BOOL at_once = TRUE;

    get_accept_ex_sockaddrs(a->addresses, 0, ADDRESS_SIZE, ADDRESS_SIZE, &local, &local_length, &peer, &peer_length);
    /* without this the socket can send and receive, but neither be shut down nor take options */
    if (setsockopt(a->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener) != 0) return FALSE;
    setsockopt(a->s, IPPROTO_TCP, TCP_NODELAY, (char *)&at_once, sizeof at_once);
    counters.accepted++;
    return connection_start(a->s, (struct sockaddr_in *)peer, (struct sockaddr_in *)local);
}

static void accepted(struct acceptor *a)
{
    DWORD bytes, flags;
    BOOL ok = WSAGetOverlappedResult(listener, &a->ov, &bytes, FALSE, &flags);

    WSAResetEvent(a->ov.hEvent);
    a->pending = FALSE;
    counters.completed++;
    if (ok && start_connection(a)) post_accept(a);
    else closesocket(a->s); /* the tick tries again: an error that stays must not keep us busy */
}

/* The wait names the first signalled event only; looking at those behind it as well keeps the turns fair. */
static void accept_from(DWORD first)
{
    DWORD i;

    for (i = first; i < ACCEPTS; i++)
        if (WSAWaitForMultipleEvents(1, &events[i], FALSE, 0, FALSE) == WSA_WAIT_EVENT_0) accepted(&acceptors[i]);
}

/* ---- the loop ---- */

static void tick(void)
{
    int i;

    for (i = 0; i < ACCEPTS; i++)
        if (!acceptors[i].pending) post_accept(&acceptors[i]);
    connections_expire();
}

static void run(void)
{
    ULONGLONG next_tick = 0;

    while (!stopping) {
        DWORD result;

        if (GetTickCount64() >= next_tick) {
            tick();
            next_tick = GetTickCount64() + TICK_MS;
        }
        result = WSAWaitForMultipleEvents(ACCEPTS, events, FALSE, TICK_MS, TRUE);
        if (result == WSA_WAIT_FAILED) {
            fprintf(stderr, "routine-server: WSAWaitForMultipleEvents: error %d\n", WSAGetLastError());
            return;
        }
        if (result < WSA_WAIT_EVENT_0 + ACCEPTS) {
            accept_from(result - WSA_WAIT_EVENT_0);
            /* A wait that finds an event signalled runs no routines: while clients keep arriving, this does. */
            SleepEx(0, TRUE);
        }
    }
}

/* ---- start and end ---- */

/* Routines see this at once: a wait does not return while one completion calls for the next. */
static void CALLBACK stop_running(ULONG_PTR unused)
{
    (void)unused;
    stopping = TRUE;
}

/* This is another thread.  The APC runs on ours, in its alertable wait, and ends that wait. */
static BOOL WINAPI on_console_event(DWORD type)
{
    if (type != CTRL_C_EVENT && type != CTRL_BREAK_EVENT) return FALSE;
    return QueueUserAPC(stop_running, main_thread, 0) != 0;
}

static BOOL listen_on(u_short port)
{
    struct sockaddr_in address;

    listener = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (listener == INVALID_SOCKET) return FALSE;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, SOMAXCONN) == 0)
        return TRUE;
    closesocket(listener);
    return FALSE;
}

/* Returns the port, or 0. */
static int start_listening(int first, int last)
{
    int port;

    for (port = first; port <= last; port++)
        if (listen_on((u_short)port)) return port;
    fprintf(stderr, "routine-server: no free port from %d to %d\n", first, last);
    return 0;
}

/* The extension functions are asked for by their identifiers.  Linking with mswsock would do as well. */
static BOOL find_function(GUID id, void *function, DWORD size)
{
    DWORD bytes;

    return WSAIoctl(listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, function, size, &bytes, NULL, NULL) ==
           0;
}

static BOOL prepare(void)
{
    GUID accept_ex_id = WSAID_ACCEPTEX;
    GUID get_sockaddrs_id = WSAID_GETACCEPTEXSOCKADDRS;
    int i;

    for (i = 0; i < ACCEPTS; i++) {
        events[i] = acceptors[i].ov.hEvent = WSACreateEvent();
        if (events[i] == WSA_INVALID_EVENT) return FALSE;
    }
    main_thread = OpenThread(THREAD_SET_CONTEXT, FALSE, GetCurrentThreadId());
    return main_thread && find_function(accept_ex_id, &accept_ex, sizeof accept_ex) &&
           find_function(get_sockaddrs_id, &get_accept_ex_sockaddrs, sizeof get_accept_ex_sockaddrs);
}

/* A request owns its OVERLAPPED and its buffer until it has completed, also when cancelled. */
static void stop_accepting(struct acceptor *a)
{
    DWORD bytes, flags;

    if (a->pending) {
        CancelIoEx((HANDLE)listener, &a->ov);
        WSAGetOverlappedResult(listener, &a->ov, &bytes, TRUE, &flags);
        counters.completed++;
        closesocket(a->s);
    }
    WSACloseEvent(a->ov.hEvent);
}

static void stop(void)
{
    int i;

    stopping = TRUE;
    for (i = 0; i < ACCEPTS; i++) stop_accepting(&acceptors[i]);
    connections_stop();
    closesocket(listener);
    CloseHandle(main_thread);
    printf("Stopped. Requests issued: %llu, completed: %llu\n", counters.issued, counters.completed);
}

int main(int argc, char **argv)
{
    int wanted = argc > 1 ? atoi(argv[1]) : 0;
    WSADATA wsa;
    int port;

    echo = argc == 3 && strcmp(argv[2], "echo") == 0;
    if (argc > (echo ? 3 : 2) || (argc > 1 && (wanted < 1 || wanted > 65535))) {
        fprintf(stderr, "usage: routine-server [port [echo]]\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0) {
        fprintf(stderr, "routine-server: no Winsock 2.2\n");
        return 1;
    }
    port = start_listening(wanted ? wanted : PORT_FIRST, wanted ? wanted : PORT_LAST);
    if (port == 0) return 1;
    if (!prepare()) {
        fprintf(stderr, "routine-server: cannot start, error %d\n", WSAGetLastError());
        return 1;
    }
    SetConsoleCtrlHandler(on_console_event, TRUE);
    if (echo) printf("Echoing on 127.0.0.1:%d  (Ctrl-C stops)\n", port);
    else printf("Serving on http://127.0.0.1:%d/  (Ctrl-C stops)\n", port);
    fflush(stdout);
    run();
    SetConsoleCtrlHandler(on_console_event, FALSE);
    stop();
    WSACleanup();
    return 0;
}
