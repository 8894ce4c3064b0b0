/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/qcell.h>

#include "../cell/panics.h"
#include "../cell/sample_types.h"

typedef im_qcell(int) int_cell;
typedef im_qcell(point) point_cell;
typedef im_qcell(either) either_cell;
typedef im_qcell(const char *) string_cell;
typedef im_qcell(int (*)(int)) function_cell;
typedef im_qcell(over_aligned) over_aligned_cell;
typedef im_qcell(array) array_cell;
typedef im_qcell(int[4]) bare_array_cell;
typedef im_qcell(large) large_cell;
typedef im_qcell(nothing) nothing_cell;
typedef im_qcell(int_cell) nested_cell;

/* Owners of the tests: two that are counted, and ids of theirs. */
static struct im_qcell_owner owner, stranger;

static struct im_qcell_id id_of(struct im_qcell_owner *of)
{
    if (!of->im_raw.im_key)
        cr_assert_eq(im_qcell_owner_new(of), 0);
    return im_qcell_owner_id(of);
}

Test(qcell, the_owner_opens_its_cells)
{
    int_cell cell = IM_QCELL_INIT(id_of(&owner), 1);
    const int_cell *shared = &cell;
    *im_qcell_rw(&owner, shared) = 2;
    cr_assert_eq(*im_qcell_ro(&owner, shared), 2);
    const struct im_qcell_owner *reader = &owner;
    cr_assert_eq(im_qcell_ro(reader, shared), im_qcell_try_ro(reader, &cell));
    *im_qcell_try_rw(&owner, shared) += 1;
    cr_assert_eq(*im_qcell_get_mut(&cell), 3);
    cr_assert(im_qcell_is_owned(reader, shared));
    cr_assert_eq(im_qcell_into_inner(&cell), 3);
}

Test(qcell, a_foreign_owner_panics_and_names_all)
{
    static struct {
        int_cell next;
    } nodes, *node = &nodes;
    static struct {
        struct im_qcell_owner owner;
    } lists, *list = &lists;
    int made_at = __LINE__ + 1;
    cr_assert_eq(im_qcell_owner_new(&list->owner), 0);
    im_qcell_init(&node->next, id_of(&owner), 7);
    cr_assert_null(im_qcell_try_ro(&list->owner, &node->next));
    cr_assert_null(im_qcell_try_rw(&list->owner, &node->next));
    cr_assert_not(im_qcell_is_owned(&list->owner, &node->next));
    ASSERT_PANICS((void)im_qcell_ro(&list->owner, &node->next),
                  "cannot ro `node->next`: it belongs to another owner than `list->owner`");
    ASSERT_PANICS((void)im_qcell_rw(&list->owner, &node->next),
                  "cannot rw `node->next`: it belongs to another owner than `list->owner`");
    cr_assert_str_eq(panic_lines[0].label, "made");
    cr_assert_str_eq(panic_before.function, __func__);
    cr_assert_eq(panic_before.line, made_at);
    ASSERT_PANICS(im_qcell_with_rw(p, &list->owner, &node->next) *p = 1,
                  "cannot rw `node->next`: it belongs to another owner than `list->owner`");
    ASSERT_PANICS(im_qcell_with_ro(p, &list->owner, &node->next) cr_assert_eq(*p, 1),
                  "cannot ro `node->next`: it belongs to another owner than `list->owner`");
    cr_assert_eq(*im_qcell_ro(&owner, &node->next), 7);
}

Test(qcell, zeroed_cells_belong_to_nobody)
{
    static int_cell cell;
    id_of(&owner);
    cr_assert_null(im_qcell_try_rw(&owner, &cell));
    ASSERT_PANICS((void)im_qcell_rw(&owner, &cell), "cannot rw `cell`: it is zeroed, and belongs to nobody");
    *im_qcell_get_mut(&cell) = 3; /* no owner needed */
    cr_assert_eq(im_qcell_into_inner(&cell), 3);
}

Test(qcell, an_owner_that_is_none_opens_nothing)
{
    static struct im_qcell_owner none;
    static int_cell zeroed;
    int_cell cell = IM_QCELL_INIT(id_of(&owner), 1);
    int *p, *q;
    for (int has_ended = 0; has_ended < 2; has_ended++) {
        cr_assert_eq(im_qcell_owner_id(&none).im_id, 0);
        cr_assert_null(im_qcell_try_ro(&none, &cell));
        ASSERT_PANICS((void)im_qcell_rw(&none, &cell), "cannot rw `cell`: `none` has not been made, or has ended");
        cr_assert_not(im_qcell_is_owned(&none, &zeroed));
        /* That neither the owner was made nor the cell filled is seen by a checked build only. */
        if (IM_CHECKED || has_ended) {
            cr_assert_null(im_qcell_try_rw(&none, &zeroed));
            cr_assert_eq(im_qcell_try_rw2(&none, &zeroed, &cell, &p, &q), EPERM);
            im_qcell_try_with_ro(v, &none, &zeroed)
                cr_assert_fail("opened for %d", *v);
            ASSERT_PANICS((void)im_qcell_rw(&none, &zeroed),
                          "cannot rw `zeroed`: `none` has not been made, or has ended");
            ASSERT_PANICS(im_qcell_with_rw(v, &none, &zeroed) *v = 1,
                          "cannot rw `zeroed`: `none` has not been made, or has ended");
        }
        ASSERT_PANICS(im_qcell_owner_end(&none), "cannot end `none`: it has not been made, or has ended");
        im_qcell_owner_new_pinned(&none);
        im_qcell_owner_end(&none);
    }
}

static struct im_qcell_owner pinned = IM_QCELL_OWNER_PINNED_INIT(pinned);
static int_cell static_cell = IM_QCELL_INIT(IM_QCELL_PINNED_ID(pinned), 5);
static point_cell static_point = IM_QCELL_INIT(IM_QCELL_PINNED_ID(pinned), {'a', 1, 2});

Test(qcell, static_owners_are_pinned)
{
    cr_assert_eq(*im_qcell_ro(&pinned, &static_cell), 5);
    im_qcell_rw(&pinned, &static_point)->y += *im_qcell_ro(&pinned, &static_cell);
    cr_assert_eq(im_qcell_ro(&pinned, &static_point)->y, 7);
    cr_assert_eq(im_qcell_owner_id(&pinned).im_id, (uintptr_t)&pinned);
    int_cell cell = IM_QCELL_INIT(id_of(&owner), 1);
    ASSERT_PANICS((void)im_qcell_rw(&pinned, &cell), "cannot rw `cell`: it belongs to another owner than `pinned`");
    cr_assert_null(panic_before.file);
}

Test(qcell, a_pinned_owner_has_its_address_as_id)
{
    struct im_qcell_owner one, two;
    im_qcell_owner_new_pinned(&one);
    im_qcell_owner_new_pinned(&two);
    int_cell cell = IM_QCELL_INIT(im_qcell_owner_id(&one), 1);
    *im_qcell_rw(&one, &cell) = 2;
    cr_assert_null(im_qcell_try_ro(&two, &cell));
    im_qcell_owner_end(&one);
    cr_assert_null(im_qcell_try_ro(&one, &cell));
    im_qcell_owner_new_pinned(&one); /* the next one at its address has its cells */
    cr_assert_eq(*im_qcell_ro(&one, &cell), 2);
    struct im_qcell_owner moved = one;
    if (IM_CHECKED)
        ASSERT_PANICS((void)im_qcell_ro(&moved, &cell),
                      "cannot ro `cell`: `moved` is pinned, and not where it was made");
    else
        cr_assert_eq(*im_qcell_ro(&moved, &cell), 2);
}

Test(qcell, a_counted_owner_may_be_moved)
{
    struct im_qcell_owner one;
    cr_assert_eq(im_qcell_owner_new(&one), 0);
    int_cell cell = IM_QCELL_INIT(im_qcell_owner_id(&one), 1);
    struct im_qcell_owner moved = one;
    cr_assert_eq(*im_qcell_ro(&moved, &cell), 1);
}

Test(qcell, an_id_outlives_its_owner_and_is_never_used_again)
{
    struct im_qcell_owner first;
    cr_assert_eq(im_qcell_owner_new(&first), 0);
    struct im_qcell_id id = im_qcell_owner_id(&first);
    im_qcell_owner_end(&first);
    cr_assert_eq(im_qcell_owner_id(&first).im_id, 0);
    int_cell late = IM_QCELL_INIT(id, 4);
    cr_assert_null(im_qcell_try_ro(&first, &late));
    for (int i = 0; i < 1000; i++) {
        struct im_qcell_owner other;
        cr_assert_eq(im_qcell_owner_new(&other), 0);
        cr_assert_null(im_qcell_try_ro(&other, &late));
    }
    cr_assert_eq(im_qcell_into_inner(&late), 4);
}

Test(qcell, when_all_ids_are_used_there_is_no_further_owner)
{
    static struct im_qcell_owner last, none;
    im_raw_qcell_use_ids(IM_RAW_QCELL_IDS - 1);
    cr_assert_eq(im_qcell_owner_new(&last), 0);
    int_cell cell = IM_QCELL_INIT(im_qcell_owner_id(&last), 1);
    im_qcell_with_rw(p, &last, &cell)
        *p = 2; /* the greatest key does not wrap */
    cr_assert_eq(*im_qcell_ro(&last, &cell), 2);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(im_qcell_owner_new(&none), EOVERFLOW);
    cr_assert_eq(none.im_raw.im_key, 0);
    cr_assert_null(im_qcell_try_ro(&none, &cell));
    im_qcell_owner_new_pinned(&none); /* needs no number */
}

Test(qcell, several_cells_at_once)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1), c = IM_QCELL_INIT(id_of(&owner), 3);
    point_cell b = IM_QCELL_INIT(id_of(&owner), {'b', 2, 2});
    int *p, *r;
    point *q;
    im_qcell_rw2(&owner, &a, &b, &p, &q);
    cr_assert(p == im_qcell_ro(&owner, &a) && q == im_qcell_ro(&owner, &b));
    im_qcell_rw3(&owner, &c, &b, &a, &r, &q, &p);
    cr_assert(r == im_qcell_ro(&owner, &c) && q == im_qcell_ro(&owner, &b) && p == im_qcell_ro(&owner, &a));
    p = r = NULL;
    cr_assert_eq(im_qcell_try_rw2(&owner, &a, &c, &p, &r), 0);
    cr_assert(p == im_qcell_ro(&owner, &a) && r == im_qcell_ro(&owner, &c));
    r = NULL;
    cr_assert_eq(im_qcell_try_rw3(&owner, &a, &c, &b, &p, &r, &q), 0);
    cr_assert(r == im_qcell_ro(&owner, &c));

    const int_cell *cells[] = {&c, &a};
    int *values[2];
    im_qcell_rw_n(&owner, 2, cells, values);
    cr_assert(values[0] == im_qcell_ro(&owner, &c) && values[1] == im_qcell_ro(&owner, &a));
    values[0] = NULL;
    cr_assert_eq(im_qcell_try_rw_n(&owner, 2, cells, values), 0);
    cr_assert_eq(*values[0], 3);
    im_qcell_rw_n(&owner, 0, cells, values);
}

Test(qcell, the_same_cell_twice_is_refused)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1), b = IM_QCELL_INIT(id_of(&owner), 2);
    int *p = NULL, *q = NULL, *r = NULL;
    ASSERT_PANICS(im_qcell_rw2(&owner, &a, &a, &p, &q), "cannot rw2 `a` and `a`: they are one cell");
    ASSERT_PANICS(im_qcell_rw3(&owner, &a, &b, &a, &p, &q, &r), "cannot rw3 `a` and `a`: they are one cell");
    ASSERT_PANICS(im_qcell_rw3(&owner, &b, &a, &a, &p, &q, &r), "cannot rw3 `a` and `a`: they are one cell");
    ASSERT_PANICS(im_qcell_rw3(&owner, &a, &a, &b, &p, &q, &r), "cannot rw3 `a` and `a`: they are one cell");
    const int_cell *cells[] = {&a, &b, &a};
    int *values[3] = {NULL};
    ASSERT_PANICS(im_qcell_rw_n(&owner, 3, cells, values), "cannot rw_n `cells`: cells 0 and 2 overlap");
    cr_assert_eq(im_qcell_try_rw2(&owner, &a, &a, &p, &q), EINVAL);
    cr_assert_eq(im_qcell_try_rw3(&owner, &a, &b, &a, &p, &q, &r), EINVAL);
    cr_assert_eq(im_qcell_try_rw3(&owner, &b, &a, &a, &p, &q, &r), EINVAL);
    cr_assert_eq(im_qcell_try_rw_n(&owner, 3, cells, values), EINVAL);
    cr_assert(!p && !q && !r && !values[0] && !values[1] && !values[2], "written without success");
    static nothing_cell empty;
    nothing *x, *y;
    im_qcell_init(&empty, id_of(&owner), (nothing){});
    cr_assert_eq(im_qcell_try_rw2(&owner, &empty, &empty, &x, &y), EINVAL);
}

/* By range, not by start address: ghost-cell#23. */
Test(qcell, cells_that_overlap_partly_are_refused)
{
    nested_cell outer;
    int_cell inner = IM_QCELL_INIT(id_of(&owner), 1);
    memcpy(im_qcell_get_mut(&outer), &inner, sizeof inner);
    outer.im_id = id_of(&owner);
    const int_cell *inside = im_qcell_ro(&owner, &outer);
    int_cell *whole;
    int *part;
    cr_assert_neq((const void *)inside, (const void *)&outer);
    ASSERT_PANICS(im_qcell_rw2(&owner, &outer, inside, &whole, &part), "cannot rw2 `outer` and `inside`: they overlap");
    ASSERT_PANICS(im_qcell_rw2(&owner, inside, &outer, &part, &whole), "cannot rw2 `inside` and `outer`: they overlap");
    cr_assert_eq(im_qcell_try_rw2(&owner, inside, &outer, &part, &whole), EINVAL);

    /* Neighbours do not; cells that begin within each other do. */
    static _Alignas(8) char bytes[4 * sizeof(bare_array_cell)];
    bare_array_cell *at[3];
    for (size_t i = 0; i < 3; i++)
        at[i] = (bare_array_cell *)(void *)(bytes + i * sizeof(bare_array_cell));
    at[2] = (bare_array_cell *)(void *)(bytes + sizeof(bare_array_cell) + 8);
    /* at[1] and at[2] share 16 bytes, and both begin with an id. */
    for (size_t i = 0; i < sizeof bytes; i += 8) {
        struct im_qcell_id id = id_of(&owner);
        memcpy(bytes + i, &id, sizeof id);
    }
    int(*p)[4], (*q)[4], (*r)[4];
    im_qcell_rw2(&owner, at[0], at[1], &p, &q);
    cr_assert_eq(im_qcell_try_rw2(&owner, at[1], at[2], &p, &q), EINVAL);
    cr_assert_eq(im_qcell_try_rw2(&owner, at[2], at[1], &p, &q), EINVAL);
    cr_assert_eq(im_qcell_try_rw3(&owner, at[0], at[1], at[2], &p, &q, &r), EINVAL);
    const bare_array_cell *cells[] = {at[0], at[1], at[2]};
    int(*values[3])[4];
    cr_assert_eq(im_qcell_try_rw_n(&owner, 3, cells, values), EINVAL);
    cr_assert_eq(im_qcell_try_rw_n(&owner, 2, cells, values), 0);
}

Test(qcell, one_foreign_cell_among_several_is_refused)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1), b = IM_QCELL_INIT(id_of(&stranger), 2),
             c = IM_QCELL_INIT(id_of(&owner), 3);
    int *p = NULL, *q = NULL, *r = NULL;
    ASSERT_PANICS(im_qcell_rw2(&owner, &a, &b, &p, &q), "cannot rw2 `b`: it belongs to another owner than `owner`");
    ASSERT_PANICS(im_qcell_rw3(&owner, &a, &c, &b, &p, &q, &r),
                  "cannot rw3 `b`: it belongs to another owner than `owner`");
    cr_assert_eq(im_qcell_try_rw2(&owner, &a, &b, &p, &q), EPERM);
    cr_assert_eq(im_qcell_try_rw2(&owner, &b, &a, &p, &q), EPERM);
    cr_assert_eq(im_qcell_try_rw3(&owner, &a, &c, &b, &p, &q, &r), EPERM);
    const int_cell *cells[] = {&a, &b};
    int *values[2] = {NULL};
    ASSERT_PANICS(im_qcell_rw_n(&owner, 2, cells, values),
                  "cannot rw_n `cells`: it belongs to another owner than `owner`");
    cr_assert_eq(im_qcell_try_rw_n(&owner, 2, cells, values), EPERM);
    cr_assert(!p && !q && !r && !values[0], "written without success");
}

Test(qcell, a_writing_block_holds_the_owner)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1), b = IM_QCELL_INIT(id_of(&owner), 2),
             foreign = IM_QCELL_INIT(id_of(&stranger), 9);
    int *p, *q, block_at = __LINE__ + 1;
    im_qcell_with_rw(value, &owner, &a) {
        *value = 10;
        ASSERT_PANICS((void)im_qcell_ro(&owner, &b), "cannot ro `b`: `owner` is held by a block");
        cr_assert_str_eq(panic_lines[0].label, "held");
        cr_assert_str_eq(panic_before.function, __func__);
        cr_assert_eq(panic_before.line, block_at);
        ASSERT_PANICS((void)im_qcell_rw(&owner, &a), "cannot rw `a`: `owner` is held by a block");
        ASSERT_PANICS(im_qcell_with_ro(v, &owner, &b) cr_assert_eq(*v, 2), "cannot ro `b`: `owner` is held by a block");
        ASSERT_PANICS(im_qcell_with_rw(v, &owner, &b) *v = 3, "cannot rw `b`: `owner` is held by a block");
        ASSERT_PANICS(im_qcell_owner_end(&owner), "cannot end `owner`: it is held by a block");
        cr_assert_null(im_qcell_try_ro(&owner, &b));
        cr_assert_null(im_qcell_try_rw(&owner, &b));
        cr_assert_eq(im_qcell_try_rw2(&owner, &a, &b, &p, &q), EBUSY);
        const int_cell *cells[] = {&b};
        cr_assert_eq(im_qcell_try_rw_n(&owner, 1, cells, &p), EBUSY);
        im_qcell_try_with_rw(v, &owner, &b)
            cr_assert_fail("opened for %d", *v);
        else
            *value = 11;
        im_qcell_try_with_ro(v, &owner, &b)
            cr_assert_fail("opened for %d", *v);
        else
            *value += 1;
        cr_assert_null(im_qcell_try_ro(&owner, &foreign));
        ASSERT_PANICS((void)im_qcell_rw(&owner, &foreign),
                      "cannot rw `foreign`: it belongs to another owner than `owner`");
        cr_assert(im_qcell_is_owned(&owner, &b)); /* also while it is held */
        cr_assert_eq(im_qcell_owner_id(&owner).im_id, b.im_id.im_id);
        im_qcell_with_rw(v, &stranger, &foreign)
            *v = *value; /* another owner is free */
    }
    cr_assert_eq(*im_qcell_ro(&owner, &a), 12);
    cr_assert_eq(*im_qcell_ro(&stranger, &foreign), 12);
}

Test(qcell, reading_blocks_nest_and_a_checked_build_keeps_writers_out)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1), b = IM_QCELL_INIT(id_of(&owner), 2);
    int *p, *q;
    im_qcell_with_ro(one, &owner, &a)
        im_qcell_with_ro(two, &owner, &a) {
            cr_assert_eq(*one + *two + *im_qcell_ro(&owner, &b), 4);
            im_qcell_try_with_ro(three, &owner, &b)
                cr_assert_eq(*three, 2);
            else
                cr_assert_fail();
            if (IM_CHECKED) {
                ASSERT_PANICS((void)im_qcell_rw(&owner, &b), "cannot rw `b`: `owner` is held by a block");
                cr_assert_eq(panic_total, 2);
                cr_assert_eq(panic_lines[1].thread, panic_lines[0].thread);
                ASSERT_PANICS(im_qcell_with_rw(v, &owner, &b) *v = 3, "cannot rw `b`: `owner` is held by a block");
                ASSERT_PANICS(im_qcell_rw2(&owner, &a, &b, &p, &q), "cannot rw2 `a`: `owner` is held by a block");
                ASSERT_PANICS(im_qcell_owner_end(&owner), "cannot end `owner`: it is held by a block");
                cr_assert_null(im_qcell_try_rw(&owner, &b));
                cr_assert_eq(im_qcell_try_rw2(&owner, &a, &b, &p, &q), EBUSY);
                const int_cell *cells[] = {&b};
                cr_assert_eq(im_qcell_try_rw_n(&owner, 1, cells, &p), EBUSY);
                ASSERT_PANICS(im_qcell_rw_n(&owner, 1, cells, &p), "cannot rw_n `cells`: `owner` is held by a block");
                im_qcell_try_with_rw(v, &owner, &b)
                    cr_assert_fail("opened for %d", *v);
                else
                    cr_assert_eq(*one, 1);
            }
        }
    *im_qcell_rw(&owner, &b) = 3;
    cr_assert_eq(im_checked_borrows(&owner.im_raw, NULL, 0), 0);
}

static int early(struct im_qcell_owner *of, const int_cell *cell, bool write)
{
    if (write)
        im_qcell_with_rw(p, of, cell)
            return *p;
    im_qcell_with_ro(p, of, cell)
        return -*p;
    return 0;
}

Test(qcell, blocks_end_however_they_are_left)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1);
    cr_assert_eq(early(&owner, &a, true), 1);
    cr_assert_eq(early(&owner, &a, false), -1);
    int rounds = 0;
    for (; rounds < 3; rounds++) {
        im_qcell_with_rw(p, &owner, &a) {
            ++*p;
            if (*p == 3)
                break; /* the block, not the loop */
            continue;
        }
    }
    cr_assert_eq(rounds, 3);
    im_qcell_with_rw(p, &owner, &a) {
        *p = 9;
        goto out;
    }
out:
    cr_assert_eq(*im_qcell_rw(&owner, &a), 9);
    cr_assert_eq(im_checked_borrows(&owner.im_raw, NULL, 0), 0);
}

Test(qcell, holds_any_type)
{
    const struct im_qcell_id id = id_of(&owner);
    string_cell text = IM_QCELL_INIT(id, "text");
    *im_qcell_rw(&owner, &text) = "other";
    cr_assert_str_eq(*im_qcell_ro(&owner, &text), "other");
    function_cell call = IM_QCELL_INIT(id, twice);
    cr_assert_eq((*im_qcell_ro(&owner, &call))(4), 8);
    either_cell one_of = IM_QCELL_INIT(id, {.number = 3});
    im_qcell_rw(&owner, &one_of)->bytes[0] = 4;
    cr_assert_eq(im_qcell_into_inner(&one_of).bytes[0], 4);
    over_aligned_cell aligned = IM_QCELL_INIT(id, {1});
    cr_assert_eq((uintptr_t)im_qcell_ro(&owner, &aligned) % 64, 0);
    array_cell numbers = IM_QCELL_INIT(id, {{1, 2, 3, 4, 5}});
    im_qcell_rw(&owner, &numbers)->at[4] = 6;
    cr_assert_eq(im_qcell_into_inner(&numbers).at[4], 6);
    bare_array_cell bare = IM_QCELL_INIT(id, {1, 2, 3, 4});
    (*im_qcell_rw(&owner, &bare))[3] = 7;
    cr_assert_eq((*im_qcell_get_mut(&bare))[3], 7);
    static large_cell big;
    big.im_id = id;
    im_qcell_rw(&owner, &big)->bytes[sizeof(large) - 1] = 1;
    cr_assert_eq(im_qcell_ro(&owner, &big)->bytes[sizeof(large) - 1], 1);
    nothing_cell empty = IM_QCELL_INIT(id, {});
    cr_assert_eq((const void *)im_qcell_rw(&owner, &empty), (const char *)&empty + sizeof id);
    cr_assert_eq(sizeof(nothing_cell), sizeof id);
    cr_assert_eq(sizeof(string_cell), sizeof id + sizeof(char *));
    struct {
        int_cell cells[3];
    } table;
    for (int i = 0; i < 3; i++)
        im_qcell_init(&table.cells[i], id, i);
    cr_assert_eq(*im_qcell_ro(&owner, &table.cells[2]), 2);
    point_cell made;
    im_qcell_init(&made, id, (point){'c', 1, 2});
    cr_assert_eq(im_qcell_into_inner(&made).y, 2);
}

static int evaluations;
#define COUNTED(expression) (evaluations++, (expression))

Test(qcell, evaluates_each_argument_once)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1), b = IM_QCELL_INIT(id_of(&owner), 2),
             c = IM_QCELL_INIT(id_of(&owner), 3);
    const int_cell *cells[] = {&a};
    int *p, *q, *r;
#define ASSERT_EVALUATES(count, statement) \
    do {                                   \
        evaluations = 0;                   \
        statement;                         \
        cr_assert_eq(evaluations, count);  \
    } while (0)
    ASSERT_EVALUATES(2, (void)im_qcell_ro(COUNTED(&owner), COUNTED(&a)));
    ASSERT_EVALUATES(2, (void)im_qcell_rw(COUNTED(&owner), COUNTED(&a)));
    ASSERT_EVALUATES(2, (void)im_qcell_try_ro(COUNTED(&owner), COUNTED(&a)));
    ASSERT_EVALUATES(2, (void)im_qcell_try_rw(COUNTED(&owner), COUNTED(&a)));
    ASSERT_EVALUATES(5, im_qcell_rw2(COUNTED(&owner), COUNTED(&a), COUNTED(&b), COUNTED(&p), COUNTED(&q)));
    ASSERT_EVALUATES(5, (void)im_qcell_try_rw2(COUNTED(&owner), COUNTED(&a), COUNTED(&b), COUNTED(&p), COUNTED(&q)));
    ASSERT_EVALUATES(
        7, im_qcell_rw3(COUNTED(&owner), COUNTED(&a), COUNTED(&b), COUNTED(&c), COUNTED(&p), COUNTED(&q), COUNTED(&r)));
    ASSERT_EVALUATES(7, (void)im_qcell_try_rw3(COUNTED(&owner), COUNTED(&a), COUNTED(&b), COUNTED(&c), COUNTED(&p),
                                               COUNTED(&q), COUNTED(&r)));
    ASSERT_EVALUATES(4, im_qcell_rw_n(COUNTED(&owner), COUNTED(1), COUNTED(cells), COUNTED(&p)));
    ASSERT_EVALUATES(4, (void)im_qcell_try_rw_n(COUNTED(&owner), COUNTED(1), COUNTED(cells), COUNTED(&p)));
    ASSERT_EVALUATES(2, im_qcell_with_ro(v, COUNTED(&owner), COUNTED(&a))(void) * v);
    ASSERT_EVALUATES(2, im_qcell_with_rw(v, COUNTED(&owner), COUNTED(&a)) *v = 1);
    ASSERT_EVALUATES(2, im_qcell_try_with_ro(v, COUNTED(&owner), COUNTED(&a))(void) * v);
    ASSERT_EVALUATES(2, im_qcell_try_with_rw(v, COUNTED(&owner), COUNTED(&a)) *v = 1);
    ASSERT_EVALUATES(1, (void)im_qcell_get_mut(COUNTED(&a)));
    ASSERT_EVALUATES(1, (void)im_qcell_into_inner(COUNTED(&a)));
    ASSERT_EVALUATES(2, (void)im_qcell_is_owned(COUNTED(&owner), COUNTED(&a)));
    ASSERT_EVALUATES(3, im_qcell_init(COUNTED(&a), COUNTED(im_qcell_owner_id(&owner)), COUNTED(3)));
}

struct node {
    const struct node_cell *next;
    int value;
};
IM_QCELL_STRUCT(node_cell, struct node);

Test(qcell, operations_may_stand_in_each_others_arguments)
{
    struct node_cell c = IM_QCELL_INIT(id_of(&owner), {NULL, 3}), b = IM_QCELL_INIT(id_of(&owner), {&c, 2}),
                     a = IM_QCELL_INIT(id_of(&owner), {&b, 1});
    cr_assert_eq(im_qcell_ro(&owner, im_qcell_ro(&owner, im_qcell_ro(&owner, &a)->next)->next)->value, 3);
    im_qcell_rw(&owner, im_qcell_ro(&owner, im_qcell_rw(&owner, &a)->next)->next)->value = 4;
    cr_assert_eq(im_qcell_into_inner(&c).value, 4);
}

Test(qcell, errno_is_left_alone)
{
    int_cell a = IM_QCELL_INIT(id_of(&owner), 1), b = IM_QCELL_INIT(id_of(&stranger), 1);
    int *p, *q;
    errno = 77;
    cr_assert_null(im_qcell_try_ro(&owner, &b));
    cr_assert_eq(im_qcell_try_rw2(&owner, &a, &b, &p, &q), EPERM);
    struct im_qcell_owner another;
    cr_assert_eq(im_qcell_owner_new(&another), 0);
    cr_assert_eq(errno, 77);
}

/* The sanitizers stop at the address of a member of NULL, before anything can look at it. */
#if !IM_ADDRESS_SANITIZER && IM_CHECKED
Test(qcell, null_is_named_by_a_checked_build)
{
    static const int_cell *nothing_there;
    static struct im_qcell_owner *nobody;
    static int_cell cell;
    im_qcell_init(&cell, id_of(&owner), 1);
    const int_cell *cells[] = {&cell, nothing_there};
    int *values[2];
    ASSERT_PANICS((void)im_qcell_ro(&owner, nothing_there), "cannot ro `nothing_there`: `nothing_there` is NULL");
    ASSERT_PANICS((void)im_qcell_rw(nobody, &cell), "cannot rw `cell`: `nobody` is NULL");
    ASSERT_PANICS(im_qcell_rw_n(&owner, 2, cells, values), "cannot rw_n `cells`: `cells` is NULL");
}
#elif !IM_ADDRESS_SANITIZER && !defined(UNDER_EMULATION)
Test(qcell, null_is_a_crash, .signal = SIGSEGV)
{
    const int_cell *nothing_there = NULL;
    __asm__("" : "+r"(nothing_there)); /* the compiler need not know */
    id_of(&owner);
    (void)im_qcell_ro(&owner, nothing_there);
}
#endif
