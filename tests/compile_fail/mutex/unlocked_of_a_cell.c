/* SPDX-License-Identifier: MIT */
/* error: mutex: unlocked needs an im_mutex */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    im_mutex_unlocked(other)(void) 0;
#else
    (void)other;
    im_mutex_unlocked(self)(void) 0;
#endif
}
