/* SPDX-License-Identifier: MIT */
/* error: refcell: try_borrow_unguarded needs an im_refcell */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)im_refcell_try_borrow_unguarded(other);
#else
    (void)im_refcell_try_borrow_unguarded(self);
#endif
}
