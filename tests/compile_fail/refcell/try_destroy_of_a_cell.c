/* SPDX-License-Identifier: MIT */
/* error: refcell: try_destroy needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent, int *out)
{
#ifdef BROKEN
    (void)im_refcell_try_destroy(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_try_destroy(lent);
    (void)plain, (void)out;
#endif
}
