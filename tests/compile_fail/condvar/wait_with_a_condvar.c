/* SPDX-License-Identifier: MIT */
/* error: condvar: wait needs an im_condvar * and an im_mutex */
#include <intermut/condvar.h>

typedef im_mutex(int) number;

void use(const im_condvar *self, const number *mutex)
{
#ifdef BROKEN
    im_condvar_wait(mutex, self);
#else
    im_condvar_wait(self, mutex);
#endif
}
