/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to another owner */
#include <intermut/lcell.h>

int use(void)
{
    int sum = 0;
    {
        IM_LCELL_OWNER(owner);
        im_lcell(owner, int) cell = IM_LCELL_INIT(1);
        sum += *im_lcell_ro(&owner, &cell);
        {
#ifdef BROKEN
            IM_LCELL_OWNER(owner);
            sum += *im_lcell_rw(&owner, &cell);
#else
            sum += *im_lcell_rw(&owner, &cell);
#endif
        }
    }
    return sum;
}
