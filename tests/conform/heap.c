/* SPDX-License-Identifier: MIT */
/* heap.c - the process heap: HeapAlloc, HeapReAlloc, HeapFree. */
#include "test.h"

static HANDLE heap(void)
{
    return GetProcessHeap();
}

/* TRUE if the bytes from..to of the block have that value. */
static BOOL is_filled(const void *block, size_t from, size_t to, unsigned char value)
{
    const unsigned char *bytes = block;

    while (from < to && bytes[from] == value) from++;
    return from == to;
}

static void the_process_has_one_heap(void)
{
    CHECK(GetProcessHeap() != NULL);
    CHECK(GetProcessHeap() == GetProcessHeap());
}

static void blocks_are_aligned_and_apart(void)
{
    enum { COUNT = 64 };
    unsigned char *block[COUNT];
    int i;

    for (i = 0; i < COUNT; i++) {
        block[i] = HeapAlloc(heap(), 0, (SIZE_T)i * 7 + 1);
        REQUIRE(block[i] != NULL);
        CHECK_EQ((ULONG_PTR)block[i] % 16, 0);
        memset(block[i], i, (size_t)i * 7 + 1);
    }
    for (i = 0; i < COUNT; i++) {
        CHECK(is_filled(block[i], 0, (size_t)i * 7 + 1, (unsigned char)i));
        CHECK(HeapFree(heap(), 0, block[i]));
    }
}

static void zeroed_blocks_are_zero(void)
{
    enum { SIZE = 4096 };
    void *block = HeapAlloc(heap(), 0, SIZE);

    REQUIRE(block != NULL);
    memset(block, 0x5a, SIZE);
    HeapFree(heap(), 0, block);
    block = HeapAlloc(heap(), HEAP_ZERO_MEMORY, SIZE);
    REQUIRE(block != NULL);
    CHECK(is_filled(block, 0, SIZE, 0));
    HeapFree(heap(), 0, block);
}

static void empty_blocks_are_blocks(void)
{
    void *a = HeapAlloc(heap(), 0, 0), *b = HeapAlloc(heap(), HEAP_ZERO_MEMORY, 0);

    CHECK(a != NULL);
    CHECK(b != NULL);
    CHECK(a != b);
    CHECK(HeapFree(heap(), 0, a));
    CHECK(HeapFree(heap(), 0, b));
}

static void growing_keeps_the_content(void)
{
    void *block = HeapAlloc(heap(), 0, 100);

    REQUIRE(block != NULL);
    memset(block, 0x5a, 100);
    block = HeapReAlloc(heap(), 0, block, 100000);
    REQUIRE(block != NULL);
    CHECK(is_filled(block, 0, 100, 0x5a));
    memset(block, 0xa5, 100000);
    block = HeapReAlloc(heap(), 0, block, 10);
    REQUIRE(block != NULL);
    CHECK(is_filled(block, 0, 10, 0xa5));
    CHECK(HeapFree(heap(), 0, block));
}

/* Only what is new is cleared, down to the byte, also where the block had been larger before. */
static void growing_with_zero_memory_clears_exactly_the_new_part(void)
{
    void *block = HeapAlloc(heap(), HEAP_ZERO_MEMORY, 333);
    int i;

    REQUIRE(block != NULL);
    memset(block, 0x5a, 333);
    for (i = 334; i < 2000; i += 77) {
        block = HeapReAlloc(heap(), HEAP_ZERO_MEMORY, block, (SIZE_T)i);
        REQUIRE(block != NULL);
        CHECK(is_filled(block, 0, 333, 0x5a));
        CHECK(is_filled(block, 333, (size_t)i, 0));
    }
    memset(block, 0x5a, 900);
    block = HeapReAlloc(heap(), HEAP_ZERO_MEMORY, block, 400);
    REQUIRE(block != NULL);
    block = HeapReAlloc(heap(), HEAP_ZERO_MEMORY, block, 900);
    REQUIRE(block != NULL);
    CHECK(is_filled(block, 0, 400, 0x5a));
    CHECK(is_filled(block, 400, 900, 0));
    CHECK(HeapFree(heap(), 0, block));
}

static void a_block_shrinks_in_place(void)
{
    void *block = HeapAlloc(heap(), 0, 1000);

    REQUIRE(block != NULL);
    CHECK(HeapReAlloc(heap(), HEAP_REALLOC_IN_PLACE_ONLY, block, 500) == block);
    CHECK(HeapFree(heap(), 0, block));
}

static void growing_in_place_fails_or_keeps_the_place(void)
{
    void *block = HeapAlloc(heap(), 0, 16), *same;

    REQUIRE(block != NULL);
    memset(block, 0x5a, 16);
    same = HeapReAlloc(heap(), HEAP_REALLOC_IN_PLACE_ONLY, block, 1 << 20);
    CHECK(same == NULL || same == block);
    CHECK(is_filled(block, 0, 16, 0x5a));
    CHECK(HeapFree(heap(), 0, block));
}

static void too_much_is_refused_and_harms_nothing(void)
{
    void *block = HeapAlloc(heap(), 0, 16);

    REQUIRE(block != NULL);
    memset(block, 0x5a, 16);
    CHECK(HeapAlloc(heap(), 0, ~(SIZE_T)0) == NULL);
    CHECK(HeapAlloc(heap(), HEAP_ZERO_MEMORY, ~(SIZE_T)0 - 15) == NULL);
    CHECK(HeapReAlloc(heap(), 0, block, ~(SIZE_T)0 - 64) == NULL);
    CHECK(is_filled(block, 0, 16, 0x5a));
    CHECK(HeapFree(heap(), 0, block));
}

static void freeing_null_succeeds(void)
{
    CHECK(HeapFree(heap(), 0, NULL));
}

static void growing_null_fails(void)
{
    CHECK(HeapReAlloc(heap(), 0, NULL, 16) == NULL);
}

static const struct test_case cases[] = {
    TEST(the_process_has_one_heap, "reference GetProcessHeap"),
    TEST(blocks_are_aligned_and_apart, "reference HeapAlloc; malloc's alignment on 64 bits"),
    TEST(zeroed_blocks_are_zero, "reference HeapAlloc, HEAP_ZERO_MEMORY"),
    TEST(empty_blocks_are_blocks, "HeapAlloc, observed"),
    TEST(growing_keeps_the_content, "reference HeapReAlloc"),
    TEST(growing_with_zero_memory_clears_exactly_the_new_part, "reference HeapReAlloc, HEAP_ZERO_MEMORY"),
    TEST(a_block_shrinks_in_place, "reference HeapReAlloc, HEAP_REALLOC_IN_PLACE_ONLY"),
    TEST(growing_in_place_fails_or_keeps_the_place, "reference HeapReAlloc, HEAP_REALLOC_IN_PLACE_ONLY"),
    TEST(too_much_is_refused_and_harms_nothing, "reference HeapAlloc, HeapReAlloc: NULL"),
    TEST(freeing_null_succeeds, "reference HeapFree"),
    TEST(growing_null_fails, "HeapReAlloc, observed"),
};
TEST_MAIN(cases)
