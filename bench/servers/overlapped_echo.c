/* SPDX-License-Identifier: MIT */
/*
 * overlapped_echo - overlapped I/O with event objects:  overlapped_echo PORT
 *
 * One thread in WSAWaitForMultipleEvents, one event per connection and one for
 * the pending AcceptEx: at most 63 connections (WSA_MAXIMUM_WAIT_EVENTS - 1).
 * Documented Winsock API only; see iocp_echo.c.
 */
#include <winsock2.h>
#include <mswsock.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF = 64 * 1024, ADDR = sizeof(struct sockaddr_in) + 16 };

enum op { OP_ACCEPT, OP_RECV, OP_SEND };

struct conn {
    WSAOVERLAPPED ov;
    enum op op;
    SOCKET s;
    DWORD off, len;
    char addrs[2 * ADDR];
    char buf[BUF];
};

/* events[i] belongs to conns[i]; slot 0 is the accept in progress. */
static WSAEVENT events[WSA_MAXIMUM_WAIT_EVENTS];
static struct conn *conns[WSA_MAXIMUM_WAIT_EVENTS];
static DWORD count;
static SOCKET lsock;
static LPFN_ACCEPTEX accept_ex;

static void fatal(const char *what, int err)
{
    fprintf(stderr, "overlapped_echo: %s: error %d\n", what, err);
    exit(1);
}

/* The event stays with the connection; everything else in ov starts at zero. */
static void reset_ov(struct conn *c)
{
    WSAEVENT e = c->ov.hEvent;
    memset(&c->ov, 0, sizeof c->ov);
    c->ov.hEvent = e;
}

static struct conn *post_accept(void)
{
    struct conn *c = calloc(1, sizeof *c);
    DWORD got;
    if (!c) fatal("memory", 0);
    c->ov.hEvent = WSACreateEvent();
    c->s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (c->s == INVALID_SOCKET) fatal("WSASocket", WSAGetLastError());
    c->op = OP_ACCEPT;
    if (!accept_ex(lsock, c->s, c->addrs, 0, ADDR, ADDR, &got, &c->ov) && WSAGetLastError() != ERROR_IO_PENDING)
        fatal("AcceptEx", WSAGetLastError());
    return c;
}

/* 0, or -1 when the connection is dead */
static int post_recv(struct conn *c)
{
    WSABUF b = { BUF, c->buf };
    DWORD flags = 0;
    reset_ov(c);
    c->op = OP_RECV;
    return WSARecv(c->s, &b, 1, NULL, &flags, &c->ov, NULL) && WSAGetLastError() != WSA_IO_PENDING ? -1 : 0;
}

static int post_send(struct conn *c)
{
    WSABUF b = { c->len - c->off, c->buf + c->off };
    reset_ov(c);
    c->op = OP_SEND;
    return WSASend(c->s, &b, 1, NULL, 0, &c->ov, NULL) && WSAGetLastError() != WSA_IO_PENDING ? -1 : 0;
}

/* 0, or -1 when the connection is to be closed */
static int completed(struct conn *c)
{
    BOOL one = TRUE;
    DWORD n = 0, flags;
    BOOL ok = WSAGetOverlappedResult(c->op == OP_ACCEPT ? lsock : c->s, &c->ov, &n, FALSE, &flags);

    WSAResetEvent(c->ov.hEvent);
    switch (c->op) {
    case OP_ACCEPT:
        if (!ok) return -1;
        setsockopt(c->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&lsock, sizeof lsock);
        setsockopt(c->s, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof one);
        return post_recv(c);
    case OP_RECV:
        if (!ok || n == 0) return -1;
        c->off = 0;
        c->len = n;
        return post_send(c);
    default:
        if (!ok || n == 0) return -1;
        c->off += n;
        return c->off < c->len ? post_send(c) : post_recv(c);
    }
}

static void put(DWORD slot, struct conn *c)
{
    conns[slot] = c;
    events[slot] = c->ov.hEvent;
}

static void discard(struct conn *c)
{
    closesocket(c->s);
    WSACloseEvent(c->ov.hEvent);
    free(c);
}

int main(int argc, char **argv)
{
    WSADATA wsa;
    GUID guid = WSAID_ACCEPTEX;
    struct sockaddr_in a;
    DWORD got;

    if (argc < 2) {
        fprintf(stderr, "usage: overlapped_echo PORT\n");
        return 1;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa)) fatal("WSAStartup", 0);
    lsock = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons((u_short)atoi(argv[1]));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(lsock, (struct sockaddr *)&a, sizeof a)) fatal("bind", WSAGetLastError());
    if (listen(lsock, SOMAXCONN)) fatal("listen", WSAGetLastError());
    if (WSAIoctl(lsock, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &accept_ex, sizeof accept_ex, &got,
                 NULL, NULL))
        fatal("WSAIoctl", WSAGetLastError());

    put(0, post_accept());
    count = 1;
    for (;;) {
        DWORD r = WSAWaitForMultipleEvents(count, events, FALSE, WSA_INFINITE, FALSE);
        DWORD i;
        if (r == WSA_WAIT_FAILED) fatal("WSAWaitForMultipleEvents", WSAGetLastError());
        /* The wait names the first signalled event; serve every completed one
         * from there on, so that low slots cannot starve high ones. */
        for (i = r - WSA_WAIT_EVENT_0; i < count; i++) {
            struct conn *c = conns[i];
            if (!HasOverlappedIoCompleted(&c->ov)) continue;
            if (completed(c) == 0) {
                if (i == 0) { /* accepted: give it a slot */
                    if (count == WSA_MAXIMUM_WAIT_EVENTS) fatal("too many connections", 0);
                    put(count++, c);
                    put(0, post_accept());
                }
            } else if (i == 0) {
                discard(c);
                put(0, post_accept());
            } else {
                put(i, conns[--count]);
                discard(c);
                i--;
            }
        }
    }
}
