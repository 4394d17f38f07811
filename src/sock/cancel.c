/* SPDX-License-Identifier: MIT */
/*
 * cancel.c - takes requests out of a socket's queues: CancelIo, CancelIoEx,
 * thread exit, close.
 *
 * Whoever unqueues a request under the lock of the socket in whose queue it
 * is, owns it; a request that is being performed cannot be seen here, because
 * performing happens under the same lock.
 */
#include "sock/room.h"

struct choice {
    struct lw_object *issuer; /* NULL: any thread */
    OVERLAPPED *ov;           /* NULL: any */
};

static bool chosen(const struct choice *c, const struct lw_op *op)
{
    if (op->waiter || op->kind == LW_OP_FIN) return false; /* synchronous calls are invisible */
    return (!c->issuer || op->issuer == c->issuer) && (!c->ov || op->ov == c->ov);
}

static void end(struct lw_sock *s, struct lw_op *op, NTSTATUS status, struct lw_list *finished)
{
    lw_sock_unqueue(s, op);
    op->status = status;
    lw_list_push(finished, &op->apc.link);
}

/* An AcceptEx whose accept socket waits for data belongs to the listener: the sockets' own cancel leaves it alone. */
static bool is_guest(const struct lw_sock *s, const struct lw_op *op)
{
    return op->kind == LW_OP_ACCEPT && op->accept.socket == &s->obj;
}

void lw_accept_release(struct lw_op *op)
{
    if (op->kind != LW_OP_ACCEPT || !op->accept.socket) return;
    struct lw_sock *s = lw_sock_of(op->accept.socket);

    lw_lock_nested(&s->lock, LW_RANK_SOCKET);
    struct lw_sock *listener = s->acceptor;
    s->acceptor = NULL;
    lw_sock_unlock(s);
    if (listener) lw_object_unref(&listener->obj);
}

static void cancel_queue(struct lw_sock *s, struct lw_list *queue, const struct choice *c, NTSTATUS status,
                         struct lw_list *finished)
{
    LW_LIST_EACH(link, queue) {
        struct lw_op *op = lw_op_of(link);
        if (is_guest(s, op) || !chosen(c, op)) continue;
        end(s, op, status, finished);
        lw_accept_release(op);
    }
}

/* AcceptEx requests that have their connection and wait for data in another socket's queue. */
static void cancel_accepted(struct lw_sock *listener, const struct choice *c, struct lw_list *finished)
{
    LW_LIST_EACH(link, &listener->accepted) {
        struct lw_op *op = LW_CONTAINER_OF(link, struct lw_op, accept.owner);
        struct lw_sock *s = lw_sock_of(op->accept.socket);

        if (!chosen(c, op)) continue;
        lw_lock_nested(&s->lock, LW_RANK_SOCKET);
        if (op->pended) end(s, op, STATUS_CANCELLED, finished); /* else it is being delivered */
        lw_sock_unlock(s);
    }
}

static bool cancel(struct lw_sock *s, const struct choice *c)
{
    struct lw_list finished;

    lw_list_init(&finished);
    lw_sock_lock(s);
    cancel_queue(s, &s->recvs, c, STATUS_CANCELLED, &finished);
    cancel_queue(s, &s->sends, c, STATUS_CANCELLED, &finished);
    cancel_accepted(s, c, &finished);
    bool any = !lw_list_empty(&finished);
    lw_sock_serve(s, &finished); /* what stood behind a cancelled request may be ready */
    lw_sock_unlock(s);
    lw_sock_deliver(&finished);
    return any;
}

bool lw_sock_cancel(struct lw_sock *s, struct lw_object *issuer, OVERLAPPED *ov)
{
    struct choice c = { issuer, ov };

    return cancel(s, &c);
}

void lw_sock_thread_exit(struct lw_object *obj, struct lw_object *thread)
{
    struct choice c = { thread, NULL };

    (void)cancel(lw_sock_of(obj), &c);
}

bool lw_sock_withdraw(struct lw_sock *s, struct lw_op *op)
{
    lw_sock_lock(s);
    bool queued = op->pended;
    if (queued) lw_sock_unqueue(s, op);
    lw_sock_unlock(s);
    return queued;
}

/* ---- close ---- */

/* What closing the socket makes of a request (contract 20 section 12). */
static NTSTATUS close_status(const struct lw_sock *s, const struct lw_op *op)
{
    if (op->kind == LW_OP_FIN) return STATUS_SUCCESS;
    if (op->quiet) return STATUS_CANCELLED; /* the last WSACleanup */
    if (op->kind == LW_OP_ACCEPT && !is_guest(s, op)) return op->waiter ? STATUS_REQUEST_ABORTED : STATUS_CANCELLED;
    if (s->state == LW_SOCK_CONNECTED && lw_sock_is_stream(s)) return STATUS_CONNECTION_ABORTED;
    return op->waiter ? STATUS_REQUEST_ABORTED : STATUS_CANCELLED;
}

static void abort_queue(struct lw_sock *s, struct lw_list *queue, struct lw_list *finished)
{
    LW_LIST_EACH(link, queue) {
        struct lw_op *op = lw_op_of(link);
        bool guest = is_guest(s, op);
        end(s, op, close_status(s, op), finished);
        if (!guest) lw_accept_release(op);
    }
}

void lw_sock_abort_all(struct lw_sock *s, struct lw_list *finished)
{
    static const struct choice everything;

    abort_queue(s, &s->recvs, finished);
    abort_queue(s, &s->sends, finished);
    cancel_accepted(s, &everything, finished);
}

void lw_accept_abandon(struct lw_sock *listener, struct lw_sock *accept_socket)
{
    struct lw_list finished;

    lw_list_init(&finished);
    lw_sock_lock(listener);
    LW_LIST_EACH(link, &listener->recvs) {
        struct lw_op *op = lw_op_of(link);
        if (op->accept.socket != &accept_socket->obj) continue;
        end(listener, op, STATUS_CANCELLED, &finished);
    }
    lw_sock_unlock(listener);
    lw_sock_deliver(&finished);
}
