/* SPDX-License-Identifier: MIT */
/*
 * fork-child.c - after fork, the child has a library that was never started:
 * old handles are errors, a new start works, and the parent loses nothing.
 *
 * Only here: Windows has no fork.  The rules are those of contract 20 section
 * 14 and of docs/architecture.md, "fork".
 */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

/* What the child found wrong, as its exit code; 0: nothing. */
enum { FINE, STARTED, OLD_SOCKET, OLD_EVENT, NO_START, NO_PAIR, NO_REQUEST, NO_RESULT };

/* A receive by event on a pair of sockets of one's own. */
static int use_the_library(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char byte = 0;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0, n = 0;

    if (!test_pair(s)) return NO_PAIR;
    test_overlapped(&ov);
    if (WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL) == 0 || WSAGetLastError() != WSA_IO_PENDING) return NO_REQUEST;
    if (send(s[1], "x", 1, 0) != 1) return NO_REQUEST;
    if (test_result(s[0], &ov, &n) != 0 || n != 1 || byte != 'x') return NO_RESULT;
    closesocket(s[0]);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
    return FINE;
}

static int in_child(SOCKET old, HANDLE old_event)
{
    WSADATA data;

    if (closesocket(old) != SOCKET_ERROR || WSAGetLastError() != WSANOTINITIALISED) return STARTED;
    if (SetEvent(old_event) || GetLastError() != ERROR_INVALID_HANDLE) return OLD_EVENT;
    if (WSAStartup(MAKEWORD(2, 2), &data)) return NO_START;
    if (send(old, "y", 1, 0) != SOCKET_ERROR || WSAGetLastError() != WSAENOTSOCK) return OLD_SOCKET;
    return use_the_library();
}

static int fork_and_wait(SOCKET old, HANDLE old_event)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        alarm(DEADLINE_MS / 1000);
        _exit(in_child(old, old_event));
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

static void child_starts_afresh_and_parent_goes_on(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char byte = 0;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0, n = 0;
    int i;

    REQUIRE(test_pair(s));
    test_overlapped(&ov);
    CHECK(WSARecv(s[0], &buf, 1, NULL, &flags, &ov, NULL) == SOCKET_ERROR);
    for (i = 0; i < 5; i++) CHECK_EQ(fork_and_wait(s[1], ov.hEvent), FINE);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT); /* nobody took the parent's request */
    CHECK_EQ(send(s[1], "z", 1, 0), 1);
    CHECK_EQ(test_result(s[0], &ov, &n), 0);
    CHECK_EQ(byte, 'z');
    closesocket(s[0]);
    closesocket(s[1]);
    WSACloseEvent(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(child_starts_afresh_and_parent_goes_on, "20 §14 handles in the fork child"),
};

TEST_MAIN(cases)
