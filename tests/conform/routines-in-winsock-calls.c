/* SPDX-License-Identifier: MIT */
/*
 * routines-in-winsock-calls.c - blocking Winsock calls wait alertably: APCs
 * and routines run inside them, and the call goes on to its own result.
 */
#include "test.h"

/*
 * The peer of a blocking call: a thread that waits until the APC has run (and
 * so proves that the call is blocked and alertable), then does what ends it.
 */
struct peer {
    HANDLE ran;
    void (*end)(struct peer *p);
    SOCKET s;
    struct sockaddr_in to;
    char *block;
    int left; /* bytes that the peer must still take */
};

static struct peer peer;

static void CALLBACK tell_peer(ULONG_PTR data)
{
    SetEvent(((struct peer *)data)->ran);
}

static DWORD WINAPI run_peer(void *arg)
{
    struct peer *p = arg;

    CHECK_EQ(WaitForSingleObject(p->ran, DEADLINE_MS), WAIT_OBJECT_0);
    p->end(p);
    return 0;
}

static HANDLE start_peer(void (*end)(struct peer *p), SOCKET s)
{
    HANDLE thread;

    memset(&peer, 0, sizeof peer);
    peer.ran = CreateEventW(NULL, TRUE, FALSE, NULL);
    peer.end = end;
    peer.s = s;
    thread = CreateThread(NULL, 0, run_peer, &peer, 0, NULL);
    CHECK(thread != NULL);
    CHECK(QueueUserAPC(tell_peer, GetCurrentThread(), (ULONG_PTR)&peer));
    return thread;
}

static void end_peer(HANDLE thread)
{
    while (SleepEx(0, TRUE) == WAIT_IO_COMPLETION)
        continue; /* had the call not run the APC, it would hit the next case */
    CHECK_EQ(WaitForSingleObject(thread, 3 * DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(peer.ran);
}

static void send_hello(struct peer *p)
{
    if (p->to.sin_family) CHECK_EQ(sendto(p->s, "hello", 5, 0, (struct sockaddr *)&p->to, sizeof p->to), 5);
    else CHECK_EQ(send(p->s, "hello", 5, 0), 5);
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* ---- receives ---- */

static int by_recv(SOCKET s, char *data, int len)
{
    return recv(s, data, len, 0);
}

static int by_recvfrom(SOCKET s, char *data, int len)
{
    return recvfrom(s, data, len, 0, NULL, NULL);
}

static int by_wsarecv(SOCKET s, char *data, int len)
{
    WSABUF buf = { (ULONG)len, data };
    DWORD n = 0, flags = 0;

    return WSARecv(s, &buf, 1, &n, &flags, NULL, NULL) ? -1 : (int)n;
}

static int by_wsarecvfrom(SOCKET s, char *data, int len)
{
    WSABUF buf = { (ULONG)len, data };
    DWORD n = 0, flags = 0;

    return WSARecvFrom(s, &buf, 1, &n, &flags, NULL, NULL, NULL, NULL) ? -1 : (int)n;
}

static int (*const receive[])(SOCKET s, char *data, int len) = { by_recv, by_recvfrom, by_wsarecv, by_wsarecvfrom };

enum { RECEIVES = sizeof receive / sizeof receive[0] };

static void blocking_stream_receives_run_apcs_and_go_on(void)
{
    SOCKET s[2];
    HANDLE thread;
    char data[8];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < RECEIVES; i++) {
        thread = start_peer(send_hello, s[1]);
        if (!CHECK_EQ(receive[i](s[0], data, sizeof data), 5)) test_note("receive %d", i);
        end_peer(thread);
    }
    close_pair(s);
}

static void blocking_datagram_receives_run_apcs_and_go_on(void)
{
    struct sockaddr_in addr;
    SOCKET s = test_udp(&addr);
    HANDLE thread;
    char data[8];
    int i;

    for (i = 0; i < RECEIVES; i++) {
        thread = start_peer(send_hello, s);
        peer.to = addr; /* the peer looks only when the APC has run, in the call below */
        if (!CHECK_EQ(receive[i](s, data, sizeof data), 5)) test_note("receive %d", i);
        end_peer(thread);
    }
    closesocket(s);
}

static void receives_that_find_data_run_no_apc(void)
{
    SOCKET s[2];
    HANDLE thread;
    char data[8];
    int i;

    REQUIRE(test_pair(s));
    for (i = 0; i < RECEIVES; i++) {
        CHECK(test_send_all(s[1], "hello", 5));
        CHECK_EQ(recv(s[0], data, sizeof data, MSG_PEEK), 5);
        thread = start_peer(send_hello, s[1]);
        CHECK_EQ(receive[i](s[0], data, sizeof data), 5);
        CHECK_EQ(WaitForSingleObject(peer.ran, 0), WAIT_TIMEOUT);
        CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
        end_peer(thread);
        CHECK(test_recv_all(s[0], data, 5));
    }
    close_pair(s);
}

static int routine_runs;

static void CALLBACK tell_peer_by_routine(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    (void)ov, (void)flags;
    CHECK_EQ(error, 0);
    CHECK_EQ(count, 5);
    routine_runs++;
    SetEvent(peer.ran);
}

static void completion_routines_run_in_blocking_receives(void)
{
    SOCKET s[2], t[2];
    WSAOVERLAPPED ov = { 0 };
    HANDLE thread;
    char data[8], other[8];
    WSABUF buf = { sizeof other, other };
    DWORD flags = 0;

    REQUIRE(test_pair(s) && test_pair(t));
    routine_runs = 0;
    memset(&peer, 0, sizeof peer);
    peer.ran = CreateEventW(NULL, TRUE, FALSE, NULL);
    peer.end = send_hello;
    peer.s = s[1];
    CHECK_EQ(WSARecv(t[0], &buf, 1, NULL, &flags, &ov, tell_peer_by_routine), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(test_send_all(t[1], "hello", 5));
    thread = CreateThread(NULL, 0, run_peer, &peer, 0, NULL);
    CHECK_EQ(recv(s[0], data, sizeof data, 0), 5);
    CHECK_EQ(routine_runs, 1);
    end_peer(thread);
    close_pair(s);
    close_pair(t);
}

static void timed_receive_still_times_out_after_an_apc(void)
{
    SOCKET s[2];
    char data[8];
    DWORD ms = QUIET_MS;

    REQUIRE(test_pair(s));
    memset(&peer, 0, sizeof peer);
    peer.ran = CreateEventW(NULL, TRUE, FALSE, NULL);
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, sizeof ms), 0);
    CHECK(QueueUserAPC(tell_peer, GetCurrentThread(), (ULONG_PTR)&peer));
    CHECK_EQ(recv(s[0], data, sizeof data, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAETIMEDOUT);
    CHECK_EQ(WaitForSingleObject(peer.ran, 0), WAIT_OBJECT_0);
    CloseHandle(peer.ran);
    close_pair(s);
}

static void blocking_select_runs_apcs_and_goes_on(void)
{
    SOCKET s[2];
    struct timeval deadline = { DEADLINE_MS / 1000, 0 };
    HANDLE thread;
    char data[8];
    fd_set set;
    int timed;

    REQUIRE(test_pair(s));
    for (timed = 0; timed < 2; timed++) {
        FD_ZERO(&set);
        FD_SET(s[0], &set);
        thread = start_peer(send_hello, s[1]);
        CHECK_EQ(select(0, &set, NULL, NULL, timed ? &deadline : NULL), 1);
        CHECK(FD_ISSET(s[0], &set));
        end_peer(thread);
        CHECK(test_recv_all(s[0], data, 5));
    }
    close_pair(s);
}

/* ---- accept and connect ---- */

static void connect_client(struct peer *p)
{
    CHECK_EQ(connect(p->s, (struct sockaddr *)&p->to, sizeof p->to), 0);
}

static void blocking_accept_runs_apcs_and_goes_on(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = test_tcp(), taken;
    HANDLE thread = start_peer(connect_client, client);

    peer.to = addr;
    taken = accept(listener, NULL, NULL);
    CHECK(taken != INVALID_SOCKET);
    end_peer(thread);
    closesocket(taken);
    closesocket(client);
    closesocket(listener);
}

enum { CROWD = 4 };

static volatile LONG connected;

/* Takes connections until the connect under test is through: the rest of the crowd tries again and again as well. */
static void take_until_connected(struct peer *p)
{
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;
    u_long on = 1;

    CHECK_EQ(ioctlsocket(p->s, FIONBIO, &on), 0);
    while (!InterlockedCompareExchange(&connected, 0, 0) && GetTickCount64() < end) {
        SOCKET s = accept(p->s, NULL, NULL);

        if (s == INVALID_SOCKET) Sleep(1);
        else closesocket(s);
    }
}

static void blocking_connect_runs_apcs_and_goes_on(void)
{
    struct sockaddr_in addr = { 0 };
    SOCKET listener = test_tcp_bound(), crowd[CROWD], s = test_tcp();
    int len = sizeof addr, i;
    u_long on = 1;
    HANDLE thread;

    CHECK_EQ(listen(listener, 1), 0);
    CHECK_EQ(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
    for (i = 0; i < CROWD; i++) { /* fills the queue of the listener */
        crowd[i] = test_tcp();
        CHECK_EQ(ioctlsocket(crowd[i], FIONBIO, &on), 0);
        connect(crowd[i], (struct sockaddr *)&addr, sizeof addr);
    }
    InterlockedExchange(&connected, 0);
    thread = start_peer(take_until_connected, listener);
    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    InterlockedExchange(&connected, 1);
    CHECK_EQ(WaitForSingleObject(peer.ran, 0), WAIT_OBJECT_0);
    end_peer(thread);
    for (i = 0; i < CROWD; i++) closesocket(crowd[i]);
    closesocket(s);
    closesocket(listener);
}

/* ---- sends and close ---- */

enum { MUCH = 8 << 20 };

static void take_much(struct peer *p)
{
    while (p->left > 0) {
        int n = recv(p->s, p->block, p->left < 65536 ? p->left : 65536, 0);

        if (!CHECK(n > 0)) return;
        p->left -= n;
    }
}

static int much_by_send(SOCKET s, char *data)
{
    return send(s, data, MUCH, 0);
}

static int much_by_wsasend(SOCKET s, char *data)
{
    WSABUF buf = { MUCH, data };
    DWORD n = 0;

    return WSASend(s, &buf, 1, &n, 0, NULL, NULL) ? -1 : (int)n;
}

static void blocking_sends_run_apcs_and_go_on(void)
{
    SOCKET s[2];
    char *data = calloc(1, MUCH), *block = malloc(65536);
    HANDLE thread;
    int i;

    REQUIRE(data && block && test_pair(s));
    for (i = 0; i < 2; i++) {
        thread = start_peer(take_much, s[1]);
        peer.block = block;
        peer.left = MUCH;
        CHECK_EQ((i ? much_by_wsasend : much_by_send)(s[0], data), MUCH);
        end_peer(thread);
    }
    close_pair(s);
    free(data);
    free(block);
}

static void lingering_close_runs_apcs_and_goes_on(void)
{
    SOCKET s[2];
    struct linger five = { 1, 5 };
    char *data = calloc(1, 65536), *block = malloc(65536);
    u_long on = 1, off = 0;
    HANDLE thread;
    int sent = 0, n;

    REQUIRE(data && block && test_pair(s));
    CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_LINGER, (char *)&five, sizeof five), 0);
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &on), 0);
    while ((n = send(s[0], data, 65536, 0)) > 0) sent += n;
    CHECK_EQ(ioctlsocket(s[0], FIONBIO, &off), 0);
    thread = start_peer(take_much, s[1]);
    peer.block = block;
    peer.left = sent;
    CHECK_EQ(closesocket(s[0]), 0);
    CHECK_EQ(WaitForSingleObject(peer.ran, 0), WAIT_OBJECT_0);
    end_peer(thread);
    closesocket(s[1]);
    free(data);
    free(block);
}

static const struct test_case cases[] = {
    TEST(blocking_stream_receives_run_apcs_and_go_on, "20 §8 [doc WSARecv, WSARecvFrom; obs: recv]"),
    TEST(blocking_datagram_receives_run_apcs_and_go_on, "20 §8 [doc WSARecv, WSARecvFrom]"),
    TEST(receives_that_find_data_run_no_apc, "20 §8 data already there [obs]"),
    TEST(completion_routines_run_in_blocking_receives, "20 §8 [doc WSARecv]"),
    TEST(timed_receive_still_times_out_after_an_apc, "20 §8 the call resumes waiting for its own result"),
    TEST(blocking_select_runs_apcs_and_goes_on, "20 §8 select [doc select]"),
    TEST_NOT_ON_WINE(blocking_accept_runs_apcs_and_goes_on, "20 §8 accept [impl]",
                     "Wine 8 accepts without an alertable wait: the case would wait for its deadline"),
    TEST_NOT_ON_WINE(blocking_connect_runs_apcs_and_goes_on, "20 §8 connect [impl]",
                     "Wine 8 connects without an alertable wait: the case would wait for its deadline"),
    TEST_NOT_ON_WINE(blocking_sends_run_apcs_and_go_on, "20 §8 send follows the documentation [doc WSASend]",
                     "Wine 8 sends without an alertable wait: the case would wait for its deadline"),
    TEST_NOT_ON_WINE(lingering_close_runs_apcs_and_goes_on, "20 §8 closesocket [doc]",
                     "Wine 8 does not linger in closesocket"),
};

TEST_MAIN(cases)
