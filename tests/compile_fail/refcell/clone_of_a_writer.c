/* SPDX-License-Identifier: MIT */
/* error: ref: clone needs an im_ref */
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

void use(number_ref *self, number_ref_mut *writer)
{
#ifdef BROKEN
    (void)im_ref_clone(writer);
#else
    (void)im_ref_clone(self);
    (void)writer;
#endif
}
