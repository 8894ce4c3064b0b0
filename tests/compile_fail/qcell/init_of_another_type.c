/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible types when initializing type */
/* error clang: initializing */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;
struct pair {
    int a, b;
};

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    im_qcell_init(cell, im_qcell_owner_id(owner), (struct pair){1, 2});
#else
    im_qcell_init(cell, im_qcell_owner_id(owner), 1);
#endif
}
