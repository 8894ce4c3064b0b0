/* SPDX-License-Identifier: MIT */
/* error: once: try_insert gives the value back to a T * */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
int use(const number *self, long *back)
#else
int use(const number *self, int *back)
#endif
{
    const int *at;
    return im_once_try_insert(self, &at, back, 1);
}
