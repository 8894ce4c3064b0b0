/* SPDX-License-Identifier: MIT */
/* error: mut_once: try_borrow_mut needs an im_mut_once */
#include <intermut/mut_once.h>

typedef im_once(int) number;
typedef im_mut_once(int) open_number;

#ifdef BROKEN
void use(const number *self)
#else
void use(const open_number *self)
#endif
{
    (void)im_mut_once_try_borrow_mut(self);
}
