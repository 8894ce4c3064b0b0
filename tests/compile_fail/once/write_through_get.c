/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/once.h>

typedef im_once(int) number;

void use(number *self)
{
#ifdef BROKEN
    *im_once_get(self) = 1;
#else
    *im_once_get_mut(self) = 1;
#endif
}
