/* SPDX-License-Identifier: MIT */
/*
 * waits.c - events, waits and APCs under competition of threads, with everything counted.
 *
 * An auto-reset event holds one signal, so a thread that signals waits for an answer before it signals again: what was
 * set and what was taken must then agree to the last one, whoever won.
 */
#include "test.h"

/* The whole work of a case may take longer than one wait in it. */
static void join_all(HANDLE *threads, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        WaitForSingleObject(threads[i], 5 * DEADLINE_MS);
        CHECK_EQ(test_join(threads[i]), 0);
    }
}

/* ---- two threads ---- */

enum { ROUNDS = 20000 };

struct ball {
    HANDLE ping, pong;
    int value;
};

static DWORD WINAPI return_the_ball(void *arg)
{
    struct ball *b = arg;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        if (!CHECK_EQ(WaitForSingleObject(b->ping, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
        b->value++;
        SetEvent(b->pong);
    }
    return 0;
}

static void ping_pong(void)
{
    struct ball b = { test_event(FALSE, FALSE), test_event(FALSE, FALSE), 0 };
    HANDLE thread = test_thread(return_the_ball, &b);
    int i;

    for (i = 0; i < ROUNDS; i++) {
        SetEvent(b.ping);
        if (!CHECK_EQ(WSAWaitForMultipleEvents(1, &b.pong, i & 1, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0)) break;
        if (!CHECK_EQ(b.value, i + 1)) break;
    }
    join_all(&thread, 1);
    CHECK(CloseHandle(b.ping));
    CHECK(CloseHandle(b.pong));
}

/* ---- one slot between many threads ---- */

enum { SIDES = 4, ITEMS = 2000 };

struct slot {
    HANDLE empty, full;
    int item;
    volatile LONG put, taken;
    unsigned char times[SIDES * ITEMS]; /* how often each item came out */
};

static DWORD WINAPI put_items(void *arg)
{
    struct slot *s = arg;
    int i;

    for (i = 0; i < ITEMS; i++) {
        if (!CHECK_EQ(WaitForSingleObject(s->empty, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
        s->item = (int)InterlockedIncrement(&s->put) - 1;
        SetEvent(s->full);
    }
    return 0;
}

static DWORD WINAPI take_items(void *arg)
{
    struct slot *s = arg;

    while (InterlockedIncrement(&s->taken) <= SIDES * ITEMS) {
        if (!CHECK_EQ(WaitForSingleObject(s->full, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
        s->times[s->item]++;
        SetEvent(s->empty);
    }
    return 0;
}

static void every_item_passes_once(void)
{
    static struct slot s;
    HANDLE threads[2 * SIDES];
    int i, wrong = 0;

    memset(&s, 0, sizeof s);
    s.empty = test_event(FALSE, TRUE);
    s.full = test_event(FALSE, FALSE);
    for (i = 0; i < 2 * SIDES; i++) threads[i] = test_thread(i & 1 ? put_items : take_items, &s);
    join_all(threads, 2 * SIDES);
    for (i = 0; i < SIDES * ITEMS; i++) wrong += s.times[i] != 1;
    CHECK_EQ(wrong, 0);
    CHECK(!test_signalled(s.full));
    CHECK(test_signalled(s.empty));
    CHECK(CloseHandle(s.empty));
    CHECK(CloseHandle(s.full));
}

/* ---- signals that collapse must not be lost ---- */

struct heap {
    HANDLE more, done;
    volatile LONG waiting, drained;
};

static DWORD WINAPI add_work(void *arg)
{
    struct heap *h = arg;
    int i;

    for (i = 0; i < 5000; i++) {
        InterlockedIncrement(&h->waiting);
        SetEvent(h->more);
    }
    return 0;
}

static DWORD WINAPI do_work(void *arg)
{
    struct heap *h = arg;
    HANDLE both[2] = { h->more, h->done };

    for (;;) {
        DWORD which = WaitForMultipleObjects(2, both, FALSE, DEADLINE_MS);
        LONG n;

        if (which == WAIT_OBJECT_0 + 1) return 0;
        if (!CHECK_EQ(which, WAIT_OBJECT_0)) return 1;
        n = InterlockedExchange(&h->waiting, 0);
        if (InterlockedExchangeAdd(&h->drained, n) + n == SIDES * 5000) SetEvent(h->done);
    }
}

static void collapsed_signals_lose_no_work(void)
{
    struct heap h = { test_event(FALSE, FALSE), test_event(TRUE, FALSE), 0, 0 };
    HANDLE threads[2 * SIDES];
    int i;

    for (i = 0; i < 2 * SIDES; i++) threads[i] = test_thread(i & 1 ? add_work : do_work, &h);
    join_all(threads, 2 * SIDES);
    CHECK_EQ(h.drained, SIDES * 5000);
    CHECK_EQ(h.waiting, 0);
    CHECK(CloseHandle(h.more));
    CHECK(CloseHandle(h.done));
}

/* ---- waits for all against waits for any ---- */

enum { FED = 3000 };

struct pair {
    HANDLE token[2], answer[2], stop;
    HANDLE turn; /* set by each wait for all that succeeded: the next wait for any may begin */
    volatile LONG by_all, by_any[2], stopped;
};

struct feeder {
    struct pair *pair;
    int which;
};

static DWORD WINAPI feed(void *arg)
{
    struct feeder *f = arg;
    int i;

    for (i = 0; i < FED; i++) {
        SetEvent(f->pair->token[f->which]);
        if (!CHECK_EQ(WaitForSingleObject(f->pair->answer[f->which], DEADLINE_MS), WAIT_OBJECT_0)) return 1;
    }
    return 0;
}

/* A wait for all cannot include `stop`, so it looks up now and then. */
static DWORD WINAPI take_both(void *arg)
{
    struct pair *p = arg;
    DWORD result;

    while (!test_read(&p->stopped)) {
        result = WaitForMultipleObjects(2, p->token, TRUE, 5);
        if (result == WAIT_TIMEOUT) continue;
        if (!CHECK_EQ(result, WAIT_OBJECT_0)) return 1;
        InterlockedIncrement(&p->by_all);
        SetEvent(p->turn);
        SetEvent(p->answer[0]);
        SetEvent(p->answer[1]);
    }
    return 0;
}

static DWORD WINAPI take_both_backwards(void *arg)
{
    struct pair *p = arg;
    HANDLE order[2] = { p->token[1], p->token[0] };
    DWORD result;

    while (!test_read(&p->stopped)) {
        result = WSAWaitForMultipleEvents(2, order, TRUE, 5, FALSE);
        if (result == WSA_WAIT_TIMEOUT) continue;
        if (!CHECK_EQ(result, WSA_WAIT_EVENT_0)) return 1;
        InterlockedIncrement(&p->by_all);
        SetEvent(p->turn);
        SetEvent(p->answer[1]);
        SetEvent(p->answer[0]);
    }
    return 0;
}

/* Waits for any would win always: they let the others win in between, as far as they can. */
static DWORD WINAPI take_any(void *arg)
{
    struct pair *p = arg;
    HANDLE h[3] = { p->token[0], p->token[1], p->stop };

    for (;;) {
        DWORD which = WaitForMultipleObjects(3, h, FALSE, DEADLINE_MS);

        if (which == WAIT_OBJECT_0 + 2) return 0;
        if (!CHECK(which < 2)) return 1;
        InterlockedIncrement(&p->by_any[which]);
        SetEvent(p->answer[which]);
        WaitForSingleObject(p->turn, 1);
    }
}

static void feed_and_count(LPTHREAD_START_ROUTINE *takers, int n)
{
    struct pair p;
    struct feeder f[2] = { { &p, 0 }, { &p, 1 } };
    HANDLE threads[8], feeders[2];
    int i;

    memset(&p, 0, sizeof p);
    p.stop = test_event(TRUE, FALSE);
    p.turn = test_event(FALSE, FALSE);
    for (i = 0; i < 2; i++) {
        p.token[i] = test_event(FALSE, FALSE);
        p.answer[i] = test_event(FALSE, FALSE);
    }
    for (i = 0; i < n; i++) threads[i] = test_thread(takers[i], &p);
    for (i = 0; i < 2; i++) feeders[i] = test_thread(feed, &f[i]);
    join_all(feeders, 2);
    test_write(&p.stopped, 1);
    SetEvent(p.stop);
    join_all(threads, n);
    test_note("taken by waits for all: %ld, for any: %ld and %ld", (long)p.by_all, (long)p.by_any[0],
              (long)p.by_any[1]);
    for (i = 0; i < 2; i++) {
        CHECK_EQ(p.by_all + p.by_any[i], FED);
        CHECK(!test_signalled(p.token[i]));
        CHECK(!test_signalled(p.answer[i]));
        CHECK(CloseHandle(p.token[i]));
        CHECK(CloseHandle(p.answer[i]));
    }
    CHECK(CloseHandle(p.turn));
    CHECK(CloseHandle(p.stop));
}

static void wait_all_against_wait_any(void)
{
    LPTHREAD_START_ROUTINE takers[] = { take_both, take_any, take_both_backwards, take_any };

    feed_and_count(takers, 4);
}

static void wait_all_against_wait_all(void)
{
    LPTHREAD_START_ROUTINE takers[] = { take_both, take_both_backwards, take_both, take_both_backwards };

    feed_and_count(takers, 4);
}

/* ---- time-outs that expire while the signal comes ---- */

static DWORD WINAPI set_and_await_answer(void *arg)
{
    struct ball *b = arg;
    int i;

    for (i = 0; i < 1000; i++) {
        if (i % 4 == 0) Sleep(1);
        SetEvent(b->ping);
        if (!CHECK_EQ(WaitForSingleObject(b->pong, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
    }
    b->value = 1;
    SetEvent(b->ping);
    return 0;
}

static void expiring_waits_neither_lose_nor_invent_signals(void)
{
    struct ball b = { test_event(FALSE, FALSE), test_event(FALSE, FALSE), 0 };
    HANDLE thread = test_thread(set_and_await_answer, &b), never = test_event(FALSE, FALSE), h[2] = { b.ping, never };
    LONGLONG start = test_ticks();
    int got = 0, expired = 0, i;

    for (i = 0; !test_elapsed(start, 3 * DEADLINE_MS); i++) {
        DWORD result = test_wait(i % TEST_WAITS, i & 1 ? 1 : 2, h, FALSE, 1);

        if (result == WAIT_TIMEOUT) {
            expired++;
            continue;
        }
        if (!CHECK_EQ(result, WAIT_OBJECT_0) || b.value) break;
        got++;
        SetEvent(b.pong);
    }
    join_all(&thread, 1);
    test_note("%d signals, %d time-outs", got, expired);
    CHECK_EQ(got, 1000);
    CHECK(CloseHandle(b.ping));
    CHECK(CloseHandle(b.pong));
    CHECK(CloseHandle(never));
}

/* ---- APCs from everywhere ---- */

enum { SENT = 4000 };

struct storm {
    HANDLE target, event, answer;
    ULONG_PTR last[SIDES]; /* target thread only */
    int received, out_of_order, events;
    volatile LONG refused;
};

static struct storm storm;

struct sender {
    ULONG_PTR number;
};

static void CALLBACK receive_apc(ULONG_PTR data)
{
    ULONG_PTR who = data >> 24, n = data & 0xffffff;

    storm.received++;
    if (who >= SIDES || n != storm.last[who] + 1) storm.out_of_order++;
    else storm.last[who] = n;
}

static DWORD WINAPI send_apcs(void *arg)
{
    struct sender *s = arg;
    ULONG_PTR n;

    for (n = 1; n <= SENT; n++)
        if (!QueueUserAPC(receive_apc, storm.target, s->number << 24 | n)) InterlockedIncrement(&storm.refused);
    return 0;
}

static DWORD WINAPI send_events(void *arg)
{
    int i;

    (void)arg;
    for (i = 0; i < SENT; i++) {
        SetEvent(storm.event);
        if (!CHECK_EQ(WaitForSingleObject(storm.answer, DEADLINE_MS), WAIT_OBJECT_0)) return 1;
    }
    return 0;
}

static void every_apc_runs_once_and_in_order(void)
{
    struct sender senders[SIDES];
    HANDLE threads[SIDES + 1];
    int i;

    memset(&storm, 0, sizeof storm);
    storm.event = test_event(FALSE, FALSE);
    storm.answer = test_event(FALSE, FALSE);
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &storm.target, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    for (i = 0; i < SIDES; i++) {
        senders[i].number = i;
        threads[i] = test_thread(send_apcs, &senders[i]);
    }
    threads[SIDES] = test_thread(send_events, NULL);
    for (i = 0; storm.received < SIDES * SENT || storm.events < SENT; i++) {
        DWORD result = test_alertable(i % TEST_ALERTABLES, storm.event, DEADLINE_MS, TRUE);

        if (result == WAIT_IO_COMPLETION) continue;
        if (!CHECK_EQ(result, WAIT_OBJECT_0)) break;
        storm.events++;
        SetEvent(storm.answer);
    }
    join_all(threads, SIDES + 1);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(storm.refused, 0);
    CHECK_EQ(storm.received, SIDES * SENT);
    CHECK_EQ(storm.out_of_order, 0);
    CHECK_EQ(storm.events, SENT);
    CHECK(CloseHandle(storm.target));
    CHECK(CloseHandle(storm.event));
    CHECK(CloseHandle(storm.answer));
}

static volatile LONG ran;

static void CALLBACK count_run(ULONG_PTR data)
{
    (void)data;
    InterlockedIncrement(&ran);
}

static DWORD WINAPI drain_and_leave(void *arg)
{
    (void)arg;
    SleepEx(0, TRUE);
    return 0;
}

/* APCs for threads that start, drain and end meanwhile: each is accepted or refused, and only accepted ones run. */
static void apcs_meet_ending_threads(void)
{
    int accepted = 0, refused = 0, round, i;

    ran = 0;
    for (round = 0; round < 200; round++) {
        HANDLE thread = test_thread(drain_and_leave, NULL);

        for (i = 0; i < 100; i++) {
            SetLastError(0);
            if (QueueUserAPC(count_run, thread, 0)) {
                accepted++;
                if (i & 1) Sleep(0); /* or the thread would never be done with them */
                continue;
            }
            if (CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE)) refused++;
            break;
        }
        join_all(&thread, 1);
        CHECK(test_read(&ran) <= accepted);
    }
    test_note("%d accepted, of which %ld ran; %d refused", accepted, (long)ran, refused);
}

/* ---- APCs for a thread that waits for its requests, now alertable and now not ---- */

struct traffic {
    SOCKET from;
    struct sockaddr_in to;
    HANDLE receiver;
    volatile LONG received; /* told by the receiver */
    volatile LONG finished;
    LONG queued;
};

static DWORD WINAPI send_datagrams(void *arg)
{
    struct traffic *t = arg;
    LONG sent;

    /* One at a time, so that none is dropped. */
    for (sent = 0; !test_read(&t->finished); Sleep(0))
        if (sent == test_read(&t->received)) sent += sendto(t->from, "x", 1, 0, (void *)&t->to, sizeof t->to) == 1;
    return 0;
}

static DWORD WINAPI pester(void *arg)
{
    struct traffic *t = arg;

    for (; !test_read(&t->finished); Sleep(0))
        if (t->queued - test_read(&ran) < 100 && CHECK(QueueUserAPC(count_run, t->receiver, 0))) t->queued++;
    return 0;
}

/* Waits for the request to end; every other round alertably. */
static int await_request(WSAOVERLAPPED *ov, BOOL alertable)
{
    DWORD result;

    do result = WSAWaitForMultipleEvents(1, &ov->hEvent, FALSE, DEADLINE_MS, alertable);
    while (result == WSA_WAIT_IO_COMPLETION && alertable);
    return CHECK_EQ(result, WSA_WAIT_EVENT_0);
}

static void apcs_meet_waits_for_requests(void)
{
    struct traffic t = { .from = test_udp(NULL) };
    SOCKET s = test_udp(&t.to);
    HANDLE threads[2];
    WSAOVERLAPPED ov;
    int i;

    ran = 0;
    test_overlapped(&ov);
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &t.receiver, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    threads[0] = test_thread(send_datagrams, &t);
    threads[1] = test_thread(pester, &t);
    for (i = 0; i < 5000; i++) {
        char byte = 0;
        WSABUF buf = { 1, &byte };
        DWORD flags = 0, n = 0;

        CHECK(WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL) == 0 || WSAGetLastError() == WSA_IO_PENDING);
        if (!await_request(&ov, i & 1)) break;
        CHECK(WSAGetOverlappedResult(s, &ov, &n, FALSE, &flags));
        if (!CHECK(n == 1 && byte == 'x')) break;
        InterlockedIncrement(&t.received);
    }
    test_write(&t.finished, 1);
    join_all(threads, 2);
    SleepEx(0, TRUE);
    test_note("%ld APCs", (long)t.queued);
    CHECK_EQ(ran, t.queued);
    CHECK(CloseHandle(t.receiver));
    CHECK(WSACloseEvent(ov.hEvent));
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(t.from), 0);
}

/* ---- handles that close under their users ---- */

static void *volatile shared_handle;
static volatile LONG finished;

static DWORD WINAPI use_handle(void *arg)
{
    (void)arg;
    while (!test_read(&finished)) {
        HANDLE h = InterlockedCompareExchangePointer(&shared_handle, NULL, NULL);
        DWORD result;

        SetLastError(0);
        if (!SetEvent(h)) CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
        SetLastError(0);
        result = WaitForSingleObject(h, 0);
        if (result == WAIT_FAILED) CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
        else CHECK(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    }
    return 0;
}

static void handles_close_under_their_users(void)
{
    HANDLE threads[3];
    int i;

    test_write(&finished, 0);
    InterlockedExchangePointer(&shared_handle, NULL);
    for (i = 0; i < 3; i++) threads[i] = test_thread(use_handle, NULL);
    for (i = 0; i < 10000; i++) {
        HANDLE h = test_event(i & 1, FALSE);

        InterlockedExchangePointer(&shared_handle, h);
        if (i % 3 == 0) SetEvent(h);
        if (!CHECK(CloseHandle(h))) break;
    }
    test_write(&finished, 1);
    join_all(threads, 3);
}

static const struct test_case cases[] = {
    TEST(ping_pong, "10 Auto-reset event [doc CreateEvent]"),
    TEST(every_item_passes_once, "10 Auto-reset event: exactly one waiter [doc CreateEvent]"),
    TEST(collapsed_signals_lose_no_work, "10 Auto-reset event: extra SetEvents collapse [doc CreateEvent]"),
    TEST_NOT_ON_WINE(wait_all_against_wait_any, "10 All mode: consumed atomically; Any mode: only that object [doc]",
                     "Wine 8 wakes nobody when the first waiter of the event just expires, and the others sleep on"),
    TEST(wait_all_against_wait_all, "10 All mode: consumed atomically [doc]"),
    TEST(expiring_waits_neither_lose_nor_invent_signals, "10 dwTimeout; Auto-reset event [doc]"),
    TEST(every_apc_runs_once_and_in_order, "10 QueueUserAPC: FIFO per thread; Precedence of an alertable wait [doc]"),
    TEST(apcs_meet_ending_threads, "10 QueueUserAPC: thread exiting or exited; APCs left at thread exit [doc]"),
    TEST(apcs_meet_waits_for_requests, "10 fAlertable: not alertable: no APC runs; QueueUserAPC"),
    TEST(handles_close_under_their_users, "00 Concurrency; 10 Close/Set/Reset"),
};
TEST_MAIN(cases)
