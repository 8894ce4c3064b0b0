/* SPDX-License-Identifier: MIT */
/* error: once: wait_for writes a const T * to its last argument */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
int use(const number *self, int **at)
#else
int use(const number *self, const int **at)
#endif
{
    return im_once_wait_for(self, 1, at);
}
