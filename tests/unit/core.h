/* SPDX-License-Identifier: MIT */
/*
 * core.h - what the unit tests of objects, requests, pollers and waits share:
 * raw threads, deadlines, counting objects, a table of system calls to change.
 *
 * No test sleeps to wait for something: AWAIT looks again until DEADLINE_MS.
 */
#ifndef CORE_H
#define CORE_H

#include "unit.h"

#include "obj/handle.h"
#include "sys/sys.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEADLINE_MS = 10000, QUIET_MS = 50 };

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { SLOW = 10 };
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
enum { SLOW = 10 };
#else
enum { SLOW = 1 };
#endif
#else
enum { SLOW = 1 };
#endif

/* Looks at cond again and again; fails the case when it does not become true. */
#define AWAIT(cond)                                                         \
    __extension__({                                                         \
        int64_t await_end = lw_now_ns() + (int64_t)DEADLINE_MS * 1000000;   \
        bool await_ok;                                                      \
        while (!(await_ok = (cond)) && lw_now_ns() < await_end) nap_us(50); \
        unit_check(await_ok, __FILE__, __LINE__, "in time: " #cond);        \
    })

static inline void nap_us(unsigned us)
{
    (void)usleep(us);
}

static inline double ms_since(int64_t start_ns)
{
    return (double)(lw_now_ns() - start_ns) / 1e6;
}

/* ---- threads that the library did not make ---- */

static inline pthread_t thread_start(void *(*start)(void *), void *arg)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, start, arg)) {
        printf("Bail out! no thread\n");
        exit(1);
    }
    return thread;
}

static inline void thread_join(pthread_t thread)
{
    CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* ---- objects that count what happens to them ---- */

struct thing {
    struct lw_object obj;
    atomic_int closed, destroyed, readied, set, unset;
    _Atomic uint32_t events; /* last reported */
    bool signalled;          /* guarded: obj.lock */
};

static inline struct thing *thing_of(struct lw_object *obj)
{
    return LW_CONTAINER_OF(obj, struct thing, obj);
}

static inline void thing_close(struct lw_object *obj)
{
    atomic_fetch_add(&thing_of(obj)->closed, 1);
}

/* Things live on the stack or in static memory: only counted. */
static inline void thing_destroy(struct lw_object *obj)
{
    lw_object_done(obj);
    atomic_fetch_add(&thing_of(obj)->destroyed, 1);
}

static inline void thing_ready(struct lw_object *obj, uint32_t events)
{
    atomic_store(&thing_of(obj)->events, events);
    atomic_fetch_add(&thing_of(obj)->readied, 1);
}

static inline bool thing_signal(struct lw_object *obj)
{
    atomic_fetch_add(&thing_of(obj)->set, 1);
    return true;
}

static inline void thing_reset(struct lw_object *obj)
{
    atomic_fetch_add(&thing_of(obj)->unset, 1);
}

static const struct lw_object_ops thing_ops = {
    .kind = LW_KIND_SOCKET,
    .signal = thing_signal,
    .reset = thing_reset,
    .close = thing_close,
    .destroy = thing_destroy,
    .ready = thing_ready,
};

static inline void thing_init(struct thing *t)
{
    memset(t, 0, sizeof *t);
    lw_object_init(&t->obj, &thing_ops);
}

/* ---- a table whose allocations fail on demand ---- */

static atomic_int allocations_left = -1; /* -1: no limit */

static inline void *limited_alloc(size_t size)
{
    int left = atomic_load(&allocations_left);

    if (left == 0) return NULL;
    if (left > 0) atomic_fetch_sub(&allocations_left, 1);
    return malloc(size);
}

/* Before the library starts threads: main calls it first. */
static inline struct lw_sys *own_table(void)
{
    static struct lw_sys table;

    table = lw_sys_default;
    table.alloc = limited_alloc;
    lw_sys = &table;
    return &table;
}

static inline void fail_allocations_after(int count)
{
    atomic_store(&allocations_left, count);
}

#endif
