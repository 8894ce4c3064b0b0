/* SPDX-License-Identifier: MIT */
/**
 * @file rwlock.h
 * A value that many threads read at the same time, or one changes: the value is inside, the lock is four bytes.
 *
 * Use it for what is read much more than written, in sections that are long enough to overlap, or that need pointers into
 * the value: a configuration, a routing table, a cache. For a copy of a small value a seqlock is faster; if sections are
 * short and writes are not rare, so is a mutex: two readers of one lock still pass its cache line to and fro.
 *
 *     typedef im_rwlock(struct config) shared_config;
 *
 *     static shared_config config = IM_RWLOCK_INIT({.retries = 3});
 *
 *     im_rwlock_with_read(c, &config) { connect_to(c->host, c->retries); }      // c is a const struct config *
 *     im_rwlock_with_write(c, &config) { c->retries = 5; }                      // c is a struct config *
 *
 * ## Forms
 *
 * | form  | readers                                  | the writer                                 |
 * |-------|------------------------------------------|--------------------------------------------|
 * | pair  | const T *im_rwlock_read(l),              | T *im_rwlock_write(l),                     |
 * |       | im_rwlock_read_unlock(l)                 | im_rwlock_write_unlock(l)                  |
 * | try   | im_rwlock_try_read(l): NULL, not now     | im_rwlock_try_write(l)                     |
 * | timed | im_rwlock_read_for(l, duration_ns)       | im_rwlock_write_for(l, duration_ns)        |
 * |       | im_rwlock_read_until(l, deadline_ns)     | im_rwlock_write_until(l, deadline_ns)      |
 * | block | im_rwlock_with_read(name, l) { … }       | im_rwlock_with_write(name, l) { … }        |
 * |       | im_rwlock_try_with_read(name, l) { … }   | im_rwlock_try_with_write(name, l) { … }    |
 * |       | else { … }                               | else { … }                                 |
 * | guard | im_rwlock_read_guard(type, l), a value   | im_rwlock_write_guard(type, l)             |
 * |       | that a function can return               | <intermut/rwlock_guard.h>                  |
 *
 * Times are nanoseconds on CLOCK_MONOTONIC: durations from now, deadlines as im_sync_now_ns() tells the time. A duration
 * of 0 and a deadline in the past try once; UINT64_MAX is for ever. NULL means too late. Setting the clock of the day
 * changes nothing, and signals end no wait.
 *
 * A writer may become a reader, with no other writer between: im_rwlock_downgrade(). The other way is for *upgradable*
 * readers, of whom there is one at a time, beside any number of plain ones (two readers that both wait to be the writer
 * would wait for each other for ever):
 *
 *     const struct table *t = im_rwlock_upgradable_read(&table);
 *     if (!lookup(t, key)) {
 *         struct table *changing = im_rwlock_upgrade(&table);      // waits for the readers; no writer comes between
 *         insert(changing, key);
 *         im_rwlock_write_unlock(&table);
 *     } else {
 *         im_rwlock_upgradable_unlock(&table);
 *     }
 *
 * A thread that is a reader already may wait for itself if it reads again: a writer that came in between waits for the
 * first read to end, and the second one waits behind the writer. im_rwlock_read_recursive() does not wait behind writers.
 *
 * ## Policies
 *
 * Each lock has one, which says who is first when both kinds wait: IM_RWLOCK_INIT_POLICY(policy, value), or
 * im_rwlock_set_policy() for one on the heap.
 *
 *     IM_RWLOCK_TASK_FAIR           the default, as nobody starves: write sections and readers take turns
 *     IM_RWLOCK_WRITER_PREFERRING   readers wait while a writer waits: changes are seen soon; readers may starve
 *     IM_RWLOCK_READER_PREFERRING   writers wait while there are readers: reads may nest; writers may starve
 *
 * The bounds of the fair one: a reader that sleeps is in when the next writer leaves; readers that come while a writer
 * waits for others are after it; a writer that sleeps is woken when those have left, and if another one was first, it is
 * in at the next such moment. Spinning, for some microseconds before they sleep, all may overtake each other.
 *
 * ## Readers that share no cache line
 *
 * im_sharded_rwlock(T) has the same operations. Its readers write to a line of their own thread only, so any number of
 * cores may read at the same time, at some nanoseconds each. For what is read all the time and hardly ever written: the
 * first write after some thousand reads interrupts all cores of the program (2 to 40 microseconds) and looks at a line of
 * each thread that ever read such a lock; the reads after it go by a lock as above, until 2000 of them have come without a
 * write. Memory: 12 bytes, and 64 for each of up to 256 threads, once for all locks; more threads read by the lock as above.
 * A thread that reads what it reads already waits for nobody. Readers leave in the thread in which they came.
 *
 * Any T. A zeroed lock is free, task-fair, and holds a zeroed T; a free one may be moved by its bytes. Up to 8 million
 * readers; one more is a panic before the count runs over.
 * Cost: a read is two locked instructions; a write, too. Who must wait spins with backoff, then sleeps on a word of its
 * own: who leaves wakes only those who are in then. One process; the queue is outside of the lock, in 16 KiB for all.
 * Order: who comes in acquires what those released who had to leave for it.
 * fork(): the child has a copy of each lock, as it was at that moment; its sleepers are forgotten, but what another thread held
 * stays held, and a reader that waited for the forking thread, and did not sleep yet, stays counted. So a lock that
 * the child is to use is taken before the fork: im_rwlock_fork_prepare and its siblings, as <intermut/mutex.h> has them.
 * Not in signal handlers; a section left by longjmp stays.
 *
 * Misuse panics where the lock can tell: giving back what is not held, one reader too many, taking out or destroying a
 * value while somebody holds it. With -DIM_CHECKED=1 more is found: <intermut/lock_checked.h>.
 */
#ifndef INTERMUT_RWLOCK_H
#define INTERMUT_RWLOCK_H

#include <intermut/lock_safety.h>
#include <intermut/rwlock_guard.h>

/** A T that many threads read or one writes. Name the type once: `typedef im_rwlock(T) name;`. */
#define im_rwlock(T)                 \
    struct {                         \
        struct im_raw_rwlock im_raw; \
        __typeof__(T) im_value;      \
        IM_TAGS(rwlock, T);          \
    }

/** The same for readers that share no cache line. Name the type once: `typedef im_sharded_rwlock(T) name;`. */
#define im_sharded_rwlock(T)                 \
    struct {                                 \
        struct im_raw_sharded_rwlock im_raw; \
        __typeof__(T) im_value;              \
        IM_TAGS(sharded_rwlock, T);          \
    }

/** Static initialiser of both; the argument initialises the T: `IM_RWLOCK_INIT(3)`, `IM_RWLOCK_INIT({1, 2})`. */
#define IM_RWLOCK_INIT(...)     \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** The same with a policy: `IM_RWLOCK_INIT_POLICY(IM_RWLOCK_WRITER_PREFERRING, {1, 2})`. */
#define IM_RWLOCK_INIT_POLICY(policy, ...)                            \
    {                                                                 \
        .im_raw = IM_RAW_RWLOCK_INIT(policy), .im_value = __VA_ARGS__ \
    }

/** The same for an im_sharded_rwlock. */
#define IM_SHARDED_RWLOCK_INIT_POLICY(policy, ...)                            \
    {                                                                         \
        .im_raw = IM_RAW_SHARDED_RWLOCK_INIT(policy), .im_value = __VA_ARGS__ \
    }

/* ---- Readers ---- */

/** const T *: the value, which nobody changes until im_rwlock_read_unlock(). Shared. Waits. */
#define im_rwlock_read(self)                                                                                   \
    (IM__RWLOCK_CHECK(self, "rwlock: read needs an im_rwlock"),                                                \
     im__rwlock_reference(const, IM_LOCK_TAKEN_SHARED(self), im_rwlock_enter, IM_LOCK_SHARED, IM_SYNC_FOREVER, \
                          IM_PLACE(#self), IM_UNIQUE(at)))

/** The same, or NULL when that is not possible now. Shared. Never waits. */
#define im_rwlock_try_read(self)                                                                                   \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: try_read needs an im_rwlock"),                                   \
                  im__rwlock_try_reference(const, self, im_rwlock_try_enter, IM_LOCK_SHARED, IM_SYNC_FOREVER,      \
                                           IM_PLACE(#self), IM_UNIQUE(at))),                                       \
                 im__rwlock_tried_shared(                                                                          \
                     im_lock_capability(self),                                                                     \
                     (IM__RWLOCK_CHECK(self, "rwlock: try_read needs an im_rwlock"), IM__RWLOCK_IS_SHARDED(self)), \
                     IM__LOCK_OFFSET(self), IM_LOCK_SHARED, im_rwlock_try_enter, 0, IM_PLACE(#self)))

/** The same, or NULL after `duration_ns` nanoseconds. Shared. */
#define im_rwlock_read_for(self, duration_ns)                                                                      \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: read_for needs an im_rwlock"),                                   \
                  im__rwlock_try_reference(const, self, im_rwlock_enter_until, IM_LOCK_SHARED,                     \
                                           im_lock_deadline(duration_ns), IM_PLACE(#self), IM_UNIQUE(at))),        \
                 im__rwlock_tried_shared(                                                                          \
                     im_lock_capability(self),                                                                     \
                     (IM__RWLOCK_CHECK(self, "rwlock: read_for needs an im_rwlock"), IM__RWLOCK_IS_SHARDED(self)), \
                     IM__LOCK_OFFSET(self), IM_LOCK_SHARED, im_rwlock_enter_until, im_lock_deadline(duration_ns),  \
                     IM_PLACE(#self)))

/** The same, or NULL when CLOCK_MONOTONIC is at `deadline_ns`. Shared. */
#define im_rwlock_read_until(self, deadline_ns)                                                                      \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: read_until needs an im_rwlock"),                                   \
                  im__rwlock_try_reference(const, self, im_rwlock_enter_until, IM_LOCK_SHARED, deadline_ns,          \
                                           IM_PLACE(#self), IM_UNIQUE(at))),                                         \
                 im__rwlock_tried_shared(                                                                            \
                     im_lock_capability(self),                                                                       \
                     (IM__RWLOCK_CHECK(self, "rwlock: read_until needs an im_rwlock"), IM__RWLOCK_IS_SHARDED(self)), \
                     IM__LOCK_OFFSET(self), IM_LOCK_SHARED, im_rwlock_enter_until, deadline_ns, IM_PLACE(#self)))

/** The same as read where this thread may be a reader already: does not wait behind a waiting writer. Shared. */
#define im_rwlock_read_recursive(self)                                                                 \
    (IM__RWLOCK_CHECK(self, "rwlock: read_recursive needs an im_rwlock"),                              \
     im__rwlock_reference(const, IM_LOCK_HELD_SHARED(self), im_rwlock_enter, IM_LOCK_SHARED_RECURSIVE, \
                          IM_SYNC_FOREVER, IM_PLACE(#self), IM_UNIQUE(at)))

/** The same, or NULL when there is a writer, or there are too many readers. Shared. Never waits. */
#define im_rwlock_try_read_recursive(self)                                                                         \
    IM__TRY((IM__RWLOCK_CHECK(self, "rwlock: try_read_recursive needs an im_rwlock"),                              \
             im__rwlock_try_reference(const, self, im_rwlock_try_enter, IM_LOCK_SHARED_RECURSIVE, IM_SYNC_FOREVER, \
                                      IM_PLACE(#self), IM_UNIQUE(at))))

/** One reader less, of whatever form above. Shared. Panics when there is none. */
#define im_rwlock_read_unlock(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: read_unlock needs an im_rwlock"), \
     im__rwlock_leave(IM_LOCK_GIVEN(self), IM_LOCK_SHARED, "read_unlock", IM_PLACE(#self), IM_UNIQUE(at)))

/**
 * const T *: the value, for a thread that holds the lock in whatever way: in functions that their callers call with it,
 * where clang warns if they do not (IM_REQUIRES_LOCK_SHARED, <intermut/lock_safety.h>). Shared. Panics when nobody holds
 * it, in checked code also when only other threads do.
 */
#define im_rwlock_value(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: value needs an im_rwlock"), \
     im__rwlock_value(const, IM_LOCK_NEEDED_SHARED(self), "value", IM_PLACE(#self), IM_UNIQUE(at)))

/* ---- The writer ---- */

/** T *: the value, for the caller alone until im_rwlock_write_unlock(). Shared. Waits. */
#define im_rwlock_write(self)                                                                                          \
    (IM__RWLOCK_CHECK(self, "rwlock: write needs an im_rwlock"),                                                       \
     im__rwlock_reference(, IM_LOCK_TAKEN(self), im_rwlock_enter, IM_LOCK_EXCLUSIVE, IM_SYNC_FOREVER, IM_PLACE(#self), \
                          IM_UNIQUE(at)))

/** The same, or NULL when that is not possible now. Shared. Never waits. */
#define im_rwlock_try_write(self)                                                                                   \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: try_write needs an im_rwlock"),                                   \
                  im__rwlock_try_reference(, self, im_rwlock_try_enter, IM_LOCK_EXCLUSIVE, IM_SYNC_FOREVER,         \
                                           IM_PLACE(#self), IM_UNIQUE(at))),                                        \
                 im__rwlock_tried(                                                                                  \
                     im_lock_capability(self),                                                                      \
                     (IM__RWLOCK_CHECK(self, "rwlock: try_write needs an im_rwlock"), IM__RWLOCK_IS_SHARDED(self)), \
                     IM__LOCK_OFFSET(self), IM_LOCK_EXCLUSIVE, im_rwlock_try_enter, 0, IM_PLACE(#self)))

/** The same, or NULL after `duration_ns` nanoseconds. Shared. */
#define im_rwlock_write_for(self, duration_ns)                                                                       \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: write_for needs an im_rwlock"),                                    \
                  im__rwlock_try_reference(, self, im_rwlock_enter_until, IM_LOCK_EXCLUSIVE,                         \
                                           im_lock_deadline(duration_ns), IM_PLACE(#self), IM_UNIQUE(at))),          \
                 im__rwlock_tried(                                                                                   \
                     im_lock_capability(self),                                                                       \
                     (IM__RWLOCK_CHECK(self, "rwlock: write_for needs an im_rwlock"), IM__RWLOCK_IS_SHARDED(self)),  \
                     IM__LOCK_OFFSET(self), IM_LOCK_EXCLUSIVE, im_rwlock_enter_until, im_lock_deadline(duration_ns), \
                     IM_PLACE(#self)))

/** The same, or NULL when CLOCK_MONOTONIC is at `deadline_ns`. Shared. */
#define im_rwlock_write_until(self, deadline_ns)                                                                      \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: write_until needs an im_rwlock"),                                   \
                  im__rwlock_try_reference(, self, im_rwlock_enter_until, IM_LOCK_EXCLUSIVE, deadline_ns,             \
                                           IM_PLACE(#self), IM_UNIQUE(at))),                                          \
                 im__rwlock_tried(                                                                                    \
                     im_lock_capability(self),                                                                        \
                     (IM__RWLOCK_CHECK(self, "rwlock: write_until needs an im_rwlock"), IM__RWLOCK_IS_SHARDED(self)), \
                     IM__LOCK_OFFSET(self), IM_LOCK_EXCLUSIVE, im_rwlock_enter_until, deadline_ns, IM_PLACE(#self)))

/** The writer leaves. Shared. Panics when there is none. */
#define im_rwlock_write_unlock(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: write_unlock needs an im_rwlock"), \
     im__rwlock_leave(IM_LOCK_GIVEN(self), IM_LOCK_EXCLUSIVE, "write_unlock", IM_PLACE(#self), IM_UNIQUE(at)))

/** const T *: the writer becomes a reader, and no other writer comes between. Shared. Never waits; panics as unlock. */
#define im_rwlock_downgrade(self)                                                                                   \
    (IM__RWLOCK_CHECK(self, "rwlock: downgrade needs an im_rwlock"),                                                \
     im__rwlock_convert(const, IM_LOCK_DOWNGRADED(self), im_rwlock_downgrade_by, IM_LOCK_EXCLUSIVE, IM_LOCK_SHARED, \
                        "downgrade", IM_PLACE(#self), IM_UNIQUE(at)))

/** const T *: the writer becomes the upgradable reader, and no other writer comes between. Shared. As downgrade. */
#define im_rwlock_downgrade_to_upgradable(self)                                                     \
    (IM__RWLOCK_CHECK(self, "rwlock: downgrade_to_upgradable needs an im_rwlock"),                  \
     im__rwlock_convert(const, IM_LOCK_DOWNGRADED(self), im_rwlock_downgrade_by, IM_LOCK_EXCLUSIVE, \
                        IM_LOCK_UPGRADABLE, "downgrade_to_upgradable", IM_PLACE(#self), IM_UNIQUE(at)))

/* ---- The upgradable reader ---- */

/** const T *: the value, for a reader that may become the writer; waits for others of its kind, too. Shared. */
#define im_rwlock_upgradable_read(self)                                                                            \
    (IM__RWLOCK_CHECK(self, "rwlock: upgradable_read needs an im_rwlock"),                                         \
     im__rwlock_reference(const, IM_LOCK_TAKEN_SHARED(self), im_rwlock_enter, IM_LOCK_UPGRADABLE, IM_SYNC_FOREVER, \
                          IM_PLACE(#self), IM_UNIQUE(at)))

/** The same, or NULL when that is not possible now. Shared. Never waits. */
#define im_rwlock_try_upgradable_read(self)                                                                         \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: try_upgradable_read needs an im_rwlock"),                         \
                  im__rwlock_try_reference(const, self, im_rwlock_try_enter, IM_LOCK_UPGRADABLE, IM_SYNC_FOREVER,   \
                                           IM_PLACE(#self), IM_UNIQUE(at))),                                        \
                 im__rwlock_tried_shared(im_lock_capability(self),                                                  \
                                         (IM__RWLOCK_CHECK(self, "rwlock: try_upgradable_read needs an im_rwlock"), \
                                          IM__RWLOCK_IS_SHARDED(self)),                                             \
                                         IM__LOCK_OFFSET(self), IM_LOCK_UPGRADABLE, im_rwlock_try_enter, 0,         \
                                         IM_PLACE(#self)))

/** The same, or NULL after `duration_ns` nanoseconds. Shared. */
#define im_rwlock_upgradable_read_for(self, duration_ns)                                                            \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: upgradable_read_for needs an im_rwlock"),                         \
                  im__rwlock_try_reference(const, self, im_rwlock_enter_until, IM_LOCK_UPGRADABLE,                  \
                                           im_lock_deadline(duration_ns), IM_PLACE(#self), IM_UNIQUE(at))),         \
                 im__rwlock_tried_shared(im_lock_capability(self),                                                  \
                                         (IM__RWLOCK_CHECK(self, "rwlock: upgradable_read_for needs an im_rwlock"), \
                                          IM__RWLOCK_IS_SHARDED(self)),                                             \
                                         IM__LOCK_OFFSET(self), IM_LOCK_UPGRADABLE, im_rwlock_enter_until,          \
                                         im_lock_deadline(duration_ns), IM_PLACE(#self)))

/** The same, or NULL when CLOCK_MONOTONIC is at `deadline_ns`. Shared. */
#define im_rwlock_upgradable_read_until(self, deadline_ns)                                                            \
    IM__LOCK_TRY((IM__RWLOCK_CHECK(self, "rwlock: upgradable_read_until needs an im_rwlock"),                         \
                  im__rwlock_try_reference(const, self, im_rwlock_enter_until, IM_LOCK_UPGRADABLE, deadline_ns,       \
                                           IM_PLACE(#self), IM_UNIQUE(at))),                                          \
                 im__rwlock_tried_shared(im_lock_capability(self),                                                    \
                                         (IM__RWLOCK_CHECK(self, "rwlock: upgradable_read_until needs an im_rwlock"), \
                                          IM__RWLOCK_IS_SHARDED(self)),                                               \
                                         IM__LOCK_OFFSET(self), IM_LOCK_UPGRADABLE, im_rwlock_enter_until,            \
                                         deadline_ns, IM_PLACE(#self)))

/** The upgradable reader leaves. Shared. Panics when there is none. */
#define im_rwlock_upgradable_unlock(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: upgradable_unlock needs an im_rwlock"), \
     im__rwlock_leave(IM_LOCK_GIVEN(self), IM_LOCK_UPGRADABLE, "upgradable_unlock", IM_PLACE(#self), IM_UNIQUE(at)))

/** const T *: the upgradable reader becomes a plain one. Shared. Never waits; panics as unlock. */
#define im_rwlock_downgrade_upgradable(self)                                                                         \
    (IM__RWLOCK_CHECK(self, "rwlock: downgrade_upgradable needs an im_rwlock"),                                      \
     im__rwlock_convert(const, IM_LOCK_DOWNGRADED(self), im_rwlock_downgrade_by, IM_LOCK_UPGRADABLE, IM_LOCK_SHARED, \
                        "downgrade_upgradable", IM_PLACE(#self), IM_UNIQUE(at)))

/**
 * T *: the upgradable reader becomes the writer, when the readers that are there have left; no writer comes between.
 * Shared. Panics when there is no upgradable reader.
 */
#define im_rwlock_upgrade(self)                                                                                \
    (IM__RWLOCK_CHECK(self, "rwlock: upgrade needs an im_rwlock"),                                             \
     im__rwlock_convert(, IM_LOCK_UPGRADED(self), im_rwlock_upgrade_by, IM_LOCK_UPGRADABLE, IM_LOCK_EXCLUSIVE, \
                        "upgrade", IM_PLACE(#self), IM_UNIQUE(at)))

/** The same, or NULL when there are other readers now: it still is the upgradable reader. Shared. Never waits. */
#define im_rwlock_try_upgrade(self)                                                                            \
    IM__TRY((IM__RWLOCK_CHECK(self, "rwlock: try_upgrade needs an im_rwlock"),                                 \
             im__rwlock_try_reference(, self, im_rwlock_try_upgrade_by, IM_LOCK_EXCLUSIVE, 0, IM_PLACE(#self), \
                                      IM_UNIQUE(at))))

/** The same, or NULL after `duration_ns` nanoseconds. Shared. */
#define im_rwlock_upgrade_for(self, duration_ns)                                                \
    IM__TRY((IM__RWLOCK_CHECK(self, "rwlock: upgrade_for needs an im_rwlock"),                  \
             im__rwlock_try_reference(, self, im_rwlock_upgrade_by_deadline, IM_LOCK_EXCLUSIVE, \
                                      im_lock_deadline(duration_ns), IM_PLACE(#self), IM_UNIQUE(at))))

/** The same, or NULL when CLOCK_MONOTONIC is at `deadline_ns`. Shared. */
#define im_rwlock_upgrade_until(self, deadline_ns)                                                           \
    IM__TRY((IM__RWLOCK_CHECK(self, "rwlock: upgrade_until needs an im_rwlock"),                             \
             im__rwlock_try_reference(, self, im_rwlock_upgrade_by_deadline, IM_LOCK_EXCLUSIVE, deadline_ns, \
                                      IM_PLACE(#self), IM_UNIQUE(at))))

/** T *: the value, as im_rwlock_value(), for the writer (IM_REQUIRES_LOCK). Shared. */
#define im_rwlock_value_mut(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: value_mut needs an im_rwlock"), \
     im__rwlock_value(, IM_LOCK_NEEDED(self), "value_mut", IM_PLACE(#self), IM_UNIQUE(at)))

/* ---- Blocks ---- */

/**
 * `im_rwlock_with_read(name, lock) { … }`: a block in which `name` is a const T * to the value. The section ends with the
 * block, also by return, goto or break, and when the thread is cancelled, where the program is compiled with -fexceptions;
 * break and continue end the block, not a loop around it.
 */
#define im_rwlock_with_read(name, self)                                                                        \
    IM__RWLOCK_BLOCK(const, name, self, im_rwlock_open, IM_LOCK_SHARED, im_rwlock_close_read, IM_PLACE(#self), \
                     IM_LOCK_NOTED(IM_LOCK_HELD_SHARED(self)), "rwlock: with_read needs an im_rwlock")

/** The same with a T *, for the block alone. */
#define im_rwlock_with_write(name, self)                                                                      \
    IM__RWLOCK_BLOCK(, name, self, im_rwlock_open, IM_LOCK_EXCLUSIVE, im_rwlock_close_write, IM_PLACE(#self), \
                     IM_LOCK_NOTED(IM_LOCK_HELD(self)), "rwlock: with_write needs an im_rwlock")

/** `im_rwlock_try_with_read(name, lock) { … } else { … }`: instead of waiting the else part runs. */
#define im_rwlock_try_with_read(name, self)                                                                            \
    IM__RWLOCK_BLOCK(const, name, self, im_rwlock_try_open, IM_LOCK_SHARED, im_rwlock_try_close_read, IM_PLACE(#self), \
                     1, "rwlock: try_with_read needs an im_rwlock")                                                    \
    if (name && IM_LOCK_NOTED(IM_LOCK_HELD_SHARED(self)))

/** The same with a T *. */
#define im_rwlock_try_with_write(name, self)                                                                          \
    IM__RWLOCK_BLOCK(, name, self, im_rwlock_try_open, IM_LOCK_EXCLUSIVE, im_rwlock_try_close_write, IM_PLACE(#self), \
                     1, "rwlock: try_with_write needs an im_rwlock")                                                  \
    if (name && IM_LOCK_NOTED(IM_LOCK_HELD(self)))

/**
 * `im_rwlock_unlocked_read(lock) { … }`: a block, inside a read section, in which this thread does not read; it is a reader again at
 * the end, also by return, goto or break. Shared. Pointers to the value are not used inside, and what was read before it may
 * have changed after it. Waits at the end.
 */
#define im_rwlock_unlocked_read(self)                                                                      \
    IM__RWLOCK_UNLOCKED(self, IM_LOCK_SHARED, "rwlock: unlocked_read needs an im_rwlock", IM_PLACE(#self), \
                        IM_UNIQUE(at), IM_UNIQUE(block), IM_UNIQUE(once))

/** The same inside a write section. Panics where its guard was split. */
#define im_rwlock_unlocked_write(self)                                                                         \
    IM__RWLOCK_UNLOCKED(self, IM_LOCK_EXCLUSIVE, "rwlock: unlocked_write needs an im_rwlock", IM_PLACE(#self), \
                        IM_UNIQUE(at), IM_UNIQUE(block), IM_UNIQUE(once))

/** The same for the upgradable reader. */
#define im_rwlock_unlocked_upgradable(self)                                                                          \
    IM__RWLOCK_UNLOCKED(self, IM_LOCK_UPGRADABLE, "rwlock: unlocked_upgradable needs an im_rwlock", IM_PLACE(#self), \
                        IM_UNIQUE(at), IM_UNIQUE(block), IM_UNIQUE(once))

/* ---- Guards: <intermut/rwlock_guard.h> ---- */

/** A guard of the type `guard`, an im_read_guard(T). Shared. Waits. */
#define im_rwlock_read_guard(guard, self)                                                                            \
    (IM__RWLOCK_CHECK(self, "rwlock: read_guard needs an im_read_guard(T) and an im_rwlock(T)"),                     \
     IM__GUARD_FOR(guard, read_guard, self, "rwlock: read_guard needs an im_read_guard(T) and an im_rwlock(T)"),     \
     im__rwlock_guard(guard, self, im_rwlock_enter, IM_LOCK_SHARED, IM_SYNC_FOREVER, IM_PLACE(#self), IM_UNIQUE(at), \
                      IM_UNIQUE(use)))

/** The same, or an empty guard when that is not possible now. Shared. Never waits. */
#define im_rwlock_try_read_guard(guard, self)                                                                        \
    (IM__RWLOCK_CHECK(self, "rwlock: try_read_guard needs an im_read_guard(T) and an im_rwlock(T)"),                 \
     IM__GUARD_FOR(guard, read_guard, self, "rwlock: try_read_guard needs an im_read_guard(T) and an im_rwlock(T)"), \
     im__rwlock_guard(guard, self, im_rwlock_try_enter, IM_LOCK_SHARED, IM_SYNC_FOREVER, IM_PLACE(#self),            \
                      IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard after `duration_ns` nanoseconds. Shared. */
#define im_rwlock_read_guard_for(guard, self, duration_ns)                                                           \
    (IM__RWLOCK_CHECK(self, "rwlock: read_guard_for needs an im_read_guard(T) and an im_rwlock(T)"),                 \
     IM__GUARD_FOR(guard, read_guard, self, "rwlock: read_guard_for needs an im_read_guard(T) and an im_rwlock(T)"), \
     im__rwlock_guard(guard, self, im_rwlock_enter_until, IM_LOCK_SHARED, im_lock_deadline(duration_ns),             \
                      IM_PLACE(#self), IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard when CLOCK_MONOTONIC is at `deadline_ns`. Shared. */
#define im_rwlock_read_guard_until(guard, self, deadline_ns)                                                           \
    (IM__RWLOCK_CHECK(self, "rwlock: read_guard_until needs an im_read_guard(T) and an im_rwlock(T)"),                 \
     IM__GUARD_FOR(guard, read_guard, self, "rwlock: read_guard_until needs an im_read_guard(T) and an im_rwlock(T)"), \
     im__rwlock_guard(guard, self, im_rwlock_enter_until, IM_LOCK_SHARED, deadline_ns, IM_PLACE(#self), IM_UNIQUE(at), \
                      IM_UNIQUE(use)))

/** A guard of the type `guard`, an im_write_guard(T). Shared. Waits. */
#define im_rwlock_write_guard(guard, self)                                                                          \
    (IM__RWLOCK_CHECK(self, "rwlock: write_guard needs an im_write_guard(T) and an im_rwlock(T)"),                  \
     IM__GUARD_FOR(guard, write_guard, self, "rwlock: write_guard needs an im_write_guard(T) and an im_rwlock(T)"), \
     im__rwlock_guard(guard, self, im_rwlock_enter, IM_LOCK_EXCLUSIVE, IM_SYNC_FOREVER, IM_PLACE(#self),            \
                      IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard when that is not possible now. Shared. Never waits. */
#define im_rwlock_try_write_guard(guard, self)                                                               \
    (IM__RWLOCK_CHECK(self, "rwlock: try_write_guard needs an im_write_guard(T) and an im_rwlock(T)"),       \
     IM__GUARD_FOR(guard, write_guard, self,                                                                 \
                   "rwlock: try_write_guard needs an im_write_guard(T) and an im_rwlock(T)"),                \
     im__rwlock_guard(guard, self, im_rwlock_try_enter, IM_LOCK_EXCLUSIVE, IM_SYNC_FOREVER, IM_PLACE(#self), \
                      IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard after `duration_ns` nanoseconds. Shared. */
#define im_rwlock_write_guard_for(guard, self, duration_ns)                                                 \
    (IM__RWLOCK_CHECK(self, "rwlock: write_guard_for needs an im_write_guard(T) and an im_rwlock(T)"),      \
     IM__GUARD_FOR(guard, write_guard, self,                                                                \
                   "rwlock: write_guard_for needs an im_write_guard(T) and an im_rwlock(T)"),               \
     im__rwlock_guard(guard, self, im_rwlock_enter_until, IM_LOCK_EXCLUSIVE, im_lock_deadline(duration_ns), \
                      IM_PLACE(#self), IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard when CLOCK_MONOTONIC is at `deadline_ns`. Shared. */
#define im_rwlock_write_guard_until(guard, self, deadline_ns)                                              \
    (IM__RWLOCK_CHECK(self, "rwlock: write_guard_until needs an im_write_guard(T) and an im_rwlock(T)"),   \
     IM__GUARD_FOR(guard, write_guard, self,                                                               \
                   "rwlock: write_guard_until needs an im_write_guard(T) and an im_rwlock(T)"),            \
     im__rwlock_guard(guard, self, im_rwlock_enter_until, IM_LOCK_EXCLUSIVE, deadline_ns, IM_PLACE(#self), \
                      IM_UNIQUE(at), IM_UNIQUE(use)))

/** A guard of the type `guard`, an im_upgradable_guard(T). Shared. Waits, for others of its kind, too. */
#define im_rwlock_upgradable_guard(guard, self)                                                              \
    (IM__RWLOCK_CHECK(self, "rwlock: upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T)"), \
     IM__GUARD_FOR(guard, upgradable_guard, self,                                                            \
                   "rwlock: upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T)"),          \
     im__rwlock_guard(guard, self, im_rwlock_enter, IM_LOCK_UPGRADABLE, IM_SYNC_FOREVER, IM_PLACE(#self),    \
                      IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard when that is not possible now. Shared. Never waits. */
#define im_rwlock_try_upgradable_guard(guard, self)                                                              \
    (IM__RWLOCK_CHECK(self, "rwlock: try_upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T)"), \
     IM__GUARD_FOR(guard, upgradable_guard, self,                                                                \
                   "rwlock: try_upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T)"),          \
     im__rwlock_guard(guard, self, im_rwlock_try_enter, IM_LOCK_UPGRADABLE, IM_SYNC_FOREVER, IM_PLACE(#self),    \
                      IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard after `duration_ns` nanoseconds. Shared. */
#define im_rwlock_upgradable_guard_for(guard, self, duration_ns)                                                 \
    (IM__RWLOCK_CHECK(self, "rwlock: upgradable_guard_for needs an im_upgradable_guard(T) and an im_rwlock(T)"), \
     IM__GUARD_FOR(guard, upgradable_guard, self,                                                                \
                   "rwlock: upgradable_guard_for needs an im_upgradable_guard(T) and an im_rwlock(T)"),          \
     im__rwlock_guard(guard, self, im_rwlock_enter_until, IM_LOCK_UPGRADABLE, im_lock_deadline(duration_ns),     \
                      IM_PLACE(#self), IM_UNIQUE(at), IM_UNIQUE(use)))

/** The same, or an empty guard when CLOCK_MONOTONIC is at `deadline_ns`. Shared. */
#define im_rwlock_upgradable_guard_until(guard, self, deadline_ns)                                                 \
    (IM__RWLOCK_CHECK(self, "rwlock: upgradable_guard_until needs an im_upgradable_guard(T) and an im_rwlock(T)"), \
     IM__GUARD_FOR(guard, upgradable_guard, self,                                                                  \
                   "rwlock: upgradable_guard_until needs an im_upgradable_guard(T) and an im_rwlock(T)"),          \
     im__rwlock_guard(guard, self, im_rwlock_enter_until, IM_LOCK_UPGRADABLE, deadline_ns, IM_PLACE(#self),        \
                      IM_UNIQUE(at), IM_UNIQUE(use)))

/* ---- For who is alone with it ---- */

/** T *: the value itself. Exclusive. Panics when somebody holds the lock: then the pointer was not exclusive. */
#define im_rwlock_get_mut(self)                                                                   \
    (IM__RWLOCK_CHECK(self, "rwlock: get_mut needs an im_rwlock"),                                \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "rwlock: get_mut needs an exclusive (non-const) pointer"), \
     im__rwlock_get_mut(self, "get_mut", IM_PLACE(#self), IM_UNIQUE(at)))

/** T: the value of a lock that ends here. Exclusive. Panics when somebody holds it. */
#define im_rwlock_into_inner(self)                                                                   \
    (IM__RWLOCK_CHECK(self, "rwlock: into_inner needs an im_rwlock"),                                \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "rwlock: into_inner needs an exclusive (non-const) pointer"), \
     im__rwlock_into_inner(self, IM_PLACE(#self), IM_UNIQUE(at)))

/** The lock ends here, before its memory does; the value is left alone. Exclusive. Panics when somebody holds it. */
#define im_rwlock_destroy(self)                                                                   \
    (IM__RWLOCK_CHECK(self, "rwlock: destroy needs an im_rwlock"),                                \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "rwlock: destroy needs an exclusive (non-const) pointer"), \
     im__rwlock_destroy(self, IM_PLACE(#self), IM_UNIQUE(at)))

/** Another policy, an enum im_rwlock_policy. Exclusive. Panics when somebody holds the lock. */
#define im_rwlock_set_policy(self, policy)                                                           \
    (IM__RWLOCK_CHECK(self, "rwlock: set_policy needs an im_rwlock"),                                \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "rwlock: set_policy needs an exclusive (non-const) pointer"), \
     im__rwlock_set_policy(self, policy, IM_PLACE(#self), IM_UNIQUE(at)))

/** bool: whether somebody holds it now. Shared. A look, outdated at once. */
#define im_rwlock_is_locked(self) \
    (IM__RWLOCK_CHECK(self, "rwlock: is_locked needs an im_rwlock"), im__rwlock_is_locked(self, IM_UNIQUE(at)))

/**
 * For pthread_atfork(): take it for writing before the fork, give it back in the parent, and in the child have it free, without
 * whoever waited for it in the parent. Shared. Several are prepared in one order, the order in which the program locks them.
 */
#define im_rwlock_fork_prepare(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: fork_prepare needs an im_rwlock"), \
     im__rwlock_do(self, im_rwlock_fork_prepare_by, IM_UNIQUE(at)))
#define im_rwlock_fork_parent(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: fork_parent needs an im_rwlock"), \
     im__rwlock_do(self, im_rwlock_fork_parent_by, IM_UNIQUE(at)))
#define im_rwlock_fork_child(self)                                    \
    (IM__RWLOCK_CHECK(self, "rwlock: fork_child needs an im_rwlock"), \
     im__rwlock_do(self, im_rwlock_fork_child_by, IM_UNIQUE(at)))

#define IM__RWLOCK_CHECK(self, sentence)                                                        \
    ((void)sizeof(struct {                                                                      \
        IM__ASSERT_POINTS_TO_RECORD(self, sentence);                                            \
        _Static_assert(IM_IS_KIND(self, rwlock) || IM_IS_KIND(self, sharded_rwlock), sentence); \
        char im_unused;                                                                         \
    }))

#if IM__LOCK_TRIES_ARE_SEEN
typedef bool im__rwlock_entering(struct im_rwlock_use lock, enum im_lock_mode mode, uint64_t limit);

/* The value is so many bytes after the lock. */
IM_MUST_CHECK IM_INLINE void *im__rwlock_tried(const struct im_lock_capability *lock, bool is_sharded, size_t offset,
                                               enum im_lock_mode mode, im__rwlock_entering *enter, uint64_t limit,
                                               const struct im_place *place)
    IM_TRY_ACQUIRE(1, *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    bool is_in = enter((struct im_rwlock_use){lock, place, is_sharded}, mode, limit);
    return is_in ? (char *)im_unsafe_unconst(lock) + offset : NULL;
}

IM_MUST_CHECK IM_INLINE const void *
im__rwlock_tried_shared(const struct im_lock_capability *lock, bool is_sharded, size_t offset, enum im_lock_mode mode,
                        im__rwlock_entering *enter, uint64_t limit, const struct im_place *place)
    IM_TRY_ACQUIRE_SHARED(1, *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return im__rwlock_tried(lock, is_sharded, offset, mode, enter, limit, place);
}
#endif

/* `at` is the lock, evaluated once; always a shared pointer, as all of this goes through unsafe_cell. */
#define IM__RWLOCK_AT(self, at) const __typeof__(*(self)) *at = (self)
#define IM__RWLOCK_USE(at, place) ((struct im_rwlock_use){&(at)->im_raw, place, IM__RWLOCK_IS_SHARDED(at)})
#define IM__RWLOCK_IS_SHARDED(at) __builtin_types_compatible_p(__typeof__((at)->im_raw), struct im_raw_sharded_rwlock)

#define im__rwlock_reference(CONST, self, entering, mode, limit, place, at)                                      \
    ({                                                                                                           \
        IM__RWLOCK_AT(self, at);                                                                                 \
        (CONST IM_TYPE(at) *)(entering(IM__RWLOCK_USE(at, place), mode, limit) ? im_unsafe_cell_get(at) : NULL); \
    })

#define im__rwlock_try_reference(CONST, self, entering, mode, limit, place, at)           \
    (CONST IM_TYPE(self) *)im_result_of_a_try(({                                          \
        IM__RWLOCK_AT(self, at);                                                          \
        entering(IM__RWLOCK_USE(at, place), mode, limit) ? im_unsafe_cell_get(at) : NULL; \
    }))

#define im__rwlock_value(CONST, self, operation, place, at)           \
    ({                                                                \
        IM__RWLOCK_AT(self, at);                                      \
        im_rwlock_require_held(IM__RWLOCK_USE(at, place), operation); \
        (CONST IM_TYPE(at) *)im_unsafe_cell_get(at);                  \
    })

#define im__rwlock_leave(self, mode, operation, place, at)           \
    ({                                                               \
        IM__RWLOCK_AT(self, at);                                     \
        im_rwlock_leave(IM__RWLOCK_USE(at, place), mode, operation); \
    })

#define im__rwlock_convert(CONST, self, converting, from, to, operation, place, at) \
    ({                                                                              \
        IM__RWLOCK_AT(self, at);                                                    \
        converting(IM__RWLOCK_USE(at, place), from, to, operation);                 \
        (CONST IM_TYPE(at) *)im_unsafe_cell_get(at);                                \
    })

#define im__rwlock_guard(guard, self, entering, mode, limit, place, at, use)                                   \
    ({                                                                                                         \
        IM__RWLOCK_AT(self, at);                                                                               \
        const struct im_rwlock_use use = IM__RWLOCK_USE(at, place);                                            \
        entering(use, mode, limit) ? IM__GUARD_OF(guard, im_rwlock_hold_of(use, mode), im_unsafe_cell_get(at)) \
                                   : IM__GUARD_EMPTY(guard);                                                   \
    })

#define im__rwlock_get_mut(self, operation, place, at)                \
    ({                                                                \
        __typeof__(self) at = (self);                                 \
        im_rwlock_require_free(IM__RWLOCK_USE(at, place), operation); \
        &at->im_value;                                                \
    })

#define im__rwlock_into_inner(self, place, at)                  \
    ({                                                          \
        __typeof__(self) at = (self);                           \
        im_rwlock_end(IM__RWLOCK_USE(at, place), "into_inner"); \
        at->im_value;                                           \
    })

#define im__rwlock_destroy(self, place, at)                  \
    ({                                                       \
        __typeof__(self) at = (self);                        \
        im_rwlock_end(IM__RWLOCK_USE(at, place), "destroy"); \
    })

#define im__rwlock_set_policy(self, policy, place, at)                           \
    ({                                                                           \
        __typeof__(self) at = (self);                                            \
        im_rwlock_require_free(IM__RWLOCK_USE(at, place), "set_policy");         \
        im_rwlock_set_policy_of(&at->im_raw, IM__RWLOCK_IS_SHARDED(at), policy); \
    })

#define im__rwlock_do(self, operation, at)   \
    ({                                       \
        IM__RWLOCK_AT(self, at);             \
        operation(IM__RWLOCK_USE(at, NULL)); \
    })

#define im__rwlock_is_locked(self, at)                      \
    ({                                                      \
        IM__RWLOCK_AT(self, at);                            \
        IM__RWLOCK_DO(IM__RWLOCK_USE(at, NULL), is_locked); \
    })

#define IM__RWLOCK_UNLOCKED(self, mode, sentence, place, at, block, once)                    \
    for (struct im_rwlock_hold_unlocked block IM_CLEANUP(im_rwlock_hold_close_unlocked) = ({ \
             IM__RWLOCK_CHECK(self, sentence);                                               \
             IM__RWLOCK_AT(self, at);                                                        \
             im_rwlock_open_unlocked(IM__RWLOCK_USE(at, place), mode);                       \
         }),                                                                                 \
                                              *once = &block;                                \
         once; once = NULL)

#define IM__RWLOCK_BLOCK(CONST, name, self, opening, mode, closing, place, note, sentence)               \
    IM__RWLOCK_BLOCK_BY(CONST, name, self, opening, mode, closing, place, note, sentence, IM_UNIQUE(at), \
                        IM_UNIQUE(block), IM_UNIQUE(once))
/* The inner loop only declares `name`; after a break the outer one ends because its step clears `once`. */
#define IM__RWLOCK_BLOCK_BY(CONST, name, self, opening, mode, closing, place, note, sentence, at, block, once) \
    for (struct im_rwlock_block block IM_CLEANUP(closing) = ({                                                 \
             IM__RWLOCK_CHECK(self, sentence);                                                                 \
             IM__RWLOCK_AT(self, at);                                                                          \
             opening(IM__RWLOCK_USE(at, place), mode, &at->im_value);                                          \
         }),                                                                                                   \
                                      *once = &block;                                                          \
         once; once = NULL)                                                                                    \
        for (CONST IM_TYPE(self) *name = im_unsafe_unconst(((void)note, block.value)); (void)name, once; once = NULL)

#endif
