/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to another owner */
#include <intermut/lcell.h>

int use(void)
{
    IM_LCELL_OWNER(outer);
    im_lcell(outer, int) cell = IM_LCELL_INIT(1);
    {
        IM_LCELL_OWNER(inner);
        im_lcell(inner, int) other = IM_LCELL_INIT(2);
#ifdef BROKEN
        return *im_lcell_ro(&inner, &cell) + *im_lcell_ro(&inner, &other);
#else
        return *im_lcell_ro(&outer, &cell) + *im_lcell_ro(&inner, &other);
#endif
    }
}
