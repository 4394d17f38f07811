/* SPDX-License-Identifier: MIT */
/* list.h - intrusive doubly linked ring.  A link that is in no list points at itself. */
#ifndef LW_BASE_LIST_H
#define LW_BASE_LIST_H

#include "base/base.h"

struct lw_list {
    struct lw_list *next, *prev;
};

static inline void lw_list_init(struct lw_list *l)
{
    l->next = l->prev = l;
}

static inline bool lw_list_empty(const struct lw_list *l)
{
    return l->next == l;
}

static inline void lw_list_insert(struct lw_list *before, struct lw_list *link)
{
    link->next = before;
    link->prev = before->prev;
    before->prev->next = link;
    before->prev = link;
}

static inline void lw_list_push(struct lw_list *l, struct lw_list *link)
{
    lw_list_insert(l, link);
}

static inline void lw_list_push_front(struct lw_list *l, struct lw_list *link)
{
    lw_list_insert(l->next, link);
}

static inline void lw_list_remove(struct lw_list *link)
{
    /* The analyser does not see that the two loops of a wait over its blocks have one bound. */
    link->prev->next = link->next; /* NOLINT(clang-analyzer-core.NullDereference,clang-analyzer-core.uninitialized.*) */
    link->next->prev = link->prev;
    lw_list_init(link);
}

static inline struct lw_list *lw_list_first(const struct lw_list *l)
{
    return lw_list_empty(l) ? NULL : l->next;
}

static inline struct lw_list *lw_list_pop(struct lw_list *l)
{
    struct lw_list *first = lw_list_first(l);

    if (first) lw_list_remove(first);
    return first;
}

/* Moves everything from `from` to the end of `to`. */
static inline void lw_list_splice(struct lw_list *to, struct lw_list *from)
{
    if (lw_list_empty(from)) return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    lw_list_init(from);
}

/* Visits each link; the visited one may be removed. */
#define LW_LIST_EACH(link, l)                                                      \
    for (struct lw_list *link = (l)->next, *link##_next = link->next; link != (l); \
         link = link##_next, link##_next = link->next)

#endif
