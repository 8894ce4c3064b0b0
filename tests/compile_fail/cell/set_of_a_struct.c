/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible types when assigning to type 'int' from type 'struct pair' */
/* error clang: from incompatible type 'struct pair' */
#include <intermut/cell.h>

typedef im_cell(int) counter;
struct pair {
    int first, second;
};

void use(const counter *self, struct pair value)
{
#ifdef BROKEN
    im_cell_set(self, value);
#else
    im_cell_set(self, value.first);
#endif
}
