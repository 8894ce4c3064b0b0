/* SPDX-License-Identifier: MIT */
/* error: mut_once: get needs an im_mut_once: pass its address, with a & */
/* up to 19 errors: what is no pointer has none of the members that are looked for */
#include <intermut/mut_once.h>

typedef im_mut_once(int) number;

const int *use(number *self)
{
#ifdef BROKEN
    return im_mut_once_get(*self);
#else
    return im_mut_once_get(self);
#endif
}
