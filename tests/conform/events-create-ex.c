/* SPDX-License-Identifier: MIT */
/* events-create-ex.c - CreateEventExA and CreateEventExW: the same events by flags. */
#include "test.h"

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

static void flags_say_the_kind(void)
{
    DWORD flags;

    CHECK_EQ(CREATE_EVENT_MANUAL_RESET, 1);
    CHECK_EQ(CREATE_EVENT_INITIAL_SET, 2);
    for (flags = 0; flags < 4; flags++) {
        check_kind(CreateEventExA(NULL, NULL, flags, EVENT_ALL_ACCESS), flags & 1, (flags & 2) != 0);
        check_kind(CreateEventExW(NULL, NULL, flags, EVENT_ALL_ACCESS), flags & 1, (flags & 2) != 0);
    }
}

static void names_are_those_of_create_event(void)
{
    static const WCHAR wide[] = { 'l', 'w', '-', 'e', 'x', 0 };
    HANDLE a = CreateEventA(NULL, TRUE, TRUE, "lw-ex"), b, c;

    REQUIRE(a != NULL);
    b = CreateEventExA(NULL, "lw-ex", 0, EVENT_ALL_ACCESS);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    c = CreateEventExW(NULL, wide, 0, EVENT_ALL_ACCESS);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(test_signalled(b));
    CHECK(ResetEvent(c));
    CHECK(!test_signalled(a));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
    CHECK(CloseHandle(c));
}

static void success_sets_last_error_to_0(void)
{
    HANDLE e;

    SetLastError(0xdeadbeef);
    e = CreateEventExA(NULL, NULL, 0, EVENT_ALL_ACCESS);
    CHECK_EQ(GetLastError(), 0);
    CHECK(CloseHandle(e));
}

static const struct test_case cases[] = {
    TEST(flags_say_the_kind, "10 CreateEventEx"),
    TEST(names_are_those_of_create_event, "10 CreateEventEx; CreateEvent [doc]"),
    TEST(success_sets_last_error_to_0, "10 CreateEvent: last error 0 on success [known]"),
};
TEST_MAIN(cases)
