/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <intermut/refcell.h>

#include "panics.h"

typedef struct {
    char text[8];
} name;
typedef struct {
    name owner;
    int balance[3];
    const int *parent;
} account;
typedef im_refcell(account) account_cell;
typedef im_ref(account) account_ref;
typedef im_ref_mut(account) account_ref_mut;
typedef im_ref(name) name_ref;
typedef im_ref_mut(name) name_ref_mut;
typedef im_ref(int) int_ref;
typedef im_ref_mut(int) int_ref_mut;
typedef im_ref(int[3]) balance_ref;
typedef im_ref(char) char_ref;

#define BORROWS(cell) ((cell)->im_raw.borrows)
#define ACCOUNT IM_REFCELL_INIT({{"ada"}, {1, 2, 3}, NULL})

static account_ref open_account(const account_cell *cell)
{
    return im_refcell_borrow_ref(account_ref, cell);
}

static name_ref owner_of(const account_cell *cell)
{
    account_ref opened = open_account(cell);
    return im_ref_map(name_ref, &opened, a, &a->owner);
}

static char_ref initial_of(const account_cell *cell)
{
    name_ref owner = owner_of(cell);
    return im_ref_map(char_ref, &owner, n, &n->text[0]);
}

Test(ref, comes_back_through_three_functions)
{
    account_cell cell = ACCOUNT;
    char_ref initial = initial_of(&cell);
    cr_assert_eq(*im_ref_get(&initial), 'a');
    cr_assert_eq(BORROWS(&cell), 1);
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    im_ref_release(&initial);
    cr_assert_null(im_ref_get(&initial));
    cr_assert_eq(BORROWS(&cell), 0);
}

Test(ref, is_two_words)
{
    cr_assert_eq(sizeof(account_ref), 2 * sizeof(void *));
    cr_assert_eq(sizeof(account_ref_mut), 2 * sizeof(void *));
}

Test(ref, try_forms_give_an_empty_guard)
{
    account_cell cell = ACCOUNT;
    account_ref_mut writer = im_refcell_try_borrow_ref_mut(account_ref_mut, &cell);
    im_ref_mut_get(&writer)->balance[0] = 10;
    account_ref reader = im_refcell_try_borrow_ref(account_ref, &cell);
    account_ref_mut second = im_refcell_try_borrow_ref_mut(account_ref_mut, &cell);
    cr_assert_null(im_ref_get(&reader));
    cr_assert_null(im_ref_mut_get(&second));
    im_ref_mut_release(&writer);
    account_ref again = im_refcell_try_borrow_ref(account_ref, &cell);
    cr_assert_eq(im_ref_get(&again)->balance[0], 10);
    im_ref_release(&again);
}

Test(ref, a_conflict_panics)
{
    static account_cell cell;
    static account_ref reader;
    reader.im_ref = im_refcell_borrow_ref(account_ref, &cell).im_ref;
    ASSERT_PANICS((void)im_refcell_borrow_ref_mut(account_ref_mut, &cell),
                  "cannot borrow_mut `cell`: already borrowed");
    im_ref_release(&reader);
    (void)im_refcell_borrow_mut(&cell);
    ASSERT_PANICS((void)im_refcell_borrow_ref(account_ref, &cell), "cannot borrow `cell`: already mutably borrowed");
    im_refcell_release_mut(&cell);
}

Test(ref, a_clone_is_a_borrow_of_its_own)
{
    static account_cell cell;
    static account_ref one = {0};
    account_ref first = im_refcell_borrow_ref(account_ref, &cell);
    account_ref clone = im_ref_clone(&first);
    cr_assert_eq(BORROWS(&cell), 2);
    im_ref_release(&first);
    cr_assert_eq(im_ref_get(&clone)->balance[0], 0);
    cell.im_raw.borrows = INTPTR_MAX;
    one.im_ref = clone.im_ref;
    ASSERT_PANICS((void)im_ref_clone(&one), "cannot clone `one`: too many borrows");
    cell.im_raw.borrows = 1;
    im_ref_release(&one);
    cr_assert_eq(BORROWS(&cell), 0);
}

Test(ref, a_moved_guard_is_empty)
{
    static account_cell cell;
    static account_ref first = {0};
    first.im_ref = im_refcell_borrow_ref(account_ref, &cell).im_ref;
    account_ref second = im_ref_move(&first);
    cr_assert_null(im_ref_get(&first));
    cr_assert_eq(BORROWS(&cell), 1);
    ASSERT_PANICS(im_ref_release(&first), "cannot release `first`: the guard holds no borrow");
    ASSERT_PANICS((void)im_ref_clone(&first), "cannot clone `first`: the guard holds no borrow");
    ASSERT_PANICS((void)im_ref_leak(&first), "cannot leak `first`: the guard holds no borrow");
    ASSERT_PANICS((void)im_ref_map(name_ref, &first, a, &a->owner), "cannot map `first`: the guard holds no borrow");
    ASSERT_PANICS((void)im_ref_filter_map(name_ref, &first, a, &a->owner),
                  "cannot filter_map `first`: the guard holds no borrow");
    (void)second;
}

Test(ref, a_release_twice_panics)
{
    static account_cell cell;
    static account_ref_mut guard = {0};
    guard.im_ref = im_refcell_borrow_ref_mut(account_ref_mut, &cell).im_ref;
    im_ref_mut_release(&guard);
    ASSERT_PANICS(im_ref_mut_release(&guard), "cannot release `guard`: the guard holds no borrow");
}

Test(ref, filter_map_gives_the_original_back_on_no)
{
    static const int root = 7;
    account_cell cell = ACCOUNT;
    account_ref account_guard = im_refcell_borrow_ref(account_ref, &cell);
    int_ref parent = im_ref_filter_map(int_ref, &account_guard, a, a->parent);
    cr_assert_null(im_ref_get(&parent));
    cr_assert_eq(im_ref_get(&account_guard)->balance[2], 3);
    im_ref_release(&account_guard);

    im_refcell_get_mut(&cell)->parent = &root;
    account_ref again = im_refcell_borrow_ref(account_ref, &cell);
    int_ref found = im_ref_filter_map(int_ref, &again, a, a->parent);
    cr_assert_null(im_ref_get(&again));
    cr_assert_eq(*im_ref_get(&found), 7);
    cr_assert_eq(BORROWS(&cell), 1);
    im_ref_release(&found);
    cr_assert_eq(BORROWS(&cell), 0);

    account_ref_mut writer = im_refcell_borrow_ref_mut(account_ref_mut, &cell);
    int_ref_mut none = im_ref_mut_filter_map(int_ref_mut, &writer, a, a->balance[0] > 99 ? &a->balance[0] : NULL);
    cr_assert_null(im_ref_mut_get(&none));
    int_ref_mut some = im_ref_mut_filter_map(int_ref_mut, &writer, a, a->balance[0] < 99 ? &a->balance[0] : NULL);
    *im_ref_mut_get(&some) = 100;
    im_ref_mut_release(&some);
    cr_assert_eq(im_refcell_into_inner(&cell).balance[0], 100);
}

Test(ref, map_split_counts_every_part)
{
    account_cell cell = ACCOUNT;
    account_ref whole = im_refcell_borrow_ref(account_ref, &cell);
    account_ref other = im_ref_clone(&whole);
    name_ref owner = {0};
    balance_ref balance = {0};
    int_ref first = {0};
    im_ref_map_split(&whole, a, (&owner, &a->owner), (&balance, &a->balance), (&first, &a->balance[0]));
    cr_assert_null(im_ref_get(&whole));
    cr_assert_eq(BORROWS(&cell), 4);
    cr_assert_eq((*im_ref_get(&balance))[1], 2);
    cr_assert_eq(*im_ref_get(&first), 1);
    im_ref_release(&owner);
    im_ref_release(&balance);
    im_ref_release(&other);
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    im_ref_release(&first);
    cr_assert_eq(BORROWS(&cell), 0);
}

Test(ref, a_writer_is_split_into_writers)
{
    account_cell cell = ACCOUNT;
    account_ref_mut whole = im_refcell_borrow_ref_mut(account_ref_mut, &cell);
    name_ref_mut owner = {0};
    int_ref_mut parts[3] = {0};
    im_ref_mut_map_split(&whole, a, (&owner, &a->owner), (&parts[0], &a->balance[0]), (&parts[1], &a->balance[1]),
                         (&parts[2], &a->balance[2]));
    cr_assert_eq(BORROWS(&cell), -4);
    im_ref_mut_get(&owner)->text[0] = 'A';
    for (int i = 0; i < 3; i++) {
        *im_ref_mut_get(&parts[i]) *= 10;
        cr_assert_null(im_refcell_try_borrow(&cell));
        im_ref_mut_release(&parts[i]);
    }
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    im_ref_mut_release(&owner);
    im_refcell_with(a, &cell)
        cr_assert(a->owner.text[0] == 'A' && a->balance[2] == 30);
}

Test(ref, splits_into_one_and_into_eight)
{
    typedef struct {
        int at[8];
    } eight;
    im_refcell(eight) cell = IM_REFCELL_INIT({{0}});
    typedef im_ref_mut(eight) eight_ref_mut;
    eight_ref_mut whole = im_refcell_borrow_ref_mut(eight_ref_mut, &cell), one = {0};
    im_ref_mut_map_split(&whole, e, (&one, e));
    cr_assert_eq(BORROWS(&cell), -1);
    int_ref_mut p[8] = {0};
    im_ref_mut_map_split(&one, e, (&p[0], &e->at[0]), (&p[1], &e->at[1]), (&p[2], &e->at[2]), (&p[3], &e->at[3]),
                         (&p[4], &e->at[4]), (&p[5], &e->at[5]), (&p[6], &e->at[6]), (&p[7], &e->at[7]));
    cr_assert_eq(BORROWS(&cell), -8);
    for (int i = 0; i < 8; i++)
        im_ref_mut_release(&p[i]);
    cr_assert_eq(BORROWS(&cell), 0);
}

Test(ref, parts_of_a_writer_must_not_overlap)
{
    static account_cell cell;
    static account_ref_mut whole = {0}, copy = {0};
    static int_ref_mut one, two;
    account_ref_mut borrowed = im_refcell_borrow_ref_mut(account_ref_mut, &cell);
    whole.im_ref = borrowed.im_ref, whole.im_value = borrowed.im_value;
    ASSERT_PANICS(im_ref_mut_map_split(&whole, a, (&one, &a->balance[1]), (&copy, a), (&two, &a->balance[2])),
                  "cannot split `whole`: parts 1 and 2 overlap");
    cr_assert_eq(BORROWS(&cell), -1);
    cell.im_raw.borrows = INTPTR_MIN;
    ASSERT_PANICS(im_ref_mut_map_split(&whole, a, (&one, &a->balance[1]), (&two, &a->balance[2])),
                  "cannot split `whole`: too many borrows");
}

Test(ref, splitting_readers_is_counted_up_to_the_end)
{
    static account_cell cell;
    static account_ref whole = {0};
    static int_ref one, two;
    account_ref borrowed = im_refcell_borrow_ref(account_ref, &cell);
    whole.im_ref = borrowed.im_ref, whole.im_value = borrowed.im_value;
    cell.im_raw.borrows = INTPTR_MAX;
    ASSERT_PANICS(im_ref_map_split(&whole, a, (&one, &a->balance[1]), (&two, &a->balance[2])),
                  "cannot split `whole`: too many borrows");
    cr_assert_eq(BORROWS(&cell), INTPTR_MAX);
}

static int read_scoped(const account_cell *cell, bool move_on, int_ref *out)
{
    IM_REF_SCOPED account_ref guard = im_refcell_borrow_ref(account_ref, cell);
    if (move_on) {
        int_ref first = im_ref_map(int_ref, &guard, a, &a->balance[0]);
        out->im_ref = first.im_ref, out->im_value = first.im_value;
        return 0;
    }
    return im_ref_get(&guard)->balance[1];
}

static void write_scoped(const account_cell *cell)
{
    IM_REF_MUT_SCOPED account_ref_mut guard = im_refcell_borrow_ref_mut(account_ref_mut, cell);
    im_ref_mut_get(&guard)->balance[1] = 20;
}

Test(ref, a_scoped_guard_releases_what_it_still_holds)
{
    account_cell cell = ACCOUNT;
    int_ref kept = {0};
    write_scoped(&cell);
    cr_assert_eq(read_scoped(&cell, false, &kept), 20);
    cr_assert_eq(BORROWS(&cell), 0);
    read_scoped(&cell, true, &kept);
    cr_assert_eq(BORROWS(&cell), 1);
    im_ref_release(&kept);
    cr_assert_eq(BORROWS(&cell), 0);
}

Test(ref, a_leaked_borrow_lasts_until_it_is_undone)
{
    account_cell cell = ACCOUNT;
    account_ref reader = im_refcell_borrow_ref(account_ref, &cell);
    const account *for_ever = im_ref_leak(&reader);
    cr_assert_eq(for_ever->balance[1], 2);
    cr_assert_null(im_ref_get(&reader));
    cr_assert_null(im_refcell_try_get_mut(&cell));
    im_refcell_undo_leak(&cell)->balance[1] = 5;
    cr_assert_eq(BORROWS(&cell), 0);

    account_ref_mut writer = im_refcell_borrow_ref_mut(account_ref_mut, &cell);
    account *mine = im_ref_mut_leak(&writer);
    mine->balance[1]++;
    cr_assert_null(im_refcell_try_borrow(&cell));
    cr_assert_eq(im_refcell_undo_leak(&cell)->balance[1], 6);
}

Test(ref, map_of_a_writer_stays_the_writer)
{
    account_cell cell = ACCOUNT;
    account_ref_mut writer = im_refcell_borrow_ref_mut(account_ref_mut, &cell);
    account_ref_mut moved = im_ref_mut_move(&writer);
    int_ref_mut last = im_ref_mut_map(int_ref_mut, &moved, a, &a->balance[2]);
    *im_ref_mut_get(&last) = 33;
    cr_assert_eq(BORROWS(&cell), -1);
    im_ref_mut_release(&last);
    cr_assert_eq(im_refcell_into_inner(&cell).balance[2], 33);
}
