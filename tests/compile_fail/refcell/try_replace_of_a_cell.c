/* SPDX-License-Identifier: MIT */
/* error: refcell: try_replace needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent, int *out)
{
#ifdef BROKEN
    (void)im_refcell_try_replace(plain, out, 1);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_replace(lent, out, 1);
    (void)plain, (void)out;
#endif
}
