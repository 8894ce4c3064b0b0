/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/mut_once.h>

typedef im_mut_once(int) number;

void use(const number *self)
{
#ifdef BROKEN
    *im_mut_once_get(self) = 1;
#else
    *im_mut_once_borrow_mut(self) = 1;
#endif
}
