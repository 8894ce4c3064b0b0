/* SPDX-License-Identifier: MIT */
/* error gcc: returning 'int *' from a function with incompatible return type 'long int *' */
/* error clang: incompatible pointer types returning ' */
#include <intermut/unsafe_cell.h>

typedef im_unsafe_cell(int) number;

#ifdef BROKEN
long *use(const number *self)
#else
int *use(const number *self)
#endif
{
    return im_unsafe_cell_get(self);
}
