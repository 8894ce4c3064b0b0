/* SPDX-License-Identifier: MIT */
/* error: rwlock: read needs an im_rwlock: pass its address, with a & */
/* up to 15 errors: what is no pointer has none of the members that are looked for */
#include <intermut/rwlock.h>

typedef im_rwlock(int) number;

const int *use(number *self)
{
#ifdef BROKEN
    return im_rwlock_read(*self);
#else
    return im_rwlock_read(self);
#endif
}
