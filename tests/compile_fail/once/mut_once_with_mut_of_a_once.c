/* SPDX-License-Identifier: MIT */
/* error: mut_once: with_mut needs an im_mut_once */
#include <intermut/mut_once.h>

typedef im_once(int) number;
typedef im_mut_once(int) open_number;

#ifdef BROKEN
void use(const number *self)
#else
void use(const open_number *self)
#endif
{
    im_mut_once_with_mut(n, self)
        *n = 1;
}
