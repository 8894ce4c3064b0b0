/* SPDX-License-Identifier: MIT */
/**
 * @file mutex_guard.h
 * Guards: locked mutexes that are values, so that a function can return, narrow and split them.
 *
 * Use them where a section begins in one function and ends in another; inside one function a block is simpler.
 *
 *     typedef im_mutex_guard(struct account) account_guard;
 *     typedef im_mutex_guard(struct name) name_guard;
 *
 *     static name_guard owner_name(const account_mutex *shared)
 *     {
 *         account_guard account = im_mutex_lock_guard(account_guard, shared);
 *         return im_mutex_guard_map(name_guard, &account, a, &a->owner.name);     // the same lock, a part of the value
 *     }
 *     ...
 *     name_guard name = owner_name(shared);
 *     puts(im_mutex_guard_get(&name)->text);
 *     im_mutex_guard_release(&name);
 *
 * A guard is three words; a zeroed one is empty. It is of one type for all raw locks; where the compiler does not see
 * which, its release is a call through a pointer. It is initialised from another, or returned, never assigned; who copies
 * it by initialising hands the lock over. After release, map, split, move and leak it is empty, and using it for these
 * again is a panic. With IM_MUTEX_GUARD_SCOPED before its declaration it is released at the end of its scope, if it
 * is not empty; that never poisons.
 * Concurrency: the thread that locked. Source: lock_api's MutexGuard and MappedMutexGuard.
 */
#ifndef INTERMUT_MUTEX_GUARD_H
#define INTERMUT_MUTEX_GUARD_H

#include <intermut/raw_mutex.h>

/** A lock that is held, with a T behind it. Name the type once: `typedef im_mutex_guard(T) name;`. */
#define im_mutex_guard(T)                   \
    struct {                                \
        struct im_raw_mutex_guard im_guard; \
        __typeof__(T) *im_value;            \
        IM_TAGS(mutex_guard, T);            \
    }

#define IM_MUTEX_GUARD_SCOPED IM_CLEANUP(im_raw_mutex_guard_leave)

/** T *: the value; NULL when the guard is empty. */
#define im_mutex_guard_get(self) (IM__MUTEX_GUARD(self, "mutex_guard: get needs an im_mutex_guard"), (self)->im_value)

/** Unlock. */
#define im_mutex_guard_release(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: release needs an im_mutex_guard"), \
     im__mutex_guard_release(self, im_raw_mutex_guard_release, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same as im_mutex_unlock_fair(). */
#define im_mutex_guard_release_fair(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: release_fair needs an im_mutex_guard"), \
     im__mutex_guard_release(self, im_raw_mutex_guard_release_fair, IM_UNIQUE(at), IM_PLACE(#self)))

/** A guard of the same type with the lock of this one, which is empty afterwards. */
#define im_mutex_guard_move(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: move needs an im_mutex_guard"), \
     im__mutex_guard_move(self, IM_UNIQUE(at), IM_UNIQUE(value)))

/**
 * A guard of the type `guard` with the same lock, now of what the expression points to:
 * `im_mutex_guard_map(name_guard, &account, a, &a->name)` binds a to the value. This one is empty afterwards.
 */
#define im_mutex_guard_map(guard, self, name, ...)                                         \
    (IM__MUTEX_GUARD(self, "mutex_guard: map needs an im_mutex_guard"),                    \
     IM_REQUIRE_KIND((guard *)0, mutex_guard, "mutex_guard: map makes an im_mutex_guard"), \
     im__mutex_guard_map(guard, self, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(to), IM_PLACE(#self)))

/** The same if the expression is not NULL. If it is, the new guard is empty, and this one keeps its lock. */
#define im_mutex_guard_filter_map(guard, self, name, ...)                                         \
    (IM__MUTEX_GUARD(self, "mutex_guard: filter_map needs an im_mutex_guard"),                    \
     IM_REQUIRE_KIND((guard *)0, mutex_guard, "mutex_guard: filter_map makes an im_mutex_guard"), \
     im__mutex_guard_filter_map(guard, self, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(to), IM_PLACE(#self)))

/**
 * Split one guard into up to eight, of parts of the value, each with a guard of its own:
 *
 *     side_guard left = {0}, right = {0};
 *     im_mutex_guard_map_split(&pair, p, (&left, &p->left), (&right, &p->right));
 *
 * What the new guards held is overwritten. This one is empty afterwards. The mutex is unlocked with the last of them.
 * Panics when parts overlap, when there are more than 255, or when the raw lock cannot (only im_raw_futex and
 * im_raw_poisoning can).
 */
#define im_mutex_guard_map_split(self, name, ...)                             \
    (IM__MUTEX_GUARD(self, "mutex_guard: map_split needs an im_mutex_guard"), \
     im__mutex_guard_map_split(self, name, IM_UNIQUE(at), IM_UNIQUE(parts), IM_PLACE(#self), __VA_ARGS__))

/** T *: the value, locked for ever, or until im_mutex_unlock(). The guard is empty afterwards. */
#define im_mutex_guard_leak(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: leak needs an im_mutex_guard"), \
     im__mutex_guard_leak(self, IM_UNIQUE(at), IM_UNIQUE(value), IM_PLACE(#self)))

#define IM__MUTEX_GUARD(self, sentence) IM_REQUIRE_KIND(self, mutex_guard, sentence)
#define IM__MUTEX_GUARD_POINTS_TO(pointer, U, sentence) IM_REQUIRE(_Generic(pointer, U * : 1, default : 0), sentence)

#define IM__MUTEX_GUARD_EMPTY ((struct im_raw_mutex_guard){NULL, NULL})
/* A guard that holds a struct im_raw_mutex_guard, and a pointer. */
#define IM__MUTEX_GUARD_OF(guard, hold, value) \
    (guard)                                    \
    {                                          \
        .im_guard = hold, .im_value = value    \
    }

#define im__mutex_guard_release(self, release, at, place) \
    ({                                                    \
        __typeof__(self) at = (self);                     \
        release(&at->im_guard, place);                    \
        at->im_value = NULL;                              \
        (void)0;                                          \
    })

#define im__mutex_guard_move(self, at, value)                                               \
    ({                                                                                      \
        __typeof__(self) at = (self);                                                       \
        __typeof__(at->im_value) value = at->im_value;                                      \
        at->im_value = NULL;                                                                \
        IM__MUTEX_GUARD_OF(__typeof__(*at), im_raw_mutex_guard_move(&at->im_guard), value); \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__mutex_guard_map(guard, self, name, expression, at, to, place)                        \
    ({                                                                                           \
        __typeof__(self) at = (self);                                                            \
        im_raw_mutex_guard_require(&at->im_guard, "map", place);                                 \
        IM_TYPE(self) *name = at->im_value;                                                      \
        (void)name;                                                                              \
        __auto_type to = expression;                                                             \
        IM__MUTEX_GUARD_POINTS_TO(to, IM_TYPE((guard *)0),                                       \
                                  "mutex_guard: map needs a pointer to the T of the new guard"); \
        at->im_value = NULL;                                                                     \
        IM__MUTEX_GUARD_OF(guard, im_raw_mutex_guard_move(&at->im_guard), to);                   \
    })

#define im__mutex_guard_filter_map(guard, self, name, expression, at, to, place)                        \
    ({                                                                                                  \
        __typeof__(self) at = (self);                                                                   \
        im_raw_mutex_guard_require(&at->im_guard, "filter_map", place);                                 \
        IM_TYPE(self) *name = at->im_value;                                                             \
        (void)name;                                                                                     \
        __auto_type to = expression;                                                                    \
        IM__MUTEX_GUARD_POINTS_TO(to, IM_TYPE((guard *)0),                                              \
                                  "mutex_guard: filter_map needs a pointer to the T of the new guard"); \
        if (to)                                                                                         \
            at->im_value = NULL;                                                                        \
        to ? IM__MUTEX_GUARD_OF(guard, im_raw_mutex_guard_move(&at->im_guard), to)                      \
           : IM__MUTEX_GUARD_OF(guard, IM__MUTEX_GUARD_EMPTY, NULL);                                    \
    })

#define im__mutex_guard_map_split(self, name, at, parts, place, ...)                           \
    ({                                                                                         \
        __typeof__(self) at = (self);                                                          \
        im_raw_mutex_guard_require(&at->im_guard, "split", place);                             \
        IM_TYPE(self) *name = at->im_value;                                                    \
        (void)name;                                                                            \
        const struct im_raw_mutex_part parts[] = {IM__MUTEX_GUARD_EACH(__VA_ARGS__)};          \
        im_raw_mutex_guard_split(&at->im_guard, parts, sizeof parts / sizeof parts[0], place); \
        at->im_value = NULL;                                                                   \
        (void)0;                                                                               \
    })

#define im__mutex_guard_leak(self, at, value, place)   \
    ({                                                 \
        __typeof__(self) at = (self);                  \
        __typeof__(at->im_value) value = at->im_value; \
        im_raw_mutex_guard_leak(&at->im_guard, place); \
        at->im_value = NULL;                           \
        value;                                         \
    })

/* The parts of a split: each pair (guard, expression) gets the pointer at once, and the lock when all are checked. */
#define IM__MUTEX_GUARD_PART(to, ...) im__mutex_guard_part(to, (__VA_ARGS__), IM_UNIQUE(part), IM_UNIQUE(value))
#define im__mutex_guard_part(to, expression, part, value)                                                            \
    ({                                                                                                               \
        IM_REQUIRE_KIND(to, mutex_guard, "mutex_guard: map_split needs pairs (im_mutex_guard *, pointer to its T)"); \
        __typeof__(to) part = (to);                                                                                  \
        __auto_type value = expression;                                                                              \
        IM__MUTEX_GUARD_POINTS_TO(value, IM_TYPE(to),                                                                \
                                  "mutex_guard: map_split needs pairs (im_mutex_guard *, pointer to its T)");        \
        part->im_value = value;                                                                                      \
        (struct im_raw_mutex_part){&part->im_guard, value, sizeof *value};                                           \
    })

#define IM__MUTEX_GUARD_EACH(...)                                                                                 \
    IM__MUTEX_GUARD_PICK(__VA_ARGS__, IM__MUTEX_GUARD_8, IM__MUTEX_GUARD_7, IM__MUTEX_GUARD_6, IM__MUTEX_GUARD_5, \
                         IM__MUTEX_GUARD_4, IM__MUTEX_GUARD_3, IM__MUTEX_GUARD_2, IM__MUTEX_GUARD_1)              \
    (__VA_ARGS__)
#define IM__MUTEX_GUARD_PICK(a, b, c, d, e, f, g, h, each, ...) each
#define IM__MUTEX_GUARD_1(pair) IM__MUTEX_GUARD_PART pair
#define IM__MUTEX_GUARD_2(pair, ...) IM__MUTEX_GUARD_PART pair, IM__MUTEX_GUARD_1(__VA_ARGS__)
#define IM__MUTEX_GUARD_3(pair, ...) IM__MUTEX_GUARD_PART pair, IM__MUTEX_GUARD_2(__VA_ARGS__)
#define IM__MUTEX_GUARD_4(pair, ...) IM__MUTEX_GUARD_PART pair, IM__MUTEX_GUARD_3(__VA_ARGS__)
#define IM__MUTEX_GUARD_5(pair, ...) IM__MUTEX_GUARD_PART pair, IM__MUTEX_GUARD_4(__VA_ARGS__)
#define IM__MUTEX_GUARD_6(pair, ...) IM__MUTEX_GUARD_PART pair, IM__MUTEX_GUARD_5(__VA_ARGS__)
#define IM__MUTEX_GUARD_7(pair, ...) IM__MUTEX_GUARD_PART pair, IM__MUTEX_GUARD_6(__VA_ARGS__)
#define IM__MUTEX_GUARD_8(pair, ...) IM__MUTEX_GUARD_PART pair, IM__MUTEX_GUARD_7(__VA_ARGS__)

#endif
