/* SPDX-License-Identifier: MIT */
/*
 * fork.c - the one list of what a forked child forgets.
 *
 * The child gets a library as before the first WSAStartup: the epoll
 * descriptors are closed, because they would still act on the parent's
 * sockets; every handle is forgotten; the descriptors of sockets stay open
 * until exec or exit.  Objects of the parent are never touched again, so their
 * locks need not be consistent; the few structures that the child goes through
 * are locked across the fork.
 */
#include "api/fork.h"

#include "api/startup.h"
#include "base/threads.h"
#include "poll/watchdog.h"
#include "wait/event.h"
#include "wait/thread.h"

#include <pthread.h>

static void before(void)
{
    lw_startup_lock_for_fork(true);
    lw_watchdog_lock_for_fork(true);
    lw_console_lock_for_fork(true);
}

static void in_parent(void)
{
    lw_console_lock_for_fork(false);
    lw_watchdog_lock_for_fork(false);
    lw_startup_lock_for_fork(false);
}

static void in_child(void)
{
    in_parent();
    atomic_store(&lw_library_threads, 0);
    atomic_store(&lw_startup_count, 0);
    lw_poller_after_fork();
    lw_handle_after_fork();
    lw_event_after_fork();
    lw_thread_after_fork();
}

void lw_fork_prepare(void)
{
    (void)pthread_atfork(before, in_parent, in_child); /* out of memory: a forked child must not use the library */
}
