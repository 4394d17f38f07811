/* SPDX-License-Identifier: MIT */
/* byte-order.c - htonl and its kin, and their forms that take a socket. */
#include "test.h"

static void plain_functions_swap_to_big_endian(void)
{
    union {
        u_long value;
        unsigned char byte[4];
    } l;
    union {
        u_short value;
        unsigned char byte[2];
    } s;

    l.value = htonl(0x01020304);
    CHECK(l.byte[0] == 1 && l.byte[1] == 2 && l.byte[2] == 3 && l.byte[3] == 4);
    s.value = htons(0x0102);
    CHECK(s.byte[0] == 1 && s.byte[1] == 2);
}

static void plain_functions_undo_each_other(void)
{
    static const u_long longs[] = { 0, 1, 0x80, 0x7f000001, 0x80000000, 0xfffffffe, 0xffffffff };
    unsigned i;

    for (i = 0; i < sizeof longs / sizeof longs[0]; i++) {
        CHECK_EQ(ntohl(htonl(longs[i])), longs[i]);
        CHECK_EQ(ntohs(htons((u_short)longs[i])), (u_short)longs[i]);
    }
}

static void plain_functions_leave_the_last_error(void)
{
    WSASetLastError(0xbad);
    CHECK_EQ(ntohs(htons(80)), 80);
    CHECK_EQ(ntohl(htonl(80)), 80);
    CHECK_EQ(WSAGetLastError(), 0xbad);
}

static void socket_forms_convert(void)
{
    SOCKET s = test_tcp();
    u_long l = 0;
    u_short h = 0;

    CHECK_EQ(WSAHtonl(s, 0x01020304, &l), 0);
    CHECK_EQ(l, htonl(0x01020304));
    CHECK_EQ(WSANtohl(s, l, &l), 0);
    CHECK_EQ(l, 0x01020304);
    CHECK_EQ(WSAHtons(s, 0x0102, &h), 0);
    CHECK_EQ(h, htons(0x0102));
    CHECK_EQ(WSANtohs(s, h, &h), 0);
    CHECK_EQ(h, 0x0102);
    closesocket(s);
}

static void forms_to_network_order_need_a_place_for_the_result(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(WSAHtonl(s, 1, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0xbad);
    CHECK_EQ(WSAHtons(s, 1, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    closesocket(s);
}

static void forms_to_host_order_need_a_place_for_the_result(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(WSANtohl(s, 1, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0xbad);
    CHECK_EQ(WSANtohs(s, 1, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    closesocket(s);
}

static void check_refused(SOCKET s)
{
    u_long l = 7;
    u_short h = 7;

    WSASetLastError(0xbad);
    CHECK_EQ(WSAHtonl(s, 1, &l), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    WSASetLastError(0xbad);
    CHECK_EQ(WSANtohl(s, 1, &l), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    WSASetLastError(0xbad);
    CHECK_EQ(WSAHtons(s, 1, &h), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    WSASetLastError(0xbad);
    CHECK_EQ(WSANtohs(s, 1, &h), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(l, 7);
    CHECK_EQ(h, 7);
}

static void socket_forms_need_a_socket(void)
{
    WSAEVENT event = WSACreateEvent();
    SOCKET closed = test_tcp();

    closesocket(closed);
    check_refused(closed);
    check_refused(INVALID_SOCKET);
    check_refused(0);
    check_refused((SOCKET)event);
    WSACloseEvent(event);
}

static void the_socket_is_checked_before_the_pointer(void)
{
    CHECK_EQ(WSAHtonl(INVALID_SOCKET, 1, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
}

static void socket_forms_need_startup(void)
{
    SOCKET s = test_tcp();
    WSADATA data;
    u_long l = 7;

    closesocket(s);
    REQUIRE(WSACleanup() == 0);
    CHECK_EQ(WSAHtonl(s, 1, &l), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(ntohs(htons(1)), 1);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

#define WINE_CHECKS_NO_SOCKET "Wine 8 does not look at the socket"

static const struct test_case cases[] = {
    TEST(plain_functions_swap_to_big_endian, "reference htonl, htons"),
    TEST(plain_functions_undo_each_other, "reference ntohl, ntohs"),
    TEST(plain_functions_leave_the_last_error, "reference htonl: no error codes"),
    TEST(socket_forms_convert, "reference WSAHtonl"),
    TEST(forms_to_network_order_need_a_place_for_the_result, "reference WSAHtonl, WSAHtons: WSAEFAULT"),
    TEST_WINE_DIFFERS(forms_to_host_order_need_a_place_for_the_result, "reference WSANtohl, WSANtohs: WSAEFAULT",
                      "Wine 8 returns the code instead of SOCKET_ERROR"),
    TEST_WINE_DIFFERS(socket_forms_need_a_socket, "reference WSAHtonl: WSAENOTSOCK", WINE_CHECKS_NO_SOCKET),
    TEST_WINE_DIFFERS(the_socket_is_checked_before_the_pointer, "00 Parameter-check order", WINE_CHECKS_NO_SOCKET),
    TEST_WINE_DIFFERS(socket_forms_need_startup, "reference WSAHtonl: WSANOTINITIALISED",
                      "Wine 8 does not ask for WSAStartup here"),
};
TEST_MAIN(cases)
