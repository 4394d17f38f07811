/* SPDX-License-Identifier: MIT */
/* event.c - event objects of both APIs (contract 10). */
#include "wait/event.h"

#include "api/error.h"
#include "sys/env.h"

#include <string.h>
#include <winsock2.h>
#include <windows.h>

enum { NAME_MAX_UNITS = 260 }; /* MAX_PATH */

/* The event behind a handle, kept until lw_handle_put; NULL with the last error. */
static struct lw_object *event_get(HANDLE h)
{
    struct lw_object *obj = lw_handle_get_kind(h, LW_KIND_EVENT);

    if (!obj) lw_set_error(ERROR_INVALID_HANDLE);
    return obj;
}

/* ---- names ---- */

/* A UTF-8 name as UTF-16; false: too long.  Bytes that are no UTF-8 count as Latin-1. */
static bool widen(const char *name, uint16_t *ret)
{
    const unsigned char *at = (const unsigned char *)name;
    size_t n = 0;

    while (*at) {
        uint32_t c = *at++;
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
        if (more) {
            uint32_t wide = c & (0x3fu >> more);
            int i = 0;
            while (i < more && (at[i] & 0xc0) == 0x80) wide = wide << 6 | (at[i++] & 0x3f);
            if (i == more) c = wide, at += more;
        }
        if (n + 2 >= NAME_MAX_UNITS) return false;
        if (c >= 0x10000) {
            ret[n++] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + (c & 0x3ff);
        }
        ret[n++] = (uint16_t)c;
    }
    ret[n] = 0;
    return true;
}

/* Both name spaces of Windows are one here: the process. */
static const uint16_t *skip_space(const uint16_t *name)
{
    static const char *const spaces[] = { "Global\\", "Local\\" };

    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        size_t n = 0;
        while (spaces[i][n] && name[n] == (uint16_t)spaces[i][n]) n++;
        if (!spaces[i][n]) return name + n;
    }
    return name;
}

static HANDLE open_named(const uint16_t *name, bool create, bool manual, bool signalled)
{
    lw_handle_t h = NULL;

    switch (lw_event_open_named(skip_space(name), create, manual, signalled, &h)) {
    case LW_NAME_NEW: lw_set_error(0); break;
    case LW_NAME_EXISTS: lw_set_error(create ? ERROR_ALREADY_EXISTS : 0); break;
    case LW_NAME_MISSING: lw_set_error(ERROR_FILE_NOT_FOUND); break;
    case LW_NAME_NO_MEMORY: lw_set_error(ERROR_NOT_ENOUGH_MEMORY); break;
    }
    return h;
}

static HANDLE create_event(const uint16_t *name, bool manual, bool signalled)
{
    if (name && *name) return open_named(name, true, manual, signalled);
    HANDLE h = lw_event_create(manual, signalled);
    lw_set_error(h ? 0 : ERROR_NOT_ENOUGH_MEMORY);
    return h;
}

static bool too_long(const uint16_t *name)
{
    size_t n = 0;

    while (name && name[n] && n <= NAME_MAX_UNITS) n++;
    return n > NAME_MAX_UNITS;
}

/* ---- kernel32 ---- */

HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
                           LPCWSTR lpName)
{
    (void)lpEventAttributes; /* inheritance and access have no meaning within one process */
    if (too_long((const uint16_t *)lpName)) {
        lw_set_error(ERROR_FILENAME_EXCED_RANGE);
        return NULL;
    }
    return create_event((const uint16_t *)lpName, bManualReset, bInitialState);
}

HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
                           LPCSTR lpName)
{
    uint16_t wide[NAME_MAX_UNITS];

    (void)lpEventAttributes; /* as above */
    if (!lpName) return create_event(NULL, bManualReset, bInitialState);
    if (widen(lpName, wide)) return create_event(wide, bManualReset, bInitialState);
    lw_set_error(ERROR_FILENAME_EXCED_RANGE);
    return NULL;
}

enum { CREATE_FLAGS = CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET };

HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCSTR lpName, DWORD dwFlags,
                             DWORD dwDesiredAccess)
{
    (void)dwDesiredAccess; /* every handle has full access */
    if (dwFlags & ~(DWORD)CREATE_FLAGS) {
        lw_set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CreateEventA(lpEventAttributes, (dwFlags & CREATE_EVENT_MANUAL_RESET) != 0,
                        (dwFlags & CREATE_EVENT_INITIAL_SET) != 0, lpName);
}

HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCWSTR lpName, DWORD dwFlags,
                             DWORD dwDesiredAccess)
{
    (void)dwDesiredAccess; /* every handle has full access */
    if (dwFlags & ~(DWORD)CREATE_FLAGS) {
        lw_set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CreateEventW(lpEventAttributes, (dwFlags & CREATE_EVENT_MANUAL_RESET) != 0,
                        (dwFlags & CREATE_EVENT_INITIAL_SET) != 0, lpName);
}

HANDLE WINAPI OpenEventW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
{
    (void)dwDesiredAccess, (void)bInheritHandle; /* no meaning within one process */
    if (lpName && *lpName && !too_long((const uint16_t *)lpName))
        return open_named((const uint16_t *)lpName, false, false, false);
    lw_set_error(lpName ? ERROR_INVALID_HANDLE : ERROR_INVALID_PARAMETER);
    return NULL;
}

HANDLE WINAPI OpenEventA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
{
    uint16_t wide[NAME_MAX_UNITS];

    if (lpName && widen(lpName, wide)) return OpenEventW(dwDesiredAccess, bInheritHandle, (LPCWSTR)wide);
    lw_set_error(lpName ? ERROR_FILENAME_EXCED_RANGE : ERROR_INVALID_PARAMETER);
    return NULL;
}

BOOL WINAPI SetEvent(HANDLE hEvent)
{
    struct lw_object *obj = event_get(hEvent);

    if (!obj) return FALSE;
    (void)lw_event_set(obj); /* an event can always be set */
    lw_handle_put(hEvent);
    return TRUE;
}

BOOL WINAPI ResetEvent(HANDLE hEvent)
{
    struct lw_object *obj = event_get(hEvent);

    if (!obj) return FALSE;
    lw_event_reset(obj);
    lw_handle_put(hEvent);
    return TRUE;
}

BOOL WINAPI PulseEvent(HANDLE hEvent)
{
    struct lw_object *obj = event_get(hEvent);

    if (!obj) return FALSE;
    lw_event_pulse(obj);
    lw_handle_put(hEvent);
    return TRUE;
}

/* ---- Winsock: the same objects ---- */

WSAEVENT WSAAPI WSACreateEvent(void)
{
    HANDLE h = lw_event_create(true, false);

    if (!h) lw_set_error(WSA_NOT_ENOUGH_MEMORY);
    return h;
}

BOOL WSAAPI WSASetEvent(WSAEVENT hEvent)
{
    return SetEvent(hEvent);
}

BOOL WSAAPI WSAResetEvent(WSAEVENT hEvent)
{
    return ResetEvent(hEvent);
}

BOOL WSAAPI WSACloseEvent(WSAEVENT hEvent)
{
    return CloseHandle(hEvent);
}
