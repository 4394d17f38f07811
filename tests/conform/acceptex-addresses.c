/* SPDX-License-Identifier: MIT */
/* acceptex-addresses.c - the addresses that AcceptEx stores, as GetAcceptExSockaddrs finds them. */
#include "test.h"

#define AREA (sizeof(struct sockaddr_in) + 16)

#define CHECK_PENDS(call) (CHECK(!(call)), CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING))

/* A completed AcceptEx with all that it used. */
struct accepted {
    SOCKET listener, taken, client;
    struct sockaddr_in listen_addr, client_addr;
    DWORD count;
    char buf[512];
};

/* Accepts one connection, which sends `data` first if it is not NULL. */
static int accept_one(struct accepted *a, DWORD data_len, DWORD local_len, DWORD remote_len, const char *data)
{
    WSAOVERLAPPED ov;
    int len = sizeof a->client_addr, ok;

    memset(a, 0, sizeof *a);
    memset(a->buf, 0x5a, sizeof a->buf);
    a->listener = test_listener(&a->listen_addr);
    a->taken = test_tcp();
    a->client = test_tcp();
    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(a->listener, a->taken, a->buf, data_len, local_len, remote_len, NULL, &ov));
    CHECK(connect(a->client, (struct sockaddr *)&a->listen_addr, sizeof a->listen_addr) == 0);
    CHECK(getsockname(a->client, (struct sockaddr *)&a->client_addr, &len) == 0);
    if (data) test_send_all(a->client, data, (int)strlen(data));
    ok = CHECK_EQ(test_result(a->listener, &ov, &a->count), 0);
    WSACloseEvent(ov.hEvent);
    return ok;
}

static void end(struct accepted *a)
{
    closesocket(a->listener);
    closesocket(a->taken);
    closesocket(a->client);
}

static int is_in(const struct accepted *a, const void *p, size_t size)
{
    return (const char *)p >= a->buf && (const char *)p + size <= a->buf + sizeof a->buf;
}

static void check_address(const struct accepted *a, const struct sockaddr *got, int len, const struct sockaddr_in *want)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)got;

    if (!CHECK(got != NULL)) return;
    CHECK_EQ(len, sizeof *in);
    if (!CHECK(is_in(a, got, sizeof *in))) return;
    CHECK_EQ(in->sin_family, AF_INET);
    CHECK_EQ(in->sin_port, want->sin_port);
    CHECK_EQ(in->sin_addr.s_addr, want->sin_addr.s_addr);
}

static void check_both(struct accepted *a, DWORD data_len, DWORD local_len, DWORD remote_len)
{
    struct sockaddr *local = NULL, *remote = NULL;
    INT local_size = 77, remote_size = 77;

    GetAcceptExSockaddrs(a->buf, data_len, local_len, remote_len, &local, &local_size, &remote, &remote_size);
    check_address(a, local, local_size, &a->listen_addr);
    check_address(a, remote, remote_size, &a->client_addr);
}

static void both_addresses_are_in_the_buffer(void)
{
    struct accepted a;

    if (accept_one(&a, 0, AREA, AREA, NULL)) check_both(&a, 0, AREA, AREA);
    end(&a);
}

static void addresses_stand_behind_the_data_area(void)
{
    struct accepted a;

    if (accept_one(&a, 10, AREA, AREA, "0123456789")) {
        struct sockaddr *local = NULL, *remote = NULL;
        INT n;

        CHECK_EQ(a.count, 10);
        check_both(&a, 10, AREA, AREA);
        GetAcceptExSockaddrs(a.buf, 10, AREA, AREA, &local, &n, &remote, &n);
        CHECK((char *)local >= a.buf + 10 && (char *)local < a.buf + 10 + AREA);
        CHECK((char *)remote >= a.buf + 10 + AREA && (char *)remote < a.buf + 10 + 2 * AREA);
    }
    end(&a);
}

static void short_read_does_not_move_the_addresses(void)
{
    struct accepted a;

    if (accept_one(&a, 100, AREA, AREA, "abc")) {
        CHECK_EQ(a.count, 3);
        CHECK(memcmp(a.buf, "abc", 3) == 0);
        check_both(&a, 100, AREA, AREA);
    }
    end(&a);
}

static void areas_may_be_larger_than_needed(void)
{
    struct accepted a;

    if (accept_one(&a, 0, 100, 128, NULL)) check_both(&a, 0, 100, 128);
    end(&a);
}

static void nothing_is_written_behind_the_areas(void)
{
    struct accepted a;

    if (accept_one(&a, 8, AREA, AREA, "12345678")) {
        size_t i;

        for (i = 8 + 2 * AREA; i < sizeof a.buf; i++) {
            if (!CHECK_EQ(a.buf[i], 0x5a)) break;
        }
    }
    end(&a);
}

static void local_length_zero_leaves_the_local_outputs_alone(void)
{
    struct accepted a;

    if (accept_one(&a, 0, 0, AREA, NULL)) {
        struct sockaddr *local = (struct sockaddr *)0xdeadbeef, *remote = NULL;
        INT local_size = 77, remote_size = 0;

        GetAcceptExSockaddrs(a.buf, 0, 0, AREA, &local, &local_size, &remote, &remote_size);
        CHECK(local == (struct sockaddr *)0xdeadbeef);
        CHECK_EQ(local_size, 77);
        check_address(&a, remote, remote_size, &a.client_addr);
    }
    end(&a);
}

static void local_length_zero_with_data(void)
{
    struct accepted a;

    if (accept_one(&a, 20, 0, AREA, "hello")) {
        struct sockaddr *local = NULL, *remote = NULL;
        INT local_size = 77, remote_size = 0;

        CHECK_EQ(a.count, 5);
        CHECK(memcmp(a.buf, "hello", 5) == 0);
        GetAcceptExSockaddrs(a.buf, 20, 0, AREA, &local, &local_size, &remote, &remote_size);
        check_address(&a, remote, remote_size, &a.client_addr);
    }
    end(&a);
}

/* The call of the notes that started the project: no data, no local address, the whole buffer for the remote one. */
static void call_of_the_notes(void)
{
    struct accepted a;

    if (accept_one(&a, 0, 0, sizeof a.buf, NULL)) {
        struct sockaddr *local = NULL, *remote = NULL;
        INT local_size = 0, remote_size = 0;

        GetAcceptExSockaddrs(a.buf, 0, 0, sizeof a.buf, &local, &local_size, &remote, &remote_size);
        check_address(&a, remote, remote_size, &a.client_addr);
        if (remote) CHECK(strcmp(inet_ntoa(((struct sockaddr_in *)remote)->sin_addr), "127.0.0.1") == 0);
    }
    end(&a);
}

static void extension_pointer_is_the_same_function(void)
{
    struct accepted a;
    GUID id = WSAID_GETACCEPTEXSOCKADDRS;
    LPFN_GETACCEPTEXSOCKADDRS fn = NULL;
    struct sockaddr *local = NULL, *remote = NULL;
    INT local_size = 0, remote_size = 0;
    DWORD n;

    if (accept_one(&a, 0, AREA, AREA, NULL) && CHECK(WSAIoctl(a.listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &id,
                                                              sizeof id, &fn, sizeof fn, &n, NULL, NULL) == 0)) {
        fn(a.buf, 0, AREA, AREA, &local, &local_size, &remote, &remote_size);
        check_address(&a, local, local_size, &a.listen_addr);
        check_address(&a, remote, remote_size, &a.client_addr);
    }
    end(&a);
}

/* The function only reads the buffer: it may be called again, and after the sockets are gone. */
static void buffer_outlives_the_sockets(void)
{
    struct accepted a;
    int ok = accept_one(&a, 0, AREA, AREA, NULL);

    end(&a);
    if (!ok) return;
    check_both(&a, 0, AREA, AREA);
    check_both(&a, 0, AREA, AREA);
}

/* A listener on every address stores the one that the client has dialled. */
static void local_address_is_the_dialled_one(void)
{
    struct sockaddr_in any, *in;
    struct sockaddr *local = NULL, *remote = NULL;
    SOCKET listener = test_tcp(), taken = test_tcp(), client = test_tcp();
    char buf[2 * AREA];
    WSAOVERLAPPED ov;
    INT n = sizeof any;

    memset(&any, 0, sizeof any);
    any.sin_family = AF_INET;
    CHECK(bind(listener, (struct sockaddr *)&any, sizeof any) == 0);
    CHECK(listen(listener, SOMAXCONN) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&any, &n) == 0);
    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(listener, taken, buf, 0, AREA, AREA, NULL, &ov));
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(client, (struct sockaddr *)&any, sizeof any) == 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    GetAcceptExSockaddrs(buf, 0, AREA, AREA, &local, &n, &remote, &n);
    in = (struct sockaddr_in *)local;
    if (CHECK(in != NULL)) {
        CHECK_EQ(in->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
        CHECK_EQ(in->sin_port, any.sin_port);
    }
    closesocket(listener);
    closesocket(taken);
    closesocket(client);
    WSACloseEvent(ov.hEvent);
}

static void check_v6(const struct sockaddr *got, int len, const struct sockaddr_in6 *want)
{
    const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)got;

    if (!CHECK(got != NULL)) return;
    CHECK_EQ(len, sizeof *in);
    CHECK_EQ(in->sin6_family, AF_INET6);
    CHECK_EQ(in->sin6_port, want->sin6_port);
    CHECK(memcmp(&in->sin6_addr, &want->sin6_addr, sizeof in->sin6_addr) == 0);
}

static void ipv6_addresses(void)
{
    enum { AREA6 = sizeof(struct sockaddr_in6) + 16 };
    struct sockaddr_in6 server, dialler;
    struct sockaddr *local = NULL, *remote = NULL;
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0), taken, client;
    char buf[2 * AREA6];
    WSAOVERLAPPED ov;
    INT local_size = sizeof server, remote_size = sizeof dialler;

    memset(&server, 0, sizeof server);
    server.sin6_family = AF_INET6;
    server.sin6_addr.s6_addr[15] = 1;
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&server, sizeof server)) {
        if (listener != INVALID_SOCKET) closesocket(listener);
        test_skip("no ::1 here");
        return;
    }
    CHECK(listen(listener, SOMAXCONN) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&server, &local_size) == 0);
    taken = socket(AF_INET6, SOCK_STREAM, 0);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    test_overlapped(&ov);
    CHECK_PENDS(AcceptEx(listener, taken, buf, 0, AREA6, AREA6, NULL, &ov));
    CHECK(connect(client, (struct sockaddr *)&server, sizeof server) == 0);
    CHECK(getsockname(client, (struct sockaddr *)&dialler, &remote_size) == 0);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    GetAcceptExSockaddrs(buf, 0, AREA6, AREA6, &local, &local_size, &remote, &remote_size);
    check_v6(local, local_size, &server);
    check_v6(remote, remote_size, &dialler);
    closesocket(listener);
    closesocket(taken);
    closesocket(client);
    WSACloseEvent(ov.hEvent);
}

static const struct test_case cases[] = {
    TEST(both_addresses_are_in_the_buffer, "30 GetAcceptExSockaddrs [doc]; 01 row 22"),
    TEST(addresses_stand_behind_the_data_area, "30 AcceptEx [doc]; 01 rows 18, 20"),
    TEST(short_read_does_not_move_the_addresses, "30 GetAcceptExSockaddrs [obs]"),
    TEST(areas_may_be_larger_than_needed, "30 AcceptEx [doc]"),
    TEST(nothing_is_written_behind_the_areas, "30 AcceptEx [doc]"),
    TEST_WINE_DIFFERS(local_length_zero_leaves_the_local_outputs_alone, "30 GetAcceptExSockaddrs [obs]; 01 row 23",
                      "Wine 8 stores an address there"),
    TEST(local_length_zero_with_data, "30 GetAcceptExSockaddrs [obs]"),
    TEST(call_of_the_notes, "01 row 23"),
    TEST(extension_pointer_is_the_same_function, "30 [doc]"),
    TEST(buffer_outlives_the_sockets, "30 GetAcceptExSockaddrs"),
    TEST(local_address_is_the_dialled_one, "30 AcceptEx [doc]"),
    TEST(ipv6_addresses, "30 GetAcceptExSockaddrs [doc]"),
};
TEST_MAIN(cases)
