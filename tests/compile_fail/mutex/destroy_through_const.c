/* SPDX-License-Identifier: MIT */
/* error: mutex: destroy needs an exclusive (non-const) pointer */
#include <intermut/mutex.h>

typedef im_mutex(int) number;

#ifdef BROKEN
void use(const number *self)
#else
void use(number *self)
#endif
{
    im_mutex_destroy(self);
}
