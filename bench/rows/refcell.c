/* SPDX-License-Identifier: MIT */
/*
 * Borrows with code in and between them that the compiler knows nothing of, so that the count is really kept in memory.
 */
#include "value_loop.h"

#include <intermut/refcell.h>

typedef im_refcell(uint64_t) u64_refcell;

/* The borrowed value is read, or changed, in the middle. */
#define LOOK(p) bench_keep(*(p))
#define CHANGE(p)         \
    do {                  \
        *(p) += i;        \
        bench_keep(*(p)); \
    } while (0)

#define REFCELL_ROWS(name, tag, Object, borrow, borrow_mut)                                                       \
    VALUE_BENCH("refcell/borrow/8B", name, tag##_borrow, uint64_t, Object, VALUE_IN_REGISTER, borrow)             \
    VALUE_BENCH("refcell/borrow_mut/8B", name, tag##_borrow_mut, uint64_t, Object, VALUE_IN_REGISTER, borrow_mut) \
    SIZE_BENCH("refcell/bytes/8B", name, tag##_bytes, Object)

REFCELL_ROWS("plain memory", plain_refcell, uint64_t, LOOK(object), CHANGE(object))

#define PAIR                                       \
    const uint64_t *p = im_refcell_borrow(object); \
    LOOK(p);                                       \
    im_refcell_release(object)
#define PAIR_MUT                                 \
    uint64_t *p = im_refcell_borrow_mut(object); \
    CHANGE(p);                                   \
    im_refcell_release_mut(object)
REFCELL_ROWS("intermut", pair_refcell, const u64_refcell, PAIR, PAIR_MUT)

#define BLOCK                  \
    im_refcell_with(p, object) \
    LOOK(p)
#define BLOCK_MUT                  \
    im_refcell_with_mut(p, object) \
    CHANGE(p)
REFCELL_ROWS("intermut, block", block_refcell, const u64_refcell, BLOCK, BLOCK_MUT)

typedef im_ref(uint64_t) u64_ref;
typedef im_ref_mut(uint64_t) u64_ref_mut;
#define GUARD                                                           \
    IM_REF_SCOPED u64_ref ref = im_refcell_borrow_ref(u64_ref, object); \
    LOOK(im_ref_get(&ref))
#define GUARD_MUT                                                                       \
    IM_REF_MUT_SCOPED u64_ref_mut ref = im_refcell_borrow_ref_mut(u64_ref_mut, object); \
    CHANGE(im_ref_mut_get(&ref))
REFCELL_ROWS("intermut, guard", guard_refcell, const u64_refcell, GUARD, GUARD_MUT)
