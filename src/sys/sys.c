/* SPDX-License-Identifier: MIT */
/*
 * sys.c - the default table.
 *
 * The calls are made by syscall(2), because libc's own functions are
 * cancellation points and would cost a check each.  Sanitizer builds use
 * libc's, whose interceptors know what the kernel reads and writes.
 */
#define _GNU_SOURCE
#include "sys/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static int sys_socket(int family, int type, int protocol)
{
    return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int sys_accept(int fd, struct sockaddr *name, socklen_t *name_len)
{
    return SANITIZED ? accept4(fd, name, name_len, SOCK_NONBLOCK | SOCK_CLOEXEC)
                     : (int)syscall(SYS_accept4, fd, name, name_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int sys_connect(int fd, const struct sockaddr *name, socklen_t name_len)
{
    return SANITIZED ? connect(fd, name, name_len) : (int)syscall(SYS_connect, fd, name, name_len);
}

/* close is never repeated: on Linux the descriptor is gone even after EINTR. */
static int sys_close(int fd)
{
    return SANITIZED ? close(fd) : (int)syscall(SYS_close, fd);
}

static ssize_t sys_recv(int fd, void *buf, size_t len, int flags)
{
    return SANITIZED ? recv(fd, buf, len, flags) : syscall(SYS_recvfrom, fd, buf, len, flags, NULL, NULL);
}

static ssize_t sys_recvmsg(int fd, struct msghdr *msg, int flags)
{
    return SANITIZED ? recvmsg(fd, msg, flags) : syscall(SYS_recvmsg, fd, msg, flags);
}

static ssize_t sys_send(int fd, const void *buf, size_t len, int flags)
{
    return SANITIZED ? send(fd, buf, len, flags) : syscall(SYS_sendto, fd, buf, len, flags, NULL, 0);
}

static ssize_t sys_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    return SANITIZED ? sendmsg(fd, msg, flags) : syscall(SYS_sendmsg, fd, msg, flags);
}

static int sys_getsockname(int fd, struct sockaddr *name, socklen_t *name_len)
{
    return getsockname(fd, name, name_len);
}

static int sys_getpeername(int fd, struct sockaddr *name, socklen_t *name_len)
{
    return getpeername(fd, name, name_len);
}

static int sys_bind(int fd, const struct sockaddr *name, socklen_t name_len)
{
    return bind(fd, name, name_len);
}

static int sys_ioctl(int fd, unsigned long request, int *value)
{
    return ioctl(fd, request, value);
}

static int sys_poll(struct pollfd *fds, unsigned count, int timeout_ms)
{
    struct timespec t = { timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000 };

    return SANITIZED ? poll(fds, count, timeout_ms)
                     : (int)syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &t, NULL, 8);
}

static int sys_epoll_create(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

static int sys_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    return SANITIZED ? epoll_wait(epfd, events, max, timeout_ms)
                     : (int)syscall(SYS_epoll_pwait, epfd, events, max, timeout_ms, NULL, 8);
}

static int sys_eventfd(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static ssize_t sys_write(int fd, const void *buf, size_t len)
{
    return SANITIZED ? write(fd, buf, len) : syscall(SYS_write, fd, buf, len);
}

static int sys_futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline_ns)
{
    struct timespec end = { deadline_ns / 1000000000, deadline_ns % 1000000000 };

    return (int)syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, deadline_ns < 0 ? NULL : &end, NULL,
                        FUTEX_BITSET_MATCH_ANY);
}

static int sys_futex_wake(_Atomic uint32_t *word, int count)
{
    return (int)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static void *sys_alloc(size_t size)
{
    return malloc(size);
}

static int64_t sys_now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

const struct lw_sys lw_sys_default = {
    .socket = sys_socket,
    .accept = sys_accept,
    .connect = sys_connect,
    .bind = sys_bind,
    .listen = listen,
    .shutdown = shutdown,
    .close = sys_close,
    .recv = sys_recv,
    .recvmsg = sys_recvmsg,
    .send = sys_send,
    .sendmsg = sys_sendmsg,
    .getsockopt = getsockopt,
    .setsockopt = setsockopt,
    .getsockname = sys_getsockname,
    .getpeername = sys_getpeername,
    .ioctl = sys_ioctl,
    .poll = sys_poll,
    .epoll_create = sys_epoll_create,
    .epoll_ctl = epoll_ctl,
    .epoll_wait = sys_epoll_wait,
    .eventfd = sys_eventfd,
    .write = sys_write,
    .futex_wait = sys_futex_wait,
    .futex_wake = sys_futex_wake,
    .alloc = sys_alloc,
    .now_ns = sys_now_ns,
};

const struct lw_sys *lw_sys = &lw_sys_default;

int lw_poll_one(int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };
    int n;

    do n = lw_sys->poll(&p, 1, 0);
    while (n < 0 && errno == EINTR);
    return n > 0 ? p.revents : 0;
}

void *lw_alloc(size_t size)
{
    return lw_sys->alloc(size);
}

void *lw_zalloc(size_t size)
{
    void *memory = lw_alloc(size);

    return memory ? __builtin_memset(memory, 0, size) : NULL;
}

void lw_free(void *memory)
{
    free(memory);
}

int64_t lw_now_ns(void)
{
    return lw_sys->now_ns();
}

int64_t lw_deadline(uint32_t ms)
{
    return ms == UINT32_MAX ? -1 : lw_sys->now_ns() + (int64_t)ms * 1000000;
}

int lw_remaining_ms(int64_t deadline_ns)
{
    if (deadline_ns < 0) return -1;
    int64_t left = deadline_ns - lw_sys->now_ns();
    if (left <= 0) return 0;
    int64_t ms = (left + 999999) / 1000000;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

void lw_futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline_ns)
{
    (void)lw_sys->futex_wait(word, value, deadline_ns); /* every reason to return is the same to the caller */
}

void lw_futex_wake(_Atomic uint32_t *word, int count)
{
    (void)lw_sys->futex_wake(word, count); /* fails only for an address that is not there */
}

int lw_count_tasks(void)
{
    DIR *dir = opendir("/proc/self/task");
    int n = -2; /* itself and its parent */

    if (!dir) return -1;
    while (readdir(dir)) n++;
    (void)closedir(dir); /* was open */
    return n;
}

bool lw_main_task_ended(void)
{
    char text[512];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0) (void)close(fd); /* was only read */
    if (n <= 0) return false;
    text[n] = 0;
    const char *name_end = strrchr(text, ')'); /* the state follows the name, which may contain anything */
    return name_end && strncmp(name_end, ") Z", 3) == 0;
}
