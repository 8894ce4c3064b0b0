/* SPDX-License-Identifier: MIT */
/* error: mutex: is_poisoned needs an im_mutex_of(im_raw_poisoning, T) */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_of(im_raw_poisoning, int) careful;

void use(const number *self, const careful *other)
{
#ifdef BROKEN
    (void)other;
    (void)im_mutex_is_poisoned(self);
#else
    (void)self;
    (void)im_mutex_is_poisoned(other);
#endif
}
