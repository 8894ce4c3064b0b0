/* SPDX-License-Identifier: MIT */
/* error: once: set gives the value back to a T * */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
int use(const number *self, long *back)
#else
int use(const number *self, int *back)
#endif
{
    return im_once_set(self, back, 1);
}
