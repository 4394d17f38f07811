/* SPDX-License-Identifier: MIT */
/* usage.c - reads /proc, and opens one performance counter per thread and kind. */
#define _GNU_SOURCE
#include "usage.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROCESSES_MAX = 16, COUNTERS_MAX = 512 };

struct counters {
    int fds[COUNTERS_MAX];
    int count;
};

static int pids[PROCESSES_MAX], pid_count;
static struct counters syscalls, instructions;

void usage_add_processes(char *list)
{
    for (char *p = strtok(list, ","); p && pid_count < PROCESSES_MAX; p = strtok(NULL, ","))
        pids[pid_count++] = atoi(p);
}

/* ---- /proc ---- */

static void each_thread(void (*visit)(int pid, int tid, void *context), void *context)
{
    for (int i = 0; i < pid_count; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/task", pids[i]);
        DIR *threads = opendir(path);
        if (!threads) continue;
        for (struct dirent *e; (e = readdir(threads));) {
            int tid = atoi(e->d_name);
            if (tid > 0) visit(pids[i], tid, context);
        }
        closedir(threads);
    }
}

static FILE *open_of_thread(int pid, int tid, const char *name)
{
    char path[96];

    snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
    return fopen(path, "r");
}

static double thread_cpu_s(int pid, int tid)
{
    unsigned long long ns = 0;
    FILE *f = open_of_thread(pid, tid, "schedstat");

    if (!f) return 0;
    if (fscanf(f, "%llu", &ns) != 1) ns = 0;
    fclose(f);
    return (double)ns / 1e9;
}

static double thread_switches(int pid, int tid)
{
    char line[256];
    double sum = 0;
    FILE *f = open_of_thread(pid, tid, "status");

    if (!f) return 0;
    while (fgets(line, sizeof line, f)) {
        const char *colon = strstr(line, "voluntary_ctxt_switches:");
        if (colon) sum += atof(strchr(colon, ':') + 1);
    }
    fclose(f);
    return sum;
}

static void add_thread(int pid, int tid, void *context)
{
    struct usage *u = context;
    double cpu_s = thread_cpu_s(pid, tid), switches = thread_switches(pid, tid);

    u->cpu_s += cpu_s;
    u->switches += switches;
    if (pid != pids[0] || tid != pid) return;
    u->main_cpu_s = cpu_s;
    u->main_switches = switches;
}

static double machine_busy_s(void)
{
    double v[8] = { 0 };
    FILE *f = fopen("/proc/stat", "r");

    if (!f) return 0;
    int n = fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7);
    fclose(f);
    /* All but the fourth and the fifth: idle, and idle with a disk request out. */
    return n == 8 ? (v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) / (double)sysconf(_SC_CLK_TCK) : 0;
}

long usage_memory_kb(const char *field)
{
    long sum = 0;

    for (int i = 0; i < pid_count; i++) {
        char path[64], line[256];
        snprintf(path, sizeof path, "/proc/%d/status", pids[i]);
        FILE *f = fopen(path, "r");
        if (!f) continue;
        while (fgets(line, sizeof line, f)) {
            if (!strncmp(line, field, strlen(field))) sum += atol(line + strlen(field));
        }
        fclose(f);
    }
    return sum;
}

/* ---- counters ---- */

/* The number of the tracepoint at the entry of every system call; -1. */
static long tracepoint_id(void)
{
    static const char *const paths[] = { "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
                                         "/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id" };
    long id = -1;

    for (unsigned i = 0; i < sizeof paths / sizeof *paths && id < 0; i++) {
        FILE *f = fopen(paths[i], "r");
        if (!f) continue;
        if (fscanf(f, "%ld", &id) != 1) id = -1;
        fclose(f);
    }
    return id;
}

static void counter_open(struct counters *c, struct perf_event_attr *attr, int tid)
{
    if (c->count < 0) return; /* refused once: a part of the threads would be a wrong sum */
    int fd = c->count < COUNTERS_MAX ? (int)syscall(SYS_perf_event_open, attr, tid, -1, -1, 0ul) : -1;
    if (fd >= 0) c->fds[c->count++] = fd;
    else c->count = -1;
}

static void count_thread(int pid, int tid, void *context)
{
    struct perf_event_attr calls = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof calls };
    struct perf_event_attr work = { .type = PERF_TYPE_HARDWARE, .size = sizeof work };
    const long *id = context;

    (void)pid;
    calls.config = (uint64_t)*id;
    if (*id < 0) syscalls.count = -1;
    else counter_open(&syscalls, &calls, tid);
    work.config = PERF_COUNT_HW_INSTRUCTIONS;
    work.exclude_kernel = work.exclude_hv = 1;
    counter_open(&instructions, &work, tid);
}

void usage_count(void)
{
    long id = tracepoint_id();

    each_thread(count_thread, &id);
}

static double counters_sum(const struct counters *c)
{
    double sum = 0;

    if (c->count <= 0) return -1;
    for (int i = 0; i < c->count; i++) {
        uint64_t value = 0;
        if (read(c->fds[i], &value, sizeof value) == sizeof value) sum += (double)value;
    }
    return sum;
}

void usage_read(struct usage *ret)
{
    memset(ret, 0, sizeof *ret);
    each_thread(add_thread, ret);
    ret->machine_s = machine_busy_s();
    ret->syscalls = counters_sum(&syscalls);
    ret->instructions = counters_sum(&instructions);
}
