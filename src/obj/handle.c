/* SPDX-License-Identifier: MIT */
/*
 * handle.c - the handle table: chunks of slots, made as they are needed and
 * never given back.
 *
 * A slot's state word holds generation, LIVE and a count of users.  LIVE
 * itself counts as one user, so the slot is freed by whoever brings the count
 * to zero.  table.lock guards the free queue and growth only.
 */
#include "obj/handle.h"

#include "sys/sys.h"

enum {
    INDEX_BITS = 20,
    GENERATION_BITS = 9,
    CHUNK_BITS = 10,
    CHUNK_SLOTS = 1 << CHUNK_BITS,
    CHUNKS = LW_HANDLE_MAX / CHUNK_SLOTS,
    GENERATION_MASK = (1 << GENERATION_BITS) - 1,
};

#define LIVE ((uint64_t)1 << 47)
#define USERS (LIVE - 1)
#define GENERATION_SHIFT 48

struct slot {
    _Atomic uint64_t state;
    struct lw_object *obj; /* written before LIVE is published, valid while users > 0 */
    uint32_t next_free;    /* guarded: table.lock */
    uint32_t flags;        /* like obj */
};

static struct {
    struct lw_lock lock; /* LW_RANK_TABLE */
    _Atomic(struct slot *) chunks[CHUNKS];
    uint32_t used;       /* guarded: indexes ever used; 0 is never used, so that NULL is no handle */
    uint32_t free_first; /* guarded: queue of free indexes, 0 = end */
    uint32_t free_last;
    uint32_t free_count;
    _Atomic uint64_t open;
} table = { .lock = LW_LOCK_INITIALIZER, .used = 1 };

static struct slot *slot_at(uint32_t index)
{
    struct slot *chunk = atomic_load_explicit(&table.chunks[index >> CHUNK_BITS], memory_order_acquire);

    return chunk ? &chunk[index & (CHUNK_SLOTS - 1)] : NULL;
}

static lw_handle_t handle_value(uint32_t index, uint64_t state)
{
    uintptr_t generation = (state >> GENERATION_SHIFT) & GENERATION_MASK;

    return (lw_handle_t)((generation << (INDEX_BITS + 2)) | ((uintptr_t)index << 2));
}

static struct slot *slot_of(lw_handle_t h, uint64_t *ret_generation)
{
    uintptr_t value = (uintptr_t)h;

    if (value >> (INDEX_BITS + GENERATION_BITS + 2)) return NULL;
    *ret_generation = value >> (INDEX_BITS + 2);
    return slot_at((uint32_t)(value >> 2) & (LW_HANDLE_MAX - 1));
}

/* Makes sure that the chunk of an index exists.  Called with table.lock. */
static bool chunk_make(uint32_t index)
{
    struct slot *chunk = atomic_load_explicit(&table.chunks[index >> CHUNK_BITS], memory_order_relaxed);

    if (chunk) return true;
    chunk = lw_zalloc(CHUNK_SLOTS * sizeof *chunk);
    if (!chunk) return false;
    atomic_store_explicit(&table.chunks[index >> CHUNK_BITS], chunk, memory_order_release);
    return true;
}

/* Takes an index from the queue, or a new one; 0 when there is none. */
static uint32_t index_take(void)
{
    uint32_t index = 0;

    lw_lock(&table.lock, LW_RANK_TABLE);
    bool fresh = table.used < LW_HANDLE_MAX && chunk_make(table.used);
    if (table.free_count > LW_HANDLE_QUARANTINE || (table.free_count && !fresh)) {
        index = table.free_first;
        table.free_first = slot_at(index)->next_free;
        if (--table.free_count == 0) table.free_last = 0;
    } else if (fresh) {
        index = table.used++;
    }
    lw_unlock(&table.lock, LW_RANK_TABLE);
    return index;
}

static void index_give(uint32_t index)
{
    lw_lock(&table.lock, LW_RANK_TABLE);
    slot_at(index)->next_free = 0;
    if (table.free_last) slot_at(table.free_last)->next_free = index;
    else table.free_first = index;
    table.free_last = index;
    table.free_count++;
    lw_unlock(&table.lock, LW_RANK_TABLE);
}

lw_handle_t lw_handle_open(struct lw_object *obj, unsigned flags)
{
    uint32_t index = index_take();

    if (!index) return NULL;
    struct slot *slot = slot_at(index);
    uint64_t generation = atomic_load_explicit(&slot->state, memory_order_relaxed) >> GENERATION_SHIFT;
    uint64_t state = generation << GENERATION_SHIFT | LIVE | 1;

    lw_object_ref(obj);
    atomic_fetch_add_explicit(&obj->handles, 1, memory_order_relaxed);
    slot->obj = obj;
    slot->flags = flags;
    atomic_fetch_add_explicit(&table.open, 1, memory_order_relaxed);
    atomic_store_explicit(&slot->state, state, memory_order_release);
    return handle_value(index, state);
}

struct lw_object *lw_handle_get(lw_handle_t h, unsigned *ret_flags)
{
    uint64_t generation;
    struct slot *slot = slot_of(h, &generation);

    if (LW_UNLIKELY(!slot)) return NULL;
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (!(state & LIVE) || ((state >> GENERATION_SHIFT) & GENERATION_MASK) != generation) return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1, memory_order_acquire,
                                                    memory_order_relaxed));
    if (ret_flags) *ret_flags = slot->flags;
    return slot->obj;
}

struct lw_object *lw_handle_get_kind(lw_handle_t h, enum lw_kind kind)
{
    struct lw_object *obj = lw_handle_get(h, NULL);

    if (!obj || obj->ops->kind == kind) return obj;
    lw_handle_put(h);
    return NULL;
}

/* The last user has left a closed slot: its next life has another generation. */
static void slot_free(struct slot *slot, lw_handle_t h, uint64_t state)
{
    struct lw_object *obj = slot->obj;

    slot->obj = NULL;
    atomic_store_explicit(&slot->state, ((state >> GENERATION_SHIFT) + 1) << GENERATION_SHIFT, memory_order_release);
    index_give((uint32_t)((uintptr_t)h >> 2) & (LW_HANDLE_MAX - 1));
    lw_object_unref(obj);
}

void lw_handle_put(lw_handle_t h)
{
    uint64_t generation;
    struct slot *slot = slot_of(h, &generation);
    uint64_t before = atomic_fetch_sub_explicit(&slot->state, 1, memory_order_acq_rel);

    LW_CHECK((before & USERS) > 0);
    if ((before & (USERS | LIVE)) == 1) slot_free(slot, h, before);
}

bool lw_handle_close(lw_handle_t h)
{
    uint64_t generation;
    struct slot *slot = slot_of(h, &generation);

    if (!slot) return false;
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (!(state & LIVE) || ((state >> GENERATION_SHIFT) & GENERATION_MASK) != generation) return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state & ~LIVE, memory_order_acq_rel,
                                                    memory_order_relaxed));
    struct lw_object *obj = slot->obj;
    atomic_fetch_sub_explicit(&table.open, 1, memory_order_relaxed);
    bool last = atomic_fetch_sub_explicit(&obj->handles, 1, memory_order_acq_rel) == 1;
    if (last && obj->ops->close) obj->ops->close(obj);
    if (!last && obj->ops->handle_closed) obj->ops->handle_closed(obj, h);
    lw_handle_put(h); /* the handle's own count */
    return true;
}

void lw_handle_each(void (*visit)(lw_handle_t h, struct lw_object *obj, void *context), void *context)
{
    lw_lock(&table.lock, LW_RANK_TABLE);
    uint32_t used = table.used;
    lw_unlock(&table.lock, LW_RANK_TABLE);
    for (uint32_t index = 1; index < used; index++) {
        uint64_t state = atomic_load_explicit(&slot_at(index)->state, memory_order_relaxed);
        if (!(state & LIVE)) continue;
        lw_handle_t h = handle_value(index, state);
        struct lw_object *obj = lw_handle_get(h, NULL);
        if (!obj) continue;
        visit(h, obj, context);
        lw_handle_put(h);
    }
}

struct search {
    struct lw_object *obj;
    lw_handle_t found;
};

static void compare(lw_handle_t h, struct lw_object *obj, void *context)
{
    struct search *search = context;

    if (obj == search->obj) search->found = h;
}

lw_handle_t lw_handle_find(struct lw_object *obj)
{
    struct search search = { obj, NULL };

    lw_handle_each(compare, &search);
    return search.found;
}

uint64_t lw_handle_count(void)
{
    return atomic_load_explicit(&table.open, memory_order_relaxed);
}

void lw_handle_after_fork(void)
{
    lw_lock_init(&table.lock);
    for (uint32_t index = 1; index < table.used; index++) {
        struct slot *slot = slot_at(index);
        uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
        atomic_store_explicit(&slot->state, ((state >> GENERATION_SHIFT) + 1) << GENERATION_SHIFT,
                              memory_order_relaxed);
    }
    table.free_first = table.free_last = table.free_count = 0;
    for (uint32_t index = 1; index < table.used; index++) index_give(index);
    atomic_store_explicit(&table.open, 0, memory_order_relaxed);
}
