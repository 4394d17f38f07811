/* SPDX-License-Identifier: MIT */
/* options.c - getsockopt() and setsockopt(): values, lengths and refusals of the common options. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

/* Reads an option of up to four bytes; -1 if that fails. */
static long long get(SOCKET s, int level, int option)
{
    DWORD value = 0;
    int len = sizeof value;

    return getsockopt(s, level, option, (char *)&value, &len) ? -1 : (long long)value;
}

static int set(SOCKET s, int level, int option, DWORD value)
{
    return setsockopt(s, level, option, (const char *)&value, sizeof value);
}

static void type(void)
{
    SOCKET tcp = test_tcp(), udp = test_udp(NULL);

    CHECK_EQ(get(tcp, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_EQ(get(udp, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
    closesocket(tcp);
    closesocket(udp);
}

static void type_cannot_be_set(void)
{
    SOCKET tcp = test_tcp(), udp = test_udp(NULL);

    CHECK_ERROR(set(tcp, SOL_SOCKET, SO_TYPE, SOCK_DGRAM), WSAENOPROTOOPT);
    CHECK_ERROR(set(udp, SOL_SOCKET, SO_TYPE, SOCK_STREAM), WSAEINVAL);
    closesocket(tcp);
    closesocket(udp);
}

static void listening_shows(void)
{
    SOCKET fresh = test_tcp(), bound = test_tcp_bound(), listener = test_listener(NULL);

    CHECK_EQ(get(fresh, SOL_SOCKET, SO_ACCEPTCONN), 0);
    CHECK_EQ(get(bound, SOL_SOCKET, SO_ACCEPTCONN), 0);
    CHECK_EQ(get(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
    closesocket(fresh);
    closesocket(bound);
    closesocket(listener);
}

static void error_can_be_set_and_is_kept(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(get(s, SOL_SOCKET, SO_ERROR), 0);
    CHECK_EQ(set(s, SOL_SOCKET, SO_ERROR, 4711), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_ERROR), 4711);
    closesocket(s);
}

static void error_with_a_short_length(void)
{
    SOCKET s = test_tcp();
    int value, len = 3;

    CHECK_ERROR(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&value, &len), WSAEFAULT);
    closesocket(s);
}

static void buffer_sizes_are_read_back_exactly(void)
{
    static const int sizes[] = { 0, 1, 4095, 4096, 65536, 123457 };
    SOCKET s = test_tcp(), udp = test_udp(NULL);
    size_t i;

    CHECK(get(s, SOL_SOCKET, SO_SNDBUF) > 0);
    CHECK(get(s, SOL_SOCKET, SO_RCVBUF) > 0);
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CHECK_EQ(set(s, SOL_SOCKET, SO_SNDBUF, (DWORD)sizes[i]), 0);
        CHECK_EQ(get(s, SOL_SOCKET, SO_SNDBUF), sizes[i]);
        CHECK_EQ(set(s, SOL_SOCKET, SO_RCVBUF, (DWORD)sizes[i]), 0);
        CHECK_EQ(get(s, SOL_SOCKET, SO_RCVBUF), sizes[i]);
        CHECK_EQ(set(udp, SOL_SOCKET, SO_RCVBUF, (DWORD)sizes[i]), 0);
        CHECK_EQ(get(udp, SOL_SOCKET, SO_RCVBUF), sizes[i]);
    }
    closesocket(s);
    closesocket(udp);
}

static void connection_keeps_its_buffer_sizes(void)
{
    struct sockaddr_in addr;
    SOCKET listener = test_listener(&addr), s = test_tcp();

    CHECK_EQ(set(s, SOL_SOCKET, SO_SNDBUF, 12345), 0);
    CHECK_EQ(set(s, SOL_SOCKET, SO_RCVBUF, 23456), 0);
    CHECK_EQ(connect(s, (struct sockaddr *)&addr, sizeof addr), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_SNDBUF), 12345);
    CHECK_EQ(get(s, SOL_SOCKET, SO_RCVBUF), 23456);
    closesocket(s);
    closesocket(listener);
}

static void linger_is_read_back(void)
{
    SOCKET s = test_tcp();
    struct linger in = { 1, 1234 }, out = { 0, 0 };
    int len = sizeof out;

    CHECK_EQ(sizeof in, 4);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&in, sizeof in), 0);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&out, &len), 0);
    CHECK_EQ(len, 4);
    CHECK_EQ(out.l_onoff, 1);
    CHECK_EQ(out.l_linger, 1234);
    CHECK_EQ(get(s, SOL_SOCKET, SO_DONTLINGER), 0);
    in.l_onoff = 0;
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&in, sizeof in), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_DONTLINGER), 1);
    closesocket(s);
}

static void linger_with_a_short_length(void)
{
    SOCKET s = test_tcp();
    struct linger linger = { 1, 5 };
    int len = 3;

    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&linger, 3), WSAEFAULT);
    CHECK_ERROR(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &len), WSAEFAULT);
    closesocket(s);
}

/* ---- switches ---- */

struct option {
    const char *name;
    int type, level, option;
    int get_len;  /* what a get with room for four bytes reports */
    int zero_set; /* a set with length 0 succeeds */
};

static const struct option switches[] = {
    { "SO_KEEPALIVE", SOCK_STREAM, SOL_SOCKET, SO_KEEPALIVE, 1, 0 },
    { "SO_BROADCAST", SOCK_DGRAM, SOL_SOCKET, SO_BROADCAST, 4, 1 },
    { "SO_OOBINLINE", SOCK_STREAM, SOL_SOCKET, SO_OOBINLINE, 4, 1 },
    { "SO_REUSEADDR", SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, 4, 1 },
    { "SO_EXCLUSIVEADDRUSE", SOCK_STREAM, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 4, 1 },
    { "SO_DONTROUTE", SOCK_STREAM, SOL_SOCKET, SO_DONTROUTE, 1, 0 },
    { "TCP_NODELAY", SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY, 1, 0 },
};
#define SWITCHES (int)(sizeof switches / sizeof *switches)

static void check_switch(const struct option *o, int ok, const char *what)
{
    if (!ok) {
        test_note("%s: %s (last error %d)", o->name, what, WSAGetLastError());
        CHECK(!"the switch behaves");
    }
}

/* SO_DONTROUTE is ignored on IPv4: what it reads as is not promised. */
static void switches_are_off_then_on_then_off(void)
{
    int i;

    for (i = 0; i < SWITCHES; i++) {
        const struct option *o = &switches[i];
        SOCKET s;

        if (o->option == SO_DONTROUTE) continue;
        s = socket(AF_INET, o->type, 0);
        check_switch(o, get(s, o->level, o->option) == 0, "off by default");
        check_switch(o, set(s, o->level, o->option, 1) == 0, "can be set");
        check_switch(o, get(s, o->level, o->option) == 1, "reads 1");
        check_switch(o, set(s, o->level, o->option, 0) == 0, "can be cleared");
        check_switch(o, get(s, o->level, o->option) == 0, "reads 0");
        closesocket(s);
    }
}

static void any_value_reads_back_as_one(void)
{
    int i;

    for (i = 0; i < SWITCHES; i++) {
        const struct option *o = &switches[i];
        SOCKET s = socket(AF_INET, o->type, 0);

        check_switch(o, set(s, o->level, o->option, 7) == 0, "can be set to 7");
        check_switch(o, get(s, o->level, o->option) == 1, "7 reads 1");
        closesocket(s);
    }
}

static void short_set_is_accepted(void)
{
    DWORD one = 1;
    int i, len;

    for (i = 0; i < SWITCHES; i++) {
        const struct option *o = &switches[i];

        for (len = 1; len < 4; len++) {
            SOCKET s = socket(AF_INET, o->type, 0);

            check_switch(o, setsockopt(s, o->level, o->option, (char *)&one, len) == 0, "short set");
            check_switch(o, get(s, o->level, o->option) == 1, "short set took effect");
            closesocket(s);
        }
    }
}

static void short_get_is_accepted(void)
{
    int i, len;

    for (i = 0; i < SWITCHES; i++) {
        const struct option *o = &switches[i];
        SOCKET s = socket(AF_INET, o->type, 0);

        check_switch(o, set(s, o->level, o->option, 1) == 0, "can be set");
        for (len = 1; len < 4; len++) {
            char value[4] = { 0, 0, 0, 0 };
            int got = len;

            check_switch(o, getsockopt(s, o->level, o->option, value, &got) == 0, "short get");
            check_switch(o, value[0] == 1, "short get gives 1");
        }
        closesocket(s);
    }
}

static void length_of_a_get_with_room_for_four_bytes(void)
{
    int i;

    for (i = 0; i < SWITCHES; i++) {
        const struct option *o = &switches[i];
        SOCKET s = socket(AF_INET, o->type, 0);
        DWORD value;
        int len = sizeof value;

        check_switch(o, getsockopt(s, o->level, o->option, (char *)&value, &len) == 0, "get");
        if (len != o->get_len) test_note("%s: length %d, want %d", o->name, len, o->get_len);
        CHECK_EQ(len, o->get_len);
        closesocket(s);
    }
}

static void length_zero(void)
{
    DWORD one = 1;
    int i;

    for (i = 0; i < SWITCHES; i++) {
        const struct option *o = &switches[i];
        SOCKET s = socket(AF_INET, o->type, 0);
        int len = 0, result;

        WSASetLastError(0);
        result = setsockopt(s, o->level, o->option, (char *)&one, 0);
        if (o->zero_set) check_switch(o, result == 0, "set of length 0 succeeds");
        else check_switch(o, result == SOCKET_ERROR && WSAGetLastError() == WSAEFAULT, "set of length 0 fails");
        WSASetLastError(0);
        result = getsockopt(s, o->level, o->option, (char *)&one, &len);
        check_switch(o, result == SOCKET_ERROR && WSAGetLastError() == WSAEFAULT, "get of length 0 fails");
        closesocket(s);
    }
}

static void longer_lengths_are_accepted(void)
{
    DWORD value[4] = { 1, 0, 0, 0 };
    int i;

    for (i = 0; i < SWITCHES; i++) {
        const struct option *o = &switches[i];
        SOCKET s = socket(AF_INET, o->type, 0);
        int len = sizeof value;

        value[0] = 1;
        check_switch(o, setsockopt(s, o->level, o->option, (char *)value, sizeof value) == 0, "long set");
        check_switch(o, getsockopt(s, o->level, o->option, (char *)value, &len) == 0, "long get");
        check_switch(o, (value[0] & 0xff) == 1, "long set took effect");
        closesocket(s);
    }
}

static void dontlinger_lengths(void)
{
    SOCKET s = test_tcp();
    DWORD value = 1;
    int len;

    for (len = 0; len < 4; len++) CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_DONTLINGER, (char *)&value, len), 0);
    len = 1;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_DONTLINGER, (char *)&value, &len), 0);
    len = sizeof value;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_DONTLINGER, (char *)&value, &len), 0);
    CHECK_EQ(len, 4);
    closesocket(s);
}

static void numbers_need_four_bytes(void)
{
    static const int options[] = { SO_SNDBUF, SO_RCVBUF, SO_RCVTIMEO, SO_SNDTIMEO, SO_ERROR, SO_TYPE };
    SOCKET s = test_tcp();
    DWORD value = 1;
    size_t i;
    int len;

    for (i = 0; i < sizeof options / sizeof *options; i++) {
        for (len = 0; len < 4; len++) {
            int got = len;

            CHECK_ERROR(getsockopt(s, SOL_SOCKET, options[i], (char *)&value, &got), WSAEFAULT);
        }
    }
    for (i = 0; i < 4; i++) CHECK_ERROR(setsockopt(s, SOL_SOCKET, options[i], (char *)&value, 3), WSAEFAULT);
    closesocket(s);
}

static void pointers_missing(void)
{
    SOCKET s = test_tcp();
    DWORD value;
    int len = sizeof value;

    CHECK_ERROR(getsockopt(s, SOL_SOCKET, SO_RCVBUF, NULL, &len), WSAEFAULT);
    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_RCVBUF, NULL, sizeof value), WSAEFAULT);
    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, NULL, sizeof value), WSAEFAULT);
    CHECK_ERROR(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, NULL, sizeof value), WSAEFAULT);
    closesocket(s);
}

static void length_pointer_missing(void)
{
    SOCKET s = test_tcp();
    DWORD value;

    CHECK_ERROR(getsockopt(s, SOL_SOCKET, SO_RCVBUF, (char *)&value, NULL), WSAEFAULT);
    closesocket(s);
}

static void unknown_option(void)
{
    SOCKET s = test_tcp();
    DWORD value = 0;
    int len = sizeof value;

    CHECK_ERROR(getsockopt(s, SOL_SOCKET, -1, (char *)&value, &len), WSAENOPROTOOPT);
    CHECK_ERROR(set(s, SOL_SOCKET, -1, 1), WSAENOPROTOOPT);
    CHECK_ERROR(getsockopt(s, IPPROTO_TCP, -1, (char *)&value, &len), WSAENOPROTOOPT);
    CHECK_ERROR(set(s, IPPROTO_TCP, -1, 1), WSAENOPROTOOPT);
    closesocket(s);
}

static void unknown_level(void)
{
    SOCKET s = test_tcp();
    DWORD value = 0;
    int len = sizeof value;

    CHECK_ERROR(getsockopt(s, 0x1234, 1, (char *)&value, &len), WSAEINVAL);
    CHECK_ERROR(set(s, 0x1234, 1, 1), WSAEINVAL);
    /* 1 is Linux' SOL_SOCKET. */
    CHECK_ERROR(getsockopt(s, 1, SO_TYPE, (char *)&value, &len), WSAEINVAL);
    closesocket(s);
}

static void debug_is_a_switch(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(get(s, SOL_SOCKET, SO_DEBUG), 0);
    CHECK_EQ(set(s, SOL_SOCKET, SO_DEBUG, 3), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_DEBUG), 1);
    closesocket(s);
}

static void marks_are_refused(void)
{
    static const int options[] = { SO_RCVLOWAT, SO_SNDLOWAT, SO_USELOOPBACK };
    SOCKET s = test_tcp();
    size_t i;

    for (i = 0; i < sizeof options / sizeof *options; i++) {
        DWORD value = 1;
        int len = sizeof value;

        CHECK_ERROR(getsockopt(s, SOL_SOCKET, options[i], (char *)&value, &len), WSAEINVAL);
        CHECK_ERROR(set(s, SOL_SOCKET, options[i], 1), WSAEINVAL);
    }
    closesocket(s);
}

static void reuse_and_exclusive_exclude_each_other(void)
{
    SOCKET a = test_tcp(), b = test_tcp();

    CHECK_EQ(set(a, SOL_SOCKET, SO_REUSEADDR, 1), 0);
    CHECK_ERROR(set(a, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1), WSAEINVAL);
    CHECK_EQ(set(b, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1), 0);
    CHECK_ERROR(set(b, SOL_SOCKET, SO_REUSEADDR, 1), WSAEINVAL);
    closesocket(a);
    closesocket(b);
}

/* What the library sets for its own purposes must not show. */
static void bound_socket_does_not_claim_reuseaddr(void)
{
    SOCKET s = test_listener(NULL);

    CHECK_EQ(get(s, SOL_SOCKET, SO_REUSEADDR), 0);
    CHECK_EQ(get(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE), 0);
    closesocket(s);
}

static void dontroute_on_ipv6(void)
{
    SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);

    if (s == INVALID_SOCKET) {
        test_skip("no IPv6 here");
        return;
    }
    CHECK_ERROR(set(s, SOL_SOCKET, SO_DONTROUTE, 1), WSAENOPROTOOPT);
    closesocket(s);
}

static void v6only_lengths_and_time(void)
{
    SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 addr;
    DWORD value = 77;
    int len = sizeof value;

    memset(&addr, 0, sizeof addr);
    addr.sin6_family = AF_INET6;
    addr.sin6_addr.s6_addr[15] = 1;
    CHECK_EQ(getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&value, &len), 0);
    CHECK_EQ(len, 1);
    CHECK_EQ(value & 0xff, 1);
    CHECK_EQ(set(s, IPPROTO_IPV6, IPV6_V6ONLY, 0), 0);
    CHECK_EQ(get(s, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    CHECK_EQ(set(s, IPPROTO_IPV6, IPV6_V6ONLY, 1), 0);
    if (bind(s, (struct sockaddr *)&addr, sizeof addr)) test_skip("no ::1 here");
    else CHECK_EQ(set(s, IPPROTO_IPV6, IPV6_V6ONLY, 0), SOCKET_ERROR);
    closesocket(s);
}

static void v6only_on_an_ipv4_socket(void)
{
    SOCKET s = test_tcp();

    CHECK_EQ(get(s, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    CHECK_EQ(set(s, IPPROTO_IPV6, IPV6_V6ONLY, 0), 0);
    CHECK_EQ(get(s, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    closesocket(s);
}

static void hops_and_service_are_bytes(void)
{
    static const int options[] = { IP_TTL, IP_TOS };
    SOCKET s = test_tcp();
    size_t i;

    for (i = 0; i < 2; i++) {
        BYTE one = 32;

        CHECK_EQ(set(s, IPPROTO_IP, options[i], 64), 0);
        CHECK_EQ(get(s, IPPROTO_IP, options[i]), 64);
        CHECK_ERROR(set(s, IPPROTO_IP, options[i], 256), WSAEINVAL);
        CHECK_EQ(get(s, IPPROTO_IP, options[i]), 64);
        CHECK_EQ(setsockopt(s, IPPROTO_IP, options[i], (const char *)&one, 1), 0);
        CHECK_EQ(get(s, IPPROTO_IP, options[i]), 32);
    }
    closesocket(s);
}

static void largest_message(void)
{
    SOCKET s = test_udp(NULL);

    CHECK_EQ(get(s, SOL_SOCKET, SO_MAX_MSG_SIZE), 65507);
    closesocket(s);
}

static void success_sets_the_last_error_to_zero(void)
{
    SOCKET s = test_tcp();

    WSASetLastError(0xbad);
    CHECK_EQ(get(s, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_EQ(WSAGetLastError(), 0);
    WSASetLastError(0xbad);
    CHECK_EQ(set(s, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(type, "70 options [hdr]"),
    TEST_WINE_DIFFERS(type_cannot_be_set, "70 SO_TYPE [obs]", "Wine 8 says WSAENOPROTOOPT for both"),
    TEST(listening_shows, "70 SO_ACCEPTCONN [obs]"),
    TEST_WINE_DIFFERS(error_can_be_set_and_is_kept, "97 SO_ERROR [obs]", "Wine 8 forgets it"),
    TEST(error_with_a_short_length, "97 SO_ERROR [obs]"),
    TEST(buffer_sizes_are_read_back_exactly, "70 SO_RCVBUF, SO_SNDBUF [obs]"),
    TEST(connection_keeps_its_buffer_sizes, "70 SO_RCVBUF, SO_SNDBUF [obs]"),
    TEST(linger_is_read_back, "30 closesocket [doc]"),
    TEST(linger_with_a_short_length, "70 option lengths [obs]"),
    TEST(switches_are_off_then_on_then_off, "70 options [obs]"),
    TEST(any_value_reads_back_as_one, "70 option lengths [obs]"),
    TEST(short_set_is_accepted, "70 option lengths [obs]"),
    TEST(short_get_is_accepted, "70 option lengths [obs]"),
    TEST(length_of_a_get_with_room_for_four_bytes, "70 option lengths [obs]"),
    TEST(length_zero, "70 option lengths [obs]"),
    TEST(longer_lengths_are_accepted, "70 options [obs]"),
    TEST(dontlinger_lengths, "70 option lengths [obs]"),
    TEST(numbers_need_four_bytes, "70 option lengths [obs]"),
    TEST(pointers_missing, "70 options [doc; obs]"),
    TEST(length_pointer_missing, "70 options [doc; obs]"),
    TEST(unknown_option, "70 options [doc; obs]"),
    TEST(unknown_level, "70 options [doc; obs]"),
    TEST_WINE_DIFFERS(debug_is_a_switch, "70 SO_DEBUG [obs]", "Wine 8 leaves it to Linux"),
    TEST_WINE_DIFFERS(marks_are_refused, "70 SO_RCVLOWAT [doc]", "Wine 8 says WSAENOPROTOOPT"),
    TEST(reuse_and_exclusive_exclude_each_other, "70 SO_REUSEADDR [obs]"),
    TEST(bound_socket_does_not_claim_reuseaddr, "70 SO_REUSEADDR [known]"),
    TEST_WINE_DIFFERS(dontroute_on_ipv6, "70 SO_DONTROUTE [doc]", "Wine 8 accepts it"),
    TEST(v6only_lengths_and_time, "70 IPPROTO_IPV6 [obs]"),
    TEST_WINE_DIFFERS(v6only_on_an_ipv4_socket, "70 IPPROTO_IPV6 [obs]", "Wine 8 leaves it to Linux"),
    TEST(hops_and_service_are_bytes, "70 option lengths [obs]"),
    TEST(largest_message, "40 lpTo [doc]"),
    TEST_WINE_DIFFERS(success_sets_the_last_error_to_zero, "00 return styles [obs]",
                      "Wine 8 leaves the last error alone"),
};
TEST_MAIN(cases)
