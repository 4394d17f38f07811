/* SPDX-License-Identifier: MIT */
/*
 * critical-section.c - CRITICAL_SECTION, a recursive lock of one process.
 *
 * It lives in the members of the structure alone: pthread_mutex_t is as large
 * or larger on some machines, and nothing can fail or leak this way.
 * LockCount is the futex word (LOCK_* below), OwningThread an address that
 * only the owner has, RecursionCount is the owner's.  The word says "waited
 * for" when anybody may sleep; who leaves then wakes one.
 */
#include <synchapi.h>

#include "sys/env.h"

enum {
    LOCK_FREE = -1, /* as Windows shows it */
    LOCK_TAKEN = 0,
    LOCK_WAITED_FOR = 1,
};

static HANDLE self(void)
{
    static __thread char mark;

    return &mark;
}

static HANDLE owner_of(LPCRITICAL_SECTION section)
{
    return __atomic_load_n(&section->OwningThread, __ATOMIC_RELAXED);
}

static void own(LPCRITICAL_SECTION section)
{
    __atomic_store_n(&section->OwningThread, self(), __ATOMIC_RELAXED);
    section->RecursionCount = 1;
}

static BOOL try_take(LPCRITICAL_SECTION section)
{
    LONG expected = LOCK_FREE;

    return __atomic_compare_exchange_n(&section->LockCount, &expected, LOCK_TAKEN, FALSE, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static BOOL spin(LPCRITICAL_SECTION section)
{
    for (ULONG_PTR i = 0; i < section->SpinCount; i++) {
        if (__atomic_load_n(&section->LockCount, __ATOMIC_RELAXED) == LOCK_FREE && try_take(section)) return TRUE;
        YieldProcessor();
    }
    return FALSE;
}

static void sleep_until_taken(LPCRITICAL_SECTION section)
{
    _Atomic uint32_t *word = (_Atomic uint32_t *)&section->LockCount;

    while (__atomic_exchange_n(&section->LockCount, LOCK_WAITED_FOR, __ATOMIC_ACQUIRE) != LOCK_FREE) {
        lw_futex_wait(word, LOCK_WAITED_FOR, -1); /* the loop looks again, whatever woke it */
    }
}

BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount, DWORD Flags)
{
    (void)Flags; /* they speak of debug information, and there is none */
    lpCriticalSection->DebugInfo = NULL;
    lpCriticalSection->LockCount = LOCK_FREE;
    lpCriticalSection->RecursionCount = 0;
    lpCriticalSection->OwningThread = NULL;
    lpCriticalSection->LockSemaphore = NULL;
    lpCriticalSection->SpinCount = dwSpinCount & 0x00ffffff; /* the high byte holds flags */
    return TRUE;
}

BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount)
{
    return InitializeCriticalSectionEx(lpCriticalSection, dwSpinCount, 0);
}

void WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    (void)InitializeCriticalSectionEx(lpCriticalSection, 0, 0); /* always succeeds */
}

BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (owner_of(lpCriticalSection) == self()) {
        lpCriticalSection->RecursionCount++;
        return TRUE;
    }
    if (!try_take(lpCriticalSection)) return FALSE;
    own(lpCriticalSection);
    return TRUE;
}

void WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (TryEnterCriticalSection(lpCriticalSection)) return;
    if (!spin(lpCriticalSection)) sleep_until_taken(lpCriticalSection);
    own(lpCriticalSection);
}

void WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    _Atomic uint32_t *word = (_Atomic uint32_t *)&lpCriticalSection->LockCount;

    /* A leave too many would let two threads in: it does nothing. */
    if (owner_of(lpCriticalSection) != self() || --lpCriticalSection->RecursionCount > 0) return;
    __atomic_store_n(&lpCriticalSection->OwningThread, NULL, __ATOMIC_RELAXED);
    if (__atomic_exchange_n(&lpCriticalSection->LockCount, LOCK_FREE, __ATOMIC_RELEASE) == LOCK_WAITED_FOR) {
        lw_futex_wake(word, 1);
    }
}

void WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    (void)InitializeCriticalSectionEx(lpCriticalSection, 0, 0); /* nothing to give back; forgets its owner */
}
