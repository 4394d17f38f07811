/* SPDX-License-Identifier: MIT */
/* connect.c - every failure while sockets are made, bound, connected and accepted. */
#include "sweep.h"

static struct sockaddr_in address;
static SOCKET listener;

/* ---- making ---- */

static void stream_socket(void)
{
    TRY(make_socket(SOCK_STREAM) != INVALID_SOCKET);
}

static void datagram_socket(void)
{
    TRY(make_socket(SOCK_DGRAM) != INVALID_SOCKET);
}

static void closing_many(void)
{
    for (int i = 0; i < 8; i++) {
        SOCKET s = make_bound(i % 2 ? SOCK_STREAM : SOCK_DGRAM, &address);
        if (s == INVALID_SOCKET) return;
        EXPECT(closesocket(s) == 0);
        EXPECT(closesocket(s) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
    }
}

static void bound_sockets(void)
{
    struct sockaddr_in again;

    TRY(make_bound(SOCK_STREAM, &address) != INVALID_SOCKET);
    EXPECT(address.sin_port != 0);
    TRY(make_bound(SOCK_DGRAM, &again) != INVALID_SOCKET);
}

static void ipv6_sockets(void)
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
    int len = sizeof a;
    SOCKET s = own_socket(WSASocketW(AF_INET6, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED));

    TRY(s != INVALID_SOCKET);
    a.sin6_addr.s6_addr[15] = 1;
    TRY(bind(s, (struct sockaddr *)&a, sizeof a) == 0);
    TRY(getsockname(s, (struct sockaddr *)&a, &len) == 0);
    TRY(listen(s, 1) == 0);
    SOCKET c = own_socket(WSASocketW(AF_INET6, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED));
    TRY(c != INVALID_SOCKET);
    TRY(connect(c, (struct sockaddr *)&a, sizeof a) == 0);
}

/* ---- connecting ---- */

static void connect_and_accept(void)
{
    SOCKET s[2];
    struct sockaddr_in name;
    int len = sizeof name;

    if (!make_pair(s)) return;
    TRY(getpeername(s[1], (struct sockaddr *)&name, &len) == 0);
    TRY(getsockname(s[1], (struct sockaddr *)&name, &len) == 0);
    TRY(shutdown(s[0], SD_BOTH) == 0);
    TRY(shutdown(s[1], SD_SEND) == 0);
}

static int connect_to_listener(void)
{
    return make_client(&address) != INVALID_SOCKET;
}

static void accept_that_waits(void)
{
    struct sockaddr_in peer;
    int len = sizeof peer;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    do_later(connect_to_listener);
    TRY(own_socket(accept(listener, (struct sockaddr *)&peer, &len)) != INVALID_SOCKET);
    EXPECT(peer.sin_port != 0);
}

static void connect_refused(void)
{
    SOCKET s;

    /* A port that nobody listens on: bound, and no more. */
    TRY(make_bound(SOCK_STREAM, &address) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    int result = connect(s, (struct sockaddr *)&address, sizeof address);
    EXPECT(result == SOCKET_ERROR);
    if (WSAGetLastError() != WSAECONNREFUSED) TRY(result == 0);
}

static int unblock(SOCKET s)
{
    u_long on = 1;

    STEP(ioctlsocket(s, FIONBIO, &on) == 0);
    return 1;
}

static int select_writable(SOCKET s)
{
    fd_set writable, failed;
    struct timeval timeout = { WAIT_MS / 1000, 0 };

    FD_ZERO(&writable);
    FD_ZERO(&failed);
    FD_SET(s, &writable);
    FD_SET(s, &failed);
    STEP(select(0, NULL, &writable, &failed, &timeout) > 0);
    return FD_ISSET(s, &writable) ? 1 : -1;
}

static void nonblocking_connect(void)
{
    SOCKET s;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET && unblock(s));
    TRY(connect(s, (struct sockaddr *)&address, sizeof address) == 0 || WSAGetLastError() == WSAEWOULDBLOCK);
    int how = select_writable(s);
    if (how == 0) return;
    if (how < 0) {
        int error = 0, len = sizeof error;
        TRY(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &len) == 0);
        WSASetLastError(error);
        TRY(error == 0);
    }
    char byte = 'x';
    TRY(send(s, &byte, 1, 0) == 1);
}

static void nonblocking_accept(void)
{
    fd_set readable;
    struct timeval timeout = { WAIT_MS / 1000, 0 };

    TRY((listener = make_listener(&address)) != INVALID_SOCKET && unblock(listener));
    EXPECT(accept(listener, NULL, NULL) == INVALID_SOCKET);
    TRY(make_client(&address) != INVALID_SOCKET);
    FD_ZERO(&readable);
    FD_SET(listener, &readable);
    TRY(select(0, &readable, NULL, NULL, &timeout) == 1);
    TRY(own_socket(accept(listener, NULL, NULL)) != INVALID_SOCKET);
}

static void datagram_connect(void)
{
    struct sockaddr_in peer;
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    SOCKET s;

    TRY(make_bound(SOCK_DGRAM, &peer) != INVALID_SOCKET);
    TRY((s = make_bound(SOCK_DGRAM, &address)) != INVALID_SOCKET);
    TRY(connect(s, (struct sockaddr *)&peer, sizeof peer) == 0);
    TRY(connect(s, &none, sizeof none) == 0);
}

static void restarted_listener(void)
{
    SOCKET s[2], again;
    struct sockaddr_in here;
    int len = sizeof here;

    if (!make_pair(s)) return;
    TRY(getsockname(s[1], (struct sockaddr *)&here, &len) == 0);
    EXPECT(closesocket(s[1]) == 0); /* its listener is closed by the driver only: bind must refuse */
    TRY((again = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    EXPECT(bind(again, (struct sockaddr *)&here, sizeof here) == SOCKET_ERROR);
}

/* ---- options and ioctls ---- */

static void options(void)
{
    SOCKET s[2];
    int value = 0, len = sizeof value, on = 1, size = 20000;
    struct linger linger = { 1, 1 };
    u_long n = 0;

    if (!make_pair(s)) return;
    TRY(setsockopt(s[0], IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof on) == 0);
    TRY(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&size, sizeof size) == 0);
    TRY(setsockopt(s[0], SOL_SOCKET, SO_KEEPALIVE, (char *)&on, sizeof on) == 0);
    TRY(setsockopt(s[0], SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger) == 0);
    TRY(getsockopt(s[0], SOL_SOCKET, SO_RCVBUF, (char *)&value, &len) == 0);
    TRY(getsockopt(s[0], SOL_SOCKET, SO_TYPE, (char *)&value, &len) == 0);
    TRY(getsockopt(s[0], SOL_SOCKET, SO_ERROR, (char *)&value, &len) == 0);
    TRY(getsockopt(s[0], IPPROTO_TCP, TCP_NODELAY, (char *)&value, &len) == 0);
    TRY(ioctlsocket(s[1], FIONREAD, &n) == 0);
    TRY(ioctlsocket(s[1], SIOCATMARK, &n) == 0);
}

/* ---- AcceptEx ---- */

static void check_addresses(struct request *r, DWORD data_len)
{
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;

    GetAcceptExSockaddrs(r->data, data_len, 32, 32, &local, &local_len, &remote, &remote_len);
    EXPECT(remote_len == sizeof(struct sockaddr_in));
    /* A failing getsockname leaves the local address empty, and the connection is good all the same. */
    EXPECT(local_len == sizeof(struct sockaddr_in) || fault_fired() > 0);
}

static void accept_ex_without_data(void)
{
    struct request *r;
    SOCKET s;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    if (!(r = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r, s, 0)) return;
    do_later(connect_to_listener);
    if (!await_success(r, NULL)) return;
    TRY(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener) == 0);
    check_addresses(r, 0);
}

static void accept_ex_of_a_waiting_connection(void)
{
    struct request *r;
    SOCKET s;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY(make_client(&address) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    if (!(r = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r, s, 0)) return;
    if (await_success(r, NULL)) check_addresses(r, 0);
}

static int connect_and_talk(void)
{
    SOCKET c = make_client(&address);
    char data[100];

    if (c == INVALID_SOCKET) return 0;
    fill(data, sizeof data, 0);
    return send_exactly(c, data, sizeof data);
}

static void accept_ex_with_data(void)
{
    struct request *r;
    SOCKET s;
    DWORD n;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    if (!(r = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r, s, 200)) return;
    do_later(connect_and_talk);
    if (!await_success(r, &n)) return;
    EXPECT(n > 0 && n <= 100 && matches(r->data, (int)n, 0));
    check_addresses(r, 200);
    if (!recv_exactly(s, r->data + n, (int)(100 - n))) return;
    EXPECT(matches(r->data, 100, 0));
}

/* A connection that has died while it waited is passed over. */
static void accept_ex_behind_a_reset(void)
{
    struct linger hard = { 1, 0 };
    struct sockaddr_in mine, theirs;
    int len = sizeof mine;
    struct request *r;
    SOCKET s, c;

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    TRY((c = make_client(&address)) != INVALID_SOCKET);
    TRY(setsockopt(c, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard) == 0);
    EXPECT(closesocket(c) == 0);
    TRY((c = make_client(&address)) != INVALID_SOCKET);
    TRY((s = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
    if (!(r = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r, s, 0) || !await_success(r, NULL)) return;
    TRY(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener) == 0);
    TRY(getsockname(c, (struct sockaddr *)&mine, &len) == 0);
    len = sizeof theirs;
    TRY(getpeername(s, (struct sockaddr *)&theirs, &len) == 0);
    EXPECT(theirs.sin_port == mine.sin_port);
}

static void several_accept_ex(void)
{
    enum { MANY = 4 };
    struct request *r[MANY];
    SOCKET s[MANY];

    TRY((listener = make_listener(&address)) != INVALID_SOCKET);
    for (int i = 0; i < MANY; i++) {
        TRY((s[i] = make_socket(SOCK_STREAM)) != INVALID_SOCKET);
        if (!(r[i] = new_request(listener, BY_EVENT, 0, 0)) || !start_accept(r[i], s[i], i % 2 * 100)) return;
    }
    for (int i = 0; i < MANY; i++)
        if (!connect_and_talk()) return;
    for (int i = 0; i < MANY; i++)
        if (!await_success(r[i], NULL)) return;
}

static const struct scenario scenarios[] = {
    SCENARIO(stream_socket),
    SCENARIO(datagram_socket),
    SCENARIO(closing_many),
    SCENARIO(bound_sockets),
    SCENARIO(ipv6_sockets),
    SCENARIO(connect_and_accept),
    SCENARIO(accept_that_waits),
    SCENARIO(connect_refused),
    SCENARIO(nonblocking_connect),
    SCENARIO(nonblocking_accept),
    SCENARIO(datagram_connect),
    SCENARIO(restarted_listener),
    SCENARIO(options),
    SCENARIO(accept_ex_without_data),
    SCENARIO(accept_ex_of_a_waiting_connection),
    SCENARIO(accept_ex_with_data),
    SCENARIO(accept_ex_behind_a_reset),
    SCENARIO(several_accept_ex),
};
SWEEP_MAIN(scenarios, FAULT_SOCKET, FAULT_ACCEPT, FAULT_CONNECT, FAULT_BIND, FAULT_LISTEN, FAULT_SHUTDOWN, FAULT_CLOSE,
           FAULT_GETSOCKOPT, FAULT_SETSOCKOPT, FAULT_GETSOCKNAME, FAULT_IOCTL, FAULT_POLL, FAULT_EPOLL_CREATE,
           FAULT_EPOLL_ADD, FAULT_EPOLL_WAIT, FAULT_EVENTFD, FAULT_ALLOC)
