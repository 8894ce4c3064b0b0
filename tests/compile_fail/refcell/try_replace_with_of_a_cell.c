/* SPDX-License-Identifier: MIT */
/* error: refcell: try_replace_with needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent, int *out)
{
#ifdef BROKEN
    (void)im_refcell_try_replace_with(plain, out, p, *p + 1);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_replace_with(lent, out, p, *p + 1);
    (void)plain, (void)out;
#endif
}
