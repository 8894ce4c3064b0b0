/* SPDX-License-Identifier: MIT */
/* docs/contract.md, section Objects: what C allows and what it does not. */
#include <criterion/criterion.h>

#include <signal.h>

#include "opaque.h"

static int_cell outside = IM_CELL_INIT(1);

Test(contract, changes_through_pointers_to_const_are_seen)
{
    int_cell local = IM_CELL_INIT(1);
    int_cell *dynamic = malloc(sizeof *dynamic);
    *im_cell_get_mut(dynamic) = 1;
    const int_cell *const all[] = {&local, &outside, dynamic};
    for (int i = 0; i < 3; i++) {
        const int_cell *shared = all[i];
        int before = im_cell_get(shared);
        set_elsewhere(shared, before + 41);
        cr_assert_eq(im_cell_get(shared), 42);
    }
    free(dynamic);
}

/* The value is kept in no register across a call, although the pointer is to const and the object is local. */
Test(contract, a_local_object_changes_behind_the_callers_back)
{
    int_cell local = IM_CELL_INIT(1);
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        set_elsewhere(&local, i);
        sum += im_cell_get(&local);
    }
    cr_assert_eq(sum, 45);
}

Test(contract, a_pure_getter_sees_every_change)
{
    int_cell local = IM_CELL_INIT(1);
    int before = get_elsewhere(&local);
    set_elsewhere(&local, 2);
    cr_assert_eq(before + get_elsewhere(&local), 3);
}

/* The forbidden case: this is what it costs. */
static const int_cell in_read_only_memory = IM_CELL_INIT(1);

Test(contract, a_static_const_cell_is_read_only_memory, .signal = SIGSEGV)
{
#if IM_ADDRESS_SANITIZER
    signal(SIGSEGV, SIG_DFL); /* the sanitizer would report it and exit */
#endif
    set_elsewhere(&in_read_only_memory, 2);
}
