/* SPDX-License-Identifier: MIT */
/* error: condvar: wait_for needs an im_condvar * and an im_mutex */
#include <intermut/condvar.h>

typedef im_mutex(int) number;

void use(const im_condvar *self, const number *mutex)
{
#ifdef BROKEN
    (void)im_condvar_wait_for(mutex, self, 1);
#else
    (void)im_condvar_wait_for(self, mutex, 1);
#endif
}
