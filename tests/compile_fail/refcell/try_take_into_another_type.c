/* SPDX-License-Identifier: MIT */
/* error: refcell: try_take writes the value to a T * */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

void use(const number *self, int *out, long *wrong)
{
#ifdef BROKEN
    (void)im_refcell_try_take(self, wrong);
#else
    (void)im_refcell_try_take(self, out);
#endif
}
