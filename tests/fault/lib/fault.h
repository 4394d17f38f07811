/* SPDX-License-Identifier: MIT */
/*
 * fault.h - makes calls of the library to the system fail.
 *
 * Stands between the table of system calls (src/sys/sys.h) and the tests,
 * which are Windows sources and cannot see POSIX' socket headers.
 *
 * What the kernel would do besides failing is done: a descriptor is closed
 * although close fails, a shutdown is made, and where a call is said to find
 * nothing, or takes less than there is, the poller reports the rest again.
 */
#ifndef FAULT_H
#define FAULT_H

enum fault_call {
    FAULT_SOCKET,
    FAULT_ACCEPT,
    FAULT_CONNECT,
    FAULT_BIND,
    FAULT_LISTEN,
    FAULT_SHUTDOWN,
    FAULT_CLOSE,
    FAULT_RECV,
    FAULT_RECVMSG,
    FAULT_SEND,
    FAULT_SENDMSG,
    FAULT_GETSOCKOPT,
    FAULT_SETSOCKOPT,
    FAULT_GETSOCKNAME,
    FAULT_GETPEERNAME,
    FAULT_IOCTL,
    FAULT_POLL,
    FAULT_EPOLL_CREATE,
    FAULT_EPOLL_ADD, /* epoll_ctl; removing and changing cannot fail */
    FAULT_EPOLL_WAIT,
    FAULT_EVENTFD,
    FAULT_FUTEX_WAIT,
    FAULT_ALLOC,
    FAULT_CALLS,
    /* Not in the list: write to an eventfd, futex wake-ups and the clock cannot fail. */
};

/* Besides errno values: */
enum {
    FAULT_SHORT = -1,    /* a receive or send on a stream moves one byte */
    FAULT_SPURIOUS = -2, /* epoll_wait returns without an event */
    FAULT_STALE = -3,    /* epoll_wait reports a descriptor whose socket is long closed */
};

/* Puts the library's table aside.  First of all, before the library is used. */
void fault_install(void);

/* From now on the nth call and the count - 1 after it fail with `error`; calls are counted from 1. */
void fault_arm(enum fault_call call, long nth, long count, int error);
/* No more faults.  Returns how many there were. */
long fault_disarm(void);
/* How many there have been since fault_arm, and whether they were of that kind; calls of a kind since then. */
long fault_fired(void);
int fault_was(enum fault_call call);
long fault_calls(enum fault_call call);
const char *fault_name(enum fault_call call);

/*
 * Readiness faults at random, in `per_mille` of all calls that can have one:
 * short transfers, nothing there although it was ready, interruptions,
 * spurious and stale events, and pauses.  0: none.
 */
void fault_rough(unsigned seed, unsigned per_mille);
/* How many random faults there have been since fault_rough. */
long fault_rough_count(void);

#endif
