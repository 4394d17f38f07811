/* SPDX-License-Identifier: MIT */
/* sys.c - what sys/ adds to the calls of its table: clocks, deadlines, asking one descriptor, futexes. */
#include "core.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

static int64_t frozen_ns;

static int64_t frozen_now(void)
{
    return frozen_ns;
}

static void time_left_is_rounded_up(void)
{
    struct lw_sys table = *lw_sys;
    const struct lw_sys *before = lw_sys;

    table.now_ns = frozen_now;
    lw_sys = &table;
    frozen_ns = 5000000000;
    CHECK_EQ(lw_deadline(UINT32_MAX), -1);
    CHECK_EQ(lw_deadline(0), frozen_ns);
    CHECK_EQ(lw_deadline(1), frozen_ns + 1000000);
    CHECK_EQ(lw_deadline(UINT32_MAX - 1), frozen_ns + 4294967294 * 1000000);
    CHECK_EQ(lw_remaining_ms(-1), -1);
    CHECK_EQ(lw_remaining_ms(frozen_ns - 1), 0);
    CHECK_EQ(lw_remaining_ms(frozen_ns), 0);
    CHECK_EQ(lw_remaining_ms(frozen_ns + 1), 1);
    CHECK_EQ(lw_remaining_ms(frozen_ns + 1000000), 1);
    CHECK_EQ(lw_remaining_ms(frozen_ns + 1000001), 2);
    CHECK_EQ(lw_remaining_ms(lw_deadline(UINT32_MAX - 1)), INT32_MAX); /* 49 days */
    lw_sys = before;
}

static void the_clock_goes_forward(void)
{
    int64_t before = lw_now_ns();

    for (int i = 0; i < 1000; i++) {
        int64_t now = lw_now_ns();
        if (now < before) CHECK(now >= before);
        before = now;
    }
}

static int interruptions;

static int interrupted_poll(struct pollfd *fds, unsigned count, int timeout_ms)
{
    if (interruptions-- <= 0) return lw_sys_default.poll(fds, count, timeout_ms);
    errno = EINTR;
    return -1;
}

static int failing_poll(struct pollfd *fds, unsigned count, int timeout_ms)
{
    (void)fds, (void)count, (void)timeout_ms;
    errno = ENOMEM;
    return -1;
}

/* A failure must never look like every event at once. */
static void asking_one_descriptor_does_not_fail(void)
{
    struct lw_sys table = *lw_sys;
    const struct lw_sys *before = lw_sys;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    table.poll = interrupted_poll;
    lw_sys = &table;
    CHECK_EQ(lw_poll_one(fd, POLLIN | POLLOUT), POLLOUT);
    interruptions = 3;
    CHECK_EQ(lw_poll_one(fd, POLLIN | POLLOUT), POLLOUT);
    interruptions = 1;
    CHECK_EQ(lw_poll_one(fd, POLLIN), 0);
    table.poll = failing_poll;
    CHECK_EQ(lw_poll_one(fd, POLLIN | POLLOUT), 0);
    lw_sys = before;
    (void)close(fd);
}

static void memory_can_be_refused(void)
{
    fail_allocations_after(0);
    CHECK(lw_alloc(8) == NULL);
    CHECK(lw_zalloc(8) == NULL);
    fail_allocations_after(-1);
    unsigned char *memory = lw_zalloc(100);
    REQUIRE(memory != NULL);
    for (int i = 0; i < 100; i++) CHECK_EQ(memory[i], 0);
    lw_free(memory);
    lw_free(NULL);
}

static _Atomic uint32_t word;

static void *wake_word(void *unused)
{
    (void)unused;
    nap_us(2000);
    atomic_store(&word, 1);
    lw_futex_wake(&word, 1);
    return NULL;
}

static void a_futex_sleeps_until_woken_or_late(void)
{
    int64_t start = lw_now_ns();

    lw_futex_wait(&word, 7, -1); /* another value: at once */
    while (ms_since(start) < 20) lw_futex_wait(&word, 0, start + 20000000);
    CHECK(ms_since(start) < DEADLINE_MS / 2.0);
    pthread_t waker = thread_start(wake_word, NULL);
    while (atomic_load(&word) == 0) lw_futex_wait(&word, 0, -1);
    thread_join(waker);
}

static const struct unit_case cases[] = {
    UNIT(time_left_is_rounded_up),
    UNIT(the_clock_goes_forward),
    UNIT(asking_one_descriptor_does_not_fail),
    UNIT(memory_can_be_refused),
    UNIT(a_futex_sleeps_until_woken_or_late),
};

int main(void)
{
    own_table();
    return unit_main(cases, (int)(sizeof cases / sizeof cases[0]));
}
