/* SPDX-License-Identifier: MIT */
/**
 * @file lcell.h
 * Cells and their owner that the compiler knows by a variable: all checks are made while compiling, and nothing is left.
 *
 * Use it for a structure that lives in one block, or that belongs to the functions of one file. The owner is a variable
 * whose type is its own, the brand of its cells: a cell of another owner, also of one in another scope, does not compile.
 *
 *     static IM_LCELL_OWNER(roster);                       // or without static, in a block
 *
 *     struct member { const struct member_cell *next; int age; };
 *     IM_LCELL_STRUCT(member_cell, roster, struct member);
 *
 *     static void grow_older(im_lcell_owner(roster) *owner, const struct member_cell *self)
 *     {
 *         for (; self; self = im_lcell_ro(owner, self)->next)
 *             im_lcell_rw(owner, self)->age++;
 *     }
 *
 * The brand is the type of the variable. So do not declare a second variable with `im_lcell_owner(roster)`; and a block
 * that is entered again, by recursion, has a second owner of the same brand, whose cells must not meet those of the first.
 *
 * Who may do what: as for <intermut/qcell.h>, but a plain build checks nothing while running, except that cells which
 * are opened together share no byte. What blocks hold, and NULL, is a panic in a checked build. There are no owners to
 * make or to end. A zeroed cell holds a zeroed T. Any T, its size and alignment; cells of no size may be opened twice at
 * the same time. Cost: none; the machine code of `ro` and `rw` is that of a plain pointer (tests/token compares it).
 * Concurrency: several threads may use ro of one owner at the same time; who uses it exclusively is alone with it.
 * clang's analysis: <intermut/owner.h>. Source: Rust's crates ghost-cell, by M. Yanovski and others, and qcell.
 */
#ifndef INTERMUT_LCELL_H
#define INTERMUT_LCELL_H

#include <intermut/owner.h>

/** Declares the variable `owner`, with a type, and so a brand, of its own: in a block, or at file scope. */
#define IM_LCELL_OWNER(owner)                      \
    struct {                                       \
        struct im_raw_owner im_raw;                \
        IM_TAGS(lcell_owner, struct im_raw_owner); \
    } owner IM_UNUSED = {.im_raw = {.im_key = IM_RAW_OWNER_MARKED}}

/** The type of `owner`, for parameters. */
#define im_lcell_owner(owner) __typeof__(owner)

/** A cell that holds a T and belongs to the variable `owner`. Name the type once: `typedef im_lcell(owner, T) name;`. */
#define im_lcell(owner, T)     \
    struct {                   \
        IM__LCELL_OF(owner, T) \
    }

/** Declares `struct tag`, such a cell. For a T that points to its own cells: they can have `struct tag;`. */
#define IM_LCELL_STRUCT(tag, owner, T) \
    struct tag {                       \
        IM__LCELL_OF(owner, T)         \
    }

#define IM__LCELL_OF(owner, T)                                    \
    __typeof__(T) im_value;                                       \
    __typeof__(owner) *const im_brand[0] __attribute__((packed)); \
    IM_TAGS(lcell, T);

/** Static initialiser of a cell: `IM_LCELL_INIT(3)`, `IM_LCELL_INIT({1, 2})`. */
#define IM_LCELL_INIT(...)      \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** const T *: the value, to look at. Shared owner. */
#define im_lcell_ro(owner, self) IM__TOKEN_RO(LCELL, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same; NULL only in a checked build, while a block writes. Shared owner. */
#define im_lcell_try_ro(owner, self) IM__TOKEN_TRY_RO(LCELL, owner, self, IM__TOKEN_PLACE("try_ro", #owner, #self))

/** T *: the value, to change. Exclusive owner. */
#define im_lcell_rw(owner, self) IM__TOKEN_RW(LCELL, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** The same; NULL only in a checked build, while a block holds the owner. Exclusive owner. */
#define im_lcell_try_rw(owner, self) IM__TOKEN_TRY_RW(LCELL, owner, self, IM__TOKEN_PLACE("try_rw", #owner, #self))

/**
 * Two values to change at the same time: `im_lcell_rw2(owner, &a, &b, &p, &q)` gives p and q what rw gives for a and b.
 * They may be of two types. Exclusive owner. Panics when they share a byte: when they are one cell, or one is inside
 * the other.
 */
#define im_lcell_rw2(owner, a, b, out_a, out_b)                                         \
    IM__TOKEN_RW2(LCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("rw2", #owner, #a), \
                  IM__TOKEN_PLACE("rw2", #owner, #b))

/** int: the same: 0, EINVAL for an overlap, and in a checked build EBUSY for an owner that is held. */
#define im_lcell_try_rw2(owner, a, b, out_a, out_b)                                             \
    IM__TOKEN_TRY_RW2(LCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("try_rw2", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw2", #owner, #b))

/** Three values: `im_lcell_rw3(owner, &a, &b, &c, &p, &q, &r)`. */
#define im_lcell_rw3(owner, a, b, c, out_a, out_b, out_c)                                         \
    IM__TOKEN_RW3(LCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("rw3", #owner, #a), \
                  IM__TOKEN_PLACE("rw3", #owner, #b), IM__TOKEN_PLACE("rw3", #owner, #c))
#define im_lcell_try_rw3(owner, a, b, c, out_a, out_b, out_c)                                             \
    IM__TOKEN_TRY_RW3(LCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("try_rw3", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw3", #owner, #b), IM__TOKEN_PLACE("try_rw3", #owner, #c))

/**
 * As many as there are: `cells` is an array of `count` pointers to cells of one type, `values` one of as many T *.
 * Every two cells are compared, so some hundred at a time. Exclusive owner. Nothing is written unless all is well.
 */
#define im_lcell_rw_n(owner, count, cells, values) \
    IM__TOKEN_RW_N(LCELL, owner, count, cells, values, IM__TOKEN_PLACE("rw_n", #owner, #cells))
#define im_lcell_try_rw_n(owner, count, cells, values) \
    IM__TOKEN_TRY_RW_N(LCELL, owner, count, cells, values, IM__TOKEN_PLACE("try_rw_n", #owner, #cells))

/**
 * `im_lcell_with_ro(name, owner, cell) { … }`: a block in which `name` is a const T * to the value. It ends also by
 * return, goto or break; break and continue end the block, not a loop around it. Shared owner.
 */
#define im_lcell_with_ro(name, owner, self) \
    IM__TOKEN_BLOCK(LCELL, "with_ro", const, ro, open, close, name, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same with a T *: the owner opens no other cell meanwhile, as a checked build sees to. Exclusive owner. */
#define im_lcell_with_rw(name, owner, self) \
    IM__TOKEN_BLOCK(LCELL, "with_rw", , rw, open, close, name, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** `im_lcell_try_with_ro(name, owner, cell) { … } else { … }`: instead of a panic, in a checked build, the else part runs. */
#define im_lcell_try_with_ro(name, owner, self)                                              \
    IM__TOKEN_BLOCK(LCELL, "try_with_ro", const, ro, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("ro", #owner, #self))                                    \
    if (name)

/** The same with a T *. Exclusive owner. */
#define im_lcell_try_with_rw(name, owner, self)                                         \
    IM__TOKEN_BLOCK(LCELL, "try_with_rw", , rw, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("rw", #owner, #self))                               \
    if (name)

/** T *: the value, from an exclusive pointer to the cell: who is alone with it needs no owner. */
#define im_lcell_get_mut(self) IM__TOKEN_GET_MUT(LCELL, self)

/** T: the value of a cell that ends here. Exclusive. */
#define im_lcell_into_inner(self) IM__TOKEN_INTO_INNER(LCELL, self)

#define IM__LCELL_KEYED false
#define IM__LCELL_WITH_IDS false
#define IM__LCELL_ID(at) IM_RAW_OWNER_MARKED
#define IM__LCELL_ONLY(operation, at) IM_REQUIRE_KIND(at, lcell, "token: " operation " needs an im_lcell")
#define IM__LCELL_CHECK(operation, owner, at)                                                               \
    (IM__LCELL_ONLY(operation, at),                                                                         \
     IM_REQUIRE_KIND(owner, lcell_owner, "token: " operation " needs an owner declared by IM_LCELL_OWNER"), \
     IM_REQUIRE_SAME_TYPE(__typeof__(*(owner)), __typeof__(*(at)->im_brand[0]),                             \
                          "token: this cell belongs to another owner"))

#endif
