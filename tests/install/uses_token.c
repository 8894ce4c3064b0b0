/* SPDX-License-Identifier: MIT */
#include <intermut/lcell.h>
#include <intermut/qcell.h>
#include <intermut/tcell.h>
#include <intermut/tlcell.h>

IM_TCELL_MARKER(totals);
IM_TLCELL_MARKER(scratch);
static IM_LCELL_OWNER(brand);

int main(void)
{
    struct im_qcell_owner owner;
    im_tcell_owner(totals) totals_owner;
    im_tlcell_owner(scratch) scratch_owner;
    if (im_qcell_owner_new(&owner))
        return 2;
    im_tcell_owner_new(totals, &totals_owner);
    im_tlcell_owner_new(scratch, &scratch_owner);

    im_qcell(int) hits = IM_QCELL_INIT(im_qcell_owner_id(&owner), 1);
    im_tcell(totals, int) total = IM_TCELL_INIT(2);
    im_tlcell(scratch, int) part = IM_TLCELL_INIT(3);
    im_lcell(brand, int) sum = IM_LCELL_INIT(4);
    *im_lcell_rw(&brand, &sum) += *im_qcell_ro(&owner, &hits) + *im_tcell_ro(&totals_owner, &total);
    im_tlcell_with_ro(p, &scratch_owner, &part)
        *im_lcell_rw(&brand, &sum) += *p;
    return im_lcell_into_inner(&sum) == 10 ? 0 : 1;
}
