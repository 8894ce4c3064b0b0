/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to another owner */
#include <intermut/lcell.h>

int use(void)
{
    IM_LCELL_OWNER(one);
    IM_LCELL_OWNER(two);
    im_lcell(one, int) first = IM_LCELL_INIT(1);
    im_lcell(two, int) second = IM_LCELL_INIT(2);
    int *p, *q;
#ifdef BROKEN
    im_lcell_rw2(&one, &first, &second, &p, &q);
#else
    p = im_lcell_rw(&one, &first);
    q = im_lcell_rw(&two, &second);
#endif
    return *p + *q;
}
