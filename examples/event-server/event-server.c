/* SPDX-License-Identifier: MIT */
/*
 * event-server - an HTTP server made of overlapped sockets and events:  event-server [port]
 *
 * One thread and 63 slots.  A slot has one event and at most one request pending, and goes round:
 *
 *     AcceptEx, which brings the first bytes -> WSASend -> WSARecv -> WSASend -> ... -> closed, and AcceptEx again
 *
 * The thread sleeps in WSAWaitForMultipleEvents, which takes 64 events: the slots' and the one that stops the server.
 * While every slot serves somebody no AcceptEx is pending, and the next clients wait in the listener's backlog.
 *
 * An AcceptEx that has room for data completes when the client has sent some, so a client that connects and says
 * nothing keeps its slot.  It does not keep the others out: each free slot has an AcceptEx of its own pending, and once
 * a second SO_CONNECT_TIME tells which of them have a silent client, and those are cancelled.
 *
 *     x86_64-w64-mingw32-gcc -o event-server.exe *.c -lws2_32 -lmswsock
 *     cl event-server.c http.c page.c ws2_32.lib mswsock.lib
 */
#define _WINSOCK_DEPRECATED_NO_WARNINGS /* inet_ntoa */
#include <winsock2.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "page.h"

enum {
    SLOTS = WSA_MAXIMUM_WAIT_EVENTS,                /* slot 0 serves nobody: its event stops the server */
    ADDRESS_SIZE = sizeof(struct sockaddr_in) + 16, /* AcceptEx wants 16 bytes more than the address */
    INPUT_SIZE = 8192,                              /* the longest request head */
    PORT_FIRST = 8080,
    PORT_LAST = 8099,
    TICK_MS = 1000,
    SILENT_SECONDS = 5, /* connected, but nothing said */
    IDLE_MS = 30000,    /* between two requests, or not reading what we send */
    LINGER_MS = 2000    /* for the client to close after us */
};

enum state { FREE, ACCEPTING, RECEIVING, SENDING };

struct slot {
    WSAOVERLAPPED ov; /* its hEvent is also events[i] */
    enum state state; /* which request is pending */
    SOCKET s;
    ULONGLONG deadline;  /* when to give the pending request up */
    DWORD length, taken; /* bytes in input; those of the request being answered */
    int keep_alive;
    int closing; /* our end is shut down; only the client's end is still to come */
    char peer[32], local[32];
    struct reply reply;
    char input[INPUT_SIZE + 2 * ADDRESS_SIZE]; /* AcceptEx stores the addresses behind the data */
};

static struct slot slots[SLOTS];
static WSAEVENT events[SLOTS];
static SOCKET listener;
static struct counters counters;
static ULONGLONG now;

/* ---- issuing requests ---- */

/* The event stays with the slot; everything else of a request starts at zero. */
static WSAOVERLAPPED *fresh(struct slot *slot)
{
    WSAEVENT event = slot->ov.hEvent;

    memset(&slot->ov, 0, sizeof slot->ov);
    slot->ov.hEvent = event;
    return &slot->ov;
}

/*
 * Takes the outcome of the issuing call.  Done at once or pending is the same to us: the event tells.  A call that was
 * refused signals nothing; then the result is FALSE.
 */
static BOOL issued(struct slot *slot, enum state state, BOOL done, DWORD patience_ms)
{
    if (!done && WSAGetLastError() != WSA_IO_PENDING) return FALSE;
    slot->state = state;
    slot->deadline = now + patience_ms;
    counters.issued++;
    return TRUE;
}

static BOOL post_receive(struct slot *slot)
{
    WSABUF room = { INPUT_SIZE - slot->length, slot->input + slot->length };
    DWORD flags = 0;
    int result = WSARecv(slot->s, &room, 1, NULL, &flags, fresh(slot), NULL);

    return issued(slot, RECEIVING, result == 0, slot->closing ? LINGER_MS : IDLE_MS);
}

static BOOL post_send(struct slot *slot)
{
    int result = WSASend(slot->s, slot->reply.buffers, slot->reply.count, NULL, 0, fresh(slot), NULL);

    return issued(slot, SENDING, result == 0, IDLE_MS);
}

/* A slot for which this fails (no memory, say) stays free, and the next tick tries again. */
static void post_accept(struct slot *slot)
{
    DWORD bytes;
    BOOL done;

    slot->s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (slot->s == INVALID_SOCKET) return;
    done = AcceptEx(listener, slot->s, slot->input, INPUT_SIZE, ADDRESS_SIZE, ADDRESS_SIZE, &bytes, fresh(slot));
    if (!issued(slot, ACCEPTING, done, 0)) closesocket(slot->s);
}

/* ---- answering ---- */

static void name_address(char *out, size_t size, const struct sockaddr *address)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)address;

    snprintf(out, size, "%s:%u", inet_ntoa(in->sin_addr), (unsigned)ntohs(in->sin_port));
}

/* One letter for each slot, for the page. */
static const char *slot_letters(void)
{
    static char letters[SLOTS];
    int i;

    for (i = 1; i < SLOTS; i++) letters[i - 1] = ".ARS"[slots[i].state];
    return letters;
}

static BOOL answer(struct slot *slot, const struct http_request *request)
{
    struct page page = { "One thread waits for the events of all requests.", slot->peer, slot->local, slot_letters(),
                         &counters };

    counters.answered++;
    slot->keep_alive = request->keep_alive;
    reply_make(&slot->reply, request, &page);
    return post_send(slot);
}

/* Answers the first request in the input, or receives more of it. */
static BOOL serve(struct slot *slot)
{
    struct http_request request;

    slot->taken = (DWORD)http_parse(slot->input, slot->length, &request);
    if (slot->taken == 0 && slot->length < INPUT_SIZE) return post_receive(slot);
    if (slot->taken == 0) http_refuse(&request, 431);
    return answer(slot, &request);
}

/* ---- completions: each returns FALSE when the connection has come to its end ---- */

static BOOL accepted(struct slot *slot, DWORD bytes)
{
    struct sockaddr *local = NULL, *peer = NULL;
    int local_length = 0, peer_length = 0;
    BOOL at_once = TRUE;

    GetAcceptExSockaddrs(slot->input, INPUT_SIZE, ADDRESS_SIZE, ADDRESS_SIZE, &local, &local_length, &peer,
                         &peer_length);
    name_address(slot->peer, sizeof slot->peer, peer);
    name_address(slot->local, sizeof slot->local, local);
    counters.accepted++;
    counters.open++;
    /* without this the socket can send and receive, but neither be shut down nor take options */
    if (setsockopt(slot->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener) != 0)
        return FALSE;
    setsockopt(slot->s, IPPROTO_TCP, TCP_NODELAY, (char *)&at_once, sizeof at_once);

    slot->closing = FALSE;
    slot->length = bytes;
    counters.bytes_in += bytes;
    return bytes > 0 && serve(slot); /* no bytes: the client connected and went */
}

static BOOL received(struct slot *slot, DWORD bytes)
{
    counters.bytes_in += bytes;
    if (bytes == 0) return FALSE;                 /* the client has closed its end */
    if (slot->closing) return post_receive(slot); /* what comes now is of no interest */
    slot->length += bytes;
    return serve(slot);
}

static BOOL sent(struct slot *slot, DWORD bytes)
{
    counters.bytes_out += bytes;
    if (bytes != slot->reply.length) return FALSE;
    if (!slot->keep_alive) {
        /* Closing with unread bytes would reset the connection and might take the answer away from the client. */
        slot->closing = TRUE;
        slot->length = 0;
        return shutdown(slot->s, SD_SEND) == 0 && post_receive(slot);
    }
    /* a client may have sent its next requests already */
    slot->length -= slot->taken;
    memmove(slot->input, slot->input + slot->taken, slot->length);
    return slot->length > 0 ? serve(slot) : post_receive(slot);
}

/* The event of the slot is signalled: its request has completed. */
static void completed(struct slot *slot)
{
    enum state request = slot->state;
    DWORD bytes = 0, flags = 0;
    BOOL ok = WSAGetOverlappedResult(request == ACCEPTING ? listener : slot->s, &slot->ov, &bytes, FALSE, &flags);
    BOOL connected = ok || request != ACCEPTING;

    WSAResetEvent(slot->ov.hEvent);
    slot->state = FREE;
    counters.completed++;
    if (ok && request == ACCEPTING) ok = accepted(slot, bytes);
    else if (ok && request == RECEIVING) ok = received(slot, bytes);
    else if (ok) ok = sent(slot, bytes);
    if (ok) return;

    closesocket(slot->s);
    if (connected) {
        counters.open--;
        post_accept(slot);
    } /* else the tick tries again: an error that stays must not keep us busy */
}

/* ---- the loop ---- */

/* The completion of a cancelled request comes like any other, by its event. */
static void cancel(struct slot *slot)
{
    CancelIoEx((HANDLE)(slot->state == ACCEPTING ? listener : slot->s), &slot->ov);
}

/* Has this socket been connected for too long without a byte?  0xFFFFFFFF: it is not connected at all. */
static BOOL silent(SOCKET s)
{
    DWORD seconds = 0xFFFFFFFF;
    int length = sizeof seconds;

    if (getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &length) != 0) return FALSE;
    return seconds != 0xFFFFFFFF && seconds >= SILENT_SECONDS;
}

/* Once a second: gives up those who keep us waiting, and puts free slots to work. */
static void tick(void)
{
    struct slot *slot;

    for (slot = slots + 1; slot < slots + SLOTS; slot++) {
        if (slot->state == FREE) post_accept(slot);
        else if (slot->state == ACCEPTING ? silent(slot->s) : now >= slot->deadline) cancel(slot);
    }
}

/*
 * The wait names the first signalled event only.  So we go on behind it, without sleeping, until no further one is
 * signalled: busy slots at the front cannot starve those at the back.
 */
static void run(void)
{
    ULONGLONG next_tick = 0;
    DWORD first = 0;

    for (;;) {
        DWORD result;

        now = GetTickCount64();
        if (now >= next_tick) {
            tick();
            next_tick = now + TICK_MS;
        }
        result = WSAWaitForMultipleEvents(SLOTS - first, events + first, FALSE, first > 0 ? 0 : TICK_MS, FALSE);
        if (result == WSA_WAIT_FAILED) {
            fprintf(stderr, "event-server: WSAWaitForMultipleEvents: error %d\n", WSAGetLastError());
            return;
        }
        if (result == WSA_WAIT_TIMEOUT) {
            first = 0;
            continue;
        }
        first += result - WSA_WAIT_EVENT_0;
        if (first == 0) return; /* Ctrl-C */
        completed(&slots[first]);
        first = (first + 1) % SLOTS;
    }
}

/* ---- start and end ---- */

static BOOL WINAPI on_console_event(DWORD type)
{
    if (type != CTRL_C_EVENT && type != CTRL_BREAK_EVENT) return FALSE;
    WSASetEvent(events[0]); /* this is another thread: all it does is to wake ours */
    return TRUE;
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
    fprintf(stderr, "event-server: no free port from %d to %d\n", first, last);
    return 0;
}

static BOOL create_events(void)
{
    int i;

    for (i = 0; i < SLOTS; i++) {
        events[i] = slots[i].ov.hEvent = WSACreateEvent();
        if (events[i] == WSA_INVALID_EVENT) {
            fprintf(stderr, "event-server: WSACreateEvent: error %d\n", WSAGetLastError());
            return FALSE;
        }
    }
    return TRUE;
}

/* A request owns its OVERLAPPED and its buffer until it has completed, also when cancelled. */
static void finish(struct slot *slot)
{
    DWORD bytes, flags;

    if (slot->state == FREE) return;
    cancel(slot);
    WSAGetOverlappedResult(slot->state == ACCEPTING ? listener : slot->s, &slot->ov, &bytes, TRUE, &flags);
    counters.completed++;
    closesocket(slot->s);
}

static void stop(void)
{
    int i;

    for (i = 1; i < SLOTS; i++) finish(&slots[i]);
    closesocket(listener);
    for (i = 0; i < SLOTS; i++) WSACloseEvent(events[i]);
    printf("Stopped. Requests issued: %llu, completed: %llu\n", counters.issued, counters.completed);
}

int main(int argc, char **argv)
{
    int wanted = argc > 1 ? atoi(argv[1]) : 0;
    WSADATA wsa;
    int port;

    if (argc > 2 || (argc > 1 && (wanted < 1 || wanted > 65535))) {
        fprintf(stderr, "usage: event-server [port]\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0) {
        fprintf(stderr, "event-server: no Winsock 2.2\n");
        return 1;
    }
    port = start_listening(wanted ? wanted : PORT_FIRST, wanted ? wanted : PORT_LAST);
    if (port == 0 || !create_events()) return 1;
    SetConsoleCtrlHandler(on_console_event, TRUE);
    printf("Serving on http://127.0.0.1:%d/  (Ctrl-C stops)\n", port);
    fflush(stdout);
    run();
    SetConsoleCtrlHandler(on_console_event, FALSE);
    stop();
    WSACleanup();
    return 0;
}
