/* SPDX-License-Identifier: MIT */
/* memory.c - GlobalAlloc, LocalAlloc and their relatives. */
#include "test.h"

static BOOL is_zero(const char *bytes, size_t size)
{
    while (size && bytes[size - 1] == 0) size--;
    return size == 0;
}

static void fixed_memory_is_its_own_address(void)
{
    char *global = GlobalAlloc(GMEM_FIXED, 1000), *local = LocalAlloc(LMEM_FIXED, 1000);

    REQUIRE(global && local);
    memset(global, 1, 1000);
    memset(local, 2, 1000);
    CHECK_EQ((ULONG_PTR)global % 16, 0);
    CHECK(GlobalLock(global) == global);
    CHECK(GlobalUnlock(global));
    CHECK(GlobalFree(global) == NULL);
    CHECK(LocalLock(local) == local);
    CHECK(LocalFree(local) == NULL);
}

static void zeroed_memory_is_zero(void)
{
    char *p = GlobalAlloc(GMEM_FIXED, 5000);

    REQUIRE(p != NULL);
    memset(p, 0x5a, 5000);
    GlobalFree(p);
    p = GlobalAlloc(GPTR, 5000);
    REQUIRE(p != NULL);
    CHECK(is_zero(p, 5000));
    GlobalFree(p);
    p = LocalAlloc(LPTR, 5000);
    REQUIRE(p != NULL);
    CHECK(is_zero(p, 5000));
    LocalFree(p);
}

static void moveable_memory_is_a_handle_that_is_locked(void)
{
    HGLOBAL h = GlobalAlloc(GHND, 500);
    char *p;

    REQUIRE(h != NULL);
    p = GlobalLock(h);
    REQUIRE(p != NULL);
    CHECK((void *)p != h);
    CHECK(is_zero(p, 500));
    memset(p, 3, 500);
    CHECK(GlobalLock(h) == p);
    CHECK(GlobalUnlock(h));
    SetLastError(0xbad);
    CHECK(!GlobalUnlock(h));
    CHECK_EQ(GetLastError(), NO_ERROR);
    CHECK(!GlobalUnlock(h));
    CHECK_EQ(GetLastError(), ERROR_NOT_LOCKED);
    CHECK(GlobalLock(h) == p);
    CHECK_EQ(p[499], 3);
    GlobalUnlock(h);
    CHECK(GlobalFree(h) == NULL);
}

static void local_handles_are_locked_too(void)
{
    HLOCAL h = LocalAlloc(LMEM_MOVEABLE, 100);
    char *p;

    REQUIRE(h != NULL);
    p = LocalLock(h);
    REQUIRE(p != NULL);
    memset(p, 4, 100);
    CHECK(!LocalUnlock(h));
    CHECK_EQ(GetLastError(), NO_ERROR);
    CHECK(LocalFree(h) == NULL);
}

static void a_moveable_block_of_no_bytes_is_discarded(void)
{
    HGLOBAL h = GlobalAlloc(GMEM_MOVEABLE, 0);

    REQUIRE(h != NULL);
    CHECK(GlobalLock(h) == NULL);
    CHECK_EQ(GetLastError(), ERROR_DISCARDED);
    CHECK(GlobalFree(h) == NULL);
}

static void fixed_memory_of_no_bytes_is_memory(void)
{
    void *p = GlobalAlloc(GMEM_FIXED, 0);

    CHECK(p != NULL);
    CHECK(GlobalFree(p) == NULL);
}

static void too_much_is_refused(void)
{
    SetLastError(0xbad);
    CHECK(GlobalAlloc(GMEM_FIXED, ~(SIZE_T)0 / 2) == NULL);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    SetLastError(0xbad);
    CHECK(LocalAlloc(LHND, ~(SIZE_T)0 / 2) == NULL);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
}

static void freeing_null_does_nothing(void)
{
    SetLastError(0xbad);
    CHECK(GlobalFree(NULL) == NULL);
    CHECK(LocalFree(NULL) == NULL);
    CHECK_EQ(GetLastError(), 0xbad);
}

static const struct test_case cases[] = {
    TEST(fixed_memory_is_its_own_address, "reference GlobalAlloc, GMEM_FIXED; GlobalLock"),
    TEST(zeroed_memory_is_zero, "reference GlobalAlloc, GMEM_ZEROINIT"),
    TEST(moveable_memory_is_a_handle_that_is_locked, "reference GlobalAlloc, GMEM_MOVEABLE; GlobalLock, GlobalUnlock"),
    TEST(local_handles_are_locked_too, "reference LocalAlloc, LocalLock, LocalUnlock"),
    TEST(a_moveable_block_of_no_bytes_is_discarded, "reference GlobalAlloc, Remarks; GlobalLock"),
    TEST(fixed_memory_of_no_bytes_is_memory, "GlobalAlloc, known"),
    TEST(too_much_is_refused, "reference GlobalAlloc: NULL"),
    TEST(freeing_null_does_nothing, "reference GlobalFree, LocalFree"),
};
TEST_MAIN(cases)
