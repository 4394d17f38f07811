/* SPDX-License-Identifier: MIT */
/*
 * apc_echo - overlapped I/O with completion routines:  apc_echo PORT
 *
 * The main thread accepts; a worker thread sits in SleepEx(INFINITE, TRUE) and
 * runs every connection in completion routines.
 * Documented Winsock/kernel32 API only; see iocp_echo.c.
 */
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF = 64 * 1024 };

struct conn {
    WSAOVERLAPPED ov; /* first: a WSAOVERLAPPED * is a struct conn * */
    SOCKET s;
    DWORD off, len;
    char buf[BUF];
};

static void fatal(const char *what, int err)
{
    fprintf(stderr, "apc_echo: %s: error %d\n", what, err);
    exit(1);
}

static void destroy(struct conn *c)
{
    closesocket(c->s);
    free(c);
}

static void post_send(struct conn *c);

static void CALLBACK on_recv(DWORD err, DWORD n, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct conn *c = (struct conn *)ov;
    (void)flags;
    if (err || n == 0) {
        destroy(c);
        return;
    }
    c->off = 0;
    c->len = n;
    post_send(c);
}

static void post_recv(struct conn *c)
{
    WSABUF b = { BUF, c->buf };
    DWORD flags = 0;
    memset(&c->ov, 0, sizeof c->ov);
    if (WSARecv(c->s, &b, 1, NULL, &flags, &c->ov, on_recv) && WSAGetLastError() != WSA_IO_PENDING) destroy(c);
}

static void CALLBACK on_send(DWORD err, DWORD n, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct conn *c = (struct conn *)ov;
    (void)flags;
    if (err || n == 0) {
        destroy(c);
        return;
    }
    c->off += n;
    if (c->off < c->len) post_send(c);
    else post_recv(c);
}

static void post_send(struct conn *c)
{
    WSABUF b = { c->len - c->off, c->buf + c->off };
    memset(&c->ov, 0, sizeof c->ov);
    if (WSASend(c->s, &b, 1, NULL, 0, &c->ov, on_send) && WSAGetLastError() != WSA_IO_PENDING) destroy(c);
}

static void CALLBACK start_conn(ULONG_PTR arg)
{
    post_recv((struct conn *)arg);
}

static DWORD WINAPI worker(void *arg)
{
    (void)arg;
    for (;;) SleepEx(INFINITE, TRUE);
    return 0;
}

int main(int argc, char **argv)
{
    WSADATA wsa;
    SOCKET lsock;
    struct sockaddr_in a;
    HANDLE thread;

    if (argc < 2) {
        fprintf(stderr, "usage: apc_echo PORT\n");
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

    thread = CreateThread(NULL, 0, worker, NULL, 0, NULL);
    if (!thread) fatal("CreateThread", (int)GetLastError());
    for (;;) {
        BOOL one = TRUE;
        struct conn *c;
        SOCKET s = accept(lsock, NULL, NULL);
        if (s == INVALID_SOCKET) continue;
        c = malloc(sizeof *c);
        if (!c) fatal("memory", 0);
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof one);
        c->s = s;
        if (!QueueUserAPC(start_conn, thread, (ULONG_PTR)c)) fatal("QueueUserAPC", (int)GetLastError());
    }
}
