/* SPDX-License-Identifier: MIT */
/*
 * wait.c - the wait engine.
 *
 * A waiter puts one block into the list of each object.  Whoever signals an
 * object holds its lock and claims waiters in their order: for a wait for any,
 * the compare-and-swap of `result` decides which object, APC or time-out
 * satisfies it, and the signaller takes the object on the waiter's behalf.
 *
 * A wait for all takes all or nothing: the waiter locks its objects in address
 * order.  The signaller of one object tries for it first, because the signal
 * may be short (PulseEvent, SetEvent and ResetEvent); it holds one lock and only
 * tries the others, so nobody waits in a circle.
 *
 * Before it leaves, a waiter takes the lock of everything that could be waking
 * it, so that nobody touches its block or its poller afterwards.
 */
#include "wait/wait.h"

#include "sys/sys.h"

#include <sched.h>

enum { WAITING = -100 };

struct wait {
    struct lw_thread *thread;
    _Atomic int result; /* WAITING until claimed */
    _Atomic bool look;  /* wait for all: an object has become signalled */
    bool all, alertable;
    unsigned count;
    struct lw_object *const *objects;
    struct lw_poller *poller; /* to be attended while waiting, or NULL */
    bool attending;
};

struct lw_wait_block {
    struct lw_list link; /* guarded: object's lock */
    struct wait *wait;
    int index;
};

static bool claim(struct wait *w, int result)
{
    int expected = WAITING;

    return atomic_compare_exchange_strong(&w->result, &expected, result);
}

static unsigned sort_objects(struct lw_object **to, struct lw_object *const *from, unsigned count);

/* Satisfies a wait for all, if all is signalled.  Called with the lock of one of its objects; false: another was locked. */
static bool satisfy_all(struct wait *w, struct lw_object *locked)
{
    struct lw_object *objects[LW_WAIT_MAX];
    unsigned n = sort_objects(objects, w->objects, w->count), got = 0;
    bool all = true;

    while (got < n && (objects[got] == locked || lw_trylock(&objects[got]->lock, LW_RANK_OBJECT))) got++;
    bool complete = got == n;
    for (unsigned i = 0; complete && i < n; i++) all = all && objects[i]->ops->test(objects[i], NULL);
    if (complete && all && claim(w, 0)) {
        for (unsigned i = 0; i < n; i++) (void)objects[i]->ops->test(objects[i], &w->thread->obj);
    }
    while (got-- > 0)
        if (objects[got] != locked) lw_unlock(&objects[got]->lock, LW_RANK_OBJECT);
    return complete;
}

/* Tries a few times; what keeps being busy is left to the waiter, which is told to look. */
static void satisfy_waiter_for_all(struct wait *w, struct lw_object *obj)
{
    enum { TRIES = 100 };

    for (int i = 0; i < TRIES; i++) {
        if (satisfy_all(w, obj)) return;
        (void)sched_yield();
    }
    atomic_store(&w->look, true);
}

void lw_wait_satisfy(struct lw_object *obj)
{
    LW_LIST_EACH(link, &obj->waiters) {
        struct lw_wait_block *block = LW_CONTAINER_OF(link, struct lw_wait_block, link);
        struct wait *w = block->wait;

        if (!obj->ops->test(obj, NULL)) return;
        if (w->all) {
            satisfy_waiter_for_all(w, obj);
        } else {
            if (!claim(w, block->index)) continue;
            (void)obj->ops->test(obj, &w->thread->obj);
        }
        if (w->thread != lw_thread_current) lw_thread_wake(w->thread);
    }
}

/* ---- taking ---- */

/* The lowest signalled object, taken; or -1. */
static int take_any(struct lw_thread *self, struct lw_object *const *objects, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct lw_object *obj = objects[i];

        if (!obj->ops->test(obj, NULL)) continue; /* not worth the lock */
        lw_lock(&obj->lock, LW_RANK_OBJECT);
        bool taken = obj->ops->test(obj, &self->obj);
        lw_unlock(&obj->lock, LW_RANK_OBJECT);
        if (taken) return (int)i;
    }
    return -1;
}

/* Copies the objects in address order without repetition; returns how many. */
static unsigned sort_objects(struct lw_object **to, struct lw_object *const *from, unsigned count)
{
    unsigned n = 0;

    for (unsigned i = 0; i < count; i++) {
        unsigned at = n;
        while (at > 0 && to[at - 1] > from[i]) at--;
        if (at > 0 && to[at - 1] == from[i]) continue;
        for (unsigned k = n; k > at; k--) to[k] = to[k - 1];
        to[at] = from[i];
        n++;
    }
    return n;
}

/* Takes all objects at once if all are signalled and the wait (if any) is not yet decided. */
static bool take_all(struct lw_thread *self, struct lw_object *const *objects, unsigned count, struct wait *w)
{
    struct lw_object *sorted[LW_WAIT_MAX];
    unsigned n = sort_objects(sorted, objects, count);
    bool all = true;

    for (unsigned i = 0; i < n; i++) {
        if (i == 0) lw_lock(&sorted[i]->lock, LW_RANK_OBJECT);
        else lw_lock_nested(&sorted[i]->lock, LW_RANK_OBJECT);
        all = all && sorted[i]->ops->test(sorted[i], NULL);
    }
    if (all && w && !claim(w, 0)) all = false;
    for (unsigned i = n; i-- > 0;) {
        if (all) (void)sorted[i]->ops->test(sorted[i], &self->obj);
        lw_unlock(&sorted[i]->lock, LW_RANK_OBJECT);
    }
    return all;
}

static int take_now(struct lw_thread *self, struct lw_object *const *objects, unsigned count, bool all)
{
    if (!all) return take_any(self, objects, count);
    return take_all(self, objects, count, NULL) ? 0 : -1;
}

/* ---- which poller ---- */

/*
 * The poller that can satisfy the wait: of a pending request that will signal
 * one of the objects, else, for an alertable wait, the thread's own.  Never a
 * stranger's: a thread that waits for its workers would become the attendant
 * of their sockets for ever.
 */
static struct lw_poller *find_poller(struct lw_thread *self, struct lw_object *const *objects, unsigned count,
                                     bool alertable)
{
    if (alertable && self->poller && atomic_load(&self->poller->pending) > 0) return self->poller;
    for (unsigned i = 0; i < count; i++) {
        if (atomic_load_explicit(&objects[i]->requests, memory_order_relaxed) == 0) continue;
        struct lw_poller *p = atomic_load_explicit(&objects[i]->poller, memory_order_acquire);
        if (p) return p;
    }
    return alertable ? self->poller : NULL;
}

/* ---- blocking ---- */

/* Puts the blocks in; false: an object was signalled meanwhile and has been claimed. */
static void enqueue(struct wait *w, struct lw_wait_block *blocks)
{
    for (unsigned i = 0; i < w->count; i++) {
        struct lw_object *obj = w->objects[i];

        blocks[i].wait = w;
        blocks[i].index = (int)i;
        lw_lock(&obj->lock, LW_RANK_OBJECT);
        lw_list_push(&obj->waiters, &blocks[i].link);
        if (obj->ops->test(obj, NULL)) {
            if (w->all) atomic_store(&w->look, true);
            else if (claim(w, (int)i)) (void)obj->ops->test(obj, &w->thread->obj);
        }
        lw_unlock(&obj->lock, LW_RANK_OBJECT);
    }
}

static void dequeue(struct wait *w, struct lw_wait_block *blocks)
{
    for (unsigned i = 0; i < w->count; i++) {
        lw_lock(&w->objects[i]->lock, LW_RANK_OBJECT);
        lw_list_remove(&blocks[i].link); /* enqueue has put every one of them in */
        lw_unlock(&w->objects[i]->lock, LW_RANK_OBJECT);
    }
    if (w->alertable) lw_apc_alertable_end(w->thread);
}

/*
 * A poller without attendant is something to do: one that left after this
 * thread had tried woke it before it slept.
 */
static bool something_to_do(void *context)
{
    struct wait *w = context;

    return atomic_load(&w->result) != WAITING || atomic_load(&w->look) || (w->alertable && lw_apc_pending(w->thread)) ||
           (w->poller && !w->attending && lw_poller_is_free(w->poller));
}

struct standby {
    struct lw_standby base;
    struct lw_thread *thread;
};

static void standby_wake(struct lw_standby *s)
{
    lw_thread_wake(LW_CONTAINER_OF(s, struct standby, base)->thread);
}

/* Sleeps until the wait is decided, attending the poller when it is free; it may still attend it afterwards. */
static void block(struct wait *w, int64_t deadline_ns)
{
    struct standby standby = { .base = { .wake = standby_wake }, .thread = w->thread };
    struct lw_poller *poller = w->poller;
    bool standing_by = false;

    for (;;) {
        if (atomic_exchange(&w->look, false)) (void)take_all(w->thread, w->objects, w->count, w);
        if (atomic_load(&w->result) != WAITING) break;
        if (w->alertable && lw_apc_pending(w->thread) && claim(w, LW_WAIT_ALERTED)) break;
        if (lw_remaining_ms(deadline_ns) == 0 && claim(w, LW_WAIT_TIMED_OUT)) break;
        if (poller && !w->attending) w->attending = lw_poller_attend(poller);
        if (poller && !w->attending && !standing_by) {
            lw_poller_standby(poller, &standby.base);
            standing_by = true;
        }
        lw_thread_sleep(w->thread, w->attending ? poller : NULL, deadline_ns, something_to_do, w);
    }
    if (standing_by) lw_poller_standby_end(poller, &standby.base);
}

static int wait_blocking(struct lw_thread *self, struct lw_object *const *objects, unsigned count, bool all,
                         int64_t deadline_ns, bool alertable)
{
    struct lw_wait_block blocks[LW_WAIT_MAX];
    struct wait w = { .thread = self, .all = all, .alertable = alertable, .count = count, .objects = objects };

    self->satisfied_at_once = 0;
    atomic_init(&w.result, WAITING);
    atomic_init(&w.look, false);
    w.poller = find_poller(self, objects, count, alertable);
    if (alertable) atomic_store(&self->alertable, true);
    enqueue(&w, blocks);
    block(&w, deadline_ns);
    dequeue(&w, blocks);
    if (w.attending) lw_poller_leave(w.poller);
    return atomic_load(&w.result);
}

/* Performs what is ready now in a poller that nobody attends. */
static void look(struct lw_poller *p)
{
    if (!p || atomic_load(&p->pending) == 0 || !lw_poller_attend(p)) return;
    lw_poller_run(p, 0, NULL, NULL);
    lw_poller_leave(p);
}

/*
 * A busy thread whose waits are all satisfied at once would never look at its
 * poller: what is ready there would wait for the watchdog, which would then
 * keep the poller.  So it looks now and then.
 */
static int at_once(struct lw_thread *self, int result)
{
    enum { WITHOUT_LOOK = 16 };
    struct lw_poller *own = self->poller;

    if (!own) return result;
    if (++self->satisfied_at_once < WITHOUT_LOOK && atomic_load(&own->attendance) != LW_WATCHED) return result;
    self->satisfied_at_once = 0;
    look(own);
    return result;
}

void lw_wait_look(struct lw_object *obj)
{
    if (atomic_load_explicit(&obj->requests, memory_order_relaxed) == 0) return;
    look(atomic_load_explicit(&obj->poller, memory_order_acquire));
}

int lw_wait(struct lw_object *const *objects, unsigned count, bool all, int64_t deadline_ns, bool alertable)
{
    struct lw_thread *self = lw_thread_self();

    if (!self) return LW_WAIT_NO_MEMORY;
    if (count == 0) all = false;
    for (int looks = 0;; looks++) {
        int taken = take_now(self, objects, count, all);
        if (taken >= 0) return at_once(self, taken);
        if (alertable && lw_apc_pending(self)) return at_once(self, LW_WAIT_ALERTED);
        if (deadline_ns != 0) break;
        if (looks > 0) return LW_WAIT_TIMED_OUT;
        /* Programs poll with a time-out of zero: what is ready is performed all the same. */
        look(find_poller(self, objects, count, alertable));
    }
    return wait_blocking(self, objects, count, all, deadline_ns, alertable);
}
