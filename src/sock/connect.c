/* SPDX-License-Identifier: MIT */
/* connect.c - connect, blocking and not.  A connection in progress is a request in the send queue when somebody waits for it. */
#include "sock/room.h"

#include <errno.h>
#include <poll.h>

static int take_error(struct lw_sock *s)
{
    int err = 0;
    socklen_t len = sizeof err;

    return lw_sys->getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno : err;
}

/* Has the connection been made, or refused?  STATUS_PENDING: neither. */
static NTSTATUS outcome(struct lw_sock *s)
{
    if (lw_poll_one(s->fd, POLLOUT) == 0) return STATUS_PENDING;
    int err = take_error(s);
    if (err == 0) {
        lw_sock_connected(s);
        return STATUS_SUCCESS;
    }
    s->state = LW_SOCK_OPEN;
    s->readable = s->writable = true;
    return lw_status_from_errno(err);
}

enum lw_performed lw_connect_perform(struct lw_sock *s, struct lw_op *op)
{
    op->status = s->state == LW_SOCK_CONNECTING  ? outcome(s)
                 : s->state == LW_SOCK_CONNECTED ? STATUS_SUCCESS
                                                 : LW_STATUS_WSA(s->so_error); /* found by another call meanwhile */
    if (op->status != STATUS_PENDING) return LW_FINISHED;
    s->writable = false;
    return LW_BLOCKED;
}

/* The result of a non-blocking connect is found by the next call that needs it. */
void lw_connect_refresh(struct lw_sock *s)
{
    if (!lw_list_empty(&s->sends)) return; /* a blocking connect of another thread will find it */
    NTSTATUS status = outcome(s);
    if (status != STATUS_PENDING && !lw_ok(status)) s->so_error = lw_status_to_wsa(status);
}

/* A refused socket may connect again, but Linux answers the first attempt after a non-blocking one with ECONNABORTED. */
static int connect_fd(struct lw_sock *s, const struct sockaddr *name, socklen_t len)
{
    int result = lw_sys->connect(s->fd, name, len);

    return result && errno == ECONNABORTED ? lw_sys->connect(s->fd, name, len) : result;
}

static NTSTATUS check_stream(struct lw_sock *s)
{
    if (s->state == LW_SOCK_CONNECTING) lw_connect_refresh(s);
    switch (s->state) {
    case LW_SOCK_CLOSED: return STATUS_INVALID_HANDLE;
    case LW_SOCK_LISTENING: return STATUS_INVALID_PARAMETER;
    case LW_SOCK_CONNECTING: return LW_STATUS_WSA(WSAEALREADY);
    case LW_SOCK_CONNECTED: return LW_STATUS_WSA(WSAEISCONN);
    default: return s->acceptor ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    }
}

/* Starts the connection.  STATUS_PENDING: it is under way. */
static NTSTATUS start_stream(struct lw_sock *s, const struct sockaddr *name, socklen_t len)
{
    static const int on = 1;
    NTSTATUS status = check_stream(s);

    if (lw_ok(status)) status = lw_sock_need_fd(s);
    if (!lw_ok(status)) return status;
    s->so_error = 0;
    /* A client that binds its port can do so again while this connection lingers; see bind_stream. */
    if (s->bound_by_call && !s->exclusive) (void)lw_sys->setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    lw_sock_set_peer(s, name, len);
    if (connect_fd(s, name, len) == 0) {
        lw_sock_connected(s);
        return STATUS_SUCCESS;
    }
    if (errno != EINPROGRESS) return lw_status_of_call(errno);
    s->state = LW_SOCK_CONNECTING;
    s->bound = true;
    s->writable = true; /* ask once before the poller is asked */
    return STATUS_PENDING;
}

static NTSTATUS connect_stream(struct lw_sock *s, const struct sockaddr *name, socklen_t len)
{
    struct lw_op op;

    lw_sock_lock(s);
    NTSTATUS status = start_stream(s, name, len);
    bool block = status == STATUS_PENDING && !s->nonblocking;
    lw_sock_unlock(s);
    if (status == STATUS_PENDING && !block) return STATUS_DEVICE_NOT_READY;
    if (status != STATUS_PENDING) return status;
    lw_op_init(&op, LW_OP_CONNECT);
    return lw_sock_perform_sync(s, &op, 0, true);
}

/* Dissolving the association takes a port away that the kernel had chosen: Windows keeps it. */
static void keep_port(struct lw_sock *s, in_port_t port)
{
    struct sockaddr_in6 name;
    socklen_t len = sizeof name;

    if (!port || lw_sys->getsockname(s->fd, (struct sockaddr *)&name, &len) || name.sin6_port) return;
    name.sin6_port = port;                                    /* at the same place in both families */
    (void)lw_sys->bind(s->fd, (struct sockaddr *)&name, len); /* taken by somebody else meanwhile: another one comes */
}

/* connect on a datagram socket sets the peer; AF_UNSPEC dissolves it. */
static NTSTATUS connect_datagram(struct lw_sock *s, const struct sockaddr *name, socklen_t len)
{
    static const int on = 1;

    lw_sock_lock(s);
    NTSTATUS status = s->state == LW_SOCK_CLOSED ? STATUS_INVALID_HANDLE : lw_sock_need_fd(s);
    if (lw_ok(status)) {
        struct sockaddr_in6 before = { .sin6_port = 0 };
        socklen_t before_len = sizeof before;
        if (name->sa_family == AF_UNSPEC) (void)lw_sys->getsockname(s->fd, (struct sockaddr *)&before, &before_len);
        int result = lw_sys->connect(s->fd, name, len);
        if (result &&
            errno == EACCES) { /* a broadcast address: Windows allows it, and then sends need no SO_BROADCAST */
            (void)lw_sys->setsockopt(s->fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
            result = lw_sys->connect(s->fd, name, len);
        }
        if (result) {
            status = lw_status_of_call(errno);
        } else if (name->sa_family == AF_UNSPEC) {
            s->state = LW_SOCK_OPEN;
            keep_port(s, before.sin6_port);
        } else {
            lw_sock_set_peer(s, name, len);
            lw_sock_connected(s);
        }
    }
    lw_sock_unlock(s);
    return status;
}

static bool is_unspecified(const void *name, int name_len)
{
    unsigned short family;

    if (!name || name_len < (int)sizeof family) return false;
    __builtin_memcpy(&family, name, sizeof family);
    return family == W_AF_UNSPEC;
}

NTSTATUS lw_sock_connect(struct lw_sock *s, const void *name, int name_len)
{
    struct sockaddr_storage a = { .ss_family = AF_UNSPEC };
    socklen_t len = sizeof(struct sockaddr);

    if (!lw_sock_is_stream(s) && is_unspecified(name, name_len)) return connect_datagram(s, (struct sockaddr *)&a, len);
    NTSTATUS status = lw_addr_to_linux(name, name_len, s->family, &a, &len);
    if (!lw_ok(status)) return status;
    if (!lw_addr_is_destination(&a, s->type != SOCK_RAW)) {
        lw_sock_lock(s);
        status = lw_sock_is_stream(s) ? check_stream(s) : STATUS_SUCCESS;
        lw_sock_unlock(s);
        return lw_ok(status) ? STATUS_INVALID_ADDRESS_COMPONENT : status;
    }
    return lw_sock_is_stream(s) ? connect_stream(s, (struct sockaddr *)&a, len)
                                : connect_datagram(s, (struct sockaddr *)&a, len);
}
