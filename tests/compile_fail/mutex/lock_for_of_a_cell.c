/* SPDX-License-Identifier: MIT */
/* error: mutex: lock_for needs an im_mutex */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    (void)im_mutex_lock_for(other, 1);
#else
    (void)other;
    (void)im_mutex_lock_for(self, 1);
#endif
}
