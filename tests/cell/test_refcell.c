/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdint.h>
#include <string.h>

#include <intermut/refcell.h>

#include "panics.h"
#include "sample_types.h"

typedef im_refcell(int) int_cell;
typedef im_refcell(point) point_cell;
typedef im_refcell(either) either_cell;
typedef im_refcell(const char *) string_cell;
typedef im_refcell(function) function_cell;
typedef im_refcell(int (*)(int)) unnamed_function_cell;
typedef im_refcell(over_aligned) over_aligned_cell;
typedef im_refcell(array) array_cell;
typedef im_refcell(int[4]) bare_array_cell;
typedef im_refcell(large) large_cell;
typedef im_refcell(nothing) nothing_cell;

#define BORROWS(cell) ((cell)->im_raw.borrows)

Test(refcell, many_readers_or_one_writer)
{
    int_cell cell = IM_REFCELL_INIT(1);
    const int *one = im_refcell_borrow(&cell), *two = im_refcell_borrow(&cell);
    cr_assert_eq(one, two);
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    im_refcell_release(&cell);
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    im_refcell_release(&cell);

    int *writer = im_refcell_try_borrow_mut(&cell);
    *writer = 2;
    cr_assert_null(im_refcell_try_borrow(&cell));
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    im_refcell_release_mut(&cell);
    cr_assert_eq(*im_refcell_borrow(&cell), 2);
    im_refcell_release(&cell);
    cr_assert_eq(BORROWS(&cell), 0);
}

static void append(const int_cell *shared)
{
    *im_refcell_borrow_mut(shared) += 1;
    im_refcell_release_mut(shared);
}

Test(refcell, a_shared_pointer_is_enough_to_change_it)
{
    int_cell cell = IM_REFCELL_INIT(1);
    append(&cell);
    append(&cell);
    cr_assert_eq(im_refcell_into_inner(&cell), 3);
}

Test(refcell, zeroed_is_free)
{
    static point_cell cell;
    cr_assert_eq(im_refcell_try_borrow_mut(&cell)->x, 0.0);
    im_refcell_release_mut(&cell);
}

Test(refcell, a_conflict_panics_and_changes_nothing)
{
    static struct {
        int_cell text;
    } holder, *doc = &holder;
    (void)im_refcell_borrow(&doc->text);
    ASSERT_PANICS((void)im_refcell_borrow_mut(&doc->text), "cannot borrow_mut `doc->text`: already borrowed");
    ASSERT_PANICS((void)im_refcell_replace(&doc->text, 1), "cannot replace `doc->text`: already borrowed");
    ASSERT_PANICS((void)im_refcell_take(&doc->text), "cannot take `doc->text`: already borrowed");
    ASSERT_PANICS((void)im_refcell_replace_with(&doc->text, p, *p + 1),
                  "cannot replace_with `doc->text`: already borrowed");
    ASSERT_PANICS((void)im_refcell_get_mut(&doc->text), "cannot get_mut `doc->text`: already borrowed");
    ASSERT_PANICS((void)im_refcell_into_inner(&doc->text), "cannot into_inner `doc->text`: already borrowed");
    ASSERT_PANICS(im_refcell_with_mut(p, &doc->text) *p = 9, "cannot borrow_mut `doc->text`: already borrowed");
    cr_assert_eq(BORROWS(&doc->text), 1);
    im_refcell_release(&doc->text);

    (void)im_refcell_borrow_mut(&doc->text);
    ASSERT_PANICS((void)im_refcell_borrow(&doc->text), "cannot borrow `doc->text`: already mutably borrowed");
    ASSERT_PANICS((void)im_refcell_borrow_mut(&doc->text), "cannot borrow_mut `doc->text`: already mutably borrowed");
    ASSERT_PANICS(im_refcell_with(p, &doc->text) cr_assert_eq(*p, 9),
                  "cannot borrow `doc->text`: already mutably borrowed");
    cr_assert_eq(BORROWS(&doc->text), -1);
    im_refcell_release_mut(&doc->text);
    cr_assert_eq(im_refcell_into_inner(&doc->text), 0);
}

Test(refcell, a_release_of_what_is_not_borrowed_panics)
{
    static int_cell cell;
    ASSERT_PANICS(im_refcell_release(&cell), "cannot release `cell`: not borrowed");
    ASSERT_PANICS(im_refcell_release_mut(&cell), "cannot release_mut `cell`: not borrowed");
    (void)im_refcell_borrow(&cell);
    ASSERT_PANICS(im_refcell_release_mut(&cell), "cannot release_mut `cell`: borrowed, but not mutably");
    im_refcell_release(&cell);
    ASSERT_PANICS(im_refcell_release(&cell), "cannot release `cell`: not borrowed");
    (void)im_refcell_borrow_mut(&cell);
    ASSERT_PANICS(im_refcell_release(&cell), "cannot release `cell`: mutably borrowed: that is release_mut");
    im_refcell_release_mut(&cell);
    ASSERT_PANICS(im_refcell_release_mut(&cell), "cannot release_mut `cell`: not borrowed");
    cr_assert_eq(BORROWS(&cell), 0);
}

Test(refcell, the_last_borrow_that_can_be_counted_is_the_last)
{
    static int_cell cell;
    cell.im_raw.borrows = INTPTR_MAX - 1;
    cr_assert_not_null(im_refcell_try_borrow(&cell));
    cr_assert_null(im_refcell_try_borrow(&cell));
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    ASSERT_PANICS((void)im_refcell_borrow(&cell), "cannot borrow `cell`: too many borrows");
    cr_assert_eq(BORROWS(&cell), INTPTR_MAX);
    im_refcell_release(&cell);
    cr_assert_eq(BORROWS(&cell), INTPTR_MAX - 1);
}

static int sum_with(const int_cell *cell, int depth, int (*callback)(const int_cell *, int))
{
    int sum = 0;
    im_refcell_with(value, cell)
        sum = *value + (depth ? callback(cell, depth - 1) : 0);
    return sum;
}

static int recurse(const int_cell *cell, int depth)
{
    return sum_with(cell, depth, recurse);
}

static int try_to_change(const int_cell *cell, int unused)
{
    (void)unused;
    im_refcell_try_with_mut(value, cell) {
        return *value = -1;
    } else {
        return BORROWS(cell) == 1 ? 100 : -2;
    }
    return -3;
}

Test(refcell, a_callback_may_read_again_but_not_write)
{
    int_cell cell = IM_REFCELL_INIT(3);
    cr_assert_eq(sum_with(&cell, 9, recurse), 30);
    cr_assert_eq(sum_with(&cell, 1, try_to_change), 103);
    cr_assert_eq(BORROWS(&cell), 0);
}

static int return_from_block(const int_cell *cell)
{
    im_refcell_with_mut(value, cell) {
        return ++*value;
    }
    return -1;
}

Test(refcell, a_block_ends_its_borrow_however_it_is_left)
{
    int_cell cell = IM_REFCELL_INIT(0);
    im_refcell_with_mut(value, &cell)
        *value += 1;
    cr_assert_eq(return_from_block(&cell), 2);
    im_refcell_with_mut(value, &cell) {
        *value += 1;
        if (*value)
            break;
        cr_assert_fail("break ends the block");
    }
    im_refcell_with(value, &cell) {
        if (*value == 3)
            continue;
        cr_assert_fail("continue ends the block");
    }
    im_refcell_with(value, &cell) {
        if (*value == 3)
            goto out;
    }
    cr_assert_fail("goto leaves the block");
out:
    cr_assert_eq(BORROWS(&cell), 0);
    int rounds = 0;
    for (int i = 0; i < 3; i++)
        im_refcell_with(value, &cell)
            rounds += *value == 3;
    cr_assert_eq(rounds, 3);
    cr_assert_eq(BORROWS(&cell), 0);
}

Test(refcell, a_try_block_has_an_else)
{
    int_cell cell = IM_REFCELL_INIT(1);
    int taken = 0;
    im_refcell_try_with_mut(value, &cell) {
        *value = 2;
        im_refcell_try_with(again, &cell)
            taken += *again;
        else
            taken += 10;
    } else {
        taken += 1000;
    }
    im_refcell_try_with(value, &cell) {
        im_refcell_try_with(again, &cell)
            taken += *again + *value;
        else
            taken += 1000;
        im_refcell_try_with_mut(again, &cell)
            taken += 1000 * *again;
        else
            taken += 100;
    }
    cr_assert_eq(taken, 114);
    cr_assert_eq(BORROWS(&cell), 0);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* it is what this is about */
Test(refcell, a_block_may_bind_the_name_of_the_cell)
{
    int_cell object = IM_REFCELL_INIT(1), *cell = &object;
    im_refcell_with_mut(cell, cell)
        *cell += 1;
    cr_assert_eq(im_refcell_replace_with(cell, cell, *cell + 1), 2);
    cr_assert_eq(im_refcell_into_inner(&object), 3);
}
#pragma GCC diagnostic pop

Test(refcell, replace_and_take_give_the_old_value)
{
    point_cell cell = IM_REFCELL_INIT({'p', 1.5, 2.5});
    cr_assert_eq(im_refcell_replace(&cell, (point){'q', 3.5, 4.5}).x, 1.5);
    cr_assert_eq(im_refcell_take(&cell).y, 4.5);
    cr_assert_eq(im_refcell_take(&cell).kind, 0);

    point old = {.kind = 'o'};
    cr_assert_eq(im_refcell_try_replace(&cell, &old, (point){'r', 5.5, 6.5}), 0);
    cr_assert_eq(old.kind, 0);
    cr_assert_eq(im_refcell_try_take(&cell, &old), 0);
    cr_assert_eq(old.kind, 'r');
    cr_assert_eq(im_refcell_into_inner(&cell).kind, 0);
}

Test(refcell, replace_computes_the_new_value_before_it_looks)
{
    int_cell cell = IM_REFCELL_INIT(1);
    cr_assert_eq(im_refcell_replace(&cell, im_refcell_replace(&cell, 5) + 10), 5);
    cr_assert_eq(im_refcell_into_inner(&cell), 11);
}

static int leave_replace_with(const int_cell *cell)
{
    (void)im_refcell_replace_with(cell, value, ({
                                      if (*value == 1)
                                          return BORROWS(cell) == -1 ? 7 : 8;
                                      2;
                                  }));
    return 9;
}

Test(refcell, replace_with_computes_from_the_old_value)
{
    int_cell cell = IM_REFCELL_INIT(20);
    cr_assert_eq(im_refcell_replace_with(&cell, n, *n * 2 + 2), 20);
    cr_assert_eq(im_refcell_replace_with(&cell, n, (*n += 1, 1)), 43);
    cr_assert_eq(leave_replace_with(&cell), 7);
    cr_assert_eq(BORROWS(&cell), 0);
    int old = 0;
    cr_assert_eq(im_refcell_try_replace_with(&cell, &old, n, *n + 4), 0);
    cr_assert_eq(old, 1);
    cr_assert_eq(im_refcell_into_inner(&cell), 5);
}

Test(refcell, try_forms_write_only_on_success)
{
    int_cell cell = IM_REFCELL_INIT(1), other = IM_REFCELL_INIT(2);
    int out = 42, evaluated = 0;
    (void)im_refcell_borrow(&cell);
    cr_assert_eq(im_refcell_try_replace(&cell, &out, 3), EBUSY);
    cr_assert_eq(im_refcell_try_replace_with(&cell, &out, n, *n + ++evaluated), EBUSY);
    cr_assert_eq(im_refcell_try_take(&cell, &out), EBUSY);
    cr_assert_eq(im_refcell_try_swap(&cell, &other), EBUSY);
    cr_assert_eq(im_refcell_try_swap(&other, &cell), EBUSY);
    cr_assert_eq(im_refcell_try_into_inner(&cell, &out), EBUSY);
    cr_assert_null(im_refcell_try_get_mut(&cell));
    cr_assert_eq(out, 42);
    cr_assert_eq(evaluated, 0);
    im_refcell_release(&cell);
    *im_refcell_try_get_mut(&cell) += 6;
    cr_assert_eq(im_refcell_try_into_inner(&cell, &out), 0);
    cr_assert_eq(out, 7);
}

Test(refcell, swap_exchanges_two)
{
    int_cell one = IM_REFCELL_INIT(1), two = IM_REFCELL_INIT(2);
    im_refcell_swap(&one, &two);
    cr_assert_eq(*im_refcell_get_mut(&one), 2);
    cr_assert_eq(im_refcell_try_swap(&one, &two), 0);
    cr_assert_eq(*im_refcell_get_mut(&one), 1);
}

Test(refcell, swap_with_itself_or_an_overlapping_one_panics)
{
    static int_cell cells[2];
    int_cell *cell = &cells[0], *same = cell;
    ASSERT_PANICS(im_refcell_swap(cell, same), "cannot swap `cell` with `same`: they are one cell");
    cr_assert_eq(im_refcell_try_swap(cell, same), EBUSY);

    const void *inside = (const char *)cells + _Alignof(int_cell);
    const int_cell *shifted = inside;
    ASSERT_PANICS(im_refcell_swap(cell, shifted), "cannot swap `cell` with `shifted`: they overlap");
    ASSERT_PANICS(im_refcell_swap(shifted, cell), "cannot swap `shifted` with `cell`: they overlap");
    cr_assert_eq(im_refcell_try_swap(shifted, cell), EBUSY);
    im_refcell_swap(&cells[0], &cells[1]);

    (void)im_refcell_borrow(&cells[1]);
    ASSERT_PANICS(im_refcell_swap(cell, &cells[1]), "cannot swap `cells[1]`: already borrowed");
    im_refcell_release(&cells[1]);
}

Test(refcell, a_destroyed_cell_is_nobodys)
{
    static int_cell cell, other;
    static int out = 42;
    (void)im_refcell_borrow(&cell);
    ASSERT_PANICS(im_refcell_destroy(&cell), "cannot destroy `cell`: already borrowed");
    cr_assert_eq(im_refcell_try_destroy(&cell), EBUSY);
    im_refcell_release(&cell);
    (void)im_refcell_borrow_mut(&cell);
    ASSERT_PANICS(im_refcell_destroy(&cell), "cannot destroy `cell`: already mutably borrowed");
    im_refcell_release_mut(&cell);
    im_refcell_destroy(&cell);

    ASSERT_PANICS((void)im_refcell_borrow(&cell), "cannot borrow `cell`: already destroyed");
    ASSERT_PANICS((void)im_refcell_borrow_mut(&cell), "cannot borrow_mut `cell`: already destroyed");
    ASSERT_PANICS(im_refcell_release(&cell), "cannot release `cell`: already destroyed");
    ASSERT_PANICS((void)im_refcell_replace(&cell, 1), "cannot replace `cell`: already destroyed");
    ASSERT_PANICS((void)im_refcell_replace_with(&cell, p, *p), "cannot replace_with `cell`: already destroyed");
    ASSERT_PANICS((void)im_refcell_take(&cell), "cannot take `cell`: already destroyed");
    ASSERT_PANICS(im_refcell_swap(&other, &cell), "cannot swap `cell`: already destroyed");
    ASSERT_PANICS((void)im_refcell_get_mut(&cell), "cannot get_mut `cell`: already destroyed");
    ASSERT_PANICS((void)im_refcell_into_inner(&cell), "cannot into_inner `cell`: already destroyed");
    ASSERT_PANICS((void)im_refcell_undo_leak(&cell), "cannot undo_leak `cell`: already destroyed");
    ASSERT_PANICS(im_refcell_destroy(&cell), "cannot destroy `cell`: already destroyed");
    cr_assert_null(im_refcell_try_borrow(&cell));
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    cr_assert_null(im_refcell_try_borrow_unguarded(&cell));
    cr_assert_null(im_refcell_try_get_mut(&cell));
    cr_assert_eq(im_refcell_try_replace(&cell, &out, 1), EBUSY);
    cr_assert_eq(im_refcell_try_take(&cell, &out), EBUSY);
    cr_assert_eq(im_refcell_try_into_inner(&cell, &out), EBUSY);
    cr_assert_eq(im_refcell_try_destroy(&cell), EBUSY);
    cr_assert_eq(out, 42);

    memset(&cell, 0, sizeof cell); /* initialised anew */
    cr_assert_eq(*im_refcell_borrow(&cell), 0);
    im_refcell_release(&cell);
    cr_assert_eq(im_refcell_try_destroy(&cell), 0);
}

Test(refcell, an_unguarded_borrow_is_not_counted)
{
    int_cell cell = IM_REFCELL_INIT(5);
    cr_assert_eq(*im_refcell_try_borrow_unguarded(&cell), 5);
    cr_assert_eq(BORROWS(&cell), 0);
    (void)im_refcell_borrow_mut(&cell);
    cr_assert_null(im_refcell_try_borrow_unguarded(&cell));
    im_refcell_release_mut(&cell);
}

static int calls;

static const int_cell *counted(const int_cell *cell)
{
    calls++;
    return cell;
}

static int_cell *counted_mut(int_cell *cell)
{
    calls++;
    return cell;
}

static int counted_value(int value)
{
    calls++;
    return value;
}

#define ASSERT_CALLS(expected, statement) \
    do {                                  \
        calls = 0;                        \
        statement;                        \
        cr_assert_eq(calls, expected);    \
    } while (0)

Test(refcell, arguments_are_evaluated_once)
{
    int_cell cell = IM_REFCELL_INIT(1), other = IM_REFCELL_INIT(2);
    int out;
    ASSERT_CALLS(1, (void)im_refcell_borrow(counted(&cell)));
    ASSERT_CALLS(1, (void)!im_refcell_try_borrow(counted(&cell)));
    ASSERT_CALLS(1, im_refcell_release(counted(&cell)));
    im_refcell_release(&cell);
    ASSERT_CALLS(1, (void)im_refcell_borrow_mut(counted(&cell)));
    ASSERT_CALLS(1, (void)!im_refcell_try_borrow_mut(counted(&cell)));
    ASSERT_CALLS(1, im_refcell_release_mut(counted(&cell)));
    ASSERT_CALLS(1, im_refcell_with(p, counted(&cell)) out = *p);
    ASSERT_CALLS(1, im_refcell_try_with_mut(p, counted(&cell)) *p = 3);
    ASSERT_CALLS(2, (void)im_refcell_replace(counted(&cell), counted_value(4)));
    ASSERT_CALLS(2, (void)im_refcell_try_replace(counted(&cell), &out, counted_value(4)));
    ASSERT_CALLS(2, (void)im_refcell_replace_with(counted(&cell), p, counted_value(*p)));
    ASSERT_CALLS(2, (void)im_refcell_try_replace_with(counted(&cell), &out, p, counted_value(*p)));
    ASSERT_CALLS(1, (void)im_refcell_take(counted(&cell)));
    ASSERT_CALLS(1, (void)im_refcell_try_take(counted(&cell), &out));
    ASSERT_CALLS(2, im_refcell_swap(counted(&cell), counted(&other)));
    ASSERT_CALLS(2, (void)im_refcell_try_swap(counted(&cell), counted(&other)));
    ASSERT_CALLS(1, (void)!im_refcell_try_borrow_unguarded(counted(&cell)));
    ASSERT_CALLS(1, (void)im_refcell_get_mut(counted_mut(&cell)));
    ASSERT_CALLS(1, (void)im_refcell_try_get_mut(counted_mut(&cell)));
    ASSERT_CALLS(1, (void)im_refcell_undo_leak(counted_mut(&cell)));
    ASSERT_CALLS(1, (void)im_refcell_into_inner(counted_mut(&cell)));
    ASSERT_CALLS(1, (void)im_refcell_try_into_inner(counted_mut(&other), &out));
    int_cell third = IM_REFCELL_INIT(3), fourth = IM_REFCELL_INIT(4);
    ASSERT_CALLS(1, im_refcell_destroy(counted_mut(&third)));
    ASSERT_CALLS(1, (void)im_refcell_try_destroy(counted_mut(&fourth)));
}

#define ASSERT_COSTS_ONE_COUNTER(cell_type, T)                     \
    do {                                                           \
        struct plain {                                             \
            intptr_t borrows;                                      \
            __typeof__(T) value;                                   \
        };                                                         \
        cr_assert_eq(sizeof(cell_type), sizeof(struct plain));     \
        cr_assert_eq(_Alignof(cell_type), _Alignof(struct plain)); \
    } while (0)

Test(refcell, costs_one_word)
{
    ASSERT_COSTS_ONE_COUNTER(int_cell, int);
    ASSERT_COSTS_ONE_COUNTER(point_cell, point);
    ASSERT_COSTS_ONE_COUNTER(either_cell, either);
    ASSERT_COSTS_ONE_COUNTER(string_cell, const char *);
    ASSERT_COSTS_ONE_COUNTER(function_cell, function);
    ASSERT_COSTS_ONE_COUNTER(over_aligned_cell, over_aligned);
    ASSERT_COSTS_ONE_COUNTER(array_cell, array);
    ASSERT_COSTS_ONE_COUNTER(large_cell, large);
    ASSERT_COSTS_ONE_COUNTER(nothing_cell, nothing);
}

Test(refcell, lends_any_type)
{
    either_cell e = IM_REFCELL_INIT({.bytes = "hello"});
    cr_assert_eq(im_refcell_replace(&e, (either){.number = 7}).bytes[4], 'o');
    im_refcell_with(value, &e)
        cr_assert_eq(value->number, 7);

    string_cell s = IM_REFCELL_INIT("one");
    im_refcell_with_mut(value, &s)
        *value = "two";
    im_refcell_with(value, &s)
        cr_assert_str_eq(*value, "two");

    function_cell f = IM_REFCELL_INIT(twice);
    unnamed_function_cell u = IM_REFCELL_INIT(twice);
    im_refcell_with(value, &f)
        cr_assert_eq((*value)(21), 42);
    cr_assert_eq(im_refcell_take(&u)(21), 42);
    cr_assert_null(im_refcell_take(&u));

    array_cell a = IM_REFCELL_INIT({{1, 2, 3, 4, 5}});
    im_refcell_with_mut(value, &a)
        value->at[4] = 50;
    cr_assert_eq(im_refcell_take(&a).at[4], 50);

    bare_array_cell b = IM_REFCELL_INIT({1, 2, 3, 4});
    im_refcell_with_mut(value, &b)
        (*value)[2] = 30;
    cr_assert_eq((*im_refcell_borrow(&b))[2], 30);
    im_refcell_release(&b);

    over_aligned_cell o = IM_REFCELL_INIT({3});
    im_refcell_with(value, &o)
        cr_assert_eq((uintptr_t)value % 64, 0);
    cr_assert_eq(im_refcell_replace(&o, (over_aligned){4}).value, 3);

    nothing_cell n = IM_REFCELL_INIT({});
    (void)im_refcell_take(&n);
    cr_assert_not_null(im_refcell_borrow(&n));
    cr_assert_null(im_refcell_try_borrow_mut(&n));
    im_refcell_release(&n);
}

Test(refcell, lends_a_megabyte)
{
    static large_cell one, two;
    im_refcell_with_mut(value, &one)
        memset(value->bytes, 'x', sizeof value->bytes);
    im_refcell_swap(&one, &two);
    im_refcell_with(value, &two)
        cr_assert_eq(value->bytes[(1 << 20) - 1], 'x');
    im_refcell_with(value, &one)
        cr_assert_eq(value->bytes[0], 0);
}

/* A script of random operations, against a reference that counts in plain variables. */
Test(refcell, a_random_script_agrees_with_a_plain_reference)
{
    int_cell cell = IM_REFCELL_INIT(0);
    int value = 0, readers = 0, writers = 0;
    unsigned refused = 0, granted = 0;
    uint64_t random = 0x9e3779b97f4a7c15u;
    for (int step = 0; step < 200000; step++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        bool is_free = !readers && !writers, done = false;
        int argument = (int)(random >> 40), out = -1;
        switch (random % 10) {
        case 0: {
            const int *borrowed = im_refcell_try_borrow(&cell);
            done = borrowed != NULL;
            cr_assert_eq(done, !writers);
            cr_assert(!done || *borrowed == value);
            readers += done;
            break;
        }
        case 1: {
            int *borrowed = im_refcell_try_borrow_mut(&cell);
            done = borrowed != NULL;
            cr_assert_eq(done, is_free);
            writers += done;
            if (done)
                *borrowed = value = argument;
            break;
        }
        case 2:
        case 3:
            if ((done = readers > 0))
                im_refcell_release(&cell), readers--;
            break;
        case 4:
        case 5:
            if ((done = writers > 0))
                im_refcell_release_mut(&cell), writers--;
            break;
        case 6:
            done = im_refcell_try_replace(&cell, &out, argument) == 0;
            cr_assert_eq(done, is_free);
            cr_assert_eq(out, done ? value : -1);
            value = done ? argument : value;
            break;
        case 7:
            done = im_refcell_try_replace_with(&cell, &out, n, *n ^ argument) == 0;
            cr_assert_eq(done, is_free);
            cr_assert_eq(out, done ? value : -1);
            value ^= done ? argument : 0;
            break;
        case 8:
            done = im_refcell_try_take(&cell, &out) == 0;
            cr_assert_eq(done, is_free);
            cr_assert_eq(out, done ? value : -1);
            value = done ? 0 : value;
            break;
        default:
            im_refcell_try_with_mut(n, &cell) {
                *n = value = argument;
                done = true;
            } else {
                cr_assert(!is_free);
            }
            cr_assert_eq(done, is_free);
            break;
        }
        done ? granted++ : refused++;
        cr_assert_eq(BORROWS(&cell), writers ? -writers : readers);
    }
    cr_assert(granted > 50000 && refused > 50000, "%u granted, %u refused", granted, refused);
}
