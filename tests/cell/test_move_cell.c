/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include <intermut/move_cell.h>

typedef struct {
    char *bytes;
    size_t length;
} buffer;
typedef im_move_cell(buffer) buffer_cell;

static buffer buffer_of(const char *text)
{
    return (buffer){strdup(text), strlen(text)};
}

Test(move_cell, values_go_in_and_out_with_one_owner)
{
    buffer_cell cell = IM_MOVE_CELL_INIT({NULL, 0});
    buffer nothing = im_move_cell_replace(&cell, buffer_of("first"));
    cr_assert_null(nothing.bytes);
    buffer first = im_move_cell_replace(&cell, buffer_of("second"));
    cr_assert_str_eq(first.bytes, "first");
    free(first.bytes);
    buffer second = im_move_cell_take(&cell);
    cr_assert_str_eq(second.bytes, "second");
    free(second.bytes);
    cr_assert_null(im_move_cell_into_inner(&cell).bytes);
}

Test(move_cell, swap_exchanges_two_owners)
{
    buffer_cell one = IM_MOVE_CELL_INIT({NULL, 1}), two = IM_MOVE_CELL_INIT({NULL, 2});
    im_move_cell_swap(&one, &two);
    cr_assert_eq(im_move_cell_into_inner(&one).length, 2);
    cr_assert_eq(im_move_cell_into_inner(&two).length, 1);
}

Test(move_cell, swap_with_itself_does_nothing)
{
    buffer_cell cell = IM_MOVE_CELL_INIT({NULL, 7});
    const buffer_cell *a = &cell, *b = &cell;
    im_move_cell_swap(a, b);
    cr_assert_eq(im_move_cell_into_inner(&cell).length, 7);
}

Test(move_cell, costs_no_memory)
{
    cr_assert_eq(sizeof(buffer_cell), sizeof(buffer));
    cr_assert_eq(_Alignof(buffer_cell), _Alignof(buffer));
}
