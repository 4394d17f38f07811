/* SPDX-License-Identifier: MIT */
/*
 * object.h - the head of everything that a HANDLE or SOCKET can name.
 *
 * Reference rules: an object lives while `refs` is above zero.  Each open
 * handle holds one; a request, a waiter or a running thread may hold more.
 * When the last *handle* goes, ops->close is called once, with the object
 * still alive; when the last reference goes, ops->destroy frees it.
 *
 * Rooms below call rooms above only through the table of operations.  An
 * entry may be NULL where the kind has no such behaviour.
 */
#ifndef LW_OBJ_OBJECT_H
#define LW_OBJ_OBJECT_H

#include "base/list.h"
#include "base/lock.h"

struct lw_object;
struct lw_poller;
struct lw_apc;

enum lw_kind {
    LW_KIND_EVENT,
    LW_KIND_THREAD,
    LW_KIND_SOCKET,
    LW_KIND_PROCESS,
};

struct lw_object_ops {
    enum lw_kind kind;
    /*
     * Is the object signalled?  If so, and `taker` (a thread object) is not NULL, takes on its behalf what a
     * satisfied wait takes.  Called with obj->lock; with taker NULL also without it, as a hint.
     */
    bool (*test)(struct lw_object *obj, struct lw_object *taker);
    /* Makes it signalled, as the completion of a request or SignalObjectAndWait does; false: not possible for the kind. */
    bool (*signal)(struct lw_object *obj);
    /* Makes it not signalled, as the issue of a request does. */
    void (*reset)(struct lw_object *obj);
    /* The last handle was closed.  No lock is held. */
    void (*close)(struct lw_object *obj);
    /* A handle was closed and others are still open.  No lock is held.  May be NULL. */
    void (*handle_closed)(struct lw_object *obj, void *handle);
    /* The last reference went: frees the object. */
    void (*destroy)(struct lw_object *obj);
    /* Sockets: the poller reports EPOLL* `events` of the descriptor. */
    void (*ready)(struct lw_object *obj, uint32_t events);
    /* Sockets: `thread` ends; its requests on this object are to be cancelled. */
    void (*thread_exit)(struct lw_object *obj, struct lw_object *thread);
    /* Threads: appends to the APC queue and wakes an alertable wait; false: the thread has ended. */
    bool (*queue_apc)(struct lw_object *obj, struct lw_apc *apc);
};

struct lw_object {
    const struct lw_object_ops *ops; /* immutable */
    _Atomic uint32_t refs;
    _Atomic uint32_t handles;
    struct lw_lock lock;    /* LW_RANK_OBJECT: guards waiters and the signal state of the kind */
    struct lw_list waiters; /* guarded: lock; struct lw_wait_block */
    /*
     * How many pending requests will signal this object when they complete,
     * and the poller that watches for the latest of them: the one that a
     * thread waiting for this object attends.  Pollers are never freed.
     */
    _Atomic uint32_t requests;
    _Atomic(struct lw_poller *) poller;
};

/* An entry of a thread's APC queue: a user APC or a completed request. */
struct lw_apc {
    struct lw_list link;
    /* Runs the routine (deliver) or just frees the entry (the thread ended first).  No lock is held. */
    void (*run)(struct lw_apc *apc, bool deliver);
};

/* One reference, no handle. */
void lw_object_init(struct lw_object *obj, const struct lw_object_ops *ops);
/* For destroy functions: gives back what init took. */
void lw_object_done(struct lw_object *obj);

static inline void lw_object_ref(struct lw_object *obj)
{
    uint32_t before = atomic_fetch_add_explicit(&obj->refs, 1, memory_order_relaxed);

    LW_CHECK(before > 0);
}

void lw_object_destroy(struct lw_object *obj);

static inline void lw_object_unref(struct lw_object *obj)
{
    uint32_t before = atomic_fetch_sub_explicit(&obj->refs, 1, memory_order_acq_rel);

    LW_CHECK(before > 0);
    if (before == 1) lw_object_destroy(obj);
}

#endif
