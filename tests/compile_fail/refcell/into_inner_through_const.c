/* SPDX-License-Identifier: MIT */
/* error: refcell: into_inner needs an exclusive (non-const) pointer */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

#ifdef BROKEN
void use(const number *self, int *out)
#else
void use(number *self, int *out)
#endif
{
    (void)im_refcell_into_inner(self);
}
