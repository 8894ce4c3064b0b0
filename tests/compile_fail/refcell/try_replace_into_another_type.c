/* SPDX-License-Identifier: MIT */
/* error: refcell: try_replace writes the old value to a T * */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

void use(const number *self, int *out, long *wrong)
{
#ifdef BROKEN
    (void)im_refcell_try_replace(self, wrong, 1);
#else
    (void)im_refcell_try_replace(self, out, 1);
#endif
}
