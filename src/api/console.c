/* SPDX-License-Identifier: MIT */
/*
 * console.c - SetConsoleCtrlHandler: signals that ask the program to end.
 *
 * The signal handler only counts the signal and posts a semaphore; a thread of
 * the library, which exists while handlers are registered and blocks every
 * signal, calls them, newest first, until one returns TRUE.  If none does, the
 * signal is raised again with its default action.  `lock` guards the handlers
 * and what is installed; it is never held while user code runs.
 *
 * No signal is blocked in any other thread, a child of a fork treats the
 * signals as if nobody had asked for them, and execve gives them back anyway.
 */
#include <consoleapi.h>
#include <winerror.h>

#include "api/error.h"
#include "api/fork.h"
#include "base/lock.h"
#include "base/threads.h"
#include "sys/env.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Immutable once published; replaced as a whole. */
struct handlers {
    int refs; /* guarded: lock */
    int count;
    PHANDLER_ROUTINE routine[];
};

/* What .NET, too, takes for each other. */
static const struct {
    int signal;
    DWORD event;
} events[] = {
    { SIGINT, CTRL_C_EVENT },
    { SIGQUIT, CTRL_BREAK_EVENT },
    { SIGHUP, CTRL_CLOSE_EVENT },
    { SIGTERM, CTRL_SHUTDOWN_EVENT },
};
enum { EVENT_COUNT = sizeof(events) / sizeof(events[0]) };

static struct lw_lock lock = LW_LOCK_INITIALIZER; /* LW_RANK_TABLE: a leaf */
static struct handlers *handlers;                 /* guarded: lock; NULL: none */
static bool dispatching;                          /* guarded: lock; the thread runs */
static bool ready;                                /* guarded: lock; the semaphore is made */
static bool installed[EVENT_COUNT];               /* guarded: lock */
static struct sigaction earlier[EVENT_COUNT];     /* guarded: lock; the program's own */
static _Atomic pid_t owner;                       /* the process that the thread belongs to */
static _Atomic bool ignore_ctrl_c;
static _Atomic unsigned pending[EVENT_COUNT];
static sem_t wake;

static void start_again(void *arg);

static void on_signal(int signal)
{
    int saved = errno;

    for (int i = 0; i < EVENT_COUNT; i++) {
        if (events[i].signal != signal) continue;
        if (signal == SIGINT && atomic_load(&ignore_ctrl_c)) break;
        if (atomic_load(&owner) != getpid()) {
            /* A child of a fork has no thread to tell: the default action, when this handler has returned. */
            struct sigaction act = { .sa_handler = SIG_DFL };

            (void)sigaction(signal, &act, NULL);
            (void)raise(signal);
            break;
        }
        atomic_fetch_add(&pending[i], 1);
        (void)sem_post(&wake); /* fails only when two billion are waiting */
    }
    errno = saved;
}

static void install(int i)
{
    struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK };

    if (installed[i] || sigaction(events[i].signal, NULL, &earlier[i])) return;
    /* nohup: the program is meant to outlive its terminal. */
    if (events[i].signal == SIGHUP && earlier[i].sa_handler == SIG_IGN) return;
    (void)sigfillset(&act.sa_mask);
    installed[i] = sigaction(events[i].signal, &act, NULL) == 0;
}

static void uninstall(int i)
{
    struct sigaction now;

    if (!installed[i]) return;
    installed[i] = false;
    /* Not over a handler that the program has set since. */
    if (sigaction(events[i].signal, NULL, &now) || now.sa_handler != on_signal) return;
    (void)sigaction(events[i].signal, &earlier[i], NULL);
}

/* Installs what the handlers and the ignored Ctrl-C ask for.  Called with lock. */
static void settle(void)
{
    for (int i = 0; i < EVENT_COUNT; i++) {
        if (handlers || (events[i].event == CTRL_C_EVENT && atomic_load(&ignore_ctrl_c))) install(i);
        else uninstall(i);
    }
}

static void unref(struct handlers *h)
{
    bool last;

    if (!h) return;
    lw_lock(&lock, LW_RANK_TABLE);
    last = --h->refs == 0;
    lw_unlock(&lock, LW_RANK_TABLE);
    if (last) lw_free(h);
}

/* Ends the process as the signal would have. */
static _Noreturn void end_process(int signal)
{
    struct sigaction act = { .sa_handler = SIG_DFL };
    sigset_t set;

    (void)sigaction(signal, &act, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, signal);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(signal);
    _exit(128 + signal); /* the first process of a container does not die of its own signals */
}

static void deliver(int i)
{
    struct handlers *h;
    bool handled = false;

    lw_lock(&lock, LW_RANK_TABLE);
    h = handlers;
    if (h) h->refs++;
    lw_unlock(&lock, LW_RANK_TABLE);
    /* A handler may end this thread. */
    pthread_cleanup_push(start_again, h);
    for (int n = h ? h->count - 1 : -1; n >= 0 && !handled; n--) handled = h->routine[n](events[i].event);
    pthread_cleanup_pop(0);
    unref(h);
    if (!handled) end_process(events[i].signal);
}

static bool take(int i)
{
    unsigned count = atomic_load(&pending[i]);

    while (count > 0) {
        if (atomic_compare_exchange_weak(&pending[i], &count, count - 1)) return true;
    }
    return false;
}

static void *dispatch(void *arg)
{
    bool go_on = true;

    atomic_fetch_add(&lw_library_threads, 1);
    while (go_on) {
        while (sem_wait(&wake) && errno == EINTR) {
        }
        for (int i = 0; i < EVENT_COUNT; i++) {
            while (take(i)) deliver(i);
        }
        lw_lock(&lock, LW_RANK_TABLE);
        go_on = dispatching = handlers != NULL;
        lw_unlock(&lock, LW_RANK_TABLE);
    }
    return arg;
}

/* Starts the thread if there is none.  Called with lock. */
static bool start(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;

    if (dispatching && atomic_load(&owner) == getpid()) return true;
    if (!ready || atomic_load(&owner) != getpid()) ready = sem_init(&wake, 0, 0) == 0;
    if (!ready || pthread_attr_init(&attr)) return false;
    atomic_store(&owner, getpid());
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED); /* fails only for a bad value */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    dispatching = pthread_create(&thread, &attr, dispatch, NULL) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    return dispatching;
}

/* The thread is being ended by a handler: another takes its place. */
static void start_again(void *arg)
{
    unref(arg);
    lw_lock(&lock, LW_RANK_TABLE);
    dispatching = false;
    if (handlers) (void)start(); /* without memory for it, later signals wait for the next registration */
    (void)sem_post(&wake);       /* there may be events left */
    lw_unlock(&lock, LW_RANK_TABLE);
}

/* The handlers with one more at the end, or without the newest that is `routine`; NULL: out of memory, or none left. */
static struct handlers *changed(const struct handlers *old, PHANDLER_ROUTINE routine, int without)
{
    int count = old ? old->count : 0;
    int new_count = without >= 0 ? count - 1 : count + 1;
    struct handlers *h = new_count ? lw_zalloc(sizeof(*h) + (size_t)new_count * sizeof(h->routine[0])) : NULL;

    if (!h) return NULL;
    h->refs = 1;
    for (int i = 0; i < count; i++) {
        if (i != without) h->routine[h->count++] = old->routine[i];
    }
    if (without < 0) h->routine[h->count++] = routine;
    return h;
}

static DWORD add_handler(PHANDLER_ROUTINE routine, struct handlers **ret_old)
{
    struct handlers *h = changed(handlers, routine, -1);

    if (!h || !start()) {
        lw_free(h);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret_old = handlers;
    handlers = h;
    return 0;
}

static DWORD remove_handler(PHANDLER_ROUTINE routine, struct handlers **ret_old)
{
    int n = handlers ? handlers->count - 1 : -1;
    struct handlers *h;

    while (n >= 0 && handlers->routine[n] != routine) n--;
    if (n < 0) return ERROR_INVALID_PARAMETER;
    h = changed(handlers, NULL, n);
    if (!h && handlers->count > 1) return ERROR_NOT_ENOUGH_MEMORY;
    *ret_old = handlers;
    handlers = h;
    if (!h) (void)sem_post(&wake); /* the thread ends */
    return 0;
}

BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE HandlerRoutine, BOOL Add)
{
    struct handlers *old = NULL;
    DWORD error = 0;

    lw_lock(&lock, LW_RANK_TABLE);
    if (!HandlerRoutine) atomic_store(&ignore_ctrl_c, Add != FALSE);
    else error = Add ? add_handler(HandlerRoutine, &old) : remove_handler(HandlerRoutine, &old);
    if (!error) settle();
    lw_unlock(&lock, LW_RANK_TABLE);
    unref(old);
    if (error) lw_set_error(error);
    return !error;
}

void lw_console_lock_for_fork(bool take)
{
    if (take) lw_lock(&lock, LW_RANK_TABLE);
    else lw_unlock(&lock, LW_RANK_TABLE);
}
