/* SPDX-License-Identifier: MIT */
/* ioctl-extension.c - SIO_GET_EXTENSION_FUNCTION_POINTER: a GUID in, a function pointer out. */
#include "test.h"

#define CHECK_ERROR(call, code) \
    (WSASetLastError(0), CHECK_EQ((call), SOCKET_ERROR), CHECK_EQ(WSAGetLastError(), (code)))

#define CODE SIO_GET_EXTENSION_FUNCTION_POINTER

static const GUID acceptex = WSAID_ACCEPTEX;
static const GUID sockaddrs = WSAID_GETACCEPTEXSOCKADDRS;
static const GUID nobody = { 0x12345678, 0x1234, 0x5678, { 1, 2, 3, 4, 5, 6, 7, 8 } };

static int ask(SOCKET s, const GUID *id, DWORD id_size, void *out, DWORD out_size, DWORD *n)
{
    GUID copy = *id;

    return WSAIoctl(s, CODE, &copy, id_size, out, out_size, n, NULL, NULL);
}

static void *pointer_of(SOCKET s, const GUID *id)
{
    void *function = NULL;
    DWORD n = 77;

    CHECK_EQ(ask(s, id, sizeof *id, &function, sizeof function, &n), 0);
    CHECK_EQ(n, sizeof function);
    CHECK(function != NULL);
    return function;
}

static void known_functions(void)
{
    SOCKET s = test_tcp();

    CHECK(pointer_of(s, &acceptex) != pointer_of(s, &sockaddrs));
    closesocket(s);
}

static void every_socket_gives_the_same_pointer(void)
{
    SOCKET tcp = test_tcp(), listener = test_listener(NULL), plain = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0);
    void *function = pointer_of(tcp, &acceptex);

    CHECK(pointer_of(listener, &acceptex) == function);
    CHECK(pointer_of(plain, &acceptex) == function);
    closesocket(tcp);
    closesocket(listener);
    closesocket(plain);
}

static void success_sets_the_last_error_to_zero(void)
{
    SOCKET s = test_tcp();
    void *function;
    DWORD n;

    WSASetLastError(0xbad);
    CHECK_EQ(ask(s, &acceptex, sizeof acceptex, &function, sizeof function, &n), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    closesocket(s);
}

static void unknown_guid_touches_nothing(void)
{
    SOCKET s = test_tcp();
    void *function = (void *)0xdeadbeef;
    DWORD n = 77;

    CHECK_ERROR(ask(s, &nobody, sizeof nobody, &function, sizeof function, &n), WSAEINVAL);
    CHECK(function == (void *)0xdeadbeef);
    CHECK_EQ(n, 77);
    closesocket(s);
}

static void unknown_guid_leaves_the_overlapped_alone(void)
{
    SOCKET s = test_tcp();
    GUID id = nobody;
    void *function;
    WSAOVERLAPPED ov;
    DWORD n;

    test_overlapped(&ov);
    ov.Internal = 0xabba;
    ov.InternalHigh = 0xacdc;
    CHECK_ERROR(WSAIoctl(s, CODE, &id, sizeof id, &function, sizeof function, &n, &ov, NULL), WSAEINVAL);
    CHECK_EQ(ov.Internal, 0xabba);
    CHECK_EQ(ov.InternalHigh, 0xacdc);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

static void input_missing_or_short(void)
{
    SOCKET s = test_tcp();
    void *function;
    DWORD n;

    CHECK_ERROR(ask(s, &acceptex, sizeof acceptex - 1, &function, sizeof function, &n), WSAEFAULT);
    CHECK_ERROR(ask(s, &acceptex, 0, &function, sizeof function, &n), WSAEFAULT);
    CHECK_ERROR(WSAIoctl(s, CODE, NULL, sizeof acceptex, &function, sizeof function, &n, NULL, NULL), WSAEFAULT);
    closesocket(s);
}

static void output_missing_or_short(void)
{
    SOCKET s = test_tcp();
    void *function;
    DWORD n;

    CHECK_ERROR(ask(s, &acceptex, sizeof acceptex, &function, sizeof function - 1, &n), WSAEFAULT);
    CHECK_ERROR(ask(s, &acceptex, sizeof acceptex, &function, 0, &n), WSAEFAULT);
    CHECK_ERROR(ask(s, &acceptex, sizeof acceptex, NULL, sizeof function, &n), WSAEFAULT);
    closesocket(s);
}

static void count_missing(void)
{
    SOCKET s = test_tcp();
    void *function;

    CHECK_ERROR(ask(s, &acceptex, sizeof acceptex, &function, sizeof function, NULL), WSAEFAULT);
    closesocket(s);
}

static void overlapped_call_is_done_at_once(void)
{
    SOCKET s = test_tcp();
    GUID id = acceptex;
    void *function = NULL;
    WSAOVERLAPPED ov;
    DWORD n = 77, count = 77;

    test_overlapped(&ov);
    CHECK_EQ(WSAIoctl(s, CODE, &id, sizeof id, &function, sizeof function, &n, &ov, NULL), 0);
    CHECK(function != NULL);
    CHECK_EQ(n, sizeof function);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK_EQ(test_result(s, &ov, &count), 0);
    CHECK_EQ(count, 0);
    WSACloseEvent(ov.hEvent);
    closesocket(s);
}

/* The function behind the GUID and the one that programs link against refuse in the same way. */
static void pointer_behaves_as_the_linked_function(void)
{
    SOCKET s = test_tcp();
    LPFN_ACCEPTEX fn = NULL;
    GUID id = acceptex;
    DWORD n;

    CHECK_EQ(WSAIoctl(s, CODE, &id, sizeof id, &fn, sizeof fn, &n, NULL, NULL), 0);
    REQUIRE(fn);
    WSASetLastError(0);
    CHECK(!fn(s, s, NULL, 0, 0, 0, &n, NULL));
    CHECK_EQ(WSAGetLastError(), ERROR_INVALID_PARAMETER);
    WSASetLastError(0);
    CHECK(!AcceptEx(s, s, NULL, 0, 0, 0, &n, NULL));
    CHECK_EQ(WSAGetLastError(), ERROR_INVALID_PARAMETER);
    closesocket(s);
}

static const struct test_case cases[] = {
    TEST(known_functions, "70 extension GUIDs [hdr; obs]"),
    TEST(every_socket_gives_the_same_pointer, "30 [doc]"),
    TEST(success_sets_the_last_error_to_zero, "00 return styles [obs]"),
    TEST(unknown_guid_touches_nothing, "70 SIO_GET_EXTENSION_FUNCTION_POINTER [obs]"),
    TEST(unknown_guid_leaves_the_overlapped_alone, "20 §1 [obs]"),
    TEST_NOT_ON_WINE(input_missing_or_short, "70 SIO_GET_EXTENSION_FUNCTION_POINTER [obs]", "Wine 8 crashes"),
    TEST_NOT_ON_WINE(output_missing_or_short, "70 SIO_GET_EXTENSION_FUNCTION_POINTER [obs]", "Wine 8 crashes"),
    TEST(count_missing, "70 general ioctl rules [obs]"),
    TEST(overlapped_call_is_done_at_once, "70 general ioctl rules, immediate [obs]"),
    TEST(pointer_behaves_as_the_linked_function, "30 [doc]"),
};
TEST_MAIN(cases)
