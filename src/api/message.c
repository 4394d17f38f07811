/* SPDX-License-Identifier: MIT */
/*
 * message.c - FormatMessageA, FormatMessageW.
 *
 * The definition is expanded into UTF-16 units, or into bytes kept in units,
 * whichever the caller has; nothing is converted.  Refused, because nobody has
 * told how Windows does it to the letter: line widths, and inserts with '*' or
 * with text of the other width.
 */
#include "api/message.h"

#include <stdio.h>
#include <string.h>
#include <winbase.h>

#include "api/error.h"
#include "sys/env.h"

enum {
    INSERTS_MAX = 99,
    FIELD_MAX = 255,            /* width and precision of a number */
    ALLOCATED_MAX = 128 * 1024, /* bytes, the reference's limit */
};

struct expansion {
    DWORD flags;
    const void *source;
    bool source_wide;
    bool wide; /* the caller's strings */
    bool ended;
    va_list *list;
    DWORD_PTR arguments[INSERTS_MAX]; /* as far as they have been taken */
    int arguments_count;
    WCHAR *units;
    size_t length, room;
    DWORD error;
};

static unsigned unit_of(const void *text, bool wide, size_t i)
{
    return wide ? ((const WCHAR *)text)[i] : ((const unsigned char *)text)[i];
}

static unsigned unit(const struct expansion *e, size_t i)
{
    return unit_of(e->source, e->source_wide, i);
}

static bool grow(struct expansion *e)
{
    size_t room = e->room ? 2 * e->room : 128;
    WCHAR *units = lw_alloc(room * sizeof(*units));

    if (!units) {
        e->error = ERROR_NOT_ENOUGH_MEMORY;
        return false;
    }
    if (e->length) memcpy(units, e->units, e->length * sizeof(*units));
    lw_free(e->units);
    e->units = units;
    e->room = room;
    return true;
}

static void add(struct expansion *e, unsigned u)
{
    if (e->length < e->room || grow(e)) e->units[e->length++] = (WCHAR)u;
}

static void add_repeated(struct expansion *e, unsigned u, size_t count)
{
    while (count-- && !e->error) add(e, u);
}

static void add_hard_break(struct expansion *e)
{
    add(e, '\r');
    add(e, '\n');
}

/* A line break of the definition, which a program that breaks lines itself does not want. */
static void add_break(struct expansion *e)
{
    if (e->flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) add(e, ' ');
    else add_hard_break(e);
}

/* Argument n, from 1.  A va_list is read forwards and once. */
static DWORD_PTR argument(struct expansion *e, unsigned n)
{
    if (e->flags & FORMAT_MESSAGE_ARGUMENT_ARRAY) return ((const DWORD_PTR *)(const void *)e->list)[n - 1];
    while (e->arguments_count < (int)n) {
        /* The caller started it. NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
        e->arguments[e->arguments_count++] = va_arg(*e->list, DWORD_PTR);
    }
    return e->arguments[n - 1];
}

/* What stands between the exclamation marks. */
struct format {
    char flags[8];
    size_t width;
    size_t precision; /* SIZE_MAX: none */
    unsigned size;    /* bits of a number; 'h' and 'l': 16 and 32 */
    bool narrow_text, wide_text;
    char conversion;
};

static size_t parse_number(const struct expansion *e, size_t *i)
{
    size_t n = 0;

    for (; unit(e, *i) >= '0' && unit(e, *i) <= '9'; ++*i) {
        if (n <= FIELD_MAX) n = 10 * n + (unit(e, *i) - '0');
    }
    return n;
}

static void parse_size(const struct expansion *e, size_t *i, struct format *f)
{
    f->size = 32;
    if (unit(e, *i) == 'h') {
        ++*i;
        f->size = 16;
        f->narrow_text = true;
    } else if (unit(e, *i) == 'l' && unit(e, *i + 1) == 'l') {
        *i += 2;
        f->size = 64;
    } else if (unit(e, *i) == 'l' || unit(e, *i) == 'w') {
        ++*i;
        f->wide_text = true;
    } else if (unit(e, *i) == 'I') {
        ++*i;
        f->size = 64; /* I64, or I alone: the size of a pointer */
        if (unit(e, *i) == '3' && unit(e, *i + 1) == '2') f->size = 32;
        if ((unit(e, *i) == '6' && unit(e, *i + 1) == '4') || f->size == 32) *i += 2;
    }
}

/* "!format!" at *i, which is moved behind it; false: not one of those that are known here. */
static bool parse_format(const struct expansion *e, size_t *i, struct format *f)
{
    size_t count = 0;

    *f = (struct format){ .precision = SIZE_MAX, .size = 32, .conversion = 's' };
    if (unit(e, *i) != '!') return true;
    ++*i;
    while (unit(e, *i) && unit(e, *i) < 128 && strchr("-+ 0#", (int)unit(e, *i)) && count < sizeof(f->flags) - 1) {
        f->flags[count++] = (char)unit(e, (*i)++);
    }
    f->width = parse_number(e, i);
    if (unit(e, *i) == '.') {
        ++*i;
        f->precision = parse_number(e, i);
    }
    parse_size(e, i, f);
    if (!unit(e, *i) || unit(e, *i) >= 128 || !strchr("diuoxXcs", (int)unit(e, *i))) return false;
    f->conversion = (char)unit(e, (*i)++);
    if (unit(e, *i) != '!') return false;
    ++*i;
    return f->width <= FIELD_MAX && (f->precision <= FIELD_MAX || f->precision == SIZE_MAX);
}

static void add_text(struct expansion *e, const struct format *f, const void *text, bool wide, size_t length)
{
    size_t padding = f->width > length ? f->width - length : 0;
    bool left = strchr(f->flags, '-') != NULL;

    if (!left) add_repeated(e, ' ', padding);
    for (size_t i = 0; i < length && !e->error; i++) add(e, unit_of(text, wide, i));
    if (left) add_repeated(e, ' ', padding);
}

static void add_string(struct expansion *e, const struct format *f, DWORD_PTR value)
{
    const void *text = value ? (const void *)value : (const void *)"(null)";
    bool wide = value && e->wide;
    size_t length = 0;

    while (length < f->precision && unit_of(text, wide, length)) length++;
    add_text(e, f, text, wide, length);
}

static void add_number(struct expansion *e, const struct format *f, DWORD_PTR value)
{
    bool is_signed = f->conversion == 'd' || f->conversion == 'i';
    unsigned spare = 64 - f->size;
    char text[2 * FIELD_MAX], format[24];
    long long number = is_signed ? (long long)(value << spare) >> spare : (long long)(value << spare >> spare);
    int length;

    (void)snprintf(format, sizeof(format), "%%%s*.*ll%c", f->flags, f->conversion);
    /* A negative precision counts as none. */
    length =
        snprintf(text, sizeof(text), format, (int)f->width, f->precision == SIZE_MAX ? -1 : (int)f->precision, number);
    for (int i = 0; i < length; i++) add(e, (unsigned char)text[i]);
}

/* "%n" with n from 1 to 99, and its format; i is at the first digit. Returns what is behind it. */
static size_t insert(struct expansion *e, size_t i)
{
    unsigned n = unit(e, i++) - '0';
    struct format f;
    DWORD_PTR value;
    WCHAR one;

    if (unit(e, i) >= '0' && unit(e, i) <= '9') n = 10 * n + (unit(e, i++) - '0');
    if (!e->list || !parse_format(e, &i, &f)) {
        e->error = ERROR_INVALID_PARAMETER;
        return i;
    }
    if (strchr("cs", f.conversion) && (e->wide ? f.narrow_text : f.wide_text)) {
        e->error = ERROR_INVALID_PARAMETER;
        return i;
    }
    value = argument(e, n);
    one = (WCHAR)(e->wide ? value : value & 0xff);
    if (f.conversion == 's') add_string(e, &f, value);
    else if (f.conversion == 'c') add_text(e, &f, &one, true, 1);
    else add_number(e, &f, value);
    return i;
}

/* What follows a '%', at i.  Returns what is behind it. */
static size_t escape(struct expansion *e, size_t i)
{
    bool ignore = (e->flags & FORMAT_MESSAGE_IGNORE_INSERTS) != 0;
    unsigned u = unit(e, i);

    if (u >= '1' && u <= '9' && !ignore) return insert(e, i);
    switch (u) {
    case 0: e->error = ERROR_INVALID_PARAMETER; return i;
    case '0': e->ended = true; break;
    case 'n': add_hard_break(e); break;
    case 'r': add(e, '\r'); break;
    case 't': add(e, '\t'); break;
    default:
        if (ignore) add(e, '%');
        add(e, u);
    }
    return i + 1;
}

static void expand(struct expansion *e)
{
    for (size_t i = 0; !e->ended && !e->error && unit(e, i);) {
        unsigned u = unit(e, i++);

        if (u == '%') {
            i = escape(e, i);
        } else if (u == '\r' || u == '\n') {
            if (u == '\r' && unit(e, i) == '\n') i++;
            add_break(e);
        } else {
            add(e, u);
        }
    }
}

/* 0, or why there can be no message. */
static DWORD check(DWORD flags, LPCVOID source, const void *buffer)
{
    DWORD from = flags & (FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_FROM_SYSTEM);
    DWORD width = flags & FORMAT_MESSAGE_MAX_WIDTH_MASK;

    if (!buffer) return flags & FORMAT_MESSAGE_ALLOCATE_BUFFER ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_PARAMETER;
    if (!from || (from & FORMAT_MESSAGE_FROM_STRING && (from != FORMAT_MESSAGE_FROM_STRING || !source))) {
        return ERROR_INVALID_PARAMETER;
    }
    return width == 0 || width == FORMAT_MESSAGE_MAX_WIDTH_MASK ? 0 : ERROR_INVALID_PARAMETER;
}

/* The message of the system: no program here has a table of its own. */
static void expand_system(struct expansion *e, DWORD id, DWORD language)
{
    DWORD primary = PRIMARYLANGID(language);

    e->source = lw_message_text(id);
    e->source_wide = false;
    if (!(e->flags & FORMAT_MESSAGE_FROM_SYSTEM)) {
        e->error = ERROR_RESOURCE_TYPE_NOT_FOUND;
    } else if (!e->source) {
        e->error = ERROR_MR_MID_NOT_FOUND;
    } else if (primary != LANG_NEUTRAL && primary != LANG_ENGLISH) {
        e->error = ERROR_RESOURCE_LANG_NOT_FOUND;
    } else {
        expand(e);
        add_break(e);
    }
}

/* 0, or why the expansion cannot be handed out. */
static DWORD check_length(const struct expansion *e, DWORD size)
{
    size_t needed = e->length + 1;

    if (e->length == 0) return ERROR_NO_WORK_DONE;
    if (!(e->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)) return needed > size ? ERROR_INSUFFICIENT_BUFFER : 0;
    return needed * (e->wide ? sizeof(WCHAR) : 1) > ALLOCATED_MAX ? ERROR_MORE_DATA : 0;
}

/* The expansion and a NUL into the buffer, or into a new one. */
static void hand_out(struct expansion *e, void *buffer, DWORD size)
{
    size_t unit_size = e->wide ? sizeof(WCHAR) : 1, needed = e->length + 1;
    BOOL allocate = (e->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0;
    void *to = buffer;

    e->error = check_length(e, size);
    if (!e->error) add(e, 0);
    if (e->error) return;
    if (allocate) to = LocalAlloc(LMEM_FIXED, (needed > size ? needed : size) * unit_size);
    if (!to) {
        e->error = ERROR_NOT_ENOUGH_MEMORY;
        return;
    }
    if (e->wide) memcpy(to, e->units, needed * unit_size);
    else
        for (size_t i = 0; i < needed; i++) ((char *)to)[i] = (char)e->units[i];
    if (allocate) *(void **)buffer = to;
}

static DWORD format_message(struct expansion *e, DWORD id, DWORD language, void *buffer, DWORD size)
{
    DWORD length;

    e->error = check(e->flags, e->source, buffer);
    if (e->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER && buffer) *(void **)buffer = NULL;
    if (!e->error && e->flags & FORMAT_MESSAGE_FROM_STRING) expand(e);
    else if (!e->error) expand_system(e, id, language);
    length = (DWORD)e->length;
    if (!e->error) hand_out(e, buffer, size);
    lw_free(e->units);
    if (!e->error) return length;
    lw_set_error(e->error);
    return 0;
}

DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId, LPSTR lpBuffer,
                            DWORD nSize, va_list *Arguments)
{
    struct expansion e = { .flags = dwFlags, .source = lpSource, .list = Arguments };

    return format_message(&e, dwMessageId, dwLanguageId, lpBuffer, nSize);
}

DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId, LPWSTR lpBuffer,
                            DWORD nSize, va_list *Arguments)
{
    struct expansion e = { .flags = dwFlags, .source = lpSource, .list = Arguments, .source_wide = true, .wide = true };

    return format_message(&e, dwMessageId, dwLanguageId, lpBuffer, nSize);
}
