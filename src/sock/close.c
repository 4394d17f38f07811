/* SPDX-License-Identifier: MIT */
/*
 * close.c - closesocket with SO_LINGER and a time, and the last WSACleanup.
 * What closing does to pending requests is in cancel.c.
 */
#include "sock/room.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

static void set_hard_close(struct lw_sock *s)
{
    static const struct linger hard = { 1, 0 };

    (void)lw_sys->setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard); /* a datagram socket needs none */
}

static int seconds_to_linger(struct lw_sock *s)
{
    struct linger l = { 0, 0 };
    socklen_t len = sizeof l;

    if (!s->lingers || s->fd < 0 || s->state != LW_SOCK_CONNECTED) return 0;
    (void)lw_sys->getsockopt(s->fd, SOL_SOCKET, SO_LINGER, &l, &len); /* was set by us */
    return l.l_onoff ? l.l_linger : 0;
}

/* Bytes that the peer has not yet acknowledged, the FIN included once it is sent; 0 when the connection is gone. */
static bool is_unsent(struct lw_sock *s)
{
    int n = 0;

    return !lw_list_empty(&s->sends) || (lw_sys->ioctl(s->fd, SIOCOUTQ, &n) == 0 && n > 0);
}

/*
 * closesocket with linger on and a time: a blocking socket waits, alertably,
 * until all is sent or the time is over, and is then reset; a non-blocking one
 * that cannot finish at once is not closed (contract 30).
 */
static NTSTATUS linger(struct lw_sock *s)
{
    enum { LOOK_MS = 10 }; /* nothing tells that the queue is empty */

    lw_sock_lock(s);
    int seconds = seconds_to_linger(s);
    bool unsent = seconds > 0 && is_unsent(s);
    bool refuse = unsent && s->nonblocking;
    if (unsent && !refuse && !s->shut_send) (void)lw_sock_shut_sending(s); /* without memory: the time runs out */
    lw_sock_unlock(s);
    if (refuse) return STATUS_DEVICE_NOT_READY;
    int64_t end = unsent ? lw_deadline((uint32_t)seconds * 1000) : 0;
    while (unsent && lw_remaining_ms(end) > 0) {
        if (lw_wait(NULL, 0, false, lw_deadline(LOOK_MS), true) == LW_WAIT_ALERTED) lw_apc_run();
        lw_sock_lock(s);
        unsent = s->state == LW_SOCK_CONNECTED && is_unsent(s);
        lw_sock_unlock(s);
    }
    if (!unsent) return STATUS_SUCCESS;
    lw_sock_lock(s);
    if (s->fd >= 0) set_hard_close(s);
    lw_sock_unlock(s);
    return STATUS_SUCCESS;
}

NTSTATUS lw_sock_close(lw_socket_t value)
{
    struct lw_sock *s = lw_sock_get(value);

    if (!s) return STATUS_INVALID_HANDLE;
    bool last = atomic_load(&s->obj.handles) == 1; /* only the last handle closes the connection */
    NTSTATUS status = last && s->lingers ? linger(s) : STATUS_SUCCESS;
    lw_sock_put(value);
    if (!lw_ok(status)) return status;
    return lw_handle_close((lw_handle_t)value) ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

static void mark_quiet(struct lw_list *queue)
{
    LW_LIST_EACH(link, queue) lw_op_of(link)->quiet = true;
}

/* Before any socket is closed: closing one may end a request of another. */
static void prepare_hard_close(lw_handle_t h, struct lw_object *obj, void *unused)
{
    struct lw_sock *s = lw_sock_of(obj);

    (void)h, (void)unused;
    if (obj->ops->kind != LW_KIND_SOCKET) return;
    lw_sock_lock(s);
    mark_quiet(&s->recvs);
    mark_quiet(&s->sends);
    if (s->fd >= 0) set_hard_close(s);
    lw_sock_unlock(s);
}

static void close_socket(lw_handle_t h, struct lw_object *obj, void *unused)
{
    (void)unused;
    if (obj->ops->kind == LW_KIND_SOCKET) (void)lw_handle_close(h); /* another thread may have closed it */
}

void lw_sock_close_all(void)
{
    lw_handle_each(prepare_hard_close, NULL);
    lw_handle_each(close_socket, NULL);
}
