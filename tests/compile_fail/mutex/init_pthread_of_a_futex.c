/* SPDX-License-Identifier: MIT */
/* error: mutex: init_pthread needs an im_mutex_of(im_raw_pthread, T) */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_of(im_raw_pthread, int) robust;

int use(number *self, robust *other)
{
#ifdef BROKEN
    (void)other;
    return im_mutex_init_pthread(self, IM_PTHREAD_ROBUST);
#else
    (void)self;
    return im_mutex_init_pthread(other, IM_PTHREAD_ROBUST);
#endif
}
