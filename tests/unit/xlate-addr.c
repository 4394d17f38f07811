/* SPDX-License-Identifier: MIT */
/* xlate-addr.c - families and socket addresses, both ways: contract 00, "Types" and "Constants that differ". */
#include "unit.h"
#include "xlate/addr.h"
#include "xlate/status.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

/* The bytes of Windows' addresses, written out: port 0x1234. */
static const unsigned char inet_name[16] = { 2, 0, 0x12, 0x34, 127, 0, 0, 1 };
static const unsigned char inet6_name[28] = {
    23, 0, 0x12, 0x34, 0xA, 0xB, 0xC, 0xD, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 7, 0, 0, 0,
};

static int wsa(NTSTATUS status)
{
    return lw_status_to_wsa(status);
}

static void families_translate_both_ways(void)
{
    CHECK_EQ(lw_af_to_linux(0), AF_UNSPEC);
    CHECK_EQ(lw_af_to_linux(1), AF_UNIX);
    CHECK_EQ(lw_af_to_linux(2), AF_INET);
    CHECK_EQ(lw_af_to_linux(23), AF_INET6);
    CHECK_EQ(lw_af_from_linux(AF_UNSPEC), 0);
    CHECK_EQ(lw_af_from_linux(AF_UNIX), 1);
    CHECK_EQ(lw_af_from_linux(AF_INET), 2);
    CHECK_EQ(lw_af_from_linux(AF_INET6), 23);
}

static void families_without_a_twin_are_refused(void)
{
    static const int unknown[] = { -1, 6, 10, 26, 32, 0xFFFF, 0x10002 };

    for (int i = 0; i < (int)(sizeof(unknown) / sizeof(unknown[0])); i++) CHECK_EQ(lw_af_to_linux(unknown[i]), -1);
    CHECK_EQ(lw_af_from_linux(AF_NETLINK), -1);
    CHECK_EQ(lw_af_from_linux(23), -1);
}

static void sizes_are_those_of_windows(void)
{
    CHECK_EQ(lw_addr_size(2), 16);
    CHECK_EQ(lw_addr_size(23), 28);
    CHECK_EQ(lw_addr_size(1), 110);
    CHECK_EQ(lw_addr_size(0), 0);
    CHECK_EQ(lw_addr_size(10), 0);
}

static void inet_address_goes_to_linux(void)
{
    struct sockaddr_storage ret;
    struct sockaddr_in in;
    socklen_t len = 0;

    memset(&ret, 0xEE, sizeof(ret));
    CHECK_EQ(lw_addr_to_linux(inet_name, 16, 2, &ret, &len), 0);
    CHECK_EQ(len, sizeof(in));
    memcpy(&in, &ret, sizeof(in));
    CHECK_EQ(in.sin_family, AF_INET);
    CHECK_EQ(ntohs(in.sin_port), 0x1234);
    CHECK_EQ(ntohl(in.sin_addr.s_addr), 0x7F000001);
}

static void inet6_address_goes_to_linux(void)
{
    struct sockaddr_storage ret;
    struct sockaddr_in6 in6;
    socklen_t len = 0;

    CHECK_EQ(lw_addr_to_linux(inet6_name, 28, 23, &ret, &len), 0);
    CHECK_EQ(len, sizeof(in6));
    memcpy(&in6, &ret, sizeof(in6));
    CHECK_EQ(in6.sin6_family, AF_INET6);
    CHECK_EQ(ntohs(in6.sin6_port), 0x1234);
    CHECK_EQ(ntohl(in6.sin6_flowinfo), 0x0A0B0C0D);
    CHECK(!memcmp(&in6.sin6_addr, inet6_name + 8, 16));
    CHECK_EQ(in6.sin6_scope_id, 7);
}

static void inet6_address_of_24_bytes_has_scope_zero(void)
{
    struct sockaddr_storage ret;
    struct sockaddr_in6 in6;
    socklen_t len = 0;

    memset(&ret, 0xEE, sizeof(ret));
    CHECK_EQ(lw_addr_to_linux(inet6_name, 24, 23, &ret, &len), 0);
    CHECK_EQ(len, sizeof(in6));
    memcpy(&in6, &ret, sizeof(in6));
    CHECK(!memcmp(&in6.sin6_addr, inet6_name + 8, 16));
    CHECK_EQ(in6.sin6_scope_id, 0);
}

static void longer_addresses_are_taken_at_their_own_size(void)
{
    unsigned char big[128] = { 0 };
    struct sockaddr_storage ret;
    socklen_t len = 0;

    memset(big, 0xEE, sizeof(big));
    memcpy(big, inet_name, sizeof(inet_name));
    CHECK_EQ(lw_addr_to_linux(big, sizeof(big), 2, &ret, &len), 0);
    CHECK_EQ(len, 16);
    CHECK_EQ(((unsigned char *)&ret)[16], 0);
}

static void short_and_missing_addresses_are_faults(void)
{
    struct sockaddr_storage ret;
    socklen_t len = 99;

    CHECK_EQ(wsa(lw_addr_to_linux(NULL, 16, 2, &ret, &len)), 10014);
    CHECK_EQ(wsa(lw_addr_to_linux(inet_name, 15, 2, &ret, &len)), 10014);
    CHECK_EQ(wsa(lw_addr_to_linux(inet_name, 0, 2, &ret, &len)), 10014);
    CHECK_EQ(wsa(lw_addr_to_linux(inet_name, -1, 2, &ret, &len)), 10014);
    CHECK_EQ(wsa(lw_addr_to_linux(inet6_name, 23, 23, &ret, &len)), 10014);
    CHECK_EQ(wsa(lw_addr_to_linux(inet_name, 16, 23, &ret, &len)), 10014);
    CHECK_EQ(wsa(lw_addr_to_linux(inet_name, 1, 1, &ret, &len)), 10014);
    CHECK_EQ(len, 99);
}

static void other_families_are_refused(void)
{
    unsigned char linux_inet6[28] = { 10 };
    struct sockaddr_storage ret;
    socklen_t len = 99;

    CHECK_EQ(wsa(lw_addr_to_linux(inet6_name, 28, 2, &ret, &len)), 10047);
    CHECK_EQ(wsa(lw_addr_to_linux(linux_inet6, 28, 23, &ret, &len)), 10047);
    CHECK_EQ(wsa(lw_addr_to_linux(inet_name, 16, 10, &ret, &len)), 10047);
    CHECK_EQ(len, 99);
}

static void unix_address_keeps_its_length(void)
{
    unsigned char name[110] = { 1, 0, '/', 't', 'm', 'p', '/', 'x' };
    struct sockaddr_storage ret;
    struct sockaddr_un un;
    socklen_t len = 0;

    CHECK_EQ(lw_addr_to_linux(name, 110, 1, &ret, &len), 0);
    CHECK_EQ(len, 110);
    memcpy(&un, &ret, sizeof(un));
    CHECK_EQ(un.sun_family, AF_UNIX);
    CHECK(!strcmp(un.sun_path, "/tmp/x"));
    CHECK_EQ(lw_addr_to_linux(name, 8, 1, &ret, &len), 0);
    CHECK_EQ(len, 8);
}

static void addresses_come_back_from_linux(void)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(0x1234) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(0x1234), .sin6_scope_id = 7 };
    unsigned char out[28];

    in.sin_addr.s_addr = htonl(0x7F000001);
    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&in, sizeof(in), out, 28), 16);
    CHECK(!memcmp(out, inet_name, 16));
    in6.sin6_flowinfo = htonl(0x0A0B0C0D);
    memcpy(&in6.sin6_addr, inet6_name + 8, 16);
    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&in6, sizeof(in6), out, 28), 28);
    CHECK(!memcmp(out, inet6_name, 28));
}

static void output_is_cut_at_its_length(void)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    unsigned char out[28];

    memset(out, 0xEE, sizeof(out));
    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&in6, sizeof(in6), out, 5), 28);
    CHECK_EQ(out[0], 23);
    CHECK_EQ(out[4], 0);
    CHECK_EQ(out[5], 0xEE);
    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&in6, sizeof(in6), out + 1, 1), 28);
    CHECK_EQ(out[1], 23);
    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&in6, sizeof(in6), NULL, 0), 28);
}

static void unnamed_unix_peer_has_an_empty_path(void)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "leftover" };
    unsigned char out[110], zero[108] = { 0 };

    memset(out, 0xEE, sizeof(out));
    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&un, 2, out, 110), 110);
    CHECK_EQ(out[0], 1);
    CHECK(!memcmp(out + 2, zero, 108));
}

static void no_address_has_no_size(void)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    unsigned char out[16] = { 0xEE };

    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&in, 0, out, 16), 0);
    CHECK_EQ(lw_addr_from_linux(NULL, 16, out, 16), 0);
    in.sin_family = AF_NETLINK;
    CHECK_EQ(lw_addr_from_linux((struct sockaddr *)&in, sizeof(in), out, 16), 0);
    CHECK_EQ(out[0], 0xEE);
}

static const struct unit_case cases[] = {
    UNIT(families_translate_both_ways),
    UNIT(families_without_a_twin_are_refused),
    UNIT(sizes_are_those_of_windows),
    UNIT(inet_address_goes_to_linux),
    UNIT(inet6_address_goes_to_linux),
    UNIT(inet6_address_of_24_bytes_has_scope_zero),
    UNIT(longer_addresses_are_taken_at_their_own_size),
    UNIT(short_and_missing_addresses_are_faults),
    UNIT(other_families_are_refused),
    UNIT(unix_address_keeps_its_length),
    UNIT(addresses_come_back_from_linux),
    UNIT(output_is_cut_at_its_length),
    UNIT(unnamed_unix_peer_has_an_empty_path),
    UNIT(no_address_has_no_size),
};
UNIT_MAIN(cases)
