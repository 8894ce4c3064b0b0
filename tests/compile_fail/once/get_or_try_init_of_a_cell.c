/* SPDX-License-Identifier: MIT */
/* error: once: get_or_try_init needs an im_once */
#include <intermut/cell.h>
#include <intermut/once.h>

typedef im_once(int) number;
typedef im_cell(int) cell;
int init(int *out, void *argument);

#ifdef BROKEN
void use(const cell *self)
#else
void use(const number *self)
#endif
{
    const int *at;
    (void)im_once_get_or_try_init(self, init, NULL, &at);
}
