/* SPDX-License-Identifier: MIT */
/* tls.c - thread-local storage: TlsAlloc, TlsGetValue, TlsSetValue, TlsFree. */
#include "test.h"

enum { MANY = 200 }; /* more than the 64 that every Windows had */

static DWORD index_of_test;
static HANDLE stored, freed;

static void a_new_index_holds_null_and_keeps_what_is_stored(void)
{
    DWORD i = TlsAlloc();
    int value;

    REQUIRE(i != TLS_OUT_OF_INDEXES);
    SetLastError(0xbad);
    CHECK(TlsGetValue(i) == NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    SetLastError(0xbad);
    CHECK(TlsSetValue(i, &value));
    CHECK_EQ(GetLastError(), 0xbad);
    CHECK(TlsGetValue(i) == &value);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(TlsSetValue(i, NULL));
    CHECK(TlsGetValue(i) == NULL);
    CHECK(TlsFree(i));
}

static DWORD WINAPI own_value(void *arg)
{
    CHECK(TlsGetValue(index_of_test) == NULL);
    CHECK(TlsSetValue(index_of_test, arg));
    CHECK(TlsGetValue(index_of_test) == arg);
    return 0;
}

static void each_thread_has_its_own_value(void)
{
    int mine, a, b;

    index_of_test = TlsAlloc();
    REQUIRE(index_of_test != TLS_OUT_OF_INDEXES);
    CHECK(TlsSetValue(index_of_test, &mine));
    test_join(test_thread(own_value, &a));
    test_join(test_thread(own_value, &b));
    CHECK(TlsGetValue(index_of_test) == &mine);
    CHECK(TlsFree(index_of_test));
}

static void many_indexes_are_apart(void)
{
    static char values[MANY];
    DWORD index[MANY];
    int i;

    for (i = 0; i < MANY; i++) {
        index[i] = TlsAlloc();
        REQUIRE(index[i] != TLS_OUT_OF_INDEXES);
        CHECK(TlsSetValue(index[i], &values[i]));
    }
    for (i = 0; i < MANY; i++) CHECK(TlsGetValue(index[i]) == &values[i]);
    for (i = 0; i < MANY; i++) CHECK(TlsFree(index[i]));
}

static DWORD WINAPI stays_while_the_index_goes(void *arg)
{
    CHECK(TlsSetValue(index_of_test, arg));
    SetEvent(stored);
    CHECK_EQ(WaitForSingleObject(freed, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(TlsGetValue(index_of_test) == NULL);
    return 0;
}

/* The freed index is given out again, and neither thread finds its old value in it. */
static void a_reused_index_is_clean_in_every_thread(void)
{
    HANDLE thread;
    DWORD again;
    int value;

    index_of_test = TlsAlloc();
    REQUIRE(index_of_test != TLS_OUT_OF_INDEXES);
    stored = test_event(TRUE, FALSE);
    freed = test_event(TRUE, FALSE);
    CHECK(TlsSetValue(index_of_test, &value));
    thread = test_thread(stays_while_the_index_goes, &value);
    CHECK_EQ(WaitForSingleObject(stored, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(TlsFree(index_of_test));
    again = TlsAlloc();
    CHECK_EQ(again, index_of_test);
    CHECK(TlsGetValue(again) == NULL);
    SetEvent(freed);
    test_join(thread);
    CHECK(TlsFree(again));
    CloseHandle(stored);
    CloseHandle(freed);
}

static void indexes_out_of_range_are_refused(void)
{
    SetLastError(0xbad);
    CHECK(TlsGetValue(TLS_OUT_OF_INDEXES) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0xbad);
    CHECK(!TlsSetValue(TLS_OUT_OF_INDEXES, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0xbad);
    CHECK(!TlsFree(TLS_OUT_OF_INDEXES));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void an_index_is_freed_once(void)
{
    DWORD i = TlsAlloc();

    REQUIRE(i != TLS_OUT_OF_INDEXES);
    CHECK(TlsFree(i));
    SetLastError(0xbad);
    CHECK(!TlsFree(i));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void there_are_about_a_thousand(void)
{
    static DWORD index[2000];
    int n = 0, i;

    while (n < 2000 && (index[n] = TlsAlloc()) != TLS_OUT_OF_INDEXES) n++;
    CHECK(n >= 1000 && n <= 1088);
    for (i = 0; i < n; i++) CHECK(TlsFree(index[i]));
}

static const struct test_case cases[] = {
    TEST(a_new_index_holds_null_and_keeps_what_is_stored, "reference TlsAlloc, TlsGetValue"),
    TEST(each_thread_has_its_own_value, "reference TlsSetValue"),
    TEST(many_indexes_are_apart, "reference Thread Local Storage: 1088 indexes"),
    TEST(a_reused_index_is_clean_in_every_thread, "reference TlsAlloc, TlsFree"),
    TEST(indexes_out_of_range_are_refused, "TlsGetValue, known"),
    TEST(an_index_is_freed_once, "TlsFree, known"),
    TEST(there_are_about_a_thousand, "reference Thread Local Storage: 1088 indexes"),
};
TEST_MAIN(cases)
