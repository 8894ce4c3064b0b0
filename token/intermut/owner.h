/* SPDX-License-Identifier: MIT */
/**
 * @file owner.h
 * What owners of all kinds have in common: holding one, for clang's thread-safety analysis and for the checked build.
 *
 * A pointer to non-const says that its user is alone with the owner, but not why. Who knows why, since the owner was
 * just made, or a mutex around it was just locked, says so with im_owner_hold(), and im_owner_release() when that ends:
 *
 *     static void append(struct list *list, int value) IM_REQUIRES(IM_OWNER(&list->owner))
 *     ...
 *     pthread_mutex_lock(&mutex);
 *     im_owner_hold(&list.owner);
 *     append(&list, 3);
 *     im_owner_release(&list.owner);
 *     pthread_mutex_unlock(&mutex);
 *
 * With clang's -Wthread-safety, `rw` outside of an exclusive hold, `ro` outside of any, and holding another owner than
 * the one that is used are warnings. A function between the two says with IM_REQUIRES or IM_REQUIRES_SHARED that its
 * caller holds the owner. Owners are told apart by how they are spelt. Without that option nobody needs to hold
 * anything, and under gcc the words are empty.
 *
 * Cost: none; holding is a statement, not a lock. With -DIM_CHECKED=1 the library remembers it: holding what another
 * thread holds, and using it meanwhile, are panics that name both places. A hold is released by the thread that took it.
 */
#ifndef INTERMUT_OWNER_H
#define INTERMUT_OWNER_H

#include <intermut/raw_owner.h>

/** An owner in the words of thread_safety.h: `void f(struct list *list) IM_REQUIRES(IM_OWNER(&list->owner));`. */
#define IM_OWNER(owner) (owner)->im_raw

/** This thread is alone with the owner from now on. Exclusive. */
#define im_owner_hold(owner)                                             \
    (IM__OWNER_CHECK("hold", owner), IM__OWNER_EXCLUSIVE("hold", owner), \
     im_raw_owner_hold(&IM_OWNER(owner), IM_PLACE(#owner)))

/** And no longer. Exclusive. */
#define im_owner_release(owner)                                                \
    (IM__OWNER_CHECK("release", owner), IM__OWNER_EXCLUSIVE("release", owner), \
     im_raw_owner_release(&IM_OWNER(owner), IM_PLACE(#owner)))

/** Nobody uses the owner exclusively from now on, as far as this thread is concerned. Shared. */
#define im_owner_hold_shared(owner) \
    (IM__OWNER_CHECK("hold_shared", owner), im_raw_owner_hold_shared(&IM_OWNER(owner), IM_PLACE(#owner)))

/** And no longer. Shared. */
#define im_owner_release_shared(owner) \
    (IM__OWNER_CHECK("release_shared", owner), im_raw_owner_release_shared(&IM_OWNER(owner), IM_PLACE(#owner)))

#define IM__OWNER_CHECK(operation, owner)                                                                           \
    IM_REQUIRE(_Generic(&IM_OWNER(owner), struct im_raw_owner * : 1, const struct im_raw_owner * : 1, default : 0), \
               "token: " operation " needs an owner")
#define IM__OWNER_EXCLUSIVE(operation, owner)                                            \
    IM_REQUIRE(_Generic(&IM_OWNER(owner), const struct im_raw_owner * : 0, default : 1), \
               "token: " operation " needs an exclusive (non-const) owner")

/*
 * The operations of all kinds of cell. KIND is QCELL, TCELL, TLCELL or LCELL, and stands for three macros:
 * IM__<KIND>_CHECK refuses what types can show, IM__<KIND>_KEYED says whether the owner's key is looked at, and
 * IM__<KIND>_ID is the id in a cell. The owner is evaluated once, where it is passed to an annotated function: clang
 * compares owners by how they are spelt there. The cell is, at the beginning; `at` points to it.
 */
#define IM__TOKEN_OPEN(KIND, open, owner, at, place) \
    open(&IM_OWNER(owner), at, IM__##KIND##_KEYED, IM__##KIND##_ID(at), place)
/* A cell that is NULL is reported by the checked build, which therefore must not look into it. */
#define IM__TOKEN_ID(at, id) (IM_CHECKED && !(at) ? 0 : (id))

#define IM__TOKEN_RO(KIND, owner, self, place) IM__TOKEN_RO_BY(KIND, owner, self, place, IM_UNIQUE(at))
#define IM__TOKEN_RO_BY(KIND, owner, self, place, at)            \
    ({                                                           \
        __auto_type at = (self);                                 \
        IM__##KIND##_CHECK("ro", owner, at);                     \
        IM__TOKEN_OPEN(KIND, im_raw_owner_ro, owner, at, place); \
        (const IM_TYPE(at) *)&at->im_value;                      \
    })

#define IM__TOKEN_TRY_RO(KIND, owner, self, place) IM__TOKEN_TRY_RO_BY(KIND, owner, self, place, IM_UNIQUE(at))
#define IM__TOKEN_TRY_RO_BY(KIND, owner, self, place, at)                                                        \
    ({                                                                                                           \
        __auto_type at = (self);                                                                                 \
        IM__##KIND##_CHECK("try_ro", owner, at);                                                                 \
        IM__TOKEN_OPEN(KIND, im_raw_owner_try_ro, owner, at, place) ? (const IM_TYPE(at) *)&at->im_value : NULL; \
    })

#define IM__TOKEN_RW(KIND, owner, self, place) IM__TOKEN_RW_BY(KIND, owner, self, place, IM_UNIQUE(at))
#define IM__TOKEN_RW_BY(KIND, owner, self, place, at)            \
    ({                                                           \
        __auto_type at = (self);                                 \
        IM__##KIND##_CHECK("rw", owner, at);                     \
        IM__OWNER_EXCLUSIVE("rw", owner);                        \
        IM__TOKEN_OPEN(KIND, im_raw_owner_rw, owner, at, place); \
        im_unsafe_cell_get(at);                                  \
    })

#define IM__TOKEN_TRY_RW(KIND, owner, self, place) IM__TOKEN_TRY_RW_BY(KIND, owner, self, place, IM_UNIQUE(at))
#define IM__TOKEN_TRY_RW_BY(KIND, owner, self, place, at)                                            \
    ({                                                                                               \
        __auto_type at = (self);                                                                     \
        IM__##KIND##_CHECK("try_rw", owner, at);                                                     \
        IM__OWNER_EXCLUSIVE("try_rw", owner);                                                        \
        IM__TOKEN_OPEN(KIND, im_raw_owner_try_rw, owner, at, place) ? im_unsafe_cell_get(at) : NULL; \
    })

/* `out` is a T ** for the T of the cell `at`. */
#define IM__TOKEN_OUT_CHECK(operation, at, out)             \
    IM_REQUIRE_SAME_TYPE(__typeof__(*(out)), IM_TYPE(at) *, \
                         "token: " operation " writes a pointer to the value to a T **")
#define IM__TOKEN_PART(at, place) ((struct im_token_part){at, sizeof *at, place})

/* Those that panic have no result; those that try have 0 or an error, and write nothing when there is one. */
#define IM__TOKEN_RW2(KIND, owner, a, b, out_a, out_b, place_a, place_b) \
    ((void)IM__TOKEN_RW2_OF("rw2", im_raw_owner_rw2, KIND, owner, a, b, out_a, out_b, place_a, place_b))
#define IM__TOKEN_TRY_RW2(KIND, owner, a, b, out_a, out_b, place_a, place_b) \
    IM__TOKEN_RW2_OF("try_rw2", im_raw_owner_try_rw2, KIND, owner, a, b, out_a, out_b, place_a, place_b)
#define IM__TOKEN_RW2_OF(operation, rw2, KIND, owner, a, b, out_a, out_b, place_a, place_b)             \
    IM__TOKEN_RW2_BY(operation, rw2, KIND, owner, a, b, out_a, out_b, place_a, place_b, IM_UNIQUE(one), \
                     IM_UNIQUE(two), IM_UNIQUE(to_one), IM_UNIQUE(to_two), IM_UNIQUE(error))
#define IM__TOKEN_RW2_BY(operation, rw2, KIND, owner, a, b, out_a, out_b, place_a, place_b, one, two, to_one, to_two, \
                         error)                                                                                       \
    ({                                                                                                                \
        __auto_type one = (a);                                                                                        \
        __auto_type two = (b);                                                                                        \
        __auto_type to_one = (out_a);                                                                                 \
        __auto_type to_two = (out_b);                                                                                 \
        IM__##KIND##_CHECK(operation, owner, one);                                                                    \
        IM__##KIND##_CHECK(operation, owner, two);                                                                    \
        IM__OWNER_EXCLUSIVE(operation, owner);                                                                        \
        IM__TOKEN_OUT_CHECK(operation, one, to_one);                                                                  \
        IM__TOKEN_OUT_CHECK(operation, two, to_two);                                                                  \
        int error = rw2(&IM_OWNER(owner), IM__##KIND##_KEYED, IM__##KIND##_WITH_IDS, IM__TOKEN_PART(one, place_a),    \
                        IM__TOKEN_PART(two, place_b));                                                                \
        if (!error) {                                                                                                 \
            *to_one = im_unsafe_cell_get(one);                                                                        \
            *to_two = im_unsafe_cell_get(two);                                                                        \
        }                                                                                                             \
        error;                                                                                                        \
    })

#define IM__TOKEN_RW3(KIND, owner, a, b, c, out_a, out_b, out_c, place_a, place_b, place_c)                       \
    ((void)IM__TOKEN_RW3_OF("rw3", im_raw_owner_rw3, KIND, owner, a, b, c, out_a, out_b, out_c, place_a, place_b, \
                            place_c))
#define IM__TOKEN_TRY_RW3(KIND, owner, a, b, c, out_a, out_b, out_c, place_a, place_b, place_c)                    \
    IM__TOKEN_RW3_OF("try_rw3", im_raw_owner_try_rw3, KIND, owner, a, b, c, out_a, out_b, out_c, place_a, place_b, \
                     place_c)
#define IM__TOKEN_RW3_OF(operation, rw3, KIND, owner, a, b, c, out_a, out_b, out_c, place_a, place_b, place_c) \
    IM__TOKEN_RW3_BY(operation, rw3, KIND, owner, a, b, c, out_a, out_b, out_c, place_a, place_b, place_c,     \
                     IM_UNIQUE(one), IM_UNIQUE(two), IM_UNIQUE(three), IM_UNIQUE(to_one), IM_UNIQUE(to_two),   \
                     IM_UNIQUE(to_three), IM_UNIQUE(error))
#define IM__TOKEN_RW3_BY(operation, rw3, KIND, owner, a, b, c, out_a, out_b, out_c, place_a, place_b, place_c, one, \
                         two, three, to_one, to_two, to_three, error)                                               \
    ({                                                                                                              \
        __auto_type one = (a);                                                                                      \
        __auto_type two = (b);                                                                                      \
        __auto_type three = (c);                                                                                    \
        __auto_type to_one = (out_a);                                                                               \
        __auto_type to_two = (out_b);                                                                               \
        __auto_type to_three = (out_c);                                                                             \
        IM__##KIND##_CHECK(operation, owner, one);                                                                  \
        IM__##KIND##_CHECK(operation, owner, two);                                                                  \
        IM__##KIND##_CHECK(operation, owner, three);                                                                \
        IM__OWNER_EXCLUSIVE(operation, owner);                                                                      \
        IM__TOKEN_OUT_CHECK(operation, one, to_one);                                                                \
        IM__TOKEN_OUT_CHECK(operation, two, to_two);                                                                \
        IM__TOKEN_OUT_CHECK(operation, three, to_three);                                                            \
        int error = rw3(&IM_OWNER(owner), IM__##KIND##_KEYED, IM__##KIND##_WITH_IDS, IM__TOKEN_PART(one, place_a),  \
                        IM__TOKEN_PART(two, place_b), IM__TOKEN_PART(three, place_c));                              \
        if (!error) {                                                                                               \
            *to_one = im_unsafe_cell_get(one);                                                                      \
            *to_two = im_unsafe_cell_get(two);                                                                      \
            *to_three = im_unsafe_cell_get(three);                                                                  \
        }                                                                                                           \
        error;                                                                                                      \
    })

#define IM__TOKEN_RW_N(KIND, owner, count, cells, values, place)                                            \
    IM__TOKEN_RW_N_BY("rw_n", im_raw_owner_rw_n, KIND, owner, count, cells, values, place, IM_UNIQUE(from), \
                      IM_UNIQUE(to), IM_UNIQUE(n))
#define IM__TOKEN_TRY_RW_N(KIND, owner, count, cells, values, place)                                                \
    IM__TOKEN_RW_N_BY("try_rw_n", im_raw_owner_try_rw_n, KIND, owner, count, cells, values, place, IM_UNIQUE(from), \
                      IM_UNIQUE(to), IM_UNIQUE(n))
#define IM__TOKEN_RW_N_BY(operation, rw_n, KIND, owner, count, cells, values, place, from, to, n)     \
    ({                                                                                                \
        __auto_type from = (cells);                                                                   \
        __auto_type to = (values);                                                                    \
        size_t n = (count);                                                                           \
        IM__##KIND##_CHECK(operation, owner, *from);                                                  \
        IM__OWNER_EXCLUSIVE(operation, owner);                                                        \
        IM__TOKEN_OUT_CHECK(operation, *from, to);                                                    \
        rw_n(&IM_OWNER(owner), IM__##KIND##_KEYED, IM__##KIND##_WITH_IDS, to, from, n, sizeof **from, \
             offsetof(__typeof__(**from), im_value), place);                                          \
    })

/* The inner loop only declares `name`; after a break the outer one ends because its step clears `once`. */
#define IM__TOKEN_BLOCK(KIND, operation, CONST, rights, open, close, name, owner, self, place)               \
    IM__TOKEN_BLOCK_BY(KIND, operation, CONST, rights, open, close, name, owner, self, place, IM_UNIQUE(at), \
                       IM_UNIQUE(block), IM_UNIQUE(once))
#define IM__TOKEN_BLOCK_BY(KIND, operation, CONST, rights, open, close, name, owner, self, place, at, block, once) \
    for (struct im_token_##rights##_block block IM_CLEANUP(im_raw_owner_##close##_##rights) = ({                   \
             __auto_type at = (self);                                                                              \
             IM__##KIND##_CHECK(operation, owner, at);                                                             \
             IM__TOKEN_MAY_##rights(operation, owner);                                                             \
             IM__TOKEN_OPEN(KIND, im_raw_owner_##open##_##rights, owner, at, place);                               \
         }),                                                                                                       \
                                                *once = &block;                                                    \
         once; once = NULL)                                                                                        \
        for (CONST IM_TYPE(self) *name = IM__TOKEN_VALUE(self, block.cell); (void)name, once; once = NULL)
#define IM__TOKEN_MAY_ro(operation, owner) ((void)0)
#define IM__TOKEN_MAY_rw(operation, owner) IM__OWNER_EXCLUSIVE(operation, owner)
/* In a cell, the value of one like `self`; without a cell there is none. */
#define IM__TOKEN_VALUE(self, cell) im_token_value(cell, offsetof(__typeof__(*(self)), im_value))

#define IM__TOKEN_GET_MUT(KIND, self) IM__TOKEN_GET_MUT_BY(KIND, self, IM_UNIQUE(at))
#define IM__TOKEN_GET_MUT_BY(KIND, self, at)                                                      \
    ({                                                                                            \
        __auto_type at = (self);                                                                  \
        IM__##KIND##_ONLY("get_mut", at);                                                         \
        IM_REQUIRE(IM_IS_EXCLUSIVE(at), "token: get_mut needs an exclusive (non-const) pointer"); \
        &at->im_value;                                                                            \
    })

#define IM__TOKEN_INTO_INNER(KIND, self) IM__TOKEN_INTO_INNER_BY(KIND, self, IM_UNIQUE(at))
#define IM__TOKEN_INTO_INNER_BY(KIND, self, at)                                                      \
    ({                                                                                               \
        __auto_type at = (self);                                                                     \
        IM__##KIND##_ONLY("into_inner", at);                                                         \
        IM_REQUIRE(IM_IS_EXCLUSIVE(at), "token: into_inner needs an exclusive (non-const) pointer"); \
        at->im_value;                                                                                \
    })

#endif
