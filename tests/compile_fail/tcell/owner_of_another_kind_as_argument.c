/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
IM_TCELL_MARKER(misses);
typedef im_tcell_owner(misses) misses_owner;

static void count(hits_owner *owner, const counter *cell)
{
    *im_tcell_rw(owner, cell) += 1;
}

void use(hits_owner *owner, misses_owner *other, const counter *one)
{
#ifdef BROKEN
    (void)owner;
    count(other, one);
#else
    (void)other;
    count(owner, one);
#endif
}
