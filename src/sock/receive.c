/* SPDX-License-Identifier: MIT */
/*
 * receive.c - performs receives, and knows when the next one would find
 * nothing.  Everything here runs with the socket's lock.
 *
 * On a plain TCP stream a short read proves that the stream is drained, so the
 * next receive waits for the poller without asking the kernel first.  It
 * proves nothing once the end, an error or an urgent mark was seen: the FIN
 * must still be fetched, and reads stop at the mark.
 */
#include "sock/room.h"
#include "xlate/msg.h"

#include <errno.h>
#include <linux/errqueue.h>

/* Windows tells a reset after the peer's FIN as an abort. */
NTSTATUS lw_reset_status(const struct lw_sock *s)
{
    return s->fin_read ? STATUS_CONNECTION_ABORTED : STATUS_CONNECTION_RESET;
}

NTSTATUS lw_stream_status(struct lw_sock *s, int err)
{
    if (err == ECONNRESET || err == EPIPE) {
        if (err == EPIPE && s->shut_send && !s->reset) return STATUS_PIPE_DISCONNECTED;
        s->reset = true;
        return lw_reset_status(s);
    }
    if (err == ETIMEDOUT || err == EHOSTUNREACH || err == ENETUNREACH) s->reset = true;
    return lw_status_from_errno(err);
}

/* ---- may it be issued ---- */

static NTSTATUS check_flags(struct lw_sock *s, struct lw_op *op)
{
    DWORD flags = op->flags_in;
    bool nonblocking_call = !op->ov && s->nonblocking;

    op->msg_flags = lw_msg_recv_to_linux(flags);
    if (op->msg_flags < 0) return STATUS_NOT_SUPPORTED;
    if ((flags & W_MSG_OOB) && !lw_sock_is_stream(s)) return STATUS_NOT_SUPPORTED;
    if ((flags & W_MSG_OOB) && s->oob_inline) return STATUS_INVALID_PARAMETER;
    if (!(flags & W_MSG_WAITALL)) return STATUS_SUCCESS;
    if (!lw_sock_is_stream(s) || nonblocking_call || (flags & (W_MSG_OOB | W_MSG_PEEK | W_MSG_PARTIAL)))
        return STATUS_NOT_SUPPORTED;
    op->msg_flags &= ~MSG_WAITALL; /* filled across several reads, see receive_stream */
    return STATUS_SUCCESS;
}

NTSTATUS lw_receive_check(struct lw_sock *s, struct lw_op *op)
{
    if (s->state == LW_SOCK_CONNECTING) lw_connect_refresh(s);
    if (lw_sock_is_stream(s)) {
        if (s->state != LW_SOCK_CONNECTED) return STATUS_INVALID_CONNECTION;
    } else if (!s->bound) {
        return STATUS_INVALID_PARAMETER;
    }
    if (s->shut_recv) return STATUS_PIPE_DISCONNECTED;
    return check_flags(s, op);
}

/* ---- streams ---- */

/* One read into what is left of the buffers; *ret_all: it offered all of it. */
static ssize_t read_some(struct lw_sock *s, struct lw_op *op, int flags, bool *ret_all)
{
    struct iovec *first = op->buffers + op->buffer_at;
    uint32_t left = op->buffer_count - op->buffer_at;

    *ret_all = left <= LW_OP_BUFFERS_PER_CALL;
    if (left <= 1) return lw_sys->recv(s->fd, first->iov_base, first->iov_len, flags);
    struct msghdr msg = { .msg_iov = first,
                          .msg_iovlen = left > LW_OP_BUFFERS_PER_CALL ? LW_OP_BUFFERS_PER_CALL : left };
    return lw_sys->recvmsg(s->fd, &msg, flags);
}

static enum lw_performed end_of_stream(struct lw_sock *s, struct lw_op *op)
{
    /* Behind a FIN the kernel hides from reads that a reset has followed. */
    if (!s->reset) {
        s->fin_read = true;
        s->reset = lw_poll_one(s->fd, 0) & POLLERR;
    }
    return lw_finish(op, s->reset && op->count == 0 ? lw_reset_status(s) : STATUS_SUCCESS);
}

/* The zero-byte receive: waits until there is something, takes nothing. */
static enum lw_performed receive_nothing(struct lw_sock *s, struct lw_op *op)
{
    char byte;
    ssize_t n;

    do n = lw_sys->recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n == 0) return end_of_stream(s, op);
    if (n > 0) return lw_finish(op, STATUS_SUCCESS);
    if (errno == EAGAIN) {
        s->readable = false;
        return LW_BLOCKED;
    }
    return lw_finish(op, lw_stream_status(s, errno));
}

static enum lw_performed receive_urgent(struct lw_sock *s, struct lw_op *op)
{
    bool all;
    ssize_t n;

    do n = read_some(s, op, MSG_DONTWAIT | op->msg_flags, &all);
    while (n < 0 && errno == EINTR);
    if (n >= 0) {
        op->count = (size_t)n;
        return lw_finish(op, STATUS_SUCCESS);
    }
    /* EINVAL: there is no urgent byte, or it was read already. */
    if (errno == EAGAIN || errno == EINVAL) return LW_BLOCKED;
    return lw_finish(op, lw_stream_status(s, errno));
}

/* Does a read of n bytes, where more was asked for, prove that the stream is drained? */
static bool is_drained(const struct lw_sock *s, const struct lw_op *op, bool short_read)
{
    return short_read && !s->hung_up && !s->urgent && !(op->flags_in & W_MSG_PEEK);
}

static enum lw_performed receive_stream(struct lw_sock *s, struct lw_op *op)
{
    bool fill = op->flags_in & W_MSG_WAITALL;

    if (op->flags_in & W_MSG_OOB) return receive_urgent(s, op);
    if (op->total == 0) return receive_nothing(s, op);
    do {
        size_t wanted = op->total - op->count;
        bool all;
        ssize_t n = read_some(s, op, MSG_DONTWAIT | op->msg_flags, &all);
        if (n == 0) return end_of_stream(s, op);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN) return lw_finish(op, lw_stream_status(s, errno));
        if (n < 0 || is_drained(s, op, (size_t)n < wanted && all)) s->readable = false;
        if (n < 0) continue;
        lw_op_advance(op, (size_t)n);
        if (!fill || op->count == op->total) return lw_finish(op, STATUS_SUCCESS);
    } while (s->readable);
    return LW_BLOCKED;
}

/* ---- datagrams ---- */

/* Empties the error queue, so that it does not grow and EPOLLERR goes; true if it told of an unreachable port. */
static bool drain_errors(struct lw_sock *s)
{
    bool unreachable = false;

    for (int i = 0; i < 64; i++) {
        union {
            char bytes[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
            struct cmsghdr align;
        } control;
        struct msghdr msg = { .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
        if (lw_sys->recvmsg(s->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        if (!c) continue;
        struct sock_extended_err err;
        __builtin_memcpy(&err, CMSG_DATA(c), sizeof err);
        if (err.ee_errno == ECONNREFUSED) unreachable = true;
    }
    return unreachable;
}

/* Notes what an error told; true when a receive has to report it. */
static bool datagram_error(struct lw_sock *s, int err)
{
    bool unreachable = drain_errors(s) || err == ECONNREFUSED;

    return unreachable && !s->udp_no_reset;
}

void lw_datagram_note_error(struct lw_sock *s, int err)
{
    if (datagram_error(s, err)) s->udp_error = true;
}

static void store_name(struct lw_op *op, const struct msghdr *msg)
{
    if (!op->recv.from) return;
    *op->recv.from_len = lw_addr_from_linux(msg->msg_name, msg->msg_namelen, op->recv.from, *op->recv.from_len);
}

/* True for errors that a later ICMP message put on the socket, which are no failure of this call. */
static bool is_icmp(int err)
{
    return err == ECONNREFUSED || err == EHOSTUNREACH || err == ENETUNREACH || err == EHOSTDOWN || err == EPROTO ||
           err == ENOPROTOOPT || err == EMSGSIZE;
}

static enum lw_performed receive_datagram(struct lw_sock *s, struct lw_op *op)
{
    struct sockaddr_storage name;

    for (int tries = 0; tries < 16; tries++) {
        struct msghdr msg = {
            .msg_name = &name,
            .msg_namelen = sizeof name,
            .msg_iov = op->buffers,
            .msg_iovlen = op->buffer_count,
        };
        if (s->udp_error) {
            s->udp_error = false;
            return lw_finish(op, STATUS_PORT_UNREACHABLE);
        }
        ssize_t n = lw_sys->recvmsg(s->fd, &msg, MSG_DONTWAIT | op->msg_flags);
        if (n >= 0) {
            op->count = (size_t)n;
            store_name(op, &msg);
            lw_op_scatter(op);
            return lw_finish(op, msg.msg_flags & MSG_TRUNC ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS);
        }
        if (errno == EAGAIN) {
            s->readable = false;
            return LW_BLOCKED;
        }
        if (errno == EINTR) continue;
        if (!is_icmp(errno)) return lw_finish(op, lw_status_from_errno(errno));
        lw_datagram_note_error(s, errno);
    }
    return LW_BLOCKED; /* a storm of errors: the next event goes on */
}

enum lw_performed lw_receive_perform(struct lw_sock *s, struct lw_op *op)
{
    return lw_sock_is_stream(s) ? receive_stream(s, op) : receive_datagram(s, op);
}

/* ---- the calls ---- */

/* No memory is ever mapped there; other bad pointers are found when the kernel writes. */
static bool is_bad_memory(const struct lw_io *io)
{
    enum { NULL_AREA = 65536 };

    for (DWORD i = 0; i < io->buffer_count; i++)
        if (io->buffers[i].len && (uintptr_t)io->buffers[i].buf - NULL_AREA >= ((uintptr_t)1 << 47) - NULL_AREA)
            return true;
    return false;
}

static NTSTATUS prepare(struct lw_sock *s, const struct lw_io *io, struct lw_op *op)
{
    if (is_bad_memory(io)) return STATUS_ACCESS_VIOLATION;
    if (!lw_op_set_buffers(op, io->buffers, io->buffer_count)) return STATUS_INSUFFICIENT_RESOURCES;
    if (!lw_sock_is_stream(s) && !lw_op_flatten(op)) return STATUS_INSUFFICIENT_RESOURCES;
    op->flags_in = io->flags;
    if (io->name && !lw_sock_is_stream(s)) {
        if (!io->name_len_ptr || *io->name_len_ptr < lw_addr_size(s->family)) return STATUS_ACCESS_VIOLATION;
        op->recv.from = io->name;
        op->recv.from_len = io->name_len_ptr;
    }
    return STATUS_SUCCESS;
}

/* The time-out has no effect on a socket without overlap (contract 70, SO_RCVTIMEO). */
static NTSTATUS receive_sync(struct lw_sock *s, const struct lw_io *io, size_t *ret_count, DWORD *ret_flags)
{
    struct lw_op op;

    lw_op_init(&op, LW_OP_RECV);
    NTSTATUS status = prepare(s, io, &op);
    if (lw_ok(status))
        status = lw_sock_perform_sync(s, &op, s->overlapped ? s->recv_timeout_ms : 0, io->ov || !s->nonblocking);
    *ret_count = op.count;
    *ret_flags = op.flags_out;
    if (io->ov && (lw_ok(status) || status == STATUS_BUFFER_OVERFLOW)) lw_op_store_result(io->ov, status, op.count);
    lw_op_done(&op);
    return status;
}

NTSTATUS lw_sock_receive(struct lw_sock *s, const struct lw_io *io, size_t *ret_count, DWORD *ret_flags)
{
    if (!io->ov || !s->overlapped) return receive_sync(s, io, ret_count, ret_flags);
    struct lw_op *op = NULL;
    NTSTATUS status = lw_sock_op_new(s, LW_OP_RECV, io->ov, io->routine, &op);
    if (!lw_ok(status)) return status;
    status = prepare(s, io, op);
    if (!lw_ok(status)) {
        lw_op_free(op);
        return status;
    }
    *ret_flags = 0;
    return lw_sock_submit(s, op, ret_count);
}
