/* SPDX-License-Identifier: MIT */
/* error: mut_once: try_into_inner needs an exclusive (non-const) pointer */
#include <intermut/mut_once.h>

typedef im_sync_mut_once(int) number;

#ifdef BROKEN
int use(const number *self, int *out)
#else
int use(number *self, int *out)
#endif
{
    return im_mut_once_try_into_inner(self, out);
}
