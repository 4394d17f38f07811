/* SPDX-License-Identifier: MIT */
/*
 * thread.h - what the library knows of a thread: its object, its sleep, its
 * APC queue, its poller.
 *
 * A thread made by CreateThread has its block from the start; any other thread
 * gets one at its first call that needs it.  The block is an object: it can be
 * waited for and is signalled when the thread has ended.
 *
 * Sleep: `state` says how the thread sleeps.  Whoever makes something true that
 * the thread waits for calls lw_thread_wake after it, while holding a lock that
 * the thread takes before it leaves its wait; so the block and the attended
 * poller are still there.
 */
#ifndef LW_WAIT_THREAD_H
#define LW_WAIT_THREAD_H

#include "obj/object.h"
#include "poll/poller.h"

#include <pthread.h>

enum lw_thread_state {
    LW_THREAD_AWAKE,
    LW_THREAD_IN_FUTEX, /* sleeps on `state` */
    LW_THREAD_IN_POLL,  /* sleeps in the epoll set of `attending` */
};

typedef uint32_t (*lw_thread_start_fn)(void *arg);

struct lw_thread {
    struct lw_object obj;
    _Atomic uint32_t state;                /* enum lw_thread_state; futex word */
    _Atomic(struct lw_poller *) attending; /* owner writes while awake; valid while IN_POLL */

    struct lw_lock apc_lock;    /* LW_RANK_THREAD */
    struct lw_list apcs;        /* guarded: apc_lock; struct lw_apc, first to run first */
    bool apc_closed;            /* guarded: apc_lock; the thread takes no more */
    _Atomic uint32_t apc_count; /* changed with apc_lock */
    _Atomic bool alertable;     /* owner writes, clears with apc_lock: a new APC wakes the thread */

    struct lw_poller *poller;   /* owner only; NULL until a request pends */
    uint32_t satisfied_at_once; /* owner only: waits in a row that were over before they could look at the poller */
    bool issued;                /* owner only: a request of this thread has pended */
    _Atomic bool ended;         /* changed with obj.lock */

    _Atomic uint32_t id;     /* gettid, 0 until the thread runs; futex word for those who need it */
    _Atomic uint32_t resume; /* futex word: 0 while suspended at its start */
    _Atomic uint32_t exit_code;
    lw_thread_start_fn start; /* immutable; NULL for adopted threads */
    void *arg;
    struct lw_list link; /* guarded: registry lock */
};

extern __thread struct lw_thread *lw_thread_current __attribute__((tls_model("initial-exec")));

/* Makes the block of a thread that has none; NULL: out of memory. */
struct lw_thread *lw_thread_adopt(void);

/* The calling thread; NULL: out of memory at its first call. */
static inline struct lw_thread *lw_thread_self(void)
{
    struct lw_thread *t = lw_thread_current;

    return LW_LIKELY(t) ? t : lw_thread_adopt();
}

/* A thread that is not yet started, with one reference for the caller; NULL: out of memory. */
struct lw_thread *lw_thread_new(lw_thread_start_fn start, void *arg, bool suspended) LW_MUST_USE;
/* Starts it; stack_bytes 0: the default.  0 or an errno value. */
int lw_thread_spawn(struct lw_thread *t, size_t stack_bytes) LW_MUST_USE;
/* True if the thread was suspended at its start (and goes on now). */
bool lw_thread_resume(struct lw_thread *t);
_Noreturn void lw_thread_exit(uint32_t code);
/* The id; waits for a new thread to have one. */
uint32_t lw_thread_id(struct lw_thread *t);
/* The running thread with that id, with a reference, or NULL. */
struct lw_thread *lw_thread_find(uint32_t id) LW_MUST_USE;
/* False while it runs; *ret_code its exit code. */
bool lw_thread_ended(struct lw_thread *t, uint32_t *ret_code);
/* The calling thread's poller, made now if needed; NULL: no descriptors or memory. */
struct lw_poller *lw_thread_poller(struct lw_thread *self);

/* Wakes the thread if it sleeps in a wait. */
void lw_thread_wake(struct lw_thread *t);
/* Sleeps until woken or until the deadline; `attended`: the poller to attend meanwhile, performing what is ready, or NULL. */
void lw_thread_sleep(struct lw_thread *self, struct lw_poller *attended, int64_t deadline_ns,
                     bool (*stay_awake)(void *context), void *context);

/* Appends to the APC queue; false: the thread has ended. */
bool lw_apc_queue(struct lw_thread *t, struct lw_apc *apc) LW_MUST_USE;
/* Runs the calling thread's queued APCs, those queued by APCs too, until none is left. */
void lw_apc_run(void);

/* The thread is not woken by APCs any more, and nobody is just doing it. */
void lw_apc_alertable_end(struct lw_thread *self);

static inline bool lw_apc_pending(struct lw_thread *t)
{
    return atomic_load(&t->apc_count) > 0;
}

static inline struct lw_thread *lw_thread_of(struct lw_object *obj)
{
    return LW_CONTAINER_OF(obj, struct lw_thread, obj);
}

void lw_thread_after_fork(void);

#endif
