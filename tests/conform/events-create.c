/* SPDX-License-Identifier: MIT */
/* events-create.c - what the functions that create events give, and the numbers of the wait family. */
#include "test.h"

static void constants_have_their_numbers(void)
{
    CHECK(WSA_INVALID_EVENT == (WSAEVENT)NULL);
    CHECK(INVALID_HANDLE_VALUE == (HANDLE)(LONG_PTR)-1);
    CHECK_EQ(WSA_MAXIMUM_WAIT_EVENTS, 64);
    CHECK_EQ(MAXIMUM_WAIT_OBJECTS, 64);
    CHECK_EQ(INFINITE, 0xFFFFFFFF);
    CHECK_EQ(WSA_INFINITE, 0xFFFFFFFF);
    CHECK_EQ(WAIT_OBJECT_0, 0);
    CHECK_EQ(WSA_WAIT_EVENT_0, 0);
    CHECK_EQ(WAIT_ABANDONED_0, 0x80);
    CHECK_EQ(WAIT_IO_COMPLETION, 192);
    CHECK_EQ(WSA_WAIT_IO_COMPLETION, 192);
    CHECK_EQ(WAIT_TIMEOUT, 258);
    CHECK_EQ(WSA_WAIT_TIMEOUT, 258);
    CHECK_EQ(WAIT_FAILED, 0xFFFFFFFF);
    CHECK_EQ(WSA_WAIT_FAILED, 0xFFFFFFFF);
}

/* As "result == WAIT_FAILED" is written everywhere, the constants must have the type of the results. */
static void constants_compare_with_results(void)
{
    DWORD result = WaitForSingleObject(NULL, 0);

    CHECK(result == WAIT_FAILED);
    CHECK(result == WSA_WAIT_FAILED);
    CHECK_EQ(sizeof(DWORD), 4);
}

static void wsa_event_is_manual_reset_and_clear(void)
{
    WSAEVENT e = WSACreateEvent();

    REQUIRE(e != WSA_INVALID_EVENT);
    CHECK(!test_signalled(e));
    CHECK(WSASetEvent(e));
    CHECK(test_signalled(e));
    CHECK(test_signalled(e));
    CHECK(WSAResetEvent(e));
    CHECK(!test_signalled(e));
    CHECK(WSACloseEvent(e));
}

/* manual, set: the arguments; the event's first wait must find `set`, the second `set && manual`. */
static void check_kind(HANDLE e, BOOL manual, BOOL set)
{
    REQUIRE(e != NULL);
    CHECK_EQ(test_signalled(e), set);
    CHECK_EQ(test_signalled(e), set && manual);
    CHECK(SetEvent(e));
    CHECK(test_signalled(e));
    CHECK_EQ(test_signalled(e), manual);
    CHECK(CloseHandle(e));
}

static void create_event_obeys_both_arguments(void)
{
    int i;

    for (i = 0; i < 4; i++) {
        BOOL manual = i & 1, set = i >> 1;

        check_kind(CreateEventA(NULL, manual, set, NULL), manual, set);
        check_kind(CreateEventW(NULL, manual, set, NULL), manual, set);
        check_kind(CreateEvent(NULL, manual, set, NULL), manual, set);
    }
}

/* A BOOL is true when it is not zero, not when it is 1. */
static void any_nonzero_argument_is_true(void)
{
    HANDLE e = CreateEventA(NULL, 2, -1, NULL);

    REQUIRE(e != NULL);
    CHECK(test_signalled(e));
    CHECK(test_signalled(e));
    CHECK(CloseHandle(e));
}

static void security_attributes_are_accepted(void)
{
    SECURITY_ATTRIBUTES sa = { sizeof sa, NULL, TRUE };
    HANDLE e = CreateEventA(&sa, TRUE, TRUE, NULL);

    REQUIRE(e != NULL);
    CHECK(test_signalled(e));
    CHECK(CloseHandle(e));
}

static void success_sets_last_error_to_0(void)
{
    HANDLE a, w;

    SetLastError(0xdeadbeef);
    a = CreateEventA(NULL, TRUE, FALSE, NULL);
    CHECK_EQ(GetLastError(), 0);
    SetLastError(0xdeadbeef);
    w = CreateEventW(NULL, TRUE, FALSE, NULL);
    CHECK_EQ(GetLastError(), 0);
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(w));
}

static void both_families_serve_both_kinds(void)
{
    WSAEVENT w = WSACreateEvent();
    HANDLE k = CreateEventA(NULL, FALSE, FALSE, NULL);

    CHECK(SetEvent(w));
    CHECK(test_signalled(w));
    CHECK(ResetEvent(w));
    CHECK(!test_signalled(w));
    CHECK(WSASetEvent(k));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &k, FALSE, 0, FALSE), WSA_WAIT_EVENT_0);
    CHECK(!test_signalled(k));
    CHECK(WSASetEvent(k));
    CHECK(WSAResetEvent(k));
    CHECK(!test_signalled(k));
    CHECK(CloseHandle(w));
    CHECK(WSACloseEvent(k));
}

static void handles_are_multiples_of_4_and_distinct(void)
{
    HANDLE e[200];
    int i, j;

    for (i = 0; i < 200; i++) {
        e[i] = i & 1 ? WSACreateEvent() : test_event(FALSE, FALSE);
        CHECK(e[i] != NULL && e[i] != INVALID_HANDLE_VALUE);
        CHECK_EQ((ULONG_PTR)e[i] & 3, 0);
        for (j = 0; j < i; j++)
            if (!CHECK(e[j] != e[i])) break;
    }
    CHECK(SetEvent(e[77]));
    for (i = 0; i < 200; i++) {
        CHECK_EQ(test_signalled(e[i]), i == 77);
        CHECK(CloseHandle(e[i]));
    }
}

static const struct test_case cases[] = {
    TEST(constants_have_their_numbers, "10 Constants [hdr]"),
    TEST(constants_compare_with_results, "10 Constants [hdr]; 00 Types"),
    TEST(wsa_event_is_manual_reset_and_clear, "10 WSACreateEvent [doc]"),
    TEST(create_event_obeys_both_arguments, "10 CreateEvent [doc]"),
    TEST(any_nonzero_argument_is_true, "00 Types: BOOL"),
    TEST(security_attributes_are_accepted, "10 CreateEvent [doc]"),
    TEST(success_sets_last_error_to_0, "10 CreateEvent: last error 0 on success [known]"),
    TEST(both_families_serve_both_kinds, "10 first paragraph [doc]"),
    TEST(handles_are_multiples_of_4_and_distinct, "00 Types: HANDLE"),
};
TEST_MAIN(cases)
