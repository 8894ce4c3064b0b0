/* SPDX-License-Identifier: MIT */
/* error: lazy: try_get writes a const T * to its last argument */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

#ifdef BROKEN
int use(const number *self, int **at)
#else
int use(const number *self, const int **at)
#endif
{
    return im_lazy_try_get(self, at);
}
