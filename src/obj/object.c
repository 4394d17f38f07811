/* SPDX-License-Identifier: MIT */
/* object.c - birth and death of the common head. */
#include "obj/object.h"

void lw_object_init(struct lw_object *obj, const struct lw_object_ops *ops)
{
    obj->ops = ops;
    atomic_init(&obj->refs, 1);
    atomic_init(&obj->handles, 0);
    lw_lock_init(&obj->lock);
    lw_list_init(&obj->waiters);
    atomic_init(&obj->requests, 0);
    atomic_init(&obj->poller, NULL);
}

void lw_object_done(struct lw_object *obj)
{
    LW_CHECK(lw_list_empty(&obj->waiters));
    lw_lock_done(&obj->lock);
}

void lw_object_destroy(struct lw_object *obj)
{
    LW_CHECK(atomic_load_explicit(&obj->handles, memory_order_relaxed) == 0);
    obj->ops->destroy(obj);
}
