/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <intermut/cell_view.h>

typedef struct {
    int x, y;
} point;
typedef struct {
    char kind;
    point corners[4];
    double weight;
} shape;
typedef im_cell(shape) shape_cell;
typedef im_cell(int[4]) array_cell;
typedef im_cell_view(int) int_view;
typedef im_cell_view(double) double_view;
typedef im_cell_view(point) point_view;
typedef im_cell_view(point[4]) corners_view;

Test(cell_view, a_field_changes_alone)
{
    shape_cell cell = IM_CELL_INIT({'s', {{1, 2}}, 1.5});
    const shape_cell *shared = &cell;
    const double_view *weight = im_cell_project(double_view, shared, weight);
    im_cell_set(weight, 2.5);
    cr_assert_eq(im_cell_get(shared).weight, 2.5);
    cr_assert_eq(im_cell_get(shared).kind, 's');
    cr_assert_eq((const void *)weight, (const void *)&cell.im_value.weight, "it is no copy");
}

Test(cell_view, goes_as_deep_as_one_likes)
{
    shape_cell cell = IM_CELL_INIT({'s', {{1, 2}, {3, 4}}, 1.5});
    const int_view *y = im_cell_project(int_view, &cell, corners[1].y);
    cr_assert_eq(im_cell_replace(y, 40), 4);

    const corners_view *corners = im_cell_project(corners_view, &cell, corners);
    const point_view *corner = im_cell_elements(point_view, corners);
    cr_assert_eq(im_cell_length(corners), 4);
    im_cell_swap(&corner[0], &corner[1]);
    const int_view *x = im_cell_project(int_view, &corner[0], x);
    cr_assert_eq(im_cell_update(x, n, n + 1), 4);
    cr_assert_eq(im_cell_get(&cell).corners[0].y, 40);
    cr_assert_eq(im_cell_get(&cell).corners[1].x, 1);
}

Test(cell_view, an_array_is_cells_of_its_elements)
{
    array_cell cell = IM_CELL_INIT({1, 2, 3, 4});
    const int_view *element = im_cell_elements(int_view, &cell);
    for (size_t i = 0; i < im_cell_length(&cell); i++)
        im_cell_update(&element[i], n, n * 10);
    cr_assert_eq((*im_cell_get_mut(&cell))[3], 40);
    cr_assert_eq(im_cell_take(&element[2]), 30);
    cr_assert_eq((*im_cell_get_mut(&cell))[2], 0);
}

Test(cell_view, has_the_size_and_alignment_of_its_value)
{
    cr_assert_eq(sizeof(int_view), sizeof(int));
    cr_assert_eq(sizeof(point_view), sizeof(point));
    cr_assert_eq(_Alignof(double_view), _Alignof(double));
}

/* The two have different types: without may_alias an optimiser may keep the first value. */
static __attribute__((noinline)) int change_through_both(const shape_cell *whole, const int_view *part)
{
    im_cell_set(part, 1);
    im_cell_set(whole, (shape){.corners = {{5, 6}}});
    int seen = im_cell_get(part);
    im_cell_set(part, 7);
    return 10 * seen + im_cell_get(whole).corners[0].x;
}

Test(cell_view, sees_changes_of_the_whole_and_the_other_way_round)
{
    shape_cell cell = IM_CELL_INIT({0});
    cr_assert_eq(change_through_both(&cell, im_cell_project(int_view, &cell, corners[0].x)), 57);
}
