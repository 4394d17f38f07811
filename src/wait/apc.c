/* SPDX-License-Identifier: MIT */
/* apc.c - the APC queue of a thread: user APCs and completed requests, in one order. */
#include "wait/thread.h"

bool lw_apc_queue(struct lw_thread *t, struct lw_apc *apc)
{
    lw_lock(&t->apc_lock, LW_RANK_THREAD);
    bool open = !t->apc_closed;
    if (open) {
        lw_list_push(&t->apcs, &apc->link);
        atomic_fetch_add(&t->apc_count, 1);
        if (t != lw_thread_current && atomic_load(&t->alertable)) lw_thread_wake(t);
    }
    lw_unlock(&t->apc_lock, LW_RANK_THREAD);
    return open;
}

void lw_apc_alertable_end(struct lw_thread *self)
{
    lw_lock(&self->apc_lock, LW_RANK_THREAD);
    atomic_store(&self->alertable, false);
    lw_unlock(&self->apc_lock, LW_RANK_THREAD);
}

static struct lw_apc *take(struct lw_thread *self)
{
    struct lw_list *first = NULL;

    lw_lock(&self->apc_lock, LW_RANK_THREAD);
    first = lw_list_pop(&self->apcs);
    if (first) atomic_fetch_sub(&self->apc_count, 1);
    lw_unlock(&self->apc_lock, LW_RANK_THREAD);
    return first ? LW_CONTAINER_OF(first, struct lw_apc, link) : NULL;
}

/* The routine may leave by longjmp, an exception or ExitThread: nothing is held while it runs. */
void lw_apc_run(void)
{
    struct lw_thread *self = lw_thread_current;

    while (lw_apc_pending(self)) {
        struct lw_apc *apc = take(self);
        if (!apc) return;
        apc->run(apc, true);
    }
}
