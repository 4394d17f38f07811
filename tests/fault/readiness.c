/* SPDX-License-Identifier: MIT */
/*
 * readiness.c - the system at its roughest, without an error: transfers of one
 * byte, readiness that was none, interruptions, spurious and stale events.
 *
 * Three calls of ten are like that, at random.  Every byte is checked by its
 * position, every request ends once with success.
 *
 *     readiness [FAULTS [SEED]]    (or FAULT_COUNT and FAULT_SEED)
 */
#include "fault.h"
#include "test.h"

enum { PER_MILLE = 300 };

static long faults_wanted = 140000; /* in all cases together */
static unsigned seed;

static char byte_at(unsigned at)
{
    return (char)(at * 31u + (at >> 8) + 7u);
}

static void fill(char *data, int len, unsigned at)
{
    for (int i = 0; i < len; i++) data[i] = byte_at(at + (unsigned)i);
}

static int matches(const char *data, int len, unsigned at)
{
    for (int i = 0; i < len; i++)
        if (data[i] != byte_at(at + (unsigned)i)) return 0;
    return 1;
}

/* Each thread has its own. */
static unsigned chance(unsigned *state, unsigned n)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % n;
}

/* A case is over when it has had its share of the faults. */
static void begin(void)
{
    fault_rough(seed, PER_MILLE);
}

static int is_over(int cases)
{
    return fault_rough_count() >= faults_wanted / cases;
}

static void end(const char *what, long n)
{
    long faults = fault_rough_count();

    fault_rough(0, 0);
    test_note("seed %u: %ld %s, %ld faults", seed, n, what, faults);
}

enum { CASES = 7 };

/* ---- streams by event and by routine ---- */

enum { LINKS = 4, CHUNK = 3000, PARTS = 6 };

/* One direction of a connection: one send and one receive in flight. */
struct flow {
    SOCKET from, to;
    WSAOVERLAPPED send_ov, recv_ov;
    char out[CHUNK], in[CHUNK];
    int out_len, by_routine;
    int send_busy, recv_busy;
    unsigned sent, received; /* positions in the stream */
    unsigned random;
};

static struct flow flows[LINKS];
static long transfers;
static int closing; /* what is in flight may end with an error */

static int split(char *data, int len, WSABUF *bufs, unsigned *random)
{
    int n = 0;

    while (n < PARTS - 1 && len > 1) {
        int part = (int)chance(random, (unsigned)len);
        bufs[n++] = (WSABUF){ (ULONG)part, data };
        data += part;
        len -= part;
    }
    bufs[n++] = (WSABUF){ (ULONG)len, data };
    return n;
}

static void CALLBACK sent_routine(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct flow *f = CONTAINING_RECORD(ov, struct flow, send_ov);

    (void)flags;
    CHECK(f->send_busy && (closing || (error == 0 && (int)count == f->out_len)));
    f->sent += count;
    f->send_busy = 0;
}

static void CALLBACK received_routine(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
    struct flow *f = CONTAINING_RECORD(ov, struct flow, recv_ov);

    (void)flags;
    CHECK(f->recv_busy && (closing || (error == 0 && count > 0)));
    CHECK(matches(f->in, (int)count, f->received));
    f->received += count;
    f->recv_busy = 0;
}

static int start_flow(struct flow *f)
{
    WSABUF bufs[PARTS];
    DWORD n, flags = 0;
    int count;

    transfers++;
    if (!f->send_busy) {
        f->out_len = 1 + (int)chance(&f->random, CHUNK);
        fill(f->out, f->out_len, f->sent);
        count = split(f->out, f->out_len, bufs, &f->random);
        f->send_busy = 1;
        if (WSASend(f->from, bufs, (DWORD)count, &n, 0, &f->send_ov, f->by_routine ? sent_routine : NULL))
            return CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    }
    if (!f->recv_busy) {
        count = split(f->in, 1 + (int)chance(&f->random, CHUNK), bufs, &f->random);
        if (chance(&f->random, 8) == 0) bufs[0].len = CHUNK, count = 1; /* more than there is */
        f->recv_busy = 1;
        memset(f->in, 0x5a, sizeof f->in);
        if (bufs[0].len == 0 && count == 1) bufs[0].len = 1;
        if (WSARecv(f->to, bufs, (DWORD)count, &n, &flags, &f->recv_ov, f->by_routine ? received_routine : NULL))
            return CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    }
    return 1;
}

/* Takes what an event has told. */
static void reap(struct flow *f, int is_send)
{
    WSAOVERLAPPED *ov = is_send ? &f->send_ov : &f->recv_ov;
    DWORD n = 0, flags;

    if (!CHECK(WSAGetOverlappedResult(is_send ? f->from : f->to, ov, &n, FALSE, &flags))) return;
    WSAResetEvent(ov->hEvent);
    if (is_send) sent_routine(0, n, ov, 0);
    else received_routine(0, n, ov, 0);
}

/* Waits for one completion of any flow.  0: nothing came. */
static int wait_for_one(void)
{
    HANDLE events[2 * LINKS];
    DWORD n = 0, which;

    for (int i = 0; i < LINKS; i++) {
        events[n++] = flows[i].send_ov.hEvent;
        events[n++] = flows[i].recv_ov.hEvent;
    }
    which = WSAWaitForMultipleEvents(n, events, FALSE, DEADLINE_MS, TRUE);
    if (which == WAIT_IO_COMPLETION) return 1;
    if (!CHECK(which < n)) return 0;
    reap(&flows[which / 2], which % 2 == 0);
    return 1;
}

static int open_flow(struct flow *f, SOCKET from, SOCKET to, int by_routine, unsigned random)
{
    memset(f, 0, sizeof *f);
    f->from = from;
    f->to = to;
    f->by_routine = by_routine;
    f->random = random;
    f->send_ov.hEvent = WSACreateEvent();
    f->recv_ov.hEvent = WSACreateEvent();
    return f->send_ov.hEvent && f->recv_ov.hEvent;
}

/* Two connections, each with both directions; one side by events, one by routines. */
static void streams_stay_in_order(void)
{
    SOCKET s[2][2];
    int good = 1, busy = 1;

    transfers = closing = 0;
    for (int i = 0; i < 2; i++) {
        REQUIRE(test_pair(s[i]));
        REQUIRE(open_flow(&flows[2 * i], s[i][0], s[i][1], i, seed + (unsigned)i));
        REQUIRE(open_flow(&flows[2 * i + 1], s[i][1], s[i][0], !i, ~seed + (unsigned)i));
    }
    begin();
    while (good && !is_over(CASES)) {
        for (int i = 0; i < LINKS && good; i++) good = start_flow(&flows[i]);
        good = good && wait_for_one();
    }
    end("transfers", transfers);
    closing = 1;
    for (int i = 0; i < 2; i++) closesocket(s[i][0]), closesocket(s[i][1]);
    while (good && busy) { /* what was in flight ends with the connection */
        busy = 0;
        for (int i = 0; i < LINKS; i++)
            busy |= !HasOverlappedIoCompleted(&flows[i].send_ov) || !HasOverlappedIoCompleted(&flows[i].recv_ov);
        SleepEx(0, TRUE);
    }
    for (int i = 0; i < LINKS; i++) WSACloseEvent(flows[i].send_ov.hEvent), WSACloseEvent(flows[i].recv_ov.hEvent);
}

/* ---- datagrams ---- */

static void datagrams_stay_whole(void)
{
    enum { SIZE = 600, AHEAD = 5 };
    struct sockaddr_in here, there;
    SOCKET a = test_udp(&here), b = test_udp(&there);
    static struct {
        WSAOVERLAPPED ov;
        char data[SIZE];
    } r[AHEAD];
    long n = 0, got = 0;
    unsigned random = seed;
    int good = 1;

    begin();
    while (good && !is_over(CASES)) {
        int lens[AHEAD];
        for (int i = 0; i < AHEAD && good; i++) {
            WSABUF bufs[PARTS];
            DWORD count, flags = 0;
            memset(&r[i].ov, 0, sizeof r[i].ov);
            r[i].ov.hEvent = WSACreateEvent();
            count = (DWORD)split(r[i].data, SIZE, bufs, &random);
            if (WSARecv(b, bufs, count, NULL, &flags, &r[i].ov, NULL))
                good = CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        }
        for (int i = 0; i < AHEAD && good; i++) {
            char data[SIZE];
            lens[i] = 1 + (int)chance(&random, SIZE);
            fill(data, lens[i], (unsigned)n);
            good = CHECK_EQ(sendto(a, data, lens[i], 0, (struct sockaddr *)&there, sizeof there), lens[i]);
            n++;
        }
        for (int i = 0; i < AHEAD && good; i++, got++) {
            DWORD count = 0;
            good = CHECK_EQ(test_result(b, &r[i].ov, &count), 0) && CHECK_EQ(count, lens[i]) &&
                   CHECK(matches(r[i].data, lens[i], (unsigned)got));
            WSACloseEvent(r[i].ov.hEvent);
        }
    }
    end("datagrams", n);
    closesocket(a);
    closesocket(b);
}

/* ---- blocking calls ---- */

struct blocking {
    SOCKET s;
    unsigned bytes;
};

static volatile LONG stop;

static DWORD WINAPI write_blocking(LPVOID arg)
{
    struct blocking *b = arg;
    unsigned random = seed;
    char data[CHUNK];

    while (!test_read(&stop)) {
        int len = 1 + (int)chance(&random, CHUNK);
        fill(data, len, b->bytes);
        if (!CHECK_EQ(send(b->s, data, len, 0), len)) break; /* whole, as a blocking send is */
        b->bytes += (unsigned)len;
    }
    shutdown(b->s, SD_SEND);
    return 0;
}

static DWORD WINAPI read_blocking(LPVOID arg)
{
    struct blocking *b = arg;
    unsigned random = ~seed;
    char data[CHUNK];
    int n;

    for (;;) {
        int len = 1 + (int)chance(&random, CHUNK), all = chance(&random, 3) == 0;
        n = recv(b->s, data, len, all ? MSG_WAITALL : 0);
        if (n <= 0 || !CHECK(matches(data, n, b->bytes))) break;
        b->bytes += (unsigned)n;
        if (all && n < len) break; /* the end */
    }
    CHECK(n >= 0);
    return 0;
}

static void blocking_calls_move_everything(void)
{
    struct blocking ends[2] = { { 0, 0 }, { 0, 0 } };
    HANDLE threads[2];
    SOCKET s[2];

    REQUIRE(test_pair(s));
    ends[0].s = s[0];
    ends[1].s = s[1];
    test_write(&stop, 0);
    begin();
    threads[0] = test_thread(write_blocking, &ends[0]);
    threads[1] = test_thread(read_blocking, &ends[1]);
    while (!is_over(CASES) && WaitForMultipleObjects(2, threads, FALSE, 5) == WAIT_TIMEOUT) continue;
    test_write(&stop, 1);
    test_join(threads[0]);
    test_join(threads[1]);
    end("bytes", (long)ends[1].bytes);
    CHECK_EQ(ends[0].bytes, ends[1].bytes);
    closesocket(s[0]);
    closesocket(s[1]);
}

/* ---- connections ---- */

/* Each client says its number; each AcceptEx gets one of them, whole. */
static void connections_are_accepted_once(void)
{
    enum { AHEAD = 4, SAYS = 8 };
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr);
    long n = 0;
    int good = 1;

    begin();
    while (good && !is_over(CASES)) {
        static struct {
            WSAOVERLAPPED ov;
            char data[SAYS + 2 * (sizeof(struct sockaddr_in) + 16)];
        } a[AHEAD];
        SOCKET s[AHEAD], c[AHEAD];
        unsigned seen = 0;

        for (int i = 0; i < AHEAD; i++) {
            test_overlapped(&a[i].ov);
            s[i] = test_tcp();
            good &= !AcceptEx(listener, s[i], a[i].data, i % 2 ? SAYS : 0, 32, 32, NULL, &a[i].ov) &&
                    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
        }
        for (int i = 0; i < AHEAD; i++, n++) {
            char says[SAYS];
            memset(says, 'a' + i, SAYS);
            c[i] = test_tcp();
            good &=
                CHECK_EQ(connect(c[i], (struct sockaddr *)&addr, sizeof addr), 0) && test_send_all(c[i], says, SAYS);
        }
        for (int i = 0; i < AHEAD; i++) {
            DWORD count = 0;
            good &= CHECK_EQ(test_result(listener, &a[i].ov, &count), 0) && CHECK(count <= (DWORD)(i % 2 * SAYS));
            good &= test_recv_all(s[i], a[i].data + count, SAYS - (int)count);
            for (int k = 1; k < SAYS; k++) good &= CHECK_EQ(a[i].data[k], a[i].data[0]);
            seen |= 1u << (a[i].data[0] - 'a');
            WSACloseEvent(a[i].ov.hEvent);
            test_reset(s[i]);
            closesocket(c[i]);
        }
        good &= CHECK_EQ(seen, (1u << AHEAD) - 1);
    }
    end("connections", n);
    closesocket(listener);
}

static void blocking_connects_and_accepts(void)
{
    long n = 0;
    int good = 1;

    begin();
    while (good && !is_over(CASES)) {
        SOCKET s[2];
        char byte = 0;
        good = test_pair(s) && CHECK_EQ(send(s[0], "z", 1, 0), 1) && CHECK_EQ(recv(s[1], &byte, 1, 0), 1) &&
               CHECK_EQ(byte, 'z');
        test_reset(s[0]); /* no TIME_WAIT */
        closesocket(s[1]);
        n++;
    }
    end("connections", n);
}

/* ---- cancelling ---- */

/* A byte and a cancel at once: the byte is received or still there, and the request ends once. */
static void cancels_lose_nothing(void)
{
    SOCKET s[2];
    long n = 0, cancelled = 0;
    unsigned random = seed;
    int good = 1;

    REQUIRE(test_pair(s));
    begin();
    while (good && !is_over(CASES)) {
        WSAOVERLAPPED ov;
        char got = 0, says = (char)n;
        WSABUF buf = { 1, &got };
        DWORD count = 0, flags = 0;
        int error, first = (int)chance(&random, 2);

        test_overlapped(&ov);
        good = WSARecv(s[1], &buf, 1, NULL, &flags, &ov, NULL) == 0 || CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        if (first) good &= CHECK_EQ(send(s[0], &says, 1, 0), 1);
        if (chance(&random, 2)) test_signalled(ov.hEvent); /* performs what is ready */
        CancelIoEx((HANDLE)s[1], &ov);
        if (!first) good &= CHECK_EQ(send(s[0], &says, 1, 0), 1);
        error = test_result(s[1], &ov, &count);
        if (error) good &= CHECK_EQ(error, WSA_OPERATION_ABORTED) && CHECK_EQ(count, 0) && test_recv_all(s[1], &got, 1);
        cancelled += error != 0;
        good &= CHECK_EQ(got, says);
        WSAResetEvent(ov.hEvent);
        good &= CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
        WSACloseEvent(ov.hEvent);
        n++;
    }
    end("receives", n);
    test_note("%ld cancelled", cancelled);
    CHECK(cancelled > 0 && cancelled < n);
    closesocket(s[0]);
    closesocket(s[1]);
}

/* ---- several who wait ---- */

struct shared {
    SOCKET s[2];
    HANDLE done, told[3];
    volatile LONG wakes;
};

static DWORD WINAPI wait_for_shared(LPVOID arg)
{
    struct shared *sh = arg;
    HANDLE h[2] = { sh->done, sh->told[0] };

    while (WaitForMultipleObjects(2, h, FALSE, DEADLINE_MS) == WAIT_OBJECT_0 + 1) {
        InterlockedIncrement(&sh->wakes);
        SetEvent(sh->told[1]);
    }
    return 0;
}

/* Requests of this thread, auto-reset, while two others wait for the same event: each completion wakes exactly one. */
static void each_completion_wakes_one_waiter(void)
{
    struct shared sh = {
        { 0, 0 }, test_event(TRUE, FALSE), { test_event(FALSE, FALSE), test_event(FALSE, FALSE), NULL }, 0
    };
    HANDLE threads[2];
    long n = 0;
    int good = 1;

    REQUIRE(test_pair(sh.s));
    for (int i = 0; i < 2; i++) threads[i] = test_thread(wait_for_shared, &sh);
    begin();
    while (good && !is_over(CASES)) {
        WSAOVERLAPPED ov = { .hEvent = sh.told[0] };
        char byte;
        WSABUF buf = { 1, &byte };
        DWORD flags = 0;

        good = WSARecv(sh.s[1], &buf, 1, NULL, &flags, &ov, NULL) == 0 || CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        good = good && CHECK_EQ(send(sh.s[0], "w", 1, 0), 1);
        good = good && CHECK_EQ(WaitForSingleObject(sh.told[1], DEADLINE_MS), WAIT_OBJECT_0);
        n++;
    }
    end("completions", n);
    CHECK_EQ(test_read(&sh.wakes), n);
    SetEvent(sh.done);
    for (int i = 0; i < 2; i++) test_join(threads[i]);
    for (int i = 0; i < 2; i++) closesocket(sh.s[i]), CloseHandle(sh.told[i]);
    CloseHandle(sh.done);
}

static const struct test_case cases[CASES] = {
    TEST(streams_stay_in_order, "20 §9 order of receives and sends"),
    TEST(datagrams_stay_whole, "40 WSARecv [doc]"),
    TEST(blocking_calls_move_everything, "40 recv, send [doc]"),
    TEST(connections_are_accepted_once, "30 AcceptEx [doc; obs]"),
    TEST(blocking_connects_and_accepts, "30 [doc]"),
    TEST(cancels_lose_nothing, "20 §11 may finish normally after a cancel"),
    TEST(each_completion_wakes_one_waiter, "20 §4, 10"),
};

int main(int argc, char **argv)
{
    const char *count = argc > 1 ? argv[1] : getenv("FAULT_COUNT"), *start = argc > 2 ? argv[2] : getenv("FAULT_SEED");

    fault_install();
    if (count) faults_wanted = atol(count);
    seed = start ? (unsigned)strtoul(start, NULL, 10) : (unsigned)GetTickCount64();
    return test_main(cases, CASES);
}
