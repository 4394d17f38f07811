/* SPDX-License-Identifier: MIT */
/*
 * accept.c - AcceptEx and accept.
 *
 * Both are requests in the listener's receive queue.  An AcceptEx that wants
 * data, once it has its connection, moves to the receive queue of its accept
 * socket; the listener keeps it in `accepted`, because CancelIoEx and
 * closesocket of the listener still reach it.  That is the one place where two
 * sockets are locked: the listener first, then the accept socket, which cannot
 * be a listener.
 */
#include "sock/room.h"

#include <errno.h>
#include <poll.h>

/* ---- the connection and its addresses ---- */

static void store_address(char *block, DWORD block_len, const struct sockaddr *name, socklen_t name_len)
{
    char *at = lw_accept_ex_address(block);

    (void)lw_addr_from_linux(name, name_len, at, (int)(block_len - (DWORD)(at - block)));
}

/* The address blocks stand behind the data area. */
static void store_addresses(struct lw_op *op, int fd, const struct sockaddr *peer, socklen_t peer_len)
{
    struct sockaddr_storage local;
    socklen_t len = sizeof local;
    char *at = op->accept.output + op->accept.data_len;

    if (op->accept.local_len && lw_sys->getsockname(fd, (struct sockaddr *)&local, &len) == 0)
        store_address(at, op->accept.local_len, (struct sockaddr *)&local, len);
    store_address(at + op->accept.local_len, op->accept.remote_len, peer, peer_len);
}

/* A block needs 16 bytes more than the address; a local length of 0 asks for none (contract 30). */
static bool blocks_fit(struct lw_sock *listener, const struct lw_op *op)
{
    DWORD least = (DWORD)lw_addr_size(listener->family) + 16;

    return (op->accept.local_len == 0 || op->accept.local_len >= least) && op->accept.remote_len >= least;
}

/* Gives the connection to the accept socket.  Called with the listener's lock; takes the accept socket's. */
static bool install(struct lw_sock *s, const struct lw_op *op, int fd, const struct sockaddr *peer, socklen_t peer_len)
{
    if (s->state == LW_SOCK_CLOSED) return false;
    int placeholder = lw_sock_take_fd(s);
    if (placeholder >= 0) (void)lw_sys->close(placeholder);
    s->fd = fd;
    lw_saved_options_apply(s, fd);
    lw_sock_set_peer(s, peer, peer_len);
    lw_sock_connected(s);
    s->by_accept_ex = true;
    s->listener = lw_sock_of(op->target);
    if (s->acceptor) lw_object_unref(&s->acceptor->obj);
    s->acceptor = NULL;
    return true;
}

/* The request goes on as a receive on the accept socket, unless data is there already. */
static enum lw_performed wait_for_data(struct lw_sock *listener, struct lw_sock *s, struct lw_op *op)
{
    enum lw_performed how = lw_receive_perform(s, op);

    if (how == LW_FINISHED) return how;
    if (op->pended) lw_sock_unqueue(listener, op);
    if (lw_sock_pend(s, op, listener->poller) != STATUS_PENDING) {
        op->status = STATUS_INSUFFICIENT_RESOURCES;
        return LW_FINISHED;
    }
    lw_list_push(&listener->accepted, &op->accept.owner);
    return LW_MOVED;
}

static enum lw_performed complete_accept_ex(struct lw_sock *listener, struct lw_op *op, int fd,
                                            const struct sockaddr *peer, socklen_t peer_len)
{
    struct lw_sock *s = lw_sock_of(op->accept.socket);

    lw_lock_nested(&s->lock, LW_RANK_SOCKET);
    enum lw_performed how = LW_FINISHED;
    if (install(s, op, fd, peer, peer_len)) {
        store_addresses(op, fd, peer, peer_len);
        op->status = STATUS_SUCCESS;
        if (op->accept.data_len) how = wait_for_data(listener, s, op);
    } else {
        (void)lw_sys->close(fd); /* the accept socket was closed at this moment */
        op->status = STATUS_CANCELLED;
    }
    lw_sock_unlock(s);
    return how;
}

/* Without descriptors or memory the connection stays in the backlog and the request pending. */
static enum lw_performed starved(struct lw_sock *listener, struct lw_op *op)
{
    if (!op->accept.socket) return lw_finish(op, lw_status_of_call(errno));
    lw_watchdog_retry(listener->self);
    return LW_BLOCKED;
}

/* An AcceptEx that fails before it has a connection gives its accept socket back. */
static enum lw_performed refuse(struct lw_op *op, NTSTATUS status)
{
    lw_accept_release(op);
    return lw_finish(op, status);
}

/* The blocks are too small: fails when a connection arrives, which stays for a later accept. */
static enum lw_performed refuse_blocks(struct lw_sock *listener, struct lw_op *op)
{
    if (lw_poll_one(listener->fd, POLLIN) > 0) return refuse(op, STATUS_BUFFER_TOO_SMALL);
    listener->readable = false;
    return LW_BLOCKED;
}

/* A connection that was reset in the backlog is passed over. */
static bool is_dead(int fd)
{
    if (!(lw_poll_one(fd, POLLIN) & POLLERR)) return false;
    (void)lw_sys->close(fd); /* there is nobody to tell */
    return true;
}

enum lw_performed lw_accept_perform(struct lw_sock *listener, struct lw_op *op)
{
    enum { TRIES = 64 };

    if (op->accept.socket && !blocks_fit(listener, op)) return refuse_blocks(listener, op);
    for (int tries = 0; tries < TRIES; tries++) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof peer;
        int fd = lw_sys->accept(listener->fd, (struct sockaddr *)&peer, &len);
        if (fd >= 0 && op->accept.socket && is_dead(fd)) continue;
        if (fd >= 0 && op->accept.socket) return complete_accept_ex(listener, op, fd, (struct sockaddr *)&peer, len);
        if (fd >= 0) {
            op->accept.fd = fd;
            __builtin_memcpy(op->accept.peer, &peer, sizeof peer);
            op->accept.peer_len = len;
            return lw_finish(op, STATUS_SUCCESS);
        }
        switch (errno) {
        case EAGAIN: listener->readable = false; return LW_BLOCKED;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM: return starved(listener, op);
        case EBADF:
        case EINVAL: return refuse(op, lw_status_from_errno(errno));
        default: break; /* the connection died in the backlog: the next one */
        }
    }
    return starved(listener, op); /* the same error for ever is no dying connection: asks again later */
}

/* ---- AcceptEx ---- */

/* Reserves the accept socket for the request. */
static NTSTATUS reserve(struct lw_sock *s, struct lw_sock *listener)
{
    NTSTATUS status = STATUS_SUCCESS;

    lw_sock_lock(s);
    if (s->state != LW_SOCK_OPEN || s->bound || s->acceptor || !lw_sock_is_stream(s)) status = STATUS_INVALID_PARAMETER;
    if (s->state == LW_SOCK_CLOSED) status = STATUS_INVALID_HANDLE;
    if (lw_ok(status)) {
        lw_object_ref(&listener->obj);
        s->acceptor = listener;
    }
    lw_sock_unlock(s);
    return status;
}

static void unreserve(struct lw_sock *s)
{
    lw_sock_lock(s);
    struct lw_sock *listener = s->acceptor;
    s->acceptor = NULL;
    lw_sock_unlock(s);
    if (listener) lw_object_unref(&listener->obj);
}

static NTSTATUS check_listener(struct lw_sock *listener)
{
    lw_sock_lock(listener);
    NTSTATUS status = listener->state == LW_SOCK_LISTENING ? STATUS_SUCCESS
                      : listener->state == LW_SOCK_CLOSED  ? STATUS_INVALID_HANDLE
                                                           : STATUS_INVALID_PARAMETER;
    lw_sock_unlock(listener);
    return status;
}

NTSTATUS lw_sock_accept_ex(struct lw_sock *listener, lw_socket_t accept_socket, void *output, DWORD data_len,
                           DWORD local_len, DWORD remote_len, OVERLAPPED *ov)
{
    struct lw_op *op = NULL;
    NTSTATUS status = check_listener(listener);

    if (!lw_ok(status)) return status;
    struct lw_sock *s = lw_sock_get(accept_socket);
    if (!s) return STATUS_INVALID_HANDLE;
    status = !output || !remote_len ? STATUS_ACCESS_VIOLATION : reserve(s, listener);
    if (lw_ok(status)) {
        struct lw_wsabuf data = { data_len, output };
        status = lw_sock_op_new(listener, LW_OP_ACCEPT, ov, NULL, &op);
        if (lw_ok(status)) {
            lw_object_ref(&s->obj);
            op->accept.socket = &s->obj;
            lw_list_init(&op->accept.owner);
            op->accept.output = output;
            op->accept.data_len = data_len;
            op->accept.local_len = local_len;
            op->accept.remote_len = remote_len;
            LW_CHECK(lw_op_set_buffers(op, &data, 1)); /* one buffer needs no memory */
            status = lw_sock_submit(listener, op, NULL);
        }
        if (status != STATUS_PENDING) unreserve(s);
    }
    lw_sock_put(accept_socket);
    return status;
}

/* ---- accept ---- */

/* The new socket has the listener's kind and blocking mode. */
static struct lw_sock *new_like(struct lw_sock *listener)
{
    struct lw_sock *s = lw_sock_new(listener->family, listener->type, listener->protocol, listener->overlapped);

    if (!s) return NULL;
    lw_sock_lock(listener);
    lw_sock_inherit(s, listener);
    lw_sock_unlock(listener);
    return s;
}

NTSTATUS lw_sock_accept(struct lw_sock *listener, void *name, int *name_len, lw_socket_t *ret)
{
    struct sockaddr_storage peer;
    struct lw_op op;

    if (name && (!name_len || *name_len < lw_addr_size(listener->family))) return STATUS_ACCESS_VIOLATION;
    NTSTATUS status = check_listener(listener);
    if (!lw_ok(status)) return lw_sock_is_stream(listener) ? status : LW_STATUS_WSA(WSAEOPNOTSUPP);
    struct lw_sock *s = new_like(listener); /* before the connection is taken: nothing may fail afterwards */
    if (!s) return LW_STATUS_WSA(WSAENOBUFS);
    lw_op_init(&op, LW_OP_ACCEPT);
    op.accept.fd = -1;
    op.accept.peer = &peer;
    status = lw_sock_perform_sync(listener, &op, 0, !listener->nonblocking);
    if (!lw_ok(status)) {
        lw_object_unref(&s->obj);
        return status;
    }
    s->fd = op.accept.fd;
    lw_sock_set_peer(s, (struct sockaddr *)&peer, op.accept.peer_len);
    lw_sock_connected(s);
    if (name) *name_len = lw_addr_from_linux((struct sockaddr *)&peer, op.accept.peer_len, name, *name_len);
    return lw_sock_publish(s, ret);
}
