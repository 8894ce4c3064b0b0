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

#define IM_MUTEX_GUARD_SCOPED IM_UNUSED IM_CLEANUP(im_raw_mutex_guard_leave)

/** T *: the value; NULL when the guard is empty. */
#define im_mutex_guard_get(self) (IM__MUTEX_GUARD(self, "mutex_guard: get needs an im_mutex_guard"), (self)->im_value)

/** Unlock. */
#define im_mutex_guard_release(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: release needs an im_mutex_guard"), \
     im__guard_release(self, im_raw_mutex_guard_release, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same as im_mutex_unlock_fair(). */
#define im_mutex_guard_release_fair(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: release_fair needs an im_mutex_guard"), \
     im__guard_release(self, im_raw_mutex_guard_release_fair, IM_UNIQUE(at), IM_PLACE(#self)))

/** A guard of the same type with the lock of this one, which is empty afterwards. */
#define im_mutex_guard_move(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: move needs an im_mutex_guard"), \
     im__guard_move(im_raw_mutex_guard, self, IM_UNIQUE(at), IM_UNIQUE(value)))

/**
 * A guard of the type `guard` with the same lock, now of what the expression points to:
 * `im_mutex_guard_map(name_guard, &account, a, &a->name)` binds a to the value. This one is empty afterwards.
 */
#define im_mutex_guard_map(guard, self, name, ...)                                                             \
    (IM__MUTEX_GUARD(self, "mutex_guard: map needs an im_mutex_guard"),                                        \
     IM_REQUIRE_KIND((guard *)0, mutex_guard, "mutex_guard: map makes an im_mutex_guard"),                     \
     im__guard_map(, im_raw_mutex_guard, guard, self, name, (__VA_ARGS__),                                     \
                   "mutex_guard: map needs a pointer to the T of the new guard", IM_UNIQUE(at), IM_UNIQUE(to), \
                   IM_PLACE(#self)))

/** The same if the expression is not NULL. If it is, the new guard is empty, and this one keeps its lock. */
#define im_mutex_guard_filter_map(guard, self, name, ...)                                                     \
    (IM__MUTEX_GUARD(self, "mutex_guard: filter_map needs an im_mutex_guard"),                                \
     IM_REQUIRE_KIND((guard *)0, mutex_guard, "mutex_guard: filter_map makes an im_mutex_guard"),             \
     im__guard_filter_map(, im_raw_mutex_guard, guard, self, name, (__VA_ARGS__),                             \
                          "mutex_guard: filter_map needs a pointer to the T of the new guard", IM_UNIQUE(at), \
                          IM_UNIQUE(to), IM_PLACE(#self)))

/**
 * A block without the lock, `im_mutex_guard_unlocked(&guard) { … }`; it is locked again at the end, also by return, goto or
 * break. The guard is empty meanwhile, and what it points to may have changed after it. Panics for a part of a guard
 * that was split. Poison that came meanwhile is not reported.
 */
#define im_mutex_guard_unlocked(self)                                                                            \
    IM__GUARD_UNLOCKED(im_raw_mutex_guard, self,                                                                 \
                       IM__MUTEX_GUARD(self, "mutex_guard: unlocked needs an im_mutex_guard"), IM_UNIQUE(block), \
                       IM_UNIQUE(once), IM_PLACE(#self))

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
#define im_mutex_guard_map_split(self, name, ...)                                                     \
    (IM__MUTEX_GUARD(self, "mutex_guard: map_split needs an im_mutex_guard"),                         \
     im__guard_map_split(, self, name, im_raw_mutex_guard_split, IM__MUTEX_GUARD_PART, IM_UNIQUE(at), \
                         IM_UNIQUE(parts), IM_PLACE(#self), __VA_ARGS__))

/** T *: the value, locked for ever, or until im_mutex_unlock(). The guard is empty afterwards. */
#define im_mutex_guard_leak(self)                                        \
    (IM__MUTEX_GUARD(self, "mutex_guard: leak needs an im_mutex_guard"), \
     im__guard_leak(self, im_raw_mutex_guard_leak, IM_UNIQUE(at), IM_UNIQUE(value), IM_PLACE(#self)))

#define IM__MUTEX_GUARD(self, sentence) IM_REQUIRE_KIND(self, mutex_guard, sentence)
#define IM__MUTEX_GUARD_PART(to, ...)                \
    IM__GUARD_PART(, mutex_guard, to, (__VA_ARGS__), \
                   "mutex_guard: map_split needs pairs (im_mutex_guard *, pointer to its T)")

#endif
