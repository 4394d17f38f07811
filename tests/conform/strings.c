/* SPDX-License-Identifier: MIT */
/* strings.c - lstrlen, lstrcpy and their relatives; _stricmp, _strnicmp, _strdup. */
#include "test.h"

static const WCHAR wide[] = { 'a', 0x4e2d, 'c', 0 };

static void lengths_count_characters(void)
{
    CHECK_EQ(lstrlenA("four"), 4);
    CHECK_EQ(lstrlenA(""), 0);
    CHECK_EQ(lstrlenA(NULL), 0);
    CHECK_EQ(lstrlenW(wide), 3);
    CHECK_EQ(lstrlenW(NULL), 0);
}

static void copies_and_sums_are_whole(void)
{
    char text[20];
    WCHAR units[20];

    CHECK(lstrcpyA(text, "one") == text && !strcmp(text, "one"));
    CHECK(lstrcatA(text, " two") == text && !strcmp(text, "one two"));
    CHECK(lstrcpyW(units, wide) == units && !memcmp(units, wide, sizeof wide));
    CHECK(lstrcatW(units, wide) == units && !memcmp(units + 3, wide, sizeof wide));
    CHECK_EQ(lstrlenW(units), 6);
}

static void null_is_not_copied(void)
{
    char text[4] = "x";

    CHECK(lstrcpyA(NULL, text) == NULL);
    CHECK(lstrcpyA(text, NULL) == NULL);
    CHECK(!strcmp(text, "x"));
}

static void short_copies_end_with_null(void)
{
    char text[8] = "zzzzzzz";
    WCHAR units[4];

    CHECK(lstrcpynA(text, "abcdef", 4) == text && !strcmp(text, "abc"));
    CHECK_EQ(text[4], 'z');
    CHECK(lstrcpynA(text, "ab", 8) == text && !strcmp(text, "ab"));
    CHECK(lstrcpynW(units, wide, 3) == units && lstrlenW(units) == 2 && units[1] == wide[1]);
    CHECK(lstrcpynA(text, "xy", 1) == text && !strcmp(text, ""));
}

static void comparing_ignores_the_case_of_letters(void)
{
    CHECK_EQ(_stricmp("Content-LENGTH", "content-length"), 0);
    CHECK(_stricmp("abc", "ABD") < 0);
    CHECK(_stricmp("abcd", "ABC") > 0);
    CHECK(_stricmp("", "a") < 0);
    CHECK(_stricmp("_", "A") < 0); /* compared as lower case: '_' is before 'a' */
    CHECK(_stricmp("\xc4", "\xe4") != 0);
    CHECK(_stricmp("[", "{") != 0);
}

static void comparing_can_end_early(void)
{
    CHECK_EQ(_strnicmp("GET /", "get *", 4), 0);
    CHECK(_strnicmp("GET /", "get *", 5) > 0);
    CHECK_EQ(_strnicmp("a", "b", 0), 0);
    CHECK_EQ(_strnicmp("same", "SAME", 100), 0);
    CHECK(_strnicmp("sam", "SAME", 100) < 0);
}

static void a_duplicate_is_freed_by_free(void)
{
    char *copy = _strdup("text"), *empty = _strdup("");

    REQUIRE(copy && empty);
    CHECK(!strcmp(copy, "text"));
    CHECK(!strcmp(empty, ""));
    free(copy);
    free(empty);
}

static const struct test_case cases[] = {
    TEST(lengths_count_characters, "reference lstrlen"),
    TEST(copies_and_sums_are_whole, "reference lstrcpy, lstrcat"),
    TEST(null_is_not_copied, "lstrcpy, known"),
    TEST(short_copies_end_with_null, "reference lstrcpyn"),
    TEST(comparing_ignores_the_case_of_letters, "reference _stricmp"),
    TEST(comparing_can_end_early, "reference _strnicmp"),
    TEST(a_duplicate_is_freed_by_free, "reference _strdup"),
};
TEST_MAIN(cases)
