/* SPDX-License-Identifier: MIT */
/*
 * accept-denied.c - accept fails for ever with an error of the system's policy
 * or of a descriptor that is no listener any more: the library must not ask
 * for ever, least of all with the listener locked.
 */
#include "fault.h"
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

static const int errors[] = { EPERM, EACCES, ENOTSOCK, EOPNOTSUPP, EPROTO };

enum { ERRORS = sizeof errors / sizeof errors[0] };

static void give_up(int signal)
{
    static const char text[] = "Bail out! accept is asked for ever\n";

    (void)signal;
    if (write(STDOUT_FILENO, text, sizeof text - 1) < 0) _exit(2);
    _exit(1);
}

static SOCKET listener_with_a_connection(SOCKET *client)
{
    struct sockaddr_in addr;
    SOCKET s = test_listener(&addr);

    *client = test_tcp();
    CHECK_EQ(connect(*client, (struct sockaddr *)&addr, sizeof addr), 0);
    return s;
}

static void blocking_accept_fails(void)
{
    for (int i = 0; i < ERRORS; i++) {
        SOCKET client, s = listener_with_a_connection(&client);

        fault_arm(FAULT_ACCEPT, 1, LONG_MAX / 2, errors[i]);
        alarm(DEADLINE_MS / 1000);
        CHECK(accept(s, NULL, NULL) == INVALID_SOCKET);
        CHECK(WSAGetLastError() != 0);
        alarm(0);
        fault_disarm();
        closesocket(client);
        closesocket(s);
    }
}

/* Whether the request ends with an error or waits on: the listener can be closed, and the request ends then. */
static void an_accept_ex_can_be_closed(void)
{
    for (int i = 0; i < ERRORS; i++) {
        SOCKET client, s = listener_with_a_connection(&client), accepted = test_tcp();
        char output[64];
        WSAOVERLAPPED ov;

        test_overlapped(&ov);
        fault_arm(FAULT_ACCEPT, 1, LONG_MAX / 2, errors[i]);
        alarm(DEADLINE_MS / 1000);
        CHECK(!AcceptEx(s, accepted, output, 0, 32, 32, NULL, &ov));
        int pends = WSAGetLastError() == ERROR_IO_PENDING;
        WaitForSingleObject(ov.hEvent, QUIET_MS);
        CHECK_EQ(closesocket(s), 0);
        if (pends) CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
        alarm(0);
        fault_disarm();
        closesocket(client);
        closesocket(accepted);
        WSACloseEvent(ov.hEvent);
    }
}

static const struct test_case cases[] = {
    TEST(blocking_accept_fails, "97 errors of accept"),
    TEST(an_accept_ex_can_be_closed, "20 §12"),
};

int main(void)
{
    signal(SIGALRM, give_up);
    fault_install();
    return test_main(cases, sizeof cases / sizeof cases[0]);
}
