/* SPDX-License-Identifier: MIT */
/* acceptex-data.c - AcceptEx with an area for the first data: it completes with the first bytes, the FIN or the reset. */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)
#define DATA 64

#define CHECK_PENDS(call) (CHECK(!(call)), CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING))

struct accepting {
    SOCKET listener, taken, client;
    struct sockaddr_in addr;
    WSAOVERLAPPED ov;
    char buf[DATA + 2 * AREA];
};

static void begin(struct accepting *a)
{
    memset(a, 0, sizeof *a);
    a->listener = test_listener(&a->addr);
    a->taken = test_tcp();
    a->client = test_tcp();
    test_overlapped(&a->ov);
}

static void issue(struct accepting *a)
{
    CHECK_PENDS(AcceptEx(a->listener, a->taken, a->buf, DATA, AREA, AREA, NULL, &a->ov));
}

static void dial(struct accepting *a)
{
    CHECK(connect(a->client, (struct sockaddr *)&a->addr, sizeof a->addr) == 0);
}

static void end(struct accepting *a)
{
    closesocket(a->listener);
    closesocket(a->taken);
    if (a->client != INVALID_SOCKET) closesocket(a->client);
    WSACloseEvent(a->ov.hEvent);
}

/* What the request must give: `len` bytes of `data`. */
static void expect(struct accepting *a, const char *data, DWORD len)
{
    DWORD n = 0;

    CHECK_EQ(test_result(a->listener, &a->ov, &n), 0);
    CHECK_EQ(n, len);
    CHECK_EQ(a->ov.InternalHigh, len);
    CHECK(memcmp(a->buf, data, len) == 0);
}

static void connection_alone_does_not_complete_it(void)
{
    struct accepting a;

    begin(&a);
    issue(&a);
    dial(&a);
    CHECK_EQ(WaitForSingleObject(a.ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ((ULONG)a.ov.Internal, STATUS_PENDING);
    test_send_all(a.client, "x", 1);
    expect(&a, "x", 1);
    end(&a);
}

static void first_bytes_complete_it_without_filling_the_area(void)
{
    struct accepting a;

    begin(&a);
    issue(&a);
    dial(&a);
    test_send_all(a.client, "hello", 5);
    expect(&a, "hello", 5);
    test_send_all(a.client, "more", 4);
    CHECK(test_recv_all(a.taken, a.buf, 4) && memcmp(a.buf, "more", 4) == 0);
    end(&a);
}

static void what_does_not_fit_is_left_to_the_next_receive(void)
{
    struct accepting a;
    char data[DATA + 10], rest[10];
    int i;

    for (i = 0; i < (int)sizeof data; i++) data[i] = (char)i;
    begin(&a);
    dial(&a);
    test_send_all(a.client, data, sizeof data);
    issue(&a);
    expect(&a, data, DATA);
    CHECK(test_recv_all(a.taken, rest, sizeof rest) && memcmp(rest, data + DATA, sizeof rest) == 0);
    end(&a);
}

static void data_that_waits_already(void)
{
    struct accepting a;

    begin(&a);
    dial(&a);
    test_send_all(a.client, "early", 5);
    issue(&a);
    expect(&a, "early", 5);
    end(&a);
}

static void fin_without_data_is_success_with_no_bytes(void)
{
    struct accepting a;

    begin(&a);
    issue(&a);
    dial(&a);
    CHECK(shutdown(a.client, SD_SEND) == 0);
    expect(&a, "", 0);
    CHECK_EQ(recv(a.taken, a.buf, 1, 0), 0);
    end(&a);
}

static void close_without_data_is_success_with_no_bytes(void)
{
    struct accepting a;

    begin(&a);
    issue(&a);
    dial(&a);
    CHECK(closesocket(a.client) == 0);
    a.client = INVALID_SOCKET;
    expect(&a, "", 0);
    end(&a);
}

static void data_wins_over_the_fin_behind_it(void)
{
    struct accepting a;

    begin(&a);
    dial(&a);
    test_send_all(a.client, "last", 4);
    CHECK(closesocket(a.client) == 0);
    a.client = INVALID_SOCKET;
    issue(&a);
    expect(&a, "last", 4);
    CHECK_EQ(recv(a.taken, a.buf, 1, 0), 0);
    end(&a);
}

static void data_wins_over_the_fin_while_pending(void)
{
    struct accepting a;

    begin(&a);
    issue(&a);
    dial(&a);
    test_send_all(a.client, "last", 4);
    CHECK(shutdown(a.client, SD_SEND) == 0);
    expect(&a, "last", 4);
    end(&a);
}

static int connected(SOCKET s)
{
    ULONGLONG limit = GetTickCount64() + DEADLINE_MS;
    DWORD seconds = 0xffffffff;
    int len = sizeof seconds;

    do {
        if (getsockopt(s, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &len)) break;
        if (seconds != 0xffffffff) return 1;
        Sleep(1);
    } while (GetTickCount64() < limit);
    return CHECK(!"the accept socket gets its connection");
}

static void reset_while_waiting_for_data_fails_it(void)
{
    struct accepting a;
    DWORD n = 77;

    begin(&a);
    issue(&a);
    dial(&a);
    connected(a.taken);
    test_reset(a.client);
    a.client = INVALID_SOCKET;
    CHECK_EQ(test_result(a.listener, &a.ov, &n), WSAECONNRESET);
    CHECK_EQ(n, 0);
    CHECK(!GetOverlappedResult((HANDLE)a.listener, &a.ov, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_NETNAME_DELETED);
    end(&a);
}

static void cancel_while_waiting_for_data_aborts(void)
{
    struct accepting a;

    begin(&a);
    issue(&a);
    dial(&a);
    connected(a.taken);
    CHECK(CancelIoEx((HANDLE)a.listener, &a.ov));
    CHECK_EQ(test_result(a.listener, &a.ov, NULL), WSA_OPERATION_ABORTED);
    end(&a);
}

static void area_of_one_byte(void)
{
    struct accepting a;
    char rest[2];
    DWORD n = 0;

    begin(&a);
    CHECK_PENDS(AcceptEx(a.listener, a.taken, a.buf, 1, AREA, AREA, NULL, &a.ov));
    dial(&a);
    test_send_all(a.client, "abc", 3);
    CHECK_EQ(test_result(a.listener, &a.ov, &n), 0);
    CHECK_EQ(n, 1);
    CHECK_EQ(a.buf[0], 'a');
    CHECK(test_recv_all(a.taken, rest, 2) && memcmp(rest, "bc", 2) == 0);
    end(&a);
}

static const struct test_case cases[] = {
    TEST(connection_alone_does_not_complete_it, "30 AcceptEx [doc; obs]"),
    TEST(first_bytes_complete_it_without_filling_the_area, "30 AcceptEx [doc; obs]"),
    TEST(what_does_not_fit_is_left_to_the_next_receive, "30 AcceptEx [doc]"),
    TEST(data_that_waits_already, "30 AcceptEx [obs]"),
    TEST(fin_without_data_is_success_with_no_bytes, "30 AcceptEx [doc; obs]"),
    TEST(close_without_data_is_success_with_no_bytes, "30 AcceptEx [doc; obs]"),
    TEST(data_wins_over_the_fin_behind_it, "30 AcceptEx [obs]"),
    TEST(data_wins_over_the_fin_while_pending, "30 AcceptEx [obs]"),
    TEST(reset_while_waiting_for_data_fails_it, "30 AcceptEx [doc; obs]; 20 §5"),
    TEST(cancel_while_waiting_for_data_aborts, "20 §11 [doc]"),
    TEST(area_of_one_byte, "30 AcceptEx [doc]"),
};
TEST_MAIN(cases)
