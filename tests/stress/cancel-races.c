/* SPDX-License-Identifier: MIT */
/*
 * cancel-races.c - cancels, closes and resets race against completion: each
 * request ends exactly once, is told of exactly once, and no byte is lost.
 *
 * Two threads play rounds.  Each round a number of receives and sends is
 * issued on one end (a) of several connections, while both threads cancel,
 * send, drain, close and reset at random.  Then all that is left is cancelled,
 * every request is looked at, and its memory is poisoned until the next round.
 *
 *     cancel-races [COUNT [SEED]]      or STRESS_COUNT and STRESS_SEED
 */
#include "test.h"

enum { LINKS = 12, REQUESTS = 8, STEPS = 6, LEN = 16384, POISON = 0xEE, SMALL = 8192 };

#ifdef __MINGW32__
enum { EXACT = 0 }; /* Wine 8 has more statuses for closed handles, and successes without a count */
#else
enum { EXACT = 1 };
#endif

static long wanted = 20000;
static unsigned seed;

/* ---- chance ---- */

static unsigned chance_state;

static unsigned chance(unsigned below)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 17;
    chance_state ^= chance_state << 5;
    return chance_state % below;
}

/* ---- the pieces ---- */

enum kind { RECV_EVENT, RECV_ROUTINE, RECV_BARE, SEND_EVENT, SEND_ROUTINE, KINDS };
enum what { NOTHING, CANCEL_ONE, CANCEL_ALL, CANCEL_MINE, SEND_BYTES, DRAIN, RUN_ROUTINES, CLOSE_A, CLOSE_B, WHATS };
enum who { NOBODY, OWNER, ENEMY };

struct request {
    WSAOVERLAPPED ov; /* first: routines find the request by it */
    HANDLE event;     /* auto-reset, so that a second signal shows */
    enum kind kind;
    BOOL refused, issued;
    DWORD len;
    int runs; /* owner thread only */
    DWORD error, count;
    char *data;
};

struct step {
    enum what what;
    int arg;   /* a request, or a number of bytes */
    int delay; /* turns of an empty loop before it */
};

struct link {
    SOCKET a, b; /* a: of the requests, b: the peer */
    struct request r[REQUESTS];
    int pairs;        /* how often it was connected */
    size_t sent, got; /* positions in the stream from b to a */
    enum who closes_a, closes_b, talks;
    BOOL reset, a_gone, b_gone;
    struct step steps[3][STEPS]; /* by who */
};

static struct link links[LINKS];
static SOCKET listener;
static struct sockaddr_in address;
static long issued, cancelled, completed, broken;

static char byte_at(const struct link *l, size_t position)
{
    return (char)(position * 7 + position / 253 + (size_t)(l - links));
}

/* ---- connections ---- */

static int set_up_link(struct link *l)
{
    u_long on = 1;
    int small = SMALL;

    l->a = test_tcp();
    if (!CHECK_EQ(connect(l->a, (struct sockaddr *)&address, sizeof address), 0)) return 0;
    l->b = accept(listener, NULL, NULL);
    if (!CHECK(l->b != INVALID_SOCKET)) return 0;
    setsockopt(l->a, SOL_SOCKET, SO_SNDBUF, (char *)&small, sizeof small);
    CHECK_EQ(ioctlsocket(l->b, FIONBIO, &on), 0);
    l->sent = l->got = 0;
    l->a_gone = l->b_gone = FALSE;
    l->pairs++;
    return 1;
}

/* Ends a connection for the next round; mostly by a reset, so that ports do not run out. */
static void tear_down_link(struct link *l)
{
    if (!l->b_gone) test_reset(l->b);
    if (!l->a_gone) closesocket(l->a);
    l->a_gone = l->b_gone = TRUE;
}

/* ---- requests ---- */

static void CALLBACK routine(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    struct request *r = (struct request *)ov;

    CHECK(r->kind == RECV_ROUTINE || r->kind == SEND_ROUTINE);
    CHECK_EQ(flags, 0);
    r->runs++;
    r->error = error;
    r->count = count;
}

static int is_poisoned(const void *memory, size_t len)
{
    const unsigned char *p = memory;

    while (len && *p == POISON) p++, len--;
    return len == 0;
}

static BOOL is_send(const struct request *r)
{
    return r->kind == SEND_EVENT || r->kind == SEND_ROUTINE;
}

/* Starts request r on link l, from the owner's thread. */
static void issue(struct link *l, struct request *r)
{
    WSABUF buf = { r->len, r->data };
    DWORD flags = 0;
    int rc;

    CHECK(is_poisoned(&r->ov, sizeof r->ov)); /* nobody wrote to it since it was settled */
    memset(&r->ov, 0, sizeof r->ov);
    if (r->kind == RECV_EVENT || r->kind == SEND_EVENT) r->ov.hEvent = r->event;
    r->runs = 0;
    r->issued = TRUE;
    if (is_send(r)) rc = WSASend(l->a, &buf, 1, NULL, 0, &r->ov, r->kind == SEND_ROUTINE ? routine : NULL);
    else rc = WSARecv(l->a, &buf, 1, NULL, &flags, &r->ov, r->kind == RECV_ROUTINE ? routine : NULL);
    r->refused = rc != 0 && WSAGetLastError() != WSA_IO_PENDING;
    issued++;
}

/* ---- what the two threads do ---- */

static void wait_a_moment(int turns)
{
    volatile int idle = turns;

    while (idle > 0) idle--;
}

static LONG peek(volatile LONG *value)
{
    return InterlockedCompareExchange(value, 0, 0);
}

static void send_bytes(struct link *l, int n)
{
    char data[64];
    int i, done;

    for (i = 0; i < n; i++) data[i] = byte_at(l, l->sent + (size_t)i);
    done = send(l->b, data, n, 0);
    if (done > 0) l->sent += (size_t)done;
}

static void drain(struct link *l)
{
    char data[4096];
    int i;

    for (i = 0; i < 16 && recv(l->b, data, sizeof data, 0) > 0; i++) continue;
}

static void close_peer(struct link *l)
{
    if (l->reset) test_reset(l->b);
    else closesocket(l->b);
    l->b_gone = TRUE;
}

static void take_step(struct link *l, const struct step *step, enum who me)
{
    wait_a_moment(step->delay);
    switch (step->what) {
    case CANCEL_ONE: CancelIoEx((HANDLE)l->a, &l->r[step->arg % REQUESTS].ov); break;
    case CANCEL_ALL: CancelIoEx((HANDLE)l->a, NULL); break;
    case CANCEL_MINE: CancelIo((HANDLE)l->a); break;
    case RUN_ROUTINES: SleepEx(0, TRUE); break;
    case SEND_BYTES:
        if (l->talks == me) send_bytes(l, 1 + step->arg % 64);
        break;
    case DRAIN: drain(l); break;
    case CLOSE_A:
        if (l->closes_a == me && !l->a_gone) {
            closesocket(l->a);
            l->a_gone = TRUE;
        }
        break;
    case CLOSE_B:
        if (l->closes_b == me && !l->b_gone) close_peer(l);
        break;
    default: break;
    }
}

static void take_steps(int number, enum who me)
{
    int i;

    for (i = 0; i < LINKS; i++) take_step(&links[i], &links[i].steps[me][number], me);
}

/* The enemy waits for go, says that it is awake, and plays its half of the round. */
static HANDLE go, done;
static volatile LONG awake, over;

static DWORD WINAPI play_enemy(void *arg)
{
    int i;

    (void)arg;
    for (;;) {
        if (!CHECK_EQ(WaitForSingleObject(go, 6 * DEADLINE_MS), WAIT_OBJECT_0) || peek(&over)) return 0;
        InterlockedExchange(&awake, 1);
        for (i = 0; i < STEPS; i++) take_steps(i, ENEMY);
        SetEvent(done);
    }
}

/* ---- a round ---- */

static enum who someone(unsigned one_in)
{
    return chance(one_in) ? NOBODY : chance(3) ? ENEMY : OWNER;
}

static void plan_link(struct link *l)
{
    int i, who;

    l->closes_a = someone(4);
    l->closes_b = someone(4);
    l->talks = chance(2) ? OWNER : ENEMY;
    l->reset = chance(2);
    for (who = OWNER; who <= ENEMY; who++) {
        for (i = 0; i < STEPS; i++) {
            l->steps[who][i].what = (enum what)chance(WHATS);
            l->steps[who][i].arg = (int)chance(1024);
            l->steps[who][i].delay = chance(3) ? (int)chance(300) : 0;
        }
    }
    for (i = 0; i < REQUESTS; i++) {
        l->r[i].kind = (enum kind)chance(KINDS);
        l->r[i].len = is_send(&l->r[i]) ? 1 + chance(LEN) : 1 + chance(64);
        l->r[i].issued = FALSE;
    }
}

/* Half of the requests is there when the race begins, the others come in the middle of it. */
static void race(void)
{
    int i, k;

    for (i = 0; i < LINKS; i++) {
        for (k = 0; k < REQUESTS / 2; k++) issue(&links[i], &links[i].r[k]);
    }
    InterlockedExchange(&awake, 0);
    SetEvent(go);
    while (!peek(&awake)) Sleep(0);
    for (k = 0; k < STEPS; k++) {
        take_steps(k, OWNER);
        if (REQUESTS / 2 + k >= REQUESTS) continue;
        for (i = 0; i < LINKS; i++) issue(&links[i], &links[i].r[REQUESTS / 2 + k]);
    }
    CHECK_EQ(WaitForSingleObjectEx(done, DEADLINE_MS, FALSE), WAIT_OBJECT_0);
}

/* Waits until r has been told of, through its own mechanism. */
static int await_end(struct request *r)
{
    ULONGLONG end = GetTickCount64() + DEADLINE_MS;
    DWORD rc;

    if (r->kind == RECV_EVENT || r->kind == SEND_EVENT) {
        do rc = WaitForSingleObjectEx(r->event, DEADLINE_MS, TRUE);
        while (rc == WAIT_IO_COMPLETION);
        return CHECK_EQ(rc, WAIT_OBJECT_0);
    }
    if (r->kind == RECV_BARE) {
        while (!HasOverlappedIoCompleted(&r->ov) && GetTickCount64() < end) SleepEx(0, TRUE);
        return CHECK(HasOverlappedIoCompleted(&r->ov));
    }
    while (r->runs == 0 && GetTickCount64() < end) SleepEx(1, TRUE);
    return CHECK_EQ(r->runs, 1);
}

/* The data of a successful receive continues the stream. */
static void check_data(struct link *l, const struct request *r)
{
    size_t i;

    for (i = 0; i < r->ov.InternalHigh; i++) {
        if (!CHECK_EQ(r->data[i], byte_at(l, l->got + i))) break;
    }
    l->got += r->ov.InternalHigh;
}

static void check_result(struct link *l, struct request *r)
{
    ULONG status = (ULONG)r->ov.Internal;

    CHECK(r->ov.InternalHigh <= r->len);
    switch (status) {
    case 0:
        completed++;
        if (is_send(r)) CHECK(!EXACT || r->ov.InternalHigh == r->len);
        else check_data(l, r);
        break;
    case 0xC0000120: cancelled++; break; /* cancelled */
    case 0xC000020D:                     /* reset */
    case 0xC0000241: broken++; break;    /* aborted */
    default:
        if (EXACT) CHECK_EQ(status, 0);
        broken++;
    }
    if (status && !is_send(r)) CHECK_EQ(r->ov.InternalHigh, 0);
    if (r->runs) CHECK_EQ(r->count, r->ov.InternalHigh);
    if (r->runs) CHECK_EQ(r->error == 0, status == 0);
}

static int settle_link(struct link *l)
{
    int i;

    if (!l->a_gone) CancelIoEx((HANDLE)l->a, NULL);
    for (i = 0; i < REQUESTS; i++) {
        struct request *r = &l->r[i];

        if (!r->issued) continue;
        if (!r->refused) {
            if (!await_end(r)) return 0;
            check_result(l, r);
        }
    }
    return 1;
}

/* Nothing may come a second time, nor for a refused request; then the memory is poisoned. */
static void check_silence(struct link *l)
{
    int i;

    for (i = 0; i < REQUESTS; i++) {
        struct request *r = &l->r[i];

        CHECK_EQ(WaitForSingleObject(r->event, 0), WAIT_TIMEOUT);
        CHECK_EQ(r->runs, (r->kind == RECV_ROUTINE || r->kind == SEND_ROUTINE) && r->issued && !r->refused);
        memset(&r->ov, POISON, sizeof r->ov);
        if (!is_send(r)) memset(r->data, POISON, r->len);
    }
}

static int play_round(void)
{
    int i;

    for (i = 0; i < LINKS; i++) {
        if ((links[i].a_gone || links[i].b_gone) && (tear_down_link(&links[i]), !set_up_link(&links[i]))) return 0;
        plan_link(&links[i]);
    }
    race();
    for (i = 0; i < LINKS; i++) {
        if (!settle_link(&links[i])) return 0;
    }
    SleepEx(0, TRUE);
    for (i = 0; i < LINKS; i++) check_silence(&links[i]);
    return 1;
}

static void prepare(void)
{
    int i, k;

    listener = test_listener(&address);
    go = CreateEventW(NULL, FALSE, FALSE, NULL);
    done = CreateEventW(NULL, FALSE, FALSE, NULL);
    for (i = 0; i < LINKS; i++) {
        links[i].a_gone = links[i].b_gone = TRUE;
        for (k = 0; k < REQUESTS; k++) {
            links[i].r[k].event = CreateEventW(NULL, FALSE, FALSE, NULL);
            links[i].r[k].data = malloc(LEN);
            memset(&links[i].r[k].ov, POISON, sizeof links[i].r[k].ov);
        }
    }
}

static void clear_away(HANDLE enemy)
{
    int i, k;

    InterlockedExchange(&over, 1);
    SetEvent(go);
    CHECK_EQ(WaitForSingleObject(enemy, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(enemy);
    for (i = 0; i < LINKS; i++) {
        tear_down_link(&links[i]);
        for (k = 0; k < REQUESTS; k++) {
            CloseHandle(links[i].r[k].event);
            free(links[i].r[k].data);
        }
    }
    closesocket(listener);
    CloseHandle(go);
    CloseHandle(done);
}

static void random_cancels_closes_and_resets(void)
{
    HANDLE enemy;
    int good = 1;

    chance_state = seed | 1;
    prepare();
    enemy = CreateThread(NULL, 0, play_enemy, NULL, 0, NULL);
    while (good && issued < wanted) good = play_round();
    CHECK(good);
    test_note("seed %u: %ld requests, %ld completed, %ld cancelled, %ld ended by close or reset, %ld refused", seed,
              issued, completed, cancelled, broken, issued - completed - cancelled - broken);
    CHECK(!good || (completed > 0 && cancelled > 0 && broken > 0)); /* the race has every outcome */
    clear_away(enemy);
}

/* ---- one byte against one cancel ---- */

/* One thread sends a byte and one cancels the receive for it, both at once, while the owner waits for the outcome. */
struct duel {
    SOCKET s[2];
    WSAOVERLAPPED ov;
    HANDLE go[2], done[2];
    volatile LONG awake;
    long rounds;
    int delay[2]; /* turns of an empty loop before each of the two acts */
    int lead;     /* turns that the byte has before the cancel: kept where either may win */
};

static void take_part(struct duel *d, int me, void (*act)(struct duel *d, long round))
{
    long i;

    for (i = 0; i < d->rounds; i++) {
        if (!CHECK_EQ(WaitForSingleObject(d->go[me], 2 * DEADLINE_MS), WAIT_OBJECT_0)) return;
        InterlockedIncrement(&d->awake);
        while (peek(&d->awake) < 2) Sleep(0);
        wait_a_moment(d->delay[me]);
        act(d, i);
        SetEvent(d->done[me]);
    }
}

static void send_byte(struct duel *d, long round)
{
    char c = (char)round;

    CHECK_EQ(send(d->s[1], &c, 1, 0), 1);
}

static void cancel_it(struct duel *d, long round)
{
    (void)round;
    if (!CancelIoEx((HANDLE)d->s[0], &d->ov)) CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
}

static DWORD WINAPI sender(void *arg)
{
    take_part(arg, 0, send_byte);
    return 0;
}

static DWORD WINAPI canceller(void *arg)
{
    take_part(arg, 1, cancel_it);
    return 0;
}

/* The byte is in the receive, or the receive is cancelled and the byte is still there: never both, never neither. */
static int fight(struct duel *d, long round)
{
    char data = 0;
    WSABUF buf = { 1, &data };
    DWORD flags = 0;
    int won;

    InterlockedExchange(&d->awake, 0);
    d->delay[0] = (int)chance(400);
    d->delay[1] = d->lead + (int)chance(400);
    CHECK_EQ(WSARecv(d->s[0], &buf, 1, NULL, &flags, &d->ov, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    SetEvent(d->go[0]);
    SetEvent(d->go[1]);
    if (!CHECK_EQ(WaitForSingleObject(d->ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0)) return 0;
    if (!CHECK_EQ(WaitForMultipleObjects(2, d->done, TRUE, DEADLINE_MS), WAIT_OBJECT_0)) return 0;
    won = d->ov.Internal == 0;
    if (won) completed++;
    else if (CHECK_EQ((ULONG)d->ov.Internal, 0xC0000120)) cancelled++;
    d->lead += !won ? 100 : d->lead < 100 ? 0 : -100;
    if (!CHECK_EQ(d->ov.InternalHigh, won)) return 0;
    if (!won && !test_recv_all(d->s[0], &data, 1)) return 0;
    return CHECK_EQ(data, (char)round) && CHECK_EQ(WaitForSingleObject(d->ov.hEvent, 0), WAIT_TIMEOUT);
}

static void one_byte_against_one_cancel(void)
{
    struct duel d = { 0 };
    HANDLE thread[2];
    long round;
    int i;

    REQUIRE(test_pair(d.s));
    chance_state = seed | 1;
    completed = cancelled = 0;
    d.rounds = wanted / 10;
    d.ov.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    for (i = 0; i < 2; i++) {
        d.go[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        d.done[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        thread[i] = CreateThread(NULL, 0, i ? canceller : sender, &d, 0, NULL);
    }
    for (round = 0; round < d.rounds && fight(&d, round); round++) continue;
    CHECK_EQ(round, d.rounds);
    test_note("%ld completed, %ld cancelled", completed, cancelled);
    CHECK(completed > 0 && cancelled > 0);
    CHECK_EQ(WaitForMultipleObjects(2, thread, TRUE, 3 * DEADLINE_MS), WAIT_OBJECT_0);
    for (i = 0; i < 2; i++) {
        CloseHandle(thread[i]);
        CloseHandle(d.go[i]);
        CloseHandle(d.done[i]);
        closesocket(d.s[i]);
    }
    CloseHandle(d.ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(random_cancels_closes_and_resets, "20 §2 notified once; §11, §12 every request completes"),
    TEST(one_byte_against_one_cancel, "20 §11 may finish normally after a cancel; §9"),
};

int main(int argc, char **argv)
{
    const char *count = argc > 1 ? argv[1] : getenv("STRESS_COUNT"),
               *start = argc > 2 ? argv[2] : getenv("STRESS_SEED");

    if (count) wanted = atol(count);
    seed = start ? (unsigned)strtoul(start, NULL, 10) : (unsigned)GetTickCount64();
    return test_main(cases, 2);
}
