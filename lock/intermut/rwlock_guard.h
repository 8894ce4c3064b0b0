/* SPDX-License-Identifier: MIT */
/**
 * @file rwlock_guard.h
 * Guards: reads and writes of an im_rwlock that are values, so that a function can return, narrow, split and convert them.
 *
 * Use them where a section begins in one function and ends in another; inside one function a block is simpler.
 *
 *     typedef im_read_guard(struct table) table_guard;
 *     typedef im_read_guard(struct row) row_guard;
 *
 *     static row_guard find_row(const shared_table *shared, int key)
 *     {
 *         table_guard table = im_rwlock_read_guard(table_guard, shared);
 *         return im_read_guard_map(row_guard, &table, t, &t->rows[key]);        // the same read, of a part of the value
 *     }
 *     ...
 *     row_guard row = find_row(shared, 7);
 *     puts(im_read_guard_get(&row)->text);
 *     im_read_guard_release(&row);
 *
 * | type                     | made by                               | gives     | becomes                                  |
 * |--------------------------|---------------------------------------|-----------|------------------------------------------|
 * | im_read_guard(T)         | im_rwlock_read_guard(type, l), try_…  | const T * | narrower ones: map, filter_map, map_split |
 * | im_write_guard(T)        | im_rwlock_write_guard(type, l), try_… | T *       | the same; a reader, an upgradable one     |
 * | im_upgradable_guard(T)   | im_rwlock_upgradable_guard(type, l)…  | const T * | the writer, a reader                      |
 *
 * They are of one type for both kinds of im_rwlock. A guard is three words; a zeroed one is empty. It is initialised from
 * another, or returned, never assigned; who copies it by initialising hands the lock over. After release, map, split, move,
 * leak and a conversion it is empty, and using it for these again is a panic. With IM_RWLOCK_GUARD_SCOPED before its
 * declaration it is released at the end of its scope, if it is not empty.
 *
 * An upgradable guard is not narrowed: what a reader may point to, the writer that it becomes might not be allowed to change.
 * Concurrency: the thread that locked. Errors: panics, which name the lock's holders in a checked build.
 * Cost: as the pair forms, and a look at which kind of lock it is where the compiler does not see that.
 * Source: lock_api's RwLockReadGuard, RwLockWriteGuard, RwLockUpgradableReadGuard and the mapped ones.
 */
#ifndef INTERMUT_RWLOCK_GUARD_H
#define INTERMUT_RWLOCK_GUARD_H

#include <intermut/raw_guard.h>
#include <intermut/rwlock_core.h>

/** One of the readers of a T. Name the type once: `typedef im_read_guard(T) name;`. */
#define im_read_guard(T)                \
    struct {                            \
        struct im_rwlock_hold im_guard; \
        const __typeof__(T) *im_value;  \
        IM_TAGS(read_guard, T);         \
    }

/** The writer of a T. */
#define im_write_guard(T)               \
    struct {                            \
        struct im_rwlock_hold im_guard; \
        __typeof__(T) *im_value;        \
        IM_TAGS(write_guard, T);        \
    }

/** The reader of a T that may become its writer. */
#define im_upgradable_guard(T)          \
    struct {                            \
        struct im_rwlock_hold im_guard; \
        const __typeof__(T) *im_value;  \
        IM_TAGS(upgradable_guard, T);   \
    }

#define IM_RWLOCK_GUARD_SCOPED IM_UNUSED IM_CLEANUP(im_rwlock_hold_leave)

/** const T *: the value; NULL when the guard is empty. */
#define im_read_guard_get(self) IM__RWLOCK_GUARD_GET(read_guard, self)
/** T *: the value; NULL when the guard is empty. */
#define im_write_guard_get(self) IM__RWLOCK_GUARD_GET(write_guard, self)
/** const T *: the value; NULL when the guard is empty. */
#define im_upgradable_guard_get(self) IM__RWLOCK_GUARD_GET(upgradable_guard, self)

/** Give the lock back. */
#define im_read_guard_release(self) IM__RWLOCK_GUARD_RELEASE(read_guard, self, IM_PLACE(#self))
#define im_write_guard_release(self) IM__RWLOCK_GUARD_RELEASE(write_guard, self, IM_PLACE(#self))
#define im_upgradable_guard_release(self) IM__RWLOCK_GUARD_RELEASE(upgradable_guard, self, IM_PLACE(#self))

/** A guard of the same type with the lock of this one, which is empty afterwards. */
#define im_read_guard_move(self) IM__RWLOCK_GUARD_MOVE(read_guard, self)
#define im_write_guard_move(self) IM__RWLOCK_GUARD_MOVE(write_guard, self)
#define im_upgradable_guard_move(self) IM__RWLOCK_GUARD_MOVE(upgradable_guard, self)

/**
 * A guard of the type `guard` with the same lock, now of what the expression points to:
 * `im_read_guard_map(row_guard, &table, t, &t->rows[3])` binds t to the value. This one is empty afterwards.
 */
#define im_read_guard_map(guard, self, name, ...) \
    IM__RWLOCK_GUARD_MAP(const, read_guard, guard, self, name, (__VA_ARGS__), IM_PLACE(#self))
#define im_write_guard_map(guard, self, name, ...) \
    IM__RWLOCK_GUARD_MAP(, write_guard, guard, self, name, (__VA_ARGS__), IM_PLACE(#self))

/** The same if the expression is not NULL. If it is, the new guard is empty, and this one keeps its lock. */
#define im_read_guard_filter_map(guard, self, name, ...) \
    IM__RWLOCK_GUARD_FILTER_MAP(const, read_guard, guard, self, name, (__VA_ARGS__), IM_PLACE(#self))
#define im_write_guard_filter_map(guard, self, name, ...) \
    IM__RWLOCK_GUARD_FILTER_MAP(, write_guard, guard, self, name, (__VA_ARGS__), IM_PLACE(#self))

/**
 * Split one guard into several of parts of the value, each with a guard of its own:
 *
 *     side_guard left = {0}, right = {0};
 *     im_write_guard_map_split(&pair, p, (&left, &p->left), (&right, &p->right));
 *
 * What the new guards held is overwritten. This one is empty afterwards. The lock is free of them with the last one. Up to eight
 * parts of a read; each of them is a read of its own. Up to four of a write, and parts of these must not overlap: a panic.
 */
#define im_read_guard_map_split(self, name, ...) \
    IM__RWLOCK_GUARD_MAP_SPLIT(const, read_guard, self, name, IM__READ_GUARD_PART, IM_PLACE(#self), __VA_ARGS__)
#define im_write_guard_map_split(self, name, ...) \
    IM__RWLOCK_GUARD_MAP_SPLIT(, write_guard, self, name, IM__WRITE_GUARD_PART, IM_PLACE(#self), __VA_ARGS__)

/** const T *: the value, read for ever, or until im_rwlock_read_unlock(). The guard is empty afterwards. */
#define im_read_guard_leak(self) IM__RWLOCK_GUARD_LEAK(read_guard, self, IM_PLACE(#self))
/** T *: the same, until im_rwlock_write_unlock(). */
#define im_write_guard_leak(self) IM__RWLOCK_GUARD_LEAK(write_guard, self, IM_PLACE(#self))
/** const T *: the same, until im_rwlock_upgradable_unlock(). */
#define im_upgradable_guard_leak(self) IM__RWLOCK_GUARD_LEAK(upgradable_guard, self, IM_PLACE(#self))

/**
 * A block without the lock, `im_read_guard_unlocked(&guard) { … }`: it is taken again, in the same way, at the end, also by
 * return, goto or break. The guard is empty meanwhile, but for its pointer; what that points to may have changed after it.
 * Waits at the end. A part of a split write is not given back alone: a panic.
 */
#define im_read_guard_unlocked(self) IM__RWLOCK_GUARD_UNLOCKED(read_guard, self, IM_PLACE(#self))
#define im_write_guard_unlocked(self) IM__RWLOCK_GUARD_UNLOCKED(write_guard, self, IM_PLACE(#self))
#define im_upgradable_guard_unlocked(self) IM__RWLOCK_GUARD_UNLOCKED(upgradable_guard, self, IM_PLACE(#self))

/** The writer as a reader, a guard of the type `guard`; no other writer comes between. Never waits. Panics for a part. */
#define im_write_guard_downgrade(guard, self)                                                                    \
    (IM__RWLOCK_GUARD(write_guard, self, "downgrade"),                                                           \
     IM__GUARD_FOR(guard, read_guard, self, "write_guard: downgrade makes an im_read_guard of the same T"),      \
     im__rwlock_guard_convert(guard, self, im_rwlock_hold_downgrade, IM_LOCK_SHARED, "downgrade", IM_UNIQUE(at), \
                              IM_UNIQUE(hold), IM_UNIQUE(value), IM_PLACE(#self)))
/** The writer as the upgradable reader. As downgrade. */
#define im_write_guard_downgrade_to_upgradable(guard, self)                                                         \
    (IM__RWLOCK_GUARD(write_guard, self, "downgrade_to_upgradable"),                                                \
     IM__GUARD_FOR(guard, upgradable_guard, self,                                                                   \
                   "write_guard: downgrade_to_upgradable makes an im_upgradable_guard of the same T"),              \
     im__rwlock_guard_convert(guard, self, im_rwlock_hold_downgrade, IM_LOCK_UPGRADABLE, "downgrade_to_upgradable", \
                              IM_UNIQUE(at), IM_UNIQUE(hold), IM_UNIQUE(value), IM_PLACE(#self)))
/** The upgradable reader as a plain one. Never waits. */
#define im_upgradable_guard_downgrade(guard, self)                                                               \
    (IM__RWLOCK_GUARD(upgradable_guard, self, "downgrade"),                                                      \
     IM__GUARD_FOR(guard, read_guard, self, "upgradable_guard: downgrade makes an im_read_guard of the same T"), \
     im__rwlock_guard_convert(guard, self, im_rwlock_hold_downgrade, IM_LOCK_SHARED, "downgrade", IM_UNIQUE(at), \
                              IM_UNIQUE(hold), IM_UNIQUE(value), IM_PLACE(#self)))
/** The upgradable reader as the writer, when the readers that are there have left; no writer comes between. */
#define im_upgradable_guard_upgrade(guard, self)                                                                 \
    (IM__RWLOCK_GUARD(upgradable_guard, self, "upgrade"),                                                        \
     IM__GUARD_FOR(guard, write_guard, self, "upgradable_guard: upgrade makes an im_write_guard of the same T"), \
     im__rwlock_guard_convert(guard, self, im_rwlock_hold_upgrade, IM_LOCK_EXCLUSIVE, "upgrade", IM_UNIQUE(at),  \
                              IM_UNIQUE(hold), IM_UNIQUE(value), IM_PLACE(#self)))
/** The same, or an empty guard when there are other readers now: then this one keeps its lock. Never waits. */
#define im_upgradable_guard_try_upgrade(guard, self)                                                                 \
    (IM__RWLOCK_GUARD(upgradable_guard, self, "try_upgrade"),                                                        \
     IM__GUARD_FOR(guard, write_guard, self, "upgradable_guard: try_upgrade makes an im_write_guard of the same T"), \
     im__rwlock_guard_convert(guard, self, im_rwlock_hold_try_upgrade, IM_LOCK_EXCLUSIVE, "try_upgrade",             \
                              IM_UNIQUE(at), IM_UNIQUE(hold), IM_UNIQUE(value), IM_PLACE(#self)))

/* ---- The untyped core ---- */

/** The hold of a guard (<intermut/raw_guard.h>). */
struct im_rwlock_hold {
    const void *lock;
    enum im_lock_mode mode; /**< a constant where the compiler sees where it was locked; so is the next one */
    bool is_sharded;
};

IM_BEGIN_DECLS

/* im_rwlock_hold_split() without the hooks of the checked build. */
void im__rwlock_hold_split(struct im_rwlock_hold *whole, const struct im_raw_guard_part *parts, size_t count,
                           const struct im_place *place);

IM_END_DECLS

/** What a guard of a lock that was taken holds. */
IM_INLINE struct im_rwlock_hold im_rwlock_hold_of(struct im_rwlock_use lock, enum im_lock_mode mode)
{
    return (struct im_rwlock_hold){lock.raw, mode, lock.is_sharded};
}

IM_INLINE struct im_rwlock_use im__rwlock_hold_use(const struct im_rwlock_hold *hold, const char *operation,
                                                   const struct im_place *place)
{
    im_raw_guard_require(hold, operation, place);
    return (struct im_rwlock_use){hold->lock, place, hold->is_sharded};
}

static inline void im_rwlock_hold_release(struct im_rwlock_hold *hold, const struct im_place *place)
{
    const struct im_rwlock_use lock = im__rwlock_hold_use(hold, "release", place);
    hold->lock = NULL;
    im_rwlock_leave(lock, hold->mode, "release");
}

/** At the end of the scope of a guard, which begins with its hold: it may be empty by then. */
static inline void im_rwlock_hold_leave(void *guard)
{
    struct im_rwlock_hold *hold = (struct im_rwlock_hold *)guard;
    if (hold->lock)
        im_rwlock_hold_release(hold, im__raw_guard_end_of_scope());
}

static inline void im_rwlock_hold_leak(struct im_rwlock_hold *hold, const struct im_place *place)
{
    im_raw_guard_require(hold, "leak", place);
    if (IM_CHECKED)
        im_lock_checked_leaked(hold->lock, hold->mode, place);
    hold->lock = NULL;
}

/** Give each part a hold. The parts of a writer are counted by the lock; those of a reader are readers. */
static inline void im_rwlock_hold_split(struct im_rwlock_hold *whole, const struct im_raw_guard_part *parts,
                                        size_t count, const struct im_place *place)
{
    const struct im_rwlock_hold held = *whole;
    im__rwlock_hold_split(whole, parts, count, place);
    for (size_t i = 1; IM_CHECKED && held.mode == IM_LOCK_SHARED && i < count; i++)
        im_lock_checked_acquired(held.lock, IM_LOCK_SHARED_RECURSIVE, true, place);
}

/** A reader or the writer becomes what is less. */
IM_INLINE struct im_rwlock_hold im_rwlock_hold_downgrade(struct im_rwlock_hold *hold, enum im_lock_mode to,
                                                         const char *operation, const struct im_place *place)
{
    const struct im_rwlock_use lock = im__rwlock_hold_use(hold, operation, place);
    im_rwlock_downgrade_by(lock, hold->mode, to, operation);
    hold->lock = NULL;
    return im_rwlock_hold_of(lock, to);
}

/** The upgradable reader becomes the writer. */
IM_INLINE struct im_rwlock_hold im_rwlock_hold_upgrade(struct im_rwlock_hold *hold, enum im_lock_mode to,
                                                       const char *operation, const struct im_place *place)
{
    const struct im_rwlock_use lock = im__rwlock_hold_use(hold, operation, place);
    im_rwlock_upgrade_by(lock, hold->mode, to, operation);
    hold->lock = NULL;
    return im_rwlock_hold_of(lock, to);
}

/** The same if that is possible now; otherwise the result is empty. */
IM_INLINE struct im_rwlock_hold im_rwlock_hold_try_upgrade(struct im_rwlock_hold *hold, enum im_lock_mode to,
                                                           const char *operation, const struct im_place *place)
{
    const struct im_rwlock_use lock = im__rwlock_hold_use(hold, operation, place);
    if (!im_rwlock_try_upgrade_by(lock, to, 0))
        return (struct im_rwlock_hold){NULL, to, lock.is_sharded};
    hold->lock = NULL;
    return im_rwlock_hold_of(lock, to);
}

/** A block without a lock; of a guard, if there is one. */
struct im_rwlock_hold_unlocked {
    struct im_rwlock_hold held, *guard;
    const struct im_place *place;
};

IM_INLINE struct im_rwlock_hold_unlocked im_rwlock_open_unlocked(struct im_rwlock_use lock, enum im_lock_mode mode)
{
    if (mode == IM_LOCK_EXCLUSIVE && IM_UNLIKELY(IM__RWLOCK_DO(lock, is_split)))
        im_rwlock_refuse(lock.raw, lock.place, "unlock", "its guard was split");
    im_rwlock_leave(lock, mode, "unlock");
    return (struct im_rwlock_hold_unlocked){im_rwlock_hold_of(lock, mode), NULL, lock.place};
}

IM_INLINE struct im_rwlock_hold_unlocked im_rwlock_hold_open_unlocked(struct im_rwlock_hold *guard,
                                                                      const struct im_place *place)
{
    struct im_rwlock_hold_unlocked block =
        im_rwlock_open_unlocked(im__rwlock_hold_use(guard, "unlock", place), guard->mode);
    block.guard = guard;
    guard->lock = NULL;
    return block;
}

IM_INLINE void im_rwlock_hold_close_unlocked(struct im_rwlock_hold_unlocked *block)
{
    im_rwlock_enter((struct im_rwlock_use){block->held.lock, block->place, block->held.is_sharded}, block->held.mode,
                    IM_SYNC_FOREVER);
    if (block->guard)
        *block->guard = block->held;
}

/*
 * The operations of all three kinds: `kind` is read_guard, write_guard or upgradable_guard, CONST what its pointer is to,
 * and `place` has the program's own words for the guard.
 */
#define IM__RWLOCK_GUARD(kind, self, operation) IM_REQUIRE_KIND(self, kind, #kind ": " operation " needs an im_" #kind)
#define IM__RWLOCK_GUARD_GET(kind, self) (IM__RWLOCK_GUARD(kind, self, "get"), (self)->im_value)
#define IM__RWLOCK_GUARD_RELEASE(kind, self, place) \
    (IM__RWLOCK_GUARD(kind, self, "release"), im__guard_release(self, im_rwlock_hold_release, IM_UNIQUE(at), place))
#define IM__RWLOCK_GUARD_MOVE(kind, self) \
    (IM__RWLOCK_GUARD(kind, self, "move"), im__guard_move(im_rwlock_hold, self, IM_UNIQUE(at), IM_UNIQUE(value)))
#define IM__RWLOCK_GUARD_MAP(CONST, kind, guard, self, name, expression, place)                           \
    (IM__RWLOCK_GUARD(kind, self, "map"), IM__GUARD_MAKES(guard, kind, #kind ": map makes an im_" #kind), \
     im__guard_map(CONST, im_rwlock_hold, guard, self, name, expression,                                  \
                   #kind ": map needs a pointer to the T of the new guard", IM_UNIQUE(at), IM_UNIQUE(to), place))
#define IM__RWLOCK_GUARD_FILTER_MAP(CONST, kind, guard, self, name, expression, place)                   \
    (IM__RWLOCK_GUARD(kind, self, "filter_map"),                                                         \
     IM__GUARD_MAKES(guard, kind, #kind ": filter_map makes an im_" #kind),                              \
     im__guard_filter_map(CONST, im_rwlock_hold, guard, self, name, expression,                          \
                          #kind ": filter_map needs a pointer to the T of the new guard", IM_UNIQUE(at), \
                          IM_UNIQUE(to), place))
#define IM__RWLOCK_GUARD_MAP_SPLIT(CONST, kind, self, name, PART, place, ...)                                   \
    (IM__RWLOCK_GUARD(kind, self, "map_split"),                                                                 \
     im__guard_map_split(CONST, self, name, im_rwlock_hold_split, PART, IM_UNIQUE(at), IM_UNIQUE(parts), place, \
                         __VA_ARGS__))
#define IM__RWLOCK_GUARD_LEAK(kind, self, place) \
    (IM__RWLOCK_GUARD(kind, self, "leak"),       \
     im__guard_leak(self, im_rwlock_hold_leak, IM_UNIQUE(at), IM_UNIQUE(value), place))
#define IM__RWLOCK_GUARD_UNLOCKED(kind, self, place)                                                     \
    IM__GUARD_UNLOCKED(im_rwlock_hold, self, IM__RWLOCK_GUARD(kind, self, "unlocked"), IM_UNIQUE(block), \
                       IM_UNIQUE(once), place)

#define IM__READ_GUARD_PART(to, ...)                     \
    IM__GUARD_PART(const, read_guard, to, (__VA_ARGS__), \
                   "read_guard: map_split needs pairs (im_read_guard *, pointer to its T)")
#define IM__WRITE_GUARD_PART(to, ...)                \
    IM__GUARD_PART(, write_guard, to, (__VA_ARGS__), \
                   "write_guard: map_split needs pairs (im_write_guard *, pointer to its T)")

#define im__rwlock_guard_convert(guard, self, converting, mode, operation, at, hold, value, place)  \
    ({                                                                                              \
        __typeof__(self) at = (self);                                                               \
        const struct im_rwlock_hold hold = converting(&at->im_guard, mode, operation, place);       \
        /* What it points to is inside the lock, or what a writer narrowed it to. */                \
        IM_TYPE(self) *value = hold.lock ? (IM_TYPE(self) *)im_unsafe_unconst(at->im_value) : NULL; \
        if (hold.lock)                                                                              \
            at->im_value = NULL;                                                                    \
        IM__GUARD_OF(guard, hold, value);                                                           \
    })

#endif
