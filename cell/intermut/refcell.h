/* SPDX-License-Identifier: MIT */
/**
 * @file refcell.h
 * A value that many holders in one thread may borrow, checked while running: many readers or one writer.
 *
 * Use it when somebody needs a pointer into a value that others may change: a document, a table, a tree. If copies will
 * do, an <intermut/cell.h> cannot fail. Not across threads.
 *
 *     typedef im_refcell(struct document) shared_document;
 *
 *     static void append(const shared_document *shared, const char *text)     // shared, and yet it changes
 *     {
 *         im_refcell_with_mut(document, shared) { document_append(document, text); }
 *     }
 *
 * ## Forms
 *
 * | form   | readers                        | a writer                           |
 * |--------|--------------------------------|------------------------------------|
 * | pair   | const T *im_refcell_borrow(c), | T *im_refcell_borrow_mut(c),       |
 * |        | im_refcell_release(c)          | im_refcell_release_mut(c)          |
 * | block  | im_refcell_with(name, c) { … } | im_refcell_with_mut(name, c) { … } |
 * | guard  | im_refcell_borrow_ref(type, c) | im_refcell_borrow_ref_mut(type, c) |
 * | value  |                                | replace replace_with swap take     |
 *
 * Guards are values that a function can return: <intermut/ref.h>. Each form panics when a borrow is in the way, and has
 * a `try_` form that says no: NULL, an else part, an empty guard, EBUSY. A release says what it releases: one of
 * the wrong kind is then a panic, and not the end of somebody else's borrow.
 *
 * A panic names the cell as the program spells it and this place; with -DIM_CHECKED=1 also every borrow in the way:
 *
 *     intermut: cannot borrow_mut `doc->text`: already borrowed
 *       here:      editor.c:212 in save()            thread 4711
 *       borrowed:  editor.c:88  in render_line()     thread 4711   (1 of 2)
 *                  editor.c:95  in render_cursor()   thread 4711   (2 of 2)
 *
 * In that build im_checked_borrows() has the same after a `try_` form said no, and im_checked_report() lists what was
 * never released. A use by a second thread is a panic that names both places, unless the first one has handed the cell
 * over (<intermut/thread_of_use.h>); so are NULL, and a use after im_refcell_into_inner().
 *
 * Any T, one word of memory more, and its alignment. A zeroed refcell is free and holds a zeroed T; it may be moved by
 * bytes while it is free. Cost: a borrow is a load, a test, an add and a store, and so is a release; all inlined.
 * Concurrency: one thread at a time. Not in a signal handler that may interrupt another use of the same cell: it may
 * count on a borrow that is half made, and the checked build takes a lock.
 * A borrow left by longjmp stays. Source: Rust's core::cell::RefCell.
 */
#ifndef INTERMUT_REFCELL_H
#define INTERMUT_REFCELL_H

#include <errno.h>

#include <intermut/cell.h>
#include <intermut/raw_refcell.h>
#include <intermut/ref.h>

/** A cell that lends its T. Name the type once: `typedef im_refcell(T) name;`. */
#define im_refcell(T)                 \
    struct {                          \
        struct im_raw_refcell im_raw; \
        __typeof__(T) im_value;       \
        IM_TAGS(refcell, T);          \
    }

/** Static initialiser; the argument initialises the T: `IM_REFCELL_INIT(3)`, `IM_REFCELL_INIT({1, 2})`. */
#define IM_REFCELL_INIT(...)    \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** const T *: the value, which nobody changes until im_refcell_release(). Shared. Panics while there is a writer. */
#define im_refcell_borrow(self)                                      \
    (IM__REFCELL_CHECK(self, "refcell: borrow needs an im_refcell"), \
     im__refcell_borrow(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or NULL while there is a writer, or INTPTR_MAX readers. Shared. */
#define im_refcell_try_borrow(self)                                              \
    IM__TRY((IM__REFCELL_CHECK(self, "refcell: try_borrow needs an im_refcell"), \
             im__refcell_try_borrow(self, IM_UNIQUE(at), IM_PLACE(#self))))

/** End a borrow. Shared. Panics when there is none. */
#define im_refcell_release(self)                                      \
    (IM__REFCELL_CHECK(self, "refcell: release needs an im_refcell"), \
     im__refcell_release(self, im_raw_refcell_release, IM_UNIQUE(at), IM_PLACE(#self)))

/** T *: the value, for the caller alone until im_refcell_release_mut(). Shared. Panics while it is borrowed. */
#define im_refcell_borrow_mut(self)                                      \
    (IM__REFCELL_CHECK(self, "refcell: borrow_mut needs an im_refcell"), \
     im__refcell_borrow_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or NULL while it is borrowed. Shared. */
#define im_refcell_try_borrow_mut(self)                                              \
    IM__TRY((IM__REFCELL_CHECK(self, "refcell: try_borrow_mut needs an im_refcell"), \
             im__refcell_try_borrow_mut(self, IM_UNIQUE(at), IM_PLACE(#self))))

/** End a mutable borrow. Shared. Panics when there is none. */
#define im_refcell_release_mut(self)                                      \
    (IM__REFCELL_CHECK(self, "refcell: release_mut needs an im_refcell"), \
     im__refcell_release(self, im_raw_refcell_release_mut, IM_UNIQUE(at), IM_PLACE(#self)))

/**
 * `im_refcell_with(name, cell) { … }`: a block in which `name` is a const T * to the borrowed value. The borrow ends
 * with the block, also by return, goto or break; break and continue end the block, not a loop around it.
 */
#define im_refcell_with(name, self)                                                                  \
    IM__REFCELL_BLOCK(const, name, self, im_raw_refcell_open, im_raw_refcell_close, IM_PLACE(#self), \
                      "refcell: with needs an im_refcell")

/** The same with a T *, for the block alone. */
#define im_refcell_with_mut(name, self)                                                                 \
    IM__REFCELL_BLOCK(, name, self, im_raw_refcell_open_mut, im_raw_refcell_close_mut, IM_PLACE(#self), \
                      "refcell: with_mut needs an im_refcell")

/** `im_refcell_try_with(name, cell) { … } else { … }`: instead of a panic the else part runs. */
#define im_refcell_try_with(name, self)                                                                      \
    IM__REFCELL_BLOCK(const, name, self, im_raw_refcell_try_open, im_raw_refcell_try_close, IM_PLACE(#self), \
                      "refcell: try_with needs an im_refcell")                                               \
    if (name)

/** The same with a T *. */
#define im_refcell_try_with_mut(name, self)                                                                     \
    IM__REFCELL_BLOCK(, name, self, im_raw_refcell_try_open_mut, im_raw_refcell_try_close_mut, IM_PLACE(#self), \
                      "refcell: try_with_mut needs an im_refcell")                                              \
    if (name)

/** A guard of the type `guard`, an im_ref(T): a borrow that a function can return. Shared. Panics as borrow does. */
#define im_refcell_borrow_ref(guard, self)                                                                     \
    (IM__REFCELL_GUARD_CHECK(guard, ref, self, "refcell: borrow_ref needs an im_ref(T) and an im_refcell(T)"), \
     im__refcell_borrow_ref(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or an empty guard. Shared. */
#define im_refcell_try_borrow_ref(guard, self)                                                                     \
    (IM__REFCELL_GUARD_CHECK(guard, ref, self, "refcell: try_borrow_ref needs an im_ref(T) and an im_refcell(T)"), \
     im__refcell_try_borrow_ref(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** A guard of the type `guard`, an im_ref_mut(T). Shared. Panics as borrow_mut does. */
#define im_refcell_borrow_ref_mut(guard, self)                                                       \
    (IM__REFCELL_GUARD_CHECK(guard, ref_mut, self,                                                   \
                             "refcell: borrow_ref_mut needs an im_ref_mut(T) and an im_refcell(T)"), \
     im__refcell_borrow_ref_mut(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or an empty guard. Shared. */
#define im_refcell_try_borrow_ref_mut(guard, self)                                                       \
    (IM__REFCELL_GUARD_CHECK(guard, ref_mut, self,                                                       \
                             "refcell: try_borrow_ref_mut needs an im_ref_mut(T) and an im_refcell(T)"), \
     im__refcell_try_borrow_ref_mut(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** T: the old value, with another one in its place: `im_refcell_replace(cell, value)`. Shared. */
#define im_refcell_replace(self, ...)                                 \
    (IM__REFCELL_CHECK(self, "refcell: replace needs an im_refcell"), \
     im__refcell_replace(self, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(old), IM_PLACE(#self)))

/**
 * 0, with the old value in *old, or EBUSY: `im_refcell_try_replace(cell, &old, value)`. Shared. The value comes last,
 * so that it can be a compound literal.
 */
#define im_refcell_try_replace(self, old, ...)                                                        \
    (IM__REFCELL_CHECK(self, "refcell: try_replace needs an im_refcell"),                             \
     IM__REFCELL_OUT_CHECK(self, old, "refcell: try_replace writes the old value to a T *"),          \
     im__refcell_try_replace(self, old, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(out), \
                             IM_PLACE(#self)))

/**
 * T: the old value, with one in its place that is computed from it: `im_refcell_replace_with(cell, p, p->next)` binds p
 * to a T * to the old value, which the expression may also change; the cell is mutably borrowed meanwhile. Shared.
 */
#define im_refcell_replace_with(self, name, ...)                                                          \
    (IM__REFCELL_CHECK(self, "refcell: replace_with needs an im_refcell"),                                \
     im__refcell_replace_with(self, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(block), IM_UNIQUE(new), \
                              IM_UNIQUE(old), IM_PLACE(#self)))

/**
 * 0, with the old value in *old, or EBUSY, and the expression is not evaluated:
 * `im_refcell_try_replace_with(cell, &old, p, p->next)`. Shared.
 */
#define im_refcell_try_replace_with(self, old, name, ...)                                                          \
    (IM__REFCELL_CHECK(self, "refcell: try_replace_with needs an im_refcell"),                                     \
     IM__REFCELL_OUT_CHECK(self, old, "refcell: try_replace_with writes the old value to a T *"),                  \
     im__refcell_try_replace_with(self, old, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(block), IM_UNIQUE(new), \
                                  IM_UNIQUE(out), IM_PLACE(#self)))

/** T: the old value, with a zeroed T in its place. Shared. */
#define im_refcell_take(self)                                      \
    (IM__REFCELL_CHECK(self, "refcell: take needs an im_refcell"), \
     im__refcell_take(self, IM_UNIQUE(at), IM_UNIQUE(old), IM_PLACE(#self)))

/** 0, with the value in *taken and a zeroed T in its place, or EBUSY. Shared. */
#define im_refcell_try_take(self, taken)                                                \
    (IM__REFCELL_CHECK(self, "refcell: try_take needs an im_refcell"),                  \
     IM__REFCELL_OUT_CHECK(self, taken, "refcell: try_take writes the value to a T *"), \
     im__refcell_try_take(self, taken, IM_UNIQUE(at), IM_UNIQUE(out), IM_PLACE(#self)))

/** Exchange the values of two cells of one type. Shared. Panics when they overlap: when they are one cell, too. */
#define im_refcell_swap(self, other)                                                         \
    (IM__REFCELL_SWAP_CHECK(self, other, "refcell: swap needs two im_refcells of one type"), \
     im__refcell_swap(self, other, IM_UNIQUE(one), IM_UNIQUE(two), IM_PLACE(#self), IM_PLACE(#other)))

/** 0, or EBUSY when one is borrowed or they overlap. Shared. */
#define im_refcell_try_swap(self, other)                                                         \
    (IM__REFCELL_SWAP_CHECK(self, other, "refcell: try_swap needs two im_refcells of one type"), \
     im__refcell_try_swap(self, other, IM_UNIQUE(one), IM_UNIQUE(two), IM_PLACE(#self), IM_PLACE(#other)))

/** const T *: the value, without counting the borrow, or NULL while there is a writer. For a look that ends at once. */
#define im_refcell_try_borrow_unguarded(self)                                              \
    IM__TRY((IM__REFCELL_CHECK(self, "refcell: try_borrow_unguarded needs an im_refcell"), \
             im__refcell_try_borrow_unguarded(self, IM_UNIQUE(at), IM_PLACE(#self))))

/** T *: the value itself. Exclusive. Panics when it is borrowed: then the pointer was not exclusive. */
#define im_refcell_get_mut(self)                                                                   \
    (IM__REFCELL_CHECK(self, "refcell: get_mut needs an im_refcell"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "refcell: get_mut needs an exclusive (non-const) pointer"), \
     im__refcell_get_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or NULL when it is borrowed. Exclusive. */
#define im_refcell_try_get_mut(self)                                                                   \
    (IM__REFCELL_CHECK(self, "refcell: try_get_mut needs an im_refcell"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "refcell: try_get_mut needs an exclusive (non-const) pointer"), \
     im__refcell_try_get_mut(self, IM_UNIQUE(at)))

/** T: the value of a cell that ends here. Exclusive. Panics when it is borrowed. */
#define im_refcell_into_inner(self)                                                                   \
    (IM__REFCELL_CHECK(self, "refcell: into_inner needs an im_refcell"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "refcell: into_inner needs an exclusive (non-const) pointer"), \
     im__refcell_into_inner(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** 0, with the value of a cell that ends here in *inner, or EBUSY. Exclusive. */
#define im_refcell_try_into_inner(self, inner)                                                            \
    (IM__REFCELL_CHECK(self, "refcell: try_into_inner needs an im_refcell"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "refcell: try_into_inner needs an exclusive (non-const) pointer"), \
     IM__REFCELL_OUT_CHECK(self, inner, "refcell: try_into_inner writes the value to a T *"),             \
     im__refcell_try_into_inner(self, inner, IM_UNIQUE(at), IM_UNIQUE(out), IM_PLACE(#self)))

/**
 * End the cell. Exclusive. Panics when it is borrowed, or destroyed already. What the value owns is the caller's affair.
 *
 * It is nobody's from here on: borrows and all other operations panic, until the cell is initialised anew.
 */
#define im_refcell_destroy(self)                                                                   \
    (IM__REFCELL_CHECK(self, "refcell: destroy needs an im_refcell"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "refcell: destroy needs an exclusive (non-const) pointer"), \
     im__refcell_destroy(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** 0, or EBUSY when it is borrowed, or destroyed already. Exclusive. */
#define im_refcell_try_destroy(self)                                                                   \
    (IM__REFCELL_CHECK(self, "refcell: try_destroy needs an im_refcell"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "refcell: try_destroy needs an exclusive (non-const) pointer"), \
     im__refcell_try_destroy(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** T *: the value, with all leaked borrows forgotten. Exclusive: the caller knows that nobody uses them any more. */
#define im_refcell_undo_leak(self)                                                                   \
    (IM__REFCELL_CHECK(self, "refcell: undo_leak needs an im_refcell"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "refcell: undo_leak needs an exclusive (non-const) pointer"), \
     im__refcell_undo_leak(self, IM_UNIQUE(at), IM_PLACE(#self)))

#define IM__REFCELL_CHECK(self, sentence) IM_REQUIRE_KIND(self, refcell, sentence)
#define IM__REFCELL_OUT_CHECK(self, out, sentence) IM_REQUIRE_SAME_TYPE(__typeof__(*(out)), IM_TYPE(self), sentence)
#define IM__REFCELL_SWAP_CHECK(self, other, sentence)                       \
    (IM__REFCELL_CHECK(self, sentence), IM__REFCELL_CHECK(other, sentence), \
     IM_REQUIRE_SAME_TYPE(IM_TYPE(self), IM_TYPE(other), sentence))
#define IM__REFCELL_GUARD_CHECK(guard, kind, self, sentence)                         \
    (IM__REFCELL_CHECK(self, sentence), IM_REQUIRE_KIND((guard *)0, kind, sentence), \
     IM_REQUIRE_SAME_TYPE(IM_TYPE((guard *)0), IM_TYPE(self), sentence))

/* `at` is the cell, evaluated once; always a shared pointer, as all of this goes through unsafe_cell. */
#define IM__REFCELL_AT(self, at) const __typeof__(*(self)) *at = (self)

#define im__refcell_borrow(self, at, place)                       \
    ({                                                            \
        IM__REFCELL_AT(self, at);                                 \
        im_raw_refcell_borrow(&at->im_raw, &at->im_value, place); \
        (const IM_TYPE(at) *)&at->im_value;                       \
    })

#define im__refcell_try_borrow(self, at, place)                                                                   \
    (const IM_TYPE(self) *)im_result_of_a_const_try(({                                                            \
        IM__REFCELL_AT(self, at);                                                                                 \
        im_raw_refcell_try_borrow(&at->im_raw, &at->im_value, place) ? (const IM_TYPE(at) *)&at->im_value : NULL; \
    }))

#define im__refcell_borrow_mut(self, at, place)                       \
    ({                                                                \
        IM__REFCELL_AT(self, at);                                     \
        im_raw_refcell_borrow_mut(&at->im_raw, &at->im_value, place); \
        im_unsafe_cell_get(at);                                       \
    })

#define im__refcell_try_borrow_mut(self, at, place)                                                       \
    (IM_TYPE(self) *)im_result_of_a_try(({                                                                \
        IM__REFCELL_AT(self, at);                                                                         \
        im_raw_refcell_try_borrow_mut(&at->im_raw, &at->im_value, place) ? im_unsafe_cell_get(at) : NULL; \
    }))

#define im__refcell_release(self, release, at, place) \
    ({                                                \
        IM__REFCELL_AT(self, at);                     \
        release(&at->im_raw, &at->im_value, place);   \
    })

#define IM__REFCELL_BLOCK(CONST, name, self, open, close, place, sentence)                                 \
    IM__REFCELL_BLOCK_BY(CONST, name, self, open, close, place, sentence, IM_UNIQUE(at), IM_UNIQUE(block), \
                         IM_UNIQUE(once))
/* The inner loop only declares `name`; after a break the outer one ends because its step clears `once`. */
#define IM__REFCELL_BLOCK_BY(CONST, name, self, open, close, place, sentence, at, block, once) \
    for (struct im_raw_refcell_block block IM_CLEANUP(close) = ({                              \
             IM__REFCELL_CHECK(self, sentence);                                                \
             IM__REFCELL_AT(self, at);                                                         \
             open(&at->im_raw, &at->im_value, place);                                          \
         }),                                                                                   \
                                           *once = &block;                                     \
         once; once = NULL)                                                                    \
        for (CONST IM_TYPE(self) *name = im_unsafe_unconst(block.value); (void)name, once; once = NULL)

#define im__refcell_borrow_ref(guard, self, at, place)            \
    ({                                                            \
        IM__REFCELL_AT(self, at);                                 \
        im_raw_refcell_borrow(&at->im_raw, &at->im_value, place); \
        IM__REF_OF(guard, {&at->im_raw}, &at->im_value);          \
    })

#define im__refcell_try_borrow_ref(guard, self, at, place)                                                             \
    ({                                                                                                                 \
        IM__REFCELL_AT(self, at);                                                                                      \
        im_raw_refcell_try_borrow(&at->im_raw, &at->im_value, place) ? IM__REF_OF(guard, {&at->im_raw}, &at->im_value) \
                                                                     : IM__REF_OF(guard, {NULL}, NULL);                \
    })

#define im__refcell_borrow_ref_mut(guard, self, at, place)            \
    ({                                                                \
        IM__REFCELL_AT(self, at);                                     \
        im_raw_refcell_borrow_mut(&at->im_raw, &at->im_value, place); \
        IM__REF_OF(guard, {&at->im_raw}, im_unsafe_cell_get(at));     \
    })

#define im__refcell_try_borrow_ref_mut(guard, self, at, place)           \
    ({                                                                   \
        IM__REFCELL_AT(self, at);                                        \
        im_raw_refcell_try_borrow_mut(&at->im_raw, &at->im_value, place) \
            ? IM__REF_OF(guard, {&at->im_raw}, im_unsafe_cell_get(at))   \
            : IM__REF_OF(guard, {NULL}, NULL);                           \
    })

/* The new value is computed first: it may use the cell. */
#define im__refcell_replace(self, value, at, new, old, place)       \
    ({                                                              \
        IM__REFCELL_AT(self, at);                                   \
        IM_TYPE(self) new = value;                                  \
        im_raw_refcell_require_free(&at->im_raw, "replace", place); \
        IM_TYPE(at) old = at->im_value;                             \
        *im_unsafe_cell_get(at) = new;                              \
        old;                                                        \
    })

#define im__refcell_try_replace(self, old, value, at, new, out, place) \
    ({                                                                 \
        IM__REFCELL_AT(self, at);                                      \
        IM_TYPE(self) *out = (old);                                    \
        IM_TYPE(self) new = value;                                     \
        im_raw_refcell_is_free(&at->im_raw, "replace", place)          \
            ? (*out = at->im_value, *im_unsafe_cell_get(at) = new, 0)  \
            : EBUSY;                                                   \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__refcell_replace_with(self, name, expression, at, block, new, old, place)       \
    ({                                                                                     \
        IM__REFCELL_AT(self, at);                                                          \
        im_raw_refcell_require_free(&at->im_raw, "replace_with", place);                   \
        struct im_raw_refcell_block block IM_UNUSED IM_CLEANUP(im_raw_refcell_close_mut) = \
            im_raw_refcell_open_mut(&at->im_raw, &at->im_value, place);                    \
        IM_TYPE(self) *name = im_unsafe_cell_get(at);                                      \
        IM_TYPE(at) new = expression;                                                      \
        IM_TYPE(at) old = at->im_value;                                                    \
        *im_unsafe_cell_get(at) = new;                                                     \
        old;                                                                               \
    })

#define im__refcell_try_replace_with(self, old, name, expression, at, block, new, out, place) \
    ({                                                                                        \
        IM__REFCELL_AT(self, at);                                                             \
        IM_TYPE(self) *out = (old);                                                           \
        struct im_raw_refcell_block block IM_CLEANUP(im_raw_refcell_try_close_mut) =          \
            im_raw_refcell_try_open_mut(&at->im_raw, &at->im_value, place);                   \
        if (block.cell) {                                                                     \
            IM_TYPE(self) *name = im_unsafe_cell_get(at);                                     \
            IM_TYPE(at) new = expression;                                                     \
            *out = at->im_value;                                                              \
            *im_unsafe_cell_get(at) = new;                                                    \
        }                                                                                     \
        block.cell ? 0 : EBUSY;                                                               \
    })

/* By bytes, as a T of no size has no zeroed literal. */
#define IM__REFCELL_ZERO(at) __builtin_memset(im_unsafe_cell_get(at), 0, sizeof(at)->im_value)

#define im__refcell_take(self, at, old, place)                   \
    ({                                                           \
        IM__REFCELL_AT(self, at);                                \
        im_raw_refcell_require_free(&at->im_raw, "take", place); \
        IM_TYPE(self) old = at->im_value;                        \
        IM__REFCELL_ZERO(at);                                    \
        old;                                                     \
    })

#define im__refcell_try_take(self, taken, at, out, place)                                                         \
    ({                                                                                                            \
        IM__REFCELL_AT(self, at);                                                                                 \
        IM_TYPE(self) *out = (taken);                                                                             \
        im_raw_refcell_is_free(&at->im_raw, "take", place) ? (*out = at->im_value, (void)IM__REFCELL_ZERO(at), 0) \
                                                           : EBUSY;                                               \
    })

#define im__refcell_swap(self, other, one, two, place_one, place_two)                             \
    ({                                                                                            \
        IM__REFCELL_AT(self, one);                                                                \
        IM__REFCELL_AT(other, two);                                                               \
        im_raw_refcell_check_swap(&one->im_raw, &two->im_raw, sizeof *one, place_one, place_two); \
        im__cell_swap(one, two);                                                                  \
    })

#define im__refcell_try_swap(self, other, one, two, place_one, place_two)                      \
    ({                                                                                         \
        IM__REFCELL_AT(self, one);                                                             \
        IM__REFCELL_AT(other, two);                                                            \
        im_raw_refcell_may_swap(&one->im_raw, &two->im_raw, sizeof *one, place_one, place_two) \
            ? (im__cell_swap(one, two), 0)                                                     \
            : EBUSY;                                                                           \
    })

#define im__refcell_try_borrow_unguarded(self, at, place)                                           \
    (const IM_TYPE(self) *)im_result_of_a_const_try(({                                              \
        IM__REFCELL_AT(self, at);                                                                   \
        im_raw_refcell_is_readable(&at->im_raw, place) ? (const IM_TYPE(at) *)&at->im_value : NULL; \
    }))

#define im__refcell_get_mut(self, at, place)                                \
    ({                                                                      \
        __typeof__(self) at = (self);                                       \
        im_raw_refcell_require_free_for_one(&at->im_raw, "get_mut", place); \
        &at->im_value;                                                      \
    })

#define im__refcell_try_get_mut(self, at)                                   \
    ({                                                                      \
        __typeof__(self) at = (self);                                       \
        im_raw_refcell_is_free_for_one(&at->im_raw) ? &at->im_value : NULL; \
    })

#define im__refcell_into_inner(self, at, place)                                \
    ({                                                                         \
        __typeof__(self) at = (self);                                          \
        im_raw_refcell_require_free_for_one(&at->im_raw, "into_inner", place); \
        im_raw_refcell_end_if_checked(&at->im_raw, place);                     \
        at->im_value;                                                          \
    })

#define im__refcell_try_into_inner(self, inner, at, out, place)                           \
    ({                                                                                    \
        __typeof__(self) at = (self);                                                     \
        IM_TYPE(self) *out = (inner);                                                     \
        im_raw_refcell_is_free_for_one(&at->im_raw)                                       \
            ? (im_raw_refcell_end_if_checked(&at->im_raw, place), *out = at->im_value, 0) \
            : EBUSY;                                                                      \
    })

#define im__refcell_destroy(self, at, place)                                \
    ({                                                                      \
        __typeof__(self) at = (self);                                       \
        im_raw_refcell_require_free_for_one(&at->im_raw, "destroy", place); \
        im_raw_refcell_end(&at->im_raw, place);                             \
    })

#define im__refcell_try_destroy(self, at, place)                                                           \
    ({                                                                                                     \
        __typeof__(self) at = (self);                                                                      \
        im_raw_refcell_is_free_for_one(&at->im_raw) ? (im_raw_refcell_end(&at->im_raw, place), 0) : EBUSY; \
    })

#define im__refcell_undo_leak(self, at, place)        \
    ({                                                \
        __typeof__(self) at = (self);                 \
        im_raw_refcell_undo_leak(&at->im_raw, place); \
        &at->im_value;                                \
    })

#endif
