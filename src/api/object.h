/* SPDX-License-Identifier: MIT */
/* object.h - handles as the API takes them: with the pseudo handles of the current thread and process. */
#ifndef LW_API_OBJECT_H
#define LW_API_OBJECT_H

#include "obj/handle.h"

#define LW_CURRENT_PROCESS ((lw_handle_t)(intptr_t)-1)
#define LW_CURRENT_THREAD ((lw_handle_t)(intptr_t)-2)

/*
 * The object behind a handle or a pseudo handle with a reference, given back
 * by lw_object_unref; NULL: no such handle.  A pseudo handle of the process
 * yields an object that is never signalled.
 */
struct lw_object *lw_api_object(lw_handle_t h) LW_MUST_USE;
/* The same for thread handles only. */
struct lw_object *lw_api_thread(lw_handle_t h) LW_MUST_USE;

#endif
