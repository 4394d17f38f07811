/* SPDX-License-Identifier: MIT */
/* names.c - getaddrinfo, freeaddrinfo, gai_strerror, getnameinfo, gethostname, without a name server. */
#include "test.h"

/* A look-up that must succeed: the list, or NULL. */
static ADDRINFOA *look_up(const char *node, const char *service, const ADDRINFOA *hints)
{
    ADDRINFOA *list = NULL;

    WSASetLastError(0xbad);
    if (!CHECK_EQ(getaddrinfo(node, service, hints, &list), 0)) return NULL;
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK(list != NULL);
    return list;
}

/* A look-up that must fail with the code, as result and as last error, and leave no list. */
static void check_refused(const char *node, const char *service, const ADDRINFOA *hints, int error)
{
    ADDRINFOA dummy, *list = &dummy;

    WSASetLastError(0xbad);
    CHECK_EQ(getaddrinfo(node, service, hints, &list), error);
    CHECK_EQ(WSAGetLastError(), error);
    CHECK(list == NULL);
}

static ADDRINFOA hints_of(int flags, int family, int socktype, int protocol)
{
    ADDRINFOA hints;

    memset(&hints, 0, sizeof hints);
    hints.ai_flags = flags;
    hints.ai_family = family;
    hints.ai_socktype = socktype;
    hints.ai_protocol = protocol;
    return hints;
}

static void numeric_ipv4_gives_one_address(void)
{
    ADDRINFOA hints = hints_of(AI_NUMERICHOST, AF_UNSPEC, SOCK_STREAM, 0);
    ADDRINFOA *list = look_up("192.0.2.1", "8080", &hints);
    struct sockaddr_in *in;

    REQUIRE(list != NULL);
    CHECK_EQ(list->ai_family, AF_INET);
    CHECK_EQ(list->ai_socktype, SOCK_STREAM);
    CHECK_EQ(list->ai_addrlen, sizeof *in);
    in = (struct sockaddr_in *)list->ai_addr;
    CHECK_EQ(in->sin_family, AF_INET);
    CHECK_EQ(in->sin_port, htons(8080));
    CHECK_EQ(in->sin_addr.s_addr, inet_addr("192.0.2.1"));
    CHECK(list->ai_canonname == NULL);
    CHECK(list->ai_next == NULL);
    freeaddrinfo(list);
}

static void check_ipv6(const char *node, const char *want)
{
    ADDRINFOA hints = hints_of(AI_NUMERICHOST, AF_UNSPEC, SOCK_DGRAM, 0);
    ADDRINFOA *list = look_up(node, "53", &hints);
    unsigned char bytes[16];
    struct sockaddr_in6 *in6;

    REQUIRE(list != NULL);
    CHECK_EQ(inet_pton(AF_INET6, want, bytes), 1);
    CHECK_EQ(list->ai_family, 23);
    CHECK_EQ(list->ai_addrlen, sizeof *in6);
    in6 = (struct sockaddr_in6 *)list->ai_addr;
    CHECK_EQ(in6->sin6_family, 23);
    CHECK_EQ(in6->sin6_port, htons(53));
    CHECK(!memcmp(&in6->sin6_addr, bytes, sizeof bytes));
    CHECK_EQ(in6->sin6_scope_id, 0);
    CHECK(list->ai_next == NULL);
    freeaddrinfo(list);
}

static void numeric_ipv6_has_the_windows_family(void)
{
    check_ipv6("::1", "::1");
    check_ipv6("2001:db8::1", "2001:db8::1");
}

static void brackets_around_ipv6_are_allowed(void)
{
    check_ipv6("[2001:db8::1]", "2001:db8::1");
}

static void brackets_that_do_not_match_are_no_address(void)
{
    ADDRINFOA hints = hints_of(AI_NUMERICHOST, AF_INET6, 0, 0);

    check_refused("[2001:db8::1", NULL, &hints, WSAHOST_NOT_FOUND);
    check_refused("2001:db8::1]", NULL, &hints, WSAHOST_NOT_FOUND);
}

/* Windows does not complete what the hints leave open. */
static void socket_type_and_protocol_are_those_of_the_hints(void)
{
    static const int pairs[][2] = {
        { 0, 0 },
        { SOCK_STREAM, 0 },
        { SOCK_DGRAM, 0 },
        { SOCK_STREAM, IPPROTO_TCP },
        { 0, IPPROTO_UDP },
        { SOCK_STREAM, IPPROTO_UDP },
        { SOCK_DGRAM, IPPROTO_UDP },
        { SOCK_DGRAM, IPPROTO_TCP },
        { SOCK_STREAM, 999 },
    };
    unsigned i;

    for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        ADDRINFOA hints = hints_of(0, AF_INET, pairs[i][0], pairs[i][1]);
        ADDRINFOA *list = look_up("127.0.0.1", NULL, &hints);

        REQUIRE(list != NULL);
        CHECK_EQ(list->ai_socktype, pairs[i][0]);
        CHECK_EQ(list->ai_protocol, pairs[i][1]);
        freeaddrinfo(list);
    }
}

static void each_address_comes_once(void)
{
    ADDRINFOA *list = look_up("127.0.0.1", "80", NULL);

    REQUIRE(list != NULL);
    CHECK_EQ(list->ai_socktype, 0);
    CHECK_EQ(list->ai_protocol, 0);
    CHECK(list->ai_next == NULL);
    freeaddrinfo(list);
}

static void no_node_is_loopback_or_wildcard(void)
{
    ADDRINFOA hints = hints_of(0, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ADDRINFOA *list = look_up(NULL, "80", &hints);

    REQUIRE(list != NULL);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    freeaddrinfo(list);
    hints.ai_flags = AI_PASSIVE;
    list = look_up(NULL, "80", &hints);
    REQUIRE(list != NULL);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr, htonl(INADDR_ANY));
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_port, htons(80));
    freeaddrinfo(list);
}

static void the_result_can_be_bound(void)
{
    ADDRINFOA hints = hints_of(AI_PASSIVE, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ADDRINFOA *list = look_up(NULL, "0", &hints);
    SOCKET s;

    REQUIRE(list != NULL);
    s = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    CHECK(s != INVALID_SOCKET);
    CHECK_EQ(bind(s, list->ai_addr, (int)list->ai_addrlen), 0);
    closesocket(s);
    freeaddrinfo(list);
}

static void empty_service_is_port_zero(void)
{
    ADDRINFOA *list = look_up("127.0.0.1", "", NULL);

    REQUIRE(list != NULL);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_port, 0);
    freeaddrinfo(list);
}

static void empty_node_is_this_machine(void)
{
    ADDRINFOA hints = hints_of(0, AF_INET, SOCK_STREAM, 0);
    ADDRINFOA *list = look_up("", "80", &hints);

    REQUIRE(list != NULL);
    CHECK_EQ(list->ai_family, AF_INET);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_port, htons(80));
    freeaddrinfo(list);
}

static void own_name_is_the_same_as_the_empty_node(void)
{
    ADDRINFOA hints = hints_of(0, AF_INET, SOCK_STREAM, 0), *list, *same, *a, *b;
    char name[256];

    REQUIRE(gethostname(name, sizeof name) == 0);
    list = look_up(name, NULL, &hints);
    same = look_up("", NULL, &hints);
    for (a = list, b = same; a && b; a = a->ai_next, b = b->ai_next) {
        CHECK_EQ(a->ai_addrlen, b->ai_addrlen);
        CHECK(!memcmp(a->ai_addr, b->ai_addr, a->ai_addrlen));
    }
    CHECK(!a && !b);
    freeaddrinfo(list);
    freeaddrinfo(same);
}

static void own_addresses_are_not_loopback_where_there_are_others(void)
{
    ADDRINFOA hints = hints_of(0, AF_INET, SOCK_STREAM, 0);
    ADDRINFOA *list = look_up("", NULL, &hints), *a;
    int loopback = 0, others = 0;

    for (a = list; a; a = a->ai_next) {
        if (((struct sockaddr_in *)a->ai_addr)->sin_addr.S_un.S_un_b.s_b1 == 127) loopback++;
        else others++;
    }
    CHECK(loopback == 0 || others == 0);
    freeaddrinfo(list);
}

static void localhost_is_loopback(void)
{
    ADDRINFOA hints = hints_of(0, AF_INET, 0, 0);
    ADDRINFOA *list = look_up("localhost", NULL, &hints);

    REQUIRE(list != NULL);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    freeaddrinfo(list);
}

static void canonical_name_comes_with_the_first_entry(void)
{
    ADDRINFOA hints = hints_of(AI_CANONNAME, AF_INET, SOCK_STREAM, 0);
    ADDRINFOA *list = look_up("127.0.0.1", NULL, &hints);

    REQUIRE(list != NULL);
    CHECK(list->ai_canonname && !strcmp(list->ai_canonname, "127.0.0.1"));
    freeaddrinfo(list);
}

static void mapped_addresses_are_made_when_asked_for(void)
{
    ADDRINFOA hints = hints_of(AI_V4MAPPED, AF_INET6, SOCK_STREAM, 0);
    ADDRINFOA *list = look_up("192.0.2.1", NULL, &hints);
    unsigned char want[16];

    REQUIRE(list != NULL);
    CHECK_EQ(inet_pton(AF_INET6, "::ffff:192.0.2.1", want), 1);
    CHECK_EQ(list->ai_family, AF_INET6);
    CHECK(!memcmp(&((struct sockaddr_in6 *)list->ai_addr)->sin6_addr, want, sizeof want));
    freeaddrinfo(list);
}

static void nothing_to_look_up_is_not_found(void)
{
    ADDRINFOA hints = hints_of(AI_NUMERICHOST, AF_UNSPEC, 0, 0);

    check_refused(NULL, NULL, NULL, WSAHOST_NOT_FOUND);
    check_refused("localhost", "80", &hints, WSAHOST_NOT_FOUND);
    check_refused("192.168.1.253:1024", NULL, &hints, WSAHOST_NOT_FOUND);
}

static void an_address_of_the_other_family_is_not_found(void)
{
    ADDRINFOA hints = hints_of(AI_NUMERICHOST, AF_INET, 0, 0);

    check_refused("::1", NULL, &hints, WSAHOST_NOT_FOUND);
    check_refused("[::1]", NULL, &hints, WSAHOST_NOT_FOUND);
}

static void unknown_service_is_a_type_not_found(void)
{
    ADDRINFOA hints = hints_of(0, AF_UNSPEC, SOCK_STREAM, 0);

    check_refused("127.0.0.1", "nosuchservice", &hints, WSATYPE_NOT_FOUND);
    check_refused(NULL, "nosuchservice", NULL, WSATYPE_NOT_FOUND);
}

static void port_beyond_65535_is_a_type_not_found(void)
{
    check_refused("127.0.0.1", "65536", NULL, WSATYPE_NOT_FOUND);
    check_refused("127.0.0.1", "-1", NULL, WSATYPE_NOT_FOUND);
}

static void foreign_families_and_types_are_refused(void)
{
    static const int families[] = { AF_UNIX, 10, 99, -1 };
    ADDRINFOA hints;
    unsigned i;

    for (i = 0; i < sizeof families / sizeof families[0]; i++) {
        hints = hints_of(0, families[i], SOCK_STREAM, 0);
        check_refused("127.0.0.1", NULL, &hints, WSAEAFNOSUPPORT);
    }
    hints = hints_of(0, AF_INET, 999, 0);
    check_refused("127.0.0.1", NULL, &hints, WSAESOCKTNOSUPPORT);
}

static void other_members_of_the_hints_must_be_zero(void)
{
    struct sockaddr addr;
    ADDRINFOA hints = hints_of(0, AF_INET, SOCK_STREAM, 0);
    char name[] = "x";

    hints.ai_addrlen = 16;
    check_refused("127.0.0.1", NULL, &hints, WSANO_RECOVERY);
    hints = hints_of(0, AF_INET, SOCK_STREAM, 0);
    hints.ai_addr = &addr;
    check_refused("127.0.0.1", NULL, &hints, WSANO_RECOVERY);
    hints = hints_of(0, AF_INET, SOCK_STREAM, 0);
    hints.ai_canonname = name;
    check_refused("127.0.0.1", NULL, &hints, WSANO_RECOVERY);
    hints = hints_of(0, AF_INET, SOCK_STREAM, 0);
    hints.ai_next = &hints;
    check_refused("127.0.0.1", NULL, &hints, WSANO_RECOVERY);
}

static void wrong_flags_are_refused(void)
{
    ADDRINFOA hints = hints_of(0x10000000, AF_INET, SOCK_STREAM, 0);

    check_refused("127.0.0.1", NULL, &hints, WSAEINVAL);
    hints.ai_flags = AI_CANONNAME;
    check_refused(NULL, "80", &hints, WSANO_RECOVERY);
}

static struct sockaddr_in web_address(void)
{
    struct sockaddr_in in;

    memset(&in, 0, sizeof in);
    in.sin_family = AF_INET;
    in.sin_port = htons(8080);
    in.sin_addr.s_addr = inet_addr("192.0.2.1");
    return in;
}

static void getnameinfo_writes_numbers(void)
{
    struct sockaddr_in in = web_address();
    char host[NI_MAXHOST] = "", service[NI_MAXSERV] = "";
    int numeric = NI_NUMERICHOST | NI_NUMERICSERV;

    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in, host, sizeof host, service, sizeof service, numeric), 0);
    CHECK(!strcmp(host, "192.0.2.1"));
    CHECK(!strcmp(service, "8080"));
    host[0] = service[0] = '\0';
    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in, host, sizeof host, NULL, 0, numeric), 0);
    CHECK(!strcmp(host, "192.0.2.1"));
    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in, NULL, 0, service, sizeof service, numeric), 0);
    CHECK(!strcmp(service, "8080"));
}

static void getnameinfo_takes_the_windows_family(void)
{
    struct sockaddr_in6 in6;
    char host[NI_MAXHOST] = "";

    memset(&in6, 0, sizeof in6);
    in6.sin6_family = AF_INET6;
    in6.sin6_addr.s6_addr[15] = 1;
    CHECK_EQ(getnameinfo((SOCKADDR *)&in6, sizeof in6, host, sizeof host, NULL, 0, NI_NUMERICHOST), 0);
    CHECK(!strcmp(host, "::1"));
    in6.sin6_family = 10; /* Linux' AF_INET6 */
    CHECK_EQ(getnameinfo((SOCKADDR *)&in6, sizeof in6, host, sizeof host, NULL, 0, NI_NUMERICHOST), WSAEAFNOSUPPORT);
}

static void getnameinfo_without_a_service_name_gives_the_number(void)
{
    struct sockaddr_in in = web_address();
    char service[NI_MAXSERV] = "";

    in.sin_port = htons(64999);
    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in, NULL, 0, service, sizeof service, 0), 0);
    CHECK(!strcmp(service, "64999"));
}

static void getnameinfo_checks_the_address(void)
{
    struct sockaddr_in in = web_address();
    char host[NI_MAXHOST];

    CHECK_EQ(getnameinfo(NULL, sizeof in, host, sizeof host, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in - 1, host, sizeof host, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

static void getnameinfo_checks_the_buffers(void)
{
    struct sockaddr_in in = web_address();
    char host[NI_MAXHOST];

    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in, NULL, 0, NULL, 0, NI_NUMERICHOST), WSAHOST_NOT_FOUND);
    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in, host, 0, NULL, 0, NI_NUMERICHOST), WSAEINVAL);
    CHECK_EQ(getnameinfo((SOCKADDR *)&in, sizeof in, host, 4, NULL, 0, NI_NUMERICHOST), ERROR_INSUFFICIENT_BUFFER);
}

static void gethostname_needs_room_for_the_whole_name(void)
{
    char name[256] = "";

    WSASetLastError(0xbad);
    CHECK_EQ(gethostname(name, sizeof name), 0);
    CHECK(name[0] != '\0');
    CHECK_EQ(gethostname(name, (int)strlen(name) + 1), 0);
    CHECK_EQ(gethostname(name, (int)strlen(name)), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(gethostname(name, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(gethostname(NULL, 256), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

static void lists_can_be_freed_in_pieces(void)
{
    ADDRINFOA *list = look_up("127.0.0.1", "80", NULL);

    REQUIRE(list != NULL);
    list->ai_next = look_up("127.0.0.2", "80", NULL);
    freeaddrinfo(list);
    freeaddrinfo(NULL);
}

static void every_code_has_a_text(void)
{
    CHECK(gai_strerrorA(EAI_NONAME)[0] != '\0');
    CHECK(gai_strerrorA(EAI_MEMORY)[0] != '\0');
    CHECK(gai_strerrorA(EAI_SERVICE)[0] != '\0');
    CHECK(gai_strerrorA(12345)[0] != '\0');
}

static void names_need_startup(void)
{
    ADDRINFOA *list = NULL;
    WSADATA data;
    char name[256];

    REQUIRE(WSACleanup() == 0);
    CHECK_EQ(getaddrinfo("127.0.0.1", "80", NULL, &list), WSANOTINITIALISED);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(gethostname(name, sizeof name), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static const struct test_case cases[] = {
    TEST(numeric_ipv4_gives_one_address, "reference getaddrinfo"),
    TEST(numeric_ipv6_has_the_windows_family, "00 Types: AF_INET6 = 23"),
    TEST(brackets_around_ipv6_are_allowed, "getaddrinfo, observed"),
    TEST(brackets_that_do_not_match_are_no_address, "getaddrinfo, observed"),
    TEST(socket_type_and_protocol_are_those_of_the_hints, "getaddrinfo, observed"),
    TEST_WINE_DIFFERS(each_address_comes_once, "getaddrinfo, observed",
                      "Wine 8 gives an entry for each socket type when there are no hints"),
    TEST(no_node_is_loopback_or_wildcard, "reference getaddrinfo, AI_PASSIVE"),
    TEST(the_result_can_be_bound, "reference getaddrinfo, AI_PASSIVE"),
    TEST(empty_service_is_port_zero, "getaddrinfo, observed"),
    TEST(empty_node_is_this_machine, "reference getaddrinfo, Remarks"),
    TEST(own_name_is_the_same_as_the_empty_node, "reference getaddrinfo, Remarks; observed"),
    TEST(own_addresses_are_not_loopback_where_there_are_others, "reference getaddrinfo, Remarks"),
    TEST(localhost_is_loopback, "reference getaddrinfo, Remarks"),
    TEST(canonical_name_comes_with_the_first_entry, "reference getaddrinfo, AI_CANONNAME"),
    TEST(mapped_addresses_are_made_when_asked_for, "reference getaddrinfo, AI_V4MAPPED"),
    TEST(nothing_to_look_up_is_not_found, "reference getaddrinfo: WSAHOST_NOT_FOUND; observed"),
    TEST_WINE_DIFFERS(an_address_of_the_other_family_is_not_found, "getaddrinfo, observed",
                      "Wine 8 passes a resolver code of Linux through"),
    TEST(unknown_service_is_a_type_not_found, "reference getaddrinfo: WSATYPE_NOT_FOUND"),
    TEST_WINE_DIFFERS(port_beyond_65535_is_a_type_not_found, "reference getaddrinfo: WSATYPE_NOT_FOUND",
                      "Wine 8 keeps the low 16 bits of the number"),
    TEST(foreign_families_and_types_are_refused, "reference getaddrinfo: WSAEAFNOSUPPORT, WSAESOCKTNOSUPPORT"),
    TEST_WINE_DIFFERS(other_members_of_the_hints_must_be_zero, "reference getaddrinfo: WSANO_RECOVERY",
                      "Wine 8 ignores them"),
    TEST_WINE_DIFFERS(wrong_flags_are_refused, "reference getaddrinfo: WSAEINVAL, AI_CANONNAME",
                      "Wine 8 ignores unknown flags and has another code for the canonical name of nothing"),
    TEST(getnameinfo_writes_numbers, "reference getnameinfo"),
    TEST(getnameinfo_takes_the_windows_family, "00 Types: AF_INET6 = 23"),
    TEST(getnameinfo_without_a_service_name_gives_the_number, "reference getnameinfo, Remarks"),
    TEST_WINE_DIFFERS(getnameinfo_checks_the_address, "reference getnameinfo: WSAEFAULT", "Wine 8 reports other codes"),
    TEST_WINE_DIFFERS(getnameinfo_checks_the_buffers, "reference getnameinfo: WSAHOST_NOT_FOUND, WSAEINVAL",
                      "Wine 8 reports other codes"),
    TEST(gethostname_needs_room_for_the_whole_name, "reference gethostname: WSAEFAULT"),
    TEST(lists_can_be_freed_in_pieces, "reference freeaddrinfo"),
    TEST(every_code_has_a_text, "reference gai_strerror"),
    TEST_WINE_DIFFERS(names_need_startup, "reference getaddrinfo, gethostname: WSANOTINITIALISED",
                      "Wine 8 does not ask for WSAStartup here"),
};
TEST_MAIN(cases)
