/* SPDX-License-Identifier: MIT */
/*
 * console.c - console handlers and signals; ExitProcess.
 *
 * Each case runs in a child of its own, so that a signal may end it: what the
 * child returns is its exit code, what kills it is its signal.
 */
#include "unit.h"

#include <consoleapi.h>
#include <processthreadsapi.h>

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ThreadSanitizer loses signals in the child of a fork with several threads: so it does without the library. */
#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define SIGNALS_GET_LOST_AFTER_FORK
#endif
#elif defined __SANITIZE_THREAD__
#define SIGNALS_GET_LOST_AFTER_FORK
#endif

enum { QUIET_MS = 50, DEADLINE_MS = 10000 };

static atomic_int calls;
static atomic_uint last_event;
static pthread_t last_thread; /* written before calls */

static BOOL WINAPI take(DWORD event)
{
    last_thread = pthread_self();
    atomic_store(&last_event, event);
    atomic_fetch_add(&calls, 1);
    return TRUE;
}

static BOOL WINAPI pass_on(DWORD event)
{
    atomic_store(&last_event, event);
    atomic_fetch_add(&calls, 1);
    return FALSE;
}

static BOOL WINAPI end_thread(DWORD event)
{
    (void)event;
    atomic_fetch_add(&calls, 1);
    pthread_exit(NULL);
}

static BOOL WINAPI end_process(DWORD event)
{
    (void)event;
    ExitProcess(7);
}

static void sleep_ms(int ms)
{
    struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

    while (nanosleep(&time, &time)) {
    }
}

static bool wait_for_calls(int count)
{
    for (int ms = 0; ms < DEADLINE_MS && atomic_load(&calls) < count; ms++) sleep_ms(1);
    return atomic_load(&calls) == count;
}

static void send_signal(int signal)
{
    (void)kill(getpid(), signal);
}

/* The wait status of a child that runs the body and ends with its result. */
static int run(int (*body)(void))
{
    int status = -1;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        alarm(2 * DEADLINE_MS / 1000);
        _exit(body());
    }
    waitpid(pid, &status, 0);
    return status;
}

static void check_exit(int (*body)(void), int code)
{
    int status = run(body);

    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), code);
}

static void check_killed(int (*body)(void), int signal)
{
    int status = run(body);

    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), signal);
}

static int each_signal(void)
{
    static const struct {
        int signal;
        DWORD event;
    } pairs[] = { { SIGINT, CTRL_C_EVENT },
                  { SIGQUIT, CTRL_BREAK_EVENT },
                  { SIGHUP, CTRL_CLOSE_EVENT },
                  { SIGTERM, CTRL_SHUTDOWN_EVENT } };

    if (!SetConsoleCtrlHandler(take, TRUE)) return 1;
    for (int i = 0; i < 4; i++) {
        send_signal(pairs[i].signal);
        if (!wait_for_calls(i + 1) || atomic_load(&last_event) != pairs[i].event) return 2;
        if (pthread_equal(last_thread, pthread_self())) return 3;
    }
    return 0;
}

static void each_signal_has_its_event_on_another_thread(void)
{
    check_exit(each_signal, 0);
}

static int newest_first(void)
{
    SetConsoleCtrlHandler(pass_on, TRUE);
    SetConsoleCtrlHandler(take, TRUE);
    send_signal(SIGINT);
    sleep_ms(QUIET_MS);
    if (!wait_for_calls(1)) return 1;
    SetConsoleCtrlHandler(pass_on, TRUE);
    send_signal(SIGINT);
    return wait_for_calls(3) ? 0 : 2;
}

static void handlers_are_asked_newest_first_until_one_takes_it(void)
{
    check_exit(newest_first, 0);
}

static int nobody_takes(void)
{
    SetConsoleCtrlHandler(pass_on, TRUE);
    send_signal(SIGTERM);
    sleep_ms(DEADLINE_MS);
    return 1;
}

static void what_nobody_takes_ends_the_process_by_the_signal(void)
{
    check_killed(nobody_takes, SIGTERM);
}

static int removed(void)
{
    SetConsoleCtrlHandler(take, TRUE);
    SetConsoleCtrlHandler(take, FALSE);
    send_signal(SIGINT);
    sleep_ms(DEADLINE_MS);
    return 1;
}

static void without_handlers_signals_are_what_they_were(void)
{
    check_killed(removed, SIGINT);
}

static int ignored(void)
{
    SetConsoleCtrlHandler(take, TRUE);
    SetConsoleCtrlHandler(NULL, TRUE);
    send_signal(SIGINT);
    sleep_ms(QUIET_MS);
    if (atomic_load(&calls)) return 1;
    send_signal(SIGQUIT);
    if (!wait_for_calls(1)) return 2;
    SetConsoleCtrlHandler(NULL, FALSE);
    send_signal(SIGINT);
    return wait_for_calls(2) ? 0 : 3;
}

static void null_handler_ignores_ctrl_c_alone(void)
{
    check_exit(ignored, 0);
}

static int ignored_alone(void)
{
    SetConsoleCtrlHandler(NULL, TRUE);
    send_signal(SIGINT);
    sleep_ms(QUIET_MS);
    SetConsoleCtrlHandler(NULL, FALSE);
    send_signal(SIGINT);
    sleep_ms(DEADLINE_MS);
    return 1;
}

static void ignoring_needs_no_handler_and_ends(void)
{
    check_killed(ignored_alone, SIGINT);
}

static int every_signal_counts(void)
{
    enum { COUNT = 500 };

    SetConsoleCtrlHandler(take, TRUE);
    for (int i = 0; i < COUNT; i++) {
        send_signal(SIGTERM);
        if (!wait_for_calls(i + 1)) return 1;
    }
    return 0;
}

static void a_signal_may_come_many_times(void)
{
    check_exit(every_signal_counts, 0);
}

static int threads_end(void)
{
    SetConsoleCtrlHandler(end_thread, TRUE);
    for (int i = 0; i < 3; i++) {
        send_signal(SIGTERM);
        if (!wait_for_calls(i + 1)) return 1;
    }
    return 0;
}

static void a_handler_may_end_its_thread(void)
{
    check_exit(threads_end, 0);
}

static int handler_exits(void)
{
    SetConsoleCtrlHandler(end_process, TRUE);
    send_signal(SIGTERM);
    sleep_ms(DEADLINE_MS);
    return 1;
}

static void a_handler_may_end_the_process(void)
{
    check_exit(handler_exits, 7);
}

#ifndef SIGNALS_GET_LOST_AFTER_FORK
static int with_a_fork(void)
{
    int status;
    pid_t pid;

    SetConsoleCtrlHandler(take, TRUE);
    pid = fork();
    if (pid == 0) {
        send_signal(SIGTERM);
        sleep_ms(DEADLINE_MS);
        _exit(1);
    }
    waitpid(pid, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM) return 1;
    pid = fork();
    if (pid == 0) {
        SetConsoleCtrlHandler(take, TRUE);
        send_signal(SIGTERM);
        _exit(!wait_for_calls(1));
    }
    waitpid(pid, &status, 0);
    if (status) return 2;
    send_signal(SIGTERM);
    return wait_for_calls(1) ? 0 : 3;
}

static void a_forked_child_is_on_its_own(void)
{
    check_exit(with_a_fork, 0);
}
#endif

static int with_exec(void)
{
    SetConsoleCtrlHandler(take, TRUE);
    execl("/bin/sh", "sh", "-c", "kill -TERM $$; exit 1", (char *)NULL);
    return 2;
}

static void a_program_that_is_executed_has_default_signals(void)
{
    check_killed(with_exec, SIGTERM);
}

static int behind_nohup(void)
{
    (void)signal(SIGHUP, SIG_IGN);
    SetConsoleCtrlHandler(take, TRUE);
    send_signal(SIGHUP);
    sleep_ms(QUIET_MS);
    return atomic_load(&calls);
}

static void nohup_is_respected(void)
{
    check_exit(behind_nohup, 0);
}

static void *sleep_for_ever(void *arg)
{
    for (;;) pause();
    return arg;
}

static int while_others_block(void)
{
    pthread_t thread;

    SetConsoleCtrlHandler(take, TRUE);
    if (pthread_create(&thread, NULL, sleep_for_ever, NULL)) return 1;
    if (pthread_create(&thread, NULL, sleep_for_ever, NULL)) return 1;
    send_signal(SIGINT);
    return wait_for_calls(1) ? 0 : 2;
}

static void it_does_not_matter_what_other_threads_wait_for(void)
{
    check_exit(while_others_block, 0);
}

static int exit_256(void)
{
    ExitProcess(256);
}

static int exit_3(void)
{
    ExitProcess(3);
}

static void exit_codes_keep_their_low_byte_but_never_turn_into_success(void)
{
    check_exit(exit_3, 3);
    check_exit(exit_256, 255);
}

/* A shell starts its background jobs with some of these ignored, which every child would inherit. */
static __attribute__((constructor)) void begin_with_default_signals(void)
{
    static const int signals[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM };

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
}

static const struct unit_case cases[] = {
    UNIT(each_signal_has_its_event_on_another_thread),
    UNIT(handlers_are_asked_newest_first_until_one_takes_it),
    UNIT(what_nobody_takes_ends_the_process_by_the_signal),
    UNIT(without_handlers_signals_are_what_they_were),
    UNIT(null_handler_ignores_ctrl_c_alone),
    UNIT(ignoring_needs_no_handler_and_ends),
    UNIT(a_signal_may_come_many_times),
    UNIT(a_handler_may_end_its_thread),
    UNIT(a_handler_may_end_the_process),
#ifndef SIGNALS_GET_LOST_AFTER_FORK
    UNIT(a_forked_child_is_on_its_own),
#endif
    UNIT(a_program_that_is_executed_has_default_signals),
    UNIT(nohup_is_respected),
    UNIT(it_does_not_matter_what_other_threads_wait_for),
    UNIT(exit_codes_keep_their_low_byte_but_never_turn_into_success),
};
UNIT_MAIN(cases)
