/* SPDX-License-Identifier: MIT */
/* events-named.c - events found by their name within the process. */
#include "test.h"

static const char name[] = "lapwing-test-event";
static const WCHAR wide_name[] = { 'l', 'a', 'p', 'w', 'i', 'n', 'g', '-', 't', 'e',
                                   's', 't', '-', 'e', 'v', 'e', 'n', 't', 0 };

/* Opens or creates, and says which by the last error. */
static HANDLE named(const char *which, BOOL manual, BOOL set, DWORD want_error)
{
    HANDLE e;

    SetLastError(0xdeadbeef);
    e = CreateEventA(NULL, manual, set, which);
    CHECK(e != NULL);
    CHECK_EQ(GetLastError(), want_error);
    return e;
}

static void second_creator_gets_the_same_event(void)
{
    HANDLE a = named(name, TRUE, FALSE, 0), b = named(name, TRUE, FALSE, ERROR_ALREADY_EXISTS);

    CHECK(a != b);
    CHECK(SetEvent(b));
    CHECK(test_signalled(a));
    CHECK(ResetEvent(a));
    CHECK(!test_signalled(b));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

static void second_creators_kind_and_state_are_ignored(void)
{
    HANDLE a = named(name, TRUE, FALSE, 0), b = named(name, FALSE, TRUE, ERROR_ALREADY_EXISTS);

    CHECK(!test_signalled(a));
    CHECK(SetEvent(b));
    CHECK(test_signalled(b));
    CHECK(test_signalled(b));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));

    a = named(name, FALSE, TRUE, 0);
    b = named(name, TRUE, FALSE, ERROR_ALREADY_EXISTS);
    CHECK(test_signalled(b));
    CHECK(!test_signalled(b));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

static void name_lives_as_long_as_any_handle(void)
{
    HANDLE a = named(name, TRUE, TRUE, 0), b = named(name, TRUE, FALSE, ERROR_ALREADY_EXISTS), c;

    CHECK(CloseHandle(a));
    c = named(name, FALSE, FALSE, ERROR_ALREADY_EXISTS);
    CHECK(test_signalled(c));
    CHECK(test_signalled(c));
    CHECK(CloseHandle(b));
    CHECK(CloseHandle(c));
    c = named(name, FALSE, FALSE, 0);
    CHECK(!test_signalled(c));
    CHECK(CloseHandle(c));
}

static void duplicate_handle_keeps_the_name(void)
{
    HANDLE a = named(name, TRUE, TRUE, 0), b = NULL, c;

    CHECK(DuplicateHandle(GetCurrentProcess(), a, GetCurrentProcess(), &b, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(CloseHandle(a));
    c = named(name, FALSE, FALSE, ERROR_ALREADY_EXISTS);
    CHECK(test_signalled(c));
    CHECK(CloseHandle(b));
    CHECK(CloseHandle(c));
}

static void wide_and_narrow_names_are_one_space(void)
{
    HANDLE a = named(name, FALSE, FALSE, 0), w, again;

    w = CreateEventW(NULL, FALSE, FALSE, wide_name);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(SetEvent(w));
    CHECK(test_signalled(a));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(w));

    SetLastError(0xdeadbeef);
    w = CreateEventW(NULL, FALSE, FALSE, wide_name);
    CHECK_EQ(GetLastError(), 0);
    again = named(name, FALSE, FALSE, ERROR_ALREADY_EXISTS);
    CHECK(CloseHandle(w));
    CHECK(CloseHandle(again));
}

static void names_are_case_sensitive(void)
{
    HANDLE a = named("lapwing-test-case", TRUE, FALSE, 0), b = named("LAPWING-test-case", TRUE, FALSE, 0);

    CHECK(SetEvent(a));
    CHECK(!test_signalled(b));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

/* One name is the beginning of the other, and nothing is compared by a prefix. */
static void names_are_compared_whole(void)
{
    HANDLE a = named("lapwing-test", TRUE, FALSE, 0), b = named("lapwing-tes", TRUE, FALSE, 0),
           c = named("lapwing-test2", TRUE, FALSE, 0);

    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
    CHECK(CloseHandle(c));
}

static void unnamed_events_are_separate(void)
{
    HANDLE a = named(NULL, TRUE, TRUE, 0), b = named(NULL, TRUE, FALSE, 0);

    CHECK(!test_signalled(b));
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

static void local_prefix_is_accepted(void)
{
    HANDLE a = named("Local\\lapwing-test-local", TRUE, FALSE, 0),
           b = named("Local\\lapwing-test-local", TRUE, FALSE, ERROR_ALREADY_EXISTS);

    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

static void many_names_stay_apart(void)
{
    HANDLE e[100];
    char text[40];
    int i;

    for (i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "lapwing-test-%d", i);
        e[i] = named(text, TRUE, FALSE, 0);
    }
    for (i = 0; i < 100; i++) {
        HANDLE again;

        snprintf(text, sizeof text, "lapwing-test-%d", i);
        again = named(text, TRUE, FALSE, ERROR_ALREADY_EXISTS);
        CHECK(SetEvent(again));
        CHECK(test_signalled(e[i]));
        CHECK(CloseHandle(again));
        CHECK(i == 99 || !test_signalled(e[i + 1]));
    }
    for (i = 0; i < 100; i++) CHECK(CloseHandle(e[i]));
}

static DWORD WINAPI set_by_name(void *arg)
{
    HANDLE e = CreateEventA(NULL, FALSE, FALSE, arg);

    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(SetEvent(e));
    CHECK(CloseHandle(e));
    return 0;
}

static void another_thread_finds_the_event(void)
{
    HANDLE e = named(name, FALSE, FALSE, 0), thread = test_thread(set_by_name, (void *)name);

    CHECK_EQ(WaitForSingleObject(e, DEADLINE_MS), WAIT_OBJECT_0);
    test_join(thread);
    CHECK(CloseHandle(e));
}

static DWORD WINAPI create_and_close(void *arg)
{
    int i;

    for (i = 0; i < 500; i++) {
        HANDLE e = CreateEventA(NULL, FALSE, FALSE, arg);

        if (!CHECK(e != NULL)) break;
        CHECK(CloseHandle(e));
    }
    return 0;
}

/* The last handle of one thread goes while another thread asks for the name. */
static void creators_and_closers_race(void)
{
    HANDLE a = test_thread(create_and_close, (void *)name), b = test_thread(create_and_close, (void *)name);

    create_and_close((void *)name);
    test_join(a);
    test_join(b);
    CHECK(CloseHandle(named(name, FALSE, FALSE, 0)));
}

/* Needs a second kind of object that can have a name. */
static void name_of_another_kind_is_refused(void)
{
#ifdef CreateSemaphore
    HANDLE s = CreateSemaphoreA(NULL, 0, 1, name);

    REQUIRE(s != NULL);
    SetLastError(0xdeadbeef);
    CHECK(CreateEventA(NULL, FALSE, FALSE, name) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(s));
    CHECK(CloseHandle(named(name, FALSE, FALSE, 0)));
#else
    test_skip("there is no other object with a name yet");
#endif
}

static const struct test_case cases[] = {
    TEST(second_creator_gets_the_same_event, "10 CreateEvent: ERROR_ALREADY_EXISTS [doc]"),
    TEST(second_creators_kind_and_state_are_ignored, "10 CreateEvent: bManualReset, bInitialState ignored [doc]"),
    TEST(name_lives_as_long_as_any_handle, "CreateEvent page: destroyed when its last handle has been closed [doc]"),
    TEST(duplicate_handle_keeps_the_name, "CreateEvent page; DuplicateHandle page [doc]"),
    TEST(wide_and_narrow_names_are_one_space, "10 CreateEvent A/W"),
    TEST(names_are_case_sensitive, "CreateEvent page: name comparison is case sensitive [doc]"),
    TEST(names_are_compared_whole, "10 CreateEvent [doc]"),
    TEST(unnamed_events_are_separate, "CreateEvent page: lpName NULL [doc]"),
    TEST(local_prefix_is_accepted, "CreateEvent page: Local prefix [doc]"),
    TEST(many_names_stay_apart, "10 CreateEvent [doc]"),
    TEST(another_thread_finds_the_event, "10 CreateEvent [doc]"),
    TEST(creators_and_closers_race, "00 Concurrency"),
    TEST(name_of_another_kind_is_refused, "10 CreateEvent: ERROR_INVALID_HANDLE [doc]"),
};
TEST_MAIN(cases)
