/* SPDX-License-Identifier: MIT */
/* hosts.c - gethostbyname, gethostbyaddr. */
#include "test.h"

static const unsigned char loopback[4] = { 127, 0, 0, 1 };

/* 127.0.0.1 is among the addresses. */
static BOOL has_loopback(const struct hostent *host)
{
    char **a = host->h_addr_list;

    while (*a && memcmp(*a, loopback, 4) != 0) a++;
    return *a != NULL;
}

static void localhost_is_loopback(void)
{
    struct hostent *host;

    WSASetLastError(0xbad);
    host = gethostbyname("localhost");
    REQUIRE(host != NULL);
    CHECK(host->h_name != NULL && host->h_name[0] != '\0');
    CHECK(host->h_aliases != NULL);
    CHECK_EQ(host->h_addrtype, AF_INET);
    CHECK_EQ(host->h_length, 4);
    CHECK(has_loopback(host));
    CHECK(host->h_addr == host->h_addr_list[0]);
}

static void a_dotted_address_is_its_own_name(void)
{
    struct hostent *host = gethostbyname("192.0.2.77");

    REQUIRE(host != NULL);
    CHECK(!strcmp(host->h_name, "192.0.2.77"));
    REQUIRE(host->h_addr_list[0] != NULL);
    CHECK(!memcmp(host->h_addr_list[0], "\300\0\2\115", 4));
    CHECK(host->h_addr_list[1] == NULL);
}

static void check_own(const char *name)
{
    struct hostent *host = gethostbyname(name);
    struct sockaddr_in in;
    SOCKET s;

    REQUIRE(host != NULL);
    REQUIRE(host->h_addr_list[0] != NULL);
    memset(&in, 0, sizeof in);
    in.sin_family = AF_INET;
    memcpy(&in.sin_addr, host->h_addr_list[0], 4);
    s = test_tcp();
    CHECK_EQ(bind(s, (struct sockaddr *)&in, sizeof in), 0); /* only an address of this machine can be bound */
    closesocket(s);
}

static void the_own_name_has_the_addresses_of_this_machine(void)
{
    char name[256] = "";

    CHECK_EQ(gethostname(name, sizeof name), 0);
    check_own(name);
}

static void no_name_is_this_machine(void)
{
    check_own("");
    check_own(NULL);
}

static void an_unknown_name_is_not_found(void)
{
    int code;

    CHECK(gethostbyname("not a name of a host!") == NULL);
    code = WSAGetLastError();
    CHECK(code == WSAHOST_NOT_FOUND || code == WSATRY_AGAIN || code == WSANO_DATA);
}

static void an_ipv6_address_has_no_data(void)
{
    CHECK(gethostbyname("2001:db8::1") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
}

static void the_loopback_address_has_a_name(void)
{
    struct hostent *host = gethostbyaddr((const char *)loopback, 4, AF_INET);

    REQUIRE(host != NULL);
    CHECK(host->h_name != NULL && host->h_name[0] != '\0');
    CHECK_EQ(host->h_addrtype, AF_INET);
    CHECK_EQ(host->h_length, 4);
    REQUIRE(host->h_addr_list[0] != NULL);
    CHECK(!memcmp(host->h_addr_list[0], loopback, 4));
    CHECK(host->h_addr_list[1] == NULL);
}

static void gethostbyaddr_checks_its_arguments(void)
{
    CHECK(gethostbyaddr(NULL, 4, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(gethostbyaddr((const char *)loopback, 3, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(gethostbyaddr((const char *)loopback, 4, 10) == NULL); /* Linux' AF_INET6 */
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
}

static DWORD WINAPI other_thread(void *unused)
{
    struct hostent *host = gethostbyname("192.0.2.2");

    (void)unused;
    CHECK(host != NULL && host->h_addr_list[0][3] == 2);
    host = gethostbyname("192.0.2.3");
    CHECK(host != NULL && host->h_addr_list[0][3] == 3);
    return 0;
}

static void each_thread_has_its_own_answer(void)
{
    struct hostent *host = gethostbyname("192.0.2.1");

    REQUIRE(host != NULL);
    test_join(test_thread(other_thread, NULL));
    CHECK_EQ(host->h_addr_list[0][3], 1);
    CHECK(!strcmp(host->h_name, "192.0.2.1"));
}

static void success_clears_the_last_error(void)
{
    WSASetLastError(0xbad);
    CHECK(gethostbyname("127.0.0.1") != NULL);
    CHECK_EQ(WSAGetLastError(), 0);
}

static void hosts_need_startup(void)
{
    WSADATA data;

    REQUIRE(WSACleanup() == 0);
    CHECK(gethostbyname("127.0.0.1") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK(gethostbyaddr((const char *)loopback, 4, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static const struct test_case cases[] = {
    TEST(localhost_is_loopback, "reference gethostbyname"),
    TEST(a_dotted_address_is_its_own_name, "gethostbyname, known"),
    TEST(the_own_name_has_the_addresses_of_this_machine, "reference gethostbyname, Remarks"),
    TEST(no_name_is_this_machine, "reference gethostbyname, Remarks"),
    TEST(an_unknown_name_is_not_found, "reference gethostbyname: WSAHOST_NOT_FOUND"),
    TEST_WINE_DIFFERS(an_ipv6_address_has_no_data, "reference gethostbyname: WSANO_DATA",
                      "Wine 8 takes the code of Linux' resolver, not found"),
    TEST(the_loopback_address_has_a_name, "reference gethostbyaddr"),
    TEST_WINE_DIFFERS(gethostbyaddr_checks_its_arguments, "reference gethostbyaddr: WSAEFAULT, WSAEAFNOSUPPORT",
                      "Wine 8 reports an access violation and a wrong family instead"),
    TEST(each_thread_has_its_own_answer, "reference hostent, Remarks"),
    TEST(success_clears_the_last_error, "00 Return styles"),
    TEST_WINE_DIFFERS(hosts_need_startup, "reference gethostbyname: WSANOTINITIALISED",
                      "Wine 8 does not ask for WSAStartup in gethostbyaddr"),
};
TEST_MAIN(cases)
