/* SPDX-License-Identifier: MIT */
/* error: once: try_init needs an im_once */
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
    im_once_try_init(n, self)
        *n = 1;
}
