/* SPDX-License-Identifier: MIT */
/*
 * progress.c - requests complete whatever the application does meanwhile:
 * polls the structure, sleeps, computes, or waits for them from a thread that
 * issued none.  The bound is DEADLINE_MS; notes tell the times that were seen.
 */
#include "test.h"

#include <time.h>

enum { MIB = 1 << 20 };

/* Sleeps without any help of the library under test. */
static void sleep_in_libc(int ms)
{
#ifdef __MINGW32__
    Sleep((DWORD)ms);
#else
    struct timespec t = { 0, ms * 1000000L };

    nanosleep(&t, NULL);
#endif
}

static int post_recv(SOCKET s, char data[8], WSAOVERLAPPED *ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { 8, data };
    DWORD flags = 0;

    return WSARecv(s, &buf, 1, NULL, &flags, ov, routine) ? WSAGetLastError() : 0;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* Looks at the structure, and calls nothing of the library, until the request is final or the deadline has passed. */
static int poll_until_final(const WSAOVERLAPPED *ov)
{
    ULONGLONG start = GetTickCount64();
    time_t end = time(NULL) + DEADLINE_MS / 1000;

    while (!HasOverlappedIoCompleted(ov)) {
        if (time(NULL) > end) return CHECK(!"the request must complete by itself");
    }
    if (GetTickCount64() - start > 100) test_note("took %d ms", (int)(GetTickCount64() - start));
    return 1;
}

/* ---- polling ---- */

static void polled_receive_completes(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(poll_until_final(&ov));
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 5);
    CHECK(!memcmp(data, "hello", 5));
    close_pair(s);
}

static void polled_receives_complete_again_and_again(void)
{
    enum { ROUNDS = 200 };
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    ULONGLONG start = GetTickCount64();
    char data[8];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < ROUNDS; i++) {
        CHECK_EQ(post_recv(s[0], data, &ov, NULL), WSA_IO_PENDING);
        CHECK(test_send_all(s[1], "hello", 5));
        if (!poll_until_final(&ov)) break;
    }
    test_note("%d polled requests took %d ms", ROUNDS, (int)(GetTickCount64() - start));
    close_pair(s);
}

static void polled_datagram_receive_completes(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    CHECK_EQ(post_recv(s, data, &ov, NULL), WSA_IO_PENDING);
    CHECK_EQ(sendto(s, "hello", 5, 0, (struct sockaddr *)&addr, sizeof addr), 5);
    CHECK(poll_until_final(&ov));
    CHECK_EQ(ov.InternalHigh, 5);
    closesocket(s);
}

static void polled_accept_completes(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov = { 0 };
    char block[128];

    CHECK(!AcceptEx(listener, taker, block, 8, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(test_send_all(client, "hello", 5));
    CHECK(poll_until_final(&ov));
    CHECK_EQ(ov.Internal, 0);
    CHECK_EQ(ov.InternalHigh, 5);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
}

static DWORD WINAPI read_without_waiting(void *arg)
{
    SOCKET s = *(SOCKET *)arg;
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;
    char *bite = malloc(65536);
    int left = 2 * MIB, n;

    while (bite && left > 0 && GetTickCount64() < end) {
        n = recv(s, bite, 65536, 0);
        if (n > 0) left -= n;
        else sleep_in_libc(1);
    }
    CHECK_EQ(left, 0);
    free(bite);
    return 0;
}

static void polled_send_completes(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char *data = calloc(1, 2 * MIB);
    WSABUF buf = { 2 * MIB, data };
    u_long on = 1;
    int small = 0;
    HANDLE thread;

    REQUIRE(data && test_pair(s));
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small), 0);
    CHECK_EQ(ioctlsocket(s[1], FIONBIO, &on), 0);
    CHECK_EQ(WSASend(s[0], &buf, 1, NULL, 0, &ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    thread = CreateThread(NULL, 0, read_without_waiting, &s[1], 0, NULL);
    CHECK(poll_until_final(&ov));
    CHECK_EQ(ov.InternalHigh, 2 * MIB);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    close_pair(s);
    free(data);
}

static int runs;

static void CALLBACK count_run(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)error, (void)count, (void)ov, (void)flags;
    runs++;
}

static void polled_request_with_a_routine_completes(void)
{
    SOCKET s[2];
    WSAOVERLAPPED ov = { 0 };
    char data[8];

    REQUIRE(test_pair(s));
    runs = 0;
    CHECK_EQ(post_recv(s[0], data, &ov, count_run), WSA_IO_PENDING);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(poll_until_final(&ov));
    CHECK_EQ(runs, 0); /* but the routine waits for an alertable wait */
    CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(runs, 1);
    close_pair(s);
}

/* ---- the issuing thread is busy elsewhere ---- */

/* A thread that issues one receive and then does something that is no wait for it. */
struct issuer {
    SOCKET s;
    WSAOVERLAPPED ov;
    char data[8];
    HANDLE issued, stop;
    volatile LONG stopped;
    SOCKET idle[2]; /* a connection without traffic, to block on */
    void (*after)(struct issuer *i);
};

static void after_sleep(struct issuer *i)
{
    int n;

    for (n = 0; n < DEADLINE_MS && !InterlockedCompareExchange(&i->stopped, 0, 0); n++) sleep_in_libc(1);
}

static void after_wait_for_another_event(struct issuer *i)
{
    CHECK_EQ(WaitForSingleObject(i->stop, 2 * DEADLINE_MS), WAIT_OBJECT_0);
}

static void after_alertable_wait_for_another_event(struct issuer *i)
{
    CHECK_EQ(WaitForSingleObjectEx(i->stop, 2 * DEADLINE_MS, TRUE), WAIT_OBJECT_0);
}

static void after_blocking_receive(struct issuer *i)
{
    char c;

    CHECK_EQ(recv(i->idle[0], &c, 1, 0), 1);
}

static void after_computing(struct issuer *i)
{
    time_t end = time(NULL) + 2 * DEADLINE_MS / 1000;

    while (!InterlockedCompareExchange(&i->stopped, 0, 0) && time(NULL) < end) continue;
}

static DWORD WINAPI issue_and_go_on(void *arg)
{
    struct issuer *i = arg;

    CHECK_EQ(post_recv(i->s, i->data, &i->ov, NULL), WSA_IO_PENDING);
    SetEvent(i->issued);
    i->after(i);
    return 0;
}

static HANDLE start_issuer(struct issuer *i, SOCKET s, void (*after)(struct issuer *i))
{
    memset(i, 0, sizeof *i);
    i->s = s;
    i->after = after;
    test_overlapped(&i->ov);
    i->issued = CreateEventW(NULL, TRUE, FALSE, NULL);
    i->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    CHECK(test_pair(i->idle));
    return CreateThread(NULL, 0, issue_and_go_on, i, 0, NULL);
}

static void end_issuer(struct issuer *i, HANDLE thread)
{
    InterlockedExchange(&i->stopped, 1);
    SetEvent(i->stop);
    CHECK_EQ(send(i->idle[1], "x", 1, 0), 1);
    CHECK_EQ(WaitForSingleObject(thread, 3 * DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    close_pair(i->idle);
    CloseHandle(i->issued);
    CloseHandle(i->stop);
    WSACloseEvent(i->ov.hEvent);
}

/* Another thread than the issuing one learns of the completion, while that one does what after says. */
static void check_others_see_it(void (*after)(struct issuer *i))
{
    SOCKET s[2];
    struct issuer i;
    HANDLE thread;
    DWORD n = 0;

    if (!CHECK(test_pair(s))) return;
    thread = start_issuer(&i, s[0], after);
    CHECK_EQ(WaitForSingleObject(i.issued, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &i.ov.hEvent, TRUE, QUIET_MS, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &i.ov.hEvent, TRUE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(test_result(s[0], &i.ov, &n), 0);
    CHECK_EQ(n, 5);
    end_issuer(&i, thread);
    close_pair(s);
}

static void issuer_sleeps_while_another_waits(void)
{
    check_others_see_it(after_sleep);
}

static void issuer_waits_elsewhere_while_another_waits(void)
{
    check_others_see_it(after_wait_for_another_event);
}

static void issuer_waits_alertably_while_another_waits(void)
{
    check_others_see_it(after_alertable_wait_for_another_event);
}

static void issuer_blocks_in_a_receive_while_another_waits(void)
{
    check_others_see_it(after_blocking_receive);
}

static void issuer_computes_while_another_waits(void)
{
    check_others_see_it(after_computing);
}

static void issuer_sleeps_while_another_asks_for_the_result(void)
{
    SOCKET s[2];
    struct issuer i;
    HANDLE thread;
    DWORD n = 0;

    REQUIRE(test_pair(s));
    thread = start_issuer(&i, s[0], after_sleep);
    CHECK_EQ(WaitForSingleObject(i.issued, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(GetOverlappedResultEx((HANDLE)s[0], &i.ov, &n, DEADLINE_MS, FALSE));
    CHECK_EQ(n, 5);
    end_issuer(&i, thread);
    close_pair(s);
}

static void issuer_sleeps_while_another_polls(void)
{
    SOCKET s[2];
    struct issuer i;
    HANDLE thread;

    REQUIRE(test_pair(s));
    thread = start_issuer(&i, s[0], after_sleep);
    CHECK_EQ(WaitForSingleObject(i.issued, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(test_send_all(s[1], "hello", 5));
    CHECK(poll_until_final(&i.ov));
    end_issuer(&i, thread);
    close_pair(s);
}

/* ---- everybody computes ---- */

enum { CROWD = 4 };

static void all_threads_compute(void)
{
    SOCKET s[CROWD][2];
    struct issuer i[CROWD];
    HANDLE thread[CROWD];
    int k;

    for (k = 0; k < CROWD; k++) {
        REQUIRE(test_pair(s[k]));
        thread[k] = start_issuer(&i[k], s[k][0], after_computing);
        CHECK_EQ(WaitForSingleObject(i[k].issued, DEADLINE_MS), WAIT_OBJECT_0);
    }
    for (k = 0; k < CROWD; k++) CHECK(test_send_all(s[k][1], "hello", 5));
    for (k = 0; k < CROWD; k++) { /* this thread computes as well */
        CHECK(poll_until_final(&i[k].ov));
        CHECK_EQ(i[k].ov.InternalHigh, 5);
    }
    for (k = 0; k < CROWD; k++) {
        end_issuer(&i[k], thread[k]);
        close_pair(s[k]);
    }
}

static void requests_of_many_sockets_complete_under_one_sleeper(void)
{
    enum { MANY = 60 };
    SOCKET s[MANY][2];
    WSAOVERLAPPED ov[MANY];
    char data[MANY][8];
    int k, n, left = MANY;

    for (k = 0; k < MANY; k++) {
        REQUIRE(test_pair(s[k]));
        memset(&ov[k], 0, sizeof ov[k]);
        CHECK_EQ(post_recv(s[k][0], data[k], &ov[k], NULL), WSA_IO_PENDING);
    }
    for (k = 0; k < MANY; k++) CHECK(test_send_all(s[k][1], "hello", 5));
    for (n = 0; n < DEADLINE_MS && left; n++) {
        sleep_in_libc(1);
        for (left = 0, k = 0; k < MANY; k++) left += !HasOverlappedIoCompleted(&ov[k]);
    }
    CHECK_EQ(left, 0);
    for (k = 0; k < MANY; k++) close_pair(s[k]);
}

/* ---- who waits for a thread ---- */

static DWORD WINAPI serve_ten(void *arg)
{
    SOCKET s = *(SOCKET *)arg;
    WSAOVERLAPPED ov;
    char data[8];
    int i, rc;
    DWORD n;

    test_overlapped(&ov);
    for (i = 0; i < 10; i++) {
        rc = post_recv(s, data, &ov, NULL);
        CHECK(rc == 0 || rc == WSA_IO_PENDING);
        CHECK_EQ(test_result(s, &ov, &n), 0);
        if (n > 0) CHECK_EQ(send(s, data, (int)n, 0), n);
    }
    WSACloseEvent(ov.hEvent);
    return 0;
}

static DWORD WINAPI ask_ten(void *arg)
{
    SOCKET s = *(SOCKET *)arg;
    char data[8];
    int i;

    for (i = 0; i < 10; i++) {
        CHECK_EQ(send(s, "12345678", 8, 0), 8);
        CHECK(test_recv_all(s, data, 8));
    }
    return 0;
}

static void main_thread_waits_for_its_workers(void)
{
    SOCKET s[2];
    HANDLE worker[2];

    REQUIRE(test_pair(s));
    worker[0] = CreateThread(NULL, 0, serve_ten, &s[0], 0, NULL);
    worker[1] = CreateThread(NULL, 0, ask_ten, &s[1], 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(2, worker, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(worker[0]);
    CloseHandle(worker[1]);
    close_pair(s);
}

static const struct test_case cases[] = {
    TEST(polled_receive_completes, "20 §1 polling Internal is legal [hdr]"),
    TEST(polled_receives_complete_again_and_again, "20 §1 polling Internal is legal [hdr]"),
    TEST(polled_datagram_receive_completes, "20 §1 polling Internal is legal [hdr]"),
    TEST(polled_accept_completes, "20 §1 polling Internal is legal [hdr]"),
    TEST(polled_send_completes, "20 §1 polling Internal is legal [hdr]"),
    TEST(polled_request_with_a_routine_completes, "20 §1 polling Internal is legal; §7"),
    TEST(issuer_sleeps_while_another_waits, "10, 20 §2: an event may be waited for by any thread"),
    TEST(issuer_waits_elsewhere_while_another_waits, "10, 20 §2: an event may be waited for by any thread"),
    TEST(issuer_waits_alertably_while_another_waits, "10, 20 §2: an event may be waited for by any thread"),
    TEST(issuer_blocks_in_a_receive_while_another_waits, "10, 20 §2: an event may be waited for by any thread"),
    TEST(issuer_computes_while_another_waits, "10, 20 §2: an event may be waited for by any thread"),
    TEST(issuer_sleeps_while_another_asks_for_the_result, "20 §5: any thread"),
    TEST(issuer_sleeps_while_another_polls, "20 §1 polling Internal is legal [hdr]"),
    TEST(all_threads_compute, "20 §1 polling Internal is legal [hdr]"),
    TEST(requests_of_many_sockets_complete_under_one_sleeper, "20 §1 polling Internal is legal [hdr]"),
    TEST(main_thread_waits_for_its_workers, "10 waits for threads; 20 §2"),
};

TEST_MAIN(cases)
