/* SPDX-License-Identifier: MIT */
/**
 * @file mut_once.h
 * A value that may be changed until somebody takes a reference to it, and is fixed from then on, for ever.
 *
 * Use it for what is put together from several places at the start and only read afterwards: a registry of plug-ins,
 * a table of commands, options with defaults. The end of the first phase need not be agreed on: the first reader makes
 * it, and from then on reading costs one load and no lock.
 *
 *     static im_sync_mut_once(struct registry) plugins;
 *
 *     im_mut_once_with_mut(r, &plugins) { registry_add(r, plugin); }         // any thread, until the first reference
 *
 *     const struct registry *r = im_mut_once_get(&plugins);                  // any thread; now it is fixed
 *
 * | operation                                      | gives                                                           |
 * |------------------------------------------------|-----------------------------------------------------------------|
 * | with_mut(name, cell) { … }                     | a block with a T *; panics                                      |
 * | try_with_mut(name, cell) { … } else { … }      | the same; the else part instead of a panic                      |
 * | borrow_mut(cell) release_mut(cell)             | T *, and its end; panics                                        |
 * | try_borrow_mut(cell)                           | T *, NULL instead of a panic                                    |
 * | get(cell)                                      | const T *, which fixes the value; panics                        |
 * | try_get(cell)                                  | the same, NULL instead of a panic                               |
 * | is_fixed(cell)                                 | bool                                                            |
 * | exclusive: get_mut try_get_mut(cell)           | T *, also of a fixed one: nobody else has a reference           |
 * | exclusive: into_inner(cell) try_into_inner(cell, &out) | T; 0 or EBUSY while it is borrowed                      |
 *
 * Two types, with the same operations: im_mut_once(T) for one thread, im_sync_mut_once(T) for threads, which wait for
 * each other's borrows. Three ways to break the rule, three panics: to borrow what is fixed; to borrow what
 * this thread has borrowed already; to take a reference while this thread has borrowed it. Each names the other place.
 *
 * A block ends its borrow however it is left (return, goto, break; thread exit and cancel where the program is compiled
 * with -fexceptions); what was changed by then stays. A borrow belongs to the thread that took it. In the child of a
 * fork(), borrows of other threads count as ended: what they were at may be half done.
 *
 * Any T. 16 bytes more. A zeroed object holds a zeroed T. Cost: get is one acquire load and a test once it is fixed; a
 * borrow of the sync form is two locked instructions and a call. Source: the crate mutate_once; sync form: ours.
 */
#ifndef INTERMUT_MUT_ONCE_H
#define INTERMUT_MUT_ONCE_H

#include <intermut/once.h>

/** A T that may be changed until the first reference, in one thread. Name the type once: `typedef im_mut_once(T) name;`. */
#define im_mut_once(T)             \
    struct {                       \
        struct im_raw_once im_raw; \
        __typeof__(T) im_value;    \
        IM_TAGS(mut_once, T);      \
    }

/** The same for threads. */
#define im_sync_mut_once(T)        \
    struct {                       \
        struct im_raw_once im_raw; \
        __typeof__(T) im_value;    \
        IM_TAGS(sync_mut_once, T); \
    }

/** Static initialiser of both; the argument initialises the T: `IM_MUT_ONCE_INIT(3)`, `IM_MUT_ONCE_INIT({1, 2})`. */
#define IM_MUT_ONCE_INIT(...)   \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** T *: the value, for the caller alone until im_mut_once_release_mut(). Shared. The sync form waits for other threads. */
#define im_mut_once_borrow_mut(self)                                        \
    (IM__MUT_ONCE_CHECK(self, "mut_once: borrow_mut needs an im_mut_once"), \
     im__mut_once_borrow_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or NULL when it is fixed, or borrowed by this thread. Shared. Waits as the other one. */
#define im_mut_once_try_borrow_mut(self)                                        \
    (IM__MUT_ONCE_CHECK(self, "mut_once: try_borrow_mut needs an im_mut_once"), \
     im__mut_once_try_borrow_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** End this thread's borrow. Shared. Panics when there is none. Order: release; pairs with the next borrow or get. */
#define im_mut_once_release_mut(self)                                        \
    (IM__MUT_ONCE_CHECK(self, "mut_once: release_mut needs an im_mut_once"), \
     im__mut_once_release_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** `im_mut_once_with_mut(name, cell) { … }`: a block with a T *. Shared. break and continue end the block. */
#define im_mut_once_with_mut(name, self)                                                                        \
    IM__MUT_ONCE_BLOCK(name, self, im__mut_once_hold, "mut_once: with_mut needs an im_mut_once", IM_UNIQUE(at), \
                       IM_UNIQUE(hold), IM_PLACE(#self))

/** `im_mut_once_try_with_mut(name, cell) { … } else { … }`: the else part runs where the other one panics. Shared. */
#define im_mut_once_try_with_mut(name, self)                                                             \
    IM__MUT_ONCE_BLOCK(name, self, im__mut_once_try_hold, "mut_once: try_with_mut needs an im_mut_once", \
                       IM_UNIQUE(at), IM_UNIQUE(hold), IM_PLACE(#self))                                  \
    if (name)

/** const T *: the value, which nobody changes any more. Shared. The sync form waits for other threads' borrows. */
#define im_mut_once_get(self)                                        \
    (IM__MUT_ONCE_CHECK(self, "mut_once: get needs an im_mut_once"), \
     im__mut_once_get(self, IM_UNIQUE(at), IM_UNIQUE(error), IM_PLACE(#self)))

/** The same, or NULL while this thread has borrowed it. Shared. Waits as the other one. */
#define im_mut_once_try_get(self)                                        \
    (IM__MUT_ONCE_CHECK(self, "mut_once: try_get needs an im_mut_once"), \
     im__mut_once_try_get(self, IM_UNIQUE(at), IM_UNIQUE(error), IM_PLACE(#self)))

/** bool: whether somebody has taken a reference. Shared. */
#define im_mut_once_is_fixed(self)                                        \
    (IM__MUT_ONCE_CHECK(self, "mut_once: is_fixed needs an im_mut_once"), \
     im__mut_once_is_fixed(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** T *: the value itself, fixed or not. Exclusive. Panics when it is borrowed: then the pointer was not exclusive. */
#define im_mut_once_get_mut(self)                                                                   \
    (IM__MUT_ONCE_CHECK(self, "mut_once: get_mut needs an im_mut_once"),                            \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "mut_once: get_mut needs an exclusive (non-const) pointer"), \
     im__mut_once_get_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or NULL when it is borrowed. Exclusive. */
#define im_mut_once_try_get_mut(self)                                                                   \
    (IM__MUT_ONCE_CHECK(self, "mut_once: try_get_mut needs an im_mut_once"),                            \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "mut_once: try_get_mut needs an exclusive (non-const) pointer"), \
     im__mut_once_try_get_mut(self, IM_UNIQUE(at)))

/** T: the value of a cell that ends here. Exclusive. Panics when it is borrowed. */
#define im_mut_once_into_inner(self)                                                                   \
    (IM__MUT_ONCE_CHECK(self, "mut_once: into_inner needs an im_mut_once"),                            \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "mut_once: into_inner needs an exclusive (non-const) pointer"), \
     im__mut_once_into_inner(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** int: 0, with the value of a cell that ends here moved to *inner, a T *; EBUSY: it is borrowed. Exclusive. */
#define im_mut_once_try_into_inner(self, inner)                                                            \
    (IM__MUT_ONCE_CHECK(self, "mut_once: try_into_inner needs an im_mut_once"),                            \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "mut_once: try_into_inner needs an exclusive (non-const) pointer"), \
     IM__ONCE_OUT_CHECK(self, inner, "mut_once: try_into_inner moves the value to a T *"),                 \
     im__mut_once_try_into_inner(self, inner, IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(free)))

/* ---- What the macros are made of ---- */

struct im_kind_sync_mut_once;

#define IM__MUT_ONCE_CHECK(self, sentence)                                                       \
    ((void)sizeof(struct {                                                                       \
        IM__ASSERT_POINTS_TO_RECORD(self, sentence);                                             \
        _Static_assert(IM_IS_KIND(self, mut_once) || IM_IS_KIND(self, sync_mut_once), sentence); \
        char im_unused;                                                                          \
    }))

/** Borrow the value, or panic; `sharing` is a constant. */
IM_INLINE void im_raw_mut_once_borrow(const struct im_raw_once *self, enum im_once_sharing sharing,
                                      const struct im_place *place)
{
    int error = im__once_begin(self, sharing, place);
    if (IM_UNLIKELY(error))
        im_raw_mut_once_refuse(self, error, "borrow_mut", place);
}

IM_INLINE void im_raw_mut_once_release(const struct im_raw_once *self, enum im_once_sharing sharing,
                                       const struct im_place *place)
{
    if (IM_UNLIKELY(!(sharing == IM_ONCE_SYNC ? im_raw_once_release(self) : im_raw_unsync_once_release(self))))
        im_raw_mut_once_refuse(self, EPERM, "release_mut", place);
}

/** Fix the value: 0, or EDEADLK. */
IM_INLINE int im_raw_mut_once_fix(const struct im_raw_once *self, enum im_once_sharing sharing,
                                  const struct im_place *place)
{
    int error = sharing == IM_ONCE_SYNC ? im_raw_once_fix(self, place) : im_raw_unsync_once_fix(self, place);
    return error == EEXIST ? 0 : error;
}

/* The borrow of a block. Without a cell: there is none. */
struct im__mut_once_hold {
    const struct im_raw_once *cell;
    void *value;
    const struct im_place *place;
    enum im_once_sharing sharing;
};

IM_INLINE struct im__mut_once_hold im__mut_once_hold(const struct im_raw_once *self, void *value,
                                                     enum im_once_sharing sharing, const struct im_place *place)
{
    im_raw_mut_once_borrow(self, sharing, place);
    return (struct im__mut_once_hold){self, value, place, sharing};
}

IM_INLINE struct im__mut_once_hold im__mut_once_try_hold(const struct im_raw_once *self, void *value,
                                                         enum im_once_sharing sharing, const struct im_place *place)
{
    if (im__once_begin(self, sharing, place))
        return (struct im__mut_once_hold){NULL, NULL, place, sharing};
    return (struct im__mut_once_hold){self, value, place, sharing};
}

IM_INLINE void im__mut_once_let_go(struct im__mut_once_hold *hold)
{
    if (hold->cell)
        im_raw_mut_once_release(hold->cell, hold->sharing, hold->place);
}

#define im__mut_once_borrow_mut(self, at, place)                          \
    ({                                                                    \
        IM__ONCE_AT(self, at, "borrow_mut", place);                       \
        im_raw_mut_once_borrow(&at->im_raw, IM__ONCE_SHARING(at), place); \
        im_unsafe_cell_get(at);                                           \
    })

#define im__mut_once_try_borrow_mut(self, at, place)                                                   \
    ({                                                                                                 \
        IM__ONCE_AT(self, at, "try_borrow_mut", place);                                                \
        im__once_begin(&at->im_raw, IM__ONCE_SHARING(at), place) == 0 ? im_unsafe_cell_get(at) : NULL; \
    })

#define im__mut_once_release_mut(self, at, place)                          \
    ({                                                                     \
        IM__ONCE_AT(self, at, "release_mut", place);                       \
        im_raw_mut_once_release(&at->im_raw, IM__ONCE_SHARING(at), place); \
    })

/* The inner loop only declares `name`; after a break the outer one ends because its step clears `once`. */
#define IM__MUT_ONCE_BLOCK(name, self, take, sentence, at, hold, place) \
    IM__MUT_ONCE_BLOCK_BY(name, self, take, sentence, at, hold, IM_UNIQUE(once), place)
#define IM__MUT_ONCE_BLOCK_BY(name, self, take, sentence, at, hold, once, place)     \
    for (struct im__mut_once_hold hold IM_CLEANUP(im__mut_once_let_go) = ({          \
             IM__MUT_ONCE_CHECK(self, sentence);                                     \
             IM__ONCE_AT(self, at, "borrow_mut", place);                             \
             take(&at->im_raw, im_unsafe_cell_get(at), IM__ONCE_SHARING(at), place); \
         }),                                                                         \
                                       *once = &hold;                                \
         once; once = NULL)                                                          \
        for (IM_TYPE(self) *name = hold.value; (void)name, once; once = NULL)

#define im__mut_once_is_fixed(self, at, place)    \
    ({                                            \
        IM__ONCE_AT(self, at, "is_fixed", place); \
        IM__ONCE_IS_FULL(at);                     \
    })

#define im__mut_once_get(self, at, error, place)                                             \
    ({                                                                                       \
        IM__ONCE_AT(self, at, "get", place);                                                 \
        if (IM_UNLIKELY(!IM__ONCE_IS_FULL(at))) {                                            \
            const int error = im_raw_mut_once_fix(&at->im_raw, IM__ONCE_SHARING(at), place); \
            if (error)                                                                       \
                im_raw_mut_once_refuse(&at->im_raw, error, "get", place);                    \
        }                                                                                    \
        IM__ONCE_VALUE(at);                                                                  \
    })

#define im__mut_once_try_get(self, at, error, place)                                                                \
    ({                                                                                                              \
        IM__ONCE_AT(self, at, "try_get", place);                                                                    \
        const int error = IM__ONCE_IS_FULL(at) ? 0 : im_raw_mut_once_fix(&at->im_raw, IM__ONCE_SHARING(at), place); \
        error == 0 ? IM__ONCE_VALUE(at) : NULL;                                                                     \
    })

#define IM__MUT_ONCE_REQUIRE_FREE(at, operation, place) \
    if (im_raw_once_is_running(&at->im_raw))            \
    im_raw_mut_once_refuse(&at->im_raw, EBUSY, operation, place)

#define im__mut_once_get_mut(self, at, place)            \
    ({                                                   \
        IM__ONCE_ALONE(self, at);                        \
        IM__MUT_ONCE_REQUIRE_FREE(at, "get_mut", place); \
        &at->im_value;                                   \
    })

#define im__mut_once_into_inner(self, at, place)            \
    ({                                                      \
        IM__ONCE_ALONE(self, at);                           \
        IM__MUT_ONCE_REQUIRE_FREE(at, "into_inner", place); \
        at->im_value;                                       \
    })

#define im__mut_once_try_get_mut(self, at)                          \
    ({                                                              \
        IM__ONCE_ALONE(self, at);                                   \
        im_raw_once_is_running(&at->im_raw) ? NULL : &at->im_value; \
    })

#define im__mut_once_try_into_inner(self, inner, at, out, free)        \
    ({                                                                 \
        IM__ONCE_ALONE(self, at);                                      \
        IM_TYPE(at) *const out = (inner);                              \
        const bool free = !im_raw_once_is_running(&at->im_raw);        \
        if (free)                                                      \
            __builtin_memcpy(out, &at->im_value, sizeof at->im_value); \
        free ? 0 : EBUSY;                                              \
    })

#endif
