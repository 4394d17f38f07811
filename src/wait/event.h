/* SPDX-License-Identifier: MIT */
/* event.h - event objects, manual and auto-reset, and their names within the process. */
#ifndef LW_WAIT_EVENT_H
#define LW_WAIT_EVENT_H

#include "obj/handle.h"

struct lw_event {
    struct lw_object obj;
    bool manual;              /* immutable */
    _Atomic bool signalled;   /* changed with obj.lock */
    struct lw_list name_link; /* guarded: names lock */
    uint16_t *name;           /* immutable; UTF-16, or NULL */
};

/* For events on the stack of a blocking call: no handle, freed by lw_event_done. */
void lw_event_init(struct lw_event *e, bool manual);
void lw_event_done(struct lw_event *e);

/* A handle to a new event; NULL: out of memory. */
lw_handle_t lw_event_create(bool manual, bool signalled) LW_MUST_USE;

enum lw_name_result { LW_NAME_NEW, LW_NAME_EXISTS, LW_NAME_MISSING, LW_NAME_NO_MEMORY };

/* Opens the event of that name, or (create) makes it.  `name` is UTF-16, not empty. */
enum lw_name_result lw_event_open_named(const uint16_t *name, bool create, bool manual, bool signalled,
                                        lw_handle_t *ret_handle) LW_MUST_USE;

bool lw_event_set(struct lw_object *obj);
void lw_event_reset(struct lw_object *obj);
/* Releases those who wait now (one for auto-reset) and leaves the event not signalled. */
void lw_event_pulse(struct lw_object *obj);

void lw_event_after_fork(void);

#endif
