/* SPDX-License-Identifier: MIT */
/*
 * connection.c - a connection from its first receive to its end.
 *
 * It has one request pending, a receive or a send, and the routine of that request issues the next one.  The memory
 * belongs to the request until it has completed, so only a routine frees it, also when we want to get rid of a client:
 * then the request is cancelled, and its routine is called with an error.
 *
 * All of this runs on one thread.  Routines run in its alertable waits only, never inside the call that issues a
 * request.
 */
#define _WINSOCK_DEPRECATED_NO_WARNINGS /* inet_ntoa */
#include "connection.h"

#include <windows.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

enum {
    INPUT_SIZE = 8192, /* the longest request head */
    IDLE_MS = 60000,   /* between two requests, or not reading what we send */
    LINGER_MS = 2000   /* for the client to close after us */
};

struct connection {
    WSAOVERLAPPED ov; /* first: the address that a routine gets is the connection's */
    SOCKET s;
    struct connection *next, *previous;
    ULONGLONG deadline;
    DWORD length, taken; /* bytes in input; those of the request being answered */
    BOOL keep_alive;
    BOOL closing; /* our end is shut down; only the client's end is still to come */
    char peer[32], local[32];
    struct reply reply;
    char input[INPUT_SIZE];
};

struct counters counters;
BOOL echo, stopping;
static struct connection *connections;

static void CALLBACK on_received(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags);
static void CALLBACK on_sent(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags);

static void finish(struct connection *c)
{
    if (c->previous) c->previous->next = c->next;
    else connections = c->next;
    if (c->next) c->next->previous = c->previous;
    counters.open--;
    closesocket(c->s);
    free(c);
}

/* ---- requests ---- */

/*
 * Takes the result of WSARecv or WSASend.  Done at once or pending is the same to us: the routine runs later, in the
 * next alertable wait.  Only for a call that was refused it never runs.
 */
static void issued(struct connection *c, int result)
{
    if (result != 0 && WSAGetLastError() != WSA_IO_PENDING) {
        finish(c);
        return;
    }
    c->deadline = GetTickCount64() + (c->closing ? LINGER_MS : IDLE_MS);
    counters.issued++;
}

static void receive(struct connection *c)
{
    WSABUF room = { INPUT_SIZE - c->length, c->input + c->length };
    DWORD flags = 0;

    memset(&c->ov, 0, sizeof c->ov);
    issued(c, WSARecv(c->s, &room, 1, NULL, &flags, &c->ov, on_received));
}

static void send_all(struct connection *c, WSABUF *buffers, DWORD count)
{
    memset(&c->ov, 0, sizeof c->ov);
    issued(c, WSASend(c->s, buffers, count, NULL, 0, &c->ov, on_sent));
}

/* ---- answering ---- */

static void send_back(struct connection *c)
{
    WSABUF all = { c->length, c->input };

    c->taken = c->length;
    c->keep_alive = TRUE;
    send_all(c, &all, 1);
}

/* Answers the first request in the input, or receives more of it. */
static void answer(struct connection *c)
{
    struct page page = { "One thread waits alertably and runs completion routines.", c->peer, c->local, "", &counters };
    struct http_request request;

    c->taken = (DWORD)http_parse(c->input, c->length, &request);
    if (c->taken == 0 && c->length < INPUT_SIZE) {
        receive(c);
        return;
    }
    if (c->taken == 0) http_refuse(&request, 431);
    counters.answered++;
    c->keep_alive = request.keep_alive;
    reply_make(&c->reply, &request, &page);
    send_all(c, c->reply.buffers, c->reply.count);
}

static void CALLBACK on_received(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct connection *c = (struct connection *)ov;

    (void)flags;
    counters.completed++;
    counters.bytes_in += bytes;
    if (error != 0 || bytes == 0 || stopping) { /* no bytes: the client has closed its end */
        finish(c);
        return;
    }
    if (c->closing) {
        receive(c); /* what comes now is of no interest */
        return;
    }
    c->length += bytes;
    if (echo) send_back(c);
    else answer(c);
}

/* Closing with unread bytes would reset the connection and might take the answer away from the client. */
static void close_gently(struct connection *c)
{
    c->closing = TRUE;
    c->length = 0;
    if (shutdown(c->s, SD_SEND) == 0) receive(c);
    else finish(c);
}

/* An overlapped send completes when it is done with all bytes, so there is no rest to send. */
static void CALLBACK on_sent(DWORD error, DWORD bytes, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct connection *c = (struct connection *)ov;

    (void)flags;
    counters.completed++;
    counters.bytes_out += bytes;
    if (error != 0 || stopping) {
        finish(c);
        return;
    }
    if (!c->keep_alive) {
        close_gently(c);
        return;
    }
    /* a client may have sent its next requests already */
    c->length -= c->taken;
    memmove(c->input, c->input + c->taken, c->length);
    if (c->length > 0) answer(c);
    else receive(c);
}

/* ---- what the server sees ---- */

static void name_address(char *out, size_t size, const struct sockaddr_in *address)
{
    snprintf(out, size, "%s:%u", inet_ntoa(address->sin_addr), (unsigned)ntohs(address->sin_port));
}

BOOL connection_start(SOCKET s, const struct sockaddr_in *peer, const struct sockaddr_in *local)
{
    struct connection *c = malloc(sizeof *c);

    if (!c) return FALSE;
    memset(c, 0, offsetof(struct connection, reply)); /* memory is touched only when it is used */
    c->s = s;
    name_address(c->peer, sizeof c->peer, peer);
    name_address(c->local, sizeof c->local, local);
    c->next = connections;
    if (c->next) c->next->previous = c;
    connections = c;
    counters.open++;
    receive(c);
    return TRUE;
}

void connections_expire(void)
{
    ULONGLONG now = GetTickCount64();
    struct connection *c;

    if (echo) return; /* an echo client may be as quiet as it likes */
    for (c = connections; c; c = c->next)
        if (now >= c->deadline) CancelIoEx((HANDLE)c->s, &c->ov);
}

void connections_stop(void)
{
    struct connection *c;

    for (c = connections; c; c = c->next) CancelIoEx((HANDLE)c->s, &c->ov);
    while (connections) SleepEx(INFINITE, TRUE);
}
