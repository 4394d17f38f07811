/* SPDX-License-Identifier: MIT */
/*
 * thread.c - blocks of threads: adoption, start, sleep, end.
 *
 * The block of a running thread is in the registry, guarded by registry.lock,
 * and holds one reference of its own, which goes when the thread has ended.
 */
#define _GNU_SOURCE
#include "wait/thread.h"

#include "op/op.h"
#include "poll/watchdog.h"
#include "sys/sys.h"
#include "wait/wait.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread struct lw_thread *lw_thread_current __attribute__((tls_model("initial-exec")));

static struct {
    struct lw_lock lock; /* LW_RANK_TABLE */
    struct lw_list threads;
} registry = { LW_LOCK_INITIALIZER, { &registry.threads, &registry.threads } };

static pthread_key_t end_key;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;
static bool end_key_made;
static __thread bool ended_before
    __attribute__((tls_model("initial-exec"))); /* a late destructor adopted the thread again */

/* ---- the object ---- */

static bool thread_test(struct lw_object *obj, struct lw_object *taker)
{
    (void)taker; /* a wait takes nothing from a thread */
    return lw_thread_of(obj)->ended;
}

static void thread_destroy(struct lw_object *obj)
{
    struct lw_thread *t = lw_thread_of(obj);

    lw_lock_done(&t->apc_lock);
    lw_object_done(obj);
    lw_free(t);
}

static bool thread_queue_apc(struct lw_object *obj, struct lw_apc *apc)
{
    return lw_apc_queue(lw_thread_of(obj), apc);
}

static const struct lw_object_ops thread_ops = {
    .kind = LW_KIND_THREAD,
    .test = thread_test,
    .destroy = thread_destroy,
    .queue_apc = thread_queue_apc,
};

struct lw_thread *lw_thread_new(lw_thread_start_fn start, void *arg, bool suspended)
{
    struct lw_thread *t = lw_zalloc(sizeof *t);

    if (!t) return NULL;
    lw_object_init(&t->obj, &thread_ops);
    lw_lock_init(&t->apc_lock);
    lw_list_init(&t->apcs);
    lw_list_init(&t->link);
    atomic_init(&t->resume, !suspended);
    t->start = start;
    t->arg = arg;
    return t;
}

/* ---- end ---- */

static void cancel_requests(lw_handle_t h, struct lw_object *obj, void *thread)
{
    (void)h;
    if (obj->ops->thread_exit) obj->ops->thread_exit(obj, thread);
}

static void drop_apcs(struct lw_thread *t)
{
    struct lw_list left;

    lw_list_init(&left);
    lw_lock(&t->apc_lock, LW_RANK_THREAD);
    t->apc_closed = true;
    lw_list_splice(&left, &t->apcs);
    atomic_store(&t->apc_count, 0);
    lw_unlock(&t->apc_lock, LW_RANK_THREAD);
    for (struct lw_list *l; (l = lw_list_pop(&left));) {
        struct lw_apc *apc = LW_CONTAINER_OF(l, struct lw_apc, link);
        apc->run(apc, false);
    }
}

/* What is left undone here (an APC queued late, a request that completes) finds apc_closed and is dropped. */
static void thread_end(struct lw_thread *t)
{
    drop_apcs(t);
    if (t->issued) lw_handle_each(cancel_requests, &t->obj);
    if (t->poller) lw_poller_unuse(t->poller);
    t->poller = NULL;
    lw_op_thread_exit();

    lw_lock(&registry.lock, LW_RANK_TABLE);
    lw_list_remove(&t->link);
    lw_unlock(&registry.lock, LW_RANK_TABLE);

    lw_lock(&t->obj.lock, LW_RANK_OBJECT);
    t->ended = true;
    lw_wait_satisfy(&t->obj);
    lw_unlock(&t->obj.lock, LW_RANK_OBJECT);

    lw_watchdog_thread_ended(atomic_load(&t->exit_code));
    lw_thread_current = NULL;
    ended_before = true;
    lw_object_unref(&t->obj);
}

/* Destructors of other libraries may still call us: comes back in later rounds and ends the thread in the last but one. */
static void end_destructor(void *value)
{
    uintptr_t round = (uintptr_t)value;

    if (round + 1 < PTHREAD_DESTRUCTOR_ITERATIONS && pthread_setspecific(end_key, (void *)(round + 1)) == 0) return;
    if (lw_thread_current) thread_end(lw_thread_current);
}

static void make_end_key(void)
{
    end_key_made = pthread_key_create(&end_key, end_destructor) == 0;
}

/* ---- start ---- */

/* Tells those who wait for it. */
static void set_id(struct lw_thread *t)
{
    atomic_store(&t->id, (uint32_t)syscall(SYS_gettid));
    lw_futex_wake(&t->id, INT_MAX);
}

/* Makes t the calling thread's block; it then owns the reference of the registry. */
static bool settle(struct lw_thread *t)
{
    (void)pthread_once(&end_once, make_end_key);
    uintptr_t round = ended_before ? PTHREAD_DESTRUCTOR_ITERATIONS : 1;
    if (!end_key_made || pthread_setspecific(end_key, (void *)round)) return false;
    lw_lock(&registry.lock, LW_RANK_TABLE);
    set_id(t);
    lw_list_push(&registry.threads, &t->link);
    lw_unlock(&registry.lock, LW_RANK_TABLE);
    lw_thread_current = t;
    return true;
}

struct lw_thread *lw_thread_adopt(void)
{
    int err = errno;
    struct lw_thread *t = lw_thread_new(NULL, NULL, false);

    if (t && !settle(t)) {
        lw_object_unref(&t->obj);
        t = NULL;
    }
    errno = err;
    return t;
}

static void *thread_main(void *block)
{
    struct lw_thread *t = block;

    if (!settle(t)) { /* no room for the key's value: the thread ends at once */
        set_id(t);
        atomic_store(&t->exit_code, 1);
        lw_thread_current = t;
        thread_end(t);
        return NULL;
    }
    while (atomic_load(&t->resume) == 0) lw_futex_wait(&t->resume, 0, -1);
    lw_apc_run(); /* APCs queued before the start run before the start routine */
    atomic_store(&t->exit_code, t->start(t->arg));
    return NULL;
}

int lw_thread_spawn(struct lw_thread *t, size_t stack_bytes)
{
    pthread_attr_t attr;
    pthread_t thread;
    size_t usual;
    int err = pthread_attr_init(&attr);

    if (err) return err;
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    /* A small size is only the part that Windows commits at first. */
    if (stack_bytes && pthread_attr_getstacksize(&attr, &usual) == 0 && stack_bytes > usual)
        (void)pthread_attr_setstacksize(&attr, (stack_bytes + 65535) & ~(size_t)65535);
    lw_object_ref(&t->obj); /* the thread's own */
    err = pthread_create(&thread, &attr, thread_main, t);
    if (err) lw_object_unref(&t->obj);
    (void)pthread_attr_destroy(&attr);
    return err;
}

bool lw_thread_resume(struct lw_thread *t)
{
    bool was = atomic_exchange(&t->resume, 1) == 0;

    if (was) lw_futex_wake(&t->resume, 1);
    return was;
}

void lw_thread_exit(uint32_t code)
{
    struct lw_thread *self = lw_thread_self();

    if (self) atomic_store(&self->exit_code, code);
    if (syscall(SYS_gettid) == getpid()) lw_watchdog_main_ended(code);
    pthread_exit(NULL);
}

uint32_t lw_thread_id(struct lw_thread *t)
{
    uint32_t id;

    while ((id = atomic_load(&t->id)) == 0) lw_futex_wait(&t->id, 0, -1);
    return id;
}

struct lw_thread *lw_thread_find(uint32_t id)
{
    struct lw_thread *found = NULL;

    lw_lock(&registry.lock, LW_RANK_TABLE);
    LW_LIST_EACH(link, &registry.threads) {
        struct lw_thread *t = LW_CONTAINER_OF(link, struct lw_thread, link);
        if (atomic_load(&t->id) == id) found = t;
    }
    if (found) lw_object_ref(&found->obj);
    lw_unlock(&registry.lock, LW_RANK_TABLE);
    return found;
}

bool lw_thread_ended(struct lw_thread *t, uint32_t *ret_code)
{
    lw_lock(&t->obj.lock, LW_RANK_OBJECT);
    bool ended = t->ended;
    lw_unlock(&t->obj.lock, LW_RANK_OBJECT);
    if (ended) *ret_code = atomic_load(&t->exit_code);
    return ended;
}

struct lw_poller *lw_thread_poller(struct lw_thread *self)
{
    if (!self->poller) self->poller = lw_poller_new();
    return self->poller;
}

/* ---- sleep ---- */

void lw_thread_wake(struct lw_thread *t)
{
    switch (atomic_exchange(&t->state, LW_THREAD_AWAKE)) {
    case LW_THREAD_IN_FUTEX: lw_futex_wake(&t->state, 1); break;
    case LW_THREAD_IN_POLL: lw_poller_wake(atomic_load(&t->attending)); break;
    default: break;
    }
}

static void mark_awake(void *self)
{
    atomic_store(&((struct lw_thread *)self)->state, LW_THREAD_AWAKE);
}

void lw_thread_sleep(struct lw_thread *self, struct lw_poller *attended, int64_t deadline_ns,
                     bool (*stay_awake)(void *context), void *context)
{
    atomic_store(&self->attending, attended);
    atomic_store(&self->state, attended ? LW_THREAD_IN_POLL : LW_THREAD_IN_FUTEX);
    /* What became true before the store above had nobody to wake. */
    if (stay_awake(context)) mark_awake(self);
    else if (attended) lw_poller_run(attended, lw_remaining_ms(deadline_ns), mark_awake, self);
    else lw_futex_wait(&self->state, LW_THREAD_IN_FUTEX, deadline_ns);
    mark_awake(self);
}

void lw_thread_after_fork(void)
{
    lw_lock_init(&registry.lock);
    lw_list_init(&registry.threads);
    lw_op_after_fork();
    /* Whatever of the parent's objects leads to the block is never followed here: the child's thread gets a new one. */
    lw_free(lw_thread_current);
    lw_thread_current = NULL;
}
