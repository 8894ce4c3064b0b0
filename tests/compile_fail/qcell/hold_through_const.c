/* SPDX-License-Identifier: MIT */
/* error: token: hold needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN
    im_owner_hold(shared_owner);
#else
    im_owner_hold_shared(shared_owner);
#endif
}
