/* SPDX-License-Identifier: MIT */
/* ioctl.c - what ioctlsocket, WSAIoctl and select ask of a socket now. */
#include "sock/room.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

NTSTATUS lw_sock_set_nonblocking(struct lw_sock *s, bool on)
{
    lw_sock_lock(s);
    s->nonblocking = on; /* the descriptor never blocks: this is only what synchronous calls obey */
    lw_sock_unlock(s);
    return STATUS_SUCCESS;
}

NTSTATUS lw_sock_set_udp_reset(struct lw_sock *s, bool on)
{
    if (lw_sock_is_stream(s)) return LW_STATUS_WSA(WSAEOPNOTSUPP);
    lw_sock_lock(s);
    s->udp_no_reset = !on;
    lw_sock_unlock(s);
    return STATUS_SUCCESS;
}

/* A descriptor's integer ioctl, or `otherwise` for a socket that has none or is not connected. */
static NTSTATUS ask(struct lw_sock *s, unsigned long request, int otherwise, int *ret)
{
    NTSTATUS status = STATUS_SUCCESS;

    *ret = otherwise;
    lw_sock_lock(s);
    bool usable = s->fd >= 0 && (!lw_sock_is_stream(s) || s->state == LW_SOCK_CONNECTED);
    if (usable && lw_sys->ioctl(s->fd, request, ret)) status = lw_status_of_call(errno);
    lw_sock_unlock(s);
    return status;
}

NTSTATUS lw_sock_bytes_readable(struct lw_sock *s, ULONG *ret)
{
    int n;
    NTSTATUS status = ask(s, FIONREAD, 0, &n);

    if (lw_ok(status)) *ret = (ULONG)n;
    return status;
}

/* Windows' meaning is that of no urgent byte waiting to be read: the inverse of BSD's while one is ahead. */
NTSTATUS lw_sock_at_mark(struct lw_sock *s, ULONG *ret)
{
    lw_sock_lock(s);
    bool ahead = s->fd >= 0 && s->state == LW_SOCK_CONNECTED && lw_sock_is_stream(s) && !s->oob_inline &&
                 lw_poll_one(s->fd, POLLPRI) > 0;
    lw_sock_unlock(s);
    *ret = !ahead;
    return STATUS_SUCCESS;
}

static unsigned stream_readiness(struct lw_sock *s)
{
    bool failed = s->state == LW_SOCK_CONNECTING;

    if (failed) lw_connect_refresh(s);
    if (s->state == LW_SOCK_CONNECTING || s->fd < 0) return 0;
    if (s->state == LW_SOCK_OPEN) return s->so_error ? LW_EXCEPTIONAL : 0;
    int events = lw_poll_one(s->fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP);
    unsigned ready = 0;
    if (events & (POLLIN | POLLRDHUP | POLLHUP | POLLERR)) ready |= LW_READABLE;
    if (s->state == LW_SOCK_CONNECTED && (events & (POLLOUT | POLLHUP | POLLERR))) ready |= LW_WRITABLE;
    if ((events & POLLPRI) && !s->oob_inline) ready |= LW_EXCEPTIONAL;
    return ready;
}

static unsigned datagram_readiness(struct lw_sock *s)
{
    int events = lw_poll_one(s->fd, POLLIN | POLLOUT);
    unsigned ready = 0;

    if ((events & (POLLIN | POLLERR)) || s->udp_error) ready |= LW_READABLE;
    if (events & POLLOUT) ready |= LW_WRITABLE;
    return ready;
}

unsigned lw_sock_readiness(struct lw_sock *s, int *ret_fd)
{
    unsigned ready = 0;

    lw_sock_lock(s);
    if (s->state != LW_SOCK_CLOSED) ready = lw_sock_is_stream(s) ? stream_readiness(s) : datagram_readiness(s);
    /* What pending requests will take is not there for others. */
    if (!lw_list_empty(&s->recvs)) ready &= ~(unsigned)LW_READABLE;
    if (!lw_list_empty(&s->sends)) ready &= ~(unsigned)LW_WRITABLE;
    *ret_fd = s->fd;
    lw_sock_unlock(s);
    return ready;
}

NTSTATUS lw_sock_complete_ioctl(struct lw_sock *s, OVERLAPPED *ov, lw_routine_fn routine, NTSTATUS status)
{
    struct lw_op *op = NULL;
    NTSTATUS made = lw_sock_op_new(s, LW_OP_IOCTL, ov, routine, &op);

    if (!lw_ok(made)) return made;
    lw_op_issue(op);
    op->status = status;
    lw_op_deliver(op);
    return STATUS_SUCCESS;
}
