/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdint.h>
#include <string.h>

#include <intermut/cell.h>

#include "sample_types.h"

typedef im_cell(int) int_cell;
typedef im_cell(uint8_t) byte_cell;
typedef im_cell(point) point_cell;
typedef im_cell(either) either_cell;
typedef im_cell(const char *) string_cell;
typedef im_cell(function) function_cell;
typedef im_cell(int (*)(int)) unnamed_function_cell;
typedef im_cell(over_aligned) over_aligned_cell;
typedef im_cell(array) array_cell;
typedef im_cell(large) large_cell;

/* seed 004, first case: a change through a shared reference. */
static void set_42(const byte_cell *u)
{
    im_cell_set(u, 42);
}

Test(cell, a_shared_reference_may_change_it)
{
    byte_cell u = IM_CELL_INIT(0);
    set_42(&u);
    cr_assert_eq(im_cell_get(&u), 42);
}

/* seed 004, second case, while a third holds an exclusive pointer that it has not used yet. */
static int two_shared_references(const int_cell *u, const int_cell *x)
{
    im_cell_set(u, 3);
    im_cell_set(x, 4);
    return im_cell_get(u) + im_cell_get(x);
}

Test(cell, two_shared_references_to_one_cell_see_each_other)
{
    int_cell cell = IM_CELL_INIT(0);
    int *exclusive = im_cell_get_mut(&cell);
    cr_assert_eq(two_shared_references(&cell, &cell), 8);
    *exclusive = 5;
    cr_assert_eq(im_cell_get(&cell), 5);
}

Test(cell, replace_gives_the_old_value)
{
    int_cell cell = IM_CELL_INIT(1);
    cr_assert_eq(im_cell_replace(&cell, 2), 1);
    cr_assert_eq(im_cell_get(&cell), 2);
}

Test(cell, replace_computes_the_new_value_before_it_reads_the_old)
{
    int_cell cell = IM_CELL_INIT(1);
    cr_assert_eq(im_cell_replace(&cell, im_cell_replace(&cell, 5) + 10), 5);
    cr_assert_eq(im_cell_get(&cell), 11);
}

Test(cell, take_leaves_a_zeroed_value)
{
    point_cell cell = IM_CELL_INIT({'p', 1.5, 2.5});
    point taken = im_cell_take(&cell);
    cr_assert_eq(taken.x, 1.5);
    cr_assert_eq(im_cell_get(&cell).kind, 0);
    cr_assert_eq(im_cell_get(&cell).y, 0.0);
}

Test(cell, a_compound_literal_is_a_value)
{
    point_cell cell = IM_CELL_INIT({'p', 1.5, 2.5});
    im_cell_set(&cell, (point){'q', 3.5, 4.5});
    cr_assert_eq(im_cell_replace(&cell, (point){.y = 5.5}).x, 3.5);
    cr_assert_eq(im_cell_update(&cell, p, (point){p.kind, p.y, p.x}).x, 5.5);
}

Test(cell, swap_exchanges_two)
{
    int_cell one = IM_CELL_INIT(1), two = IM_CELL_INIT(2);
    im_cell_swap(&one, &two);
    cr_assert_eq(im_cell_get(&one), 2);
    cr_assert_eq(im_cell_get(&two), 1);
}

Test(cell, swap_with_itself_does_nothing)
{
    point_cell cell = IM_CELL_INIT({'p', 1.5, 2.5});
    const point_cell *a = &cell, *b = &cell;
    im_cell_swap(a, b);
    cr_assert_eq(im_cell_get(a).x, 1.5);
    cr_assert_eq(im_cell_get(a).kind, 'p');
}

Test(cell, update_computes_from_the_old_value)
{
    int_cell cell = IM_CELL_INIT(20);
    cr_assert_eq(im_cell_update(&cell, n, n * 2 + 2), 42);
    cr_assert_eq(im_cell_get(&cell), 42);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* it is what this is about */
Test(cell, update_may_bind_the_name_of_the_cell)
{
    struct {
        int_cell n;
    } holder = {IM_CELL_INIT(1)}, *n = &holder;
    im_cell_update(&n->n, n, n + 1);
    cr_assert_eq(im_cell_get(&n->n), 2);
}
#pragma GCC diagnostic pop

Test(cell, update_wins_over_what_its_expression_stores)
{
    int_cell cell = IM_CELL_INIT(1);
    im_cell_update(&cell, n, (im_cell_set(&cell, 100), n + 1));
    cr_assert_eq(im_cell_get(&cell), 2);
}

Test(cell, exclusive_access_is_a_plain_pointer)
{
    int_cell cell = IM_CELL_INIT(1);
    *im_cell_get_mut(&cell) += 5;
    cr_assert_eq(im_cell_into_inner(&cell), 6);
}

static int calls;

static const int_cell *counted(const int_cell *cell)
{
    calls++;
    return cell;
}

static int counted_value(int value)
{
    calls++;
    return value;
}

Test(cell, arguments_are_evaluated_once)
{
    int_cell cell = IM_CELL_INIT(1), other = IM_CELL_INIT(2);
    calls = 0;
    (void)im_cell_get(counted(&cell));
    cr_assert_eq(calls, 1);
    im_cell_set(counted(&cell), counted_value(3));
    cr_assert_eq(calls, 3);
    (void)im_cell_replace(counted(&cell), counted_value(4));
    cr_assert_eq(calls, 5);
    im_cell_swap(counted(&cell), counted(&other));
    cr_assert_eq(calls, 7);
    (void)im_cell_take(counted(&cell));
    cr_assert_eq(calls, 8);
    (void)im_cell_update(counted(&cell), n, counted_value(n));
    cr_assert_eq(calls, 10);
}

#define ASSERT_COSTS_NOTHING(cell_type, T)      \
    cr_assert_eq(sizeof(cell_type), sizeof(T)); \
    cr_assert_eq(_Alignof(cell_type), _Alignof(T))

Test(cell, costs_no_memory_for_any_type)
{
    ASSERT_COSTS_NOTHING(int_cell, int);
    ASSERT_COSTS_NOTHING(byte_cell, uint8_t);
    ASSERT_COSTS_NOTHING(point_cell, point);
    ASSERT_COSTS_NOTHING(either_cell, either);
    ASSERT_COSTS_NOTHING(string_cell, const char *);
    ASSERT_COSTS_NOTHING(function_cell, function);
    ASSERT_COSTS_NOTHING(over_aligned_cell, over_aligned);
    ASSERT_COSTS_NOTHING(array_cell, array);
    ASSERT_COSTS_NOTHING(large_cell, large);
}

Test(cell, holds_any_type)
{
    either_cell e = IM_CELL_INIT({.bytes = "hello"});
    cr_assert_eq(im_cell_replace(&e, (either){.number = 7}).bytes[4], 'o');
    cr_assert_eq(im_cell_get(&e).number, 7);

    string_cell s = IM_CELL_INIT("one");
    im_cell_set(&s, "two");
    cr_assert_str_eq(im_cell_get(&s), "two");

    function_cell f = IM_CELL_INIT(twice);
    unnamed_function_cell u = IM_CELL_INIT(twice);
    cr_assert_eq(im_cell_get(&f)(21), 42);
    cr_assert_eq(im_cell_get(&u)(21), 42);

    array_cell a = IM_CELL_INIT({{1, 2, 3, 4, 5}});
    array old = im_cell_replace(&a, ((array){{9, 8, 7}}));
    cr_assert_eq(old.at[4], 5);
    cr_assert_eq(im_cell_get(&a).at[1], 8);

    over_aligned_cell o = IM_CELL_INIT({3});
    im_cell_set(&o, ((over_aligned){4}));
    cr_assert_eq((uintptr_t)im_cell_get_mut(&o) % 64, 0);
    cr_assert_eq(im_cell_get(&o).value, 4);
}

Test(cell, holds_a_megabyte)
{
    static large_cell one, two;
    static large value;
    memset(value.bytes, 'x', sizeof value.bytes);
    im_cell_set(&one, value);
    im_cell_swap(&one, &two);
    cr_assert_eq(im_cell_get_mut(&two)->bytes[(1 << 20) - 1], 'x');
    cr_assert_eq(im_cell_get_mut(&one)->bytes[0], 0);
}

struct page {
    const char *text;
    int_cell hits;
};

static const char *read_page(const struct page *page)
{
    im_cell_set(&page->hits, im_cell_get(&page->hits) + 1);
    return page->text;
}

Test(cell, a_field_of_a_shared_struct_changes)
{
    struct page page = {.text = "hello"};
    read_page(&page);
    read_page(&page);
    cr_assert_eq(im_cell_get(&page.hits), 2);
}
