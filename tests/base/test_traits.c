/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <intermut/cell.h>
#include <intermut/traits.h>

typedef struct {
    uint32_t gateway;
    uint16_t port;
} route;
IM_FREEZE(route);
IM_FREEZE(route); /* may be repeated */

typedef im_cell(int) int_cell;
typedef struct {
    const int_cell *elsewhere; /* behind a pointer: Freeze all the same */
} holder;
IM_FREEZE(holder);

enum colour { RED, GREEN };
typedef void callback(void);

Test(traits, proof_of_freeze_is_the_type_itself)
{
    cr_assert(__builtin_types_compatible_p(IM_FREEZE_PROOF(route), route));
    cr_assert(__builtin_types_compatible_p(IM_FREEZE_PROOF(uint64_t), uint64_t));
    cr_assert(__builtin_types_compatible_p(IM_FREEZE_PROOF(bool), bool));
    cr_assert(__builtin_types_compatible_p(IM_FREEZE_PROOF(holder), holder));
}

Test(traits, kinds_of_types_are_told_apart)
{
    cr_assert(IM_IS_INTEGER(int) && IM_IS_INTEGER(uint64_t) && IM_IS_INTEGER(char) && IM_IS_INTEGER(enum colour));
    cr_assert(!IM_IS_INTEGER(bool) && !IM_IS_INTEGER(float) && !IM_IS_INTEGER(int *) && !IM_IS_INTEGER(route));
    cr_assert(IM_IS_BOOL(bool) && !IM_IS_BOOL(int));
    cr_assert(IM_IS_FLOATING(float) && IM_IS_FLOATING(double) && !IM_IS_FLOATING(int));
    cr_assert(IM_IS_POINTER(int *) && IM_IS_POINTER(callback *) && !IM_IS_POINTER(intptr_t));
    cr_assert(IM_IS_SCALAR(bool) && IM_IS_SCALAR(double) && IM_IS_SCALAR(char *) && !IM_IS_SCALAR(route));
}

Test(traits, tags_give_the_type_back_through_a_pointer_to_const)
{
    static int_cell cell = IM_CELL_INIT(3);
    const int_cell *shared = &cell;
    IM_TYPE(shared) copy = 4;
    copy++;
    cr_assert_eq(copy, 5);
    cr_assert(IM_IS_KIND(shared, cell));
    cr_assert(!IM_IS_KIND(shared, move_cell));
    cr_assert(!IM_IS_EXCLUSIVE(shared));
    cr_assert(IM_IS_EXCLUSIVE(&cell));
}
