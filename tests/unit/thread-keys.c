/* SPDX-License-Identifier: MIT */
/* thread-keys.c - no pthread key is left for the library: it cannot follow threads to their end, and says so. */
#include "core.h"

#include "op/op.h"
#include "wait/event.h"
#include "wait/wait.h"

static void a_thread_gets_no_block(void)
{
    lw_handle_t h = lw_event_create(true, true);
    struct lw_object *event = lw_handle_get(h, NULL);

    REQUIRE(event != NULL);
    CHECK(lw_thread_self() == NULL);
    CHECK_EQ(lw_wait(&event, 1, false, 0, false), LW_WAIT_NO_MEMORY);
    lw_handle_put(h);
    CHECK(lw_handle_close(h));
}

static atomic_int started;

static uint32_t never(void *unused)
{
    (void)unused;
    atomic_fetch_add(&started, 1);
    return 0;
}

/* It cannot run, but whoever made it learns its id and its end. */
static void a_new_thread_ends_at_once(void)
{
    struct lw_thread *t = lw_thread_new(never, NULL, false);
    uint32_t code = 0;

    REQUIRE(t && lw_thread_spawn(t, 0) == 0);
    alarm(DEADLINE_MS / 1000);
    CHECK(lw_thread_id(t) > 0);
    alarm(0);
    AWAIT(lw_thread_ended(t, &code));
    CHECK_EQ(code, 1);
    CHECK_EQ(started, 0);
    lw_object_unref(&t->obj);
}

static void *make_and_free(void *unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++) {
        struct lw_op *op = lw_op_new(LW_OP_RECV);
        if (!CHECK(op != NULL)) break;
        lw_op_free(op);
    }
    return NULL;
}

static void requests_are_counted_without_a_cache(void)
{
    struct lw_op *op = lw_op_new(LW_OP_RECV);

    thread_join(thread_start(make_and_free, NULL));
    CHECK_EQ(lw_op_live(), 1);
    lw_op_free(op);
    CHECK_EQ(lw_op_live(), 0);
}

static const struct unit_case cases[] = {
    UNIT(a_thread_gets_no_block),
    UNIT(a_new_thread_ends_at_once),
    UNIT(requests_are_counted_without_a_cache),
};

int main(void)
{
    pthread_key_t key;

    own_table();
    while (pthread_key_create(&key, NULL) == 0) continue;
    return unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
}
