/* SPDX-License-Identifier: MIT */
/* error: refcell: into_inner needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent, int *out)
{
#ifdef BROKEN
    (void)im_refcell_into_inner(plain);
    (void)lent, (void)out;
#else
    (void)im_refcell_into_inner(lent);
    (void)plain, (void)out;
#endif
}
