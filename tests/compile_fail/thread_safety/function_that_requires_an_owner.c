/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'append' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

struct list {
    struct im_qcell_owner owner;
    const counter *first;
};

static void append(struct list *list) IM_REQUIRES(IM_OWNER(&list->owner));
static void append(struct list *list)
{
    *im_qcell_rw(&list->owner, list->first) += 1;
}

static int look(const struct list *list) IM_REQUIRES_SHARED(IM_OWNER(&list->owner));
static int look(const struct list *list)
{
    return *im_qcell_ro(&list->owner, list->first);
}

int use(struct list *list)
{
    im_owner_hold(&list->owner);
    append(list);
    int seen = look(list);
    im_owner_release(&list->owner);
#ifdef BROKEN
    append(list);
#else

#endif
    return seen;
}
