/* SPDX-License-Identifier: MIT */
/* socket-create.c - socket() and WSASocket(): how the triple is resolved, what is refused, how a new socket starts. */
#include "test.h"

#define CHECK_NO_SOCKET(call, code) \
    (WSASetLastError(0), CHECK((call) == INVALID_SOCKET), CHECK_EQ(WSAGetLastError(), (code)))
#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

static int type_of(SOCKET s)
{
    int type = -1, len = sizeof type;

    CHECK(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &len) == 0);
    return type;
}

/* The family shows in the address after a bind. */
static int family_of(SOCKET s)
{
    struct sockaddr_storage addr;
    int len = sizeof addr;

    memset(&addr, 0, sizeof addr);
    addr.ss_family = AF_INET;
    if (bind(s, (struct sockaddr *)&addr, sizeof(struct sockaddr_in))) {
        addr.ss_family = AF_INET6;
        if (!CHECK(bind(s, (struct sockaddr *)&addr, sizeof(struct sockaddr_in6)) == 0)) return -1;
    }
    CHECK(getsockname(s, (struct sockaddr *)&addr, &len) == 0);
    return addr.ss_family;
}

static void check_resolves(int af, int type, int protocol, int want_type)
{
    SOCKET s = socket(af, type, protocol);

    if (!CHECK(s != INVALID_SOCKET)) {
        test_note("socket(%d, %d, %d)", af, type, protocol);
        return;
    }
    CHECK_EQ(type_of(s), want_type);
    if (af) CHECK_EQ(family_of(s), af);
    closesocket(s);
}

static void triples_are_resolved(void)
{
    check_resolves(AF_INET, SOCK_STREAM, IPPROTO_TCP, SOCK_STREAM);
    check_resolves(AF_INET, SOCK_STREAM, 0, SOCK_STREAM);
    check_resolves(AF_INET, SOCK_DGRAM, IPPROTO_UDP, SOCK_DGRAM);
    check_resolves(AF_INET, SOCK_DGRAM, 0, SOCK_DGRAM);
    check_resolves(AF_INET, 0, IPPROTO_TCP, SOCK_STREAM);
    check_resolves(AF_INET, 0, IPPROTO_UDP, SOCK_DGRAM);
    check_resolves(AF_INET, 0, 0, SOCK_STREAM);
}

static void triples_are_resolved_for_ipv6(void)
{
    check_resolves(AF_INET6, SOCK_STREAM, IPPROTO_TCP, SOCK_STREAM);
    check_resolves(AF_INET6, SOCK_STREAM, 0, SOCK_STREAM);
    check_resolves(AF_INET6, SOCK_DGRAM, 0, SOCK_DGRAM);
    check_resolves(AF_INET6, 0, IPPROTO_UDP, SOCK_DGRAM);
    check_resolves(AF_INET6, 0, IPPROTO_TCP, SOCK_STREAM);
}

static void protocol_alone_chooses_family_and_type(void)
{
    check_resolves(0, 0, IPPROTO_TCP, SOCK_STREAM);
    check_resolves(0, 0, IPPROTO_UDP, SOCK_DGRAM);
    check_resolves(0, SOCK_STREAM, IPPROTO_TCP, SOCK_STREAM);
    check_resolves(0, SOCK_DGRAM, IPPROTO_UDP, SOCK_DGRAM);
}

static void neither_family_nor_protocol(void)
{
    CHECK_NO_SOCKET(socket(0, 0, 0), WSAEINVAL);
    CHECK_NO_SOCKET(socket(0, SOCK_STREAM, 0), WSAEINVAL);
    CHECK_NO_SOCKET(socket(0, SOCK_DGRAM, 0), WSAEINVAL);
    CHECK_NO_SOCKET(socket(0, 77, 0), WSAEINVAL);
}

static void unknown_type(void)
{
    CHECK_NO_SOCKET(socket(AF_INET, 77, 0), WSAESOCKTNOSUPPORT);
    CHECK_NO_SOCKET(socket(AF_INET, -1, IPPROTO_TCP), WSAESOCKTNOSUPPORT);
}

static void protocol_that_does_not_fit(void)
{
    CHECK_NO_SOCKET(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), WSAEPROTONOSUPPORT);
    CHECK_NO_SOCKET(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), WSAEPROTONOSUPPORT);
    CHECK_NO_SOCKET(socket(AF_INET, SOCK_STREAM, 250), WSAEPROTONOSUPPORT);
}

static void unknown_family(void)
{
    CHECK_NO_SOCKET(socket(99, SOCK_STREAM, IPPROTO_TCP), WSAEAFNOSUPPORT);
    CHECK_NO_SOCKET(socket(-5, SOCK_STREAM, IPPROTO_TCP), WSAEAFNOSUPPORT);
}

/* 10 is the number that Linux has for IPv6: it must not get through. */
static void linux_numbers_mean_nothing(void)
{
    CHECK_NO_SOCKET(socket(10, SOCK_STREAM, IPPROTO_TCP), WSAEAFNOSUPPORT);
    CHECK_NO_SOCKET(socket(AF_INET, SOCK_STREAM | 0x800, IPPROTO_TCP), WSAESOCKTNOSUPPORT);
}

static void success_sets_the_last_error_to_zero(void)
{
    SOCKET s;

    WSASetLastError(0xbad);
    s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s);
    WSASetLastError(0xbad);
    s = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s);
}

static void both_wsasockets_are_the_same(void)
{
    SOCKET a = WSASocketA(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    SOCKET w = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);

    CHECK_EQ(type_of(a), SOCK_STREAM);
    CHECK_EQ(type_of(w), SOCK_STREAM);
    closesocket(a);
    closesocket(w);
    CHECK_NO_SOCKET(WSASocketA(AF_INET, SOCK_STREAM, IPPROTO_UDP, NULL, 0, 0), WSAEPROTONOSUPPORT);
    CHECK_NO_SOCKET(WSASocketW(99, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0), WSAEAFNOSUPPORT);
}

/* A blocking receive with a time-out ends with the time-out, a non-blocking one would end otherwise. */
static void new_socket_blocks(void)
{
    SOCKET s = test_udp(NULL);
    DWORD ms = 20;
    char byte;

    CHECK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&ms, sizeof ms) == 0);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAETIMEDOUT);
    closesocket(s);
}

static void new_socket_does_not_linger(void)
{
    SOCKET s = test_tcp();
    struct linger linger = { 9, 9 };
    int len = sizeof linger;

    CHECK(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &len) == 0);
    CHECK_EQ(len, sizeof linger);
    CHECK_EQ(linger.l_onoff, 0);
    closesocket(s);
}

/* Values are multiples of 4, and two open sockets never have the same one. */
static void values_are_handles(void)
{
    enum { COUNT = 200 };
    SOCKET s[COUNT];
    int i, j;

    for (i = 0; i < COUNT; i++) {
        s[i] = socket(AF_INET, SOCK_DGRAM, 0);
        CHECK(s[i] != INVALID_SOCKET && s[i] != 0 && s[i] % 4 == 0);
    }
    for (i = 0; i < COUNT; i++) {
        for (j = i + 1; j < COUNT; j++) {
            if (s[i] == s[j]) CHECK(!"two sockets with one value");
        }
    }
    for (i = 0; i < COUNT; i++) CHECK_EQ(closesocket(s[i]), 0);
}

/* A receive with an OVERLAPPED on s; cancelled if it pends.  Returns the error of the call. */
static int issue_receive(SOCKET s)
{
    char byte;
    WSABUF buf = { 1, &byte };
    WSAOVERLAPPED ov;
    DWORD flags = 0;
    int error;

    test_overlapped(&ov);
    WSASetLastError(0);
    WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL);
    error = WSAGetLastError();
    if (error == WSA_IO_PENDING) {
        CHECK(CancelIoEx((HANDLE)s, &ov));
        CHECK_EQ(test_result(s, &ov, NULL), WSA_OPERATION_ABORTED);
    }
    WSACloseEvent(ov.hEvent);
    return error;
}

static void socket_makes_overlapped_sockets(void)
{
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in addr;

    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(s, (struct sockaddr *)&addr, sizeof addr) == 0);
    CHECK_EQ(issue_receive(s), WSA_IO_PENDING);
    closesocket(s);
}

/* What a thread with a non-overlapped socket is asked to do, and how it went. */
struct receive {
    SOCKET s;
    WSAOVERLAPPED ov;
    char byte;
    DWORD count;
    int result;
};

static DWORD WINAPI receive_in_thread(void *arg)
{
    struct receive *r = arg;
    WSABUF buf = { 1, &r->byte };
    DWORD flags = 0;

    r->result = WSARecv(r->s, &buf, 1, &r->count, &flags, &r->ov, NULL);
    return 0;
}

static SOCKET plain_udp(struct sockaddr_in *addr)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, 0);
    int len = sizeof *addr;
    u_long on = 1;

    memset(addr, 0, sizeof *addr);
    addr->sin_family = AF_INET;
    addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(s, (struct sockaddr *)addr, sizeof *addr) == 0);
    CHECK(getsockname(s, (struct sockaddr *)addr, &len) == 0);
    CHECK(ioctlsocket(s, FIONBIO, &on) == 0);
    return s;
}

static void without_the_flag_an_overlapped_receive_blocks(void)
{
    struct sockaddr_in addr;
    struct receive r;
    SOCKET sender = test_udp(NULL);
    HANDLE thread;
    DWORD n = 0;

    memset(&r, 0, sizeof r);
    r.s = plain_udp(&addr);
    r.result = 77;
    thread = CreateThread(NULL, 0, receive_in_thread, &r, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, QUIET_MS), WAIT_TIMEOUT);
    CHECK_EQ(sendto(sender, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr), 1);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(r.result, 0);
    CHECK_EQ(r.count, 1);
    CHECK_EQ(r.byte, 'x');
    CHECK(GetOverlappedResult((HANDLE)r.s, &r.ov, &n, FALSE));
    CHECK_EQ(n, 1);
    CloseHandle(thread);
    closesocket(r.s);
    closesocket(sender);
}

static void without_the_flag_a_plain_receive_obeys_the_mode(void)
{
    struct sockaddr_in addr;
    SOCKET s = plain_udp(&addr);
    char byte;
    WSABUF buf = { 1, &byte };
    DWORD flags = 0, n = 0;

    CHECK_ERROR(WSARecv(s, &buf, 1, &n, &flags, NULL, NULL), WSAEWOULDBLOCK);
    closesocket(s);
}

static void open_type_of_the_thread_decides(void)
{
    int type = SO_SYNCHRONOUS_NONALERT, was = 77, len = sizeof was;
    SOCKET s;

    CHECK(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&was, &len) == 0);
    CHECK_EQ(was, 0);
    CHECK(setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (const char *)&type, sizeof type) == 0);
    type = 0;
    CHECK(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&type, &len) == 0);
    CHECK_EQ(type, SO_SYNCHRONOUS_NONALERT);
    s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(s != INVALID_SOCKET);
    closesocket(s);
    CHECK(setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (const char *)&was, sizeof was) == 0);
}

static void two_roles_at_once(void)
{
    DWORD both_c = WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_C_LEAF;
    DWORD both_d = WSA_FLAG_MULTIPOINT_D_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF;

    CHECK_NO_SOCKET(WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, both_c), WSAEINVAL);
    CHECK_NO_SOCKET(WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, both_d), WSAEINVAL);
}

static void unknown_flags_are_ignored(void)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | 0x40000000);

    CHECK(s != INVALID_SOCKET);
    closesocket(s);
}

static void inheritance_flag_is_accepted(void)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | 0x80 /* NO_HANDLE_INHERIT */);

    CHECK(s != INVALID_SOCKET);
    closesocket(s);
}

static void describe(WSAPROTOCOL_INFOW *info, int family, int type, int protocol)
{
    memset(info, 0, sizeof *info);
    info->dwCatalogEntryId = 1001;
    info->iVersion = 2;
    info->iAddressFamily = family;
    info->iSocketType = type;
    info->iProtocol = protocol;
}

static void protocol_info_supplies_what_is_left_open(void)
{
    WSAPROTOCOL_INFOW info;
    SOCKET s;

    describe(&info, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
    CHECK(s != INVALID_SOCKET);
    CHECK_EQ(type_of(s), SOCK_DGRAM);
    CHECK_EQ(family_of(s), AF_INET);
    closesocket(s);
    s = WSASocketW(0, 0, 0, &info, 0, WSA_FLAG_OVERLAPPED);
    CHECK(s != INVALID_SOCKET);
    CHECK_EQ(type_of(s), SOCK_DGRAM);
    closesocket(s);
}

static void arguments_win_over_the_protocol_info(void)
{
    WSAPROTOCOL_INFOW info;
    SOCKET s;

    describe(&info, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, WSA_FLAG_OVERLAPPED);
    CHECK(s != INVALID_SOCKET);
    CHECK_EQ(type_of(s), SOCK_STREAM);
    closesocket(s);
}

static void nonsense_in_the_protocol_info(void)
{
    WSAPROTOCOL_INFOW info;

    describe(&info, 12345, 12345, 12345);
    CHECK_NO_SOCKET(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0),
                    WSAEAFNOSUPPORT);
}

static void raw_sockets_need_rights(void)
{
    SOCKET s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

    if (s == INVALID_SOCKET) CHECK_EQ(WSAGetLastError(), WSAEACCES);
    else CHECK_EQ(closesocket(s), 0);
}

static const struct test_case cases[] = {
    TEST(triples_are_resolved, "80 socket [obs]"),
    TEST(triples_are_resolved_for_ipv6, "80 socket [obs]"),
    TEST(protocol_alone_chooses_family_and_type, "80 socket [obs]"),
    TEST(neither_family_nor_protocol, "80 socket [obs]"),
    TEST(unknown_type, "80 socket [obs]"),
    TEST(protocol_that_does_not_fit, "80 socket [obs]"),
    TEST(unknown_family, "80 socket [impl]"),
    TEST(linux_numbers_mean_nothing, "00 constants [hdr]"),
    TEST(success_sets_the_last_error_to_zero, "80 socket [obs]"),
    TEST(both_wsasockets_are_the_same, "80 socket [doc]; 01 row 15"),
    TEST(new_socket_blocks, "80 socket [doc]"),
    TEST(new_socket_does_not_linger, "80 socket [doc]"),
    TEST(values_are_handles, "00 types"),
    TEST(socket_makes_overlapped_sockets, "80 socket [doc WSASocket]; 01 row 15"),
    TEST(without_the_flag_an_overlapped_receive_blocks, "80 socket; 20 §2 [obs]"),
    TEST(without_the_flag_a_plain_receive_obeys_the_mode, "20 §2 [obs]"),
    TEST(open_type_of_the_thread_decides, "80 socket [doc]; 70 options [obs]"),
    TEST_WINE_DIFFERS(two_roles_at_once, "80 socket [doc]", "Wine 8 does not look"),
    TEST(unknown_flags_are_ignored, "80 socket [impl]"),
    TEST(inheritance_flag_is_accepted, "80 socket [doc]"),
    TEST(protocol_info_supplies_what_is_left_open, "80 socket [obs]"),
    TEST(arguments_win_over_the_protocol_info, "80 socket [obs]"),
    TEST_WINE_DIFFERS(nonsense_in_the_protocol_info, "80 socket [obs]", "Wine 8 says WSAESOCKTNOSUPPORT"),
    TEST(raw_sockets_need_rights, "80 socket [obs]"),
};
TEST_MAIN(cases)
