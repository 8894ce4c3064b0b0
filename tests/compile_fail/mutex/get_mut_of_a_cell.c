/* SPDX-License-Identifier: MIT */
/* error: mutex: get_mut needs an im_mutex */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(number *self, plain *other)
{
#ifdef BROKEN
    (void)self;
    (void)im_mutex_get_mut(other);
#else
    (void)other;
    (void)im_mutex_get_mut(self);
#endif
}
