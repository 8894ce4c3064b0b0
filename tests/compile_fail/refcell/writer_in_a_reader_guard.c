/* SPDX-License-Identifier: MIT */
/* error: refcell: borrow_ref_mut needs an im_ref_mut(T) and an im_refcell(T) */
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

void use(const number *self)
{
#ifdef BROKEN
    number_ref r = im_refcell_borrow_ref_mut(number_ref, self);
    im_ref_release(&r);
#else
    number_ref_mut r = im_refcell_borrow_ref_mut(number_ref_mut, self);
    im_ref_mut_release(&r);
#endif
}
