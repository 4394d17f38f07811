/* SPDX-License-Identifier: MIT */
/*
 * xlate-option.c - the option table: contract 70, "Options".
 *
 * Windows' numbers are written out here, Linux' come from its headers, and a
 * real socket confirms that the kernel knows what the table sends it.
 */
#include "unit.h"
#include "xlate/option.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOCKET_LEVEL = 0xFFFF, IP = 0, TCP = 6, UDP = 17, IPV6 = 41 };

struct row {
    int level;
    int name;
    enum lw_option_kind kind;
    int linux_level;
    int linux_name;
};

static const struct row kernel_rows[] = {
    { SOCKET_LEVEL, 8, LW_OPTION_BOOL, SOL_SOCKET, SO_KEEPALIVE },
    { SOCKET_LEVEL, 0x20, LW_OPTION_BOOL, SOL_SOCKET, SO_BROADCAST },
    { SOCKET_LEVEL, 0x80, LW_OPTION_LINGER, SOL_SOCKET, SO_LINGER },
    { SOCKET_LEVEL, -129, LW_OPTION_DONTLINGER, SOL_SOCKET, SO_LINGER },
    { SOCKET_LEVEL, 0x100, LW_OPTION_BOOL, SOL_SOCKET, SO_OOBINLINE },
    { TCP, 1, LW_OPTION_BOOL, IPPROTO_TCP, TCP_NODELAY },
    { TCP, 3, LW_OPTION_INT, IPPROTO_TCP, TCP_KEEPIDLE },
    { TCP, 4, LW_OPTION_INT, IPPROTO_TCP, TCP_MAXSEG },
    { TCP, 16, LW_OPTION_INT, IPPROTO_TCP, TCP_KEEPCNT },
    { TCP, 17, LW_OPTION_INT, IPPROTO_TCP, TCP_KEEPINTVL },
    { UDP, 1, LW_OPTION_BOOL, SOL_SOCKET, SO_NO_CHECK },
    { UDP, 2, LW_OPTION_INT, IPPROTO_UDP, 103 },
    { IP, 1, LW_OPTION_RAW, IPPROTO_IP, IP_OPTIONS },
    { IP, 3, LW_OPTION_BYTE, IPPROTO_IP, IP_TOS },
    { IP, 4, LW_OPTION_BYTE, IPPROTO_IP, IP_TTL },
    { IP, 9, LW_OPTION_RAW, IPPROTO_IP, IP_MULTICAST_IF },
    { IP, 10, LW_OPTION_BYTE, IPPROTO_IP, IP_MULTICAST_TTL },
    { IP, 11, LW_OPTION_BOOL, IPPROTO_IP, IP_MULTICAST_LOOP },
    { IP, 12, LW_OPTION_RAW, IPPROTO_IP, IP_ADD_MEMBERSHIP },
    { IP, 13, LW_OPTION_RAW, IPPROTO_IP, IP_DROP_MEMBERSHIP },
    { IP, 19, LW_OPTION_INT, IPPROTO_IP, IP_PKTINFO },
    { IP, 21, LW_OPTION_INT, IPPROTO_IP, IP_RECVTTL },
    { IP, 31, LW_OPTION_INT, IPPROTO_IP, IP_UNICAST_IF },
    { IP, 40, LW_OPTION_INT, IPPROTO_IP, IP_RECVTOS },
    { IP, 41, LW_OPTION_RAW, IPPROTO_IP, MCAST_JOIN_GROUP },
    { IP, 42, LW_OPTION_RAW, IPPROTO_IP, MCAST_LEAVE_GROUP },
    { IP, 43, LW_OPTION_RAW, IPPROTO_IP, MCAST_BLOCK_SOURCE },
    { IP, 44, LW_OPTION_RAW, IPPROTO_IP, MCAST_UNBLOCK_SOURCE },
    { IP, 45, LW_OPTION_RAW, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP },
    { IP, 46, LW_OPTION_RAW, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP },
    { IP, 73, LW_OPTION_INT, IPPROTO_IP, IP_MTU },
    { IPV6, 4, LW_OPTION_BYTE, IPPROTO_IPV6, IPV6_UNICAST_HOPS },
    { IPV6, 9, LW_OPTION_INT, IPPROTO_IPV6, IPV6_MULTICAST_IF },
    { IPV6, 10, LW_OPTION_BYTE, IPPROTO_IPV6, IPV6_MULTICAST_HOPS },
    { IPV6, 11, LW_OPTION_BOOL, IPPROTO_IPV6, IPV6_MULTICAST_LOOP },
    { IPV6, 12, LW_OPTION_RAW, IPPROTO_IPV6, IPV6_JOIN_GROUP },
    { IPV6, 13, LW_OPTION_RAW, IPPROTO_IPV6, IPV6_LEAVE_GROUP },
    { IPV6, 14, LW_OPTION_BOOL, IPPROTO_IPV6, IPV6_DONTFRAG },
    { IPV6, 19, LW_OPTION_INT, IPPROTO_IPV6, IPV6_RECVPKTINFO },
    { IPV6, 21, LW_OPTION_INT, IPPROTO_IPV6, IPV6_RECVHOPLIMIT },
    { IPV6, 40, LW_OPTION_INT, IPPROTO_IPV6, IPV6_RECVTCLASS },
    { IPV6, 72, LW_OPTION_INT, IPPROTO_IPV6, IPV6_MTU },
};

/* Answered by the socket object; DEBUG ... UPDATE_CONNECT_CONTEXT, then those beside SOL_SOCKET. */
static const struct {
    int level;
    int name;
} own_rows[] = {
    { SOCKET_LEVEL, 1 },
    { SOCKET_LEVEL, 2 },
    { SOCKET_LEVEL, 4 },
    { SOCKET_LEVEL, -5 },
    { SOCKET_LEVEL, 0x10 },
    { SOCKET_LEVEL, 0x1001 },
    { SOCKET_LEVEL, 0x1002 },
    { SOCKET_LEVEL, 0x1005 },
    { SOCKET_LEVEL, 0x1006 },
    { SOCKET_LEVEL, 0x1007 },
    { SOCKET_LEVEL, 0x1008 },
    { SOCKET_LEVEL, 0x1009 },
    { SOCKET_LEVEL, 0x2003 },
    { SOCKET_LEVEL, 0x2004 },
    { SOCKET_LEVEL, 0x2005 },
    { SOCKET_LEVEL, 0x7008 },
    { SOCKET_LEVEL, 0x700B },
    { SOCKET_LEVEL, 0x700C },
    { SOCKET_LEVEL, 0x7010 },
    { IP, 14 },
    { IP, 71 },
    { IPV6, 27 },
    { IPV6, 71 },
};

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct lw_option *find(int level, int name)
{
    int error = 0;

    return lw_option_find(level, name, &error);
}

static void options_of_the_kernel_have_its_names(void)
{
    for (int i = 0; i < COUNT(kernel_rows); i++) {
        const struct row *want = &kernel_rows[i];
        const struct lw_option *got = find(want->level, want->name);

        if (!CHECK(got != NULL)) continue;
        CHECK_EQ(got->level, want->level);
        CHECK_EQ(got->name, want->name);
        CHECK_EQ(got->kind, want->kind);
        CHECK_EQ(got->linux_level, want->linux_level);
        CHECK_EQ(got->linux_name, want->linux_name);
    }
}

/* One value as the kernel takes it; what it answers to strange values is not this table's business. */
static int kernel_knows(int fd, const struct lw_option *option)
{
    unsigned char value[512];
    socklen_t len = sizeof(value);

    return getsockopt(fd, option->linux_level, option->linux_name, value, &len) == 0;
}

static void the_kernel_knows_them(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    int udp6 = socket(AF_INET6, SOCK_DGRAM, 0);

    CHECK(tcp >= 0 && udp >= 0);
    for (int i = 0; i < COUNT(kernel_rows); i++) {
        const struct lw_option *option = find(kernel_rows[i].level, kernel_rows[i].name);
        int fd = kernel_rows[i].level == TCP ? tcp : kernel_rows[i].level == IPV6 ? udp6 : udp;
        /* Memberships can only be set; the MTU needs a connection; IPv6 may be missing. */
        int write_only = option->linux_level != IPPROTO_TCP && option->kind == LW_OPTION_RAW &&
                         option->linux_name != IP_OPTIONS && option->linux_name != IP_MULTICAST_IF;

        if (fd < 0 || write_only || option->name == 72 || option->name == 73) continue;
        if (!CHECK(kernel_knows(fd, option))) printf("#   level %d name %d\n", option->level, option->name);
    }
    close(tcp);
    close(udp);
    if (udp6 >= 0) close(udp6);
}

static void options_of_the_object_are_marked(void)
{
    for (int i = 0; i < COUNT(own_rows); i++) {
        const struct lw_option *got = find(own_rows[i].level, own_rows[i].name);

        if (!CHECK(got != NULL)) continue;
        if (!CHECK_EQ(got->kind, LW_OPTION_OWN)) printf("#   level %d name %d\n", got->level, got->name);
    }
}

static void options_that_windows_refuses_have_their_code(void)
{
    static const struct {
        int level;
        int name;
    } refused[] = { { SOCKET_LEVEL, 0x40 }, { SOCKET_LEVEL, 0x1003 }, { SOCKET_LEVEL, 0x1004 }, { IP, 2 } };

    for (int i = 0; i < COUNT(refused); i++) {
        const struct lw_option *got = find(refused[i].level, refused[i].name);

        if (!CHECK(got != NULL)) continue;
        CHECK_EQ(got->kind, LW_OPTION_REFUSED);
        CHECK_EQ(got->refusal, 10022);
    }
}

static void four_options_report_one_byte(void)
{
    for (int i = 0; i < COUNT(kernel_rows); i++) {
        const struct lw_option *got = find(kernel_rows[i].level, kernel_rows[i].name);
        int is_short = (got->level == SOCKET_LEVEL && got->name == 8) || (got->level == TCP && got->name == 1);

        if (got->kind == LW_OPTION_BOOL || got->kind == LW_OPTION_INT || got->kind == LW_OPTION_BYTE) {
            CHECK_EQ(got->get_size, is_short ? 1 : 4);
        }
    }
    CHECK_EQ(find(SOCKET_LEVEL, 0x10)->get_size, 1);
    CHECK_EQ(find(IPV6, 27)->get_size, 1);
    CHECK_EQ(find(SOCKET_LEVEL, 4)->get_size, 4);
}

static void five_options_can_be_set_with_no_length(void)
{
    static const int yes[] = { 0x20, -129, 0x100, 4, -5 };
    static const int no[] = { 1, 8, 0x10, 0x80, 0x1001, 0x1002, 0x1005, 0x1006, 0x1007 };

    for (int i = 0; i < COUNT(yes); i++) CHECK_EQ(find(SOCKET_LEVEL, yes[i])->zero_length_set, 1);
    for (int i = 0; i < COUNT(no); i++) CHECK_EQ(find(SOCKET_LEVEL, no[i])->zero_length_set, 0);
    CHECK_EQ(find(TCP, 1)->zero_length_set, 0);
    /* SO_UPDATE_CONNECT_CONTEXT has no value at all. */
    CHECK_EQ(find(SOCKET_LEVEL, 0x7010)->zero_length_set, 1);
}

static void unknown_names_and_levels_differ(void)
{
    static const int levels[] = { SOCKET_LEVEL, IP, TCP, UDP, IPV6 };
    static const int unknown[] = { -1, 1, 2, 255, 0x10006 };
    int error;

    for (int i = 0; i < COUNT(levels); i++) {
        error = 0;
        CHECK(lw_option_find(levels[i], -1, &error) == NULL);
        CHECK_EQ(error, 10042);
    }
    for (int i = 0; i < COUNT(unknown); i++) {
        error = 0;
        CHECK(lw_option_find(unknown[i], 4, &error) == NULL);
        CHECK_EQ(error, 10022);
    }
    /* The error queue is Linux' own affair. */
    CHECK(lw_option_find(IP, 75, &error) == NULL);
    CHECK(lw_option_find(IPV6, 75, &error) == NULL);
}

static const struct unit_case cases[] = {
    UNIT(options_of_the_kernel_have_its_names), UNIT(the_kernel_knows_them),
    UNIT(options_of_the_object_are_marked),     UNIT(options_that_windows_refuses_have_their_code),
    UNIT(four_options_report_one_byte),         UNIT(five_options_can_be_set_with_no_length),
    UNIT(unknown_names_and_levels_differ),
};
UNIT_MAIN(cases)
