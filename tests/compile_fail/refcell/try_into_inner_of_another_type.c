/* SPDX-License-Identifier: MIT */
/* error: refcell: try_into_inner writes the value to a T * */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

void use(number *self, int *out, long *wrong)
{
#ifdef BROKEN
    (void)im_refcell_try_into_inner(self, wrong);
#else
    (void)im_refcell_try_into_inner(self, out);
#endif
}
