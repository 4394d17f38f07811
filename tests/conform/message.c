/* SPDX-License-Identifier: MIT */
/* message.c - FormatMessageA and FormatMessageW: the texts of the system, and texts of the program with inserts. */
#include "test.h"

#include <stdarg.h>

enum { SYSTEM = FORMAT_MESSAGE_FROM_SYSTEM, STRING = FORMAT_MESSAGE_FROM_STRING };

static char text[512];

static DWORD system_text(DWORD flags, DWORD code)
{
    strcpy(text, "untouched");
    SetLastError(0xbad);
    return FormatMessageA(SYSTEM | flags, NULL, code, 0, text, sizeof text, NULL);
}

/* Expands the definition into text. */
static DWORD expand(DWORD flags, const char *definition, ...)
{
    va_list arguments;
    DWORD length;

    strcpy(text, "untouched");
    SetLastError(0xbad);
    va_start(arguments, definition);
    length = FormatMessageA(STRING | flags, definition, 0, 0, text, sizeof text, &arguments);
    va_end(arguments);
    return length;
}

#define CHECK_TEXT(call, want) ((void)(CHECK_EQ(call, strlen(want)) && CHECK(!strcmp(text, want))))
#define CHECK_REFUSED(call, error) ((void)(CHECK_EQ(call, 0) && CHECK_EQ(GetLastError(), error)))

static void a_system_text_is_a_line(void)
{
    DWORD length = system_text(0, WSAECONNREFUSED);

    CHECK(length > 10);
    CHECK_EQ(strlen(text), length);
    CHECK(!strcmp(text + length - 2, "\r\n"));
    CHECK_EQ(GetLastError(), 0xbad);
    CHECK(system_text(FORMAT_MESSAGE_IGNORE_INSERTS, ERROR_ACCESS_DENIED) > 2);
}

static void without_line_breaks_it_ends_with_a_space(void)
{
    DWORD length = system_text(FORMAT_MESSAGE_MAX_WIDTH_MASK, WSAECONNREFUSED);

    REQUIRE(length > 10);
    CHECK(strpbrk(text, "\r\n") == NULL);
    CHECK_EQ(text[length - 1], ' ');
}

static void every_code_has_a_text(void)
{
    /* all of <winerror.h> */
    static const WORD codes[] = {
        0,     1,     2,     3,     4,     5,     6,     7,     8,     9,     11,    12,    13,    14,    15,    17,
        18,    19,    20,    21,    22,    23,    24,    25,    29,    30,    31,    32,    33,    38,    39,    50,
        51,    52,    53,    54,    55,    58,    59,    64,    65,    67,    68,    71,    80,    82,    87,    89,
        100,   109,   110,   111,   112,   113,   114,   120,   121,   122,   123,   126,   127,   128,   130,   131,
        132,   145,   157,   158,   161,   164,   170,   183,   206,   229,   230,   231,   232,   233,   234,   235,
        259,   288,   298,   317,   433,   487,   535,   536,   735,   736,   737,   995,   996,   997,   998,   999,
        1001,  1004,  1008,  1167,  1168,  1200,  1214,  1223,  1225,  1226,  1227,  1228,  1229,  1230,  1231,  1232,
        1233,  1234,  1235,  1236,  1237,  1238,  1241,  1256,  1314,  1359,  1400,  1450,  1451,  1452,  1453,  1454,
        1455,  1460,  1784,  1813,  1815,  1816,  5023,  258,   10004, 10009, 10013, 10014, 10022, 10024, 10035, 10036,
        10037, 10038, 10039, 10040, 10041, 10042, 10043, 10044, 10045, 10046, 10047, 10048, 10049, 10050, 10051, 10052,
        10053, 10054, 10055, 10056, 10057, 10058, 10059, 10060, 10061, 10062, 10063, 10064, 10065, 10066, 10067, 10068,
        10069, 10070, 10071, 10091, 10092, 10093, 10101, 10102, 10103, 10104, 10105, 10106, 10107, 10108, 10109, 10110,
        10111, 10112, 11001, 11002, 11003, 11004, 11005, 11006, 11007, 11008, 11009, 11010, 11011, 11012, 11013, 11014,
        11015, 11016, 11017, 11018, 11019, 11020, 11021, 11022, 11023, 11024, 11025, 11026, 11027, 11028, 11029, 11030,
        11031, 11032, 11033
    };
    size_t i;

    for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (!CHECK(system_text(FORMAT_MESSAGE_IGNORE_INSERTS, codes[i]) > 0)) test_note("no text for %d", codes[i]);
    }
}

static void codes_have_texts_of_their_own(void)
{
    char *one, *other;

    CHECK(FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, WSAECONNRESET, 0, (LPSTR)&one, 0, NULL) > 0);
    CHECK(FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, WSAECONNREFUSED, 0, (LPSTR)&other, 0, NULL) >
          0);
    CHECK(strcmp(one, other) != 0);
    CHECK(LocalFree(one) == NULL);
    CHECK(LocalFree(other) == NULL);
}

static void an_hresult_of_a_win32_code_has_its_text(void)
{
    char plain[sizeof text];

    CHECK(system_text(0, ERROR_ACCESS_DENIED) > 0);
    strcpy(plain, text);
    CHECK(system_text(0, (DWORD)HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED)) > 0);
    CHECK(!strcmp(text, plain));
    CHECK(system_text(0, (DWORD)E_FAIL) > 0);
}

static void an_unknown_code_has_none(void)
{
    CHECK_REFUSED(system_text(0, 99999999), ERROR_MR_MID_NOT_FOUND);
    CHECK(!strcmp(text, "untouched"));
}

static void english_and_neutral_are_the_languages(void)
{
    static const WORD good[] = {
        MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT),
        MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL),
        MAKELANGID(LANG_NEUTRAL, SUBLANG_SYS_DEFAULT),
        MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US),
    };
    size_t i;

    for (i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(FormatMessageA(SYSTEM, NULL, ERROR_ACCESS_DENIED, good[i], text, sizeof text, NULL) > 0);
    }
    CHECK_REFUSED(FormatMessageA(SYSTEM, NULL, ERROR_ACCESS_DENIED, 0xffff, text, sizeof text, NULL),
                  ERROR_RESOURCE_LANG_NOT_FOUND);
}

static void the_buffer_must_hold_it_all(void)
{
    DWORD length = system_text(0, ERROR_ACCESS_DENIED);

    CHECK_EQ(FormatMessageA(SYSTEM, NULL, ERROR_ACCESS_DENIED, 0, text, length + 1, NULL), length);
    CHECK_REFUSED(FormatMessageA(SYSTEM, NULL, ERROR_ACCESS_DENIED, 0, text, length, NULL), ERROR_INSUFFICIENT_BUFFER);
    CHECK_REFUSED(FormatMessageA(SYSTEM, NULL, ERROR_ACCESS_DENIED, 0, text, 0, NULL), ERROR_INSUFFICIENT_BUFFER);
}

static void an_allocated_buffer_has_the_size_at_least(void)
{
    char *buffer = NULL;
    DWORD length = FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, ERROR_ACCESS_DENIED, 0, (LPSTR)&buffer,
                                  3000, NULL);

    REQUIRE(length > 0 && buffer != NULL);
    CHECK_EQ(strlen(buffer), length);
    memset(buffer, 'x', 3000);
    CHECK(LocalFree(buffer) == NULL);
    buffer = text;
    CHECK_REFUSED(FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, 99999999, 0, (LPSTR)&buffer, 0, NULL),
                  ERROR_MR_MID_NOT_FOUND);
    CHECK(buffer == NULL);
}

static void the_wide_text_is_the_same(void)
{
    WCHAR wide[512], *allocated = NULL;
    DWORD length = system_text(0, WSAECONNREFUSED), i;

    CHECK_EQ(FormatMessageW(SYSTEM, NULL, WSAECONNREFUSED, 0, wide, 512, NULL), length);
    for (i = 0; i <= length; i++) CHECK_EQ(wide[i], text[i]);
    CHECK_EQ(
        FormatMessageW(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, WSAECONNREFUSED, 0, (LPWSTR)&allocated, 0, NULL),
        length);
    REQUIRE(allocated != NULL);
    CHECK(!memcmp(allocated, wide, (length + 1) * sizeof wide[0]));
    LocalFree(allocated);
    CHECK_REFUSED(FormatMessageW(SYSTEM, NULL, WSAECONNREFUSED, 0, wide, 5, NULL), ERROR_INSUFFICIENT_BUFFER);
}

static void wrong_arguments_are_refused(void)
{
    CHECK_REFUSED(FormatMessageA(0, NULL, 5, 0, text, sizeof text, NULL), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, 5, 0, NULL, 0, NULL),
                  ERROR_NOT_ENOUGH_MEMORY);
    CHECK_REFUSED(expand(0, "%1!d", 1), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(expand(0, "end%"), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(FormatMessageA(STRING, "%1", 0, 0, text, sizeof text, NULL), ERROR_INVALID_PARAMETER);
}

static void no_source_and_no_buffer_are_refused(void)
{
    CHECK_REFUSED(FormatMessageA(STRING, NULL, 0, 0, text, sizeof text, NULL), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(FormatMessageA(SYSTEM, NULL, 5, 0, NULL, 100, NULL), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(FormatMessageA(STRING | SYSTEM, "x", 5, 0, text, sizeof text, NULL), ERROR_INVALID_PARAMETER);
}

static void escapes_stand_for_characters(void)
{
    CHECK_TEXT(expand(0, "a%nb%tc%rd"), "a\r\nb\tc\rd");
    CHECK_TEXT(expand(0, "100%% %. %! % x"), "100% . !  x");
    CHECK_TEXT(expand(0, "before%0behind"), "before");
    CHECK_REFUSED(expand(0, ""), 235 /* ERROR_NO_WORK_DONE */);
}

static void line_breaks_become_those_of_windows(void)
{
    CHECK_TEXT(expand(0, "a\nb\rc\r\n-\n\n"), "a\r\nb\r\nc\r\n-\r\n\r\n");
    CHECK_TEXT(expand(FORMAT_MESSAGE_MAX_WIDTH_MASK, "a\nb\r\nc%nd\n"), "a b c\r\nd ");
}

static void inserts_are_taken_by_their_number(void)
{
    CHECK_TEXT(expand(0, "%1 %2 %1", "A", "B"), "A B A");
    CHECK_TEXT(expand(0, "%10%2", "1", "2", "3", "4", "5", "6", "7", "8", "9", "ten"), "ten2");
    CHECK_TEXT(expand(0, "%1", NULL), "(null)");
    CHECK_TEXT(expand(0, "<%3!s!|%2!5u!|%1!d!>", -7, 42, "x"), "<x|   42|-7>");
}

static void inserts_have_formats(void)
{
    CHECK_TEXT(expand(0, "%1!8s!|%1!-8s!|%1!.2s!|%2!c!", "abc", 'x'), "     abc|abc     |ab|x");
    CHECK_TEXT(expand(0, "%1!x!|%1!-5x!|%1!05X!|%2!d!|%2!u!", 255, -1), "ff|ff   |000FF|-1|4294967295");
    CHECK_TEXT(expand(0, "%1!I64d!|%1!lld!|%2!lu!", 1234567890123LL, 7), "1234567890123|1234567890123|7");
}

static void inserts_can_come_from_an_array(void)
{
    DWORD_PTR values[3] = { (DWORD_PTR) "one", 2, (DWORD_PTR) "three" };

    CHECK_TEXT(FormatMessageA(STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, "%3 %2!d! %1", 0, 0, text, sizeof text,
                              (va_list *)values),
               "three 2 one");
}

static void inserts_can_be_left_alone(void)
{
    CHECK_TEXT(expand(FORMAT_MESSAGE_IGNORE_INSERTS, "%1!d! %2 %% %.", 1), "%1!d! %2 %% %.");
    CHECK_TEXT(expand(FORMAT_MESSAGE_IGNORE_INSERTS, "a%nb%0c"), "a\r\nb");
}

static void wide_inserts_are_wide(void)
{
    static const WCHAR definition[] = { '<', '%', '1', '>', '%', '2', '!', 'd', '!', 0 }, word[] = { 0x4e2d, 'b', 0 };
    static const WCHAR want[] = { '<', 0x4e2d, 'b', '>', '3', 0 };
    DWORD_PTR values[2] = { (DWORD_PTR)word, 3 };
    WCHAR wide[20];

    CHECK_EQ(FormatMessageW(STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, definition, 0, 0, wide, 20, (va_list *)values), 5);
    CHECK(!memcmp(wide, want, sizeof want));
}

static void long_texts_are_whole(void)
{
    static char definition[5000], got[5001];

    memset(definition, 'y', sizeof definition - 1);
    CHECK_EQ(FormatMessageA(STRING, definition, 0, 0, got, sizeof got, NULL), sizeof definition - 1);
    CHECK(!strcmp(got, definition));
}

static const struct test_case cases[] = {
    TEST(a_system_text_is_a_line, "reference FormatMessage, FORMAT_MESSAGE_FROM_SYSTEM"),
    TEST(without_line_breaks_it_ends_with_a_space, "reference FormatMessage, FORMAT_MESSAGE_MAX_WIDTH_MASK"),
    TEST_WINE_DIFFERS(every_code_has_a_text, "reference System Error Codes",
                      "Wine 8 lacks most texts of Winsock codes"),
    TEST(codes_have_texts_of_their_own, "reference Windows Sockets Error Codes"),
    TEST(an_hresult_of_a_win32_code_has_its_text, "FormatMessage, known"),
    TEST(an_unknown_code_has_none, "reference System Error Codes: ERROR_MR_MID_NOT_FOUND"),
    TEST(english_and_neutral_are_the_languages, "reference FormatMessage: ERROR_RESOURCE_LANG_NOT_FOUND"),
    TEST(the_buffer_must_hold_it_all, "FormatMessage, known"),
    TEST(an_allocated_buffer_has_the_size_at_least, "reference FormatMessage, FORMAT_MESSAGE_ALLOCATE_BUFFER"),
    TEST(the_wide_text_is_the_same, "reference FormatMessage"),
    TEST(wrong_arguments_are_refused, "FormatMessage, known"),
    TEST_WINE_DIFFERS(no_source_and_no_buffer_are_refused, "reference FormatMessage, dwFlags",
                      "Wine 8 sets the error and answers with a text nevertheless"),
    TEST(escapes_stand_for_characters, "reference FormatMessage, Remarks"),
    TEST(line_breaks_become_those_of_windows, "FormatMessage, known"),
    TEST(inserts_are_taken_by_their_number, "reference FormatMessage, Remarks"),
    TEST(inserts_have_formats, "reference FormatMessage, Remarks"),
    TEST(inserts_can_come_from_an_array, "reference FormatMessage, FORMAT_MESSAGE_ARGUMENT_ARRAY"),
    TEST(inserts_can_be_left_alone, "reference FormatMessage, FORMAT_MESSAGE_IGNORE_INSERTS"),
    TEST(wide_inserts_are_wide, "reference FormatMessage"),
    TEST(long_texts_are_whole, "reference FormatMessage"),
};
TEST_MAIN(cases)
