/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c - one thread that attends what no application thread attends.
 *
 * Its epoll set `dog.epfd` holds its own eventfd and, nested, the sets of the
 * pollers that it watches.  Nesting costs 0.1 to 0.4 microseconds an event,
 * which is paid only here.  dog.lock guards the lists and every change to or
 * from LW_WATCHED and LW_RETIRED.
 */
#include "poll/watchdog.h"

#include "base/threads.h"
#include "sys/sys.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum {
    TICK_MS = 1,      /* something may be unattended */
    TICK_BUSY_MS = 4, /* attendants come and go */
    QUIET_TICKS = 8,  /* so many ticks without a change, then sleep */
    RETRY_MS = 25,    /* accepts that found no descriptor */
    LAST_MS = 20,     /* is it the last thread of the process? */
    RETRY_MAX = 64,
};

static struct {
    struct lw_lock lock;          /* LW_RANK_WATCHDOG */
    bool running;                 /* guarded */
    int epfd, wake_fd;            /* immutable while running */
    struct lw_list pollers;       /* guarded: every poller in use */
    struct lw_list retired;       /* guarded: pollers without descriptors */
    _Atomic uint32_t sleeping;    /* in epoll_wait without time-out: must be woken */
    lw_handle_t retry[RETRY_MAX]; /* guarded */
    unsigned retry_count;         /* guarded */
    bool retry_all;               /* guarded: more listeners than there is room for */
    int64_t retry_due_ns;         /* guarded: when the first of them is asked again */
} dog = {
    .lock = LW_LOCK_INITIALIZER,
    .pollers = { &dog.pollers, &dog.pollers },
    .retired = { &dog.retired, &dog.retired },
};

static void wake(void)
{
    static const uint64_t one = 1;

    (void)lw_sys->write(dog.wake_fd, &one, sizeof one); /* an eventfd takes it */
}

void lw_watchdog_notice(void)
{
    if (LW_LIKELY(!atomic_load(&dog.sleeping))) return;
    if (atomic_exchange(&dog.sleeping, 0)) wake();
}

/* Takes an unattended poller; false: there is no memory for it, so it stays unattended.  Called with dog.lock. */
static bool take(struct lw_poller *p)
{
    struct epoll_event ev = { .events = EPOLLIN, .data = { .ptr = p } };
    uint32_t expected = LW_UNATTENDED;

    if (!atomic_compare_exchange_strong(&p->attendance, &expected, LW_WATCHED)) return true;
    if (lw_sys->epoll_ctl(dog.epfd, EPOLL_CTL_ADD, p->epfd, &ev) == 0) return true;
    atomic_store(&p->attendance, LW_UNATTENDED);
    return false;
}

/* Gives a watched poller up, as `next`.  Called with dog.lock. */
static void give(struct lw_poller *p, enum lw_attendance next)
{
    struct epoll_event ignored = { 0 };

    (void)lw_sys->epoll_ctl(dog.epfd, EPOLL_CTL_DEL, p->epfd, &ignored); /* it is in the set */
    atomic_store(&p->attendance, next);
}

bool lw_watchdog_yield(struct lw_poller *p)
{
    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    bool watched = atomic_load(&p->attendance) == LW_WATCHED;
    if (watched) give(p, LW_ATTENDED);
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    return watched;
}

void lw_watchdog_retire(struct lw_poller *p)
{
    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    if (atomic_load(&p->users) == 0) {
        uint32_t expected = LW_UNATTENDED;
        if (atomic_load(&p->attendance) == LW_WATCHED) give(p, LW_UNATTENDED);
        /* An attendant that got in by a stale pointer retires the poller when it leaves. */
        if (atomic_compare_exchange_strong(&p->attendance, &expected, LW_RETIRED)) {
            (void)lw_sys->close(p->epfd); /* nothing can be done about a failing close */
            (void)lw_sys->close(p->wake_fd);
            lw_list_remove(&p->link);
            lw_list_push(&dog.retired, &p->link);
        }
    }
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
}

struct lw_poller *lw_watchdog_reuse(void)
{
    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    struct lw_list *first = lw_list_pop(&dog.retired);
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    return first ? LW_CONTAINER_OF(first, struct lw_poller, link) : NULL;
}

/*
 * Looks at every poller.  Returns the time until the next look in
 * milliseconds; -1: nothing needs one.  *quiet counts looks that saw no change.
 */
static int look(unsigned *quiet)
{
    bool suspicious = false, busy = false;

    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    LW_LIST_EACH(link, &dog.pollers) {
        struct lw_poller *p = LW_CONTAINER_OF(link, struct lw_poller, link);
        uint32_t leaves = atomic_load_explicit(&p->leaves, memory_order_relaxed);
        bool changed = leaves != p->seen_leaves;
        bool pending = atomic_load(&p->pending) > 0;
        uint32_t attendance = atomic_load(&p->attendance);

        p->seen_leaves = leaves;
        if (attendance == LW_WATCHED && !pending) give(p, LW_UNATTENDED);
        if (changed) busy = true;
        if (attendance != LW_UNATTENDED || !pending) continue;
        if (changed) suspicious = true;
        else if (!take(p)) busy = true;
    }
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    *quiet = suspicious || busy ? 0 : *quiet + 1;
    if (suspicious) return TICK_MS;
    return *quiet > QUIET_TICKS ? -1 : TICK_BUSY_MS;
}

static void ask(lw_handle_t h, struct lw_object *obj, void *unused)
{
    (void)h, (void)unused;
    if (obj->ops->ready) obj->ops->ready(obj, EPOLLIN);
}

/* Asks the starved listeners again when their time has come.  Returns the time until then in milliseconds, -1 for never. */
static int retry(void)
{
    lw_handle_t again[RETRY_MAX];
    unsigned n = 0;
    bool all = false;

    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    if (dog.retry_count > 0 && lw_remaining_ms(dog.retry_due_ns) == 0) {
        n = dog.retry_count;
        for (unsigned i = 0; i < n; i++) again[i] = dog.retry[i];
        all = dog.retry_all;
        dog.retry_count = 0;
        dog.retry_all = false;
    }
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    for (unsigned i = 0; i < n && !all; i++) {
        struct lw_object *obj = lw_handle_get(again[i], NULL);
        if (!obj) continue;
        ask(again[i], obj, NULL);
        lw_handle_put(again[i]);
    }
    if (all) lw_handle_each(ask, NULL); /* who is not a starved listener finds nothing, and waits on */
    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    int left = dog.retry_count > 0 ? lw_remaining_ms(dog.retry_due_ns) : -1;
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    return left;
}

/* Performs what is ready in a watched poller, which must not be retired meanwhile. */
static void attend(struct lw_poller *p)
{
    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    bool watched = atomic_load(&p->attendance) == LW_WATCHED;
    if (watched) lw_poller_use(p);
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    if (!watched) return;
    lw_poller_run(p, 0, NULL, NULL);
    lw_poller_unuse(p);
}

/* ---- the end of the process ---- */

static _Atomic bool main_ended;
static _Atomic uint32_t exit_code;

/* Ends the process if only the library's threads are left beside the main thread, which lingers until then. */
static int end_with_last_thread(void)
{
    if (LW_LIKELY(!atomic_load(&main_ended))) return -1;
    if (lw_main_task_ended() && lw_count_tasks() == 1 + atomic_load(&lw_library_threads))
        exit((int)atomic_load(&exit_code));
    return LAST_MS;
}

/* ---- the thread ---- */

static int shorter(int a_ms, int b_ms)
{
    return a_ms < 0 ? b_ms : b_ms < 0 || a_ms < b_ms ? a_ms : b_ms;
}

static void *watch(void *unused)
{
    unsigned quiet = 0;

    (void)unused;
    for (;;) {
        struct epoll_event ev[16];
        int timeout = look(&quiet);

        if (timeout < 0) {
            /* A notice given between the last look and this store would be lost: look once more after it. */
            atomic_store(&dog.sleeping, 1);
            quiet = QUIET_TICKS;
            timeout = look(&quiet);
            if (timeout >= 0) atomic_store(&dog.sleeping, 0);
        }
        timeout = shorter(shorter(timeout, retry()), end_with_last_thread());
        int n = lw_sys->epoll_wait(dog.epfd, ev, 16, timeout);
        atomic_store(&dog.sleeping, 0);
        for (int i = 0; i < n; i++) {
            if (ev[i].data.ptr) attend(ev[i].data.ptr);
            else quiet = 0;
        }
    }
    return NULL;
}

/* Called with dog.lock. */
static int start(void)
{
    struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data = { .ptr = NULL } };
    sigset_t all, old;
    pthread_t thread;

    dog.epfd = lw_sys->epoll_create();
    if (dog.epfd < 0) return -1;
    dog.wake_fd = lw_sys->eventfd();
    if (dog.wake_fd < 0) goto close_epfd;
    if (lw_sys->epoll_ctl(dog.epfd, EPOLL_CTL_ADD, dog.wake_fd, &ev)) goto close_wake_fd;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    int err = pthread_create(&thread, NULL, watch, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (err == 0) {
        (void)pthread_detach(thread);
        dog.running = true;
        atomic_fetch_add(&lw_library_threads, 1);
        return 0;
    }
    errno = err;
close_wake_fd:
    (void)lw_sys->close(dog.wake_fd);
close_epfd:
    (void)lw_sys->close(dog.epfd);
    return -1;
}

void lw_watchdog_main_ended(uint32_t code)
{
    if (atomic_load(&lw_library_threads) == 0) return; /* libc sees the last thread itself */
    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    bool running = dog.running || start() == 0;
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    atomic_store(&exit_code, code);
    atomic_store(&main_ended, true);
    if (running) wake();
}

void lw_watchdog_thread_ended(uint32_t code)
{
    if (atomic_load(&main_ended)) atomic_store(&exit_code, code);
}

int lw_watchdog_add(struct lw_poller *p)
{
    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    int result = dog.running ? 0 : start();
    bool retired = atomic_load(&p->attendance) == LW_RETIRED;
    lw_list_remove(&p->link);
    lw_list_push(retired ? &dog.retired : &dog.pollers, &p->link);
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    return result;
}

void lw_watchdog_retry(lw_handle_t h)
{
    bool found = false;

    lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    for (unsigned i = 0; i < dog.retry_count; i++) found |= dog.retry[i] == h;
    if (!found && dog.retry_count == 0) dog.retry_due_ns = lw_deadline(RETRY_MS);
    if (!found && dog.retry_count < RETRY_MAX) dog.retry[dog.retry_count++] = h;
    else if (!found) dog.retry_all = true;
    lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
    lw_watchdog_notice();
}

void lw_watchdog_lock_for_fork(bool take)
{
    if (take) lw_lock(&dog.lock, LW_RANK_WATCHDOG);
    else lw_unlock(&dog.lock, LW_RANK_WATCHDOG);
}

void lw_watchdog_after_fork(void (*retire)(struct lw_poller *p))
{
    lw_lock_init(&dog.lock);
    if (dog.running) {
        (void)lw_sys->close(dog.epfd); /* the parent keeps its own */
        (void)lw_sys->close(dog.wake_fd);
    }
    dog.running = false;
    dog.retry_count = 0;
    dog.retry_all = false;
    atomic_store(&dog.sleeping, 0);
    LW_LIST_EACH(link, &dog.pollers) {
        retire(LW_CONTAINER_OF(link, struct lw_poller, link));
        lw_list_remove(link);
        lw_list_push(&dog.retired, link);
    }
}
