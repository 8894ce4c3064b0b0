/* SPDX-License-Identifier: MIT */
/**
 * @file ref.h
 * Guards: borrows of an im_refcell that are values, so that a function can return, narrow and split them.
 *
 * Use them where a borrow begins in one function and ends in another; inside one function a block is simpler.
 *
 *     typedef im_ref(struct account) account_ref;
 *     typedef im_ref(struct name) name_ref;
 *
 *     static name_ref owner_name(const shared_account *shared)
 *     {
 *         account_ref account = im_refcell_borrow_ref(account_ref, shared);
 *         return im_ref_map(name_ref, &account, a, &a->owner.name);     // the same borrow, of a part
 *     }
 *     ...
 *     name_ref name = owner_name(shared);
 *     puts(im_ref_get(&name)->text);
 *     im_ref_release(&name);
 *
 * A guard is two words; a zeroed one is empty. It is initialised from another, or returned, never assigned; who copies
 * it by initialising hands the borrow over. After release, map, split, move and leak it is empty, and using it for
 * these again is a panic. With IM_REF_SCOPED before its declaration it is released at the end of its scope, if it is
 * not empty:
 *
 *     IM_REF_SCOPED account_ref account = im_refcell_borrow_ref(account_ref, shared);
 *
 * Of im_ref_mut(T) all names begin with im_ref_mut_, and what they give may be written to. It has no clone.
 * Concurrency: the thread of the cell. Source: Rust's core::cell::Ref and RefMut.
 */
#ifndef INTERMUT_REF_H
#define INTERMUT_REF_H

#include <intermut/raw_refcell.h>

/** One of the readers of a T. Name the type once: `typedef im_ref(T) name;`. */
#define im_ref(T)                      \
    struct {                           \
        struct im_raw_ref im_ref;      \
        const __typeof__(T) *im_value; \
        IM_TAGS(ref, T);               \
    }

/** The writer of a T. */
#define im_ref_mut(T)             \
    struct {                      \
        struct im_raw_ref im_ref; \
        __typeof__(T) *im_value;  \
        IM_TAGS(ref_mut, T);      \
    }

#define IM_REF_SCOPED IM_CLEANUP(im_raw_ref_leave)
#define IM_REF_MUT_SCOPED IM_CLEANUP(im_raw_ref_mut_leave)

/** const T *: the value; NULL when the guard is empty. */
#define im_ref_get(self) (IM__REF_CHECK(self, "ref: get needs an im_ref"), (self)->im_value)
/** T *: the value; NULL when the guard is empty. */
#define im_ref_mut_get(self) (IM__REF_MUT_CHECK(self, "ref_mut: get needs an im_ref_mut"), (self)->im_value)

/** End the borrow. */
#define im_ref_release(self)                              \
    (IM__REF_CHECK(self, "ref: release needs an im_ref"), \
     im__ref_release(self, im_raw_ref_release, IM_UNIQUE(at), IM_PLACE(#self)))
#define im_ref_mut_release(self)                                      \
    (IM__REF_MUT_CHECK(self, "ref_mut: release needs an im_ref_mut"), \
     im__ref_release(self, im_raw_ref_mut_release, IM_UNIQUE(at), IM_PLACE(#self)))

/** A guard of the same type with the borrow of this one, which is empty afterwards. */
#define im_ref_move(self) \
    (IM__REF_CHECK(self, "ref: move needs an im_ref"), im__ref_move(self, IM_UNIQUE(at), IM_UNIQUE(value)))
#define im_ref_mut_move(self) \
    (IM__REF_MUT_CHECK(self, "ref_mut: move needs an im_ref_mut"), im__ref_move(self, IM_UNIQUE(at), IM_UNIQUE(value)))

/** One reader more: a guard of the same type, with a borrow of its own. */
#define im_ref_clone(self) \
    (IM__REF_CHECK(self, "ref: clone needs an im_ref"), im__ref_clone(self, IM_UNIQUE(at), IM_PLACE(#self)))

/**
 * A guard of the type `guard` with the same borrow, now of what the expression points to:
 * `im_ref_map(name_ref, &account, a, &a->name)` binds a to the value. This one is empty afterwards.
 */
#define im_ref_map(guard, self, name, ...)                                                                         \
    (IM__REF_CHECK(self, "ref: map needs an im_ref"), IM__REF_GUARD_CHECK(guard, ref, "ref: map makes an im_ref"), \
     im__ref_map(const, guard, self, name, (__VA_ARGS__), "ref: map needs a pointer to the T of the new guard",    \
                 IM_UNIQUE(at), IM_UNIQUE(to), IM_PLACE(#self)))
#define im_ref_mut_map(guard, self, name, ...)                                                                 \
    (IM__REF_MUT_CHECK(self, "ref_mut: map needs an im_ref_mut"),                                              \
     IM__REF_GUARD_CHECK(guard, ref_mut, "ref_mut: map makes an im_ref_mut"),                                  \
     im__ref_map(, guard, self, name, (__VA_ARGS__), "ref_mut: map needs a pointer to the T of the new guard", \
                 IM_UNIQUE(at), IM_UNIQUE(to), IM_PLACE(#self)))

/**
 * The same if the expression is not NULL. If it is, the new guard is empty, and this one keeps its borrow:
 * `child_ref c = im_ref_filter_map(child_ref, &node, n, n->child);`, and then either c or node is to be released.
 */
#define im_ref_filter_map(guard, self, name, ...)                                                                  \
    (IM__REF_CHECK(self, "ref: filter_map needs an im_ref"),                                                       \
     IM__REF_GUARD_CHECK(guard, ref, "ref: filter_map makes an im_ref"),                                           \
     im__ref_filter_map(const, guard, self, name, (__VA_ARGS__),                                                   \
                        "ref: filter_map needs a pointer to the T of the new guard", IM_UNIQUE(at), IM_UNIQUE(to), \
                        IM_PLACE(#self)))
#define im_ref_mut_filter_map(guard, self, name, ...)                                                                  \
    (IM__REF_MUT_CHECK(self, "ref_mut: filter_map needs an im_ref_mut"),                                               \
     IM__REF_GUARD_CHECK(guard, ref_mut, "ref_mut: filter_map makes an im_ref_mut"),                                   \
     im__ref_filter_map(, guard, self, name, (__VA_ARGS__),                                                            \
                        "ref_mut: filter_map needs a pointer to the T of the new guard", IM_UNIQUE(at), IM_UNIQUE(to), \
                        IM_PLACE(#self)))

/**
 * Split one borrow into up to eight, of parts of the value, each with a guard of its own:
 *
 *     side_ref_mut left = {0}, right = {0};
 *     im_ref_mut_map_split(&pair, p, (&left, &p->left), (&right, &p->right));
 *
 * What the new guards held is overwritten. This one is empty afterwards. The cell is free again when all parts are
 * released. Parts of an im_ref_mut must not overlap: a panic.
 */
#define im_ref_map_split(self, name, ...)                                                                  \
    (IM__REF_CHECK(self, "ref: map_split needs an im_ref"),                                                \
     im__ref_map_split(const, self, name, im_raw_ref_split, IM__REF_PART, IM_UNIQUE(at), IM_UNIQUE(parts), \
                       IM_PLACE(#self), __VA_ARGS__))
#define im_ref_mut_map_split(self, name, ...)                                                                 \
    (IM__REF_MUT_CHECK(self, "ref_mut: map_split needs an im_ref_mut"),                                       \
     im__ref_map_split(, self, name, im_raw_ref_mut_split, IM__REF_MUT_PART, IM_UNIQUE(at), IM_UNIQUE(parts), \
                       IM_PLACE(#self), __VA_ARGS__))

/** const T *: the value, borrowed for ever, or until im_refcell_undo_leak(). The guard is empty afterwards. */
#define im_ref_leak(self)                              \
    (IM__REF_CHECK(self, "ref: leak needs an im_ref"), \
     im__ref_leak(self, IM_UNIQUE(at), IM_UNIQUE(value), IM_PLACE(#self)))
/** T *: the same. */
#define im_ref_mut_leak(self)                                      \
    (IM__REF_MUT_CHECK(self, "ref_mut: leak needs an im_ref_mut"), \
     im__ref_leak(self, IM_UNIQUE(at), IM_UNIQUE(value), IM_PLACE(#self)))

#define IM__REF_CHECK(self, sentence) IM_REQUIRE_KIND(self, ref, sentence)
#define IM__REF_MUT_CHECK(self, sentence) IM_REQUIRE_KIND(self, ref_mut, sentence)
#define IM__REF_GUARD_CHECK(guard, kind, sentence) IM_REQUIRE_KIND((guard *)0, kind, sentence)
/* `pointer` is one to U, or to const U where that is asked for. */
#define IM__REF_POINTS_TO(pointer, U, sentence) \
    IM_REQUIRE(_Generic(pointer, const U * : 1, U * : 1, default : 0), sentence)

/* A guard that holds a struct im_raw_ref, which may be in braces, and a pointer. */
#define IM__REF_OF(guard, ref, value)    \
    (guard)                              \
    {                                    \
        .im_ref = ref, .im_value = value \
    }

#define im__ref_release(self, release, at, place)  \
    ({                                             \
        __typeof__(self) at = (self);              \
        release(&at->im_ref, at->im_value, place); \
        at->im_value = NULL;                       \
        (void)0;                                   \
    })

#define im__ref_move(self, at, value)                                     \
    ({                                                                    \
        __typeof__(self) at = (self);                                     \
        __typeof__(at->im_value) value = at->im_value;                    \
        at->im_value = NULL;                                              \
        IM__REF_OF(__typeof__(*at), im_raw_ref_move(&at->im_ref), value); \
    })

#define im__ref_clone(self, at, place)                                                                 \
    ({                                                                                                 \
        const __typeof__(*(self)) *at = (self);                                                        \
        IM__REF_OF(__typeof__(*at), im_raw_ref_clone(&at->im_ref, at->im_value, place), at->im_value); \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__ref_map(CONST, guard, self, name, expression, sentence, at, to, place) \
    ({                                                                             \
        __typeof__(self) at = (self);                                              \
        im_raw_ref_require(&at->im_ref, "map", place);                             \
        CONST IM_TYPE(self) *name = at->im_value;                                  \
        (void)name;                                                                \
        __auto_type to = expression;                                               \
        IM__REF_POINTS_TO(to, IM_TYPE((guard *)0), sentence);                      \
        im__ref_narrow(guard, at, to);                                             \
    })

#define im__ref_filter_map(CONST, guard, self, name, expression, sentence, at, to, place) \
    ({                                                                                    \
        __typeof__(self) at = (self);                                                     \
        im_raw_ref_require(&at->im_ref, "filter_map", place);                             \
        CONST IM_TYPE(self) *name = at->im_value;                                         \
        (void)name;                                                                       \
        __auto_type to = expression;                                                      \
        IM__REF_POINTS_TO(to, IM_TYPE((guard *)0), sentence);                             \
        to ? im__ref_narrow(guard, at, to) : IM__REF_OF(guard, {NULL}, NULL);             \
    })

#define im__ref_narrow(guard, at, to) im__ref_narrow_by(guard, at, to, IM_UNIQUE(from))
#define im__ref_narrow_by(guard, at, to, from)                            \
    ({                                                                    \
        const void *from = at->im_value;                                  \
        at->im_value = NULL;                                              \
        IM__REF_OF(guard, im_raw_ref_move_to(&at->im_ref, from, to), to); \
    })

#define im__ref_leak(self, at, value, place)            \
    ({                                                  \
        __typeof__(self) at = (self);                   \
        __typeof__(at->im_value) value = at->im_value;  \
        im_raw_ref_require(&at->im_ref, "leak", place); \
        im_raw_ref_move(&at->im_ref);                   \
        at->im_value = NULL;                            \
        value;                                          \
    })

#define im__ref_map_split(CONST, self, name, split, PART, at, parts, place, ...)        \
    ({                                                                                  \
        __typeof__(self) at = (self);                                                   \
        im_raw_ref_require(&at->im_ref, "split", place);                                \
        CONST IM_TYPE(self) *name = at->im_value;                                       \
        (void)name;                                                                     \
        const struct im_raw_ref_part parts[] = {IM__REF_EACH(PART, __VA_ARGS__)};       \
        split(&at->im_ref, at->im_value, parts, sizeof parts / sizeof parts[0], place); \
        at->im_value = NULL;                                                            \
        (void)0;                                                                        \
    })

/* The parts of a split: each pair (guard, expression) gets the pointer at once, and the borrow when all are checked. */
#define IM__REF_PART(to, ...)                                                                                        \
    im__ref_part(ref, to, (__VA_ARGS__), "ref: map_split needs pairs (im_ref *, pointer to its T)", IM_UNIQUE(part), \
                 IM_UNIQUE(value))
#define IM__REF_MUT_PART(to, ...)                                                                               \
    im__ref_part(ref_mut, to, (__VA_ARGS__), "ref_mut: map_split needs pairs (im_ref_mut *, pointer to its T)", \
                 IM_UNIQUE(part), IM_UNIQUE(value))
#define im__ref_part(kind, to, expression, sentence, part, value)      \
    ({                                                                 \
        IM_REQUIRE_KIND(to, kind, sentence);                           \
        __typeof__(to) part = (to);                                    \
        __auto_type value = expression;                                \
        IM__REF_POINTS_TO(value, IM_TYPE(to), sentence);               \
        part->im_value = value;                                        \
        (struct im_raw_ref_part){&part->im_ref, value, sizeof *value}; \
    })

#define IM__REF_EACH(PART, ...)                                                                                       \
    IM__REF_PICK(__VA_ARGS__, IM__REF_8, IM__REF_7, IM__REF_6, IM__REF_5, IM__REF_4, IM__REF_3, IM__REF_2, IM__REF_1) \
    (PART, __VA_ARGS__)
#define IM__REF_PICK(a, b, c, d, e, f, g, h, each, ...) each
#define IM__REF_1(PART, pair) PART pair
#define IM__REF_2(PART, pair, ...) PART pair, IM__REF_1(PART, __VA_ARGS__)
#define IM__REF_3(PART, pair, ...) PART pair, IM__REF_2(PART, __VA_ARGS__)
#define IM__REF_4(PART, pair, ...) PART pair, IM__REF_3(PART, __VA_ARGS__)
#define IM__REF_5(PART, pair, ...) PART pair, IM__REF_4(PART, __VA_ARGS__)
#define IM__REF_6(PART, pair, ...) PART pair, IM__REF_5(PART, __VA_ARGS__)
#define IM__REF_7(PART, pair, ...) PART pair, IM__REF_6(PART, __VA_ARGS__)
#define IM__REF_8(PART, pair, ...) PART pair, IM__REF_7(PART, __VA_ARGS__)

#endif
