/* SPDX-License-Identifier: MIT */
/* error: mutex: destroy needs an im_mutex */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(number *self, plain *other)
{
#ifdef BROKEN
    (void)self;
    im_mutex_destroy(other);
#else
    (void)other;
    im_mutex_destroy(self);
#endif
}
