/* SPDX-License-Identifier: MIT */
/* error: once: take moves the value to a T * */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
int use(number *self, long *out)
#else
int use(number *self, int *out)
#endif
{
    return im_once_take(self, out);
}
