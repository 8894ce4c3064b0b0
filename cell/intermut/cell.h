/* SPDX-License-Identifier: MIT */
/**
 * @file cell.h
 * A value that many holders in one thread may read and replace, because none of them ever gets a pointer into it.
 *
 * Use it for the small fields that change behind a shared (pointer-to-const) object: a cursor, a hit counter, a cached
 * result. Not across threads: see <intermut/atomic.h>. Not for values that own memory, which must be moved, not copied:
 * see <intermut/move_cell.h>.
 *
 *     typedef im_cell(int) int_cell;
 *
 *     struct page {
 *         const char *text;
 *         int_cell hits;
 *     };
 *
 *     const char *read_page(const struct page *page)        // shared, and yet it counts
 *     {
 *         im_cell_set(&page->hits, im_cell_get(&page->hits) + 1);
 *         return page->text;
 *     }
 *
 * Any T: scalar, struct, union, pointer, array wrapped in a struct, over-aligned. Same size and alignment as T. Never
 * define one const: a static const cell is in read-only memory, and a change is a crash.
 * Cost: that of the plain access; all of it is inlined. A zeroed cell holds a zeroed T.
 * Concurrency: one thread at a time, and not in a signal handler that may interrupt another use of the same cell. Two
 * threads that use one cell without ordering of their own race. With -DIM_CHECKED=1 a use by a second thread is a panic
 * that names both places, unless the first one has handed the cell over (<intermut/thread_of_use.h>), and so is NULL.
 * Source: Rust's core::cell::Cell.
 */
#ifndef INTERMUT_CELL_H
#define INTERMUT_CELL_H

#include <intermut/thread_of_use.h>
#include <intermut/unsafe_cell.h>

/** A cell that holds a T. Name the type once: `typedef im_cell(T) name;`. */
#define im_cell(T)              \
    struct {                    \
        __typeof__(T) im_value; \
        IM_TAGS(cell, T);       \
    }

/** Static initialiser; the argument initialises the T: `IM_CELL_INIT(3)`, `IM_CELL_INIT({1, 2})`. */
#define IM_CELL_INIT(...)       \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** T: a copy of the value. Shared. */
#define im_cell_get(self)                                                                                     \
    (IM__CELL_CHECK(self, "cell: get needs an im_cell (of a move_cell: T is not Copy, use replace or take)"), \
     IM__CELL_SHARED(self, "get", IM_PLACE(#self))->im_value)

/**
 * Replace the value: `im_cell_set(cell, value)`. Shared. A value that depends on the cell is computed before it
 * changes.
 */
#define im_cell_set(self, ...)                                                         \
    (IM__CELL_CHECK(self, "cell: set needs an im_cell (of a move_cell: use replace)"), \
     (void)(*im_unsafe_cell_get(IM__CELL_SHARED(self, "set", IM_PLACE(#self))) = (__VA_ARGS__)))

/** T: the old value, with another put in its place: `im_cell_replace(cell, value)`. Shared. */
#define im_cell_replace(self, ...)                           \
    (IM__CELL_CHECK(self, "cell: replace needs an im_cell"), \
     im__cell_replace(IM__CELL_SHARED(self, "replace", IM_PLACE(#self)), (__VA_ARGS__)))

/** T: the old value, with a zeroed T put in its place. Shared. */
#define im_cell_take(self)                                \
    (IM__CELL_CHECK(self, "cell: take needs an im_cell"), \
     im__cell_replace(IM__CELL_SHARED(self, "take", IM_PLACE(#self)), (IM_TYPE(self)){0}))

/** Exchange the values of two cells of one type. Shared. With itself: nothing happens. */
#define im_cell_swap(self, other)                                                                   \
    (IM__CELL_CHECK(self, "cell: swap needs two cells of one type"),                                \
     IM__CELL_CHECK(other, "cell: swap needs two cells of one type"),                               \
     IM_REQUIRE_SAME_TYPE(IM_TYPE(self), IM_TYPE(other), "cell: swap needs two cells of one type"), \
     im__cell_swap(IM__CELL_SHARED(self, "swap", IM_PLACE(#self)), IM__CELL_SHARED(other, "swap", IM_PLACE(#other))))

/**
 * T: the new value, computed from the old one: `im_cell_update(&hits, n, n + 1)` binds n to a copy of the value and
 * stores what the expression gives. Shared. The expression may use the cell; what it stores there is overwritten.
 */
#define im_cell_update(self, name, ...)                                                                    \
    (IM__CELL_CHECK(self, "cell: update needs an im_cell"),                                                \
     im__cell_update(IM__CELL_SHARED(self, "update", IM_PLACE(#self)), name, (__VA_ARGS__), IM_UNIQUE(at), \
                     IM_UNIQUE(new)))

/** T *: the value itself. Exclusive: only who is alone with the cell may hold a pointer into it. */
#define im_cell_get_mut(self)                                                                   \
    (IM__CELL_CHECK(self, "cell: get_mut needs an im_cell"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "cell: get_mut needs an exclusive (non-const) pointer"), \
     &IM__CELL_EXCLUSIVE(self)->im_value)

/** T: the value of a cell that ends here. Exclusive. */
#define im_cell_into_inner(self)                                                                   \
    (IM__CELL_CHECK(self, "cell: into_inner needs an im_cell"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "cell: into_inner needs an exclusive (non-const) pointer"), \
     IM__CELL_EXCLUSIVE(self)->im_value)

/* The cell, for an operation of those who share it, or of who is alone with it. Only the checked build looks at it. */
#if IM_CHECKED
#define IM__CELL_SHARED(self, operation, place) ((const __typeof__(*(self)) *)im_checked_used(self, operation, place))
#define IM__CELL_EXCLUSIVE(self) ((__typeof__(*(self)) *)im_checked_handed_over(self, sizeof *(self)))
#else
#define IM__CELL_SHARED(self, operation, place) (self)
#define IM__CELL_EXCLUSIVE(self) (self)
#endif

#define IM__CELL_CHECK(self, sentence) IM_REQUIRE_KIND(self, cell, sentence)

/* Shared with move_cell. The new value is computed first: it may read the cell, or change it. */
#define im__cell_replace(self, value) im__cell_replace_by(self, value, IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(old))
#define im__cell_replace_by(self, value, at, new, old) \
    ({                                                 \
        IM_TYPE(self) *at = im_unsafe_cell_get(self);  \
        IM_TYPE(self) new = value;                     \
        IM_TYPE(self) old = *at;                       \
        *at = new;                                     \
        old;                                           \
    })

#define im__cell_swap(self, other) im__cell_swap_by(self, other, IM_UNIQUE(one), IM_UNIQUE(two), IM_UNIQUE(kept))
#define im__cell_swap_by(self, other, one, two, kept)   \
    ({                                                  \
        IM_TYPE(self) *one = im_unsafe_cell_get(self);  \
        IM_TYPE(self) *two = im_unsafe_cell_get(other); \
        IM_TYPE(self) kept = *one;                      \
        *one = *two;                                    \
        *two = kept;                                    \
        (void)0;                                        \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__cell_update(self, name, expression, at, new) \
    ({                                                   \
        IM_TYPE(self) *at = im_unsafe_cell_get(self);    \
        IM_TYPE(self) name = *at;                        \
        __typeof__(*at) new = expression;                \
        *at = new;                                       \
        new;                                             \
    })

#endif
