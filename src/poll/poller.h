/* SPDX-License-Identifier: MIT */
/*
 * poller.h - who watches the descriptors.
 *
 * A poller is one edge-triggered epoll set.  Each thread whose requests pend
 * has one; a socket belongs to at most one.  There is no I/O thread: a thread
 * that is about to block *attends* the poller that can satisfy its wait.  It
 * sleeps in epoll_wait and performs what becomes ready itself.  At most one
 * thread attends a poller; the others sleep and are woken by what completes.
 * A poller with pending requests that nobody attends is taken by the watchdog
 * within a few milliseconds (watchdog.h), so progress never depends on a call
 * of the application.
 *
 * Pollers are never freed, only retired and used again: a stale pointer to
 * one is harmless.
 */
#ifndef LW_POLL_POLLER_H
#define LW_POLL_POLLER_H

#include "base/list.h"
#include "base/lock.h"
#include "obj/handle.h"

enum lw_attendance {
    LW_UNATTENDED,
    LW_ATTENDED, /* by an application thread */
    LW_WATCHED,  /* by the watchdog */
    LW_RETIRED,  /* no owner, no members; has no descriptors */
};

/* A thread that sleeps because somebody else attends the poller which it would attend. */
struct lw_standby {
    struct lw_list link;               /* guarded: poller->lock */
    void (*wake)(struct lw_standby *); /* called with poller->lock: makes the thread try to attend */
};

struct lw_poller {
    int epfd;    /* immutable until retired */
    int wake_fd; /* immutable until retired; eventfd in the set, edge-triggered, never read */
    _Atomic uint32_t attendance;
    _Atomic uint32_t leaves; /* how often an attendant left: the watchdog sees a busy poller by it */
    _Atomic int32_t pending; /* requests that wait for a member's readiness */
    _Atomic int32_t users;   /* owner thread, member sockets, the watchdog while it performs: retired at zero */
    struct lw_lock lock;     /* LW_RANK_POLLER */
    struct lw_list standby;  /* guarded: lock; last in, first out */
    _Atomic uint32_t standby_count;
    int64_t budget_ns; /* guarded: lock; hand-overs are paid from here, see poller.c */

    struct lw_list link;  /* guarded: watchdog lock; all pollers, retired ones too */
    uint32_t seen_leaves; /* watchdog only */
};

/* A poller with one user (the caller); NULL: no descriptors or memory. */
struct lw_poller *lw_poller_new(void) LW_MUST_USE;
void lw_poller_use(struct lw_poller *p);
void lw_poller_unuse(struct lw_poller *p);

/*
 * Adds a descriptor, once for its life in this poller: readable, writable,
 * hang-up and error, edge-triggered; its present state is reported at once.
 * `token` is the handle through which events find the object.  The member is a
 * user.  0 or -1 with errno.
 */
int lw_poller_join(struct lw_poller *p, int fd, lw_handle_t token) LW_MUST_USE;
/* Another handle now leads to the member. */
void lw_poller_rename(struct lw_poller *p, int fd, lw_handle_t token);
/* Removes it; always before the descriptor is closed, since a forked child may keep the file open. */
void lw_poller_part(struct lw_poller *p, int fd);

/* A request on a member began or ceased to wait for readiness. */
void lw_poller_pend(struct lw_poller *p);
void lw_poller_unpend(struct lw_poller *p);

/* Becomes the attendant; false: somebody else is, or the poller is retired. */
bool lw_poller_attend(struct lw_poller *p) LW_MUST_USE;
/* Could a thread become the attendant now? */
static inline bool lw_poller_is_free(struct lw_poller *p)
{
    uint32_t attendance = atomic_load(&p->attendance);

    return attendance == LW_UNATTENDED || attendance == LW_WATCHED;
}
/* The attendant returns to the application. */
void lw_poller_leave(struct lw_poller *p);
/* Makes the attendant's lw_poller_run return.  The caller keeps the attendant from leaving meanwhile. */
void lw_poller_wake(struct lw_poller *p);

/*
 * Waits up to timeout_ms (-1: for ever) for events and hands each to its
 * object's ops->ready.  Called by the attendant; `awake` runs between the wait
 * and the first event, so that a thread can mark itself as running.
 */
void lw_poller_run(struct lw_poller *p, int timeout_ms, void (*awake)(void *context), void *context);

/* Sleeps beside the attendant: enqueues, and dequeues. */
void lw_poller_standby(struct lw_poller *p, struct lw_standby *s);
void lw_poller_standby_end(struct lw_poller *p, struct lw_standby *s);

/* In the child of a fork: closes every poller's descriptors and retires it. */
void lw_poller_after_fork(void);

#endif
