/* SPDX-License-Identifier: MIT */
/* error: lazy: take moves the value to a T * */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

#ifdef BROKEN
int use(number *self, long *out)
#else
int use(number *self, int *out)
#endif
{
    return im_lazy_take(self, out);
}
