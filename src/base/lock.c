/* SPDX-License-Identifier: MIT */
/* lock.c - the held ranks of each thread, in debug builds only. */
#include "base/lock.h"

#ifdef LAPWING_DEBUG

enum { HELD_MAX = 80 }; /* a wait for all takes up to 64 objects */

static __thread unsigned char held[HELD_MAX];
static __thread unsigned held_count;

void lw_lock_rank_push(enum lw_rank rank, bool nested)
{
    unsigned char top = held_count ? held[held_count - 1] : 0;

    LW_CHECK(nested ? top <= rank : top < rank);
    LW_CHECK(held_count < HELD_MAX);
    held[held_count++] = (unsigned char)rank;
}

void lw_lock_rank_pop(enum lw_rank rank)
{
    unsigned i = held_count;

    while (i > 0 && held[i - 1] != rank) i--;
    LW_CHECK(i > 0);
    for (; i < held_count; i++) held[i - 1] = held[i];
    held_count--;
}

#else

typedef int lw_lock_has_no_code_in_release_builds;

#endif
