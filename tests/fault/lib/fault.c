/* SPDX-License-Identifier: MIT */
/* fault.c - the table of system calls with faults in it. */
#include "fault.h"

#include "sys/sys.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static struct {
    _Atomic int call; /* FAULT_CALLS: none */
    _Atomic int kind; /* the last one */
    _Atomic long first, end;
    _Atomic int error;
    _Atomic long fired;
    _Atomic long calls[FAULT_CALLS];
    _Atomic unsigned per_mille, random;
    _Atomic long rough;
} fault = { .call = FAULT_CALLS };

static const char *const names[FAULT_CALLS] = {
    "socket",  "accept",       "connect",   "bind",       "listen",     "shutdown",    "close",       "recv",
    "recvmsg", "send",         "sendmsg",   "getsockopt", "setsockopt", "getsockname", "getpeername", "ioctl",
    "poll",    "epoll_create", "epoll_ctl", "epoll_wait", "eventfd",    "futex wait",  "alloc",
};

const char *fault_name(enum fault_call call)
{
    return names[call];
}

/* ---- what fails ---- */

enum { NONE = 0 };

/* The error for this call, NONE if it does not fail. */
static int next_error(enum fault_call call)
{
    long n = atomic_fetch_add(&fault.calls[call], 1) + 1;

    if (atomic_load(&fault.call) != (int)call) return NONE;
    if (n < atomic_load(&fault.first) || n >= atomic_load(&fault.end)) return NONE;
    atomic_fetch_add(&fault.fired, 1);
    return atomic_load(&fault.error);
}

void fault_arm(enum fault_call call, long nth, long count, int error)
{
    for (int i = 0; i < FAULT_CALLS; i++) atomic_store(&fault.calls[i], 0);
    atomic_store(&fault.fired, 0);
    atomic_store(&fault.first, nth);
    atomic_store(&fault.end, nth + count);
    atomic_store(&fault.error, error);
    atomic_store(&fault.kind, (int)call);
    atomic_store(&fault.call, (int)call);
}

long fault_disarm(void)
{
    atomic_store(&fault.call, FAULT_CALLS);
    return atomic_load(&fault.fired);
}

long fault_fired(void)
{
    return atomic_load(&fault.fired);
}

int fault_was(enum fault_call call)
{
    return fault_fired() > 0 && atomic_load(&fault.kind) == (int)call;
}

long fault_calls(enum fault_call call)
{
    return atomic_load(&fault.calls[call]);
}

void fault_rough(unsigned seed, unsigned per_mille)
{
    atomic_store(&fault.random, seed);
    atomic_store(&fault.rough, 0);
    atomic_store(&fault.per_mille, per_mille);
}

long fault_rough_count(void)
{
    return atomic_load(&fault.rough);
}

/* One of `count` errors at random, or NONE. */
static int rough_error(const int *errors, unsigned count)
{
    unsigned per_mille = atomic_load_explicit(&fault.per_mille, memory_order_relaxed);

    if (per_mille == 0) return NONE;
    unsigned r = atomic_fetch_add(&fault.random, 0x9e3779b9u);
    r = (r ^ r >> 16) * 0x45d9f3bu;
    r = (r ^ r >> 16) * 0x45d9f3bu;
    r ^= r >> 16;
    if (r % 1000 >= per_mille) return NONE;
    if (r >> 10 & 1) (void)sched_yield();
    atomic_fetch_add(&fault.rough, 1);
    return errors[(r >> 11) % count];
}

static const int transfer_errors[] = { EINTR, EAGAIN, FAULT_SHORT, FAULT_SHORT };
static const int accept_errors[] = { EINTR, EAGAIN, ECONNABORTED };
static const int wait_errors[] = { EINTR, FAULT_SPURIOUS, FAULT_STALE };
static const int interruption[] = { EINTR };

#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

/* The error for a call that can also be rough. */
static int error_of(enum fault_call call, const int *rough, unsigned rough_count)
{
    int error = next_error(call);

    return error ? error : rough_error(rough, rough_count);
}

static int fail(int error)
{
    errno = error;
    return -1;
}

/* ---- the poller reports again what a fault has hidden ---- */

enum { DESCRIPTORS = 1 << 15 };

static struct {
    pthread_mutex_t lock;
    struct member {
        int epfd; /* 0: in no set */
        struct epoll_event event;
    } of[DESCRIPTORS];
} members = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void note_member(int fd, int epfd, const struct epoll_event *event)
{
    if (fd < 0 || fd >= DESCRIPTORS) return;
    pthread_mutex_lock(&members.lock);
    members.of[fd] = (struct member){ epfd, *event };
    pthread_mutex_unlock(&members.lock);
}

/* It has left one set, or (-1) all; it may be in another already. */
static void forget_member(int fd, int epfd)
{
    if (fd < 0 || fd >= DESCRIPTORS) return;
    pthread_mutex_lock(&members.lock);
    if (epfd < 0 || members.of[fd].epfd == epfd) members.of[fd].epfd = 0;
    pthread_mutex_unlock(&members.lock);
}

static void report_again(int fd)
{
    if (fd < 0 || fd >= DESCRIPTORS) return;
    pthread_mutex_lock(&members.lock);
    struct member *m = &members.of[fd];
    if (m->epfd > 0) (void)lw_sys_default.epoll_ctl(m->epfd, EPOLL_CTL_MOD, fd, &m->event);
    pthread_mutex_unlock(&members.lock);
}

static int fail_on(int fd, int error)
{
    if (error == EAGAIN) report_again(fd);
    return fail(error);
}

/* ---- the calls ---- */

static int f_socket(int family, int type, int protocol)
{
    int error = next_error(FAULT_SOCKET);

    return error ? fail(error) : lw_sys_default.socket(family, type, protocol);
}

static int f_accept(int fd, struct sockaddr *name, socklen_t *name_len)
{
    int error = error_of(FAULT_ACCEPT, accept_errors, COUNT(accept_errors));

    return error ? fail_on(fd, error) : lw_sys_default.accept(fd, name, name_len);
}

static int f_connect(int fd, const struct sockaddr *name, socklen_t name_len)
{
    int error = next_error(FAULT_CONNECT);

    return error ? fail(error) : lw_sys_default.connect(fd, name, name_len);
}

static int f_bind(int fd, const struct sockaddr *name, socklen_t name_len)
{
    int error = next_error(FAULT_BIND);

    return error ? fail(error) : lw_sys_default.bind(fd, name, name_len);
}

static int f_listen(int fd, int backlog)
{
    int error = next_error(FAULT_LISTEN);

    return error ? fail(error) : lw_sys_default.listen(fd, backlog);
}

static int f_shutdown(int fd, int how)
{
    int error = next_error(FAULT_SHUTDOWN), result = lw_sys_default.shutdown(fd, how);

    return error ? fail(error) : result;
}

static int f_close(int fd)
{
    int error = next_error(FAULT_CLOSE);

    forget_member(fd, -1);
    int result = lw_sys_default.close(fd);
    return error ? fail(error) : result;
}

static bool is_stream(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;

    return lw_sys_default.getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* The error for a transfer; *short_one: it moves a byte and the rest is reported again. */
static int transfer_error(enum fault_call call, int fd, int flags, bool *short_one)
{
    *short_one = false;
    if (flags & (MSG_ERRQUEUE | MSG_OOB)) return NONE; /* has no readiness of its own */
    int error = error_of(call, transfer_errors, COUNT(transfer_errors));
    if (error != FAULT_SHORT) return error;
    *short_one = is_stream(fd);
    return NONE;
}

static ssize_t f_recv(int fd, void *buf, size_t len, int flags)
{
    bool short_one;
    int error = transfer_error(FAULT_RECV, fd, flags, &short_one);

    if (error) return fail_on(fd, error);
    ssize_t n = lw_sys_default.recv(fd, buf, short_one && len > 1 ? 1 : len, flags);
    if (short_one) report_again(fd);
    return n;
}

static ssize_t f_send(int fd, const void *buf, size_t len, int flags)
{
    bool short_one;
    int error = transfer_error(FAULT_SEND, fd, flags, &short_one);

    return error ? fail_on(fd, error) : lw_sys_default.send(fd, buf, short_one && len > 1 ? 1 : len, flags);
}

/* The first byte of a message alone. */
static struct msghdr first_byte(const struct msghdr *msg, struct iovec *one)
{
    struct msghdr m = *msg;
    size_t i = 0;

    while (i + 1 < m.msg_iovlen && m.msg_iov[i].iov_len == 0) i++;
    *one = (struct iovec){ m.msg_iov[i].iov_base, m.msg_iov[i].iov_len ? 1 : 0 };
    m.msg_iov = one;
    m.msg_iovlen = 1;
    return m;
}

static ssize_t f_recvmsg(int fd, struct msghdr *msg, int flags)
{
    bool short_one;
    int error = transfer_error(FAULT_RECVMSG, fd, flags, &short_one);

    if (error) return fail_on(fd, error);
    if (!short_one) return lw_sys_default.recvmsg(fd, msg, flags);
    struct iovec one;
    struct msghdr m = first_byte(msg, &one);
    ssize_t n = lw_sys_default.recvmsg(fd, &m, flags);
    report_again(fd);
    return n;
}

static ssize_t f_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    bool short_one;
    int error = transfer_error(FAULT_SENDMSG, fd, flags, &short_one);

    if (error) return fail_on(fd, error);
    if (!short_one) return lw_sys_default.sendmsg(fd, msg, flags);
    struct iovec one;
    struct msghdr m = first_byte(msg, &one);
    return lw_sys_default.sendmsg(fd, &m, flags);
}

static int f_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    int error = next_error(FAULT_GETSOCKOPT);

    return error ? fail(error) : lw_sys_default.getsockopt(fd, level, name, value, len);
}

static int f_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    int error = next_error(FAULT_SETSOCKOPT);

    return error ? fail(error) : lw_sys_default.setsockopt(fd, level, name, value, len);
}

static int f_getsockname(int fd, struct sockaddr *name, socklen_t *name_len)
{
    int error = next_error(FAULT_GETSOCKNAME);

    return error ? fail(error) : lw_sys_default.getsockname(fd, name, name_len);
}

static int f_getpeername(int fd, struct sockaddr *name, socklen_t *name_len)
{
    int error = next_error(FAULT_GETPEERNAME);

    return error ? fail(error) : lw_sys_default.getpeername(fd, name, name_len);
}

static int f_ioctl(int fd, unsigned long request, int *value)
{
    int error = next_error(FAULT_IOCTL);

    return error ? fail(error) : lw_sys_default.ioctl(fd, request, value);
}

static int f_poll(struct pollfd *fds, unsigned count, int timeout_ms)
{
    int error = error_of(FAULT_POLL, interruption, COUNT(interruption));

    if (error == ENOMEM && count == 1) error = NONE; /* few descriptors need no memory */
    return error ? fail(error) : lw_sys_default.poll(fds, count, timeout_ms);
}

static int f_epoll_create(void)
{
    int error = next_error(FAULT_EPOLL_CREATE);

    return error ? fail(error) : lw_sys_default.epoll_create();
}

static int f_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
    int error = op == EPOLL_CTL_ADD ? next_error(FAULT_EPOLL_ADD) : NONE;

    if (error) return fail(error);
    if (op == EPOLL_CTL_ADD) note_member(fd, epfd, event);
    else forget_member(fd, epfd);
    return lw_sys_default.epoll_ctl(epfd, op, fd, event);
}

/* A handle value of an index in use with a generation that it does not have. */
static int stale_event(struct epoll_event *events)
{
    static _Atomic unsigned index;

    events[0].events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    events[0].data.u64 = 0x7fc00000u | (1 + atomic_fetch_add(&index, 1) % 1000) << 2;
    return 1;
}

static int f_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    int error = error_of(FAULT_EPOLL_WAIT, wait_errors, COUNT(wait_errors));

    if (error == FAULT_SPURIOUS) return 0;
    /* The watchdog's set holds its own pointers: 16 of them at a time. */
    if (error == FAULT_STALE) return max > 16 ? stale_event(events) : 0;
    return error ? fail(error) : lw_sys_default.epoll_wait(epfd, events, max, timeout_ms);
}

static int f_eventfd(void)
{
    int error = next_error(FAULT_EVENTFD);

    return error ? fail(error) : lw_sys_default.eventfd();
}

static int f_futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline_ns)
{
    int error = error_of(FAULT_FUTEX_WAIT, interruption, COUNT(interruption));

    return error ? fail(error) : lw_sys_default.futex_wait(word, value, deadline_ns);
}

static void *f_alloc(size_t size)
{
    return next_error(FAULT_ALLOC) ? NULL : malloc(size);
}

void fault_install(void)
{
    static struct lw_sys table;

    table = lw_sys_default;
    table.socket = f_socket;
    table.accept = f_accept;
    table.connect = f_connect;
    table.bind = f_bind;
    table.listen = f_listen;
    table.shutdown = f_shutdown;
    table.close = f_close;
    table.recv = f_recv;
    table.recvmsg = f_recvmsg;
    table.send = f_send;
    table.sendmsg = f_sendmsg;
    table.getsockopt = f_getsockopt;
    table.setsockopt = f_setsockopt;
    table.getsockname = f_getsockname;
    table.getpeername = f_getpeername;
    table.ioctl = f_ioctl;
    table.poll = f_poll;
    table.epoll_create = f_epoll_create;
    table.epoll_ctl = f_epoll_ctl;
    table.epoll_wait = f_epoll_wait;
    table.eventfd = f_eventfd;
    table.futex_wait = f_futex_wait;
    table.alloc = f_alloc;
    lw_sys = &table;
}
