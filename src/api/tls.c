/* SPDX-License-Identifier: MIT */
/*
 * tls.c - TlsAlloc and its relatives.
 *
 * An index is a slot of one table; its generation is odd while the index is
 * allocated, and every TlsAlloc and TlsFree counts it on.  A thread keeps a
 * value together with the generation it was stored in, so that what other
 * threads have stored is gone as soon as the index is freed, and nobody has to
 * look for them.  No lock.
 */
#include <processthreadsapi.h>
#include <winerror.h>

#include "api/error.h"
#include "sys/env.h"

#include <pthread.h>

enum {
    SLOTS = 1088, /* as many as on Windows: 64 and 1024 */
    CHUNK = 64,   /* a thread gets memory for the indexes that it uses, so many at a time */
};

struct value {
    unsigned generation;
    LPVOID value;
};

struct values {
    struct value *chunks[SLOTS / CHUNK];
};

static _Atomic unsigned generations[SLOTS];
static __thread struct values *the_values; /* NULL until the thread stores something */
static pthread_key_t end_key;
static pthread_once_t end_key_once = PTHREAD_ONCE_INIT;
static bool end_key_made;

static void free_values(struct values *v)
{
    for (int i = 0; i < SLOTS / CHUNK; i++) lw_free(v->chunks[i]);
    lw_free(v);
}

/* A later destructor that stores again makes this one run again. */
static void end_destructor(void *values)
{
    the_values = NULL;
    free_values(values);
}

static void make_end_key(void)
{
    end_key_made = pthread_key_create(&end_key, end_destructor) == 0;
}

DWORD WINAPI TlsAlloc(void)
{
    for (DWORD i = 0; i < SLOTS; i++) {
        unsigned generation = atomic_load(&generations[i]);

        if (generation % 2 == 0 && atomic_compare_exchange_strong(&generations[i], &generation, generation + 1)) {
            return i;
        }
    }
    lw_set_error(ERROR_NO_MORE_ITEMS);
    return TLS_OUT_OF_INDEXES;
}

BOOL WINAPI TlsFree(DWORD dwTlsIndex)
{
    unsigned generation;

    if (dwTlsIndex >= SLOTS) return lw_refuse(ERROR_INVALID_PARAMETER);
    generation = atomic_load(&generations[dwTlsIndex]);
    if (generation % 2 == 0 || !atomic_compare_exchange_strong(&generations[dwTlsIndex], &generation, generation + 1)) {
        return lw_refuse(ERROR_INVALID_PARAMETER);
    }
    return TRUE;
}

LPVOID WINAPI TlsGetValue(DWORD dwTlsIndex)
{
    const struct value *chunk, *v;

    if (dwTlsIndex >= SLOTS) {
        lw_set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    lw_set_error(ERROR_SUCCESS); /* the only way to tell a stored NULL from a failure */
    chunk = the_values ? the_values->chunks[dwTlsIndex / CHUNK] : NULL;
    if (!chunk) return NULL;
    v = &chunk[dwTlsIndex % CHUNK];
    return v->generation == atomic_load_explicit(&generations[dwTlsIndex], memory_order_relaxed) ? v->value : NULL;
}

/* The thread's table, made when it is missing; NULL: out of memory. */
static struct values *own_values(void)
{
    struct values *v = the_values;

    if (v) return v;
    pthread_once(&end_key_once, make_end_key);
    v = end_key_made ? lw_zalloc(sizeof(*v)) : NULL;
    if (v && pthread_setspecific(end_key, v)) {
        lw_free(v);
        v = NULL;
    }
    the_values = v;
    return v;
}

/* An index that is not allocated takes a value as well, as on Windows; TlsAlloc makes it NULL. */
BOOL WINAPI TlsSetValue(DWORD dwTlsIndex, LPVOID lpTlsValue)
{
    struct values *v;
    struct value **chunk;

    if (dwTlsIndex >= SLOTS) return lw_refuse(ERROR_INVALID_PARAMETER);
    v = own_values();
    if (!v) return lw_refuse(ERROR_NOT_ENOUGH_MEMORY);
    chunk = &v->chunks[dwTlsIndex / CHUNK];
    if (!*chunk) *chunk = lw_zalloc(CHUNK * sizeof(**chunk));
    if (!*chunk) return lw_refuse(ERROR_NOT_ENOUGH_MEMORY);
    (*chunk)[dwTlsIndex % CHUNK] = (struct value){ atomic_load(&generations[dwTlsIndex]), lpTlsValue };
    return TRUE;
}
