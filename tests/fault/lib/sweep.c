/* SPDX-License-Identifier: MIT */
/* sweep.c - the driver: which faults there are, one run under each, and what must hold after it. */
#include "sweep.h"
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <lapwing.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CODES_MAX = 5, FOR_EVER = INT_MAX };

/* One way for a call to fail, and the codes by which the API may report it. */
struct row {
    enum fault_call call;
    int error;
    const char *name;
    long burst; /* how many calls fail in a row when it does not fail just once */
    int codes[CODES_MAX];
};

#define E(call, error, burst, ...)          \
    {                                       \
        FAULT_##call, error, #error, burst, \
        {                                   \
            __VA_ARGS__                     \
        }                                   \
    }
#define PSEUDO(call, what, burst)                 \
    {                                             \
        FAULT_##call, FAULT_##what, #what, burst, \
        {                                         \
            0                                     \
        }                                         \
    }

/*
 * A burst is short where the library rightly tries again (EINTR, nothing
 * there, no descriptor for an AcceptEx), for no system is like that for ever.
 */
static const struct row rows[] = {
    E(SOCKET, EMFILE, FOR_EVER, WSAEMFILE),
    E(SOCKET, ENFILE, FOR_EVER, WSAEMFILE),
    E(SOCKET, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(SOCKET, ENOMEM, FOR_EVER, WSAENOBUFS),
    E(SOCKET, EACCES, FOR_EVER, WSAEACCES),
    E(ACCEPT, EMFILE, 3, WSAEMFILE),
    E(ACCEPT, ENFILE, 3, WSAEMFILE),
    E(ACCEPT, ENOBUFS, 3, WSAENOBUFS),
    E(ACCEPT, ENOMEM, 3, WSAENOBUFS),
    E(ACCEPT, ECONNABORTED, 10, 0),
    E(ACCEPT, EPROTO, 10, 0),
    E(ACCEPT, EINTR, 10, 0),
    E(ACCEPT, EAGAIN, 10, WSAEWOULDBLOCK),
    E(CONNECT, ECONNREFUSED, FOR_EVER, WSAECONNREFUSED),
    E(CONNECT, ETIMEDOUT, FOR_EVER, WSAETIMEDOUT),
    E(CONNECT, ENETUNREACH, FOR_EVER, WSAENETUNREACH),
    E(CONNECT, EHOSTUNREACH, FOR_EVER, WSAEHOSTUNREACH),
    E(CONNECT, EADDRNOTAVAIL, FOR_EVER, WSAEADDRNOTAVAIL),
    E(CONNECT, EADDRINUSE, FOR_EVER, WSAEADDRINUSE),
    E(CONNECT, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(BIND, EADDRINUSE, FOR_EVER, WSAEADDRINUSE),
    E(BIND, EADDRNOTAVAIL, FOR_EVER, WSAEADDRNOTAVAIL),
    E(BIND, EACCES, FOR_EVER, WSAEACCES),
    E(BIND, ENOMEM, FOR_EVER, WSAENOBUFS),
    E(LISTEN, EADDRINUSE, FOR_EVER, WSAEADDRINUSE),
    E(SHUTDOWN, ENOTCONN, FOR_EVER, WSAENOTCONN),
    E(CLOSE, EINTR, FOR_EVER, 0),
    E(CLOSE, EIO, FOR_EVER, 0),
    E(RECV, EINTR, 10, 0),
    E(RECV, EAGAIN, 10, WSAEWOULDBLOCK),
    E(RECV, ECONNRESET, FOR_EVER, WSAECONNRESET, WSAECONNABORTED),
    E(RECV, ETIMEDOUT, FOR_EVER, WSAETIMEDOUT, WSAECONNRESET, WSAECONNABORTED),
    E(RECV, ENOMEM, FOR_EVER, WSAENOBUFS),
    PSEUDO(RECV, SHORT, 300),
    E(RECVMSG, EINTR, 10, 0),
    E(RECVMSG, EAGAIN, 10, WSAEWOULDBLOCK),
    E(RECVMSG, ECONNRESET, FOR_EVER, WSAECONNRESET, WSAECONNABORTED),
    E(RECVMSG, ECONNREFUSED, 10, WSAECONNRESET, WSAECONNREFUSED),
    E(RECVMSG, ENOMEM, FOR_EVER, WSAENOBUFS),
    PSEUDO(RECVMSG, SHORT, 300),
    E(SEND, EINTR, 10, 0),
    E(SEND, EAGAIN, 10, WSAEWOULDBLOCK),
    E(SEND, ECONNRESET, FOR_EVER, WSAECONNRESET, WSAECONNABORTED),
    E(SEND, EPIPE, FOR_EVER, WSAECONNRESET, WSAECONNABORTED, WSAESHUTDOWN),
    E(SEND, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(SEND, ENOMEM, FOR_EVER, WSAENOBUFS),
    PSEUDO(SEND, SHORT, 300),
    E(SENDMSG, EINTR, 10, 0),
    E(SENDMSG, EAGAIN, 10, WSAEWOULDBLOCK),
    E(SENDMSG, ECONNRESET, FOR_EVER, WSAECONNRESET, WSAECONNABORTED),
    E(SENDMSG, ECONNREFUSED, 5, WSAECONNREFUSED, WSAECONNRESET),
    E(SENDMSG, ENETUNREACH, FOR_EVER, WSAENETUNREACH, WSAECONNRESET, WSAECONNABORTED),
    E(SENDMSG, EPERM, FOR_EVER, WSAEACCES),
    E(SENDMSG, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(SENDMSG, ENOMEM, FOR_EVER, WSAENOBUFS),
    PSEUDO(SENDMSG, SHORT, 300),
    E(GETSOCKOPT, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(SETSOCKOPT, ENOMEM, FOR_EVER, WSAENOBUFS),
    E(SETSOCKOPT, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(GETSOCKNAME, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(GETPEERNAME, ENOBUFS, FOR_EVER, WSAENOBUFS),
    E(IOCTL, ENOMEM, FOR_EVER, WSAENOBUFS),
    E(POLL, EINTR, 10, 0),
    E(POLL, ENOMEM, 10, WSAENOBUFS),
    E(EPOLL_CREATE, EMFILE, FOR_EVER, WSAENOBUFS, WSAEMFILE),
    E(EPOLL_CREATE, ENFILE, FOR_EVER, WSAENOBUFS, WSAEMFILE),
    E(EPOLL_CREATE, ENOMEM, FOR_EVER, WSAENOBUFS),
    E(EPOLL_ADD, ENOMEM, 20, WSAENOBUFS),
    E(EPOLL_ADD, ENOSPC, 20, WSAENOBUFS),
    E(EPOLL_WAIT, EINTR, 200, 0),
    PSEUDO(EPOLL_WAIT, SPURIOUS, 200),
    PSEUDO(EPOLL_WAIT, STALE, 200),
    E(EVENTFD, EMFILE, FOR_EVER, WSAENOBUFS, WSAEMFILE),
    E(EVENTFD, ENFILE, FOR_EVER, WSAENOBUFS, WSAEMFILE),
    E(EVENTFD, ENOMEM, FOR_EVER, WSAENOBUFS),
    E(FUTEX_WAIT, EINTR, 50, 0),
    E(ALLOC, ENOMEM, FOR_EVER, WSAENOBUFS, ERROR_NOT_ENOUGH_MEMORY, WSAEMFILE),
};

enum { ROWS = sizeof rows / sizeof rows[0], CALLS_MAX = 400, SPARE_CALLS = 4 };

static long fired_by_row[ROWS];

/* ---- the running run ---- */

static struct {
    const struct scenario *scenario;
    const struct row *row; /* NULL: without fault */
    long nth;
    int burst;
    int failures; /* atomic: in this run */
} now;

int sweep_may_fail(void)
{
    return now.row && fault_fired() > 0 && now.row->codes[0] != 0;
}

int sweep_explains(DWORD code)
{
    for (int i = 0; sweep_may_fail() && i < CODES_MAX; i++)
        if (now.row->codes[i] && (DWORD)now.row->codes[i] == code) return 1;
    return 0;
}

void sweep_complain(const char *what)
{
    if (__atomic_fetch_add(&now.failures, 1, __ATOMIC_SEQ_CST) >= 5) return;
    printf("# %s: ", now.scenario->name);
    if (now.row)
        printf("%s %ld%s: %s: ", fault_name(now.row->call), now.nth, now.burst ? " and on" : "", now.row->name);
    printf("%s\n", what);
}

/* Called by the alarm: whatever it finds out is better than nothing. */
static void report_hang(int signal)
{
    (void)signal;
    sweep_complain("hangs");
    stage_dump();
    fflush(stdout);
    abort();
}

/* ---- what must be given back ---- */

struct holdings {
    unsigned long long requests, handles;
    int descriptors;
};

static int count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    if (!dir) return -1;
    while (readdir(dir)) n++;
    closedir(dir);
    return n;
}

static struct holdings take_stock(void)
{
    struct lapwing_stats stats;

    lapwing_get_stats(&stats);
    return (struct holdings){ stats.requests, stats.handles, count_descriptors() };
}

static int is_same(struct holdings a, struct holdings b)
{
    return a.requests == b.requests && a.handles == b.handles && a.descriptors <= b.descriptors;
}

/* The watchdog may hold something for another moment. */
static void check_holdings(struct holdings before)
{
    struct holdings after = take_stock();
    ULONGLONG end = GetTickCount64() + WAIT_MS / 4;
    char text[160];

    while (!is_same(after, before) && GetTickCount64() < end) {
        usleep(1000);
        after = take_stock();
    }
    if (is_same(after, before)) return;
    snprintf(text, sizeof text, "left behind: %lld requests, %lld handles, %d descriptors",
             (long long)(after.requests - before.requests), (long long)(after.handles - before.handles),
             after.descriptors - before.descriptors);
    sweep_complain(text);
}

/* ---- one run ---- */

static void *play(void *unused)
{
    (void)unused;
    now.scenario->run();
    stage_stop_helpers();
    return NULL;
}

/* In a thread of its own, so that nothing of the thread is there yet; faults end before it cleans up, or after. */
static void *play_and_settle(void *unused)
{
    play(unused);
    (void)fault_disarm();
    stage_settle();
    return NULL;
}

static void arm(void)
{
    if (now.row) fault_arm(now.row->call, now.nth, now.burst ? now.row->burst : 1, now.row->error);
}

/* Returns how often the fault came up, -1 when something is wrong. */
static long run_here(void)
{
    pthread_t thread;
    struct holdings before = take_stock();

    __atomic_store_n(&now.failures, 0, __ATOMIC_SEQ_CST);
    stage_reset();
    alarm(HANG_S);
    arm();
    if (pthread_create(&thread, NULL, play_and_settle, NULL)) abort();
    pthread_join(thread, NULL);
    check_holdings(before);
    alarm(0);
    return now.failures ? -1 : fault_fired();
}

/* The same in a new process, where the library has not been used. */
static long run_apart(void)
{
    int status = -1;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child < 0) abort();
    if (child == 0) {
        WSADATA data;
        alarm(HANG_S);
        stage_reset();
        arm();
        int started = WSAStartup(MAKEWORD(2, 2), &data) == 0;
        if (started) play_and_settle(NULL);
        struct lapwing_stats stats;
        lapwing_get_stats(&stats);
        EXPECT(started && stats.requests == 0 && stats.handles == 0);
        fflush(stdout);
        _exit(now.failures ? 100 : fault_fired() > 0);
    }
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) < 2) return WEXITSTATUS(status);
    if (!WIFEXITED(status)) sweep_complain("the child crashed");
    return -1;
}

/* ---- all runs of a scenario ---- */

/* Each of the first `calls` calls of the row's kind in turn.  Returns the number of runs, -1 after a failure. */
static long sweep_row(const struct row *row, int burst, long calls, long (*run)(void))
{
    long runs = 0, fired = 1;

    now.row = row;
    now.burst = burst;
    for (now.nth = 1; fired > 0 && now.nth <= calls; now.nth++) {
        fired = run();
        runs++;
        if (fired < 0) return -1;
        fired_by_row[row - rows] += fired;
    }
    return runs;
}

/* What happens only once in a process: the start of the watchdog, the first allocations. */
static const enum fault_call cold_calls[] = { FAULT_EPOLL_CREATE, FAULT_EPOLL_ADD, FAULT_EVENTFD, FAULT_ALLOC };

static int is_cold(enum fault_call call)
{
    for (unsigned i = 0; i < sizeof cold_calls / sizeof cold_calls[0]; i++)
        if (cold_calls[i] == call) return 1;
    return 0;
}

/* ThreadSanitizer takes a tenth of a second for each fork, and sees what it looks for in the other runs. */
#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define NO_COLD_RUNS
#endif
#elif defined __SANITIZE_THREAD__
#define NO_COLD_RUNS
#endif

static long sweep_cold(const struct scenario *s)
{
    long runs = 0;

#ifdef NO_COLD_RUNS
    (void)s, (void)run_apart, (void)is_cold;
    return 0;
#endif

    now.scenario = s;
    for (int i = 0; i < ROWS; i++) {
        if (!is_cold(rows[i].call) || (i > 0 && rows[i - 1].call == rows[i].call)) continue;
        for (int burst = 0; burst < 2; burst++) {
            long n = sweep_row(&rows[i], burst, CALLS_MAX, run_apart);
            if (n < 0) return -1;
            runs += n;
        }
    }
    return runs;
}

static long sweep_warm(const struct scenario *s)
{
    long runs = 0, calls[FAULT_CALLS];

    now.scenario = s;
    now.row = NULL;
    if (run_here() < 0) return -1; /* without fault, and once more to see which calls there are */
    fault_arm(FAULT_CALLS, 0, 0, 0);
    if (run_here() < 0) return -1;
    for (int i = 0; i < FAULT_CALLS; i++) calls[i] = fault_calls(i);
    for (int i = 0; i < ROWS; i++) {
        if (calls[rows[i].call] == 0) continue;
        for (int burst = 0; burst < 2; burst++) {
            long n = sweep_row(&rows[i], burst, calls[rows[i].call] + SPARE_CALLS, run_here);
            if (n < 0) return -1;
            runs += n;
        }
    }
    return runs;
}

/* ---- the program ---- */

static int report(int good, int number, const char *name)
{
    printf("%sok %d - %s\n", good ? "" : "not ", number, name);
    fflush(stdout);
    return !good;
}

static int check_coverage(const enum fault_call *must_fail, int count)
{
    int good = 1;

    for (int i = 0; i < ROWS; i++) {
        for (int k = 0; k < count; k++) {
            if (must_fail[k] != rows[i].call || fired_by_row[i] > 0) continue;
            printf("# %s has never failed with %s\n", fault_name(rows[i].call), rows[i].name);
            good = 0;
        }
    }
    return good;
}

/* Makes the library build what it keeps for the life of the process. */
static void *warm_up(void *unused)
{
    struct sockaddr_in addr;
    struct request *r;

    (void)unused;
    stage_reset();
    r = new_request(make_bound(SOCK_DGRAM, &addr), BY_EVENT, 1, 1);
    if (!r || !start_recv(r, 0)) abort();
    stage_settle();
    return NULL;
}

static void start_library(void)
{
    static const struct scenario nothing = { "warming up", NULL };
    WSADATA data;
    pthread_t thread;

    now.scenario = &nothing;
    now.row = NULL;
    if (WSAStartup(MAKEWORD(2, 2), &data) || pthread_create(&thread, NULL, warm_up, NULL)) abort();
    pthread_join(thread, NULL);
}

int sweep_main(const struct scenario *scenarios, int count, const enum fault_call *must_fail, int must_fail_count)
{
    const char *only = getenv("FAULT_SCENARIO");
    long cold[count];
    int bad = 0;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    signal(SIGALRM, report_hang);
    fault_install();
    printf("1..%d\n", count + 1);
    /* Cold runs first: this process must not have used the library. */
    for (int i = 0; i < count; i++) cold[i] = only && strcmp(only, scenarios[i].name) ? 0 : sweep_cold(&scenarios[i]);
    start_library();
    for (int i = 0; i < count; i++) {
        long warm = only && strcmp(only, scenarios[i].name) ? 0 : sweep_warm(&scenarios[i]);
        if (cold[i] >= 0 && warm >= 0) printf("# %ld runs, %ld of them in new processes\n", cold[i] + warm, cold[i]);
        bad += report(cold[i] >= 0 && warm >= 0, i + 1, scenarios[i].name);
    }
    bad += report(only || check_coverage(must_fail, must_fail_count), count + 1,
                  "every call fails somewhere in every way");
    WSACleanup();
    return bad != 0;
}
