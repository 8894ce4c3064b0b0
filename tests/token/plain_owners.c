/* SPDX-License-Identifier: MIT */
/* Plain in whatever build the tests around it are. */
#undef IM_CHECKED
#define IM_CHECKED 0
#include "plain_owners.h"

int plain_ro(const struct im_qcell_owner *owner, const int_cell *cell)
{
    return *im_qcell_ro(owner, cell);
}

void plain_rw(struct im_qcell_owner *owner, const int_cell *cell, int value)
{
    *im_qcell_rw(owner, cell) = value;
}

int plain_try_rw(struct im_qcell_owner *owner, const int_cell *cell, int value)
{
    int *at = im_qcell_try_rw(owner, cell);
    if (at)
        *at = value;
    return at != NULL;
}

int plain_with_rw(struct im_qcell_owner *owner, const int_cell *cell, void (*inside)(void))
{
    int line = __LINE__ + 1;
    im_qcell_with_rw(p, owner, cell) {
        *p += 1;
        inside();
    }
    return line;
}

void plain_with_ro(const struct im_qcell_owner *owner, const int_cell *cell, void (*inside)(void))
{
    im_qcell_with_ro(p, owner, cell) {
        if (*p)
            inside();
    }
}

struct sizes plain_sizes(void)
{
    return SIZES;
}
