/* SPDX-License-Identifier: MIT */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(owner);

#define SUITE lcell
#define OP(name) im_lcell_##name
#define CELL(T) im_lcell(owner, T)
#define VALUE(...) IM_LCELL_INIT(__VA_ARGS__)
#define BEGIN ((void)0)
#define END ((void)0)
#define BLOCKS_ARE_KEPT IM_CHECKED
#include "operations.h"

struct member {
    const struct member_cell *next;
    int age;
};
IM_LCELL_STRUCT(member_cell, owner, struct member);

static void grow_older(im_lcell_owner(owner) * of, const struct member_cell *self)
{
    for (; self; self = im_lcell_ro(of, self)->next)
        im_lcell_rw(of, self)->age++;
}

Test(lcell, an_owner_at_file_scope_is_for_all_functions)
{
    struct member_cell second = IM_LCELL_INIT({NULL, 2}), first = IM_LCELL_INIT({&second, 1});
    grow_older(&owner, &first);
    cr_assert_eq(im_lcell_into_inner(&first).age + im_lcell_into_inner(&second).age, 5);
}

Test(lcell, an_owner_in_a_block_is_for_the_block)
{
    IM_LCELL_OWNER(local);
    typedef im_lcell(local, int) counter;
    counter one = IM_LCELL_INIT(1), two = IM_LCELL_INIT(2);
    const counter *shared = &one;
    {
        IM_LCELL_OWNER(inner);
        im_lcell(inner, int) three = IM_LCELL_INIT(3);
        im_lcell_with_rw(p, &inner, &three)
            *p += *im_lcell_ro(&local, &two);
        *im_lcell_rw(&local, shared) += *im_lcell_ro(&inner, &three);
    }
    int *p, *q;
    im_lcell_rw2(&local, &one, &two, &p, &q);
    cr_assert_eq(*p * *q, 12);
}
