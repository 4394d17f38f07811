/* SPDX-License-Identifier: MIT */
/* names.c - bind, listen, shutdown and the two names of a socket.  Each takes the socket's lock. */
#include "sock/room.h"

#include <errno.h>

/*
 * A restarted server binds its port again although old connections linger:
 * Linux wants SO_REUSEADDR for that, on the listener too (see listen), and
 * still refuses the port of a live listener.  It is tried only when the plain
 * bind is refused, so that two sockets that merely bind stay exclusive.
 */
static NTSTATUS bind_stream(struct lw_sock *s, const struct sockaddr *name, socklen_t len)
{
    static const int on = 1, off = 0;

    if (lw_sys->bind(s->fd, name, len) == 0) return STATUS_SUCCESS;
    if (errno == EADDRINUSE && s->reuse) return LW_STATUS_WSA(WSAEACCES); /* the other one does not share */
    if (errno != EADDRINUSE || s->exclusive) return lw_status_of_call(errno);
    (void)lw_sys->setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (lw_sys->bind(s->fd, name, len) == 0) return STATUS_SUCCESS;
    NTSTATUS status = lw_status_of_call(errno);
    if (!s->reuse) (void)lw_sys->setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof off);
    return status;
}

static NTSTATUS bind_locked(struct lw_sock *s, const struct sockaddr *name, socklen_t len)
{
    if (s->state == LW_SOCK_CLOSED) return STATUS_INVALID_HANDLE;
    if (s->bound || s->acceptor) return STATUS_INVALID_PARAMETER;
    NTSTATUS status = lw_sock_need_fd(s);
    if (!lw_ok(status)) return status;
    if (lw_sock_is_stream(s)) status = bind_stream(s, name, len);
    else if (lw_sys->bind(s->fd, name, len)) status = lw_status_of_call(errno);
    if (lw_ok(status)) s->bound = s->bound_by_call = true;
    return status;
}

NTSTATUS lw_sock_bind(struct lw_sock *s, const void *name, int name_len)
{
    struct sockaddr_storage a;
    socklen_t len;
    NTSTATUS status = lw_addr_to_linux(name, name_len, s->family, &a, &len);

    if (!lw_ok(status)) return status;
    lw_sock_lock(s);
    status = bind_locked(s, (struct sockaddr *)&a, len);
    lw_sock_unlock(s);
    return status;
}

static NTSTATUS listen_locked(struct lw_sock *s, int backlog)
{
    static const int on = 1;

    if (s->state == LW_SOCK_CLOSED) return STATUS_INVALID_HANDLE;
    if (!lw_sock_is_stream(s)) return LW_STATUS_WSA(WSAEOPNOTSUPP);
    if (s->state == LW_SOCK_CONNECTING) lw_connect_refresh(s);
    if (s->state == LW_SOCK_CONNECTED) return LW_STATUS_WSA(WSAEISCONN);
    if (!s->bound || s->state == LW_SOCK_CONNECTING) return STATUS_INVALID_PARAMETER;
    /* Accepted connections take this over; without it a restart could not bind while they linger. */
    if (!s->exclusive) (void)lw_sys->setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (lw_sys->listen(s->fd, backlog)) return lw_status_of_call(errno);
    s->state = LW_SOCK_LISTENING;
    return STATUS_SUCCESS;
}

NTSTATUS lw_sock_listen(struct lw_sock *s, int backlog)
{
    enum { SMALLEST = 1, LARGEST = 65535 };

    if (backlog < 0 && backlog > -LARGEST) backlog = -backlog; /* SOMAXCONN_HINT */
    lw_sock_lock(s);
    NTSTATUS status = listen_locked(s, backlog < SMALLEST ? SMALLEST : backlog > LARGEST ? LARGEST : backlog);
    lw_sock_unlock(s);
    return status;
}

/* ---- shutdown ---- */

NTSTATUS lw_sock_shut_sending(struct lw_sock *s)
{
    if (lw_list_empty(&s->sends)) {
        s->shut_send = true;
        (void)lw_sys->shutdown(s->fd, SHUT_WR); /* the peer may have reset the connection: nothing to tell */
        return STATUS_SUCCESS;
    }
    struct lw_op *fin = lw_op_new(LW_OP_FIN);
    if (!fin) return LW_STATUS_WSA(WSAENOBUFS);
    NTSTATUS status = lw_sock_pend(s, fin, NULL);
    if (status == STATUS_PENDING) s->shut_send = true;
    else lw_op_free(fin);
    return s->shut_send ? STATUS_SUCCESS : status;
}

static NTSTATUS shutdown_locked(struct lw_sock *s, int how)
{
    if (s->state == LW_SOCK_CLOSED) return STATUS_INVALID_HANDLE;
    if (how < W_SD_RECEIVE || how > W_SD_BOTH) return STATUS_INVALID_PARAMETER;
    if (s->state == LW_SOCK_CONNECTING) lw_connect_refresh(s);
    if (lw_sock_is_stream(s) && s->state != LW_SOCK_CONNECTED) return STATUS_INVALID_CONNECTION;
    if (how != W_SD_SEND) s->shut_recv = true; /* nothing goes on the wire, and a pending receive is still served */
    if (how == W_SD_RECEIVE || s->shut_send) return STATUS_SUCCESS;
    if (lw_sock_is_stream(s)) return lw_sock_shut_sending(s);
    s->shut_send = true;
    return STATUS_SUCCESS;
}

NTSTATUS lw_sock_shutdown(struct lw_sock *s, int how)
{
    lw_sock_lock(s);
    NTSTATUS status = shutdown_locked(s, how);
    lw_sock_unlock(s);
    return status;
}

/* ---- names ---- */

static NTSTATUS name_locked(struct lw_sock *s, bool peer, struct sockaddr_storage *ret, socklen_t *len)
{
    if (s->state == LW_SOCK_CLOSED) return STATUS_INVALID_HANDLE;
    if (s->state == LW_SOCK_CONNECTING && peer) lw_connect_refresh(s);
    if (peer && s->state != LW_SOCK_CONNECTED && s->state != LW_SOCK_CONNECTING) return STATUS_INVALID_CONNECTION;
    if (!peer && !s->bound) return STATUS_INVALID_PARAMETER;
    if (peer) { /* kept, because the kernel forgets it while connecting and after a reset */
        __builtin_memcpy(ret, &s->peer, s->peer_len);
        *len = s->peer_len;
        return STATUS_SUCCESS;
    }
    return lw_sys->getsockname(s->fd, (struct sockaddr *)ret, len) ? lw_status_of_call(errno) : STATUS_SUCCESS;
}

NTSTATUS lw_sock_name(struct lw_sock *s, bool peer, void *name, int *name_len)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;

    lw_sock_lock(s);
    NTSTATUS status = name_locked(s, peer, &a, &len);
    lw_sock_unlock(s);
    if (!lw_ok(status)) return status;
    if (!name || !name_len || *name_len < lw_addr_size(s->family)) return STATUS_ACCESS_VIOLATION;
    *name_len = lw_addr_from_linux((struct sockaddr *)&a, len, name, *name_len);
    return STATUS_SUCCESS;
}
