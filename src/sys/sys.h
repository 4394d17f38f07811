/* SPDX-License-Identifier: MIT */
/*
 * sys.h - the system calls, allocations and the clock behind sockets, waits and
 * requests, through one replaceable table.  Outside it are name resolution,
 * signals, starting threads, limits, and giving memory back.
 *
 * Tests swap the table to fail the N-th call of a kind or to shorten reads.
 * Every entry returns -1 with errno (memory: NULL) like the call whose name it
 * has.  None of them is a thread cancellation point: several run with a lock
 * held.
 */
#ifndef LW_SYS_SYS_H
#define LW_SYS_SYS_H

#include "sys/env.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

struct lw_sys {
    /* sockets: always non-blocking, close-on-exec */
    int (*socket)(int family, int type, int protocol);
    int (*accept)(int fd, struct sockaddr *name, socklen_t *name_len);
    int (*connect)(int fd, const struct sockaddr *name, socklen_t name_len);
    int (*bind)(int fd, const struct sockaddr *name, socklen_t name_len);
    int (*listen)(int fd, int backlog);
    int (*shutdown)(int fd, int how);
    int (*close)(int fd);
    ssize_t (*recv)(int fd, void *buf, size_t len, int flags);
    ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);
    ssize_t (*send)(int fd, const void *buf, size_t len, int flags);
    ssize_t (*sendmsg)(int fd, const struct msghdr *msg, int flags);
    int (*getsockopt)(int fd, int level, int name, void *value, socklen_t *len);
    int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t len);
    int (*getsockname)(int fd, struct sockaddr *name, socklen_t *name_len);
    int (*getpeername)(int fd, struct sockaddr *name, socklen_t *name_len);
    int (*ioctl)(int fd, unsigned long request, int *value);
    int (*poll)(struct pollfd *fds, unsigned count, int timeout_ms);

    /* readiness */
    int (*epoll_create)(void);
    int (*epoll_ctl)(int epfd, int op, int fd, struct epoll_event *event);
    int (*epoll_wait)(int epfd, struct epoll_event *events, int max, int timeout_ms);
    int (*eventfd)(void);
    ssize_t (*write)(int fd, const void *buf, size_t len);

    /* threads: wait while *word == value, until deadline_ns of CLOCK_MONOTONIC (-1: for ever) */
    int (*futex_wait)(_Atomic uint32_t *word, uint32_t value, int64_t deadline_ns);
    int (*futex_wake)(_Atomic uint32_t *word, int count);

    /* memory; freed with lw_free */
    void *(*alloc)(size_t size);

    /* CLOCK_MONOTONIC in nanoseconds */
    int64_t (*now_ns)(void);
};

/* The table in force.  Replaced only by tests, before they start threads. */
extern const struct lw_sys *lw_sys;
extern const struct lw_sys lw_sys_default;

/* How many threads the process has, an ended main thread included; -1. */
int lw_count_tasks(void);
/* Has the main thread ended altogether?  It stays until the process ends. */
bool lw_main_task_ended(void);

/* Which of POLLIN, POLLOUT ... one descriptor has now.  Does not fail: a signal ends even a poll that does not wait. */
int lw_poll_one(int fd, short events);

#endif
