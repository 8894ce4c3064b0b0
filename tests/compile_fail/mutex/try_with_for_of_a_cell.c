/* SPDX-License-Identifier: MIT */
/* error: mutex: try_with_for needs an im_mutex */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    im_mutex_try_with_for(p, other, 1) *p = 1;
#else
    (void)other;
    im_mutex_try_with_for(p, self, 1) *p = 1;
#endif
}
