/* SPDX-License-Identifier: MIT */
/*
 * wait.h - the one engine behind every wait: WSAWaitForMultipleEvents,
 * WaitFor..., SleepEx, SignalObjectAndWait, blocking socket calls.
 *
 * Precedence (contract 10): a signalled object, then an APC, then the time-out.
 */
#ifndef LW_WAIT_WAIT_H
#define LW_WAIT_WAIT_H

#include "wait/thread.h"

enum {
    LW_WAIT_MAX = 64,
    LW_WAIT_TIMED_OUT = -1,
    LW_WAIT_ALERTED = -2, /* APCs are queued: the caller gives back what it holds and calls lw_apc_run */
    LW_WAIT_NO_MEMORY = -3,
};

/*
 * Waits until one (or all) of `count` objects, 0 to LW_WAIT_MAX, are
 * signalled, and takes them; or until an APC is queued (alertable), or until the
 * deadline passes.  The index of the lowest signalled object, 0 for all, or
 * one of the values above.  `deadline_ns` -1: for ever; 0: does not block.
 * The caller keeps the objects.  No lock may be held.
 */
int lw_wait(struct lw_object *const *objects, unsigned count, bool all, int64_t deadline_ns, bool alertable);

/* Performs what is ready now among the requests that will signal the object; for calls that ask without waiting. */
void lw_wait_look(struct lw_object *obj);

/* The object has become signalled: gives it to those who wait.  Called with obj->lock. */
void lw_wait_satisfy(struct lw_object *obj);

#endif
