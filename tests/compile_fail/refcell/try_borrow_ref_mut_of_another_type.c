/* SPDX-License-Identifier: MIT */
/* error: refcell: try_borrow_ref_mut needs an im_ref_mut(T) and an im_refcell(T) */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_ref_mut(int) int_ref_mut;
typedef im_ref_mut(long) long_ref_mut;

void use(const number *self)
{
#ifdef BROKEN
    (void)im_refcell_try_borrow_ref_mut(long_ref_mut, self);
#else
    (void)im_refcell_try_borrow_ref_mut(int_ref_mut, self);
#endif
}
