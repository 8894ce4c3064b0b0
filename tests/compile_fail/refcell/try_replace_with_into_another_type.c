/* SPDX-License-Identifier: MIT */
/* error: refcell: try_replace_with writes the old value to a T * */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

void use(const number *self, int *out, long *wrong)
{
#ifdef BROKEN
    (void)im_refcell_try_replace_with(self, wrong, n, *n + 1);
#else
    (void)im_refcell_try_replace_with(self, out, n, *n + 1);
#endif
}
