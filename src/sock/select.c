/* SPDX-License-Identifier: MIT */
/*
 * select.c - waits for readiness as select does.
 *
 * The sleep is one poll(2) over the sockets' descriptors and the epoll set of
 * the thread's own poller, which it attends meanwhile: APCs wake it, and
 * requests of this thread go on.
 */
#include "sock/room.h"

#include <errno.h>

/* How long one sleep may be when somebody else attends the thread's poller and so cannot be asked to wake it. */
enum { UNATTENDED_SLEEP_MS = 5 };

static short events_of(unsigned wanted)
{
    return (short)((wanted & LW_READABLE ? POLLIN | POLLRDHUP : 0) | (wanted & LW_WRITABLE ? POLLOUT : 0) |
                   (wanted & LW_EXCEPTIONAL ? POLLPRI : 0));
}

/* Asks each socket.  The number of ready entries, or -1: one is no socket. */
static int scan(struct lw_select *entries, unsigned count, struct pollfd *fds)
{
    int found = 0;

    for (unsigned i = 0; i < count; i++) {
        struct lw_sock *s = lw_sock_get(entries[i].socket);
        if (!s) return -1;
        fds[i] = (struct pollfd){ .events = events_of(entries[i].wanted) };
        entries[i].ready = lw_sock_readiness(s, &fds[i].fd) & entries[i].wanted;
        lw_sock_put(entries[i].socket);
        if (entries[i].ready) found++;
    }
    return found;
}

static void sleep_in_poll(struct lw_thread *self, struct pollfd *fds, unsigned count, int64_t deadline_ns)
{
    struct lw_poller *own = lw_thread_poller(self);
    bool attending = own && lw_poller_attend(own);
    int timeout = lw_remaining_ms(deadline_ns);

    if (!attending && (timeout < 0 || timeout > UNATTENDED_SLEEP_MS)) timeout = UNATTENDED_SLEEP_MS;
    fds[count] = (struct pollfd){ .fd = attending ? own->epfd : -1, .events = POLLIN };
    atomic_store(&self->attending, attending ? own : NULL);
    atomic_store(&self->alertable, true);
    if (attending) atomic_store(&self->state, LW_THREAD_IN_POLL);
    if (!lw_apc_pending(self)) (void)lw_sys->poll(fds, count + 1, timeout); /* an error shows in the next scan */
    atomic_store(&self->state, LW_THREAD_AWAKE);
    lw_apc_alertable_end(self);
    if (!attending) return;
    if (fds[count].revents) lw_poller_run(own, 0, NULL, NULL);
    lw_poller_leave(own);
}

int lw_sock_select(struct lw_select *entries, unsigned count, int64_t deadline_ns, NTSTATUS *ret_status)
{
    struct lw_thread *self = lw_thread_self();
    struct pollfd *fds = self ? lw_alloc((count + 1) * sizeof *fds) : NULL;
    int found;

    if (!fds) {
        *ret_status = LW_STATUS_WSA(WSAENOBUFS);
        return -1;
    }
    for (;;) {
        found = scan(entries, count, fds);
        if (found != 0 || deadline_ns == 0) break;
        if (lw_apc_pending(self)) {
            lw_apc_run();
            continue;
        }
        if (lw_remaining_ms(deadline_ns) == 0) break;
        sleep_in_poll(self, fds, count, deadline_ns);
    }
    lw_free(fds);
    if (found < 0) *ret_status = STATUS_INVALID_HANDLE;
    return found;
}
