/* SPDX-License-Identifier: MIT */
/*
 * memory.c - GlobalAlloc, LocalAlloc and their relatives, over the process heap.
 *
 * A fixed block is a block of HeapAlloc.  A moveable one is a handle: the
 * address of a struct moveable, but 8 off the alignment that every block has,
 * which tells the two apart.  Nothing is ever moved.
 */
#include <winbase.h>

#include "api/error.h"
#include "sys/env.h"

struct moveable {
    LPVOID block; /* NULL: allocated with no bytes, or thrown away */
    _Atomic unsigned locks;
};

enum { ALIGNMENT = 16, HANDLE_OFFSET = 8 };
_Static_assert(_Alignof(max_align_t) == ALIGNMENT, "HeapAlloc's blocks are that aligned");

static struct moveable *moveable_of(HGLOBAL memory)
{
    if ((uintptr_t)memory % ALIGNMENT != HANDLE_OFFSET) return NULL;
    return (struct moveable *)((char *)memory - HANDLE_OFFSET);
}

static HGLOBAL new_moveable(DWORD heap_flags, SIZE_T size)
{
    struct moveable *m = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*m));

    if (!m) return NULL;
    if (size > 0) m->block = HeapAlloc(GetProcessHeap(), heap_flags, size);
    if (size > 0 && !m->block) {
        HeapFree(GetProcessHeap(), 0, m);
        return NULL;
    }
    return (char *)m + HANDLE_OFFSET;
}

/* The flags that have a meaning here are the same for both families; the others are of 16-bit Windows. */
_Static_assert(GMEM_MOVEABLE == LMEM_MOVEABLE && GMEM_ZEROINIT == LMEM_ZEROINIT, "one set of flags");

static HGLOBAL allocate(UINT flags, SIZE_T size)
{
    DWORD heap_flags = flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0;

    if (flags & GMEM_MOVEABLE) return new_moveable(heap_flags, size);
    return HeapAlloc(GetProcessHeap(), heap_flags, size);
}

static HGLOBAL release(HGLOBAL memory)
{
    struct moveable *m = moveable_of(memory);

    if (m) HeapFree(GetProcessHeap(), 0, m->block);
    HeapFree(GetProcessHeap(), 0, m ? (LPVOID)m : memory);
    return NULL;
}

static LPVOID lock(HGLOBAL memory)
{
    struct moveable *m = moveable_of(memory);

    if (!memory) lw_set_error(ERROR_INVALID_HANDLE);
    if (!m) return memory;
    if (!m->block) {
        lw_set_error(ERROR_DISCARDED);
        return NULL;
    }
    atomic_fetch_add(&m->locks, 1);
    return m->block;
}

/* TRUE: still locked.  FALSE without an error: not any more. */
static BOOL unlock(HGLOBAL memory, BOOL for_fixed)
{
    struct moveable *m = moveable_of(memory);
    unsigned locks;

    if (!m && for_fixed) return TRUE;
    if (!m) return lw_refuse(ERROR_NOT_LOCKED);
    locks = atomic_load(&m->locks);
    do {
        if (locks == 0) return lw_refuse(ERROR_NOT_LOCKED);
    } while (!atomic_compare_exchange_weak(&m->locks, &locks, locks - 1));
    if (locks > 1) return TRUE;
    return lw_refuse(NO_ERROR);
}

HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes)
{
    return allocate(uFlags, dwBytes);
}

HGLOBAL WINAPI GlobalFree(HGLOBAL hMem)
{
    return release(hMem);
}

LPVOID WINAPI GlobalLock(HGLOBAL hMem)
{
    return lock(hMem);
}

BOOL WINAPI GlobalUnlock(HGLOBAL hMem)
{
    return unlock(hMem, TRUE);
}

HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
    return allocate(uFlags, uBytes);
}

HLOCAL WINAPI LocalFree(HLOCAL hMem)
{
    return release(hMem);
}

LPVOID WINAPI LocalLock(HLOCAL hMem)
{
    return lock(hMem);
}

BOOL WINAPI LocalUnlock(HLOCAL hMem)
{
    return unlock(hMem, FALSE);
}
