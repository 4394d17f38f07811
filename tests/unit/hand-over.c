/* SPDX-License-Identifier: MIT */
/*
 * hand-over.c - an attendant leaves between a standby thread's attempt to
 * attend and its sleep: the wake-up that it is given then must not be lost.
 *
 * The moment is a few instructions long.  This program has the wait engine
 * compiled in, with a hook at that place.
 */
#include "wait/thread.h"

static bool attend_hooked(struct lw_poller *p);
static void sleep_hooked(struct lw_thread *self, struct lw_poller *attended, int64_t deadline_ns,
                         bool (*stay_awake)(void *context), void *context);

#define lw_poller_attend attend_hooked
#define lw_thread_sleep sleep_hooked
#include "wait/wait.c" /* the linker takes this one instead of the library's */
#undef lw_poller_attend
#undef lw_thread_sleep

#include "core.h"
#include "wait/event.h"

#include <sys/eventfd.h>

enum moment { WHEN_REFUSED, BEFORE_SLEEP };

static struct {
    struct lw_poller *poller; /* attended by the test until a hook leaves it */
    enum moment leave_at;
    int refused, slept;
} stage;

static bool attend_hooked(struct lw_poller *p)
{
    if (lw_poller_attend(p)) return true;
    if (p == stage.poller && stage.refused++ == 0 && stage.leave_at == WHEN_REFUSED) lw_poller_leave(p);
    return false;
}

static void sleep_hooked(struct lw_thread *self, struct lw_poller *attended, int64_t deadline_ns,
                         bool (*stay_awake)(void *context), void *context)
{
    if (stage.slept++ == 0 && stage.leave_at == BEFORE_SLEEP) lw_poller_leave(stage.poller);
    lw_thread_sleep(self, attended, deadline_ns, stay_awake, context);
}

static lw_handle_t event_handle;
static struct lw_object *event;

/* A member of the poller that sets the event when data comes. */
static void member_ready(struct lw_object *obj, uint32_t events)
{
    (void)obj;
    if (events & EPOLLIN) lw_event_set(event);
}

static const struct lw_object_ops member_ops = { .kind = LW_KIND_SOCKET,
                                                 .destroy = thing_destroy,
                                                 .ready = member_ready };

/* How long the wait took, in milliseconds. */
static double wait_while_the_attendant_leaves(enum moment leave_at)
{
    struct thing member = { 0 };
    int fd = eventfd(1, EFD_NONBLOCK);

    lw_object_init(&member.obj, &member_ops);
    lw_handle_t token = lw_handle_open(&member.obj, 0);
    struct lw_poller *p = lw_poller_new();
    if (!CHECK(p && token && fd >= 0 && lw_poller_attend(p))) return 0;
    lw_event_reset(event);
    atomic_store(&event->poller, p);
    atomic_fetch_add(&event->requests, 1); /* as a pending request does */
    lw_poller_pend(p);
    stage.poller = p;
    stage.refused = stage.slept = 0;
    stage.leave_at = leave_at;
    nap_us(100000); /* everything is attended: the watchdog falls asleep */
    CHECK_EQ(lw_poller_join(p, fd, token), 0);
    int64_t start = lw_now_ns();
    CHECK_EQ(lw_wait(&event, 1, false, lw_deadline(DEADLINE_MS / 4), false), 0);
    double ms = ms_since(start);
    CHECK(stage.refused > 0 && stage.slept > 0);
    atomic_fetch_sub(&event->requests, 1);
    lw_poller_unpend(p);
    lw_poller_part(p, fd);
    lw_poller_unuse(p);
    (void)close(fd);
    (void)lw_handle_close(token);
    lw_object_unref(&member.obj);
    CHECK_EQ(member.destroyed, 1);
    return ms;
}

static void before_the_thread_stands_by(void)
{
    CHECK(wait_while_the_attendant_leaves(WHEN_REFUSED) < DEADLINE_MS / 8.0);
}

static void before_the_thread_sleeps(void)
{
    CHECK(wait_while_the_attendant_leaves(BEFORE_SLEEP) < DEADLINE_MS / 8.0);
}

static const struct unit_case cases[] = { UNIT(before_the_thread_stands_by), UNIT(before_the_thread_sleeps) };

int main(void)
{
    own_table();
    event_handle = lw_event_create(true, false);
    event = lw_handle_get(event_handle, NULL);
    if (!event) return 1;
    int bad = unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
    lw_handle_put(event_handle);
    (void)lw_handle_close(event_handle);
    return bad;
}
