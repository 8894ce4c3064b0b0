/* SPDX-License-Identifier: MIT */
/* error: refcell: destroy needs an exclusive (non-const) pointer */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

#ifdef BROKEN
void use(const number *self)
#else
void use(number *self)
#endif
{
    im_refcell_destroy(self);
}
