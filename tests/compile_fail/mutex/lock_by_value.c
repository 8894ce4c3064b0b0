/* SPDX-License-Identifier: MIT */
/* error: mutex: lock needs an im_mutex: pass its address, with a & */
/* up to 11 errors: what is no pointer has none of the members that are looked for */
#include <intermut/mutex.h>

typedef im_mutex(int) number;

int *use(number *self)
{
#ifdef BROKEN
    return im_mutex_lock(*self);
#else
    return im_mutex_lock(self);
#endif
}
