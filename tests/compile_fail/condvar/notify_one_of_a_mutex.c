/* SPDX-License-Identifier: MIT */
/* error: condvar: notify_one needs an im_condvar * */
#include <intermut/condvar.h>

typedef im_mutex(int) number;

void use(const im_condvar *self, const number *mutex)
{
#ifdef BROKEN
    (void)self;
    im_condvar_notify_one(mutex);
#else
    (void)mutex;
    im_condvar_notify_one(self);
#endif
}
