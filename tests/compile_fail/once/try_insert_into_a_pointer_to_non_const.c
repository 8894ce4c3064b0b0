/* SPDX-License-Identifier: MIT */
/* error: once: try_insert writes a const T * to its second argument */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
int use(const number *self, int **at)
#else
int use(const number *self, const int **at)
#endif
{
    return im_once_try_insert(self, at, NULL, 1);
}
