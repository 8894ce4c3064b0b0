/* SPDX-License-Identifier: MIT */
/* error: lazy: get needs an im_lazy: pass its address, with a & */
/* up to 26 errors: what is no pointer has none of the members that are looked for */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

const int *use(number *self)
{
#ifdef BROKEN
    return im_lazy_get(*self);
#else
    return im_lazy_get(self);
#endif
}
