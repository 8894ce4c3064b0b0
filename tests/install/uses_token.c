/* SPDX-License-Identifier: MIT */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

int main(void)
{
    struct im_qcell_owner owner;
    if (im_qcell_owner_new(&owner))
        return 2;
    counter hits = IM_QCELL_INIT(im_qcell_owner_id(&owner), 2);
    *im_qcell_rw(&owner, &hits) += 1;
    return *im_qcell_ro(&owner, &hits) == 3 ? 0 : 1;
}
