/* SPDX-License-Identifier: MIT */
/* error: mutex: value needs an im_mutex */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    (void)im_mutex_value(other);
#else
    (void)other;
    (void)im_mutex_value(self);
#endif
}
