/* SPDX-License-Identifier: MIT */
/*
 * last-thread.c - the process ends with its last thread, as on Windows,
 * although a thread of the library goes on: after ExitThread of the main
 * thread the process used to stay for ever.
 *
 * Run in forked children; only here, Windows has no fork.
 */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

/* Makes the library start its thread. */
static void use_the_library(void)
{
    WSADATA data;
    struct sockaddr_in addr;
    SOCKET s;
    WSAOVERLAPPED ov;
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0;

    if (WSAStartup(MAKEWORD(2, 2), &data)) _exit(100);
    s = test_udp(&addr);
    test_overlapped(&ov);
    WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL);
    closesocket(s);
}

static DWORD WINAPI outlive_main(void *arg)
{
    Sleep(QUIET_MS);
    return (DWORD)(ULONG_PTR)arg;
}

/* The exit code of a child that ends its main thread with 7, beside a thread that ends later with 9 or not. */
static int code_of_child(int other_thread)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        alarm(DEADLINE_MS / 1000);
        use_the_library();
        if (other_thread) CloseHandle(CreateThread(NULL, 0, outlive_main, (void *)9, 0, NULL));
        ExitThread(7);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

static void process_ends_with_its_main_thread(void)
{
    CHECK_EQ(code_of_child(0), 7);
}

static void process_ends_with_the_thread_that_is_left(void)
{
    CHECK_EQ(code_of_child(1), 9);
}

static const struct test_case cases[] = {
    TEST(process_ends_with_its_main_thread, "reference ExitThread: the last thread ends the process"),
    TEST(process_ends_with_the_thread_that_is_left, "reference ExitThread: the last thread ends the process"),
};

TEST_MAIN(cases)
