/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

typedef im_qcell(long) total;

static void count(struct im_qcell_owner *owner, const counter *cell)
{
    *im_qcell_rw(owner, cell) += 1;
}

void use(struct im_qcell_owner *owner, const counter *one, const total *all)
{
#ifdef BROKEN
    count(owner, all);
    (void)one;
#else
    count(owner, one);
    (void)all;
#endif
}
