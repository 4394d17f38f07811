/* SPDX-License-Identifier: MIT */
/*
 * client - asks an HTTP server over many connections at once:  client [host [port [connections [requests]]]]
 *
 * Every connection has one overlapped request pending, a send or a receive, whose completion routine issues the next
 * one.  The main thread opens the connections and then sits in SleepEx, where the routines run.  Every answer is
 * checked: status 200, and a body as long as it was announced.  The exit code is 0 only if all requests were answered
 * so.
 *
 *     x86_64-w64-mingw32-gcc -o client.exe *.c -lws2_32
 *     cl client.c answer.c ws2_32.lib
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"

enum { INPUT_SIZE = 16384, PATIENCE_MS = 30000 };

struct connection {
    WSAOVERLAPPED ov; /* first: the address that a routine gets is the connection's */
    SOCKET s;         /* INVALID_SOCKET: not open; an open one always has a request pending */
    struct connection *next_closed;
    struct answer answer;
    char input[INPUT_SIZE];
};

static const struct addrinfo *server; /* the address that answered first */
static char question[512];
static struct connection *connections, *closed;
static int wanted_connections, wanted_requests;
static int open_connections, asked, answered, failed;
static unsigned long long bytes_received;
static BOOL stopping;
static HANDLE main_thread;

/* ---- one question and its answer ---- */

static void CALLBACK on_sent(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags);
static void CALLBACK on_received(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags);

/* The main thread opens it again if questions are left: a routine must not block. */
static void close_connection(struct connection *c)
{
    closesocket(c->s);
    c->s = INVALID_SOCKET;
    open_connections--;
    c->next_closed = closed;
    closed = c;
}

/* Reports the first few only: when a server goes away, thousands fail at once. */
static void fail(struct connection *c, const char *what, DWORD error)
{
    failed++;
    if (failed <= 5 && !stopping) fprintf(stderr, "client: %s: %lu\n", what, (unsigned long)error);
    close_connection(c);
}

/* The routine of a request that was refused never runs; one that is done at once has its routine run later, too. */
static BOOL refused(int result)
{
    return result != 0 && WSAGetLastError() != WSA_IO_PENDING;
}

static void receive(struct connection *c)
{
    WSABUF room = { INPUT_SIZE - c->answer.kept, c->input + c->answer.kept };
    DWORD flags = 0;

    memset(&c->ov, 0, sizeof c->ov);
    if (refused(WSARecv(c->s, &room, 1, NULL, &flags, &c->ov, on_received)))
        fail(c, "WSARecv: error", (DWORD)WSAGetLastError());
}

static void ask(struct connection *c)
{
    WSABUF text = { (u_long)strlen(question), question };

    if (stopping || asked == wanted_requests) {
        close_connection(c);
        return;
    }
    asked++;
    memset(&c->answer, 0, sizeof c->answer);
    memset(&c->ov, 0, sizeof c->ov);
    if (refused(WSASend(c->s, &text, 1, NULL, 0, &c->ov, on_sent))) fail(c, "WSASend: error", (DWORD)WSAGetLastError());
}

static void CALLBACK on_sent(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct connection *c = (struct connection *)ov;

    (void)bytes;
    (void)flags;
    if (error != 0) fail(c, "sending: error", error);
    else receive(c);
}

static void CALLBACK on_received(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct connection *c = (struct connection *)ov;

    (void)flags;
    bytes_received += bytes;
    if (error != 0) {
        fail(c, "receiving: error", error);
        return;
    }
    if (bytes == 0) {
        fail(c, "closed before the end of the answer, status so far", (DWORD)c->answer.status);
        return;
    }
    switch (answer_add(&c->answer, c->input, bytes, INPUT_SIZE)) {
    case ANSWER_INCOMPLETE: receive(c); break;
    case ANSWER_WRONG: fail(c, "not a good answer, status", (DWORD)c->answer.status); break;
    case ANSWER_COMPLETE:
        answered++;
        if (c->answer.closing) close_connection(c);
        else ask(c);
    }
}

/* ---- connections ---- */

static SOCKET connect_to(const struct addrinfo *address)
{
    SOCKET s = WSASocketW(address->ai_family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    BOOL at_once = TRUE;

    if (s == INVALID_SOCKET) return INVALID_SOCKET;
    if (connect(s, address->ai_addr, (int)address->ai_addrlen) != 0) {
        int error = WSAGetLastError();

        closesocket(s);
        WSASetLastError(error);
        return INVALID_SOCKET;
    }
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&at_once, sizeof at_once);
    return s;
}

/*
 * Opens closed connections as long as there are questions for them.  A blocking connect waits alertably: routines of
 * other connections may run inside it.
 */
static void open_closed(void)
{
    while (closed && asked < wanted_requests && !stopping) {
        struct connection *c = closed;
        SOCKET s;

        closed = c->next_closed;
        s = connect_to(server);
        if (s == INVALID_SOCKET) {
            fprintf(stderr, "client: connect: error %d\n", WSAGetLastError());
            stopping = TRUE;
            return;
        }
        c->s = s;
        open_connections++;
        ask(c);
    }
}

static void run(void)
{
    for (;;) {
        open_closed();
        if (stopping || open_connections == 0) return;
        if (SleepEx(PATIENCE_MS, TRUE) != WAIT_IO_COMPLETION) {
            fprintf(stderr, "client: no answer for %d seconds\n", PATIENCE_MS / 1000);
            return;
        }
    }
}

/* All connections begin as closed ones. */
static BOOL create_connections(void)
{
    int i;

    connections = calloc((size_t)wanted_connections, sizeof *connections);
    if (!connections) {
        fprintf(stderr, "client: no memory for %d connections\n", wanted_connections);
        return FALSE;
    }
    for (i = wanted_connections - 1; i >= 0; i--) {
        connections[i].s = INVALID_SOCKET;
        connections[i].next_closed = closed;
        closed = &connections[i];
    }
    return TRUE;
}

/* A request owns its OVERLAPPED and its buffer until it has completed, also when cancelled. */
static void close_all(void)
{
    int i;

    stopping = TRUE;
    for (i = 0; i < wanted_connections; i++)
        if (connections[i].s != INVALID_SOCKET) CancelIoEx((HANDLE)connections[i].s, &connections[i].ov);
    while (open_connections > 0) SleepEx(INFINITE, TRUE);
    free(connections);
}

/* ---- start and end ---- */

static void CALLBACK stop_running(ULONG_PTR unused)
{
    (void)unused;
    stopping = TRUE;
}

/* This is another thread.  The APC runs on the main one, in its alertable wait, and ends that wait. */
static BOOL WINAPI on_console_event(DWORD type)
{
    if (type != CTRL_C_EVENT && type != CTRL_BREAK_EVENT) return FALSE;
    return QueueUserAPC(stop_running, main_thread, 0) != 0;
}

/* A name may have several addresses, of both families.  The connection only tells which of them to use. */
static const struct addrinfo *first_that_answers(const struct addrinfo *address)
{
    for (; address; address = address->ai_next) {
        SOCKET s = connect_to(address);

        if (s == INVALID_SOCKET) continue;
        closesocket(s);
        return address;
    }
    return NULL;
}

/* Returns what getaddrinfo allocated, or NULL. */
static struct addrinfo *find_server(const char *host, const char *port)
{
    struct addrinfo hints, *addresses;
    int error;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    error = getaddrinfo(host, port, &hints, &addresses);
    if (error != 0) {
        fprintf(stderr, "client: %s port %s: error %d\n", host, port, error);
        return NULL;
    }
    server = first_that_answers(addresses);
    if (server) return addresses;
    fprintf(stderr, "client: %s port %s does not answer: error %d\n", host, port, WSAGetLastError());
    freeaddrinfo(addresses);
    return NULL;
}

static double seconds(void)
{
    LARGE_INTEGER count, frequency;

    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

static void measure(void)
{
    double start = seconds(), duration;

    run();
    duration = seconds() - start;
    close_all();
    printf("%d of %d requests answered over %d connections, %d failed\n", answered, wanted_requests, wanted_connections,
           failed);
    printf("%.0f requests/s, %llu bytes received in %.3f s\n", answered / duration, bytes_received, duration);
}

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : "127.0.0.1";
    const char *port = argc > 2 ? argv[2] : "8080";
    struct addrinfo *addresses;
    WSADATA wsa;

    wanted_connections = argc > 3 ? atoi(argv[3]) : 50;
    wanted_requests = argc > 4 ? atoi(argv[4]) : 10000;
    if (argc > 5 || wanted_connections < 1 || wanted_requests < 1) {
        fprintf(stderr, "usage: client [host [port [connections [requests]]]]\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0) {
        fprintf(stderr, "client: no Winsock 2.2\n");
        return 1;
    }
    addresses = find_server(host, port);
    if (!addresses || !create_connections()) return 1;
    /* an IPv6 address stands in brackets */
    snprintf(question, sizeof question,
             strchr(host, ':') ? "GET / HTTP/1.1\r\nHost: [%s]:%s\r\n\r\n" : "GET / HTTP/1.1\r\nHost: %s:%s\r\n\r\n",
             host, port);
    main_thread = OpenThread(THREAD_SET_CONTEXT, FALSE, GetCurrentThreadId());
    SetConsoleCtrlHandler(on_console_event, TRUE);
    measure();
    SetConsoleCtrlHandler(on_console_event, FALSE);
    CloseHandle(main_thread);
    freeaddrinfo(addresses);
    WSACleanup();
    return answered == wanted_requests ? 0 : 1;
}
