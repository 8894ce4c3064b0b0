/* SPDX-License-Identifier: MIT */
/* error: mutex: clear_poison needs an im_mutex_of(im_raw_poisoning, T) */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_of(im_raw_poisoning, int) careful;

void use(const number *self, const careful *other)
{
#ifdef BROKEN
    (void)other;
    im_mutex_clear_poison(self);
#else
    (void)self;
    im_mutex_clear_poison(other);
#endif
}
