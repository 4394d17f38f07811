/* SPDX-License-Identifier: MIT */
/*
 * connections.c - a storm of short connections through AcceptEx: connect, one
 * message, close.  Each message arrives exactly once, and descriptors and
 * memory are back where they were when it is over.
 *
 *     connections [COUNT]      or STRESS_COUNT
 */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)

enum { SLOTS = 32, CLIENTS = 4, GRACEFUL = 8 };

static long wanted = 5000;

struct message {
    unsigned number, check;
};

static unsigned check_of(unsigned number)
{
    return number * 2654435761u ^ 0x5a5a5a5a;
}

/* ---- the clients ---- */

struct client {
    struct sockaddr_in addr;
    unsigned first, count;
    int failed;
};

static int set_hard(SOCKET s)
{
    struct linger hard = { 1, 0 };

    return setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard) == 0;
}

/*
 * One connection: sends its message and waits for the server to close.  Most
 * end by a reset then, or the ports of a few storms would linger in TIME_WAIT.
 */
static int visit(const struct client *c, unsigned number)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    struct message m;
    DWORD ms = DEADLINE_MS;
    char byte;
    int ok;

    if (s == INVALID_SOCKET) return 0;
    m.number = number;
    m.check = check_of(number);
    ok = setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms) == 0 &&
         connect(s, (const struct sockaddr *)&c->addr, sizeof c->addr) == 0 &&
         send(s, (const char *)&m, sizeof m, 0) == (int)sizeof m && recv(s, &byte, 1, 0) == 0;
    if (ok && number % GRACEFUL != 0) ok = set_hard(s);
    return (closesocket(s) == 0) & ok;
}

static DWORD WINAPI client_thread(void *arg)
{
    struct client *c = arg;
    unsigned i;

    for (i = 0; i < c->count && !c->failed; i++) {
        if (visit(c, c->first + i)) continue;
        test_note("connection %u failed with %d", c->first + i, WSAGetLastError());
        c->failed = 1;
    }
    return 0;
}

/* ---- the server ---- */

struct slot {
    SOCKET taken;
    WSAOVERLAPPED ov;
    char buf[sizeof(struct message) + 2 * AREA];
};

static struct slot slots[SLOTS];
static WSAEVENT events[SLOTS];
static SOCKET listener;

static int issue(struct slot *s)
{
    s->taken = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (!CHECK(s->taken != INVALID_SOCKET)) return 0;
    if (!CHECK(!AcceptEx(listener, s->taken, s->buf, sizeof(struct message), AREA, AREA, NULL, &s->ov))) return 0;
    return CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
}

/* Takes the message of a completed request, marks it as seen, closes. */
static int serve(struct slot *s, unsigned char *seen, unsigned count)
{
    struct message m;
    DWORD n = 0;
    int ok = CHECK_EQ(test_result(listener, &s->ov, &n), 0);

    ok = ok &&
         CHECK_EQ(setsockopt(s->taken, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&listener, sizeof listener),
                  0);
    if (ok && n < sizeof m) ok = test_recv_all(s->taken, s->buf + n, (int)(sizeof m - n));
    memcpy(&m, s->buf, sizeof m);
    ok = ok && CHECK(m.number < count && m.check == check_of(m.number)) && CHECK_EQ(seen[m.number], 0);
    if (ok) seen[m.number] = 1;
    return CHECK_EQ(closesocket(s->taken), 0) & ok;
}

static void end_requests(void)
{
    int i;

    CHECK_EQ(closesocket(listener), 0);
    for (i = 0; i < SLOTS; i++) {
        CHECK_EQ(WaitForSingleObject(slots[i].ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
        CHECK_EQ(closesocket(slots[i].taken), 0);
        WSACloseEvent(slots[i].ov.hEvent);
    }
}

/* Serves until every connection has come, or none comes for a while. */
static unsigned serve_all(unsigned char *seen, unsigned count)
{
    unsigned served = 0;
    int i;

    for (i = 0; i < SLOTS; i++) {
        memset(&slots[i], 0, sizeof slots[i]);
        test_overlapped(&slots[i].ov);
        events[i] = slots[i].ov.hEvent;
        if (!issue(&slots[i])) return 0;
    }
    while (served < count) {
        DWORD which = WSAWaitForMultipleEvents(SLOTS, events, FALSE, DEADLINE_MS, FALSE);

        if (!CHECK(which < SLOTS)) break;
        if (!serve(&slots[which], seen, count) || !issue(&slots[which])) break;
        served++;
    }
    return served;
}

static void storm(unsigned count)
{
    unsigned char *seen = calloc(count, 1);
    struct client clients[CLIENTS];
    HANDLE threads[CLIENTS];
    unsigned first = 0, i;

    REQUIRE(seen);
    memset(clients, 0, sizeof clients);
    listener = test_listener(&clients[0].addr);
    for (i = 0; i < CLIENTS; i++) {
        clients[i].addr = clients[0].addr;
        clients[i].first = first;
        clients[i].count = (count - first) / (CLIENTS - i);
        first += clients[i].count;
        threads[i] = test_thread(client_thread, &clients[i]);
    }
    CHECK_EQ(serve_all(seen, count), count);
    end_requests();
    for (i = 0; i < CLIENTS; i++) {
        test_join(threads[i]);
        CHECK(!clients[i].failed);
    }
    for (i = 0; i < count; i++) {
        if (!CHECK_EQ(seen[i], 1)) break;
    }
    free(seen);
}

/* ---- what the process holds ---- */

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { MEMORY_TELLS = 0 };
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { MEMORY_TELLS = 0 };
#else
enum { MEMORY_TELLS = 1 };
#endif
#else
enum { MEMORY_TELLS = 1 };
#endif

/* Resident memory in KiB; 0 where the system does not tell. */
static long resident(void)
{
    FILE *f = MEMORY_TELLS ? fopen("/proc/self/statm", "r") : NULL;
    long size, pages = 0;

    if (!f) return 0;
    if (fscanf(f, "%ld %ld", &size, &pages) != 2) pages = 0;
    fclose(f);
    return pages * 4;
}

static void every_message_arrives_once(void)
{
    storm((unsigned)wanted);
}

/* The first storm builds what is kept; the second may add nothing. */
static void second_storm_takes_no_more_memory(void)
{
    long before, after;

    storm((unsigned)wanted);
    before = resident();
    storm((unsigned)wanted);
    after = resident();
    test_note("resident: %ld KiB after the first storm, %ld KiB after the second", before, after);
    CHECK(after - before < 256);
}

static const struct test_case cases[] = {
    TEST(every_message_arrives_once, "30 AcceptEx; 20 §9"),
    TEST_NOT_ON_WINE(second_storm_takes_no_more_memory, "30 closesocket",
                     "the memory of Wine itself is not ours to measure"),
};

int main(int argc, char **argv)
{
    const char *count = argc > 1 ? argv[1] : getenv("STRESS_COUNT");

    if (count) wanted = atol(count);
    if (wanted < 1) {
        printf("usage: connections [COUNT]\n");
        return 2;
    }
    return test_main(cases, (int)(sizeof cases / sizeof *cases));
}
