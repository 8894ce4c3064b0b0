/* SPDX-License-Identifier: MIT */
/* Plain in whatever build the tests around it are. */
#undef IM_CHECKED
#define IM_CHECKED 0
#include "plain_borrows.h"

void plain_borrow(const pair_cell *cell)
{
    (void)im_refcell_borrow(cell);
}

void plain_release(const pair_cell *cell)
{
    im_refcell_release(cell);
}

pair_ref plain_borrow_ref(const pair_cell *cell)
{
    return im_refcell_borrow_ref(pair_ref, cell);
}

size_t plain_size_of_cell(void)
{
    return sizeof(pair_cell);
}

size_t plain_size_of_guard(void)
{
    return sizeof(pair_ref);
}
