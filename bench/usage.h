/* SPDX-License-Identifier: MIT */
/*
 * usage.h - what the processes of a server have used so far: from /proc, and
 * from performance counters where the kernel gives them.  Figures that cannot
 * be had are negative.
 */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <stdbool.h>

struct usage {
    double cpu_s;      /* on-CPU time of all threads */
    double main_cpu_s; /* of the first process's main thread */
    double switches;   /* context switches of all threads */
    double main_switches;
    double machine_s;    /* busy time of all CPUs, whoever used them */
    double syscalls;     /* of all threads; only when counting */
    double instructions; /* likewise: in user space */
};

/* Adds the processes of a comma-separated list of ids. */
void usage_add_processes(char *list);

/* Counts system calls and instructions of the threads that exist now, which slows their system calls down a little. */
void usage_count(void);

void usage_read(struct usage *ret);

/* Sum over the processes of a field of /proc/PID/status, such as "VmRSS:". */
long usage_memory_kb(const char *field);

#endif
