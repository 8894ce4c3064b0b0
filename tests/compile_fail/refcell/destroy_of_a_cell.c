/* SPDX-License-Identifier: MIT */
/* error: refcell: destroy needs an im_refcell */
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_refcell(int) number;

void use(counter *plain, number *lent)
{
#ifdef BROKEN
    im_refcell_destroy(plain);
    (void)lent;
#else
    im_refcell_destroy(lent);
    (void)plain;
#endif
}
