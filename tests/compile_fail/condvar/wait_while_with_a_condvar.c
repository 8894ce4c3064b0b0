/* SPDX-License-Identifier: MIT */
/* error: condvar: wait_while needs an im_condvar * and an im_mutex */
#include <intermut/condvar.h>

typedef im_mutex(int) number;

void use(const im_condvar *self, const number *mutex)
{
#ifdef BROKEN
    im_condvar_wait_while(mutex, self, n, 1);
#else
    im_condvar_wait_while(self, mutex, n, *n);
#endif
}
