/* SPDX-License-Identifier: MIT */
/* thread.c - threads, waits and the clock for tests, by the public API only. */
#include "test.h"

HANDLE test_thread(LPTHREAD_START_ROUTINE start, void *arg)
{
    HANDLE thread = CreateThread(NULL, 0, start, arg, 0, NULL);

    CHECK(thread != NULL);
    return thread;
}

DWORD test_join(HANDLE thread)
{
    DWORD code = 0xdeadbeef;

    CHECK_EQ(WaitForSingleObject(thread, DEADLINE_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK(CloseHandle(thread));
    return code;
}

HANDLE test_event(BOOL manual_reset, BOOL set)
{
    HANDLE event = CreateEventA(NULL, manual_reset, set, NULL);

    CHECK(event != NULL);
    return event;
}

int test_signalled(HANDLE h)
{
    DWORD result = WaitForSingleObject(h, 0);

    CHECK(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    return result == WAIT_OBJECT_0;
}

HANDLE test_tagged(HANDLE h, int tag)
{
    return (HANDLE)((ULONG_PTR)h | (ULONG_PTR)tag);
}

LONG test_read(volatile LONG *value)
{
    return InterlockedCompareExchange(value, 0, 0);
}

void test_write(volatile LONG *value, LONG to)
{
    InterlockedExchange(value, to);
}

LONGLONG test_ticks(void)
{
    LARGE_INTEGER now;

    CHECK(QueryPerformanceCounter(&now));
    return now.QuadPart;
}

int test_elapsed(LONGLONG since, DWORD ms)
{
    LARGE_INTEGER frequency;

    CHECK(QueryPerformanceFrequency(&frequency));
    return (test_ticks() - since) * 1000 >= (LONGLONG)ms * frequency.QuadPart;
}

DWORD test_wait(int which, DWORD count, const HANDLE *handles, BOOL all, DWORD ms)
{
    if (which == 0) return WaitForMultipleObjects(count, handles, all, ms);
    if (which == 1) return WaitForMultipleObjectsEx(count, handles, all, ms, FALSE);
    return WSAWaitForMultipleEvents(count, handles, all, ms, FALSE);
}

const char *test_wait_name(int which)
{
    static const char *const names[TEST_WAITS] = { "WaitForMultipleObjects", "WaitForMultipleObjectsEx",
                                                   "WSAWaitForMultipleEvents" };

    return names[which];
}

/* Signals an event that nobody waits for. */
static DWORD signal_and_wait(HANDLE h, DWORD ms, BOOL alertable)
{
    HANDLE other = test_event(TRUE, FALSE);
    DWORD result = SignalObjectAndWait(other, h, ms, alertable), error = GetLastError();

    CHECK(CloseHandle(other));
    SetLastError(error);
    return result;
}

DWORD test_alertable(int which, HANDLE h, DWORD ms, BOOL alertable)
{
    switch (which) {
    case 0: return WaitForSingleObjectEx(h, ms, alertable);
    case 1: return WaitForMultipleObjectsEx(1, &h, FALSE, ms, alertable);
    case 2: return WaitForMultipleObjectsEx(1, &h, TRUE, ms, alertable);
    case 3: return WSAWaitForMultipleEvents(1, &h, FALSE, ms, alertable);
    case 4: return WSAWaitForMultipleEvents(1, &h, TRUE, ms, alertable);
    default: return signal_and_wait(h, ms, alertable);
    }
}

const char *test_alertable_name(int which)
{
    static const char *const names[TEST_ALERTABLES] = {
        "WaitForSingleObjectEx",         "WaitForMultipleObjectsEx, any", "WaitForMultipleObjectsEx, all",
        "WSAWaitForMultipleEvents, any", "WSAWaitForMultipleEvents, all", "SignalObjectAndWait"
    };

    return names[which];
}
