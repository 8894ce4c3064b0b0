/* SPDX-License-Identifier: MIT */
/*
 * Rows O1 to O3 in one thread. Built for im_once, for im_unsync_once (-DUNSYNC), and both with checks; -fexceptions is
 * not needed.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdint.h>

#include "../cell/panics.h"

#include <intermut/cell.h>
#include <intermut/once.h>

#ifdef UNSYNC
#define ONCE(T) im_unsync_once(T)
#else
#define ONCE(T) im_once(T)
#endif

struct pair {
    int a, b;
};

struct nothing {
};

typedef ONCE(int) int_once;

static int_once cell;
static int inits;

static int init_to(int *out, void *value)
{
    inits++;
    *out = *(int *)value;
    return 0;
}

static int fail(int *out, void *error)
{
    inits++;
    *out = 99;
    return *(int *)error;
}

Test(once, is_empty_at_first)
{
    const int_once initialised = IM_ONCE_INIT;
    cr_assert_null(im_once_get(&cell));
    cr_assert_null(im_once_get(&initialised));
    cr_assert_null(im_once_get_mut(&cell));
}

Test(once, may_be_full_at_first)
{
    static ONCE(struct pair) pair = IM_ONCE_INIT_FULL({1, 2});
    cr_assert_eq(im_once_get(&pair)->a + im_once_get(&pair)->b, 3);
}

Test(once, the_first_one_makes_the_value)
{
    int five = 5, six = 6;
    const int *value = im_once_get_or_init(&cell, init_to, &five);
    cr_assert_eq(*value, 5);
    cr_assert_eq(im_once_get_or_init(&cell, init_to, &six), value);
    cr_assert_eq(im_once_get(&cell), value);
    cr_assert_eq(*value, 5);
    cr_assert_eq(inits, 1);
}

Test(once, each_argument_is_evaluated_once)
{
    int_once cells[2] = {IM_ONCE_INIT, IM_ONCE_INIT};
    int (*const functions[])(int *, void *) = {init_to, fail};
    int values[] = {1, 2}, at = 0, function = 0, value = 0, back = 0;
    (void)im_once_get_or_init(&cells[at++], functions[function++], &values[value++]);
    cr_assert_eq(at + function + value, 3);
    at = 0;
    cr_assert_eq(im_once_set(&cells[at++], (back++, NULL), value++), EEXIST);
    cr_assert_eq(at + back + value, 4);
    at = 0;
    im_once_init(v, &cells[at++]) cr_assert_fail("is full");
    cr_assert_eq(at, 1);
    (void)im_once_get(&cells[at++]);
    cr_assert_eq(at, 2);
}

Test(once, an_error_reaches_the_caller_and_leaves_it_empty)
{
    int error = ENOENT, five = 5;
    const int *value = &error;
    cr_assert_null(im_once_get_or_init(&cell, fail, &error));
    cr_assert_null(im_once_get(&cell));
    cr_assert_eq(im_once_get_or_try_init(&cell, fail, &error, &value), ENOENT);
    cr_assert_eq(value, &error, "written only on success");
    error = -7;
    cr_assert_eq(im_once_get_or_try_init(&cell, fail, &error, &value), -7, "any number will do");
    cr_assert_eq(im_once_get_or_try_init(&cell, init_to, &five, &value), 0);
    cr_assert_eq(*value, 5);
    cr_assert_eq(im_once_get_or_try_init(&cell, fail, &error, &value), 0);
    cr_assert_eq(inits, 4);
}

Test(once, errno_is_untouched)
{
    int error = ENOENT, five = 5;
    errno = 123;
    cr_assert_null(im_once_get_or_init(&cell, fail, &error));
    cr_assert_not_null(im_once_get_or_init(&cell, init_to, &five));
    cr_assert_eq(im_once_set(&cell, NULL, 1), EEXIST);
    cr_assert_eq(errno, 123);
}

Test(once, set_gives_back_what_does_not_get_in)
{
    int back = 0;
    cr_assert_eq(im_once_set(&cell, &back, 5), 0);
    cr_assert_eq(back, 0);
    cr_assert_eq(im_once_set(&cell, &back, 6), EEXIST);
    cr_assert_eq(back, 6);
    cr_assert_eq(im_once_set(&cell, NULL, 7), EEXIST);
    cr_assert_eq(*im_once_get(&cell), 5);
}

Test(once, try_insert_says_where_the_value_is)
{
    int back = 0;
    const int *at = NULL;
    cr_assert_eq(im_once_try_insert(&cell, &at, &back, 5), 0);
    cr_assert_eq(at, im_once_get(&cell));
    cr_assert_eq(back, 0);
    at = NULL;
    cr_assert_eq(im_once_try_insert(&cell, &at, &back, 6), EEXIST);
    cr_assert_eq(at, im_once_get(&cell));
    cr_assert_eq(*at, 5);
    cr_assert_eq(back, 6);
}

Test(once, a_compound_literal_is_a_value)
{
    static ONCE(struct pair) pair;
    cr_assert_eq(im_once_set(&pair, NULL, (struct pair){1, 2}), 0);
    cr_assert_eq(im_once_get(&pair)->b, 2);
}

/* ---- Blocks ---- */

Test(once, a_block_runs_once)
{
    for (int i = 0; i < 3; i++) {
        im_once_init(v, &cell)
        {
            inits++;
            *v = i;
        }
    }
    cr_assert_eq(inits, 1);
    cr_assert_eq(*im_once_get(&cell), 0);
}

static int leave_by_return(const int_once *self)
{
    im_once_init(v, self)
    {
        *v = 1;
        return -1;
    }
    return 0;
}

static void check_empty_and_usable(void)
{
    cr_assert_null(im_once_get(&cell));
    im_once_init(v, &cell) *v = 2;
    cr_assert_eq(*im_once_get(&cell), 2);
}

Test(once, a_block_left_by_return_leaves_it_empty)
{
    cr_assert_eq(leave_by_return(&cell), -1);
    check_empty_and_usable();
    cr_assert_eq(leave_by_return(&cell), 0);
}

Test(once, a_block_left_by_break_leaves_it_empty)
{
    im_once_init(v, &cell)
    {
        *v = 1;
        break;
    }
    check_empty_and_usable();
}

Test(once, a_block_left_by_goto_leaves_it_empty)
{
    im_once_init(v, &cell)
    {
        *v = 1;
        goto outside;
    }
    cr_assert_fail("went on");
outside:
    check_empty_and_usable();
}

Test(once, a_block_ended_by_continue_has_made_the_value)
{
    im_once_init(v, &cell)
    {
        *v = 1;
        if (inits == 0)
            continue;
        *v = 2;
    }
    cr_assert_eq(*im_once_get(&cell), 1);
}

Test(once, a_try_block_is_gone_through_once)
{
    int not_now = 0;
    im_once_try_init(v, &cell)
    {
        *v = 1;
        im_once_try_init(w, &cell) *w = 2;
        else not_now++;
    }
    else not_now = 10;
    im_once_try_init(v, &cell) *v = 3;
    else not_now = 20;
    cr_assert_eq(not_now, 1);
    cr_assert_eq(*im_once_get(&cell), 1);
}

Test(once, a_try_block_may_be_left)
{
    im_once_try_init(v, &cell)
    {
        *v = 1;
        break;
    }
    check_empty_and_usable();
}

Test(once, blocks_nest_without_hiding_names)
{
    static int_once inner;
    im_once_init(v, &cell)
    {
        im_once_init(w, &inner) *w = 3;
        *v = *im_once_get_or_init(&inner, init_to, NULL) + 1;
    }
    cr_assert_eq(*im_once_get(&cell), 4);
}

/* ---- Recursion ---- */

static int need_itself(int *out, void *self)
{
    const int *value = im_once_get_or_init((const int_once *)self, need_itself, self);
    *out = value ? *value : 0;
    return 0;
}

static int try_itself(int *out, void *self)
{
    const int *value;
    *out = 0;
    return im_once_get_or_try_init((const int_once *)self, try_itself, self, &value);
}

static int_once second;

static int need_the_second(int *out, void *unused);

static int need_the_first(int *out, void *unused)
{
    const int *value;
    int error = im_once_get_or_try_init(&cell, need_the_second, unused, &value);
    if (error == 0)
        *out = *value;
    return error;
}

static int need_the_second(int *out, void *unused)
{
    const int *value;
    int error = im_once_get_or_try_init(&second, need_the_first, unused, &value);
    if (error == 0)
        *out = *value;
    return error;
}

static int recursion_line;

static void recurse_in_a_block(void)
{
    recursion_line = __LINE__ + 1;
    im_once_init(v, &cell)
    {
        (void)v;
        ASSERT_PANICS(im_once_init(w, &cell) *w = 1, "cannot initialise `cell`: this thread is initialising it");
    }
}

Test(once, recursion_names_both_places)
{
    recurse_in_a_block();
    cr_assert_str_eq(panic_here.function, "recurse_in_a_block");
    cr_assert_str_eq(panic_before.function, "recurse_in_a_block");
    cr_assert_eq(panic_before.line, recursion_line);
    cr_assert_str_eq(panic_lines[0].label, "initialising");
    cr_assert_eq(panic_lines[0].thread, im_sync_thread_number());
}

Test(once, recursion_of_functions_panics)
{
    im_panic_set_handler(remember_panic);
    if (setjmp(panic_escape) == 0) {
        (void)im_once_get_or_init(&cell, need_itself, &cell);
        cr_assert_fail("should have panicked");
    }
    cr_assert_str_eq(panic_here.function, "need_itself");
    cr_assert_str_eq(panic_before.function, __func__);
}

Test(once, recursion_is_edeadlk_for_a_try)
{
    const int *value;
    cr_assert_eq(im_once_get_or_try_init(&cell, try_itself, &cell, &value), EDEADLK);
    check_empty_and_usable();
}

Test(once, recursion_through_a_second_cell_is_edeadlk)
{
    const int *value;
    cr_assert_eq(im_once_get_or_try_init(&cell, need_the_second, NULL, &value), EDEADLK);
    cr_assert_null(im_once_get(&second));
    check_empty_and_usable();
}

Test(once, set_inside_is_edeadlk)
{
    int error = 0, back = 0;
    const int *at = NULL;
    im_once_init(v, &cell)
    {
        error = im_once_set(&cell, &back, 7);
        cr_assert_eq(im_once_try_insert(&cell, &at, NULL, 8), EDEADLK);
        *v = 1;
    }
    cr_assert_eq(error, EDEADLK);
    cr_assert_eq(back, 7, "and gives the value back");
    cr_assert_null(at);
    cr_assert_eq(*im_once_get(&cell), 1);
}

Test(once, get_inside_is_null)
{
    const int *seen = &inits;
    im_once_init(v, &cell)
    {
        seen = im_once_get(&cell);
        *v = 1;
    }
    cr_assert_null(seen);
}

/* ---- Poison ---- */

static int_once minds = IM_ONCE_POISONING_INIT;

Test(once, being_left_early_poisons_a_cell_that_minds)
{
    int five = 5, back = 0;
    const int *value;
    cr_assert_eq(leave_by_return(&minds), -1);
    cr_assert(im_once_is_poisoned(&minds));
    cr_assert_null(im_once_get(&minds));
    cr_assert_eq(im_once_get_or_try_init(&minds, init_to, &five, &value), ENOTRECOVERABLE);
    cr_assert_eq(im_once_set(&minds, &back, 6), ENOTRECOVERABLE);
    cr_assert_eq(back, 6);
    ASSERT_PANICS((void)im_once_get_or_init(&minds, init_to, &five),
                  "cannot get_or_init `minds`: poisoned: an initialiser was left early");
    cr_assert_str_eq(panic_before.function, "leave_by_return");
    cr_assert_eq(inits, 0);
    im_once_clear_poison(&minds);
    cr_assert_not(im_once_is_poisoned(&minds));
    cr_assert_eq(*im_once_get_or_init(&minds, init_to, &five), 5);
}

Test(once, it_minds_again_after_take)
{
    int taken;
    cr_assert_eq(im_once_set(&minds, NULL, 1), 0);
    cr_assert_eq(im_once_take(&minds, &taken), 0);
    cr_assert_eq(leave_by_return(&minds), -1);
    cr_assert(im_once_is_poisoned(&minds));
}

Test(once, an_error_poisons_nothing)
{
    int error = ENOENT;
    const int *value;
    cr_assert_eq(im_once_get_or_try_init(&minds, fail, &error, &value), ENOENT);
    cr_assert_not(im_once_is_poisoned(&minds));
    cr_assert_eq(leave_by_return(&cell), -1);
    cr_assert_not(im_once_is_poisoned(&cell), "and no cell that does not mind");
    im_once_clear_poison(&cell);
    check_empty_and_usable();
}

/* ---- Exclusive operations ---- */

Test(once, get_mut_changes_the_value)
{
    cr_assert_eq(im_once_set(&cell, NULL, 1), 0);
    *im_once_get_mut(&cell) = 2;
    cr_assert_eq(*im_once_get(&cell), 2);
}

Test(once, take_empties_it)
{
    int taken = 0;
    cr_assert_eq(im_once_take(&cell, &taken), ENOENT);
    cr_assert_eq(im_once_into_inner(&cell, &taken), ENOENT);
    cr_assert_eq(im_once_set(&cell, NULL, 1), 0);
    cr_assert_eq(im_once_take(&cell, &taken), 0);
    cr_assert_eq(taken, 1);
    check_empty_and_usable();
    cr_assert_eq(im_once_into_inner(&cell, &taken), 0);
    cr_assert_eq(taken, 2);
}

static int dropped, drops;

static void drop(int *value)
{
    dropped = *value;
    drops++;
}

Test(once, destroy_drops_the_value_if_there_is_one)
{
    im_once_destroy(&cell, drop);
    cr_assert_eq(drops, 0);
    cr_assert_eq(im_once_set(&cell, NULL, 5), 0);
    im_once_destroy(&cell, drop);
    cr_assert_eq(dropped, 5);
    im_once_destroy(&cell, drop);
    cr_assert_eq(drops, 1);
    cr_assert_eq(im_once_set(&cell, NULL, 6), 0);
    im_once_destroy(&cell, NULL);
    cr_assert_eq(im_once_set(&cell, NULL, 7), 0);
    cr_assert_eq(im_once_try_destroy(&cell, drop), 0);
    cr_assert_eq(dropped, 7);
    check_empty_and_usable();
}

Test(once, a_cell_that_is_being_made_is_not_ended)
{
    int taken = 0;
    im_once_init(v, &cell)
    {
        *v = 1;
        cr_assert_eq(im_once_take(&cell, &taken), EBUSY);
        cr_assert_eq(im_once_into_inner(&cell, &taken), EBUSY);
        cr_assert_eq(im_once_try_destroy(&cell, drop), EBUSY);
        cr_assert_null(im_once_get_mut(&cell));
        ASSERT_PANICS(im_once_destroy(&cell, drop), "cannot destroy `cell`: somebody initialises it");
        cr_assert_str_eq(panic_before.function, __func__);
    }
    cr_assert_eq(drops, 0);
}

/* ---- Functions and pointers that are NULL ---- */

Test(once, no_function_is_einval)
{
    int (*none)(int *, void *) = NULL;
    const int *value = NULL;
    cr_assert_eq(im_once_get_or_try_init(&cell, none, NULL, &value), EINVAL);
    ASSERT_PANICS((void)im_once_get_or_init(&cell, none, NULL),
                  "cannot get_or_init `cell`: there is no function to initialise it");
    cr_assert_eq(im_once_set(&cell, NULL, 1), 0);
    cr_assert_eq(im_once_get_or_try_init(&cell, none, NULL, &value), 0, "nor is one needed");
}

#if IM_CHECKED
Test(once, a_null_pointer_is_named)
{
    const int_once *volatile nothing = NULL;
    ASSERT_PANICS((void)im_once_get(nothing), "`nothing` is NULL");
    ASSERT_PANICS((void)im_once_set(nothing, NULL, 1), "`nothing` is NULL");
    ASSERT_PANICS(im_once_init(v, nothing) *v = 1, "`nothing` is NULL");
}
#endif

/* ---- Any T ---- */

Test(once, of_no_size)
{
    static ONCE(struct nothing) empty;
    int runs = 0;
    for (int i = 0; i < 2; i++) {
        im_once_init(v, &empty)
        {
            (void)v;
            runs++;
        }
    }
    cr_assert_eq(runs, 1);
    cr_assert_not_null(im_once_get(&empty));
}

struct aligned {
    _Alignas(256) char bytes[3];
};

Test(once, over_aligned)
{
    static ONCE(struct aligned) aligned;
    const struct aligned value = {{1, 2, 3}};
    cr_assert_eq(im_once_set(&aligned, NULL, value), 0);
    cr_assert_eq((uintptr_t)im_once_get(&aligned) % 256, 0);
    cr_assert_eq(im_once_get(&aligned)->bytes[2], 3);
}

static int fill(int (*out)[4], void *unused)
{
    (void)unused;
    for (int i = 0; i < 4; i++)
        (*out)[i] = i;
    return 0;
}

Test(once, of_an_array)
{
    static ONCE(int[4]) array;
    cr_assert_eq((*im_once_get_or_init(&array, fill, NULL))[3], 3);
}

Test(once, of_a_pointer_and_of_a_function)
{
    static ONCE(const char *) text;
    static ONCE(int (*)(int *, void *)) function;
    cr_assert_eq(im_once_set(&text, NULL, "hello"), 0);
    cr_assert_str_eq(*im_once_get(&text), "hello");
    cr_assert_eq(im_once_set(&function, NULL, fail), 0);
    cr_assert_eq(*im_once_get(&function), fail);
}

typedef im_cell(int) counter;

Test(once, of_another_intermut_type)
{
    static ONCE(counter) hits;
    const counter three = IM_CELL_INIT(3);
    counter taken;
    cr_assert_eq(im_once_set(&hits, NULL, three), 0);
    im_cell_set(im_once_get(&hits), 4);
    cr_assert_eq(im_once_take(&hits, &taken), 0);
    cr_assert_eq(im_cell_get(&taken), 4);
}

Test(once, size_and_alignment)
{
    cr_assert_eq(sizeof(int_once), 24);
    cr_assert_eq(sizeof(ONCE(struct nothing)), 16);
    cr_assert_eq(_Alignof(ONCE(struct aligned)), 256);
}

Test(once, moves_by_bytes)
{
    cr_assert_eq(im_once_set(&cell, NULL, 5), 0);
    int_once moved = cell;
    cr_assert_eq(*im_once_get(&moved), 5);
}
