/* SPDX-License-Identifier: MIT */
/* error: token: hold needs an owner */
#include <intermut/qcell.h>

struct other {
    int im_raw;
};

void use(struct im_qcell_owner *owner, struct other *other)
{
#ifdef BROKEN
    im_owner_hold(other);
#else
    im_owner_hold(owner);
#endif
}
