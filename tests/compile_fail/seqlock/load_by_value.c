/* SPDX-License-Identifier: MIT */
/* error: seqlock: load needs an im_seqlock: pass its address, with a & */
/* up to 14 errors: what is no pointer has none of the members that are looked for */
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;

int use(number *self)
{
#ifdef BROKEN
    return im_seqlock_load(*self);
#else
    return im_seqlock_load(self);
#endif
}
