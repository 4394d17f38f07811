/* SPDX-License-Identifier: MIT */
/*
 * poller.c - epoll sets, attendance, hand-over.
 *
 * Attendance is one atomic word, so entering and leaving costs no lock.  When
 * the attendant leaves, it wakes one standby thread to attend instead, paid
 * from a budget: a hand-off to another CPU costs several times a whole
 * receive, so at most 2,000 a second are made; the watchdog does the rest.
 */
#include "poll/poller.h"

#include "poll/watchdog.h"
#include "sys/sys.h"

#include <errno.h>

enum {
    BATCH = 128,                     /* events taken by one epoll_wait */
    HANDOVER_NS = 1000000000 / 2000, /* price of one hand-over */
    HANDOVER_BURST_NS = 10000000,    /* what an idle poller saves up */
};

/* The token of the wake eventfd: no handle has it. */
static const uint64_t WAKE_TOKEN = 0;

static int open_set(struct lw_poller *p)
{
    struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data = { .u64 = WAKE_TOKEN } };

    p->epfd = lw_sys->epoll_create();
    if (p->epfd < 0) return -1;
    p->wake_fd = lw_sys->eventfd();
    if (p->wake_fd >= 0 && lw_sys->epoll_ctl(p->epfd, EPOLL_CTL_ADD, p->wake_fd, &ev) == 0) return 0;
    int err = errno;
    if (p->wake_fd >= 0) (void)lw_sys->close(p->wake_fd);
    (void)lw_sys->close(p->epfd); /* nothing can be done about a failing close */
    errno = err;
    return -1;
}

struct lw_poller *lw_poller_new(void)
{
    struct lw_poller *p = lw_watchdog_reuse();

    if (!p) {
        p = lw_zalloc(sizeof *p);
        if (!p) return NULL;
        lw_lock_init(&p->lock);
        lw_list_init(&p->standby);
        lw_list_init(&p->link);
        atomic_init(&p->attendance, LW_RETIRED);
    }
    bool opened = open_set(p) == 0;
    atomic_store(&p->pending, 0);
    if (opened) atomic_store(&p->users, 1);
    if (opened) atomic_store(&p->attendance, LW_UNATTENDED);
    if (lw_watchdog_add(p) == 0 && opened) return p;
    if (opened) lw_poller_unuse(p);
    return NULL;
}

void lw_poller_use(struct lw_poller *p)
{
    int32_t before = atomic_fetch_add(&p->users, 1);

    LW_CHECK(before >= 0);
}

void lw_poller_unuse(struct lw_poller *p)
{
    int32_t before = atomic_fetch_sub(&p->users, 1);

    LW_CHECK(before > 0);
    if (before == 1) lw_watchdog_retire(p);
}

static int control(struct lw_poller *p, int op, int fd, lw_handle_t token)
{
    struct epoll_event ev = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET,
        .data = { .u64 = (uintptr_t)token },
    };

    return lw_sys->epoll_ctl(p->epfd, op, fd, &ev);
}

int lw_poller_join(struct lw_poller *p, int fd, lw_handle_t token)
{
    if (control(p, EPOLL_CTL_ADD, fd, token)) return -1;
    lw_poller_use(p);
    return 0;
}

void lw_poller_rename(struct lw_poller *p, int fd, lw_handle_t token)
{
    (void)control(p, EPOLL_CTL_MOD, fd, token); /* a member cannot be missing; its state is reported anew */
}

void lw_poller_part(struct lw_poller *p, int fd)
{
    struct epoll_event ignored = { 0 };

    (void)lw_sys->epoll_ctl(p->epfd, EPOLL_CTL_DEL, fd, &ignored); /* a member cannot be missing */
    lw_poller_unuse(p);
}

void lw_poller_pend(struct lw_poller *p)
{
    atomic_fetch_add(&p->pending, 1);
    if (atomic_load(&p->attendance) == LW_UNATTENDED) lw_watchdog_notice();
}

void lw_poller_unpend(struct lw_poller *p)
{
    int32_t before = atomic_fetch_sub(&p->pending, 1);

    LW_CHECK(before > 0);
}

bool lw_poller_attend(struct lw_poller *p)
{
    uint32_t expected = LW_UNATTENDED;

    if (atomic_compare_exchange_strong(&p->attendance, &expected, LW_ATTENDED)) return true;
    return expected == LW_WATCHED && lw_watchdog_yield(p);
}

/* Takes the price of one hand-over, if the budget has it.  Called with p->lock. */
static bool budget_take(struct lw_poller *p)
{
    int64_t now = lw_now_ns();
    int64_t from = p->budget_ns > now - HANDOVER_BURST_NS ? p->budget_ns : now - HANDOVER_BURST_NS;

    if (from + HANDOVER_NS > now) return false;
    p->budget_ns = from + HANDOVER_NS;
    return true;
}

static bool hand_over(struct lw_poller *p)
{
    bool done = false;

    lw_lock(&p->lock, LW_RANK_POLLER);
    struct lw_list *first = lw_list_first(&p->standby);
    if (first && budget_take(p)) {
        struct lw_standby *s = LW_CONTAINER_OF(first, struct lw_standby, link);
        /* The next hand-over goes to the next thread if this one turns out to be satisfied already. */
        lw_list_remove(&s->link);
        lw_list_push(&p->standby, &s->link);
        s->wake(s);
        done = true;
    }
    lw_unlock(&p->lock, LW_RANK_POLLER);
    return done;
}

void lw_poller_leave(struct lw_poller *p)
{
    atomic_store_explicit(&p->leaves, atomic_load_explicit(&p->leaves, memory_order_relaxed) + 1, memory_order_relaxed);
    atomic_store(&p->attendance, LW_UNATTENDED);
    if (atomic_load(&p->users) == 0) {
        lw_watchdog_retire(p);
        return;
    }
    if (atomic_load(&p->pending) == 0) return;
    if (atomic_load(&p->standby_count) == 0 || !hand_over(p)) lw_watchdog_notice();
}

void lw_poller_wake(struct lw_poller *p)
{
    static const uint64_t one = 1;

    (void)lw_sys->write(p->wake_fd, &one, sizeof one); /* cannot fail: the counter never gets near its limit */
}

static void report(const struct epoll_event *ev)
{
    lw_handle_t token = (lw_handle_t)(uintptr_t)ev->data.u64;
    struct lw_object *obj = lw_handle_get(token, NULL);

    if (!obj) return; /* closed meanwhile */
    if (obj->ops->ready) obj->ops->ready(obj, ev->events);
    lw_handle_put(token);
}

void lw_poller_run(struct lw_poller *p, int timeout_ms, void (*awake)(void *context), void *context)
{
    struct epoll_event ev[BATCH];
    int n = lw_sys->epoll_wait(p->epfd, ev, BATCH, timeout_ms);

    if (awake) awake(context);
    for (int i = 0; i < n; i++) {
        if (ev[i].data.u64 != WAKE_TOKEN) report(&ev[i]);
    }
}

void lw_poller_standby(struct lw_poller *p, struct lw_standby *s)
{
    lw_lock(&p->lock, LW_RANK_POLLER);
    lw_list_push_front(&p->standby, &s->link); /* last in, first out */
    atomic_fetch_add(&p->standby_count, 1);
    lw_unlock(&p->lock, LW_RANK_POLLER);
}

void lw_poller_standby_end(struct lw_poller *p, struct lw_standby *s)
{
    lw_lock(&p->lock, LW_RANK_POLLER);
    lw_list_remove(&s->link);
    atomic_fetch_sub(&p->standby_count, 1);
    lw_unlock(&p->lock, LW_RANK_POLLER);
}

static void retire_in_child(struct lw_poller *p)
{
    if (atomic_load(&p->attendance) == LW_RETIRED) return;
    (void)lw_sys->close(p->epfd); /* the parent keeps its own */
    (void)lw_sys->close(p->wake_fd);
    lw_lock_init(&p->lock);
    lw_list_init(&p->standby);
    atomic_store(&p->standby_count, 0);
    atomic_store(&p->attendance, LW_RETIRED);
}

void lw_poller_after_fork(void)
{
    lw_watchdog_after_fork(retire_in_child);
}
