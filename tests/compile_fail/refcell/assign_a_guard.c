/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_refcell(long) large_number;
typedef im_ref(int) number_ref;
typedef im_ref_mut(int) number_ref_mut;
typedef struct {
    int left, right;
} pair;
typedef im_refcell(pair) pair_cell;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(pair) pair_ref_mut;
typedef im_ref(long) long_ref;

void use(number_ref *self, number_ref *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_ref_release(self);
    im_ref_release(other);
#endif
}
