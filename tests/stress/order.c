/* SPDX-License-Identifier: MIT */
/*
 * order.c - order under load: receives are filled in issue order, sends leave
 * in issue order and whole, both directions at once.
 *
 *     order [PIECES [SEED]]      or STRESS_COUNT and STRESS_SEED
 */
#include "test.h"

enum { RECEIVES = 8, SENDS = 16, PIECE_MAX = 64, MIB = 1 << 20, BITE = 40000 };

static long wanted = 100000;
static unsigned seed;

static unsigned chance(unsigned *state, unsigned below)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % below;
}

/* What stands at a position of a stream: no two neighbourhoods look alike. */
static char byte_at(unsigned long long position)
{
    return (char)((position * 0x9E3779B97F4A7C15ull) >> 56);
}

static void fill(char *data, size_t len, unsigned long long position)
{
    size_t i;

    for (i = 0; i < len; i++) data[i] = byte_at(position + i);
}

/* The first byte that is not at its place is told, no other. */
static int check(const char *data, size_t len, unsigned long long position)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (data[i] == byte_at(position + i)) continue;
        test_note("byte %llu is wrong", position + i);
        return CHECK_EQ(data[i], byte_at(position + i));
    }
    return 1;
}

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* ---- the paced sender ---- */

/*
 * Sends pieces of 1 to PIECE_MAX bytes, up to 16 at a time, and then waits
 * until all has been received: so there are times when receives pend and times
 * when they find data.
 */
struct sender {
    SOCKET s;
    long pieces;
    unsigned long long sent; /* owner: the sender's thread, until it ends */
    volatile LONG64 received;
    HANDLE caught_up;
};

static int wait_for_receiver(struct sender *p)
{
    while ((unsigned long long)InterlockedCompareExchange64(&p->received, 0, 0) < p->sent) {
        if (!CHECK_EQ(WaitForSingleObject(p->caught_up, DEADLINE_MS), WAIT_OBJECT_0)) return 0;
    }
    return 1;
}

static DWORD WINAPI send_pieces(void *arg)
{
    struct sender *p = arg;
    unsigned state = seed | 1;
    char data[PIECE_MAX];
    long piece;
    int burst = 0, len;

    for (piece = 0; piece < p->pieces; piece++) {
        len = 1 + (int)chance(&state, PIECE_MAX);
        fill(data, (size_t)len, p->sent);
        if (!test_send_all(p->s, data, len)) break;
        p->sent += (unsigned long long)len;
        if (--burst >= 0) continue;
        burst = (int)chance(&state, 16);
        if (!wait_for_receiver(p)) break;
    }
    shutdown(p->s, SD_SEND);
    return 0;
}

static void note_received(struct sender *p, DWORD n)
{
    InterlockedExchangeAdd64(&p->received, n);
    SetEvent(p->caught_up);
}

static HANDLE start_sender(struct sender *p, SOCKET s)
{
    memset(p, 0, sizeof *p);
    p->s = s;
    p->pieces = wanted;
    p->caught_up = CreateEventW(NULL, FALSE, FALSE, NULL);
    return CreateThread(NULL, 0, send_pieces, p, 0, NULL);
}

static void end_sender(struct sender *p, HANDLE thread, unsigned long long position)
{
    CHECK_EQ(WaitForSingleObject(thread, 2 * DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(position, p->sent);
    test_note("seed %u: %ld pieces, %llu bytes", seed, p->pieces, position);
    CloseHandle(thread);
    CloseHandle(p->caught_up);
}

/* ---- eight receives pending, by events ---- */

struct receive {
    WSAOVERLAPPED ov; /* first */
    char data[48];    /* smaller than the largest piece */
    DWORD count, error;
    int done;
};

static int post(SOCKET s, struct receive *r, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buf = { sizeof r->data, r->data };
    DWORD flags = 0;

    r->done = 0;
    return CHECK(WSARecv(s, &buf, 1, NULL, &flags, &r->ov, routine) == 0 || WSAGetLastError() == WSA_IO_PENDING);
}

static void eight_receives_by_events(void)
{
    struct sender sender;
    struct receive r[RECEIVES];
    SOCKET s[2];
    HANDLE thread;
    unsigned long long position = 0;
    long i;
    int ended = 0;
    DWORD n;

    REQUIRE(test_pair(s));
    for (i = 0; i < RECEIVES; i++) {
        test_overlapped(&r[i].ov);
        post(s[0], &r[i], NULL);
    }
    thread = start_sender(&sender, s[1]);
    for (i = 0; ended < RECEIVES; i++) { /* the oldest first: its bytes come next */
        struct receive *oldest = &r[i % RECEIVES];

        if (!CHECK_EQ(test_result(s[0], &oldest->ov, &n), 0)) break;
        if (!check(oldest->data, n, position)) break;
        position += n;
        note_received(&sender, n);
        if (n == 0 || ended) ended++;
        else if (!post(s[0], oldest, NULL)) break;
    }
    end_sender(&sender, thread, position);
    close_pair(s);
    for (i = 0; i < RECEIVES; i++) WSACloseEvent(r[i].ov.hEvent);
}

/* ---- eight receives pending, by routines ---- */

static void CALLBACK take_note(DWORD error, DWORD count, WSAOVERLAPPED *ov, DWORD flags)
{
    struct receive *r = (struct receive *)ov;

    (void)flags;
    CHECK(!r->done); /* once */
    r->error = error;
    r->count = count;
    r->done = 1;
}

static void eight_receives_by_routines(void)
{
    static struct receive r[RECEIVES];
    struct sender sender;
    SOCKET s[2];
    HANDLE thread;
    unsigned long long position = 0;
    long i;
    int ended = 0, good = 1;

    REQUIRE(test_pair(s));
    memset(r, 0, sizeof r);
    for (i = 0; i < RECEIVES; i++) post(s[0], &r[i], take_note);
    thread = start_sender(&sender, s[1]);
    for (i = 0; good && ended < RECEIVES; i++) { /* routines may run in any order, the data is in issue order */
        struct receive *oldest = &r[i % RECEIVES];

        while (good && !oldest->done) good = CHECK_EQ(SleepEx(DEADLINE_MS, TRUE), WAIT_IO_COMPLETION);
        good = good && CHECK_EQ(oldest->error, 0) && check(oldest->data, oldest->count, position);
        position += oldest->count;
        note_received(&sender, oldest->count);
        if (oldest->count == 0 || ended) ended++;
        else good = good && post(s[0], oldest, take_note);
    }
    CHECK(good);
    end_sender(&sender, thread, position);
    close_pair(s);
}

/* ---- sixteen sends of 1 MiB ---- */

struct send {
    WSAOVERLAPPED ov;
    char *data;
};

static int post_sends(SOCKET s, struct send sends[SENDS])
{
    WSABUF buf = { MIB, NULL };
    int i, pending = 0;

    for (i = 0; i < SENDS; i++) {
        test_overlapped(&sends[i].ov);
        sends[i].data = malloc(MIB);
        if (!CHECK(sends[i].data != NULL)) return 0;
        fill(sends[i].data, MIB, (unsigned long long)i * MIB);
        buf.buf = sends[i].data;
        if (WSASend(s, &buf, 1, NULL, 0, &sends[i].ov, NULL)) pending += CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    }
    return CHECK(pending > SENDS / 2);
}

static void end_sends(SOCKET s, struct send sends[SENDS])
{
    DWORD n;
    int i;

    for (i = 0; i < SENDS; i++) {
        CHECK_EQ(test_result(s, &sends[i].ov, &n), 0);
        CHECK_EQ(n, MIB);
        WSACloseEvent(sends[i].ov.hEvent);
        free(sends[i].data);
    }
}

static void sixteen_sends_to_a_slow_reader(void)
{
    SOCKET s[2];
    struct send sends[SENDS];
    unsigned long long position = 0;
    char *bite = malloc(BITE);
    int n;

    REQUIRE(bite && test_pair(s) && post_sends(s[0], sends));
    while (position < (unsigned long long)SENDS * MIB) {
        if (position % 7 == 0) Sleep(1); /* slow */
        n = recv(s[1], bite, BITE, 0);
        if (!CHECK(n > 0) || !check(bite, (size_t)n, position)) break;
        position += (unsigned long long)n;
    }
    CHECK_EQ(position, (unsigned long long)SENDS * MIB);
    end_sends(s[0], sends);
    close_pair(s);
    free(bite);
}

/* ---- both directions at once ---- */

/* One end: its sends are pending, and it receives all of the other end through RECEIVES requests. */
struct end {
    SOCKET s;
    struct send sends[SENDS];
    struct receive *r;
    char *data[RECEIVES];
};

static int post_large(struct end *e, int i)
{
    WSABUF buf = { BITE, e->data[i] };
    DWORD flags = 0;

    return CHECK(WSARecv(e->s, &buf, 1, NULL, &flags, &e->r[i].ov, NULL) == 0 || WSAGetLastError() == WSA_IO_PENDING);
}

static int prepare_end(struct end *e, SOCKET s)
{
    int i;

    e->s = s;
    e->r = calloc(RECEIVES, sizeof *e->r);
    if (!CHECK(e->r != NULL)) return 0;
    for (i = 0; i < RECEIVES; i++) {
        test_overlapped(&e->r[i].ov);
        e->data[i] = malloc(BITE);
        if (!CHECK(e->data[i] != NULL) || !post_large(e, i)) return 0;
    }
    return post_sends(s, e->sends);
}

static DWORD WINAPI receive_all(void *arg)
{
    struct end *e = arg;
    unsigned long long position = 0;
    int i, ended = 0;
    DWORD n;

    for (i = 0; ended < RECEIVES; i = (i + 1) % RECEIVES) {
        if (!CHECK_EQ(test_result(e->s, &e->r[i].ov, &n), 0) || !check(e->data[i], n, position)) return 1;
        position += n;
        if (position == (unsigned long long)SENDS * MIB)
            shutdown(e->s, SD_SEND); /* ends the receives of the other end */
        if (n == 0 || ended) ended++;
        else if (!post_large(e, i)) return 1;
    }
    CHECK_EQ(position, (unsigned long long)SENDS * MIB);
    return 0;
}

static void release_end(struct end *e)
{
    int i;

    end_sends(e->s, e->sends);
    for (i = 0; i < RECEIVES; i++) {
        WSACloseEvent(e->r[i].ov.hEvent);
        free(e->data[i]);
    }
    free(e->r);
}

static void both_directions_at_once(void)
{
    SOCKET s[2];
    struct end ends[2];
    HANDLE thread;

    REQUIRE(test_pair(s) && prepare_end(&ends[0], s[0]) && prepare_end(&ends[1], s[1]));
    thread = CreateThread(NULL, 0, receive_all, &ends[1], 0, NULL);
    CHECK_EQ(receive_all(&ends[0]), 0);
    CHECK_EQ(WaitForSingleObject(thread, 2 * DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    release_end(&ends[0]);
    release_end(&ends[1]);
    close_pair(s);
}

static const struct test_case cases[] = {
    TEST(eight_receives_by_events, "20 §9 receives are filled in issue order [doc; obs]"),
    TEST(eight_receives_by_routines, "20 §9 receives are filled in issue order [doc; obs]"),
    TEST(sixteen_sends_to_a_slow_reader, "20 §9 sends in issue order, contiguous [doc]; 40 whole [obs]"),
    TEST(both_directions_at_once, "20 §9"),
};

int main(int argc, char **argv)
{
    const char *count = argc > 1 ? argv[1] : getenv("STRESS_COUNT"),
               *start = argc > 2 ? argv[2] : getenv("STRESS_SEED");

    if (count) wanted = atol(count);
    seed = start ? (unsigned)strtoul(start, NULL, 10) : (unsigned)GetTickCount64();
    return test_main(cases, sizeof cases / sizeof cases[0]);
}
