/* SPDX-License-Identifier: MIT */
/* error: lazy: into_inner moves the value to a T * */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

#ifdef BROKEN
int use(number *self, long *out)
#else
int use(number *self, int *out)
#endif
{
    return im_lazy_into_inner(self, out);
}
