/* SPDX-License-Identifier: MIT */
/* error: refcell: try_take needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent, int *out)
{
#ifdef BROKEN
    (void)im_refcell_try_take(plain, out);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_take(lent, out);
    (void)plain, (void)out;
#endif
}
