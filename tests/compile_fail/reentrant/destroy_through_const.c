/* SPDX-License-Identifier: MIT */
/* error: reentrant: destroy needs an exclusive (non-const) pointer */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;

#ifdef BROKEN
void use(const number *self)
#else
void use(number *self)
#endif
{
    im_reentrant_destroy(self);
}
