/* SPDX-License-Identifier: MIT */
/* error: mutex: into_inner needs an exclusive (non-const) pointer */
#include <intermut/mutex.h>

typedef im_mutex(int) number;

#ifdef BROKEN
int use(const number *self)
#else
int use(number *self)
#endif
{
    return im_mutex_into_inner(self);
}
