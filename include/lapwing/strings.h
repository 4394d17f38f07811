/* SPDX-License-Identifier: MIT */
/*
 * lapwing/strings.h - what Windows has in <string.h> and Linux has not, for
 * <windows.h>, which includes it.  Upper and lower case are those of ASCII, as
 * on Windows until a program calls setlocale.
 */
#ifndef LAPWING_STRINGS_H
#define LAPWING_STRINGS_H

#include <stddef.h>

static __inline __attribute__((__unused__)) int lw_lower(char c)
{
    unsigned char u = (unsigned char)c;

    return u >= 'A' && u <= 'Z' ? u - 'A' + 'a' : u;
}

#ifndef _strnicmp
static __inline __attribute__((__unused__)) int _strnicmp(const char *a, const char *b, size_t count)
{
    for (; count; a++, b++, count--) {
        int difference = lw_lower(*a) - lw_lower(*b);

        if (difference || !*a) return difference;
    }
    return 0;
}
#endif

#ifndef _stricmp
static __inline __attribute__((__unused__)) int _stricmp(const char *a, const char *b)
{
    for (;; a++, b++) {
        int difference = lw_lower(*a) - lw_lower(*b);

        if (difference || !*a) return difference;
    }
}
#endif

/* The copy is for free(). */
#ifndef _strdup
static __inline __attribute__((__unused__)) char *_strdup(const char *text)
{
    size_t size = __builtin_strlen(text) + 1;
    char *copy = (char *)__builtin_malloc(size);

    if (copy) __builtin_memcpy(copy, text, size);
    return copy;
}
#endif

#endif
