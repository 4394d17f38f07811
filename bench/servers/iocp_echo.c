/* SPDX-License-Identifier: MIT */
/*
 * iocp_echo - a standard Windows I/O completion port echo server:
 *     iocp_echo PORT [THREADS] [ex]
 *
 * AcceptEx, WSARecv, WSASend, GetQueuedCompletionStatus ("ex": the Ex call,
 * up to 64 packets at a time).  Documented Winsock/kernel32 API only, so that
 * the same file builds with MinGW for Windows/Wine and against a native
 * implementation of that API.
 */
#include <winsock2.h>
#include <mswsock.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF = 64 * 1024, ACCEPTS = 64, BATCH = 64, ADDR = sizeof(struct sockaddr_in) + 16 };

enum op { OP_ACCEPT, OP_RECV, OP_SEND };

/* One connection has one operation in flight: receive or send. */
struct conn {
    OVERLAPPED ov; /* first: an OVERLAPPED * is a struct conn * */
    enum op op;
    SOCKET s;
    DWORD off, len;
    char addrs[2 * ADDR];
    char *buf;
};

static HANDLE port;
static SOCKET lsock;
static LPFN_ACCEPTEX accept_ex;

static void fatal(const char *what, int err)
{
    fprintf(stderr, "iocp_echo: %s: error %d\n", what, err);
    exit(1);
}

static void destroy(struct conn *c)
{
    closesocket(c->s);
    free(c->buf);
    free(c);
}

static void post_accept(void)
{
    struct conn *c = calloc(1, sizeof *c);
    DWORD got;
    if (!c) fatal("memory", 0);
    c->s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (c->s == INVALID_SOCKET) fatal("WSASocket", WSAGetLastError());
    c->op = OP_ACCEPT;
    if (!accept_ex(lsock, c->s, c->addrs, 0, ADDR, ADDR, &got, &c->ov) && WSAGetLastError() != ERROR_IO_PENDING)
        fatal("AcceptEx", WSAGetLastError());
}

static void post_recv(struct conn *c)
{
    WSABUF b = { BUF, c->buf };
    DWORD flags = 0;
    memset(&c->ov, 0, sizeof c->ov);
    c->op = OP_RECV;
    if (WSARecv(c->s, &b, 1, NULL, &flags, &c->ov, NULL) && WSAGetLastError() != WSA_IO_PENDING) destroy(c);
}

static void post_send(struct conn *c)
{
    WSABUF b = { c->len - c->off, c->buf + c->off };
    memset(&c->ov, 0, sizeof c->ov);
    c->op = OP_SEND;
    if (WSASend(c->s, &b, 1, NULL, 0, &c->ov, NULL) && WSAGetLastError() != WSA_IO_PENDING) destroy(c);
}

static void completed(struct conn *c, BOOL ok, DWORD n)
{
    BOOL one = TRUE;

    switch (c->op) {
    case OP_ACCEPT:
        post_accept();
        if (!ok) {
            destroy(c);
            return;
        }
        setsockopt(c->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&lsock, sizeof lsock);
        setsockopt(c->s, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof one);
        c->buf = malloc(BUF);
        if (!c->buf || !CreateIoCompletionPort((HANDLE)c->s, port, 0, 0)) {
            destroy(c);
            return;
        }
        post_recv(c);
        break;
    case OP_RECV:
        if (!ok || n == 0) {
            destroy(c);
            return;
        }
        c->off = 0;
        c->len = n;
        post_send(c);
        break;
    case OP_SEND:
        if (!ok || n == 0) {
            destroy(c);
            return;
        }
        c->off += n;
        if (c->off < c->len) post_send(c);
        else post_recv(c);
        break;
    }
}

static DWORD WINAPI worker(void *arg)
{
    (void)arg;
    for (;;) {
        DWORD n = 0;
        ULONG_PTR key;
        OVERLAPPED *ov = NULL;
        BOOL ok = GetQueuedCompletionStatus(port, &n, &key, &ov, INFINITE);
        if (!ov) fatal("GetQueuedCompletionStatus", (int)GetLastError());
        completed((struct conn *)ov, ok, n);
    }
    return 0;
}

static DWORD WINAPI worker_ex(void *arg)
{
    OVERLAPPED_ENTRY e[BATCH];
    ULONG i, n;
    (void)arg;
    for (;;) {
        if (!GetQueuedCompletionStatusEx(port, e, BATCH, &n, INFINITE, FALSE))
            fatal("GetQueuedCompletionStatusEx", (int)GetLastError());
        for (i = 0; i < n; i++) {
            struct conn *c = (struct conn *)e[i].lpOverlapped;
            /* Internal is the operation's NTSTATUS: 0 or more is success */
            completed(c, (LONG)e[i].lpOverlapped->Internal >= 0, e[i].dwNumberOfBytesTransferred);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    WSADATA wsa;
    GUID guid = WSAID_ACCEPTEX;
    struct sockaddr_in a;
    DWORD got;
    int i, threads = argc > 2 ? atoi(argv[2]) : 1;
    LPTHREAD_START_ROUTINE body = argc > 3 && !strcmp(argv[3], "ex") ? worker_ex : worker;

    if (argc < 2) {
        fprintf(stderr, "usage: iocp_echo PORT [THREADS] [ex]\n");
        return 1;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa)) fatal("WSAStartup", 0);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, (DWORD)threads);
    if (!port) fatal("CreateIoCompletionPort", (int)GetLastError());

    lsock = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons((u_short)atoi(argv[1]));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(lsock, (struct sockaddr *)&a, sizeof a)) fatal("bind", WSAGetLastError());
    if (listen(lsock, SOMAXCONN)) fatal("listen", WSAGetLastError());
    if (!CreateIoCompletionPort((HANDLE)lsock, port, 0, 0)) fatal("associate", (int)GetLastError());
    if (WSAIoctl(lsock, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &accept_ex, sizeof accept_ex, &got,
                 NULL, NULL))
        fatal("WSAIoctl", WSAGetLastError());

    for (i = 0; i < ACCEPTS; i++) post_accept();
    for (i = 1; i < threads; i++) CloseHandle(CreateThread(NULL, 0, body, NULL, 0, NULL));
    body(NULL);
    return 0;
}
