/* SPDX-License-Identifier: MIT */
/*
 * fork.c - the one list of what a forked child forgets.
 *
 * The child gets a library as before the first WSAStartup: the epoll
 * descriptors are closed, because they would still act on the parent's
 * sockets; every handle is forgotten; the descriptors of sockets stay open
 * until exec or exit.  Objects of the parent are never touched again, so their
 * locks need not be consistent.
 */
#include "api/fork.h"

#include "api/startup.h"
#include "poll/poller.h"
#include "wait/event.h"
#include "wait/thread.h"

#include <pthread.h>

static void in_child(void)
{
    atomic_store(&lw_startup_count, 0);
    lw_poller_after_fork();
    lw_handle_after_fork();
    lw_event_after_fork();
    lw_thread_after_fork();
}

void lw_fork_prepare(void)
{
    (void)pthread_atfork(NULL, NULL, in_child); /* out of memory: a forked child must not use the library */
}
