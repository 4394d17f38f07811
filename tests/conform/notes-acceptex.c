/* SPDX-License-Identifier: MIT */
/* notes-acceptex.c - the rows of the page of notes (contract 01) that are about AcceptEx: 16 to 23 and 28. */
#include "test.h"

enum { UNTOUCHED = 0xdead };

static void close_pair(SOCKET s[2])
{
    closesocket(s[0]);
    closesocket(s[1]);
}

/* A listener with one AcceptEx pending and a client that is not connected yet. */
struct scene {
    struct sockaddr_in addr;
    SOCKET listener, taker, client;
    WSAOVERLAPPED ov;
    char block[256];
    DWORD data_len, local_len, remote_len;
};

static void begin(struct scene *c, DWORD data_len, DWORD local_len, DWORD remote_len)
{
    memset(c, 0, sizeof *c);
    c->listener = test_listener(&c->addr);
    c->taker = test_tcp();
    c->client = test_tcp();
    c->data_len = data_len;
    c->local_len = local_len;
    c->remote_len = remote_len;
    test_overlapped(&c->ov);
    CHECK(!AcceptEx(c->listener, c->taker, c->block, data_len, local_len, remote_len, NULL, &c->ov));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
}

static void connect_client(struct scene *c)
{
    CHECK_EQ(connect(c->client, (struct sockaddr *)&c->addr, sizeof c->addr), 0);
}

static void end(struct scene *c)
{
    closesocket(c->client);
    closesocket(c->taker);
    closesocket(c->listener);
    WSACloseEvent(c->ov.hEvent);
}

/* The address that the client has itself. */
static struct sockaddr_in own_address(struct scene *c)
{
    struct sockaddr_in a = { 0 };
    int len = sizeof a;

    CHECK_EQ(getsockname(c->client, (struct sockaddr *)&a, &len), 0);
    return a;
}

static void check_address(const struct sockaddr *got, struct sockaddr_in want)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)got;

    CHECK_EQ(in->sin_family, AF_INET);
    CHECK_EQ(in->sin_port, want.sin_port);
    CHECK_EQ(in->sin_addr.s_addr, want.sin_addr.s_addr);
}

static void note16_acceptex_pends_with_error_io_pending(void)
{
    struct scene c;

    CHECK_EQ(ERROR_IO_PENDING, WSA_IO_PENDING);
    CHECK_EQ(ERROR_IO_PENDING, 997);
    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    end(&c);
}

static void note17_accept_socket_is_a_fresh_one(void)
{
    struct scene c;
    char data[8];

    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    CHECK(test_send_all(c.client, "hello", 5)); /* it is the connection now */
    CHECK(test_recv_all(c.taker, data, 5));
    end(&c);
}

static void note17_bound_or_connected_sockets_are_refused(void)
{
    static WSAOVERLAPPED ov; /* static: where the call is not refused it pends until the listener goes */
    static char block[128];
    SOCKET listener = test_listener(NULL), bound = test_tcp_bound(), s[2];

    REQUIRE(test_pair(s));
    CHECK(!AcceptEx(listener, bound, block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!AcceptEx(listener, s[0], block, 0, 32, 32, NULL, &ov));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    closesocket(listener);
    closesocket(bound);
    close_pair(s);
}

static void note18_output_buffer_holds_data_local_and_remote_address(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;
    DWORD n = 0;

    begin(&c, 10, 32, 32);
    connect_client(&c);
    CHECK(test_send_all(c.client, "hello", 5));
    CHECK_EQ(test_result(c.listener, &c.ov, &n), 0);
    CHECK_EQ(n, 5);
    CHECK(!memcmp(c.block, "hello", 5));
    GetAcceptExSockaddrs(c.block, 10, 32, 32, &local, &local_len, &remote, &remote_len);
    REQUIRE(local && remote);
    check_address(local, c.addr);
    check_address(remote, own_address(&c));
    CHECK((char *)local >= c.block + 10 && (char *)local < (char *)remote);
    CHECK((char *)remote < c.block + 10 + 32 + 32);
    end(&c);
}

static void note19_receive_length_zero_does_not_wait_for_data(void)
{
    struct scene c;
    DWORD n = UNTOUCHED;

    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, &n), 0);
    CHECK_EQ(n, 0);
    end(&c);

    begin(&c, 8, 32, 32);
    connect_client(&c);
    CHECK_EQ(WaitForSingleObject(c.ov.hEvent, QUIET_MS), WAIT_TIMEOUT);
    CHECK(test_send_all(c.client, "x", 1));
    CHECK_EQ(test_result(c.listener, &c.ov, &n), 0);
    CHECK_EQ(n, 1);
    end(&c);
}

static void note20_address_lengths_are_their_shares_of_the_buffer(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;

    begin(&c, 0, 48, 40);
    memset(c.block + 48 + 40, '#', sizeof c.block - 88);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 48, 40, &local, &local_len, &remote, &remote_len);
    REQUIRE(local && remote);
    check_address(local, c.addr);
    check_address(remote, own_address(&c));
    CHECK((char *)local < c.block + 48);
    CHECK((char *)remote >= c.block + 48 && (char *)remote < c.block + 88);
    CHECK_EQ(c.block[88], '#');
    end(&c);
}

static void note21_lpdwbytesreceived_is_set_only_on_synchronous_success(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), taker = test_tcp(), client = test_tcp();
    WSAOVERLAPPED ov;
    char block[128];
    DWORD n = UNTOUCHED;

    test_overlapped(&ov);
    CHECK_EQ(connect(client, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK(test_send_all(client, "hello", 5));
    CHECK(!AcceptEx(listener, taker, block, 8, 32, 32, &n, &ov)); /* always pends */
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(test_result(listener, &ov, NULL), 0);
    CHECK_EQ(ov.InternalHigh, 5);
    CHECK_EQ(n, UNTOUCHED);
    closesocket(client);
    closesocket(taker);
    closesocket(listener);
    WSACloseEvent(ov.hEvent);
}

static void note22_getacceptexsockaddrs_points_into_the_buffer(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;

    begin(&c, 0, 32, 32);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 32, 32, &local, &local_len, &remote, &remote_len);
    CHECK_EQ(local_len, 16);
    CHECK_EQ(remote_len, 16);
    CHECK((char *)local >= c.block && (char *)local + local_len <= c.block + 64);
    CHECK((char *)remote >= c.block && (char *)remote + remote_len <= c.block + 64);
    end(&c);
}

/* The example of the notes, written out: nothing but the remote address is asked for. */
static void note23_example_prints_the_clients_address(void)
{
    WSAEVENT event = WSACreateEvent();
    struct sockaddr_in addr;
    SOCKET listen_socket = test_listener(&addr), client = test_tcp();
    SOCKET accept_socket = WSASocket(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    WSAOVERLAPPED overlapped;
    char buffer[128];
    DWORD received = 0, transferred = 0, flags = 0;
    SOCKADDR *local = NULL, *remote = NULL;
    INT local_length = 0, remote_length = 0;

    ZeroMemory(&overlapped, sizeof overlapped);
    overlapped.hEvent = event;
    if (!AcceptEx(listen_socket, accept_socket, buffer, 0, 0, sizeof buffer, &received, &overlapped)) {
        CHECK(ERROR_IO_PENDING == WSAGetLastError());
    }
    CHECK_EQ(connect(client, (SOCKADDR *)&addr, sizeof addr), 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, DEADLINE_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK(WSAGetOverlappedResult(listen_socket, &overlapped, &transferred, FALSE, &flags));
    GetAcceptExSockaddrs(buffer, 0, 0, sizeof buffer, &local, &local_length, &remote, &remote_length);
    REQUIRE(remote != NULL);
    CHECK(!strcmp(inet_ntoa(((SOCKADDR_IN *)remote)->sin_addr), "127.0.0.1"));
    CHECK_EQ(remote_length, 16);
    closesocket(client);
    closesocket(accept_socket);
    closesocket(listen_socket);
    WSACloseEvent(event);
}

static void note23_local_outputs_of_length_zero_stay(void)
{
    struct scene c;
    struct sockaddr_in mine;
    struct sockaddr *local = (struct sockaddr *)&mine, *remote = NULL;
    int local_len = 99, remote_len = 0;

    begin(&c, 0, 0, 128);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 0, 128, &local, &local_len, &remote, &remote_len);
    REQUIRE(remote != NULL);
    check_address(remote, own_address(&c));
    CHECK(local == (struct sockaddr *)&mine);
    CHECK_EQ(local_len, 99);
    end(&c);
}

static void note28_addresses_need_sixteen_bytes_more(void)
{
    struct scene c;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_len = 0, remote_len = 0;

    CHECK_EQ(sizeof(SOCKADDR_IN) + 16, 32);
    begin(&c, 0, sizeof(SOCKADDR_IN) + 16, sizeof(SOCKADDR_IN) + 16);
    connect_client(&c);
    CHECK_EQ(test_result(c.listener, &c.ov, NULL), 0);
    GetAcceptExSockaddrs(c.block, 0, 32, 32, &local, &local_len, &remote, &remote_len);
    REQUIRE(local && remote);
    check_address(local, c.addr);
    check_address(remote, own_address(&c));
    end(&c);
}

static void note28_less_fails_when_the_connection_arrives(void)
{
    static const DWORD too_little[] = { 1, 3, 20, 31 };
    struct scene c;
    size_t i;

    for (i = 0; i < sizeof too_little / sizeof too_little[0]; i++) {
        begin(&c, 0, too_little[i], 32);
        CHECK_EQ(WaitForSingleObject(c.ov.hEvent, 0), WAIT_TIMEOUT);
        connect_client(&c);
        CHECK_EQ(test_result(c.listener, &c.ov, NULL), WSAEFAULT);
        end(&c);
    }
}

static const struct test_case cases[] = {
    TEST(note16_acceptex_pends_with_error_io_pending, "01 row 16; 30"),
    TEST(note17_accept_socket_is_a_fresh_one, "01 row 17; 30"),
    TEST_WINE_DIFFERS(note17_bound_or_connected_sockets_are_refused, "01 row 17; 30 [obs]",
                      "Wine 8 takes a bound socket"),
    TEST(note18_output_buffer_holds_data_local_and_remote_address, "01 row 18; 30"),
    TEST(note19_receive_length_zero_does_not_wait_for_data, "01 row 19; 30"),
    TEST(note20_address_lengths_are_their_shares_of_the_buffer, "01 row 20; 30"),
    TEST_WINE_DIFFERS(note21_lpdwbytesreceived_is_set_only_on_synchronous_success, "01 row 21; 30",
                      "Wine 8 stores 0 through lpdwBytesReceived at issue"),
    TEST(note22_getacceptexsockaddrs_points_into_the_buffer, "01 row 22; 30"),
    TEST(note23_example_prints_the_clients_address, "01 row 23; 30"),
    TEST_WINE_DIFFERS(note23_local_outputs_of_length_zero_stay, "01 row 23; 30 [obs]",
                      "Wine 8 fills the local outputs"),
    TEST(note28_addresses_need_sixteen_bytes_more, "01 row 28; 30"),
    TEST_WINE_DIFFERS(note28_less_fails_when_the_connection_arrives, "01 row 28; 30 [obs]",
                      "Wine 8 is content with room for the address itself"),
};

TEST_MAIN(cases)
