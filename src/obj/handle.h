/* SPDX-License-Identifier: MIT */
/*
 * handle.h - the table behind HANDLE and SOCKET values.
 *
 * A handle value is index and generation, times four: it fits a positive int
 * (programs keep a SOCKET in one), its two low bits are ignored, and a stale
 * value finds nothing.  Look-up takes no lock: a counter in the slot keeps the
 * object while a call uses it.
 *
 *     31        30 ........ 22  21 .......... 2  1 0
 *     always 0  generation (9)  index (20)       ignored
 *
 * A freed index goes to the end of a queue and is not used again before
 * LW_HANDLE_QUARANTINE other indexes have been freed (unless the table is
 * full), so that a value comes back after 512 times as many closes at the
 * earliest.
 */
#ifndef LW_OBJ_HANDLE_H
#define LW_OBJ_HANDLE_H

#include "obj/object.h"

typedef void *lw_handle_t;

enum {
    LW_HANDLE_QUARANTINE = 4096,
    LW_HANDLE_MAX = 1 << 20,
};

enum lw_handle_flags {
    LW_HANDLE_NOT_WINSOCK =
        1, /* made by DuplicateHandle from a socket: Winsock does not know it (contract 20 section 5) */
};

/*
 * Opens a handle to obj: takes a reference of its own and counts the handle.
 * NULL: the table is full or memory ran out.
 */
lw_handle_t lw_handle_open(struct lw_object *obj, unsigned flags) LW_MUST_USE;

/*
 * The object behind a handle value, kept until lw_handle_put(h); NULL when the
 * value names nothing.  *ret_flags (may be NULL): lw_handle_flags.
 */
struct lw_object *lw_handle_get(lw_handle_t h, unsigned *ret_flags) LW_MUST_USE;
/* The same, NULL also for another kind. */
struct lw_object *lw_handle_get_kind(lw_handle_t h, enum lw_kind kind) LW_MUST_USE;
void lw_handle_put(lw_handle_t h);

/*
 * Closes a handle: from now on the value finds nothing; if it was the object's
 * last, ops->close has run when this returns.  False: no such handle.
 */
bool lw_handle_close(lw_handle_t h);

/* Calls visit for every open handle, with the object kept meanwhile. */
void lw_handle_each(void (*visit)(lw_handle_t h, struct lw_object *obj, void *context), void *context);

/* An open handle of the object, by looking at all of them; NULL: none. */
lw_handle_t lw_handle_find(struct lw_object *obj);

/* Number of open handles. */
uint64_t lw_handle_count(void);

/* In the child of a fork: forgets every handle; the objects stay allocated. */
void lw_handle_after_fork(void);

#endif
