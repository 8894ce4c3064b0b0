/* SPDX-License-Identifier: MIT */
/* error: mutex: unlock_fair needs an im_mutex */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    im_mutex_unlock_fair(other);
#else
    (void)other;
    im_mutex_unlock_fair(self);
#endif
}
