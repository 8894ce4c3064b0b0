/* SPDX-License-Identifier: MIT */
/*
 * The checker finds what it is for: each kind of bug, seeded, is found; the program beside it without the bug is
 * searched to the end and found correct. A checker that cannot fail proves nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <im_model.h>
#include <intermut/rcu_model.h>
#include <intermut/sync.h>

enum {
    RLX = memory_order_relaxed,
    ACQ = memory_order_acquire,
    REL = memory_order_release,
    AR = memory_order_acq_rel,
    NONE = -1
};

#define CORRECT(name, property, ...) IM_MODEL_HARNESS(name, property, __VA_ARGS__)
#define SEEDED(name, bug, found, ...) IM_MODEL_HARNESS(name, "seeded: " bug, .finds = found, __VA_ARGS__)

/* ------------------------------------------------------------------------------------- the mutex of three states */

/* U. Drepper, "Futexes are tricky", 2011: mutex 3. 0 free, 1 held, 2 held and waited for. */
static uint32_t mutex_word;
static uint32_t taken_as, release_order, acquire_order;
static int guarded;

static void mutex_setup(uint32_t woken_takes_as, int acquire, int release)
{
    mutex_word = 0;
    guarded = 0;
    taken_as = woken_takes_as;
    acquire_order = (uint32_t)acquire;
    release_order = (uint32_t)release;
}

static void lock(void)
{
    uint32_t seen = 0;
    if (im_sync_compare_exchange(&mutex_word, &seen, 1, (int)acquire_order, RLX))
        return;
    if (seen != 2)
        seen = im_sync_exchange(&mutex_word, 2, (int)acquire_order);
    while (seen != 0) {
        im_sync_wait(&mutex_word, 2, IM_SYNC_FOREVER);
        seen = im_sync_exchange(&mutex_word, taken_as, (int)acquire_order);
    }
}

static void unlock(void)
{
    if (im_sync_exchange(&mutex_word, 0, (int)release_order) == 2)
        im_sync_wake(&mutex_word, 1);
}

static void mutex_user(void)
{
    lock();
    guarded++;
    unlock();
}

static void mutex_check(void)
{
    im_model_check(mutex_word == 0, "left locked");
    im_model_outcome("%d", guarded);
}

static void mutex_correct(void) { mutex_setup(2, ACQ, REL); }
static void mutex_lost_wakeup(void) { mutex_setup(1, ACQ, REL); }
static void mutex_no_acquire(void) { mutex_setup(2, RLX, REL); }
static void mutex_no_release(void) { mutex_setup(2, ACQ, RLX); }

CORRECT(mutex_two, "a three-state mutex excludes and never loses a wake-up, 2 threads", .init = mutex_correct,
        .threads = {mutex_user, mutex_user}, .check = mutex_check, .outcomes = "2")
CORRECT(mutex_three, "a three-state mutex excludes and never loses a wake-up, 3 threads, spurious wake-ups",
        .init = mutex_correct, .threads = {mutex_user, mutex_user, mutex_user}, .check = mutex_check, .outcomes = "3",
        .spurious = 1)
SEEDED(mutex_lost, "a woken thread takes the mutex as not waited for: a lost wake-up", "deadlock",
       .init = mutex_lost_wakeup, .threads = {mutex_user, mutex_user, mutex_user})
SEEDED(mutex_weak_lock, "lock without acquire", "data race", .init = mutex_no_acquire,
       .threads = {mutex_user, mutex_user})
SEEDED(mutex_weak_unlock, "unlock without release", "data race", .init = mutex_no_release,
       .threads = {mutex_user, mutex_user})

/* ------------------------------------------------------------------------------------------------------- seqlock */

/* H.-J. Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012. */
static struct {
    int begin, read_fence, write_fence, end;
    bool retry;
} seqlock;
static uint32_t sequence, words[2];

static void seqlock_setup(int begin, int read_fence, bool retry, int write_fence, int end)
{
    seqlock.begin = begin;
    seqlock.read_fence = read_fence;
    seqlock.retry = retry;
    seqlock.write_fence = write_fence;
    seqlock.end = end;
    sequence = words[0] = words[1] = 0;
}

static void fence_if(int order)
{
    if (order != NONE)
        im_sync_fence(order);
}

static void write_words(uint32_t value)
{
    uint32_t before = im_sync_load(&sequence, RLX);
    im_sync_store(&sequence, before + 1, RLX);
    fence_if(seqlock.write_fence);
    im_sync_store(&words[0], value, RLX);
    im_sync_store(&words[1], value, RLX);
    im_sync_store(&sequence, before + 2, seqlock.end);
}

static bool read_words(uint32_t seen[2])
{
    uint32_t before = im_sync_load(&sequence, seqlock.begin);
    seen[0] = im_sync_load(&words[0], RLX);
    seen[1] = im_sync_load(&words[1], RLX);
    fence_if(seqlock.read_fence);
    return !(before & 1) && (!seqlock.retry || im_sync_load(&sequence, RLX) == before);
}

static void seqlock_writer(void)
{
    write_words(1);
    write_words(2);
}

static void seqlock_reader(void)
{
    for (int tries = 0; tries < 2; tries++) {
        uint32_t seen[2];
        if (!read_words(seen))
            continue;
        im_model_check(seen[0] == seen[1], "torn: %u %u", seen[0], seen[1]);
        return;
    }
}

static void seqlock_correct(void) { seqlock_setup(ACQ, ACQ, true, REL, REL); }
static void seqlock_begin_relaxed(void) { seqlock_setup(RLX, ACQ, true, REL, REL); }
static void seqlock_no_read_fence(void) { seqlock_setup(ACQ, NONE, true, REL, REL); }
static void seqlock_no_retry(void) { seqlock_setup(ACQ, ACQ, false, REL, REL); }
static void seqlock_no_write_fence(void) { seqlock_setup(ACQ, ACQ, true, NONE, REL); }
static void seqlock_end_relaxed(void) { seqlock_setup(ACQ, ACQ, true, REL, RLX); }

CORRECT(seqlock_whole, "a seqlock's reader never keeps a torn value", .init = seqlock_correct,
        .threads = {seqlock_writer, seqlock_reader})
CORRECT(seqlock_two_readers, "a seqlock's readers never keep a torn value", .init = seqlock_correct,
        .threads = {seqlock_writer, seqlock_reader, seqlock_reader})
SEEDED(seqlock_mutant_begin, "seqlock begins to read without acquire", "torn", .init = seqlock_begin_relaxed,
       .threads = {seqlock_writer, seqlock_reader})
SEEDED(seqlock_mutant_read_fence, "seqlock re-checks without acquire fence", "torn", .init = seqlock_no_read_fence,
       .threads = {seqlock_writer, seqlock_reader})
SEEDED(seqlock_mutant_retry, "seqlock does not re-check", "torn", .init = seqlock_no_retry,
       .threads = {seqlock_writer, seqlock_reader})
SEEDED(seqlock_mutant_write_fence, "seqlock writes without release fence", "torn", .init = seqlock_no_write_fence,
       .threads = {seqlock_writer, seqlock_reader})
SEEDED(seqlock_mutant_end, "seqlock ends to write without release", "torn", .init = seqlock_end_relaxed,
       .threads = {seqlock_writer, seqlock_reader})

/* --------------------------------------------------------------------------------------------- plain accesses */

static int plain[4];
static struct im_sync_mutex first, second;
static uint32_t flag;

static void plain_init(void)
{
    memset(plain, 0, sizeof plain);
    flag = 0;
    im_model_name(plain, sizeof plain, "plain");
}

static void plain_increment(void) { plain[0]++; }
static void plain_read(void) { im_model_choose(plain[0] ? 2 : 1); }
static void plain_next_field(void) { plain[1]++; }
static void plain_copy(void) { memcpy(plain, (const int[4]){1, 2, 3, 4}, sizeof plain); }

static void plain_locked(void)
{
    im_sync_mutex_lock(&first);
    plain[0]++;
    im_sync_mutex_unlock(&first);
}

static void plain_and_atomic(void) { im_sync_store(&plain[0], 1, RLX); }

static void three(void) { im_model_check(plain[0] == 3, "plain[0] is %d", plain[0]); }

CORRECT(plain_mutex, "im_sync_mutex excludes and orders", .init = plain_init,
        .threads = {plain_locked, plain_locked, plain_locked}, .check = three)
CORRECT(plain_fields, "neighbours do not race", .init = plain_init, .threads = {plain_increment, plain_next_field})
SEEDED(race_write, "two plain writes", "data race", .init = plain_init, .threads = {plain_increment, plain_increment})
SEEDED(race_read, "plain write and plain read", "data race", .init = plain_init,
       .threads = {plain_increment, plain_read})
SEEDED(race_memcpy, "memcpy over a plain access", "data race", .init = plain_init,
       .threads = {plain_copy, plain_next_field})
SEEDED(race_one_lock, "one of two takes the lock", "data race", .init = plain_init,
       .threads = {plain_locked, plain_increment})
SEEDED(race_atomic, "atomic write and plain write", "data race", .init = plain_init,
       .threads = {plain_and_atomic, plain_increment})

/* --------------------------------------------------------------------------------------------- blocks of memory */

struct node {
    uint64_t value;
    struct node *next;
};

static struct node *shared;

static struct node *new_node(uint64_t value)
{
    struct node *node = malloc(sizeof *node);
    im_model_check(node != NULL, "out of memory");
    *node = (struct node){.value = value};
    return node;
}

static void block_init(void) { shared = new_node(1); }
static void block_leave(void) {}

static void block_check(void) { free(shared); }

static void block_reader(void)
{
    im_rcu_model_read_lock();
    const struct node *node = im_sync_load(&shared, ACQ);
    im_model_check(node->value == 1 || node->value == 2, "value is %d", (int)node->value);
    im_rcu_model_read_unlock();
}

static void replace(int order, bool wait)
{
    struct node *old = im_sync_exchange(&shared, new_node(2), order);
    if (wait)
        im_rcu_model_synchronize();
    free(old);
}

static void block_writer(void) { replace(AR, true); }
static void block_writer_release(void) { replace(REL, true); }
static void block_writer_relaxed(void) { replace(RLX, true); }
static void block_writer_hasty(void) { replace(AR, false); }
static void block_twice(void) { free(shared); }
static void block_beyond(void) { shared->next = NULL, ((volatile uint64_t *)(void *)shared)[2] = 1; }
static void block_after(void) { free(shared), shared->value = 3; }
static void block_grace_inside(void)
{
    im_rcu_model_read_lock();
    im_rcu_model_synchronize();
    im_rcu_model_read_unlock();
}

CORRECT(rcu_replace, "a block freed after a grace period is not read any more", .init = block_init,
        .check = block_check, .threads = {block_writer, block_reader, block_reader})
CORRECT(rcu_replace_twice, "two writers replace and free", .init = block_init, .check = block_check,
        .threads = {block_writer, block_reader, block_writer})
SEEDED(rcu_unpublished, "published without release", "data race", .init = block_init, .check = block_check,
       .threads = {block_writer_relaxed, block_reader})
SEEDED(rcu_unread, "the other writer's block freed without acquire", "data race", .init = block_init,
       .check = block_check, .threads = {block_writer_release, block_writer_release})
SEEDED(rcu_hasty, "freed without grace period", "use after free|data race", .init = block_init, .check = block_check,
       .threads = {block_writer_hasty, block_reader})
SEEDED(rcu_inside, "grace period inside a read section", "deadlock", .init = block_init, .check = block_check,
       .threads = {block_grace_inside})
SEEDED(block_double_free, "freed twice", "free of what is no block", .init = block_init, .check = block_check,
       .threads = {block_twice})
SEEDED(block_overflow, "written beyond the end", "out of bounds", .init = block_init, .check = block_check,
       .threads = {block_beyond})
SEEDED(block_use_after_free, "written after free", "use after free", .init = block_init, .check = block_leave,
       .threads = {block_after})
SEEDED(block_leak, "not freed", "leak", .init = block_init, .check = block_leave, .threads = {block_reader})

static uint64_t allocations[2];

static void allocate(void)
{
    void *block = malloc(8);
    allocations[block == NULL]++;
    free(block);
}

static void allocate_init(void) { memset(allocations, 0, sizeof allocations); }
static void allocate_check(void) { im_model_outcome("%d %d", (int)allocations[0], (int)allocations[1]); }

CORRECT(allocation_fails, "an allocation may fail", .init = allocate_init, .check = allocate_check,
        .threads = {allocate}, .failed_allocations = 1, .outcomes = "1 0|0 1")

/* -------------------------------------------------------------------------------- what waits, and what never ends */

static void lock_ab(void)
{
    im_sync_mutex_lock(&first);
    im_sync_mutex_lock(&second);
    im_sync_mutex_unlock(&second);
    im_sync_mutex_unlock(&first);
}

static void lock_ba(void)
{
    im_sync_mutex_lock(&second);
    im_sync_mutex_lock(&first);
    im_sync_mutex_unlock(&first);
    im_sync_mutex_unlock(&second);
}

static void raise_flag(void) { im_sync_store(&flag, 1, REL); }

static void spin(void)
{
    while (!im_sync_load(&flag, ACQ))
        im_sync_spin_hint();
}

static void sleep_until_flag(void)
{
    while (!im_sync_load(&flag, ACQ))
        im_sync_wait(&flag, 0, IM_SYNC_FOREVER);
}

static void sleep_once(void)
{
    int error = im_sync_wait(&flag, 0, IM_SYNC_FOREVER);
    im_model_outcome("%s", error == 0 ? "woken" : error == EAGAIN ? "changed" : error == EINTR ? "interrupted" : "?");
}

static void sleep_for_a_while(void)
{
    int error = im_sync_wait(&flag, 0, im_sync_now_ns() + 1000);
    im_model_outcome("%s", error == 0 ? "woken" : error == EAGAIN ? "changed" : error == ETIMEDOUT ? "late" : "?");
}

static void raise_and_wake(void)
{
    im_sync_store(&flag, 1, RLX);
    im_sync_wake(&flag, 1);
}

static void wake_and_raise(void)
{
    im_sync_wake(&flag, 1);
    im_sync_store(&flag, 1, RLX);
}

static void raise_and_wake_all(void)
{
    im_sync_store(&flag, 1, RLX);
    im_sync_wake(&flag, IM_SYNC_ALL);
}

static uint32_t other_flag;

static void raise_move_and_wake_there(void)
{
    im_sync_store(&flag, 1, RLX);
    im_sync_requeue(&flag, 1, 0, &other_flag);
    im_sync_wake(&other_flag, IM_SYNC_ALL);
}

static void raise_wake_one_and_move(void)
{
    im_sync_store(&flag, 1, RLX);
    im_sync_requeue(&flag, 1, 1, &other_flag);
    im_sync_wake(&flag, IM_SYNC_ALL);
}

static void move_unless_raised(void) { im_sync_requeue(&flag, 0, 0, &other_flag); }

CORRECT(lock_order, "two locks in one order", .init = plain_init, .threads = {lock_ab, lock_ab})
SEEDED(lock_order_reversed, "two locks in two orders", "deadlock", .init = plain_init, .threads = {lock_ab, lock_ba})
CORRECT(spin_ends, "a spinning thread goes on when the flag is up", .init = plain_init, .threads = {spin, raise_flag})
SEEDED(spin_forever, "nobody raises the flag", "deadlock", .init = plain_init, .threads = {spin, spin})
CORRECT(wake_after_change, "whoever sleeps is woken by a change and a wake-up after it", .init = plain_init,
        .threads = {sleep_until_flag, raise_and_wake})
CORRECT(wake_all, "all sleepers are woken", .init = plain_init,
        .threads = {sleep_until_flag, sleep_until_flag, raise_and_wake_all})
SEEDED(wake_one_of_two, "one wake-up for two sleepers", "deadlock", .init = plain_init,
       .threads = {sleep_until_flag, sleep_until_flag, raise_and_wake})
SEEDED(wake_before_change, "woken before the change", "deadlock", .init = plain_init,
       .threads = {sleep_until_flag, wake_and_raise})
CORRECT(wait_results, "im_sync_wait() says whether it was woken or had no reason to sleep", .init = plain_init,
        .threads = {sleep_once, raise_and_wake}, .outcomes = "woken|changed")
CORRECT(wait_spurious, "im_sync_wait() may also be interrupted", .init = plain_init,
        .threads = {sleep_once, raise_and_wake}, .outcomes = "woken|changed|interrupted", .spurious = 1)
CORRECT(wait_deadline, "im_sync_wait() with a deadline ends by itself", .init = plain_init,
        .threads = {sleep_for_a_while, raise_flag}, .outcomes = "changed|late")
CORRECT(requeue, "who was moved is woken where it is now", .init = plain_init,
        .threads = {sleep_until_flag, sleep_until_flag, raise_move_and_wake_there})
CORRECT(requeue_one, "a requeue wakes as many as it says", .init = plain_init,
        .threads = {sleep_until_flag, raise_wake_one_and_move})
SEEDED(requeue_two, "a wake-up where the sleeper was before", "deadlock", .init = plain_init,
       .threads = {sleep_until_flag, sleep_until_flag, raise_wake_one_and_move})
CORRECT(requeue_compares, "nobody is moved when the word is another", .init = plain_init,
        .threads = {sleep_once, raise_move_and_wake_there}, .outcomes = "woken|changed")
CORRECT(requeue_deadline, "a sleeper with a deadline also leaves where it was moved to", .init = plain_init,
        .threads = {sleep_for_a_while, move_unless_raised}, .outcomes = "late")
CORRECT(wait_deadline_woken, "im_sync_wait() with a deadline may be woken before", .init = plain_init,
        .threads = {sleep_for_a_while, raise_and_wake}, .outcomes = "changed|late|woken")

/* --------------------------------------------------------------------------------------------------- mixed sizes */

static uint64_t wide;

static void wide_init(void) { wide = 0; }
static void wide_load(void) { im_sync_load(&wide, RLX); }
static void narrow_store(void) { im_sync_store((uint32_t *)(void *)&wide, 1, RLX); }

SEEDED(mixed_sizes, "4 and 8 bytes at once", "mixed sizes", .init = wide_init, .threads = {wide_load, narrow_store})
