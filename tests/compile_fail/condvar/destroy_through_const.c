/* SPDX-License-Identifier: MIT */
/* error: condvar: destroy needs an exclusive (non-const) pointer */
#include <intermut/condvar.h>

typedef im_mutex(int) number;

#ifdef BROKEN
void use(const im_condvar *self)
#else
void use(im_condvar *self)
#endif
{
    im_condvar_destroy(self);
}
