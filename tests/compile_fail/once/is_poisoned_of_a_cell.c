/* SPDX-License-Identifier: MIT */
/* error: once: is_poisoned needs an im_once */
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
    (void)im_once_is_poisoned(self);
}
