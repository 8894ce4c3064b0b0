/* SPDX-License-Identifier: MIT */
/*
 * Rows L4 to L6: whatever the policy and the form, readers see whole values, all writes count, and so do downgrades,
 * upgrades and attempts with a deadline.
 *
 * The value is plain, so that ThreadSanitizer sees who is in at the wrong time. Twins: readers that do not look for a
 * writer, a writer that does not wait for readers, a downgrade that lets a writer between, an upgrade that waits for no
 * reader; a sharded lock whose writer does not look at the slots. Missing fences are for the model.
 */
#include "stress.h"

#include <intermut/rwlock.h>

enum { WORDS = 8, THREADS = 4, RUNS = 2 };

struct record {
    uint64_t word[WORDS];
};

typedef im_rwlock(struct record) record_lock;
typedef im_sharded_rwlock(struct record) sharded_lock;

static record_lock fair;
static record_lock writers = IM_RWLOCK_INIT_POLICY(IM_RWLOCK_WRITER_PREFERRING, {{0}});
static record_lock readers = IM_RWLOCK_INIT_POLICY(IM_RWLOCK_READER_PREFERRING, {{0}});
static sharded_lock sharded;
static uint64_t operations;
static stress_counter seeds, written;

static uint64_t check(const struct record *record, const char *what)
{
    uint64_t first = ((const volatile struct record *)record)->word[0];
    STRESS_LINGER();
    for (int i = 1; i < WORDS; i++) {
        uint64_t other = ((const volatile struct record *)record)->word[i];
        if (other != first)
            stress_violation("%s: a reader sees %lu and %lu", what, (unsigned long)first, (unsigned long)other);
    }
    return first;
}

static void add_one(struct record *record)
{
    for (int i = 0; i < WORDS; i++) {
        ((volatile struct record *)record)->word[i]++;
        if (i == 0)
            STRESS_LINGER();
    }
    im_atomic_fetch_add(&written, 1);
}

/* One operation on one lock, of either form. */
#define OPERATE(lock, random)                                                      \
    switch ((random) % 32) {                                                       \
    case 0:                                                                        \
        im_rwlock_with_write(p, lock) add_one(p);                                  \
        break;                                                                     \
    case 1:                                                                        \
        im_rwlock_try_with_write(p, lock) add_one(p);                              \
        break;                                                                     \
    case 2: {                                                                      \
        struct record *p = im_rwlock_write_for(lock, (random) >> 8 & 0xffff);      \
        if (p) {                                                                   \
            add_one(p);                                                            \
            uint64_t mine = p->word[0];                                            \
            if (check(im_rwlock_downgrade(lock), #lock) != mine)                   \
                stress_violation(#lock ": a writer came between a downgrade");     \
            im_rwlock_read_unlock(lock);                                           \
        }                                                                          \
        break;                                                                     \
    }                                                                              \
    case 3: {                                                                      \
        uint64_t seen = check(im_rwlock_upgradable_read(lock), #lock);             \
        struct record *p = im_rwlock_upgrade_for(lock, (random) >> 8 & 0xffff);    \
        if (!p) {                                                                  \
            im_rwlock_upgradable_unlock(lock);                                     \
            break;                                                                 \
        }                                                                          \
        if (check(p, #lock) != seen)                                               \
            stress_violation(#lock ": a writer came between an upgrade");          \
        add_one(p);                                                                \
        im_rwlock_write_unlock(lock);                                              \
        break;                                                                     \
    }                                                                              \
    case 4: {                                                                      \
        const struct record *p = im_rwlock_read_for(lock, (random) >> 8 & 0xffff); \
        if (p) {                                                                   \
            check(p, #lock);                                                       \
            im_rwlock_read_unlock(lock);                                           \
        }                                                                          \
        break;                                                                     \
    }                                                                              \
    case 5:                                                                        \
        im_rwlock_with_read(p, lock)                                               \
        {                                                                          \
            uint64_t seen = check(p, #lock);                                       \
            if (check(im_rwlock_read_recursive(lock), #lock) != seen)              \
                stress_violation(#lock ": a writer came into a read");             \
            im_rwlock_read_unlock(lock);                                           \
        }                                                                          \
        break;                                                                     \
    default:                                                                       \
        im_rwlock_with_read(p, lock) check(p, #lock);                              \
    }

static void *operate(void *unused)
{
    uint64_t state = 0x9e3779b97f4a7c15u * im_atomic_fetch_add(&seeds, 1) + 1;
    for (uint64_t i = 0; i < operations; i++) {
        uint64_t random = stress_random(&state);
        switch (random >> 60 & 3) {
        case 0:
            OPERATE(&fair, random >> 5);
            break;
        case 1:
            OPERATE(&writers, random >> 5);
            break;
        case 2:
            OPERATE(&readers, random >> 5);
            break;
        default:
            OPERATE(&sharded, random >> 5);
        }
    }
    return unused;
}

/* The sharded lock is open most of the time: writes are rare. */
static void *read_mostly(void *unused)
{
    for (uint64_t i = 0; i < 4 * operations; i++) {
        if (i % 16384 == 16383)
            im_rwlock_with_write(p, &sharded) add_one(p);
        else
            im_rwlock_with_read(p, &sharded) check(p, "sharded");
    }
    return unused;
}

static void run(void *(*function)(void *))
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        stress_start(&threads[i], function, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    operations = stress_operations(200000, stress_scale(argc, argv));
    for (uint64_t i = 0; stress_again(i, RUNS); i++) {
        run(operate);
        run(read_mostly);
        uint64_t in_locks = check(im_rwlock_get_mut(&fair), "fair") + check(im_rwlock_get_mut(&writers), "writers") +
                            check(im_rwlock_get_mut(&readers), "readers") +
                            check(im_rwlock_get_mut(&sharded), "sharded");
        if (in_locks != im_atomic_load(&written))
            stress_violation("%lu writes, of which %lu count", (unsigned long)im_atomic_load(&written),
                             (unsigned long)in_locks);
    }
    return stress_verdict();
}
