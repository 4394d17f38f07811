/* SPDX-License-Identifier: MIT */
/*
 * lock.h - mutexes with a rank.
 *
 * A lock may be taken only while every lock held by the thread has a lower
 * rank; docs/architecture.md lists the ranks with what each guards.  Two
 * exceptions, both named at the call: lw_lock_nested (a listener, then the
 * accept socket of its request) and the waits that take several objects of
 * LW_RANK_OBJECT in address order.  Builds with LAPWING_DEBUG keep the held
 * ranks per thread and trap on an inversion.
 */
#ifndef LW_BASE_LOCK_H
#define LW_BASE_LOCK_H

#include "base/base.h"

#include <pthread.h>

enum lw_rank {
    LW_RANK_NAMES = 5,     /* named events */
    LW_RANK_SOCKET = 20,   /* one socket */
    LW_RANK_OBJECT = 40,   /* signal state and waiters of one object */
    LW_RANK_THREAD = 50,   /* APC queue of one thread */
    LW_RANK_POLLER = 60,   /* standby threads of one poller */
    LW_RANK_WATCHDOG = 65, /* list of pollers, what the watchdog attends */
    LW_RANK_TABLE = 70,    /* free list of the handle table; thread registry */
};

struct lw_lock {
    pthread_mutex_t mutex;
};

#ifdef LAPWING_DEBUG
void lw_lock_rank_push(enum lw_rank rank, bool nested);
void lw_lock_rank_pop(enum lw_rank rank);
#else
static inline void lw_lock_rank_push(enum lw_rank rank, bool nested)
{
    (void)rank, (void)nested;
}
static inline void lw_lock_rank_pop(enum lw_rank rank)
{
    (void)rank;
}
#endif

#define LW_LOCK_INITIALIZER       \
    {                             \
        PTHREAD_MUTEX_INITIALIZER \
    }

static inline void lw_lock_init(struct lw_lock *l)
{
    static const struct lw_lock unlocked = LW_LOCK_INITIALIZER;

    *l = unlocked;
}

static inline void lw_lock_done(struct lw_lock *l)
{
    (void)pthread_mutex_destroy(&l->mutex); /* fails only for a lock in use, which is checked elsewhere */
}

static inline void lw_lock(struct lw_lock *l, enum lw_rank rank)
{
    lw_lock_rank_push(rank, false);
    (void)pthread_mutex_lock(&l->mutex);
}

static inline void lw_lock_nested(struct lw_lock *l, enum lw_rank rank)
{
    lw_lock_rank_push(rank, true);
    (void)pthread_mutex_lock(&l->mutex);
}

/* Out of order, but never waits: false when somebody else has it. */
static inline bool lw_trylock(struct lw_lock *l, enum lw_rank rank)
{
    if (pthread_mutex_trylock(&l->mutex)) return false;
    lw_lock_rank_push(rank, true);
    return true;
}

static inline void lw_unlock(struct lw_lock *l, enum lw_rank rank)
{
    (void)pthread_mutex_unlock(&l->mutex);
    lw_lock_rank_pop(rank);
}

#endif
