/* SPDX-License-Identifier: MIT */
/**
 * @file raw_refcell.h
 * The counter behind im_refcell and its guards: who may have the value now. Knows nothing of the value.
 *
 * Programs use <intermut/refcell.h>; this is what its macros call, and what may be called from C++.
 *
 * One signed number: 0 is free, n > 0 is n readers, -n is one writer whose borrow was split into n parts. A writer
 * needs 0. A reader needs that the number plus one is positive: one test that catches writers and overflow alike.
 * One number below those of writers is a cell that was destroyed: nobody gets it, at no cost.
 *
 * `value` is where the borrow points to and `place` where it is asked for; only the checked build and the cold paths
 * look at them, so in a plain build they cost nothing.
 */
#ifndef INTERMUT_RAW_REFCELL_H
#define INTERMUT_RAW_REFCELL_H

#include <stdint.h>

#include <intermut/thread_of_use.h>
#include <intermut/unsafe_cell.h>

/** Zeroed is free. */
struct im_raw_refcell {
    intptr_t borrows;
};

/** The number of a cell that was destroyed; a release of one too many still sees that it is negative. */
#define IM_RAW_REFCELL_DESTROYED (INTPTR_MIN / 2)

IM_BEGIN_DECLS

/** Panic: the cell is not free for `operation`. */
IM_NORETURN IM_COLD void im_raw_refcell_refuse(const struct im_raw_refcell *self, const char *operation,
                                               const struct im_place *place);

/** Panic: `operation`, a release, of what is not borrowed that way. */
IM_NORETURN IM_COLD void im_raw_refcell_not_borrowed(const struct im_raw_refcell *self, const char *operation,
                                                     const struct im_place *place);

/** Panic: `operation` on a guard that holds no borrow. */
IM_NORETURN IM_COLD void im_raw_ref_is_empty(const char *operation, const struct im_place *place);

/** Whether two cells of `bytes` bytes each do not overlap. */
bool im_raw_refcell_are_apart(const struct im_raw_refcell *one, const struct im_raw_refcell *two, size_t bytes);

/** Panic: they do. */
IM_NORETURN IM_COLD void im_raw_refcell_refuse_swap(const struct im_raw_refcell *one, const struct im_raw_refcell *two,
                                                    const struct im_place *place_one, const struct im_place *place_two);

IM_END_DECLS

static inline void im__raw_refcell_store(const struct im_raw_refcell *self, intptr_t borrows)
{
    ((struct im_raw_refcell *)im_unsafe_unconst(self))->borrows = borrows;
}

/* What the checked build does before each shared operation. The place where a cell was destroyed stays its last one. */
IM_INLINE void im__raw_refcell_used(const struct im_raw_refcell *self, const char *operation,
                                    const struct im_place *place)
{
    if (IM_CHECKED && (!self || self->borrows != IM_RAW_REFCELL_DESTROYED))
        im_checked_used(self, operation, place);
}

/** One more reader; false: not now. */
IM_INLINE bool im_raw_refcell_try_borrow(const struct im_raw_refcell *self, const void *value,
                                         const struct im_place *place)
{
    im__raw_refcell_used(self, "borrow", place);
    intptr_t borrows = (intptr_t)((uintptr_t)self->borrows + 1);
    if (IM_UNLIKELY(borrows <= 0))
        return false;
    if (IM_CHECKED)
        im_checked_borrowed(self, value, false, borrows == 1, place);
    im__raw_refcell_store(self, borrows);
    return true;
}

/** One more reader, or a panic. */
IM_INLINE void im_raw_refcell_borrow(const struct im_raw_refcell *self, const void *value, const struct im_place *place)
{
    if (IM_UNLIKELY(!im_raw_refcell_try_borrow(self, value, place)))
        im_raw_refcell_refuse(self, "borrow", place);
}

/** One reader less. */
IM_INLINE void im_raw_refcell_release(const struct im_raw_refcell *self, const void *value,
                                      const struct im_place *place)
{
    im__raw_refcell_used(self, "release", place);
    intptr_t left = self->borrows - 1;
    if (IM_UNLIKELY(left < 0))
        im_raw_refcell_not_borrowed(self, "release", place);
    if (IM_CHECKED)
        im_checked_released(self, value, place);
    im__raw_refcell_store(self, left);
}

/** The writer; false: not now. */
IM_INLINE bool im_raw_refcell_try_borrow_mut(const struct im_raw_refcell *self, const void *value,
                                             const struct im_place *place)
{
    im__raw_refcell_used(self, "borrow_mut", place);
    if (IM_UNLIKELY(self->borrows != 0))
        return false;
    if (IM_CHECKED)
        im_checked_borrowed(self, value, true, true, place);
    im__raw_refcell_store(self, -1);
    return true;
}

/** The writer, or a panic. */
IM_INLINE void im_raw_refcell_borrow_mut(const struct im_raw_refcell *self, const void *value,
                                         const struct im_place *place)
{
    if (IM_UNLIKELY(!im_raw_refcell_try_borrow_mut(self, value, place)))
        im_raw_refcell_refuse(self, "borrow_mut", place);
}

/** The writer, or one of its parts, goes. */
IM_INLINE void im_raw_refcell_release_mut(const struct im_raw_refcell *self, const void *value,
                                          const struct im_place *place)
{
    im__raw_refcell_used(self, "release_mut", place);
    if (IM_UNLIKELY(self->borrows >= 0 || (IM_CHECKED && self->borrows == IM_RAW_REFCELL_DESTROYED)))
        im_raw_refcell_not_borrowed(self, "release_mut", place);
    if (IM_CHECKED)
        im_checked_released(self, value, place);
    im__raw_refcell_store(self, self->borrows + 1);
}

/** Whether it is free for an operation that begins and ends at once. */
IM_INLINE bool im_raw_refcell_is_free(const struct im_raw_refcell *self, const char *operation,
                                      const struct im_place *place)
{
    im__raw_refcell_used(self, operation, place);
    return self->borrows == 0;
}

/** Panic unless it is. */
IM_INLINE void im_raw_refcell_require_free(const struct im_raw_refcell *self, const char *operation,
                                           const struct im_place *place)
{
    if (IM_UNLIKELY(!im_raw_refcell_is_free(self, operation, place)))
        im_raw_refcell_refuse(self, operation, place);
}

/** Whether two cells of `bytes` bytes each may be swapped: they are free and do not overlap. */
IM_INLINE bool im_raw_refcell_may_swap(const struct im_raw_refcell *one, const struct im_raw_refcell *two, size_t bytes,
                                       const struct im_place *place_one, const struct im_place *place_two)
{
    return im_raw_refcell_is_free(one, "swap", place_one) && im_raw_refcell_is_free(two, "swap", place_two) &&
           im_raw_refcell_are_apart(one, two, bytes);
}

/** Panic unless they may. */
IM_INLINE void im_raw_refcell_check_swap(const struct im_raw_refcell *one, const struct im_raw_refcell *two,
                                         size_t bytes, const struct im_place *place_one,
                                         const struct im_place *place_two)
{
    im_raw_refcell_require_free(one, "swap", place_one);
    im_raw_refcell_require_free(two, "swap", place_two);
    if (IM_UNLIKELY(!im_raw_refcell_are_apart(one, two, bytes)))
        im_raw_refcell_refuse_swap(one, two, place_one, place_two);
}

/** Whether there is no writer. */
IM_INLINE bool im_raw_refcell_is_readable(const struct im_raw_refcell *self, const struct im_place *place)
{
    im__raw_refcell_used(self, "borrow", place);
    return self->borrows >= 0;
}

/** Whether it is free for an operation of who is alone with it. */
IM_INLINE bool im_raw_refcell_is_free_for_one(struct im_raw_refcell *self)
{
    if (IM_CHECKED)
        im_checked_handed_over(self, sizeof *self);
    return self->borrows == 0;
}

/** Panic unless it is. */
IM_INLINE void im_raw_refcell_require_free_for_one(struct im_raw_refcell *self, const char *operation,
                                                   const struct im_place *place)
{
    if (IM_UNLIKELY(!im_raw_refcell_is_free_for_one(self)))
        im_raw_refcell_refuse(self, operation, place);
}

/** A free cell ends. */
IM_INLINE void im_raw_refcell_end(struct im_raw_refcell *self, const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_ended(self, place);
    self->borrows = IM_RAW_REFCELL_DESTROYED;
}

/** The same where the value is taken out: the checked build knows that the cell is not used again. */
IM_INLINE void im_raw_refcell_end_if_checked(struct im_raw_refcell *self, const struct im_place *place)
{
    if (IM_CHECKED)
        im_raw_refcell_end(self, place);
}

/** Forget all borrows, for who is alone with the cell. Panics when it was destroyed. */
static inline void im_raw_refcell_undo_leak(struct im_raw_refcell *self, const struct im_place *place)
{
    if (IM_UNLIKELY(self->borrows == IM_RAW_REFCELL_DESTROYED))
        im_raw_refcell_refuse(self, "undo_leak", place);
    if (IM_CHECKED) {
        im_checked_forget(self);
        im_checked_handed_over(self, sizeof *self);
    }
    self->borrows = 0;
}

/** The borrow of a block. Without a cell, after a try_open: there is none. */
struct im_raw_refcell_block {
    const struct im_raw_refcell *cell;
    const void *value;
    const struct im_place *place;
};

IM_INLINE struct im_raw_refcell_block im_raw_refcell_open(const struct im_raw_refcell *self, const void *value,
                                                          const struct im_place *place)
{
    im_raw_refcell_borrow(self, value, place);
    return (struct im_raw_refcell_block){self, value, place};
}

IM_INLINE struct im_raw_refcell_block im_raw_refcell_try_open(const struct im_raw_refcell *self, const void *value,
                                                              const struct im_place *place)
{
    if (im_raw_refcell_try_borrow(self, value, place))
        return (struct im_raw_refcell_block){self, value, place};
    return (struct im_raw_refcell_block){NULL, NULL, place};
}

IM_INLINE void im_raw_refcell_close(struct im_raw_refcell_block *block)
{
    im_raw_refcell_release(block->cell, block->value, block->place);
}

IM_INLINE void im_raw_refcell_try_close(struct im_raw_refcell_block *block)
{
    if (block->cell)
        im_raw_refcell_close(block);
}

IM_INLINE struct im_raw_refcell_block im_raw_refcell_open_mut(const struct im_raw_refcell *self, const void *value,
                                                              const struct im_place *place)
{
    im_raw_refcell_borrow_mut(self, value, place);
    return (struct im_raw_refcell_block){self, value, place};
}

IM_INLINE struct im_raw_refcell_block im_raw_refcell_try_open_mut(const struct im_raw_refcell *self, const void *value,
                                                                  const struct im_place *place)
{
    if (im_raw_refcell_try_borrow_mut(self, value, place))
        return (struct im_raw_refcell_block){self, value, place};
    return (struct im_raw_refcell_block){NULL, NULL, place};
}

IM_INLINE void im_raw_refcell_close_mut(struct im_raw_refcell_block *block)
{
    im_raw_refcell_release_mut(block->cell, block->value, block->place);
}

IM_INLINE void im_raw_refcell_try_close_mut(struct im_raw_refcell_block *block)
{
    if (block->cell)
        im_raw_refcell_close_mut(block);
}

/** What a guard value holds besides its pointer. Without a cell, it holds nothing; zeroed is that. */
struct im_raw_ref {
    const struct im_raw_refcell *cell;
};

/** Panic unless the guard holds a borrow. */
IM_INLINE void im_raw_ref_require(const struct im_raw_ref *ref, const char *operation, const struct im_place *place)
{
    if (IM_UNLIKELY(!ref->cell))
        im_raw_ref_is_empty(operation, place);
    im__raw_refcell_used(ref->cell, operation, place);
}

/** End the guard, whose borrow goes elsewhere. */
static inline struct im_raw_ref im_raw_ref_move(struct im_raw_ref *ref)
{
    struct im_raw_ref moved = *ref;
    ref->cell = NULL;
    return moved;
}

/** The same, when the borrow points to something else from now on. */
static inline struct im_raw_ref im_raw_ref_move_to(struct im_raw_ref *ref, const void *from, const void *to)
{
    if (IM_CHECKED)
        im_checked_moved(ref->cell, from, to);
    return im_raw_ref_move(ref);
}

/** One more reader of the same value. */
static inline struct im_raw_ref im_raw_ref_clone(const struct im_raw_ref *ref, const void *value,
                                                 const struct im_place *place)
{
    im_raw_ref_require(ref, "clone", place);
    if (IM_UNLIKELY(!im_raw_refcell_try_borrow(ref->cell, value, place)))
        im_raw_refcell_refuse(ref->cell, "clone", place);
    return *ref;
}

static inline void im_raw_ref_release(struct im_raw_ref *ref, const void *value, const struct im_place *place)
{
    im_raw_ref_require(ref, "release", place);
    im_raw_refcell_release(ref->cell, value, place);
    ref->cell = NULL;
}

static inline void im_raw_ref_mut_release(struct im_raw_ref *ref, const void *value, const struct im_place *place)
{
    im_raw_ref_require(ref, "release", place);
    im_raw_refcell_release_mut(ref->cell, value, place);
    ref->cell = NULL;
}

/** At the end of the scope of a guard, which begins with its struct im_raw_ref: it may be empty by then. */
static inline void im_raw_ref_leave(void *guard)
{
    struct im_raw_ref *ref = (struct im_raw_ref *)guard;
    if (ref->cell)
        im_raw_ref_release(ref, NULL, NULL);
}

static inline void im_raw_ref_mut_leave(void *guard)
{
    struct im_raw_ref *ref = (struct im_raw_ref *)guard;
    if (ref->cell)
        im_raw_ref_mut_release(ref, NULL, NULL);
}

/** A part of a split: the guard that gets it, and the bytes that it is made of. */
struct im_raw_ref_part {
    struct im_raw_ref *ref;
    const void *value;
    size_t bytes;
};

IM_BEGIN_DECLS

/** One reader becomes as many as there are parts; `whole` is empty afterwards. Panics on overflow. */
void im_raw_ref_split(struct im_raw_ref *whole, const void *value, const struct im_raw_ref_part *parts, size_t count,
                      const struct im_place *place);

/** The same with the writer. Panics also when two parts overlap. */
void im_raw_ref_mut_split(struct im_raw_ref *whole, const void *value, const struct im_raw_ref_part *parts,
                          size_t count, const struct im_place *place);

IM_END_DECLS

#endif
