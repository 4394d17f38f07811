/* SPDX-License-Identifier: MIT */
/* addresses.c - inet_addr, inet_ntoa, inet_ntop, inet_pton. */
#include "test.h"

struct text_address {
    const char *text;
    u_long address; /* as a number, first byte highest */
};

static void check_addresses(const struct text_address *table, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        WSASetLastError(0xbad);
        if (!CHECK_EQ(ntohl(inet_addr(table[i].text)), table[i].address)) test_note("for \"%s\"", table[i].text);
        CHECK_EQ(WSAGetLastError(), 0xbad);
    }
}

#define CHECK_ADDRESSES(table) check_addresses(table, (int)(sizeof(table) / sizeof((table)[0])))

static void inet_addr_reads_one_to_four_parts(void)
{
    static const struct text_address table[] = {
        { "1.2.3.4", 0x01020304 },    { "0.0.0.0", 0 },
        { "127.0.0.1", 0x7f000001 },  { "255.255.255.254", 0xfffffffe },
        { "1.2.3", 0x01020003 },      { "1.2", 0x01000002 },
        { "1", 0x00000001 },          { "256", 0x00000100 },
        { "1.2.65535", 0x0102ffff },  { "1.16777215", 0x01ffffff },
        { "4294967294", 0xfffffffe },
    };

    CHECK_ADDRESSES(table);
}

static void inet_addr_reads_numbers_as_in_c(void)
{
    static const struct text_address table[] = {
        { "0x10.1", 0x10000001 },       { "0377.1", 0xff000001 },         { "0x7f000001", 0x7f000001 },
        { "017700000001", 0x7f000001 }, { "4.003.002.0x10", 0x04030210 }, { "00", 0 },
        { "1.2.3.0xaA", 0x010203aa },   { "0XFF.1", 0xff000001 },
    };

    CHECK_ADDRESSES(table);
}

static void inet_addr_ends_at_white_space(void)
{
    static const struct text_address table[] = {
        { "1.2.3.4 ", 0x01020304 }, { "1.2.3.4\tand more", 0x01020304 }, { "1 2", 0x00000001 },
        { "1.2.3 .4", 0x01020003 }, { "1.2.3\n", 0x01020003 },           { "0xa1a2b3b4 ", 0xa1a2b3b4 },
    };

    CHECK_ADDRESSES(table);
}

static void inet_addr_refuses_what_is_no_address(void)
{
    static const struct text_address table[] = {
        { "", INADDR_NONE },           { "a", INADDR_NONE },
        { ".", INADDR_NONE },          { "1.", INADDR_NONE },
        { ".1", INADDR_NONE },         { "1..2", INADDR_NONE },
        { " 1", INADDR_NONE },         { "\t", INADDR_NONE },
        { "  ", INADDR_NONE },         { "1.2.3. 4", INADDR_NONE },
        { "1.2.3.4.5", INADDR_NONE },  { "1.2.3.4x", INADDR_NONE },
        { "1.2.3.256", INADDR_NONE },  { "1.2.65536", INADDR_NONE },
        { "256.1", INADDR_NONE },      { "1.16777216", INADDR_NONE },
        { "4294967296", INADDR_NONE }, { "08", INADDR_NONE },
        { "0x", INADDR_NONE },         { "1.-2", INADDR_NONE },
        { "::1", INADDR_NONE },        { "127.0.0.1:80", INADDR_NONE },
    };

    CHECK_ADDRESSES(table);
}

static void inet_addr_of_one_space_is_zero(void)
{
    CHECK_EQ(inet_addr(" "), 0);
}

static void inet_addr_of_null_is_a_fault(void)
{
    WSASetLastError(0xbad);
    CHECK_EQ(inet_addr(NULL), INADDR_NONE);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

static struct in_addr in_addr_of(u_long number)
{
    struct in_addr in;

    in.s_addr = htonl(number);
    return in;
}

static void inet_ntoa_writes_four_numbers(void)
{
    CHECK(!strcmp(inet_ntoa(in_addr_of(0)), "0.0.0.0"));
    CHECK(!strcmp(inet_ntoa(in_addr_of(0x7f000001)), "127.0.0.1"));
    CHECK(!strcmp(inet_ntoa(in_addr_of(0xffffffff)), "255.255.255.255"));
}

static DWORD WINAPI call_inet_ntoa(void *text)
{
    *(char **)text = inet_ntoa(in_addr_of(0x05060708));
    return 0;
}

static void inet_ntoa_has_a_buffer_for_each_thread(void)
{
    char *mine = inet_ntoa(in_addr_of(0x01020304));
    char *other = NULL;
    HANDLE thread = CreateThread(NULL, 0, call_inet_ntoa, &other, 0, NULL);

    REQUIRE(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    CHECK(other != NULL && other != mine);
    CHECK(!strcmp(mine, "1.2.3.4"));
    CHECK(inet_ntoa(in_addr_of(0x09090909)) == mine);
}

static const unsigned char four[4] = { 1, 2, 3, 4 };
static const unsigned char loopback[16] = { [15] = 1 };

static void check_text(int family, const void *address, const char *want)
{
    char buf[INET6_ADDRSTRLEN] = "";

    WSASetLastError(0xbad);
    CHECK(inet_ntop(family, (void *)address, buf, sizeof buf) == buf);
    if (!CHECK(!strcmp(buf, want))) test_note("got %s, want %s", buf, want);
    CHECK_EQ(WSAGetLastError(), 0xbad);
}

static void inet_ntop_writes_both_families(void)
{
    static const unsigned char any[16] = { 0 }, mapped[16] = { [10] = 255, 255, 1, 2, 3, 4 };
    static const unsigned char prefix[16] = { 0x20, 0x01, 0x0d, 0xb8 };
    static const unsigned char single[16] = { 0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7 };
    static const unsigned char tie[16] = { 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0xab, 0xcd };

    check_text(AF_INET, four, "1.2.3.4");
    check_text(AF_INET6, any, "::");
    check_text(AF_INET6, loopback, "::1");
    check_text(AF_INET6, mapped, "::ffff:1.2.3.4");
    check_text(AF_INET6, prefix, "2001:db8::");
    check_text(AF_INET6, single, "1:0:2:3:4:5:6:7");
    check_text(AF_INET6, tie, "1::2:0:0:3:abcd");
}

static void check_ntop_refused(int family, const void *address, char *buf, size_t size, DWORD error)
{
    WSASetLastError(0xbad);
    CHECK(inet_ntop(family, (void *)address, buf, size) == NULL);
    CHECK_EQ((DWORD)WSAGetLastError(), error);
}

static void inet_ntop_refuses_other_families(void)
{
    char buf[INET6_ADDRSTRLEN];

    check_ntop_refused(AF_UNSPEC, four, buf, sizeof buf, WSAEAFNOSUPPORT);
    check_ntop_refused(AF_UNIX, four, buf, sizeof buf, WSAEAFNOSUPPORT);
    check_ntop_refused(10, four, buf, sizeof buf, WSAEAFNOSUPPORT); /* Linux' AF_INET6 */
}

static void inet_ntop_without_room_reports_a_status(void)
{
    const DWORD status_invalid_parameter = 0xc000000d;
    char buf[16];

    check_ntop_refused(AF_INET, four, NULL, sizeof buf, status_invalid_parameter);
    check_ntop_refused(AF_INET, four, buf, 0, status_invalid_parameter);
    check_ntop_refused(AF_INET, four, buf, sizeof "1.2.3.4" - 1, status_invalid_parameter);
    CHECK(inet_ntop(AF_INET, (void *)four, buf, sizeof "1.2.3.4") == buf);
    check_ntop_refused(AF_INET6, loopback, buf, sizeof "::1" - 1, status_invalid_parameter);
}

static void check_parse(int family, const char *text, int want)
{
    unsigned char buf[16];

    WSASetLastError(0xbad);
    if (!CHECK_EQ(inet_pton(family, text, buf), want)) test_note("for \"%s\"", text);
    CHECK_EQ(WSAGetLastError(), 0xbad);
}

static void inet_pton_reads_strict_ipv4(void)
{
    static const char *const bad[] = { "",         " ",          "1.2.3",     "1",         "1.2.3.4.5",
                                       " 1.2.3.4", "1.2.3.4 ",   "1.2.3.256", "1.2.3.010", "0x1.2.3.4",
                                       "1.2.3.-4", "1.2.3.4:80", "::1",       "a" };
    unsigned char buf[4] = { 0 };
    unsigned i;

    CHECK_EQ(inet_pton(AF_INET, "1.2.3.4", buf), 1);
    CHECK(!memcmp(buf, four, sizeof four));
    check_parse(AF_INET, "0.0.0.0", 1);
    check_parse(AF_INET, "255.255.255.255", 1);
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) check_parse(AF_INET, bad[i], 0);
}

static void inet_pton_reads_ipv6(void)
{
    static const char *const good[] = { "::",
                                        "::1",
                                        "1::",
                                        "1:2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7::",
                                        "::2:3:4:5:6:7:8",
                                        "2001:DB8::1",
                                        "::ffff:1.2.3.4",
                                        "1:2:3:4:5:6:1.2.3.4",
                                        "fe80::1" };
    static const char *const bad[] = {
        "",      ":",       ":::",     "1",       "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::1%1",
        "[::1]", "::1/128", "1.2.3.4", "::1.2.3", "::g",           "1:2:3:4:5:6:7:8::"
    };
    unsigned char buf[16] = { 0 };
    unsigned i;

    CHECK_EQ(inet_pton(AF_INET6, "::1", buf), 1);
    CHECK(!memcmp(buf, loopback, sizeof loopback));
    for (i = 0; i < sizeof good / sizeof good[0]; i++) check_parse(AF_INET6, good[i], 1);
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) check_parse(AF_INET6, bad[i], 0);
}

static void inet_pton_refuses_other_families_after_null(void)
{
    unsigned char buf[16];

    WSASetLastError(0xbad);
    CHECK_EQ(inet_pton(AF_UNSPEC, "127.0.0.1", buf), -1);
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
    CHECK_EQ(inet_pton(10, "::1", buf), -1);
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
    CHECK_EQ(inet_pton(AF_UNSPEC, NULL, buf), -1);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0xbad);
    CHECK_EQ(inet_pton(AF_INET, NULL, buf), -1);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0xbad);
    CHECK_EQ(inet_pton(AF_INET, "127.0.0.1", NULL), -1);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

static void text_functions_work_without_startup(void)
{
    unsigned char buf[16];
    char text[16];
    WSADATA data;

    REQUIRE(WSACleanup() == 0);
    CHECK_EQ(inet_pton(AF_INET, "1.2.3.4", buf), 1);
    CHECK(inet_ntop(AF_INET, buf, text, sizeof text) == text);
    CHECK_EQ(inet_addr("0.0.0.1"), htonl(1));
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static const struct test_case cases[] = {
    TEST(inet_addr_reads_one_to_four_parts, "reference inet_addr, Internet Addresses"),
    TEST(inet_addr_reads_numbers_as_in_c, "reference inet_addr, Internet Addresses"),
    TEST(inet_addr_ends_at_white_space, "reference inet_addr; observed"),
    TEST(inet_addr_refuses_what_is_no_address, "reference inet_addr; observed: the last error stays"),
    TEST(inet_addr_of_one_space_is_zero, "reference inet_addr, Remarks"),
    TEST(inet_addr_of_null_is_a_fault, "reference inet_addr; observed: WSAEFAULT"),
    TEST(inet_ntoa_writes_four_numbers, "reference inet_ntoa"),
    TEST(inet_ntoa_has_a_buffer_for_each_thread, "reference inet_ntoa, Remarks"),
    TEST(inet_ntop_writes_both_families, "reference InetNtop"),
    TEST(inet_ntop_refuses_other_families, "reference InetNtop: WSAEAFNOSUPPORT"),
    TEST(inet_ntop_without_room_reports_a_status, "reference InetNtop; observed: the NTSTATUS itself"),
    TEST(inet_pton_reads_strict_ipv4, "reference InetPton; observed: the last error stays"),
    TEST(inet_pton_reads_ipv6, "reference InetPton"),
    TEST(inet_pton_refuses_other_families_after_null, "reference InetPton: WSAEFAULT, WSAEAFNOSUPPORT; observed order"),
    TEST(text_functions_work_without_startup, "reference InetPton, Remarks; 10 WSAStartup"),
};
TEST_MAIN(cases)
