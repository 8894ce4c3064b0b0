/* SPDX-License-Identifier: MIT */
/* error: mutex: lock2 needs two im_mutexes */
#include <intermut/cell.h>
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    im_lock2(a, self, b, other) *a = *b;
#else
    (void)other;
    im_lock2(a, self, b, self) *a = *b;
#endif
}
