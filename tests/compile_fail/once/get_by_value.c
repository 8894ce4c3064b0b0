/* SPDX-License-Identifier: MIT */
/* error: once: get needs an im_once: pass its address, with a & */
/* up to 14 errors: what is no pointer has none of the members that are looked for */
#include <intermut/once.h>

typedef im_once(int) number;

const int *use(number *self)
{
#ifdef BROKEN
    return im_once_get(*self);
#else
    return im_once_get(self);
#endif
}
