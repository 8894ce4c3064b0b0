/* SPDX-License-Identifier: MIT */
/* error: refcell: undo_leak needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent, int *out)
{
#ifdef BROKEN
    (void)im_refcell_undo_leak(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_undo_leak(lent);
    (void)plain, (void)out;
#endif
}
