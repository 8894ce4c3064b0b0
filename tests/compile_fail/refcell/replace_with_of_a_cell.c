/* SPDX-License-Identifier: MIT */
/* error: refcell: replace_with needs an im_refcell */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)im_refcell_replace_with(other, n, *n + 1);
#else
    (void)im_refcell_replace_with(self, n, *n + 1);
#endif
}
