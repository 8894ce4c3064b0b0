/* SPDX-License-Identifier: MIT */
/* error: once: wait needs an im_once: nobody else could fill an im_unsync_once */
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
    (void)im_once_wait(self);
}
