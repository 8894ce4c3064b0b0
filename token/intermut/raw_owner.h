/* SPDX-License-Identifier: MIT */
/**
 * @file raw_owner.h
 * What every owner of token cells is inside, and the check that each access makes. Knows nothing of the values.
 *
 * Programs use <intermut/qcell.h>, <intermut/tcell.h>, <intermut/tlcell.h> or <intermut/lcell.h>; this is what their
 * macros call.
 *
 * An owner has an id, and each of its cells the same one (those of types that the compiler tells apart have a constant
 * instead). The owner's word `im_key` is the id while it is free, id + 1 while a block writes to one of its cells, and 2
 * when it has ended. So one comparison of the key with the cell's id finds a foreign cell, an owner that has ended, and a
 * second writer. What it does not find is an owner that was never made with a cell that was never filled, both zeroed:
 * that would take one instruction more at each access, and is left to the checked build.
 *
 * Ids: multiples of 4, so that the two bits below are free. 0 is nobody's; IM_RAW_OWNER_MARKED that of types with a
 * marker; a pinned owner has its address, a multiple of 8; counted owners have 8 n + 4, for n = 0, 1, 2, … and never one
 * twice.
 *
 * In a checked build the records of <intermut/checked.h> say the rest, under the owner's address: which blocks are open.
 * Concurrency: the key is plain memory, which who has the owner exclusively may write, and others may read while nobody
 * does: whoever breaks that is found by ThreadSanitizer.
 */
#ifndef INTERMUT_RAW_OWNER_H
#define INTERMUT_RAW_OWNER_H

#include <errno.h>
#include <stdint.h>

#include <intermut/checked.h>
#include <intermut/thread_safety.h>
#include <intermut/unsafe_cell.h>

/* What is added to the id in a key; the key of an owner that has ended; the id where the compiler knows it. */
enum { IM_RAW_OWNER_HELD = 1, IM_RAW_OWNER_ENDED = 2, IM_RAW_OWNER_MARKED = 4 };

/** A place where an owner opens a cell. */
struct im_token_place {
    struct im_place cell;
    const char *owner;
    const char *operation;
};

/** A pointer to the place where this is written; static, so that passing it costs one instruction. */
#define IM__TOKEN_PLACE(operation, owner, cell)                        \
    ({                                                                 \
        static const struct im_token_place im__token_place = {         \
            {cell, {__FILE__, __func__, __LINE__}}, owner, operation}; \
        &im__token_place;                                              \
    })

/** Zeroed is an owner that has not been made. */
struct IM_CAPABILITY("owner") im_raw_owner {
    _Alignas(8) uint64_t im_key;
    const struct im_place *im_made;         /**< NULL: by a static initialiser */
    const struct im_token_place *im_writer; /**< of the block that holds it, when one does */
    long im_thread;                         /**< the one that it must not leave; 0: it may be handed on */
};

/** A cell among those that are opened together. */
struct im_token_part {
    const void *cell;
    size_t bytes;
    const struct im_token_place *place;
};

IM_BEGIN_DECLS

/** The owner begins, with this id. */
void im_raw_owner_make(struct im_raw_owner *owner, uint64_t id, const struct im_place *place);

/** It opens nothing any more. Panics while a block holds it, or when it did not begin. */
void im_raw_owner_end(struct im_raw_owner *owner, const struct im_place *place);

/** Panic: the owner's key does not fit the id of the cell. */
IM_NORETURN IM_COLD void im_raw_owner_refuse(const struct im_raw_owner *owner, uint64_t id,
                                             const struct im_token_place *place);

/** The same for one of several cells that are opened together, which begins with its id if `with_ids`. */
IM_NORETURN IM_COLD void im_raw_owner_refuse_part(const struct im_raw_owner *owner, bool with_ids, const void *cell,
                                                  const struct im_token_place *place);

/** Why it does not: EBUSY, a block holds the owner, or EPERM, the cell is not the owner's. */
IM_COLD int im_raw_owner_obstacle(const struct im_raw_owner *owner, uint64_t id);

/** Panic: two cells are one, or overlap. */
IM_NORETURN IM_COLD void im_raw_owner_refuse_overlap(const void *one, const void *two,
                                                     const struct im_token_place *place_one,
                                                     const struct im_token_place *place_two);

/**
 * Check `count` cells of `bytes` bytes, whose addresses are at `cells`, and copy these to `values`, each `offset`
 * further. `with_ids`: a cell begins with its id. 0, EPERM, EBUSY, or EINVAL when two overlap; count² / 2 comparisons.
 */
int im_raw_owner_try_gather(const struct im_raw_owner *owner, bool keyed, bool with_ids, void *values,
                            const void *cells, size_t count, size_t bytes, size_t offset);

/** The same, or a panic. */
void im_raw_owner_gather(const struct im_raw_owner *owner, bool keyed, bool with_ids, void *values, const void *cells,
                         size_t count, size_t bytes, size_t offset, const struct im_token_place *place);

/*
 * For the checked build.
 */

/** An owner begins where another one may have been, whose blocks were left by longjmp. */
void im_checked_owner_begin(struct im_raw_owner *owner);

/** An owner ends. Panics while a block holds it. */
void im_checked_owner_end(const struct im_raw_owner *owner, const struct im_place *place);

/** Panic when `cell` or the owner is NULL, a pinned owner is not where it was made, or one of a thread is elsewhere. */
void im_checked_owner_require(const struct im_raw_owner *owner, const void *cell, const struct im_token_place *place);

/** The same for the cells of an array. */
void im_checked_owner_require_all(const struct im_raw_owner *owner, const void *cells, size_t count,
                                  const struct im_token_place *place);

/** Panic when an open block, or a hold of another thread, is in the way; or say so. */
void im_checked_owner_look(const struct im_raw_owner *owner, bool exclusive, const struct im_token_place *place);
bool im_checked_owner_try_look(const struct im_raw_owner *owner, bool exclusive);

/** The same for a block, which is recorded when it may open. */
void im_checked_owner_open(const struct im_raw_owner *owner, const void *cell, bool exclusive,
                           const struct im_token_place *place);
bool im_checked_owner_try_open(const struct im_raw_owner *owner, const void *cell, bool exclusive,
                               const struct im_token_place *place);

/** This thread holds the owner from now on, and no longer. */
void im_checked_owner_hold(const struct im_raw_owner *owner, bool exclusive, const struct im_place *place);
void im_checked_owner_release(const struct im_raw_owner *owner, bool exclusive, const struct im_place *place);

IM_END_DECLS

/** An owner that is about to be made. */
IM_INLINE struct im_raw_owner *im_raw_owner_beginning(struct im_raw_owner *owner)
{
    if (IM_CHECKED)
        im_checked_owner_begin(owner);
    return owner;
}

/** One that is about to end. */
IM_INLINE struct im_raw_owner *im_raw_owner_ending(struct im_raw_owner *owner, const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_owner_end(owner, place);
    return owner;
}

static inline uint64_t im_raw_owner_id(const struct im_raw_owner *owner)
{
    return owner->im_key & ~(uint64_t)3;
}

/**
 * Whether the owner opens a cell with this id now. Not `keyed`: what the compiler has checked already; a constant, as
 * in all functions below.
 */
IM_INLINE bool im_raw_owner_opens(const struct im_raw_owner *owner, bool keyed, uint64_t id)
{
    return !keyed || IM_LIKELY(owner->im_key == id);
}

IM_INLINE void im__raw_owner_check(const struct im_raw_owner *owner, const void *cell, bool keyed, uint64_t id,
                                   const struct im_token_place *place)
{
    if (IM_CHECKED)
        im_checked_owner_require(owner, cell, place);
    if (!im_raw_owner_opens(owner, keyed, id))
        im_raw_owner_refuse(owner, id, place);
}

/** One look into a cell, or a panic. */
IM_INLINE void im_raw_owner_ro(const struct im_raw_owner *owner, const void *cell, bool keyed, uint64_t id,
                               const struct im_token_place *place) IM_REQUIRES_SHARED(*owner)
{
    im__raw_owner_check(owner, cell, keyed, id, place);
    if (IM_CHECKED)
        im_checked_owner_look(owner, false, place);
}

/** The same; false: not now, or never. */
IM_INLINE bool im_raw_owner_try_ro(const struct im_raw_owner *owner, const void *cell, bool keyed, uint64_t id,
                                   const struct im_token_place *place) IM_REQUIRES_SHARED(*owner)
{
    if (IM_CHECKED)
        im_checked_owner_require(owner, cell, place);
    return im_raw_owner_opens(owner, keyed, id) && (!IM_CHECKED || im_checked_owner_try_look(owner, false));
}

/** One change of a cell, or a panic. */
IM_INLINE void im_raw_owner_rw(struct im_raw_owner *owner, const void *cell, bool keyed, uint64_t id,
                               const struct im_token_place *place) IM_REQUIRES(*owner)
{
    im__raw_owner_check(owner, cell, keyed, id, place);
    if (IM_CHECKED)
        im_checked_owner_look(owner, true, place);
}

IM_INLINE bool im_raw_owner_try_rw(struct im_raw_owner *owner, const void *cell, bool keyed, uint64_t id,
                                   const struct im_token_place *place) IM_REQUIRES(*owner)
{
    if (IM_CHECKED)
        im_checked_owner_require(owner, cell, place);
    return im_raw_owner_opens(owner, keyed, id) && (!IM_CHECKED || im_checked_owner_try_look(owner, true));
}

/**
 * Whether the two share a byte: -bytes_one < one - two < bytes_two, which is one comparison of unsigned numbers when the
 * sizes are constants.
 */
IM_INLINE bool im_token_do_overlap(const void *one, size_t bytes_one, const void *two, size_t bytes_two)
{
    uintptr_t distance = (uintptr_t)one + (bytes_one - 1) - (uintptr_t)two;
    return (bytes_one != 0) & (bytes_two != 0) & (distance < bytes_one + bytes_two - 1);
}

/* The id of a cell, which begins with it, or of all cells of a type with a marker. */
IM_INLINE uint64_t im__token_part_id(bool with_ids, const void *cell)
{
    if (!with_ids)
        return IM_RAW_OWNER_MARKED;
    /* A cell that is NULL is reported by the checked build, which therefore must not look into it. */
    return IM_CHECKED && !cell ? 0 : *(const uint64_t *)cell;
}

/* As im_raw_owner_rw(); the id is not kept for the panic, so that one instruction compares it with the key. */
IM_INLINE void im__raw_owner_rw_part(struct im_raw_owner *owner, bool keyed, bool with_ids, struct im_token_part part)
{
    if (IM_CHECKED)
        im_checked_owner_require(owner, part.cell, part.place);
    if (!im_raw_owner_opens(owner, keyed, im__token_part_id(with_ids, part.cell)))
        im_raw_owner_refuse_part(owner, with_ids, part.cell, part.place);
    if (IM_CHECKED)
        im_checked_owner_look(owner, true, part.place);
}

IM_INLINE void im_token_require_apart(struct im_token_part one, struct im_token_part two)
{
    if (IM_UNLIKELY(im_token_do_overlap(one.cell, one.bytes, two.cell, two.bytes)))
        im_raw_owner_refuse_overlap(one.cell, two.cell, one.place, two.place);
}

/** Two cells that change together, which begin with their ids if `with_ids`: 0, or a panic. */
IM_INLINE int im_raw_owner_rw2(struct im_raw_owner *owner, bool keyed, bool with_ids, struct im_token_part one,
                               struct im_token_part two) IM_REQUIRES(*owner)
{
    im__raw_owner_rw_part(owner, keyed, with_ids, one);
    im__raw_owner_rw_part(owner, keyed, with_ids, two);
    im_token_require_apart(one, two);
    return 0;
}

/** 0, EPERM, EBUSY, or EINVAL: they overlap. */
IM_INLINE int im_raw_owner_try_rw2(struct im_raw_owner *owner, bool keyed, bool with_ids, struct im_token_part one,
                                   struct im_token_part two) IM_REQUIRES(*owner)
{
    if (!im_raw_owner_try_rw(owner, one.cell, keyed, im__token_part_id(with_ids, one.cell), one.place))
        return im_raw_owner_obstacle(owner, im__token_part_id(with_ids, one.cell));
    if (!im_raw_owner_try_rw(owner, two.cell, keyed, im__token_part_id(with_ids, two.cell), two.place))
        return im_raw_owner_obstacle(owner, im__token_part_id(with_ids, two.cell));
    return im_token_do_overlap(one.cell, one.bytes, two.cell, two.bytes) ? EINVAL : 0;
}

/** Three. */
IM_INLINE int im_raw_owner_rw3(struct im_raw_owner *owner, bool keyed, bool with_ids, struct im_token_part one,
                               struct im_token_part two, struct im_token_part three) IM_REQUIRES(*owner)
{
    (void)im_raw_owner_rw2(owner, keyed, with_ids, one, two);
    im__raw_owner_rw_part(owner, keyed, with_ids, three);
    im_token_require_apart(one, three);
    im_token_require_apart(two, three);
    return 0;
}

IM_INLINE int im_raw_owner_try_rw3(struct im_raw_owner *owner, bool keyed, bool with_ids, struct im_token_part one,
                                   struct im_token_part two, struct im_token_part three) IM_REQUIRES(*owner)
{
    int error = im_raw_owner_try_rw2(owner, keyed, with_ids, one, two);
    if (!error)
        error = im_raw_owner_try_rw2(owner, keyed, with_ids, one, three);
    if (!error)
        error = im_raw_owner_try_rw2(owner, keyed, with_ids, two, three);
    return error;
}

/** As many as there are: im_raw_owner_gather(). */
IM_INLINE void im_raw_owner_rw_n(struct im_raw_owner *owner, bool keyed, bool with_ids, void *values, const void *cells,
                                 size_t count, size_t bytes, size_t offset, const struct im_token_place *place)
    IM_REQUIRES(*owner)
{
    if (IM_CHECKED)
        im_checked_owner_require_all(owner, cells, count, place);
    im_raw_owner_gather(owner, keyed, with_ids, values, cells, count, bytes, offset, place);
    if (IM_CHECKED)
        im_checked_owner_look(owner, true, place);
}

IM_INLINE int im_raw_owner_try_rw_n(struct im_raw_owner *owner, bool keyed, bool with_ids, void *values,
                                    const void *cells, size_t count, size_t bytes, size_t offset,
                                    const struct im_token_place *place) IM_REQUIRES(*owner)
{
    if (IM_CHECKED) {
        im_checked_owner_require_all(owner, cells, count, place);
        if (!im_checked_owner_try_look(owner, true))
            return EBUSY;
    }
    return im_raw_owner_try_gather(owner, keyed, with_ids, values, cells, count, bytes, offset);
}

/** What is `offset` bytes into a cell that its owner has opened; NULL without a cell. */
IM_INLINE void *im_token_value(const void *cell, size_t offset)
{
    return cell ? (char *)im_unsafe_unconst(cell) + offset : NULL;
}

/** The hold of a block on a cell. Without an owner, after a try_open: there is none. */
struct im_token_ro_block {
    const struct im_raw_owner *owner;
    const void *cell;
    const struct im_token_place *place;
};

struct im_token_rw_block {
    struct im_raw_owner *owner;
    const void *cell;
    const struct im_token_place *place;
    bool keyed;
};

IM_INLINE struct im_token_ro_block im_raw_owner_open_ro(const struct im_raw_owner *owner, const void *cell, bool keyed,
                                                        uint64_t id, const struct im_token_place *place)
    IM_REQUIRES_SHARED(*owner)
{
    im__raw_owner_check(owner, cell, keyed, id, place);
    if (IM_CHECKED)
        im_checked_owner_open(owner, cell, false, place);
    return (struct im_token_ro_block){owner, cell, place};
}

IM_INLINE struct im_token_ro_block im_raw_owner_try_open_ro(const struct im_raw_owner *owner, const void *cell,
                                                            bool keyed, uint64_t id, const struct im_token_place *place)
    IM_REQUIRES_SHARED(*owner)
{
    if (IM_CHECKED)
        im_checked_owner_require(owner, cell, place);
    if (!im_raw_owner_opens(owner, keyed, id) || (IM_CHECKED && !im_checked_owner_try_open(owner, cell, false, place)))
        return (struct im_token_ro_block){NULL, NULL, place};
    return (struct im_token_ro_block){owner, cell, place};
}

IM_INLINE void im_raw_owner_close_ro(struct im_token_ro_block *block)
{
    if (IM_CHECKED)
        im_checked_released(block->owner, block->cell, &block->place->cell);
}

IM_INLINE void im_raw_owner_try_close_ro(struct im_token_ro_block *block)
{
    if (block->owner)
        im_raw_owner_close_ro(block);
}

/* The key says "held" while the block is open. */
IM_INLINE struct im_token_rw_block im__raw_owner_rw_block(struct im_raw_owner *owner, const void *cell, bool keyed,
                                                          const struct im_token_place *place)
{
    if (keyed) {
        owner->im_key += IM_RAW_OWNER_HELD;
        owner->im_writer = place;
    }
    return (struct im_token_rw_block){owner, cell, place, keyed};
}

IM_INLINE struct im_token_rw_block im_raw_owner_open_rw(struct im_raw_owner *owner, const void *cell, bool keyed,
                                                        uint64_t id, const struct im_token_place *place)
    IM_REQUIRES(*owner)
{
    im__raw_owner_check(owner, cell, keyed, id, place);
    if (IM_CHECKED)
        im_checked_owner_open(owner, cell, true, place);
    return im__raw_owner_rw_block(owner, cell, keyed, place);
}

IM_INLINE struct im_token_rw_block im_raw_owner_try_open_rw(struct im_raw_owner *owner, const void *cell, bool keyed,
                                                            uint64_t id, const struct im_token_place *place)
    IM_REQUIRES(*owner)
{
    if (IM_CHECKED)
        im_checked_owner_require(owner, cell, place);
    if (!im_raw_owner_opens(owner, keyed, id) || (IM_CHECKED && !im_checked_owner_try_open(owner, cell, true, place)))
        return (struct im_token_rw_block){NULL, NULL, place, keyed};
    return im__raw_owner_rw_block(owner, cell, keyed, place);
}

IM_INLINE void im_raw_owner_close_rw(struct im_token_rw_block *block)
{
    if (block->keyed)
        block->owner->im_key -= IM_RAW_OWNER_HELD;
    if (IM_CHECKED)
        im_checked_released(block->owner, block->cell, &block->place->cell);
}

IM_INLINE void im_raw_owner_try_close_rw(struct im_token_rw_block *block)
{
    if (block->owner)
        im_raw_owner_close_rw(block);
}

/* For clang's analysis; at run time for the checked build only. */
IM_INLINE void im_raw_owner_hold(struct im_raw_owner *owner, const struct im_place *place)
    IM_ACQUIRE(*owner) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_owner_hold(owner, true, place);
}

IM_INLINE void im_raw_owner_hold_shared(const struct im_raw_owner *owner, const struct im_place *place)
    IM_ACQUIRE_SHARED(*owner) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_owner_hold(owner, false, place);
}

IM_INLINE void im_raw_owner_release(struct im_raw_owner *owner, const struct im_place *place)
    IM_RELEASE(*owner) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_owner_release(owner, true, place);
}

IM_INLINE void im_raw_owner_release_shared(const struct im_raw_owner *owner, const struct im_place *place)
    IM_RELEASE_SHARED(*owner) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_owner_release(owner, false, place);
}

#endif
