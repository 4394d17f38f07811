/* SPDX-License-Identifier: MIT */
/* handle-table.c - values, generations, quarantine, and use against close (obj/handle.h). */
#include "core.h"

static lw_handle_t open_one(struct thing *t)
{
    lw_handle_t h = lw_handle_open(&t->obj, 0);

    CHECK(h != NULL);
    return h;
}

static lw_handle_t tagged(lw_handle_t h, uintptr_t tag)
{
    return (lw_handle_t)((uintptr_t)h | tag);
}

static int finds(lw_handle_t h, struct thing *t)
{
    struct lw_object *obj = lw_handle_get(h, NULL);

    if (obj) lw_handle_put(h);
    return obj == &t->obj;
}

/* ---- one handle ---- */

static void a_handle_finds_its_object(void)
{
    struct thing t;
    unsigned flags = 77;

    thing_init(&t);
    uint64_t before = lw_handle_count();
    lw_handle_t h = lw_handle_open(&t.obj, LW_HANDLE_NOT_WINSOCK);
    REQUIRE(h != NULL);
    CHECK_EQ(lw_handle_count(), before + 1);
    CHECK_EQ(t.obj.refs, 2); /* ours and the handle's */
    CHECK_EQ(t.obj.handles, 1);
    CHECK(lw_handle_get(h, &flags) == &t.obj);
    CHECK_EQ(flags, LW_HANDLE_NOT_WINSOCK);
    lw_handle_put(h);
    CHECK(lw_handle_get_kind(h, LW_KIND_SOCKET) == &t.obj);
    lw_handle_put(h);
    CHECK(lw_handle_get_kind(h, LW_KIND_EVENT) == NULL);
    CHECK(lw_handle_close(h));
    CHECK_EQ(t.closed, 1);
    CHECK_EQ(t.obj.refs, 1);
    CHECK_EQ(lw_handle_count(), before);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static void values_are_positive_ints_and_multiples_of_four(void)
{
    struct thing t;

    thing_init(&t);
    for (int i = 0; i < 3 * LW_HANDLE_QUARANTINE; i++) {
        lw_handle_t h = open_one(&t);
        uintptr_t value = (uintptr_t)h;

        if (value == 0 || value > INT32_MAX || value % 4) CHECK_EQ(value, 4);
        CHECK(lw_handle_close(h));
    }
    lw_object_unref(&t.obj);
}

static void the_two_low_bits_do_not_count(void)
{
    struct thing t;

    thing_init(&t);
    lw_handle_t h = open_one(&t);
    for (uintptr_t tag = 1; tag < 4; tag++) CHECK(finds(tagged(h, tag), &t));
    CHECK(lw_handle_get(tagged(h, 3), NULL) == &t.obj);
    lw_handle_put(tagged(h, 2));
    CHECK(lw_handle_close(tagged(h, 1)));
    CHECK(!lw_handle_close(h));
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static void a_closed_value_finds_nothing(void)
{
    struct thing t;

    thing_init(&t);
    lw_handle_t h = open_one(&t);
    CHECK(lw_handle_close(h));
    CHECK(lw_handle_get(h, NULL) == NULL);
    CHECK(lw_handle_get_kind(h, LW_KIND_SOCKET) == NULL);
    CHECK(!lw_handle_close(h));
    CHECK_EQ(t.closed, 1);
    lw_object_unref(&t.obj);
}

static void a_user_keeps_a_closed_object(void)
{
    struct thing t;

    thing_init(&t);
    lw_handle_t h = open_one(&t);
    lw_object_unref(&t.obj); /* the handle alone holds it now */
    CHECK(lw_handle_get(h, NULL) == &t.obj);
    CHECK(lw_handle_get(h, NULL) == &t.obj);
    CHECK(lw_handle_close(h));
    CHECK_EQ(t.closed, 1);
    CHECK(lw_handle_get(h, NULL) == NULL);
    CHECK(!lw_handle_close(h));
    lw_handle_put(h);
    CHECK_EQ(t.destroyed, 0);
    lw_handle_put(h);
    CHECK_EQ(t.destroyed, 1);
}

static void the_last_of_several_handles_closes(void)
{
    struct thing t;
    lw_handle_t h[3];

    thing_init(&t);
    for (int i = 0; i < 3; i++) h[i] = open_one(&t);
    CHECK(h[0] != h[1] && h[1] != h[2] && h[0] != h[2]);
    CHECK(lw_handle_close(h[1]));
    CHECK(lw_handle_close(h[0]));
    CHECK_EQ(t.closed, 0);
    CHECK(finds(h[2], &t));
    CHECK(lw_handle_close(h[2]));
    CHECK_EQ(t.closed, 1);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

/* ---- values that are no handles ---- */

static void garbage_finds_nothing(void)
{
    struct thing t;
    unsigned state = 1;

    thing_init(&t);
    lw_handle_t h = open_one(&t);
    for (int i = 0; i < 1000000 / SLOW; i++) {
        state = state * 1664525u + 1013904223u;
        uintptr_t value = (uintptr_t)state << (i % 3 * 16) ^ state >> 7;
        if (((uintptr_t)h ^ value) < 4) continue;
        if (lw_handle_get((lw_handle_t)value, NULL) || lw_handle_close((lw_handle_t)value)) CHECK_EQ(value, 0);
    }
    for (int bit = 0; bit < 64; bit++) {
        uintptr_t one = (uintptr_t)1 << bit, low = (uintptr_t)h ^ one;
        CHECK(lw_handle_get((lw_handle_t)one, NULL) == NULL || (one ^ (uintptr_t)h) < 4);
        CHECK(!finds((lw_handle_t)low, &t) || bit < 2);
    }
    for (uintptr_t value = 0; value < 4; value++) CHECK(lw_handle_get((lw_handle_t)value, NULL) == NULL);
    for (uintptr_t value = 0; value < 8; value++) CHECK(!lw_handle_close((lw_handle_t)(UINTPTR_MAX - value)));
    CHECK(finds(h, &t));
    CHECK(lw_handle_close(h));
    lw_object_unref(&t.obj);
}

static uint32_t index_of(lw_handle_t h)
{
    return (uint32_t)((uintptr_t)h >> 2) & (LW_HANDLE_MAX - 1);
}

static void a_freed_index_rests(void)
{
    static uint32_t freed_at[LW_HANDLE_MAX];
    struct thing t;
    uint32_t reused = 0;

    thing_init(&t);
    for (uint32_t now = 1; now < 5 * LW_HANDLE_QUARANTINE; now++) {
        lw_handle_t h = open_one(&t);
        uint32_t *last = &freed_at[index_of(h)];

        if (*last) {
            reused++;
            if (now - *last <= LW_HANDLE_QUARANTINE) CHECK(now - *last > LW_HANDLE_QUARANTINE);
        }
        CHECK(lw_handle_close(h));
        *last = now;
    }
    CHECK(reused > LW_HANDLE_QUARANTINE);
    lw_object_unref(&t.obj);
}

/* A value comes back after 512 generations of at least LW_HANDLE_QUARANTINE closes each. */
static void a_stale_value_stays_stale(void)
{
    struct thing t;
    long closes = 512L * LW_HANDLE_QUARANTINE / SLOW;

    thing_init(&t);
    lw_handle_t stale = open_one(&t);
    CHECK(lw_handle_close(stale));
    for (long i = 0; i < closes; i++) {
        lw_handle_t h = lw_handle_open(&t.obj, 0);
        if (h == stale || lw_handle_get(stale, NULL)) CHECK_EQ(i, closes);
        (void)lw_handle_close(h);
    }
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

/* ---- all handles ---- */

struct visit {
    int count;
    lw_handle_t close;
    struct lw_object *wanted;
};

static void visit(lw_handle_t h, struct lw_object *obj, void *context)
{
    struct visit *v = context;

    if (obj != v->wanted) return;
    v->count++;
    CHECK(lw_handle_close(v->close ? v->close : h));
    v->close = NULL;
}

static void each_visits_what_is_open(void)
{
    struct thing t;
    lw_handle_t h[8];

    thing_init(&t);
    for (int i = 0; i < 8; i++) h[i] = open_one(&t);
    struct visit v = { .wanted = &t.obj };
    CHECK(lw_handle_close(h[3]));
    v.close = h[7]; /* closes another that is not visited yet, then each itself */
    lw_handle_each(visit, &v);
    CHECK_EQ(v.count, 6);
    CHECK_EQ(t.obj.handles, 1); /* the first visited was not closed itself */
    v.count = 0;
    lw_handle_each(visit, &v);
    CHECK_EQ(v.count, 1);
    CHECK_EQ(t.closed, 1);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

/* ---- use against close ---- */

enum { SLOTS = 8, MAGIC = 0x600d };

/* An object of the race: valid while it is alive, and known by its number. */
struct life {
    struct lw_object obj;
    atomic_int magic;
    atomic_int closed;
};

static struct {
    _Atomic(lw_handle_t) published[SLOTS];
    atomic_long opened, closed, destroyed, used, missed;
    atomic_bool over;
} race;

static void life_close(struct lw_object *obj)
{
    struct life *l = LW_CONTAINER_OF(obj, struct life, obj);

    CHECK_EQ(atomic_fetch_add(&l->closed, 1), 0);
    atomic_fetch_add(&race.closed, 1);
}

static void life_destroy(struct lw_object *obj)
{
    struct life *l = LW_CONTAINER_OF(obj, struct life, obj);

    CHECK_EQ(atomic_exchange(&l->magic, 0), MAGIC);
    CHECK_EQ(l->closed, 1);
    lw_object_done(obj);
    atomic_fetch_add(&race.destroyed, 1);
    lw_free(l);
}

static const struct lw_object_ops life_ops = { .kind = LW_KIND_EVENT, .close = life_close, .destroy = life_destroy };

static bool open_life(unsigned slot)
{
    struct life *l = lw_zalloc(sizeof *l);

    if (!l) return false;
    lw_object_init(&l->obj, &life_ops);
    atomic_store(&l->magic, MAGIC);
    lw_handle_t h = lw_handle_open(&l->obj, slot);
    lw_object_unref(&l->obj);
    if (!h) return false;
    atomic_fetch_add(&race.opened, 1);
    atomic_store(&race.published[slot], h);
    return true;
}

/* Whoever closes opens the next: exactly one of those who try. */
static void use_one(unsigned slot, bool close)
{
    lw_handle_t h = atomic_load(&race.published[slot]);
    unsigned flags = SLOTS;
    struct lw_object *obj = lw_handle_get(h, &flags);

    if (obj) {
        CHECK_EQ(LW_CONTAINER_OF(obj, struct life, obj)->magic, MAGIC);
        CHECK_EQ(flags, slot); /* never another's */
        atomic_fetch_add(&race.used, 1);
    } else {
        atomic_fetch_add(&race.missed, 1);
    }
    if (close && lw_handle_close(h)) CHECK(open_life(slot));
    if (obj) lw_handle_put(h);
}

static void *use_and_close(void *arg)
{
    unsigned state = (unsigned)(uintptr_t)arg;

    while (!atomic_load(&race.over)) {
        for (int i = 0; i < 1000; i++) {
            state = state * 1664525u + 1013904223u;
            use_one(state >> 16 & (SLOTS - 1), (state >> 24 & 3) == 0);
        }
    }
    return NULL;
}

static void uses_race_with_closes(void)
{
    pthread_t threads[4];

    for (unsigned i = 0; i < SLOTS; i++) REQUIRE(open_life(i));
    for (uintptr_t i = 0; i < 4; i++) threads[i] = thread_start(use_and_close, (void *)(i + 1));
    AWAIT(atomic_load(&race.closed) > 400000 / SLOW);
    atomic_store(&race.over, true);
    for (int i = 0; i < 4; i++) thread_join(threads[i]);
    for (unsigned i = 0; i < SLOTS; i++) CHECK(lw_handle_close(atomic_load(&race.published[i])));
    CHECK_EQ(race.closed, race.opened);
    CHECK_EQ(race.destroyed, race.opened);
    CHECK(race.used > 0 && race.missed > 0);
    printf("# %ld objects, %ld uses, %ld too late\n", race.opened, race.used, race.missed);
}

/* ---- no room ---- */

static void without_memory_nothing_is_opened(void)
{
    static lw_handle_t h[4096];
    struct thing t;
    int n = 0;

    thing_init(&t);
    uint64_t before = lw_handle_count();
    fail_allocations_after(0);
    /* What is left of the last chunk, then indexes before their time, then nothing. */
    while (n < 4096 && (h[n] = lw_handle_open(&t.obj, 0))) n++;
    CHECK_EQ(t.obj.handles, n);
    CHECK_EQ(t.obj.refs, n + 1);
    CHECK_EQ(lw_handle_count(), before + (uint64_t)n);
    fail_allocations_after(-1);
    while (n > 0) CHECK(lw_handle_close(h[--n]));
    CHECK(finds(h[0] = open_one(&t), &t));
    CHECK(lw_handle_close(h[0]));
    CHECK_EQ(lw_handle_count(), before);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static void the_table_can_be_full(void)
{
    static lw_handle_t h[LW_HANDLE_MAX];
    struct thing t;
    int n = 0;

    thing_init(&t);
    uint64_t before = lw_handle_count();
    while (n < LW_HANDLE_MAX && (h[n] = lw_handle_open(&t.obj, 0))) n++;
    CHECK_EQ(before + (uint64_t)n, LW_HANDLE_MAX - 1); /* index 0 is never used */
    CHECK_EQ(t.obj.refs, n + 1);
    CHECK(lw_handle_open(&t.obj, 0) == NULL);
    lw_handle_t stale = h[n / 2];
    CHECK(lw_handle_close(stale));
    h[n / 2] = open_one(&t); /* the only free index, without rest, but with another generation */
    CHECK_EQ(index_of(h[n / 2]), index_of(stale));
    CHECK(h[n / 2] != stale);
    CHECK(lw_handle_get(stale, NULL) == NULL);
    while (n > 0) (void)lw_handle_close(h[--n]);
    CHECK_EQ(lw_handle_count(), before);
    lw_object_unref(&t.obj);
    CHECK_EQ(t.destroyed, 1);
}

static const struct unit_case cases[] = {
    UNIT(a_handle_finds_its_object),
    UNIT(values_are_positive_ints_and_multiples_of_four),
    UNIT(the_two_low_bits_do_not_count),
    UNIT(a_closed_value_finds_nothing),
    UNIT(a_user_keeps_a_closed_object),
    UNIT(the_last_of_several_handles_closes),
    UNIT(garbage_finds_nothing),
    UNIT(a_freed_index_rests),
    UNIT(a_stale_value_stays_stale),
    UNIT(each_visits_what_is_open),
    UNIT(without_memory_nothing_is_opened),
    UNIT(uses_race_with_closes),
    UNIT(the_table_can_be_full),
};

int main(void)
{
    own_table();
    return unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
}
