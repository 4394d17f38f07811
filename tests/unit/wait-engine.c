/* SPDX-License-Identifier: MIT */
/* wait-engine.c - any, all, precedence, time-outs, short signals, and which poller a waiter attends (wait/wait.h). */
#include "core.h"

#include "op/op.h"
#include "wait/event.h"
#include "wait/wait.h"

#include <sys/eventfd.h>

enum { MANY = LW_WAIT_MAX };

/* ---- events ---- */

static struct lw_event events[MANY];
static struct lw_object *objects[MANY];

static void make_events(bool manual)
{
    for (int i = 0; i < MANY; i++) {
        lw_event_init(&events[i], manual);
        objects[i] = &events[i].obj;
    }
}

static void free_events(void)
{
    for (int i = 0; i < MANY; i++) lw_event_done(&events[i]);
}

static bool is_set(int i)
{
    return objects[i]->ops->test(objects[i], NULL);
}

/* ---- a waiter of its own thread ---- */

struct waiter {
    struct lw_object **objects;
    unsigned count;
    bool all, alertable;
    int ms; /* -1: for ever */
    int result;
    double took_ms;
    _Atomic(struct lw_thread *) thread; /* counted until the waiter is joined */
    atomic_bool done;
    pthread_t pthread;
};

static void wait_here(struct waiter *w)
{
    int64_t start = lw_now_ns();

    w->result = lw_wait(w->objects, w->count, w->all, w->ms < 0 ? -1 : lw_deadline((uint32_t)w->ms), w->alertable);
    w->took_ms = ms_since(start);
}

static void *wait_in_thread(void *arg)
{
    struct waiter *w = arg;

    lw_object_ref(&lw_thread_self()->obj);
    atomic_store(&w->thread, lw_thread_self());
    wait_here(w);
    atomic_store(&w->done, true);
    return NULL;
}

static void start_waiter(struct waiter *w)
{
    atomic_store(&w->thread, NULL);
    atomic_store(&w->done, false);
    w->pthread = thread_start(wait_in_thread, w);
}

static bool sleeps(struct waiter *w, enum lw_thread_state how)
{
    struct lw_thread *t = atomic_load(&w->thread);

    return t && atomic_load(&t->state) == how;
}

/* Starts it and waits until it sleeps. */
static void start_sleeper(struct waiter *w)
{
    start_waiter(w);
    AWAIT(sleeps(w, LW_THREAD_IN_FUTEX));
}

static void join_waiter(struct waiter *w)
{
    if (!AWAIT(atomic_load(&w->done))) return;
    thread_join(w->pthread);
    lw_object_unref(&atomic_load(&w->thread)->obj);
}

/* ---- any ---- */

static void any_takes_the_lowest(void)
{
    make_events(false);
    lw_event_set(objects[5]);
    lw_event_set(objects[40]);
    CHECK_EQ(lw_wait(objects, MANY, false, 0, false), 5);
    CHECK(!is_set(5) && is_set(40));
    CHECK_EQ(lw_wait(objects, MANY, false, -1, true), 40);
    CHECK_EQ(lw_wait(objects, MANY, false, 0, false), LW_WAIT_TIMED_OUT);
    free_events();

    make_events(true);
    lw_event_set(objects[7]);
    for (int i = 0; i < 3; i++) CHECK_EQ(lw_wait(objects, MANY, false, -1, false), 7);
    free_events();
}

static void any_is_woken_by_each(void)
{
    make_events(false);
    for (int i = 0; i < MANY; i += 9) {
        struct waiter w = { .objects = objects, .count = MANY, .ms = -1 };
        start_sleeper(&w);
        lw_event_set(objects[i]);
        join_waiter(&w);
        CHECK_EQ(w.result, i);
        CHECK(!is_set(i)); /* taken on the waiter's behalf */
    }
    free_events();
}

static void one_auto_reset_set_releases_one(void)
{
    enum { WAITERS = 4 };
    struct waiter w[WAITERS];
    int done = 0;

    make_events(false);
    for (int i = 0; i < WAITERS; i++) {
        w[i] = (struct waiter){ .objects = objects, .count = 1, .ms = -1 };
        start_sleeper(&w[i]);
    }
    for (int i = 0; i < WAITERS; i++) {
        lw_event_set(objects[0]);
        join_waiter(&w[i]); /* first come, first served */
        done = 0;
        for (int k = 0; k < WAITERS; k++) done += atomic_load(&w[k].done);
        CHECK_EQ(done, i + 1);
        CHECK(!is_set(0));
    }
    free_events();
}

static void a_manual_reset_set_releases_all(void)
{
    struct waiter w[4];

    make_events(true);
    for (int i = 0; i < 4; i++) {
        w[i] = (struct waiter){ .objects = objects, .count = 1, .ms = -1 };
        start_sleeper(&w[i]);
    }
    lw_event_set(objects[0]);
    for (int i = 0; i < 4; i++) {
        join_waiter(&w[i]);
        CHECK_EQ(w[i].result, 0);
    }
    free_events();
}

/* ---- all ---- */

static void all_takes_all_or_nothing(void)
{
    make_events(false);
    for (int i = 0; i < MANY - 1; i++) lw_event_set(objects[i]);
    CHECK_EQ(lw_wait(objects, MANY, true, 0, false), LW_WAIT_TIMED_OUT);
    for (int i = 0; i < MANY - 1; i++) CHECK(is_set(i));
    struct waiter w = { .objects = objects, .count = MANY, .all = true, .ms = -1 };
    start_sleeper(&w);
    lw_event_set(objects[MANY - 1]);
    join_waiter(&w);
    CHECK_EQ(w.result, 0);
    for (int i = 0; i < MANY; i++) CHECK(!is_set(i));
    free_events();
}

static void others_may_take_before_all_is_there(void)
{
    struct waiter w = { .objects = objects, .count = 2, .all = true, .ms = -1 };

    make_events(false);
    lw_event_set(objects[0]);
    start_sleeper(&w);
    CHECK_EQ(lw_wait(objects, 1, false, 0, false), 0); /* taken away from the waiter */
    lw_event_set(objects[1]);
    nap_us(QUIET_MS * 1000);
    CHECK(!atomic_load(&w.done));
    CHECK(is_set(1));
    lw_event_set(objects[0]);
    join_waiter(&w);
    CHECK(!is_set(0) && !is_set(1));
    free_events();
}

static void an_object_may_come_twice(void)
{
    make_events(false);
    struct lw_object *twice[4] = { objects[0], objects[1], objects[0], objects[1] };
    struct waiter w = { .objects = twice, .count = 4, .all = true, .ms = -1 };
    start_sleeper(&w);
    lw_event_set(objects[1]);
    lw_event_set(objects[0]);
    join_waiter(&w);
    CHECK_EQ(w.result, 0);
    CHECK(!is_set(0) && !is_set(1));
    free_events();
}

/* A signal that is over before the waiter could have looked. */
static void short_signals_satisfy_waits_for_all(void)
{
    for (int i = 0; i < 300 / SLOW; i++) {
        struct waiter w = { .objects = objects, .count = 3, .all = true, .ms = -1 };

        make_events(true);
        lw_event_set(objects[0]);
        lw_event_set(objects[2]);
        start_sleeper(&w);
        if (i % 2) {
            lw_event_pulse(objects[1]);
        } else {
            lw_event_set(objects[1]);
            lw_event_reset(objects[1]);
        }
        join_waiter(&w);
        if (!CHECK_EQ(w.result, 0)) break;
        free_events();
    }
}

static void a_pulse_releases_who_waits_and_leaves_nothing(void)
{
    struct waiter w[3];

    for (int manual = 0; manual < 2; manual++) {
        make_events(manual);
        lw_event_pulse(objects[0]);
        CHECK(!is_set(0));
        for (int i = 0; i < 3; i++) {
            w[i] = (struct waiter){ .objects = objects, .count = 1, .ms = -1 };
            start_sleeper(&w[i]);
        }
        lw_event_pulse(objects[0]);
        CHECK(!is_set(0));
        join_waiter(&w[0]);
        if (!manual) {
            nap_us(QUIET_MS * 1000);
            CHECK(!atomic_load(&w[1].done) && !atomic_load(&w[2].done));
            lw_event_pulse(objects[0]);
            lw_event_pulse(objects[0]);
        }
        for (int i = 1; i < 3; i++) join_waiter(&w[i]);
        free_events();
    }
}

/* Several wait for the same two in opposite orders while others set them. */
static atomic_int rounds_left;
static atomic_bool setting;

static void *set_in_turn(void *unused)
{
    (void)unused;
    while (atomic_load(&setting)) {
        lw_event_set(objects[0]);
        lw_event_set(objects[1]);
    }
    return NULL;
}

static void *wait_in_turn(void *arg)
{
    bool swap = (uintptr_t)arg & 1;
    struct lw_object *pair[2] = { objects[swap], objects[!swap] };

    while (atomic_fetch_sub(&rounds_left, 1) > 0)
        if (!CHECK_EQ(lw_wait(pair, 2, true, lw_deadline(DEADLINE_MS), false), 0)) break;
    return NULL;
}

static void many_wait_for_all_in_any_order(void)
{
    pthread_t waiters[3], setters[2];

    make_events(false);
    atomic_store(&rounds_left, 20000 / SLOW);
    atomic_store(&setting, true);
    for (uintptr_t i = 0; i < 3; i++) waiters[i] = thread_start(wait_in_turn, (void *)i);
    for (int i = 0; i < 2; i++) setters[i] = thread_start(set_in_turn, NULL);
    for (int i = 0; i < 3; i++) thread_join(waiters[i]);
    atomic_store(&setting, false);
    for (int i = 0; i < 2; i++) thread_join(setters[i]);
    free_events();
}

/* ---- time-outs ---- */

static void no_wait_ends_early(void)
{
    make_events(false);
    for (int ms = 1; ms < 40; ms += 6) {
        struct waiter w = { .objects = objects, .count = 3, .all = ms & 2, .alertable = ms & 1, .ms = ms };
        wait_here(&w);
        CHECK_EQ(w.result, LW_WAIT_TIMED_OUT);
        CHECK(w.took_ms >= ms);
    }
    int64_t start = lw_now_ns();
    CHECK_EQ(lw_wait(NULL, 0, false, lw_deadline(5), true), LW_WAIT_TIMED_OUT);
    CHECK(ms_since(start) >= 5);
    CHECK_EQ(lw_wait(NULL, 0, true, 0, false), LW_WAIT_TIMED_OUT); /* nothing to wait for is never satisfied */
    free_events();
}

/* ---- APCs and precedence ---- */

static atomic_int ran;

static void run_apc(struct lw_apc *apc, bool deliver)
{
    (void)apc;
    if (deliver) atomic_fetch_add(&ran, 1);
}

static void queue(struct lw_thread *t, struct lw_apc *apc)
{
    lw_list_init(&apc->link);
    apc->run = run_apc;
    CHECK(lw_apc_queue(t, apc));
}

static void objects_come_before_apcs_before_time_outs(void)
{
    struct lw_apc apc;

    make_events(false);
    atomic_store(&ran, 0);
    queue(lw_thread_self(), &apc);
    lw_event_set(objects[1]);
    CHECK_EQ(lw_wait(objects, 2, false, 0, true), 1);
    CHECK_EQ(lw_wait(objects, 2, false, 0, false), LW_WAIT_TIMED_OUT); /* not alertable */
    CHECK_EQ(lw_wait(objects, 2, false, lw_deadline(1), false), LW_WAIT_TIMED_OUT);
    CHECK_EQ(lw_wait(objects, 2, true, 0, true), LW_WAIT_ALERTED);
    CHECK_EQ(lw_wait(objects, 2, false, 1, true), LW_WAIT_ALERTED); /* a deadline that has passed */
    CHECK_EQ(ran, 0);                                               /* whoever waits runs them */
    lw_apc_run();
    CHECK_EQ(ran, 1);
    CHECK_EQ(lw_wait(objects, 2, false, 0, true), LW_WAIT_TIMED_OUT);
    free_events();
}

static void an_apc_wakes_an_alertable_wait_only(void)
{
    struct lw_apc apc;

    make_events(false);
    atomic_store(&ran, 0);
    struct waiter w = { .objects = objects, .count = 1, .ms = -1, .alertable = true };
    start_sleeper(&w);
    queue(atomic_load(&w.thread), &apc);
    join_waiter(&w);
    CHECK_EQ(w.result, LW_WAIT_ALERTED);

    w = (struct waiter){ .objects = objects, .count = 1, .ms = -1 };
    start_sleeper(&w);
    queue(atomic_load(&w.thread), &apc);
    nap_us(QUIET_MS * 1000);
    CHECK(!atomic_load(&w.done));
    lw_event_set(objects[0]);
    join_waiter(&w);
    CHECK_EQ(w.result, 0);
    CHECK_EQ(ran, 0); /* dropped with their threads */
    free_events();
}

/* ---- which poller ---- */

/* A request that pends in a poller of its own and signals objects[0]; ready when its member is. */
static struct {
    struct lw_poller *poller;
    struct thing member;
    lw_handle_t token;
    int fd;
    struct lw_op op;
} pending;

static void pending_ready(struct lw_object *obj, uint32_t ev)
{
    (void)obj;
    if (ev & EPOLLIN) lw_event_set(objects[0]);
}

static const struct lw_object_ops pending_ops = { .kind = LW_KIND_SOCKET,
                                                  .destroy = thing_destroy,
                                                  .ready = pending_ready };

/* The calling thread's poller when `own`. */
static bool pend(bool own)
{
    memset(&pending.member, 0, sizeof pending.member);
    lw_object_init(&pending.member.obj, &pending_ops);
    pending.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pending.token = lw_handle_open(&pending.member.obj, 0);
    pending.poller = own ? lw_thread_poller(lw_thread_self()) : lw_poller_new();
    lw_op_init(&pending.op, LW_OP_RECV);
    pending.op.event = objects[0];
    if (!CHECK(pending.poller && lw_poller_join(pending.poller, pending.fd, pending.token) == 0)) return false;
    lw_op_pend(&pending.op, pending.poller);
    return true;
}

static void become_ready(void)
{
    CHECK_EQ(write(pending.fd, &(uint64_t){ 1 }, 8), 8);
}

static void unpend(bool own)
{
    lw_op_unpend(&pending.op, pending.poller);
    lw_poller_part(pending.poller, pending.fd);
    (void)close(pending.fd);
    (void)lw_handle_close(pending.token);
    lw_object_unref(&pending.member.obj);
    AWAIT(pending.member.destroyed == 1);
    if (!own) lw_poller_unuse(pending.poller);
}

static void a_waiter_attends_the_poller_of_the_request(void)
{
    struct waiter w = { .objects = objects, .count = 3, .ms = -1 };

    make_events(true);
    REQUIRE(pend(false));
    start_waiter(&w);
    AWAIT(sleeps(&w, LW_THREAD_IN_POLL));
    CHECK_EQ(pending.poller->attendance, LW_ATTENDED);
    become_ready();
    join_waiter(&w);
    CHECK_EQ(w.result, 0);
    CHECK(pending.poller->attendance != LW_ATTENDED);
    unpend(false);
    free_events();
}

static void an_attendant_is_woken_by_its_other_objects(void)
{
    struct waiter w = { .objects = objects, .count = 3, .ms = -1 };

    make_events(true);
    REQUIRE(pend(false));
    for (int i = 0; i < 200 / SLOW; i++) {
        start_waiter(&w);
        AWAIT(sleeps(&w, LW_THREAD_IN_POLL));
        lw_event_set(objects[2]);
        join_waiter(&w);
        if (!CHECK_EQ(w.result, 2)) break;
        lw_event_reset(objects[2]);
    }
    unpend(false);
    free_events();
}

static void an_attendant_times_out_and_is_alerted(void)
{
    struct lw_apc apc;

    make_events(true);
    REQUIRE(pend(false));
    struct waiter w = { .objects = objects, .count = 1, .ms = 20 };
    wait_here(&w);
    CHECK_EQ(w.result, LW_WAIT_TIMED_OUT);
    CHECK(w.took_ms >= 20);
    w = (struct waiter){ .objects = objects, .count = 1, .ms = -1, .alertable = true };
    start_waiter(&w);
    AWAIT(sleeps(&w, LW_THREAD_IN_POLL));
    queue(atomic_load(&w.thread), &apc);
    join_waiter(&w);
    CHECK_EQ(w.result, LW_WAIT_ALERTED);
    unpend(false);
    free_events();
}

static void who_waits_for_anything_else_attends_nothing(void)
{
    struct waiter w = { .objects = &objects[1], .count = 2, .ms = -1 };

    make_events(true);
    REQUIRE(pend(true));
    start_sleeper(&w); /* on a futex, although a request pends */
    CHECK(pending.poller->attendance != LW_ATTENDED);
    lw_event_set(objects[1]);
    join_waiter(&w);
    CHECK_EQ(w.result, 0);
    unpend(true);
    free_events();
}

static uint32_t end_when_told(void *arg)
{
    (void)lw_wait(arg, 1, false, -1, false);
    return 3;
}

/* A main thread that waits for its workers must not become the attendant of their sockets. */
static void who_waits_for_a_thread_attends_nothing(void)
{
    make_events(true);
    struct lw_thread *t = lw_thread_new(end_when_told, &objects[1], false);
    struct lw_object *thread = &t->obj;
    struct waiter w = { .objects = &thread, .count = 1, .ms = -1 };
    uint32_t code = 0;

    REQUIRE(t && lw_thread_spawn(t, 0) == 0);
    REQUIRE(pend(false));
    start_sleeper(&w);
    CHECK(pending.poller->attendance != LW_ATTENDED);
    CHECK(!lw_thread_ended(t, &code));
    lw_event_set(objects[1]);
    join_waiter(&w);
    CHECK_EQ(w.result, 0);
    CHECK(lw_thread_ended(t, &code));
    CHECK_EQ(code, 3);
    CHECK_EQ(lw_wait(&thread, 1, false, 0, false), 0); /* for ever */
    unpend(false);
    free_events();
    lw_object_unref(&t->obj);
}

static void *wait_alertably(void *arg)
{
    return pend(true) ? wait_in_thread(arg) : NULL;
}

static void an_alertable_wait_attends_its_own_thread(void)
{
    struct waiter w = { .objects = &objects[1], .count = 1, .ms = -1, .alertable = true };

    make_events(true);
    w.pthread = thread_start(wait_alertably, &w);
    AWAIT(sleeps(&w, LW_THREAD_IN_POLL));
    CHECK_EQ(pending.poller->attendance, LW_ATTENDED);
    become_ready();
    AWAIT(is_set(0)); /* performed there; the wait goes on */
    CHECK(!atomic_load(&w.done));
    lw_event_set(objects[1]);
    join_waiter(&w);
    CHECK_EQ(w.result, 0);
    unpend(true); /* the last user of a poller whose owner has ended */
    CHECK_EQ(pending.poller->attendance, LW_RETIRED);
    free_events();
}

static void asking_without_waiting_performs_what_is_ready(void)
{
    make_events(true);
    REQUIRE(pend(false));
    become_ready();
    int64_t end = lw_now_ns() + (int64_t)DEADLINE_MS * 1000000;
    int result = LW_WAIT_TIMED_OUT;
    while (result == LW_WAIT_TIMED_OUT && lw_now_ns() < end) result = lw_wait(objects, 1, false, 0, false);
    CHECK_EQ(result, 0);
    unpend(false);
    free_events();
}

/* ---- standby ---- */

static void a_second_waiter_stands_by_and_takes_over(void)
{
    struct lw_object *second_set[2];
    struct waiter first = { .objects = objects, .count = 2, .ms = -1 };
    struct waiter second = { .objects = second_set, .count = 2, .ms = -1 };

    make_events(true);
    second_set[0] = objects[0];
    second_set[1] = objects[2];
    REQUIRE(pend(false));
    start_waiter(&first);
    AWAIT(sleeps(&first, LW_THREAD_IN_POLL));
    start_sleeper(&second);
    CHECK_EQ(pending.poller->standby_count, 1);
    lw_event_set(objects[1]); /* the attendant leaves */
    join_waiter(&first);
    CHECK_EQ(first.result, 1);
    AWAIT(sleeps(&second, LW_THREAD_IN_POLL));
    CHECK_EQ(pending.poller->attendance, LW_ATTENDED);
    become_ready();
    join_waiter(&second);
    CHECK_EQ(second.result, 0);
    CHECK_EQ(pending.poller->standby_count, 0);
    unpend(false);
    free_events();
}

static void the_attendant_wakes_those_who_stand_by(void)
{
    struct waiter w[3];

    make_events(true);
    REQUIRE(pend(false));
    for (int i = 0; i < 3; i++) {
        w[i] = (struct waiter){ .objects = objects, .count = 1, .ms = -1 };
        start_waiter(&w[i]);
        AWAIT(sleeps(&w[i], i ? LW_THREAD_IN_FUTEX : LW_THREAD_IN_POLL));
    }
    become_ready();
    for (int i = 0; i < 3; i++) {
        join_waiter(&w[i]);
        CHECK_EQ(w[i].result, 0);
    }
    unpend(false);
    free_events();
}

static const struct unit_case cases[] = {
    UNIT(any_takes_the_lowest),
    UNIT(any_is_woken_by_each),
    UNIT(one_auto_reset_set_releases_one),
    UNIT(a_manual_reset_set_releases_all),
    UNIT(all_takes_all_or_nothing),
    UNIT(others_may_take_before_all_is_there),
    UNIT(an_object_may_come_twice),
    UNIT(short_signals_satisfy_waits_for_all),
    UNIT(a_pulse_releases_who_waits_and_leaves_nothing),
    UNIT(many_wait_for_all_in_any_order),
    UNIT(no_wait_ends_early),
    UNIT(objects_come_before_apcs_before_time_outs),
    UNIT(an_apc_wakes_an_alertable_wait_only),
    UNIT(a_waiter_attends_the_poller_of_the_request),
    UNIT(an_attendant_is_woken_by_its_other_objects),
    UNIT(an_attendant_times_out_and_is_alerted),
    UNIT(who_waits_for_anything_else_attends_nothing),
    UNIT(who_waits_for_a_thread_attends_nothing),
    UNIT(an_alertable_wait_attends_its_own_thread),
    UNIT(asking_without_waiting_performs_what_is_ready),
    UNIT(a_second_waiter_stands_by_and_takes_over),
    UNIT(the_attendant_wakes_those_who_stand_by),
};

int main(void)
{
    own_table();
    return unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
}
