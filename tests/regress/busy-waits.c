/* SPDX-License-Identifier: MIT */
/*
 * busy-waits.c - a thread whose waits are all satisfied at once still performs
 * its requests.  A busy accept loop never saw the resets of its connections
 * and ran out of slots.
 */
#include "test.h"

/* More than enough waits for the thread to look at its sockets. */
enum { WAITS = 64 };

struct pending {
    SOCKET s[2];
    WSAOVERLAPPED ov;
    char byte;
};

static int begin(struct pending *p)
{
    WSABUF buf = { 1, &p->byte };
    DWORD flags = 0;

    if (!test_pair(p->s)) return 0;
    test_overlapped(&p->ov);
    if (!CHECK(WSARecv(p->s[0], &buf, 1, NULL, &flags, &p->ov, NULL) == SOCKET_ERROR)) return 0;
    return CHECK_EQ(send(p->s[1], "x", 1, 0), 1);
}

static void end(struct pending *p)
{
    CHECK(HasOverlappedIoCompleted(&p->ov));
    CHECK_EQ(p->byte, 'x');
    closesocket(p->s[0]);
    closesocket(p->s[1]);
    WSACloseEvent(p->ov.hEvent);
}

static void another_event_is_always_signalled(void)
{
    struct pending p;
    HANDLE h[2] = { CreateEventW(NULL, TRUE, TRUE, NULL), NULL };
    int i;

    REQUIRE(begin(&p));
    h[1] = p.ov.hEvent;
    for (i = 0; i < WAITS; i++) CHECK_EQ(WaitForMultipleObjects(2, h, FALSE, INFINITE), WAIT_OBJECT_0);
    end(&p);
    CloseHandle(h[0]);
}

static void CALLBACK nothing(ULONG_PTR unused)
{
    (void)unused;
}

static void another_apc_is_always_queued(void)
{
    struct pending p;
    int i;

    REQUIRE(begin(&p));
    for (i = 0; i < WAITS; i++) {
        CHECK(QueueUserAPC(nothing, GetCurrentThread(), 0));
        CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    }
    end(&p);
}

static const struct test_case cases[] = {
    TEST(another_event_is_always_signalled, "20 §1 Internal: the request completes whatever the program waits for"),
    TEST(another_apc_is_always_queued, "20 §1 Internal: the request completes whatever the program waits for"),
};

TEST_MAIN(cases)
