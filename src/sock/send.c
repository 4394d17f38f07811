/* SPDX-License-Identifier: MIT */
/*
 * send.c - performs sends, whole and in order.  Runs with the socket's lock.
 *
 * A send on a stream is finished when the kernel has taken its last byte; a
 * cursor survives short writes.  A datagram goes at once or not at all.
 */
#include "sock/room.h"
#include "xlate/msg.h"

#include <errno.h>

NTSTATUS lw_send_check(struct lw_sock *s, struct lw_op *op)
{
    op->msg_flags = lw_msg_send_to_linux(op->flags_in);
    if (op->msg_flags < 0) return STATUS_NOT_SUPPORTED;
    if (s->state == LW_SOCK_CONNECTING) lw_connect_refresh(s);
    if (s->shut_send) return STATUS_PIPE_DISCONNECTED;
    if (lw_sock_is_stream(s)) {
        if (s->state != LW_SOCK_CONNECTED) return STATUS_INVALID_CONNECTION;
        return s->reset ? lw_reset_status(s) : STATUS_SUCCESS;
    }
    if (op->flags_in & W_MSG_OOB) return STATUS_NOT_SUPPORTED;
    if (op->send.to_len == 0 && s->state != LW_SOCK_CONNECTED) return STATUS_INVALID_CONNECTION;
    return lw_sock_need_fd(s);
}

/* Writes from the cursor on. */
static ssize_t write_some(struct lw_sock *s, struct lw_op *op)
{
    struct iovec *first = op->buffers + op->buffer_at;
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL | op->msg_flags;

    if (op->buffer_at + 1 >= op->buffer_count) return lw_sys->send(s->fd, first->iov_base, first->iov_len, flags);
    uint32_t left = op->buffer_count - op->buffer_at;
    struct msghdr msg = { .msg_iov = first,
                          .msg_iovlen = left > LW_OP_BUFFERS_PER_CALL ? LW_OP_BUFFERS_PER_CALL : left };
    return lw_sys->sendmsg(s->fd, &msg, flags);
}

static enum lw_performed send_stream(struct lw_sock *s, struct lw_op *op)
{
    if (op->total == 0) return lw_finish(op, STATUS_SUCCESS);
    for (;;) {
        ssize_t n = write_some(s, op);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            s->writable = false;
            return LW_BLOCKED;
        }
        if (n < 0) return lw_finish(op, lw_stream_status(s, errno));
        lw_op_advance(op, (size_t)n);
        if (op->count == op->total) return lw_finish(op, STATUS_SUCCESS);
    }
}

/* Errors of earlier datagrams come up in the next send on Linux; on Windows a receive reports them. */
static bool is_of_earlier_datagram(int err)
{
    return err == ECONNREFUSED || err == EHOSTUNREACH || err == EPROTO || err == ENOPROTOOPT;
}

static NTSTATUS datagram_status(int err)
{
    if (err == EMSGSIZE) return STATUS_INVALID_BUFFER_SIZE;
    if (err == EINVAL || err == EDESTADDRREQ) return STATUS_INVALID_ADDRESS_COMPONENT;
    return lw_status_from_errno(err);
}

static enum lw_performed send_datagram(struct lw_sock *s, struct lw_op *op)
{
    struct msghdr msg = {
        .msg_name = op->send.to_len ? &op->send.to : NULL,
        .msg_namelen = op->send.to_len,
        .msg_iov = op->buffers,
        .msg_iovlen = op->buffer_count,
    };

    for (int tries = 0;;) {
        ssize_t n = lw_sys->sendmsg(s->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL | op->msg_flags);
        if (n >= 0) {
            op->count = (size_t)n;
            s->bound = true; /* the first send binds an unbound socket */
            return lw_finish(op, STATUS_SUCCESS);
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN) {
            s->writable = false;
            return LW_BLOCKED;
        }
        int err = errno;
        if (!is_of_earlier_datagram(err) || ++tries > 8) return lw_finish(op, datagram_status(err));
        lw_datagram_note_error(s, err);
    }
}

enum lw_performed lw_send_perform(struct lw_sock *s, struct lw_op *op)
{
    return lw_sock_is_stream(s) ? send_stream(s, op) : send_datagram(s, op);
}

/* ---- the calls ---- */

static NTSTATUS set_destination(struct lw_sock *s, const struct lw_io *io, struct lw_op *op)
{
    struct sockaddr_storage to;

    if (!io->name || lw_sock_is_stream(s)) return STATUS_SUCCESS; /* a stream ignores it, even garbage */
    NTSTATUS status = lw_addr_to_linux(io->name, io->name_len, s->family, &to, &op->send.to_len);
    if (!lw_ok(status)) return status;
    if (op->send.to_len > sizeof op->send.to) return LW_STATUS_WSA(WSAEAFNOSUPPORT);
    __builtin_memcpy(&op->send.to, &to, op->send.to_len);
    return lw_addr_is_destination(&to, s->type != SOCK_RAW) ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS_COMPONENT;
}

static NTSTATUS prepare(struct lw_sock *s, const struct lw_io *io, struct lw_op *op)
{
    if (!lw_op_set_buffers(op, io->buffers, io->buffer_count)) return STATUS_INSUFFICIENT_RESOURCES;
    if (!lw_sock_is_stream(s) && !lw_op_flatten(op)) return STATUS_INSUFFICIENT_RESOURCES;
    op->flags_in = io->flags;
    return set_destination(s, io, op);
}

static NTSTATUS send_sync(struct lw_sock *s, const struct lw_io *io, size_t *ret_count)
{
    struct lw_op op;

    lw_op_init(&op, LW_OP_SEND);
    NTSTATUS status = prepare(s, io, &op);
    if (lw_ok(status))
        status = lw_sock_perform_sync(s, &op, s->overlapped ? s->send_timeout_ms : 0, io->ov || !s->nonblocking);
    /* A non-blocking send that the kernel took in part has succeeded, with that many bytes. */
    if (status == STATUS_DEVICE_NOT_READY && op.count > 0) status = STATUS_SUCCESS;
    *ret_count = op.count;
    if (io->ov && lw_ok(status)) lw_op_store_result(io->ov, status, op.count);
    lw_op_done(&op);
    return status;
}

static NTSTATUS send_overlapped(struct lw_sock *s, const struct lw_io *io, size_t *ret_count)
{
    struct lw_op *op = NULL;
    NTSTATUS status = lw_sock_op_new(s, LW_OP_SEND, io->ov, io->routine, &op);
    if (!lw_ok(status)) return status;
    status = prepare(s, io, op);
    if (lw_ok(status)) return lw_sock_submit(s, op, ret_count);
    lw_op_free(op);
    return status;
}

NTSTATUS lw_sock_send(struct lw_sock *s, const struct lw_io *io, size_t *ret_count)
{
    NTSTATUS status = io->ov && s->overlapped ? send_overlapped(s, io, ret_count) : send_sync(s, io, ret_count);

    if (status == STATUS_INVALID_CONNECTION && io->wants_name && !lw_sock_is_stream(s))
        return LW_STATUS_WSA(WSAEDESTADDRREQ);
    return status;
}
