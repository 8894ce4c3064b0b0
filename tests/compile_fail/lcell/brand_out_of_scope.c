/* SPDX-License-Identifier: MIT */
/* error gcc: 'owner' undeclared */
/* error clang: use of undeclared identifier 'owner' */
#include <intermut/lcell.h>

int use(void)
{
#ifdef BROKEN
    {
        IM_LCELL_OWNER(owner);
    }
#else
    IM_LCELL_OWNER(owner);
#endif
    im_lcell(owner, int) cell = IM_LCELL_INIT(1);
    return im_lcell_into_inner(&cell);
}
