/* SPDX-License-Identifier: MIT */
/* error: once: get_or_try_init writes a const T * to its last argument */
#include <intermut/once.h>

typedef im_once(int) number;
int init(int *out, void *argument);

#ifdef BROKEN
int use(const number *self, int **at)
#else
int use(const number *self, const int **at)
#endif
{
    return im_once_get_or_try_init(self, init, NULL, at);
}
