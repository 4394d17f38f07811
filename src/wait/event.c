/* SPDX-License-Identifier: MIT */
/* event.c - event objects.  The signal state is guarded by the object's lock, names by names.lock. */
#include "wait/event.h"

#include "sys/sys.h"
#include "wait/wait.h"

static struct {
    struct lw_lock lock; /* LW_RANK_NAMES */
    struct lw_list events;
} names = { LW_LOCK_INITIALIZER, { &names.events, &names.events } };

static struct lw_event *event_of(struct lw_object *obj)
{
    return LW_CONTAINER_OF(obj, struct lw_event, obj);
}

static bool event_test(struct lw_object *obj, struct lw_object *taker)
{
    struct lw_event *e = event_of(obj);
    bool signalled = atomic_load_explicit(&e->signalled, memory_order_acquire);

    if (taker && !e->manual) atomic_store_explicit(&e->signalled, false, memory_order_relaxed);
    return signalled;
}

bool lw_event_set(struct lw_object *obj)
{
    lw_lock(&obj->lock, LW_RANK_OBJECT);
    event_of(obj)->signalled = true;
    lw_wait_satisfy(obj);
    lw_unlock(&obj->lock, LW_RANK_OBJECT);
    return true;
}

void lw_event_reset(struct lw_object *obj)
{
    lw_lock(&obj->lock, LW_RANK_OBJECT);
    event_of(obj)->signalled = false;
    lw_unlock(&obj->lock, LW_RANK_OBJECT);
}

void lw_event_pulse(struct lw_object *obj)
{
    lw_lock(&obj->lock, LW_RANK_OBJECT);
    event_of(obj)->signalled = true;
    lw_wait_satisfy(obj);
    event_of(obj)->signalled = false;
    lw_unlock(&obj->lock, LW_RANK_OBJECT);
}

/* The last handle of a named event takes its name away, unless somebody has just opened it again. */
static void event_close(struct lw_object *obj)
{
    struct lw_event *e = event_of(obj);

    if (!e->name) return;
    lw_lock(&names.lock, LW_RANK_NAMES);
    if (atomic_load(&obj->handles) == 0) lw_list_remove(&e->name_link);
    lw_unlock(&names.lock, LW_RANK_NAMES);
}

static void event_destroy(struct lw_object *obj)
{
    struct lw_event *e = event_of(obj);

    lw_event_done(e);
    lw_free(e->name);
    lw_free(e);
}

static const struct lw_object_ops event_ops = {
    .kind = LW_KIND_EVENT,
    .test = event_test,
    .signal = lw_event_set,
    .reset = lw_event_reset,
    .close = event_close,
    .destroy = event_destroy,
};

void lw_event_init(struct lw_event *e, bool manual)
{
    lw_object_init(&e->obj, &event_ops);
    e->manual = manual;
    e->signalled = false;
    e->name = NULL;
    lw_list_init(&e->name_link);
}

void lw_event_done(struct lw_event *e)
{
    lw_object_done(&e->obj);
}

static struct lw_event *event_new(bool manual, bool signalled)
{
    struct lw_event *e = lw_zalloc(sizeof *e);

    if (!e) return NULL;
    lw_event_init(e, manual);
    e->signalled = signalled;
    return e;
}

lw_handle_t lw_event_create(bool manual, bool signalled)
{
    struct lw_event *e = event_new(manual, signalled);

    if (!e) return NULL;
    lw_handle_t h = lw_handle_open(&e->obj, 0);
    lw_object_unref(&e->obj);
    return h;
}

static size_t name_length(const uint16_t *name)
{
    size_t n = 0;

    while (name[n]) n++;
    return n;
}

static bool name_equal(const uint16_t *a, const uint16_t *b)
{
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

/* Called with names.lock. */
static struct lw_event *name_find(const uint16_t *name)
{
    LW_LIST_EACH(link, &names.events) {
        struct lw_event *e = LW_CONTAINER_OF(link, struct lw_event, name_link);
        if (name_equal(e->name, name)) return e;
    }
    return NULL;
}

/* Makes a named event and enters the name.  Called with names.lock. */
static lw_handle_t name_create(const uint16_t *name, bool manual, bool signalled)
{
    struct lw_event *e = event_new(manual, signalled);
    size_t bytes = (name_length(name) + 1) * sizeof *name;

    if (!e) return NULL;
    e->name = lw_alloc(bytes);
    lw_handle_t h = e->name ? lw_handle_open(&e->obj, 0) : NULL;
    if (h) {
        __builtin_memcpy(e->name, name, bytes);
        lw_list_push(&names.events, &e->name_link);
    }
    lw_object_unref(&e->obj);
    return h;
}

enum lw_name_result lw_event_open_named(const uint16_t *name, bool create, bool manual, bool signalled,
                                        lw_handle_t *ret_handle)
{
    enum lw_name_result result = LW_NAME_MISSING;
    lw_handle_t h = NULL;

    lw_lock(&names.lock, LW_RANK_NAMES);
    struct lw_event *e = name_find(name);
    if (e) {
        result = LW_NAME_EXISTS;
        h = lw_handle_open(&e->obj, 0);
    } else if (create) {
        result = LW_NAME_NEW;
        h = name_create(name, manual, signalled);
    }
    lw_unlock(&names.lock, LW_RANK_NAMES);
    if (result != LW_NAME_MISSING && !h) return LW_NAME_NO_MEMORY;
    if (h) *ret_handle = h;
    return result;
}

void lw_event_after_fork(void)
{
    lw_lock_init(&names.lock);
    lw_list_init(&names.events);
}
