/* SPDX-License-Identifier: MIT */
/*
 * limits - what the pieces cost on this machine.  No arguments.
 *
 * Every test runs ROUNDS times, interleaved with the others; the median and
 * the spread ((max-min)/median) of nanoseconds per operation are printed.
 * "x0" tests run on CPU 0 alone; "01" tests use one thread on each CPU.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <linux/futex.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, BIG = 65536 };
static const double SLICE = 0.08; /* seconds per test and round */

static char buf[BIG];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void pin(int cpu)
{
    cpu_set_t s;
    CPU_ZERO(&s);
    CPU_SET(cpu, &s);
    sched_setaffinity(0, sizeof s, &s);
}

static void tcp_pair(int fd[2])
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int one = 1, l = socket(AF_INET, SOCK_STREAM, 0);
    bind(l, (struct sockaddr *)&a, sizeof a);
    listen(l, 1);
    getsockname(l, (struct sockaddr *)&a, &len);
    fd[0] = socket(AF_INET, SOCK_STREAM, 0);
    connect(fd[0], (struct sockaddr *)&a, sizeof a);
    fd[1] = accept(l, NULL, NULL);
    close(l);
    for (int i = 0; i < 2; i++) setsockopt(fd[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* ---- one thread ---- ---- */

static int tcp[2], local[2], ep, evfd;
static struct io_uring nop_plain, nop_defer, io_defer, io_plain;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int word;

static void t_syscall(void)
{
    syscall(SYS_getppid);
}
static void t_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
}
static void t_mutex(void)
{
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}
static void t_futex_nobody(void)
{
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
}
static void t_eventfd(void)
{
    uint64_t v = 1;
    if (write(evfd, &v, 8) < 0 || read(evfd, &v, 8) < 0) abort();
}

static void pair(int a, int b, size_t n)
{
    if (send(a, buf, n, 0) != (ssize_t)n) abort();
    for (size_t got = 0; got < n;) got += (size_t)recv(b, buf, n - got, 0);
}

static void t_unix_64(void)
{
    pair(local[0], local[1], 64);
}
static void t_tcp_64(void)
{
    pair(tcp[0], tcp[1], 64);
    pair(tcp[1], tcp[0], 64);
}
static void t_tcp_4k(void)
{
    pair(tcp[0], tcp[1], 4096);
    pair(tcp[1], tcp[0], 4096);
}
static void t_tcp_64k(void)
{
    pair(tcp[0], tcp[1], BIG);
    pair(tcp[1], tcp[0], BIG);
}
static void t_recv_eagain(void)
{
    if (recv(tcp[0], buf, 64, MSG_DONTWAIT) >= 0) abort();
}
static void t_epoll_empty(void)
{
    struct epoll_event e;
    epoll_wait(ep, &e, 1, 0);
}
static void t_epoll_mod(void)
{
    struct epoll_event e = { .events = EPOLLIN };
    epoll_ctl(ep, EPOLL_CTL_MOD, tcp[1], &e);
}
static void t_tcp_epoll(void) /* as t_tcp_64, with epoll_wait before each recv of one side */
{
    struct epoll_event e;
    send(tcp[0], buf, 64, 0);
    epoll_wait(ep, &e, 1, -1);
    recv(tcp[1], buf, 64, 0);
    pair(tcp[1], tcp[0], 64);
}

static void nops(struct io_uring *r, unsigned n)
{
    struct io_uring_cqe *cqe;
    unsigned head, seen = 0;
    for (unsigned i = 0; i < n; i++) io_uring_prep_nop(io_uring_get_sqe(r));
    io_uring_submit_and_wait(r, n);
    io_uring_for_each_cqe(r, head, cqe) seen++;
    io_uring_cq_advance(r, seen);
}
static void t_nop_plain(void)
{
    nops(&nop_plain, 1);
}
static void t_nop_defer(void)
{
    nops(&nop_defer, 1);
}
static void t_nop_defer64(void)
{
    nops(&nop_defer, 64);
}

/* One echo turn on the ring: the recv is pending before the data arrives. */
static void ring_echo(struct io_uring *r)
{
    struct io_uring_cqe *cqe;
    for (int side = 0; side < 2; side++) {
        io_uring_prep_recv(io_uring_get_sqe(r), tcp[1 - side], buf, 64, 0);
        io_uring_prep_send(io_uring_get_sqe(r), tcp[side], buf, 64, 0);
        io_uring_submit_and_wait(r, 2);
        while (!io_uring_peek_cqe(r, &cqe)) io_uring_cqe_seen(r, cqe);
    }
}
static void t_ring_echo_defer(void)
{
    ring_echo(&io_defer);
}
static void t_ring_echo_plain(void)
{
    ring_echo(&io_plain);
}

static void t_connect(void)
{
    static int l = -1;
    static struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof a;
    struct linger lg = { 1, 0 };
    if (l < 0) {
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        l = socket(AF_INET, SOCK_STREAM, 0);
        bind(l, (struct sockaddr *)&a, sizeof a);
        listen(l, 128);
        getsockname(l, (struct sockaddr *)&a, &len);
    }
    int c = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c, (struct sockaddr *)&a, sizeof a)) abort();
    int s = accept(l, NULL, NULL);
    setsockopt(c, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
    close(c);
    close(s);
}

/* ---- two threads: one round trip = two hand-offs ---- ---- */

struct pingpong {
    void (*wait)(int side);
    void (*post)(int side);
};
static atomic_int flag[2];
static int pp_tcp[2], pp_ev[2];
static atomic_int stop;
static const struct pingpong *pp;
static int peer_cpu;

static void futex_wait_(int s)
{
    while (!atomic_exchange(&flag[s], 0)) syscall(SYS_futex, &flag[s], FUTEX_WAIT_PRIVATE, 0, NULL);
}
static void futex_post(int s)
{
    atomic_store(&flag[s], 1);
    syscall(SYS_futex, &flag[s], FUTEX_WAKE_PRIVATE, 1);
}
static void spin_wait(int s)
{
    while (!atomic_exchange(&flag[s], 0)) __builtin_ia32_pause();
}
static void spin_post(int s)
{
    atomic_store(&flag[s], 1);
}
static void tcp_wait(int s)
{
    if (recv(pp_tcp[s], buf, 64, 0) < 1) abort();
}
static void tcp_post(int s)
{
    if (send(pp_tcp[1 - s], buf, 64, 0) < 1) abort();
}
static void ev_wait(int s)
{
    uint64_t v;
    if (read(pp_ev[s], &v, 8) < 0) abort();
}
static void ev_post(int s)
{
    uint64_t v = 1;
    if (write(pp_ev[s], &v, 8) < 0) abort();
}

static const struct pingpong PP_FUTEX = { futex_wait_, futex_post }, PP_SPIN = { spin_wait, spin_post },
                             PP_TCP = { tcp_wait, tcp_post }, PP_EV = { ev_wait, ev_post };

static void *peer(void *x)
{
    (void)x;
    pin(peer_cpu);
    for (;;) {
        pp->wait(1);
        if (stop) break;
        pp->post(0);
    }
    return NULL;
}

static double pingpong_ns(const struct pingpong *p, int cpu)
{
    pthread_t t;
    long n = 0;
    pp = p;
    peer_cpu = cpu;
    stop = 0;
    flag[0] = flag[1] = 0;
    pthread_create(&t, NULL, peer, NULL);
    double t0 = now(), t1;
    do {
        for (int i = 0; i < 50; i++, n++) {
            p->post(1);
            p->wait(0);
        }
        t1 = now();
    } while (t1 - t0 < SLICE);
    stop = 1;
    p->post(1);
    pthread_join(t, NULL);
    return (t1 - t0) * 1e9 / n;
}

static double single_ns(void (*f)(void))
{
    long n = 0;
    double t0 = now(), t1;
    do {
        for (int i = 0; i < 20; i++, n++) f();
        t1 = now();
    } while (t1 - t0 < SLICE);
    return (t1 - t0) * 1e9 / n;
}

static const struct test {
    const char *name;
    void (*one)(void);
    const struct pingpong *two;
    int cpu;
    double divide;
} tests[] = {
    { "x0 system call (getppid)", t_syscall, NULL, 0, 1 },
    { "x0 clock_gettime (vDSO)", t_clock, NULL, 0, 1 },
    { "x0 mutex lock+unlock, uncontended", t_mutex, NULL, 0, 1 },
    { "x0 futex wake, nobody waiting", t_futex_nobody, NULL, 0, 1 },
    { "x0 eventfd write+read", t_eventfd, NULL, 0, 1 },
    { "x0 recv -> EAGAIN", t_recv_eagain, NULL, 0, 1 },
    { "x0 epoll_wait, nothing ready", t_epoll_empty, NULL, 0, 1 },
    { "x0 epoll_ctl MOD", t_epoll_mod, NULL, 0, 1 },
    { "x0 socketpair send+recv 64 B", t_unix_64, NULL, 0, 1 },
    { "x0 TCP send+recv 64 B (both ends; server's share of an echo)", t_tcp_64, NULL, 0, 2 },
    { "x0 TCP send+recv 4 KiB", t_tcp_4k, NULL, 0, 2 },
    { "x0 TCP send+recv 64 KiB", t_tcp_64k, NULL, 0, 2 },
    { "x0 TCP echo turn 64 B, direct", t_tcp_64, NULL, 0, 1 },
    { "x0 TCP echo turn 64 B, one epoll_wait", t_tcp_epoll, NULL, 0, 1 },
    { "x0 TCP echo turn 64 B, ring DEFER_TASKRUN, recv pending first", t_ring_echo_defer, NULL, 0, 1 },
    { "x0 TCP echo turn 64 B, ring default flags, recv pending first", t_ring_echo_plain, NULL, 0, 1 },
    { "x0 io_uring NOP round trip, default flags", t_nop_plain, NULL, 0, 1 },
    { "x0 io_uring NOP round trip, DEFER_TASKRUN", t_nop_defer, NULL, 0, 1 },
    { "x0 io_uring NOP, 64 in one enter (each)", t_nop_defer64, NULL, 0, 64 },
    { "x0 connect+accept+close", t_connect, NULL, 0, 1 },
    { "01 spin hand-off (one way)", NULL, &PP_SPIN, 1, 2 },
    { "01 futex hand-off across CPUs (one way)", NULL, &PP_FUTEX, 1, 2 },
    { "x0 futex hand-off on one CPU (one way)", NULL, &PP_FUTEX, 0, 2 },
    { "01 eventfd hand-off across CPUs (one way)", NULL, &PP_EV, 1, 2 },
    { "x0 eventfd hand-off on one CPU (one way)", NULL, &PP_EV, 0, 2 },
    { "01 TCP blocking ping-pong 64 B across CPUs (round trip)", NULL, &PP_TCP, 1, 1 },
    { "x0 TCP blocking ping-pong 64 B on one CPU (round trip)", NULL, &PP_TCP, 0, 1 },
};
enum { NTESTS = sizeof tests / sizeof *tests };

static int cmp(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

int main(void)
{
    static double res[NTESTS][ROUNDS];
    pin(0);
    tcp_pair(tcp);
    tcp_pair(pp_tcp);
    socketpair(AF_UNIX, SOCK_STREAM, 0, local);
    evfd = eventfd(0, 0);
    pp_ev[0] = eventfd(0, 0);
    pp_ev[1] = eventfd(0, 0);
    ep = epoll_create1(0);
    struct epoll_event e = { .events = EPOLLIN };
    epoll_ctl(ep, EPOLL_CTL_ADD, tcp[1], &e);
    unsigned defer = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    if (io_uring_queue_init(128, &nop_plain, 0) || io_uring_queue_init(128, &nop_defer, defer) ||
        io_uring_queue_init(128, &io_defer, defer) || io_uring_queue_init(128, &io_plain, 0)) {
        fprintf(stderr, "no io_uring\n");
        return 1;
    }
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < NTESTS; i++)
            res[i][r] =
                (tests[i].one ? single_ns(tests[i].one) : pingpong_ns(tests[i].two, tests[i].cpu)) / tests[i].divide;
    printf("| what | ns (median) | spread %% |\n|---|--:|--:|\n");
    for (int i = 0; i < NTESTS; i++) {
        qsort(res[i], ROUNDS, sizeof(double), cmp);
        printf("| %s | %.0f | %.0f |\n", tests[i].name, res[i][ROUNDS / 2],
               (res[i][ROUNDS - 1] - res[i][0]) / res[i][ROUNDS / 2] * 100);
    }
    return 0;
}
