/* SPDX-License-Identifier: MIT */
/* error: once: try_insert needs an im_once */
#include <intermut/cell.h>
#include <intermut/once.h>

typedef im_once(int) number;
typedef im_cell(int) cell;

#ifdef BROKEN
void use(const cell *self)
#else
void use(const number *self)
#endif
{
    const int *at;
    (void)im_once_try_insert(self, &at, NULL, 1);
}
