/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <intermut/unsafe_cell.h>

typedef struct {
    int visits;
    char name[8];
} node;
typedef im_unsafe_cell(node) node_cell;
typedef im_unsafe_cell(int[4]) array_cell;

static void touch(const node_cell *shared)
{
    node *value = im_unsafe_cell_get(shared);
    value->visits++;
}

Test(unsafe_cell, changes_through_a_pointer_to_const)
{
    node_cell cell = IM_UNSAFE_CELL_INIT({1, "root"});
    touch(&cell);
    touch(&cell);
    cr_assert_eq(im_unsafe_cell_get(&cell)->visits, 3);
    cr_assert_str_eq(im_unsafe_cell_get(&cell)->name, "root");
}

Test(unsafe_cell, exclusive_holder_needs_no_unsafety)
{
    node_cell cell = IM_UNSAFE_CELL_INIT({1, "root"});
    im_unsafe_cell_get_mut(&cell)->visits = 9;
    node inside = im_unsafe_cell_into_inner(&cell);
    cr_assert_eq(inside.visits, 9);
}

Test(unsafe_cell, costs_no_memory)
{
    cr_assert_eq(sizeof(node_cell), sizeof(node));
    cr_assert_eq(_Alignof(node_cell), _Alignof(node));
}

Test(unsafe_cell, holds_a_bare_array)
{
    array_cell cell = IM_UNSAFE_CELL_INIT({1, 2, 3, 4});
    const array_cell *shared = &cell;
    (*im_unsafe_cell_get(shared))[2] = 30;
    cr_assert_eq((*im_unsafe_cell_get(shared))[2], 30);
    cr_assert_eq(sizeof(array_cell), 4 * sizeof(int));
}
