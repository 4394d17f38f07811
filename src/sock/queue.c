/* SPDX-License-Identifier: MIT */
/*
 * queue.c - one FIFO per socket and direction.
 *
 * A request is performed at once when its FIFO is empty and the socket is not
 * known to be unready; otherwise it joins the FIFO, and the socket its poller.
 * Everything in a FIFO is performed in order by whoever learns that the socket
 * is ready.  All with the socket's lock; delivery comes after the lock.
 */
#include "sock/room.h"

static struct lw_list *queue_of(struct lw_sock *s, const struct lw_op *op)
{
    return op->kind == LW_OP_RECV || op->kind == LW_OP_ACCEPT ? &s->recvs : &s->sends;
}

static bool is_out_of_band(const struct lw_op *op)
{
    return op->kind == LW_OP_RECV && (op->flags_in & W_MSG_OOB);
}

static enum lw_performed perform(struct lw_sock *s, struct lw_op *op)
{
    switch (op->kind) {
    case LW_OP_RECV: return lw_receive_perform(s, op);
    case LW_OP_ACCEPT: return s->state == LW_SOCK_LISTENING ? lw_accept_perform(s, op) : lw_receive_perform(s, op);
    case LW_OP_SEND: return lw_send_perform(s, op);
    case LW_OP_CONNECT: return lw_connect_perform(s, op);
    case LW_OP_FIN:
        (void)lw_sys->shutdown(s->fd, SHUT_WR); /* the connection may be gone already */
        op->status = STATUS_SUCCESS;
        return LW_FINISHED;
    case LW_OP_IOCTL: break; /* never queued */
    }
    return LW_BLOCKED;
}

/* Is it worth a system call? */
static bool may_try(struct lw_sock *s, const struct lw_op *op)
{
    if (is_out_of_band(op)) return true;
    LW_LIST_EACH(link, queue_of(s, op)) {
        if (!is_out_of_band(lw_op_of(link))) return false; /* one that waits for urgent data holds up nobody */
    }
    return queue_of(s, op) == &s->recvs ? s->readable : s->writable;
}

static NTSTATUS check(struct lw_sock *s, struct lw_op *op)
{
    if (s->state == LW_SOCK_CLOSED) return STATUS_INVALID_HANDLE;
    if (op->kind == LW_OP_RECV) return lw_receive_check(s, op);
    if (op->kind == LW_OP_SEND) return lw_send_check(s, op);
    return STATUS_SUCCESS;
}

/* ---- pending ---- */

/* The calling thread's poller, unless requests that pend elsewhere keep the socket there. */
static struct lw_poller *choose_poller(struct lw_sock *s)
{
    bool idle = lw_list_empty(&s->recvs) && lw_list_empty(&s->sends);
    struct lw_thread *self = lw_thread_self();

    if (!self) return NULL;
    return s->poller && !idle ? s->poller : lw_thread_poller(self);
}

static bool join(struct lw_sock *s, struct lw_poller *poller)
{
    if (poller == s->poller) return true;
    if (lw_poller_join(poller, s->fd, s->self)) return false;
    if (s->poller) lw_poller_part(s->poller, s->fd);
    s->poller = poller;
    return true;
}

NTSTATUS lw_sock_pend(struct lw_sock *s, struct lw_op *op, struct lw_poller *poller)
{
    if (!poller) poller = choose_poller(s);
    if (!poller || !join(s, poller)) return STATUS_INSUFFICIENT_RESOURCES;
    lw_list_push(queue_of(s, op), &op->apc.link);
    lw_op_pend(op, s->poller);
    return STATUS_PENDING;
}

void lw_sock_unqueue(struct lw_sock *s, struct lw_op *op)
{
    lw_list_remove(&op->apc.link);
    lw_op_unpend(op, s->poller);
}

/* ---- serving ---- */

static void serve_queue(struct lw_sock *s, struct lw_list *queue, struct lw_list *finished)
{
    bool blocked = false;

    LW_LIST_EACH(link, queue) {
        struct lw_op *op = lw_op_of(link);
        bool ready = queue == &s->recvs ? s->readable : s->writable;

        if (is_out_of_band(op) ? !s->urgent : blocked || !ready) continue;
        enum lw_performed how = perform(s, op);
        if (how == LW_BLOCKED) blocked = !is_out_of_band(op) || blocked;
        if (how != LW_FINISHED) continue; /* one that has moved is in another socket's queue by now */
        lw_sock_unqueue(s, op);
        lw_list_push(finished, &op->apc.link);
    }
}

void lw_sock_serve(struct lw_sock *s, struct lw_list *finished)
{
    if (!lw_list_empty(&s->recvs)) serve_queue(s, &s->recvs, finished);
    if (!lw_list_empty(&s->sends)) serve_queue(s, &s->sends, finished);
}

void lw_sock_ready(struct lw_object *obj, uint32_t events)
{
    struct lw_sock *s = lw_sock_of(obj);
    struct lw_list finished;

    lw_list_init(&finished);
    lw_sock_lock(s);
    if (s->state != LW_SOCK_CLOSED) {
        if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) s->hung_up = true;
        if (events & EPOLLPRI) s->urgent = true;
        if (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) s->readable = true;
        if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) s->writable = true;
        lw_sock_serve(s, &finished);
    }
    lw_sock_unlock(s);
    lw_sock_deliver(&finished);
}

/* An AcceptEx that waited for data is known to its listener until here. */
static void forget_accepted(struct lw_op *op)
{
    struct lw_sock *listener = lw_sock_of(op->target);

    lw_sock_lock(listener);
    lw_list_remove(&op->accept.owner);
    lw_sock_unlock(listener);
}

static void deliver(struct lw_op *op)
{
    if (op->kind == LW_OP_ACCEPT && op->accept.socket) forget_accepted(op);
    if (op->kind == LW_OP_FIN) lw_op_free(op);
    else lw_op_deliver(op);
}

void lw_sock_deliver(struct lw_list *finished)
{
    for (struct lw_list *l; (l = lw_list_pop(finished));) deliver(lw_op_of(l));
}

/* ---- issue ---- */

/*
 * A request that ends at once: success is notified as if it had pended, an
 * error is refused without notification.  A warning (a cut datagram) and an
 * AcceptEx are notified and called pending.
 */
static NTSTATUS finished_at_once(struct lw_op *op, size_t *ret_count)
{
    NTSTATUS status = op->status;
    bool warning = status < 0 && (ULONG)status < 0xC0000000u;

    if (!lw_ok(status) && !warning && op->kind != LW_OP_ACCEPT) {
        lw_op_free(op);
        return status;
    }
    if (ret_count) *ret_count = op->count;
    if (warning || op->kind == LW_OP_ACCEPT) status = STATUS_PENDING;
    deliver(op);
    return status;
}

NTSTATUS lw_sock_submit(struct lw_sock *s, struct lw_op *op, size_t *ret_count)
{
    enum lw_performed how = LW_BLOCKED;

    lw_op_issue(op);
    lw_sock_lock(s);
    NTSTATUS status = check(s, op);
    if (lw_ok(status)) {
        if (may_try(s, op)) how = perform(s, op);
        if (how == LW_BLOCKED) status = lw_sock_pend(s, op, NULL);
    }
    lw_sock_unlock(s);
    if (how == LW_FINISHED) return finished_at_once(op, ret_count);
    if (how == LW_MOVED || status == STATUS_PENDING) {
        lw_thread_current->issued = true; /* the op has an issuer, so there is a block */
        return STATUS_PENDING;
    }
    lw_op_free(op);
    return status;
}

/* Puts a withdrawn request back to the head of its queue, or ends it.  True: it is queued. */
static bool requeue(struct lw_sock *s, struct lw_op *op)
{
    enum lw_performed how = LW_BLOCKED;
    NTSTATUS status = STATUS_REQUEST_ABORTED; /* the socket was closed meanwhile */

    lw_sock_lock(s);
    if (s->state != LW_SOCK_CLOSED) {
        if (may_try(s, op)) how = perform(s, op);
        if (how == LW_BLOCKED) status = lw_sock_pend(s, op, NULL);
        if (status == STATUS_PENDING) {
            lw_list_remove(&op->apc.link);
            lw_list_push_front(queue_of(s, op), &op->apc.link);
        }
    }
    lw_sock_unlock(s);
    if (how != LW_FINISHED && status != STATUS_PENDING) op->status = status;
    return how != LW_FINISHED && status == STATUS_PENDING;
}

/*
 * Waits for a queued request of a blocking call.  APCs run meanwhile (contract
 * 20 section 8), but never while the request is queued: it is on this stack,
 * and a routine may leave by longjmp, an exception or ExitThread.
 */
static void wait_for(struct lw_sock *s, struct lw_op *op, struct lw_event *done, DWORD timeout_ms)
{
    struct lw_object *object = &done->obj;
    int64_t deadline = timeout_ms ? lw_deadline(timeout_ms) : -1;
    bool alertable = true;

    for (;;) {
        int result = lw_wait(&object, 1, false, deadline, alertable);
        if (result == 0) return;
        if (!lw_sock_withdraw(s, op)) { /* it is being finished at this moment */
            alertable = false;
            deadline = -1;
            continue;
        }
        if (result != LW_WAIT_ALERTED) {
            op->status = STATUS_IO_TIMEOUT;
            return;
        }
        lw_apc_run();
        if (!requeue(s, op)) return;
    }
}

NTSTATUS lw_sock_perform_sync(struct lw_sock *s, struct lw_op *op, DWORD timeout_ms, bool may_block)
{
    enum lw_performed how = LW_BLOCKED;
    struct lw_event done;

    lw_event_init(&done, true);
    op->waiter = &done.obj;
    lw_sock_lock(s);
    NTSTATUS status = check(s, op);
    if (lw_ok(status)) {
        bool try = may_try(s, op) || (!may_block && lw_list_empty(queue_of(s, op)));
        /* A program that asks again and again gets a true answer, even if nobody has heard the poller's. */
        if (try) how = perform(s, op);
        if (how == LW_BLOCKED) status = may_block ? lw_sock_pend(s, op, NULL) : STATUS_DEVICE_NOT_READY;
    }
    lw_sock_unlock(s);
    if (how == LW_FINISHED) status = op->status;
    else if (status == STATUS_PENDING) {
        wait_for(s, op, &done, timeout_ms);
        status = op->status;
    }
    lw_event_done(&done);
    return status;
}
