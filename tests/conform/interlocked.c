/* SPDX-License-Identifier: MIT */
/* interlocked.c - Interlocked*: what each returns, on LONG and on long, and that nothing is lost between threads. */
#include "test.h"

static void increment_and_decrement_return_the_new_value(void)
{
    LONG a = 5;
    volatile long b = 5;

    CHECK_EQ(InterlockedIncrement(&a), 6);
    CHECK_EQ(InterlockedDecrement(&a), 5);
    CHECK_EQ(InterlockedIncrement(&b), 6);
    CHECK_EQ(InterlockedDecrement(&b), 5);
    CHECK_EQ(a, 5);
    CHECK_EQ(b, 5);
}

static void exchange_and_add_return_the_old_value(void)
{
    LONG a = 5;
    volatile long b = 5;

    CHECK_EQ(InterlockedExchange(&a, 7), 5);
    CHECK_EQ(InterlockedExchangeAdd(&a, 3), 7);
    CHECK_EQ(InterlockedExchangeAdd(&a, -4), 10);
    CHECK_EQ(a, 6);
    CHECK_EQ(InterlockedExchange(&b, 7), 5);
    CHECK_EQ(InterlockedExchangeAdd(&b, 3), 7);
    CHECK_EQ(b, 10);
}

static void compare_exchange_stores_only_what_was_expected(void)
{
    LONG a = 5;
    volatile long b = 5;

    CHECK_EQ(InterlockedCompareExchange(&a, 9, 4), 5);
    CHECK_EQ(a, 5);
    CHECK_EQ(InterlockedCompareExchange(&a, 9, 5), 5);
    CHECK_EQ(a, 9);
    CHECK_EQ(InterlockedCompareExchange(&b, 9, 4), 5);
    CHECK_EQ(InterlockedCompareExchange(&b, 9, 5), 5);
    CHECK_EQ(b, 9);
}

static void bit_operations_return_the_old_value(void)
{
    LONG a = 0x0f;

    CHECK_EQ(InterlockedAnd(&a, 0x3c), 0x0f);
    CHECK_EQ(a, 0x0c);
    CHECK_EQ(InterlockedOr(&a, 0x30), 0x0c);
    CHECK_EQ(a, 0x3c);
    CHECK_EQ(InterlockedXor(&a, 0xff), 0x3c);
    CHECK_EQ(a, 0xc3);
}

static void long_wraps_at_32_bits(void)
{
    LONG a = 0x7fffffff;

    CHECK_EQ(InterlockedIncrement(&a), (LONG)0x80000000);
    CHECK_EQ(InterlockedDecrement(&a), 0x7fffffff);
}

static void wide_forms_have_64_bits(void)
{
    LONG64 a = 0xffffffff;

    CHECK_EQ(InterlockedIncrement64(&a), 0x100000000ll);
    CHECK_EQ(InterlockedExchangeAdd64(&a, 0x100000000ll), 0x100000000ll);
    CHECK_EQ(InterlockedCompareExchange64(&a, 1, 0x200000000ll), 0x200000000ll);
    CHECK_EQ(InterlockedExchange64(&a, 0x123456789abcll), 1);
    CHECK_EQ(InterlockedDecrement64(&a), 0x123456789abbll);
    CHECK_EQ(InterlockedAnd64(&a, 0xfffffffff000ll), 0x123456789abbll);
    CHECK_EQ(InterlockedOr64(&a, 0x1), 0x123456789000ll);
    CHECK_EQ(a, 0x123456789001ll);
}

static void pointers_are_exchanged(void)
{
    int x, y;
    PVOID p = &x;

    CHECK(InterlockedExchangePointer(&p, &y) == &x);
    CHECK(InterlockedCompareExchangePointer(&p, NULL, &x) == &y);
    CHECK(p == &y);
    CHECK(InterlockedCompareExchangePointer(&p, NULL, &y) == &y);
    CHECK(p == NULL);
}

enum { THREADS = 4, ROUNDS = 50000 };

static LONG narrow;
static volatile long plain;
static LONG64 wide;
static LONG locked, inside, overlaps;

static DWORD WINAPI hammer(void *arg)
{
    int i;

    for (i = 0; i < ROUNDS; i++) {
        InterlockedIncrement(&narrow);
        InterlockedExchangeAdd(&plain, 1);
        InterlockedExchangeAdd64(&wide, 0x10001);
    }
    return arg != NULL;
}

/* A spin lock as such programs write it. */
static DWORD WINAPI lock_by_exchange(void *arg)
{
    int i;

    for (i = 0; i < ROUNDS / 50; i++) {
        while (InterlockedCompareExchange(&locked, 1, 0) != 0) Sleep(0);
        if (InterlockedIncrement(&inside) != 1) InterlockedIncrement(&overlaps);
        InterlockedDecrement(&inside);
        InterlockedExchange(&locked, 0);
    }
    return arg != NULL;
}

static void run_threads(LPTHREAD_START_ROUTINE routine)
{
    HANDLE threads[THREADS];
    int i;

    for (i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, routine, NULL, 0, NULL);
        CHECK(threads[i] != NULL);
    }
    CHECK_EQ(WaitForMultipleObjects(THREADS, threads, TRUE, DEADLINE_MS), WAIT_OBJECT_0);
    for (i = 0; i < THREADS; i++) CloseHandle(threads[i]);
}

static void no_count_is_lost_between_threads(void)
{
    run_threads(hammer);
    CHECK_EQ(narrow, THREADS * ROUNDS);
    CHECK_EQ(plain, THREADS * ROUNDS);
    CHECK_EQ(wide, (LONG64)THREADS * ROUNDS * 0x10001);
}

static void a_lock_can_be_made_of_them(void)
{
    run_threads(lock_by_exchange);
    CHECK_EQ(overlaps, 0);
    CHECK_EQ(inside, 0);
}

static const struct test_case cases[] = {
    TEST(increment_and_decrement_return_the_new_value, "reference InterlockedIncrement, InterlockedDecrement"),
    TEST(exchange_and_add_return_the_old_value, "reference InterlockedExchange, InterlockedExchangeAdd"),
    TEST(compare_exchange_stores_only_what_was_expected, "reference InterlockedCompareExchange"),
    TEST(bit_operations_return_the_old_value, "reference InterlockedAnd, InterlockedOr, InterlockedXor"),
    TEST(long_wraps_at_32_bits, "00 Types: LONG has 4 bytes"),
    TEST(wide_forms_have_64_bits, "reference InterlockedIncrement64"),
    TEST(pointers_are_exchanged, "reference InterlockedExchangePointer"),
    TEST(no_count_is_lost_between_threads, "reference InterlockedIncrement"),
    TEST(a_lock_can_be_made_of_them, "reference InterlockedCompareExchange: a full barrier"),
};
TEST_MAIN(cases)
