/* SPDX-License-Identifier: MIT */
/* error: mut_once: try_into_inner moves the value to a T * */
#include <intermut/mut_once.h>

typedef im_mut_once(int) number;

#ifdef BROKEN
int use(number *self, long *out)
#else
int use(number *self, int *out)
#endif
{
    return im_mut_once_try_into_inner(self, out);
}
