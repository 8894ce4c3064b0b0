/* SPDX-License-Identifier: MIT */
/* This file is built with IM_CHECKED=1, plain_owners.c beside it without: they share owners and cells. */
#include <criterion/criterion.h>

#include <string.h>

#include "../cell/panics.h"
#include "plain_owners.h"

static struct im_qcell_owner owner = IM_QCELL_OWNER_PINNED_INIT(owner);
static int_cell cell = IM_QCELL_INIT(IM_QCELL_PINNED_ID(owner), 1);

Test(mixed, the_layout_is_the_same)
{
    const struct sizes plain = plain_sizes(), checked = SIZES;
    cr_assert_eq(memcmp(&plain, &checked, sizeof plain), 0);
    plain_rw(&owner, &cell, 2);
    cr_assert_eq(*im_qcell_ro(&owner, &cell), 2);
}

static void look_inside(void)
{
    ASSERT_PANICS((void)im_qcell_ro(&owner, &cell), "cannot ro `cell`: `owner` is held by a block");
}

Test(mixed, a_plain_block_that_writes_is_seen_and_named)
{
    int line = plain_with_rw(&owner, &cell, look_inside);
    cr_assert_str_eq(panic_before.function, "plain_with_rw");
    cr_assert_eq(panic_before.line, line);
    cr_assert_eq(*im_qcell_ro(&owner, &cell), 2);
}

static void change_inside(void)
{
    *im_qcell_rw(&owner, &cell) += 1; /* plain code counts no readers */
}

Test(mixed, a_plain_block_that_reads_is_not_seen)
{
    plain_with_ro(&owner, &cell, change_inside);
    cr_assert_eq(plain_ro(&owner, &cell), 2);
}

Test(mixed, a_checked_block_that_writes_keeps_plain_code_out)
{
    im_qcell_with_rw(p, &owner, &cell) {
        cr_assert_eq(plain_try_rw(&owner, &cell, 3), 0);
        *p = 4;
    }
    cr_assert_eq(plain_try_rw(&owner, &cell, 5), 1);
    im_qcell_with_ro(p, &owner, &cell) {
        cr_assert_eq(plain_try_rw(&owner, &cell, 6), 1); /* plain code looks at no records */
        cr_assert_eq(*p, 6);
    }
    cr_assert_eq(im_checked_borrows(&owner.im_raw, NULL, 0), 0);
}

Test(mixed, a_block_that_was_left_by_longjmp_is_forgotten_with_its_owner)
{
    struct im_qcell_owner local;
    im_qcell_owner_new_pinned(&local);
    int_cell mine = IM_QCELL_INIT(im_qcell_owner_id(&local), 1);
    jmp_buf out;
    if (setjmp(out) == 0)
        im_qcell_with_ro(p, &local, &mine)
            longjmp(out, *p);
    cr_assert_eq(im_checked_borrows(&local.im_raw, NULL, 0), 1);
    ASSERT_PANICS((void)im_qcell_rw(&local, &mine), "cannot rw `mine`: `local` is held by a block");
    im_qcell_owner_new_pinned(&local);
    cr_assert_eq(im_checked_borrows(&local.im_raw, NULL, 0), 0);
    *im_qcell_rw(&local, &mine) = 2;
}
