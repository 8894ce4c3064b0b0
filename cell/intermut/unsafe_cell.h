/* SPDX-License-Identifier: MIT */
/**
 * @file unsafe_cell.h
 * The root of interior mutability: the one place in intermut where a pointer to const becomes a pointer to non-const.
 *
 * Use it to build a sharing type of your own; programs want one of the types that stand on it: `im_cell`,
 * `im_atomic`, … It checks nothing: who calls im_unsafe_cell_get() answers for it that nobody reads the value while
 * it changes.
 *
 *     typedef im_unsafe_cell(struct node) node_cell;
 *
 *     static void touch(const node_cell *shared)
 *     {
 *         struct node *node = im_unsafe_cell_get(shared);
 *         node->visits++;
 *     }
 *
 * Legal C as long as the object itself is not *defined* const (C11 6.7.3p6) and not reached through a `restrict`
 * pointer that promises nobody else changes it: docs/contract.md. Same size and alignment as T. Cost: none.
 * Source: Rust's core::cell::UnsafeCell.
 */
#ifndef INTERMUT_UNSAFE_CELL_H
#define INTERMUT_UNSAFE_CELL_H

#include <intermut/traits.h>

/** A T that may be changed through a pointer to const. */
#define im_unsafe_cell(T)        \
    struct {                     \
        __typeof__(T) im_value;  \
        IM_TAGS(unsafe_cell, T); \
    }

/** Static initialiser; the argument initialises the T: `IM_UNSAFE_CELL_INIT(3)`, `IM_UNSAFE_CELL_INIT({1, 2})`. */
#define IM_UNSAFE_CELL_INIT(...) \
    {                            \
        .im_value = __VA_ARGS__  \
    }

/** `pointer` without its const. Nothing else in intermut casts const away. */
static inline void *im_unsafe_unconst(const void *pointer)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
    return (void *)pointer;
#pragma GCC diagnostic pop
}

/** T *: the value inside, from a shared pointer. Works on every intermut type that holds its T in `im_value`. */
#define im_unsafe_cell_get(self) ((IM_TYPE(self) *)im_unsafe_unconst(&(self)->im_value))

/** T *: the value inside, from an exclusive pointer; needs no unsafety and no cell afterwards. */
#define im_unsafe_cell_get_mut(self)                                                                   \
    (IM_REQUIRE(IM_IS_EXCLUSIVE(self), "unsafe_cell: get_mut needs an exclusive (non-const) pointer"), \
     &(self)->im_value)

/** T: the value of a cell that ends here. Takes an exclusive pointer. */
#define im_unsafe_cell_into_inner(self)                                                                   \
    (IM_REQUIRE(IM_IS_EXCLUSIVE(self), "unsafe_cell: into_inner needs an exclusive (non-const) pointer"), \
     (self)->im_value)

#endif
