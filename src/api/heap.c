/* SPDX-License-Identifier: MIT */
/*
 * heap.c - the process heap, over malloc.
 *
 * A header keeps each block's size: HEAP_ZERO_MEMORY in HeapReAlloc clears
 * exactly what is new, which malloc does not know.  A block that shrinks stays
 * where it is until it uses less than half of its room.
 */
#include <heapapi.h>
#include <winerror.h>

#include "api/error.h"
#include "sys/env.h"

struct block {
    _Alignas(max_align_t) size_t size;
    size_t room;
    max_align_t data[];
};

static char the_heap; /* only its address matters */

HANDLE WINAPI GetProcessHeap(void)
{
    return &the_heap;
}

static BOOL is_heap(HANDLE heap)
{
    if (heap == &the_heap) return TRUE;
    lw_set_error(ERROR_INVALID_HANDLE);
    return FALSE;
}

static struct block *new_block(SIZE_T size, BOOL zeroed)
{
    struct block *b = NULL;

    if (size <= PTRDIFF_MAX - sizeof(*b)) {
        b = zeroed ? lw_zalloc(sizeof(*b) + size) : lw_alloc(sizeof(*b) + size);
    }
    if (b) b->size = b->room = size;
    else lw_set_error(ERROR_NOT_ENOUGH_MEMORY);
    return b;
}

LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
{
    struct block *b;

    if (!is_heap(hHeap)) return NULL;
    b = new_block(dwBytes, (dwFlags & HEAP_ZERO_MEMORY) != 0);
    return b ? b->data : NULL;
}

static void resize_in_place(struct block *b, SIZE_T size, BOOL zeroed)
{
    if (zeroed && size > b->size) memset((char *)b->data + b->size, 0, size - b->size);
    b->size = size;
}

LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
{
    BOOL zeroed = (dwFlags & HEAP_ZERO_MEMORY) != 0, in_place = (dwFlags & HEAP_REALLOC_IN_PLACE_ONLY) != 0;
    struct block *old, *b = NULL;

    if (!is_heap(hHeap) || !lpMem) return NULL;
    old = LW_CONTAINER_OF(lpMem, struct block, data);
    if (dwBytes <= old->room && (in_place || dwBytes >= old->room / 2)) {
        resize_in_place(old, dwBytes, zeroed);
        return lpMem;
    }
    if (in_place) lw_set_error(ERROR_NOT_ENOUGH_MEMORY);
    else b = new_block(dwBytes, zeroed);
    if (!b) return NULL;
    memcpy(b->data, old->data, old->size < dwBytes ? old->size : dwBytes);
    lw_free(old);
    return b->data;
}

BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem)
{
    (void)dwFlags; /* HEAP_NO_SERIALIZE: malloc has its own locks */
    if (!is_heap(hHeap)) return FALSE;
    if (lpMem) lw_free(LW_CONTAINER_OF(lpMem, struct block, data));
    return TRUE;
}
