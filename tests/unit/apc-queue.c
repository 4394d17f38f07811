/* SPDX-License-Identifier: MIT */
/* apc-queue.c - order, nesting, the end of the thread, and routines that never return (wait/thread.h, wait/apc.c). */
#include "core.h"

#include "wait/event.h"
#include "wait/wait.h"

#include <setjmp.h>
#include <unwind.h>

/* ---- APCs that note what happens to them ---- */

struct note {
    struct lw_apc apc;
    int number;
    void (*act)(struct note *n);
};

static struct {
    int order[16]; /* numbers of those delivered */
    int delivered, dropped;
} seen;

static void run_note(struct lw_apc *apc, bool deliver)
{
    struct note *n = LW_CONTAINER_OF(apc, struct note, apc);

    if (!deliver) {
        seen.dropped++;
        return;
    }
    seen.order[seen.delivered++ % 16] = n->number;
    if (n->act) n->act(n);
}

static void init(struct note *n, int number, void (*act)(struct note *))
{
    *n = (struct note){ .apc = { .run = run_note }, .number = number, .act = act };
    lw_list_init(&n->apc.link);
}

static struct note notes[8];

static void queue(int i, void (*act)(struct note *))
{
    init(&notes[i], i, act);
    CHECK(lw_apc_queue(lw_thread_self(), &notes[i].apc));
}

static void forget(void)
{
    memset(&seen, 0, sizeof seen);
}

static bool saw(int count, const int *order)
{
    return seen.delivered == count && memcmp(seen.order, order, (size_t)count * sizeof *order) == 0;
}

/* ---- order ---- */

static void they_run_in_order(void)
{
    struct lw_thread *self = lw_thread_self();

    forget();
    for (int i = 0; i < 5; i++) queue(i, NULL);
    CHECK_EQ(self->apc_count, 5);
    CHECK(lw_apc_pending(self));
    CHECK_EQ(seen.delivered, 0);
    lw_apc_run();
    CHECK(saw(5, (int[]){ 0, 1, 2, 3, 4 }));
    CHECK_EQ(self->apc_count, 0);
    lw_apc_run();
    CHECK_EQ(seen.delivered, 5);
}

static void queue_more(struct note *n)
{
    queue(n->number + 3, NULL);
}

static void those_queued_meanwhile_run_too(void)
{
    forget();
    for (int i = 0; i < 3; i++) queue(i, queue_more);
    lw_apc_run();
    CHECK(saw(6, (int[]){ 0, 1, 2, 3, 4, 5 }));
}

static void wait_inside(struct note *n)
{
    (void)n;
    CHECK_EQ(lw_wait(NULL, 0, false, lw_deadline(DEADLINE_MS), true), LW_WAIT_ALERTED);
    lw_apc_run();
    CHECK_EQ(seen.delivered, 3);
}

static void a_wait_inside_runs_the_others(void)
{
    forget();
    queue(0, wait_inside);
    queue(1, NULL);
    queue(2, NULL);
    lw_apc_run();
    CHECK(saw(3, (int[]){ 0, 1, 2 }));
}

/* ---- routines that do not return ---- */

static jmp_buf way_out;

static void jump_out(struct note *n)
{
    longjmp(way_out, n->number + 1);
}

/* An exception of another language: unwinds to the frame that asked for it. */
static _Unwind_Reason_Code stop_at_way_out(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
                                           struct _Unwind_Exception *exception, struct _Unwind_Context *context,
                                           void *frame)
{
    (void)version, (void)class, (void)exception;
    if ((actions & _UA_END_OF_STACK) || _Unwind_GetCFA(context) > (uintptr_t)frame) longjmp(way_out, 1);
    return _URC_NO_REASON;
}

static void *frame_of_wait;
static int ways_out_taken;

static void unwind_out(struct note *n)
{
    static struct _Unwind_Exception exception;

    (void)n;
    (void)_Unwind_ForcedUnwind(&exception, stop_at_way_out, frame_of_wait);
    CHECK(!"came back");
}

/* Back to here from every routine, until none is left. */
static __attribute__((noinline)) void run_and_jump(void)
{
    frame_of_wait = __builtin_frame_address(0);
    if (setjmp(way_out)) ways_out_taken++;
    if (lw_apc_pending(lw_thread_current)) lw_apc_run();
}

/* Nothing is held after the jump: the others run, new ones come in, waits work, attended or not. */
static void leave_from_inside(void (*act)(struct note *))
{
    struct lw_event e;
    struct lw_object *object = &e.obj;

    forget();
    for (int i = 0; i < 3; i++) queue(i, act);
    ways_out_taken = 0;
    run_and_jump();
    CHECK_EQ(ways_out_taken, 3);
    CHECK(saw(3, (int[]){ 0, 1, 2 }));
    lw_event_init(&e, false);
    CHECK_EQ(lw_wait(&object, 1, false, lw_deadline(1), true), LW_WAIT_TIMED_OUT);
    lw_event_set(object);
    CHECK_EQ(lw_wait(&object, 1, true, -1, true), 0);
    queue(3, NULL);
    CHECK_EQ(lw_wait(&object, 1, false, -1, true), LW_WAIT_ALERTED);
    lw_apc_run();
    CHECK_EQ(seen.delivered, 4);
    lw_event_done(&e);
}

static void a_routine_may_leave_by_longjmp(void)
{
    leave_from_inside(jump_out);
}

static void a_routine_may_leave_by_an_exception(void)
{
    leave_from_inside(unwind_out);
}

/* ---- threads and their end ---- */

static void end_thread(struct note *n)
{
    lw_thread_exit((uint32_t)n->number + 40);
}

static uint32_t run_to_the_end(void *unused)
{
    (void)unused;
    while (lw_wait(NULL, 0, false, lw_deadline(DEADLINE_MS), true) == LW_WAIT_ALERTED) lw_apc_run();
    return 1;
}

static void a_routine_may_end_the_thread(void)
{
    struct lw_thread *t = lw_thread_new(run_to_the_end, NULL, false);
    struct lw_object *object = &t->obj;
    struct note n[3];
    uint32_t code = 0;

    forget();
    REQUIRE(t != NULL);
    init(&n[0], 0, NULL);
    init(&n[1], 1, end_thread);
    init(&n[2], 2, NULL);
    REQUIRE(lw_thread_spawn(t, 0) == 0);
    AWAIT(atomic_load(&t->state) == LW_THREAD_IN_FUTEX);
    int taken = 0;
    for (int i = 0; i < 3; i++) taken += lw_apc_queue(t, &n[i].apc); /* the last may come too late */
    CHECK_EQ(lw_wait(&object, 1, false, lw_deadline(DEADLINE_MS), false), 0);
    CHECK(lw_thread_ended(t, &code));
    CHECK_EQ(code, 41);
    CHECK(saw(2, (int[]){ 0, 1 }));
    CHECK_EQ(seen.dropped, taken - 2);
    lw_object_unref(&t->obj);
}

static uint32_t note_start(void *unused)
{
    (void)unused;
    seen.order[seen.delivered++] = 99;
    return 0;
}

static void those_of_a_suspended_thread_run_before_its_start(void)
{
    struct lw_thread *t = lw_thread_new(note_start, NULL, true);
    struct lw_object *object = &t->obj;
    struct note n[2];

    forget();
    REQUIRE(t && lw_thread_spawn(t, 0) == 0);
    for (int i = 0; i < 2; i++) {
        init(&n[i], i, NULL);
        CHECK(lw_apc_queue(t, &n[i].apc));
    }
    CHECK_EQ(lw_wait(&object, 1, false, lw_deadline(QUIET_MS), false), LW_WAIT_TIMED_OUT);
    CHECK(lw_thread_resume(t));
    CHECK(!lw_thread_resume(t));
    CHECK_EQ(lw_wait(&object, 1, false, lw_deadline(DEADLINE_MS), false), 0);
    CHECK(saw(3, (int[]){ 0, 1, 99 }));
    lw_object_unref(&t->obj);
}

static uint32_t do_nothing(void *unused)
{
    (void)unused;
    return 0;
}

static void an_ended_thread_takes_none(void)
{
    struct lw_thread *t = lw_thread_new(do_nothing, NULL, false);
    struct lw_object *object = &t->obj;
    struct note n;

    forget();
    REQUIRE(t && lw_thread_spawn(t, 0) == 0);
    CHECK_EQ(lw_wait(&object, 1, false, lw_deadline(DEADLINE_MS), false), 0);
    init(&n, 0, NULL);
    CHECK(!lw_apc_queue(t, &n.apc));
    CHECK(lw_list_empty(&n.apc.link));
    CHECK_EQ(t->apc_count, 0);
    CHECK_EQ(seen.delivered + seen.dropped, 0);
    lw_object_unref(&t->obj);
}

/* ---- many senders ---- */

enum { SENDERS = 3, EACH = 20000 / SLOW };

static struct {
    struct note notes[SENDERS][EACH];
    struct lw_thread *target;
    atomic_int refused, received, dropped;
    int last[SENDERS]; /* receiver only */
} flood;

static void run_flood(struct lw_apc *apc, bool deliver)
{
    struct note *n = LW_CONTAINER_OF(apc, struct note, apc);
    int sender = n->number / EACH;

    if (deliver && !CHECK(n->number > flood.last[sender])) return; /* each sender's own come in its order */
    if (deliver) flood.last[sender] = n->number;
    atomic_fetch_add(deliver ? &flood.received : &flood.dropped, 1);
}

static void *send_many(void *arg)
{
    int sender = (int)(uintptr_t)arg;

    for (int i = 0; i < EACH; i++) {
        struct note *n = &flood.notes[sender][i];
        init(n, sender * EACH + i, NULL);
        n->apc.run = run_flood;
        if (!lw_apc_queue(flood.target, &n->apc)) atomic_fetch_add(&flood.refused, 1);
        if (i % 64 == 0) (void)sched_yield();
    }
    return NULL;
}

static uint32_t receive_until(void *limit)
{
    int64_t end = lw_deadline(DEADLINE_MS);

    while (atomic_load(&flood.received) < (int)(uintptr_t)limit) {
        if (lw_wait(NULL, 0, false, end, true) != LW_WAIT_ALERTED) break;
        lw_apc_run();
    }
    return 0;
}

static void play_flood(int limit)
{
    pthread_t senders[SENDERS];
    struct lw_object *object;

    atomic_store(&flood.refused, 0);
    atomic_store(&flood.received, 0);
    atomic_store(&flood.dropped, 0);
    flood.target = lw_thread_new(receive_until, (void *)(uintptr_t)limit, false);
    REQUIRE(flood.target != NULL);
    object = &flood.target->obj;
    for (int i = 0; i < SENDERS; i++) flood.last[i] = -1;
    REQUIRE(lw_thread_spawn(flood.target, 0) == 0);
    for (uintptr_t i = 0; i < SENDERS; i++) senders[i] = thread_start(send_many, (void *)i);
    for (int i = 0; i < SENDERS; i++) thread_join(senders[i]);
    CHECK_EQ(lw_wait(&object, 1, false, lw_deadline(2 * DEADLINE_MS), false), 0);
    CHECK_EQ(flood.received + flood.dropped + flood.refused, SENDERS * EACH);
    lw_object_unref(object);
}

static void none_is_lost_or_comes_twice(void)
{
    play_flood(SENDERS * EACH);
    CHECK_EQ(flood.received, SENDERS * EACH);
}

static void the_end_of_the_thread_drops_the_rest(void)
{
    play_flood(EACH);
    CHECK(flood.received >= EACH);
    printf("# %d received, %d dropped, %d refused\n", flood.received, flood.dropped, flood.refused);
}

static const struct unit_case cases[] = {
    UNIT(they_run_in_order),
    UNIT(those_queued_meanwhile_run_too),
    UNIT(a_wait_inside_runs_the_others),
    UNIT(a_routine_may_leave_by_longjmp),
    UNIT(a_routine_may_leave_by_an_exception),
    UNIT(a_routine_may_end_the_thread),
    UNIT(those_of_a_suspended_thread_run_before_its_start),
    UNIT(an_ended_thread_takes_none),
    UNIT(none_is_lost_or_comes_twice),
    UNIT(the_end_of_the_thread_drops_the_rest),
};

int main(void)
{
    own_table();
    if (!lw_thread_self()) return 1;
    return unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
}
