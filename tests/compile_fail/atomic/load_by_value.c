/* SPDX-License-Identifier: MIT */
/* error: atomic: load needs an im_atomic: pass its address, with a & */
/* up to 20 errors: what is no pointer has none of the members that are looked for */
#include <intermut/atomic.h>

typedef im_atomic(int) number;

int use(number *self)
{
#ifdef BROKEN
    return im_atomic_load(*self);
#else
    return im_atomic_load(self);
#endif
}
