/* SPDX-License-Identifier: MIT */
/**
 * @file reentrant_guard.h
 * Guards: holds of an im_reentrant that are values, so that a function can return, narrow and split them.
 *
 *     typedef im_reentrant_guard(struct widget) widget_guard;
 *
 *     widget_guard held = im_reentrant_lock_guard(widget_guard, &tree);
 *     draw(im_reentrant_guard_get(&held));                              // a const struct widget *
 *     im_reentrant_guard_release(&held);
 *
 * A guard is two words and is one hold of its lock; its thread may have others beside it. What is said of the guards of a
 * mutex (<intermut/mutex_guard.h>) holds for it, too: it is returned or initialised, never assigned, and empty after release,
 * map, split, move and leak; with IM_REENTRANT_GUARD_SCOPED before its declaration it is released at the end of its scope.
 * Concurrency: the thread that locked. Source: lock_api's ReentrantMutexGuard and MappedReentrantMutexGuard.
 */
#ifndef INTERMUT_REENTRANT_GUARD_H
#define INTERMUT_REENTRANT_GUARD_H

#include <intermut/raw_guard.h>
#include <intermut/raw_reentrant.h>

/** One hold, with a T behind it. Name the type once: `typedef im_reentrant_guard(T) name;`. */
#define im_reentrant_guard(T)                   \
    struct {                                    \
        struct im_raw_reentrant_guard im_guard; \
        const __typeof__(T) *im_value;          \
        IM_TAGS(reentrant_guard, T);            \
    }

#define IM_REENTRANT_GUARD_SCOPED IM_UNUSED IM_CLEANUP(im_raw_reentrant_guard_leave)

/** const T *: the value; NULL when the guard is empty. */
#define im_reentrant_guard_get(self) \
    (IM__REENTRANT_GUARD(self, "reentrant_guard: get needs an im_reentrant_guard"), (self)->im_value)

/** End the hold. */
#define im_reentrant_guard_release(self)                                                \
    (IM__REENTRANT_GUARD(self, "reentrant_guard: release needs an im_reentrant_guard"), \
     im__guard_release(self, im_raw_reentrant_guard_release, IM_UNIQUE(at), IM_PLACE(#self)))

/** A guard of the same type with the hold of this one, which is empty afterwards. */
#define im_reentrant_guard_move(self)                                                \
    (IM__REENTRANT_GUARD(self, "reentrant_guard: move needs an im_reentrant_guard"), \
     im__guard_move(im_raw_reentrant_guard, self, IM_UNIQUE(at), IM_UNIQUE(value)))

/**
 * A guard of the type `guard` with the same hold, now of what the expression points to:
 * `im_reentrant_guard_map(name_guard, &widget, w, &w->name)` binds w to the value. This one is empty afterwards.
 */
#define im_reentrant_guard_map(guard, self, name, ...)                                                             \
    (IM__REENTRANT_GUARD(self, "reentrant_guard: map needs an im_reentrant_guard"),                                \
     IM__GUARD_MAKES(guard, reentrant_guard, "reentrant_guard: map makes an im_reentrant_guard"),                  \
     im__guard_map(const, im_raw_reentrant_guard, guard, self, name, (__VA_ARGS__),                                \
                   "reentrant_guard: map needs a pointer to the T of the new guard", IM_UNIQUE(at), IM_UNIQUE(to), \
                   IM_PLACE(#self)))

/** The same if the expression is not NULL. If it is, the new guard is empty, and this one keeps its hold. */
#define im_reentrant_guard_filter_map(guard, self, name, ...)                                                     \
    (IM__REENTRANT_GUARD(self, "reentrant_guard: filter_map needs an im_reentrant_guard"),                        \
     IM__GUARD_MAKES(guard, reentrant_guard, "reentrant_guard: filter_map makes an im_reentrant_guard"),          \
     im__guard_filter_map(const, im_raw_reentrant_guard, guard, self, name, (__VA_ARGS__),                        \
                          "reentrant_guard: filter_map needs a pointer to the T of the new guard", IM_UNIQUE(at), \
                          IM_UNIQUE(to), IM_PLACE(#self)))

/**
 * Split one guard into up to eight, each a hold of its own: pairs (guard, pointer), as im_mutex_guard_map_split(). They may overlap,
 * as they are for reading only. What the new guards held is overwritten. This one is empty afterwards.
 */
#define im_reentrant_guard_map_split(self, name, ...)                                                              \
    (IM__REENTRANT_GUARD(self, "reentrant_guard: map_split needs an im_reentrant_guard"),                          \
     im__guard_map_split(const, self, name, im_raw_reentrant_guard_split, IM__REENTRANT_GUARD_PART, IM_UNIQUE(at), \
                         IM_UNIQUE(parts), IM_PLACE(#self), __VA_ARGS__))

/** const T *: the value, held for ever, or until im_reentrant_unlock() by this thread. The guard is empty afterwards. */
#define im_reentrant_guard_leak(self)                                                \
    (IM__REENTRANT_GUARD(self, "reentrant_guard: leak needs an im_reentrant_guard"), \
     im__guard_leak(self, im_raw_reentrant_guard_leak, IM_UNIQUE(at), IM_UNIQUE(value), IM_PLACE(#self)))

/**
 * A block without this hold, `im_reentrant_guard_unlocked(&guard) { … }`: the lock is taken again at the end, also by return,
 * goto or break. The guard is empty meanwhile, but for its pointer. Other holds of this thread stay.
 */
#define im_reentrant_guard_unlocked(self)                                                                  \
    IM__GUARD_UNLOCKED(im_raw_reentrant_guard, self,                                                       \
                       IM__REENTRANT_GUARD(self, "reentrant_guard: unlocked needs an im_reentrant_guard"), \
                       IM_UNIQUE(block), IM_UNIQUE(once), IM_PLACE(#self))

/** The hold of a guard (<intermut/raw_guard.h>). */
struct im_raw_reentrant_guard {
    const void *lock;
};

IM_BEGIN_DECLS

/* im_raw_reentrant_guard_split() without the hooks of the checked build. */
void im__raw_reentrant_guard_split(struct im_raw_reentrant_guard *whole, const struct im_raw_guard_part *parts,
                                   size_t count, const struct im_place *place);

IM_END_DECLS

/* The lock of a hold, which is empty afterwards. */
static inline const struct im_raw_reentrant *
im__raw_reentrant_guard_end(struct im_raw_reentrant_guard *guard, const char *operation, const struct im_place *place)
{
    im_raw_guard_require(guard, operation, place);
    const void *lock = guard->lock;
    guard->lock = NULL;
    return (const struct im_raw_reentrant *)lock;
}

static inline void im_raw_reentrant_guard_release(struct im_raw_reentrant_guard *guard, const struct im_place *place)
{
    im_raw_reentrant_unlock(im__raw_reentrant_guard_end(guard, "release", place), place);
}

/** At the end of the scope of a guard, which begins with its hold: it may be empty by then. */
static inline void im_raw_reentrant_guard_leave(void *guard)
{
    struct im_raw_reentrant_guard *hold = (struct im_raw_reentrant_guard *)guard;
    if (hold->lock)
        im_raw_reentrant_guard_release(hold, im__raw_guard_end_of_scope());
}

/** Only this thread can unlock it, so its hold stays on record as this thread's. */
static inline void im_raw_reentrant_guard_leak(struct im_raw_reentrant_guard *guard, const struct im_place *place)
{
    (void)im__raw_reentrant_guard_end(guard, "leak", place);
}

static inline void im_raw_reentrant_guard_split(struct im_raw_reentrant_guard *whole,
                                                const struct im_raw_guard_part *parts, size_t count,
                                                const struct im_place *place)
{
    const void *lock = whole->lock;
    im__raw_reentrant_guard_split(whole, parts, count, place);
    for (size_t i = 1; IM_CHECKED && i < count; i++)
        im_lock_checked_acquired(lock, IM_LOCK_REENTRANT, true, place);
}

/** A block without a hold; of a guard, if there is one. */
struct im_raw_reentrant_guard_unlocked {
    const struct im_raw_reentrant *lock;
    struct im_raw_reentrant_guard *guard;
    const struct im_place *place;
};

IM_INLINE struct im_raw_reentrant_guard_unlocked im_raw_reentrant_open_unlocked(const struct im_raw_reentrant *lock,
                                                                                const struct im_place *place)
{
    im_raw_reentrant_unlock(lock, place);
    return (struct im_raw_reentrant_guard_unlocked){lock, NULL, place};
}

IM_INLINE struct im_raw_reentrant_guard_unlocked
im_raw_reentrant_guard_open_unlocked(struct im_raw_reentrant_guard *guard, const struct im_place *place)
{
    struct im_raw_reentrant_guard_unlocked block =
        im_raw_reentrant_open_unlocked(im__raw_reentrant_guard_end(guard, "unlock", place), place);
    block.guard = guard;
    return block;
}

IM_INLINE void im_raw_reentrant_guard_close_unlocked(struct im_raw_reentrant_guard_unlocked *block)
{
    im_raw_reentrant_lock(block->lock, block->place);
    if (block->guard)
        block->guard->lock = block->lock;
}

#define IM__REENTRANT_GUARD(self, sentence) IM_REQUIRE_KIND(self, reentrant_guard, sentence)
#define IM__REENTRANT_GUARD_PART(to, ...)                     \
    IM__GUARD_PART(const, reentrant_guard, to, (__VA_ARGS__), \
                   "reentrant_guard: map_split needs pairs (im_reentrant_guard *, pointer to its T)")

#endif
