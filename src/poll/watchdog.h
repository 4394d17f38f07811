/* SPDX-License-Identifier: MIT */
/*
 * watchdog.h - progress without the application.
 *
 * One thread, all signals blocked.  While attendants come and go it looks at
 * the pollers every 4 ms; a millisecond after a look that found a poller with
 * pending requests unattended, and not at all while every such poller is
 * attended by a thread that sleeps.  A poller that is unattended, and has been
 * left by nobody since the last look, it takes: the poller's epoll set joins
 * the watchdog's own until an application thread attends again.
 */
#ifndef LW_POLL_WATCHDOG_H
#define LW_POLL_WATCHDOG_H

#include "poll/poller.h"

/* Starts the thread if it does not run yet, and makes the poller known to it.  0, or -1 with errno. */
int lw_watchdog_add(struct lw_poller *p) LW_MUST_USE;
/* A retired poller to use again, or NULL.  The caller is the only one who has it. */
struct lw_poller *lw_watchdog_reuse(void);
/* Takes a watched poller from the watchdog for the calling thread; false: it is not watched any more. */
bool lw_watchdog_yield(struct lw_poller *p);
/* A poller has no users any more: closes its descriptors and keeps it for reuse, unless it has become used or attended. */
void lw_watchdog_retire(struct lw_poller *p);
/* A poller with pending requests is unattended: makes sure that the watchdog looks. */
void lw_watchdog_notice(void);

/*
 * Listeners that found no descriptor to accept with: asks for
 * ops->ready(obj, EPOLLIN) within 50 ms, again and again while wanted.
 */
void lw_watchdog_retry(lw_handle_t h);

/*
 * The main thread has ended by ExitThread: the process is to end with its last
 * thread, as on Windows, although threads of the library go on.  `code` is the
 * exit code of the thread that ended last so far.
 */
void lw_watchdog_main_ended(uint32_t code);
/* Another thread ended; nothing unless the main thread has. */
void lw_watchdog_thread_ended(uint32_t code);

/* Takes and gives back the lock that guards the list of pollers, across a fork. */
void lw_watchdog_lock_for_fork(bool take);
void lw_watchdog_after_fork(void (*retire)(struct lw_poller *p));

#endif
