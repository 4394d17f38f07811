/* SPDX-License-Identifier: MIT */
/*
 * leak.c - the leak watch: descriptors, threads, live requests and live
 * handles must be after the last case what they were before the first.
 */
#include "test.h"

#ifdef __MINGW32__

void test_leak_begin(void)
{
}

/* Wine keeps handles of its own: its count is no measure of ours. */
int test_leak_end(void)
{
    return 1;
}

#else

#include <dirent.h>
#include <lapwing.h>

static struct lapwing_stats start;
static int descriptors, threads;

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int n = 0;

    if (!dir) return -1;
    while (readdir(dir)) n++;
    closedir(dir);
    return n;
}

/* Makes the library build what it keeps for the life of the process. */
static void warm_up(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov;
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0;

    test_overlapped(&ov);
    WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL);
    sendto(s, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr);
    test_result(s, &ov, NULL);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

void test_leak_begin(void)
{
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;

    warm_up();
    /* A completion is seen a moment before its request is released. */
    do lapwing_get_stats(&start);
    while (start.requests != 0 && GetTickCount64() < end);
    descriptors = count_entries("/proc/self/fd");
    threads = count_entries("/proc/self/task");
}

/* Threads and descriptors of threads that have just ended go a moment later: asks again until the deadline. */
int test_leak_end(void)
{
    struct lapwing_stats now;
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;
    int fds, tasks;

    for (;;) {
        lapwing_get_stats(&now);
        fds = count_entries("/proc/self/fd");
        tasks = count_entries("/proc/self/task");
        if (now.handles == start.handles && now.requests == start.requests && fds <= descriptors && tasks <= threads)
            return 1;
        if (GetTickCount64() > end) break;
        Sleep(1);
    }
    test_note("left behind: %lld handles, %lld requests, %d descriptors, %d threads",
              (long long)(now.handles - start.handles), (long long)(now.requests - start.requests), fds - descriptors,
              tasks - threads);
    return 0;
}

#endif
