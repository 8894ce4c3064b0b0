/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to another owner */
#include <intermut/lcell.h>

struct lookalike {
    struct im_raw_owner im_raw;
    IM_TAGS(lcell_owner, struct im_raw_owner);
};

int use(void)
{
    IM_LCELL_OWNER(owner);
    struct lookalike other = {.im_raw = {.im_key = 1}};
    im_lcell(owner, int) cell = IM_LCELL_INIT(1);
#ifdef BROKEN
    return *im_lcell_rw(&other, &cell);
#else
    return *im_lcell_rw(&owner, &cell) + (int)other.im_raw.im_key;
#endif
}
