/* SPDX-License-Identifier: MIT */
/* error: refcell: get_mut needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent, int *out)
{
#ifdef BROKEN
    (void)im_refcell_get_mut(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_get_mut(lent);
    (void)plain, (void)out;
#endif
}
