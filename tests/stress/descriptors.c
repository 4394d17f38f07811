/* SPDX-License-Identifier: MIT */
/*
 * descriptors.c - a process without free descriptors: calls that need one say
 * WSAEMFILE, requests that wait for one stay pending without spinning, and
 * are served when descriptors come back.
 *
 * The limit is lowered before the library starts: it raises the soft limit to
 * the hard one, so the hard one goes down as well.
 */
#include "test.h"

#ifdef __MINGW32__

int main(void)
{
    printf("1..0 # SKIP Wine has the descriptors of its server\n");
    return 77;
}

#else

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define AREA (sizeof(struct sockaddr_in) + 16)

enum { LIMIT = 64, WATCH_MS = 2000, PENDING = 3 };

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

/* ---- taking all descriptors and giving some back, behind the library's back ---- */

static int fillers[LIMIT];
static int filled;

static void fill_all(void)
{
    int fd;

    while (filled < LIMIT && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) fillers[filled++] = fd;
}

static void give_back(int count)
{
    while (filled > 0 && count-- > 0) close(fillers[--filled]);
}

/* CPU time of the process in milliseconds. */
static long cpu_ms(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000L + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000;
}

/* ---- a listener with requests, and clients that are connected to it while the server has no descriptor left ---- */

struct stage {
    SOCKET listener, taken[PENDING], client[PENDING];
    struct sockaddr_in addr;
    WSAOVERLAPPED ov[PENDING];
    char buf[PENDING][16 + 2 * AREA];
};

static void issue(struct stage *st, int i, DWORD data_len)
{
    test_overlapped(&st->ov[i]);
    CHECK(!AcceptEx(st->listener, st->taken[i], st->buf[i], data_len, AREA, AREA, NULL, &st->ov[i]));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
}

/* Each client gets the one descriptor that is given back for it. */
static void dial_without_room(struct stage *st, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        give_back(1);
        st->client[i] = test_tcp();
        CHECK_EQ(connect(st->client[i], (struct sockaddr *)&st->addr, sizeof st->addr), 0);
    }
}

static void begin(struct stage *st)
{
    int i;

    memset(st, 0, sizeof *st);
    st->listener = test_listener(&st->addr);
    for (i = 0; i < PENDING; i++) {
        st->taken[i] = test_tcp();
        st->client[i] = INVALID_SOCKET;
    }
}

static void end(struct stage *st)
{
    int i;

    give_back(LIMIT);
    closesocket(st->listener);
    for (i = 0; i < PENDING; i++) {
        closesocket(st->taken[i]);
        if (st->client[i] != INVALID_SOCKET) closesocket(st->client[i]);
        if (st->ov[i].hEvent) WSACloseEvent(st->ov[i].hEvent);
    }
}

static void check_served(struct stage *st, int count, DWORD bytes)
{
    DWORD n = 77;
    int i;

    for (i = 0; i < count; i++) {
        CHECK_EQ(test_result(st->listener, &st->ov[i], &n), 0);
        CHECK_EQ(n, bytes);
    }
}

/* Any of the calls that need a descriptor may be the one that says so. */
static void new_sockets_say_wsaemfile(void)
{
    struct sockaddr_in addr;
    SOCKET s[2 * LIMIT];
    int count = 0, failed = 0, i;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while (!failed && count < 2 * LIMIT) {
        s[count] = socket(AF_INET, SOCK_DGRAM, 0);
        failed = s[count] == INVALID_SOCKET;
        if (!failed) failed = bind(s[count++], (struct sockaddr *)&addr, sizeof addr) != 0;
    }
    CHECK(failed);
    CHECK_EQ(WSAGetLastError(), WSAEMFILE);
    for (i = 0; i < count; i++) CHECK_EQ(closesocket(s[i]), 0);
}

static void connect_says_wsaemfile_and_works_later(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();

    fill_all();
    CHECK_ERROR(connect(s, (struct sockaddr *)&addr, sizeof addr), WSAEMFILE);
    give_back(LIMIT);
    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    closesocket(s);
    closesocket(listener);
}

static void accept_says_wsaemfile_and_the_connection_waits(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), client = test_tcp(), got;

    fill_all();
    give_back(1);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    WSASetLastError(0);
    CHECK(accept(listener, NULL, NULL) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEMFILE);
    give_back(LIMIT);
    got = accept(listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    closesocket(got);
    closesocket(client);
    closesocket(listener);
}

static void pending_accepts_wait_without_spinning(void)
{
    struct stage st;
    long before;

    begin(&st);
    issue(&st, 0, 0);
    issue(&st, 1, 0);
    fill_all();
    dial_without_room(&st, 2);
    before = cpu_ms();
    CHECK_EQ(WaitForSingleObject(st.ov[0].hEvent, WATCH_MS), WAIT_TIMEOUT);
    CHECK(cpu_ms() - before < WATCH_MS / 20);
    test_note("%ld ms of CPU in %d ms of waiting", cpu_ms() - before, WATCH_MS);
    CHECK_EQ((ULONG)st.ov[0].Internal, STATUS_PENDING);
    CHECK_EQ((ULONG)st.ov[1].Internal, STATUS_PENDING);
    give_back(LIMIT);
    check_served(&st, 2, 0);
    end(&st);
}

/* The same while the program sits in a call that is none of ours. */
static void pending_accepts_wait_while_the_program_sleeps(void)
{
    struct timespec watch = { WATCH_MS / 1000, 0 };
    struct stage st;
    long before;

    begin(&st);
    issue(&st, 0, 0);
    fill_all();
    dial_without_room(&st, 1);
    before = cpu_ms();
    nanosleep(&watch, NULL);
    CHECK(cpu_ms() - before < WATCH_MS / 20);
    test_note("%ld ms of CPU in %d ms of sleep", cpu_ms() - before, WATCH_MS);
    CHECK_EQ((ULONG)st.ov[0].Internal, STATUS_PENDING);
    give_back(LIMIT);
    check_served(&st, 1, 0);
    end(&st);
}

static void closed_sockets_let_them_go_on(void)
{
    struct stage st;
    SOCKET spare[PENDING];
    int i;

    begin(&st);
    for (i = 0; i < PENDING; i++) {
        spare[i] = test_udp(NULL);
        issue(&st, i, 0);
    }
    fill_all();
    dial_without_room(&st, PENDING);
    CHECK_EQ(WaitForSingleObject(st.ov[0].hEvent, QUIET_MS), WAIT_TIMEOUT);
    for (i = 0; i < PENDING; i++) CHECK_EQ(closesocket(spare[i]), 0);
    check_served(&st, PENDING, 0);
    end(&st);
}

static void data_that_came_meanwhile_is_there(void)
{
    struct stage st;

    begin(&st);
    issue(&st, 0, 16);
    fill_all();
    dial_without_room(&st, 1);
    CHECK(test_send_all(st.client[0], "patience", 8));
    CHECK_EQ(WaitForSingleObject(st.ov[0].hEvent, QUIET_MS), WAIT_TIMEOUT);
    give_back(LIMIT);
    check_served(&st, 1, 8);
    CHECK(memcmp(st.buf[0], "patience", 8) == 0);
    end(&st);
}

static void accept_can_be_issued_without_a_descriptor(void)
{
    struct stage st;

    begin(&st);
    fill_all();
    issue(&st, 0, 0);
    dial_without_room(&st, 1);
    CHECK_EQ(WaitForSingleObject(st.ov[0].hEvent, QUIET_MS), WAIT_TIMEOUT);
    give_back(LIMIT);
    check_served(&st, 1, 0);
    end(&st);
}

static void waiting_accept_can_be_cancelled(void)
{
    struct stage st;
    SOCKET got;

    begin(&st);
    issue(&st, 0, 0);
    fill_all();
    dial_without_room(&st, 1);
    CHECK_EQ(WaitForSingleObject(st.ov[0].hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(CancelIoEx((HANDLE)st.listener, &st.ov[0]));
    CHECK_EQ(test_result(st.listener, &st.ov[0], NULL), WSA_OPERATION_ABORTED);
    give_back(LIMIT);
    got = accept(st.listener, NULL, NULL);
    CHECK(got != INVALID_SOCKET);
    closesocket(got);
    end(&st);
}

static void open_connections_are_not_held_up(void)
{
    struct stage st;
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;
    SOCKET pair[2];

    REQUIRE(test_pair(pair));
    begin(&st);
    issue(&st, 0, 0);
    fill_all();
    dial_without_room(&st, 1);
    test_overlapped(&ov);
    CHECK_ERROR(WSARecv(pair[0], &buf, 1, NULL, &flags, &ov, NULL), WSA_IO_PENDING);
    CHECK(test_send_all(pair[1], "x", 1));
    CHECK_EQ(test_result(pair[0], &ov, NULL), 0);
    CHECK_EQ(byte, 'x');
    CHECK(!HasOverlappedIoCompleted(&st.ov[0]));
    give_back(LIMIT);
    check_served(&st, 1, 0);
    WSACloseEvent(ov.hEvent);
    closesocket(pair[0]);
    closesocket(pair[1]);
    end(&st);
}

/* A thread's first request may need descriptors of the library's own: refused as documented, or completed. */
static DWORD WINAPI receive_in_new_thread(void *arg)
{
    SOCKET *pair = arg;
    char byte = 0;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;
    int error;

    test_overlapped(&ov);
    WSASetLastError(0);
    WSARecv(pair[0], &buf, 1, NULL, &flags, &ov, NULL);
    error = WSAGetLastError();
    CHECK(test_send_all(pair[1], "x", 1));
    if (error == WSA_IO_PENDING || error == 0) {
        CHECK_EQ(test_result(pair[0], &ov, NULL), 0);
        CHECK_EQ(byte, 'x');
    } else if (!CHECK(error == WSAENOBUFS || error == WSAEMFILE)) {
        test_note("the error is %d", error);
    }
    WSACloseEvent(ov.hEvent);
    return 0;
}

static void new_thread_can_receive(void)
{
    SOCKET pair[2];

    REQUIRE(test_pair(pair));
    fill_all();
    test_join(test_thread(receive_in_new_thread, pair));
    give_back(LIMIT);
    closesocket(pair[0]);
    closesocket(pair[1]);
}

static const struct test_case cases[] = {
    TEST(new_sockets_say_wsaemfile, "80 socket [doc WSASocket]; 97"),
    TEST(connect_says_wsaemfile_and_works_later, "97 WSAEMFILE"),
    TEST(accept_says_wsaemfile_and_the_connection_waits, "97 note 4"),
    TEST(pending_accepts_wait_without_spinning, "30 AcceptEx"),
    TEST(pending_accepts_wait_while_the_program_sleeps, "30 AcceptEx"),
    TEST(closed_sockets_let_them_go_on, "30 AcceptEx"),
    TEST(data_that_came_meanwhile_is_there, "30 AcceptEx"),
    TEST(accept_can_be_issued_without_a_descriptor, "30 AcceptEx"),
    TEST(waiting_accept_can_be_cancelled, "20 §11 [doc]"),
    TEST(open_connections_are_not_held_up, "20 §9"),
    TEST(new_thread_can_receive, "20 §2"),
};

int main(void)
{
    struct rlimit limit = { LIMIT, LIMIT };

    if (setrlimit(RLIMIT_NOFILE, &limit)) {
        printf("1..0 # SKIP the limit of descriptors cannot be lowered\n");
        return 77;
    }
    return test_main(cases, (int)(sizeof cases / sizeof *cases));
}

#endif
