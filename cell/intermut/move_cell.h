/* SPDX-License-Identifier: MIT */
/**
 * @file move_cell.h
 * A cell for values that must have exactly one owner: they are moved in and out, never copied.
 *
 * Use it for what owns memory or a descriptor: a buffer, a queue head, a FILE *. Where a copy is harmless, use im_cell.
 *
 *     typedef im_move_cell(struct buffer) spare_buffer;
 *
 *     struct buffer mine = im_move_cell_take(&pool->spare);    // now the pool has a zeroed one
 *     ...
 *     struct buffer old = im_move_cell_replace(&pool->spare, mine);
 *     buffer_free(&old);
 *
 * Same size and alignment as T, same cost as the plain moves, one thread at a time (with -DIM_CHECKED=1 checked as in
 * <intermut/cell.h>). A zeroed cell holds a zeroed T, which should therefore mean "nothing". Source: the crates movecell and mitochondria.
 */
#ifndef INTERMUT_MOVE_CELL_H
#define INTERMUT_MOVE_CELL_H

#include <intermut/cell.h>

/** A cell that holds a T which is not Copy. */
#define im_move_cell(T)         \
    struct {                    \
        __typeof__(T) im_value; \
        IM_TAGS(move_cell, T);  \
    }

/** Static initialiser; the argument initialises the T. */
#define IM_MOVE_CELL_INIT(...)  \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/**
 * T: the old value, which the caller owns from here on: `im_move_cell_replace(cell, value)`; the cell owns `value`.
 * Shared.
 */
#define im_move_cell_replace(self, ...)                                     \
    (IM__MOVE_CELL_CHECK(self, "move_cell: replace needs an im_move_cell"), \
     im__cell_replace(IM__CELL_SHARED(self, "replace", IM_PLACE(#self)), (__VA_ARGS__)))

/** T: the old value, which the caller owns from here on; the cell holds a zeroed T. Shared. */
#define im_move_cell_take(self)                                          \
    (IM__MOVE_CELL_CHECK(self, "move_cell: take needs an im_move_cell"), \
     im__cell_replace(IM__CELL_SHARED(self, "take", IM_PLACE(#self)), (IM_TYPE(self)){0}))

/** Exchange the values of two move cells of one type. Shared. With itself: nothing happens. */
#define im_move_cell_swap(self, other)                                                                        \
    (IM__MOVE_CELL_CHECK(self, "move_cell: swap needs two move cells of one type"),                           \
     IM__MOVE_CELL_CHECK(other, "move_cell: swap needs two move cells of one type"),                          \
     IM_REQUIRE_SAME_TYPE(IM_TYPE(self), IM_TYPE(other), "move_cell: swap needs two move cells of one type"), \
     im__cell_swap(IM__CELL_SHARED(self, "swap", IM_PLACE(#self)), IM__CELL_SHARED(other, "swap", IM_PLACE(#other))))

/** T: the value of a cell that ends here. Exclusive. */
#define im_move_cell_into_inner(self)                                                                   \
    (IM__MOVE_CELL_CHECK(self, "move_cell: into_inner needs an im_move_cell"),                          \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "move_cell: into_inner needs an exclusive (non-const) pointer"), \
     IM__CELL_EXCLUSIVE(self)->im_value)

/** Not for move cells: get would leave two owners of one value. Does not compile, and says so. */
#define im_move_cell_get(self) \
    IM_REQUIRE(!sizeof(*(self)), "move_cell: T is not Copy, so there is no get: use replace or take")

/** Not for move cells: set would lose the value that the cell owns. Does not compile, and says so. */
#define im_move_cell_set(self, ...) \
    IM_REQUIRE(!sizeof(*(self)),    \
               "move_cell: T is not Copy, so there is no set: use replace, which gives the old value back")

#define IM__MOVE_CELL_CHECK(self, sentence) IM_REQUIRE_KIND(self, move_cell, sentence)

#endif
