/* SPDX-License-Identifier: MIT */
/*
 * load - TCP load generator for echo servers on 127.0.0.1.
 *
 *   load echo   -p PORT [-c CONNS] [-s SIZE] [-d DEPTH] [-t SEC] [-w WARMUP] [-n MESSAGES] [-S] [-P PID,..]
 *   load accept -p PORT [-c CONNS] [-s SIZE] [-t SEC] [-w WARMUP] [-S] [-P PID,..]
 *   load idle   -p PORT [-c CONNS] [-t SEC] [-P PID,..]
 *
 * One thread, edge-triggered epoll.  Every echoed byte is compared with the
 * byte that was sent.  Prints one line of key=value pairs.
 *
 * -n ends after so many messages, without warm-up.  -P names the server's
 * processes, whose use over the measured window is printed too; -S counts
 * their system calls and instructions.
 *
 * Exit status: 0; 1 usage or connection errors; 2 wrong bytes came back.
 */
#define _GNU_SOURCE
#include "usage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- options and totals ---- */

static int port, conns = 1, depth = 1;
static size_t size = 64;
static double seconds = 2, warmup = 0.3;
static uint64_t messages_max;
static bool count_calls;

static uint64_t msgs, bytes, errors, mismatches;

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- latency histogram: 32 linear buckets for each power of two ---- */

enum { SUB = 32, SUB_BITS = 5, HIST = 64 * SUB };
static uint64_t hist[HIST];

static void hist_add(uint64_t ns)
{
    unsigned bucket = (unsigned)ns;

    if (ns >= SUB) {
        unsigned exponent = 63u - (unsigned)__builtin_clzll(ns);
        bucket = (exponent - SUB_BITS + 1) * SUB + (unsigned)((ns >> (exponent - SUB_BITS)) & (SUB - 1));
    }
    hist[bucket]++;
}

static double hist_us(double quantile)
{
    uint64_t total = 0, seen = 0;

    for (int i = 0; i < HIST; i++) total += hist[i];
    if (!total) return 0;
    int i = 0;
    while (i < HIST - 1 && (double)(seen += hist[i]) < quantile * (double)total) i++;
    if (i < SUB) return i / 1000.0;
    unsigned exponent = (unsigned)i / SUB + SUB_BITS - 1;
    return (double)((1ull << exponent) + ((uint64_t)(i % SUB) << (exponent - SUB_BITS))) / 1000.0;
}

/* ---- the byte pattern ---- */

/*
 * The byte at stream position p of connection c is pattern[(c*131 + p) % PERIOD].
 * PERIOD is prime, so no message size divides it; the table is longer than
 * PERIOD so that any CHUNK bytes from any start are contiguous.
 */
enum { PERIOD = 65521, CHUNK = 256 * 1024 };
static unsigned char pattern[PERIOD + CHUNK];
static unsigned char received[CHUNK];

static void pattern_init(void)
{
    uint32_t x = 2463534242u;

    for (int i = 0; i < PERIOD; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        pattern[i] = (unsigned char)(x >> 11);
    }
    for (int i = PERIOD; i < PERIOD + CHUNK; i++) pattern[i] = pattern[i - PERIOD];
}

/* ---- connections ---- */

struct conn {
    int fd, id;
    bool connecting;
    uint64_t sent, rcvd; /* stream positions */
    uint64_t *stamp;     /* send time of each message in flight, [depth] */
};

static int ep;

static const unsigned char *pattern_at(const struct conn *c, uint64_t position)
{
    return pattern + ((uint64_t)c->id * 131 + position) % PERIOD;
}

/* False when the connection could not even be started. */
static bool conn_open(struct conn *c, bool blocking)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | (blocking ? 0 : SOCK_NONBLOCK), 0);
    if (c->fd < 0) die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->sent = c->rcvd = 0;
    c->connecting = !blocking;
    if (connect(c->fd, (struct sockaddr *)&a, sizeof a) && errno != EINPROGRESS) {
        close(c->fd);
        c->fd = -1;
        return false;
    }
    if (blocking) fcntl(c->fd, F_SETFL, O_NONBLOCK);
    return true;
}

static void conn_close(struct conn *c, bool reset)
{
    struct linger hard = { 1, 0 };

    if (c->fd < 0) return;
    /* No TIME_WAIT stays behind: ports would run out. */
    if (reset) setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(c->fd);
    c->fd = -1;
}

static void conn_watch(struct conn *c)
{
    struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };

    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev)) die("epoll_ctl");
}

/* Sends as much as the window (DEPTH messages) allows.  False: the connection is dead. */
static bool conn_send(struct conn *c, uint64_t limit, uint64_t now)
{
    while (c->sent < limit) {
        size_t n = limit - c->sent < CHUNK ? (size_t)(limit - c->sent) : CHUNK;
        ssize_t sent = send(c->fd, pattern_at(c, c->sent), n, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN;
        /* Stamps every message whose first byte went out with this call. */
        for (uint64_t m = (c->sent + size - 1) / size; m * size < c->sent + (uint64_t)sent; m++)
            c->stamp[m % (uint64_t)depth] = now;
        c->sent += (uint64_t)sent;
    }
    return true;
}

/* Receives and checks what has arrived.  False: the connection is dead. */
static bool conn_recv(struct conn *c, uint64_t *now)
{
    for (;;) {
        ssize_t n = recv(c->fd, received, sizeof received, 0);
        if (n == 0) return false;
        if (n < 0) return errno == EAGAIN;
        *now = now_ns();
        if (c->rcvd + (uint64_t)n > c->sent || memcmp(received, pattern_at(c, c->rcvd), (size_t)n)) {
            mismatches++;
            return false;
        }
        uint64_t before = c->rcvd / size;
        c->rcvd += (uint64_t)n;
        for (uint64_t m = before; m < c->rcvd / size; m++) {
            hist_add(*now - c->stamp[m % (uint64_t)depth]);
            msgs++;
        }
        bytes += (uint64_t)n;
        if ((size_t)n < sizeof received) return true; /* drained */
    }
}

static struct conn *conns_alloc(void)
{
    struct conn *c = calloc((size_t)conns, sizeof *c);
    uint64_t *stamps = calloc((size_t)conns * (size_t)depth, sizeof *stamps);

    if (!c || !stamps) die("memory");
    for (int i = 0; i < conns; i++) {
        c[i].id = i;
        c[i].fd = -1;
        c[i].stamp = stamps + (size_t)i * (size_t)depth;
    }
    return c;
}

/* ---- the measured window ---- */

static uint64_t opened_ns, begun_ns, end_ns;
static double own_cpu_begun;
static struct usage used_begun;

static double own_cpu_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void window_begin(void)
{
    memset(hist, 0, sizeof hist);
    msgs = bytes = 0;
    if (count_calls) usage_count();
    usage_read(&used_begun);
    own_cpu_begun = own_cpu_s();
    begun_ns = now_ns();
    end_ns = begun_ns + (uint64_t)(seconds * 1e9);
}

/* Opens the window after the warm-up; true when it is over. */
static bool window_over(uint64_t now)
{
    if (begun_ns) return messages_max ? msgs >= messages_max : now >= end_ns;
    if (!opened_ns) opened_ns = now;
    if (messages_max || (double)(now - opened_ns) >= warmup * 1e9) window_begin();
    return false;
}

static double per_message(double begun, double now)
{
    return now < 0 || !msgs ? -1 : (now - begun) / (double)msgs;
}

static void window_report(const char *mode)
{
    struct usage used;

    if (!begun_ns) window_begin();
    double secs = (double)(now_ns() - begun_ns) / 1e9, own = own_cpu_s() - own_cpu_begun;
    usage_read(&used);
    double cpu = used.cpu_s - used_begun.cpu_s;
    double foreign = used.machine_s - used_begun.machine_s - cpu - own;
    printf("mode=%s conns=%d size=%zu depth=%d secs=%.3f msgs=%llu rate=%.1f mbps=%.2f p50=%.1f p99=%.1f p999=%.1f",
           mode, conns, size, depth, secs, (unsigned long long)msgs, (double)msgs / secs, (double)bytes / secs / 1e6,
           hist_us(.50), hist_us(.99), hist_us(.999));
    printf(" errors=%llu mismatches=%llu client_cpu=%.3f server_cpu=%.3f main_cpu=%.4f foreign_cpu=%.3f",
           (unsigned long long)errors, (unsigned long long)mismatches, own / secs, cpu / secs,
           (used.main_cpu_s - used_begun.main_cpu_s) / secs, foreign > 0 ? foreign / secs : 0);
    printf(" server_us_per_msg=%.4f switches_per_msg=%.4f main_switches_per_s=%.1f syscalls_per_msg=%.4f"
           " instructions_per_msg=%.1f rss_kb=%ld peak_kb=%ld\n",
           per_message(0, cpu * 1e6), per_message(used_begun.switches, used.switches),
           (used.main_switches - used_begun.main_switches) / secs, per_message(used_begun.syscalls, used.syscalls),
           per_message(used_begun.instructions, used.instructions), usage_memory_kb("VmRSS:"),
           usage_memory_kb("VmHWM:"));
    fflush(stdout);
}

/* ---- modes ---- */

static void events_loop(bool (*handle)(struct conn *c, unsigned events, uint64_t *now))
{
    struct epoll_event ev[256];

    for (;;) {
        int n = epoll_wait(ep, ev, 256, 1000);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        uint64_t now = now_ns();
        if (window_over(now)) return;
        for (int i = 0; i < n; i++) {
            struct conn *c = ev[i].data.ptr;
            if (c->fd >= 0 && !handle(c, ev[i].events, &now)) return;
        }
    }
}

/* All handlers: false when there is nothing left to drive. */
static bool echo_event(struct conn *c, unsigned events, uint64_t *now)
{
    static int dead;
    bool alive = !(events & ~(unsigned)EPOLLOUT) || conn_recv(c, now);

    if (alive && conn_send(c, (c->rcvd / size + (uint64_t)depth) * size, *now)) return true;
    errors++;
    conn_close(c, false);
    return ++dead < conns;
}

static void run_echo(void)
{
    struct conn *c = conns_alloc();

    for (int i = 0; i < conns; i++) {
        if (!conn_open(&c[i], true)) die("connect");
    }
    for (int i = 0; i < conns; i++) conn_watch(&c[i]);
    events_loop(echo_event);
    window_report("echo");
    for (int i = 0; i < conns; i++) conn_close(&c[i], true);
}

/* One message on a fresh connection, its echo, close, and the next connection. */
static bool accept_event(struct conn *c, unsigned events, uint64_t *now)
{
    bool bad = events & (EPOLLERR | EPOLLHUP);

    if (!bad && c->connecting && (events & EPOLLOUT)) c->connecting = false;
    if (!bad && (events & EPOLLIN)) bad = !conn_recv(c, now);
    if (!bad && !c->connecting) bad = !conn_send(c, size, *now);
    if (bad) errors++;
    if (!bad && c->rcvd < size) return true;
    conn_close(c, true);
    if (errors > 1000) return false;
    uint64_t started = now_ns();
    if (!conn_open(c, false)) {
        errors++;
        return false;
    }
    c->stamp[0] = started;
    conn_watch(c);
    return true;
}

static void run_accept(void)
{
    depth = 1;
    struct conn *c = conns_alloc();

    for (int i = 0; i < conns; i++) {
        if (!conn_open(&c[i], false)) die("connect");
        conn_watch(&c[i]);
    }
    events_loop(accept_event);
    window_report("accept");
    for (int i = 0; i < conns; i++) conn_close(&c[i], true);
}

static void run_idle(void)
{
    struct conn *c = conns_alloc();
    struct conn first = { .id = 0 };

    /* One warm connection first, so that one-off costs are not counted. */
    if (!conn_open(&first, true)) die("connect");
    usleep(300000);
    long before_kb = usage_memory_kb("VmRSS:");
    for (int i = 0; i < conns; i++) {
        if (!conn_open(&c[i], true)) die("connect");
    }
    usleep((useconds_t)(seconds * 1e6));
    long after_kb = usage_memory_kb("VmRSS:");
    printf("mode=idle conns=%d rss0_kb=%ld rss1_kb=%ld rss_per_conn=%.0f\n", conns, before_kb, after_kb,
           (double)(after_kb - before_kb) * 1024.0 / conns);
    fflush(stdout);
    for (int i = 0; i < conns; i++) conn_close(&c[i], true);
}

static bool read_options(int argc, char **argv)
{
    int option;

    optind = 2;
    while (argc > 1 && (option = getopt(argc, argv, "p:c:s:d:t:w:n:SP:")) != -1) {
        switch (option) {
        case 'p': port = atoi(optarg); break;
        case 'c': conns = atoi(optarg); break;
        case 's': size = (size_t)atol(optarg); break;
        case 'd': depth = atoi(optarg); break;
        case 't': seconds = atof(optarg); break;
        case 'w': warmup = atof(optarg); break;
        case 'n': messages_max = (uint64_t)atoll(optarg); break;
        case 'S': count_calls = true; break;
        case 'P': usage_add_processes(optarg); break;
        default: return false;
        }
    }
    return port > 0 && conns > 0 && size > 0 && depth > 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    bool echo = !strcmp(mode, "echo"), accept = !strcmp(mode, "accept"), idle = !strcmp(mode, "idle");
    struct rlimit files;

    signal(SIGPIPE, SIG_IGN);
    if (!read_options(argc, argv) || !(echo || accept || idle)) {
        fprintf(stderr, "usage: load echo|accept|idle -p PORT [-c CONNS] [-s SIZE] [-d DEPTH] [-t SEC] [-w WARMUP] "
                        "[-n MESSAGES] [-S] [-P PID,PID]\n");
        return 1;
    }
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    pattern_init();
    ep = epoll_create1(0);
    if (echo) run_echo();
    else if (accept) run_accept();
    else run_idle();
    return mismatches ? 2 : errors ? 1 : 0;
}
