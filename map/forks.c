/* SPDX-License-Identifier: MIT */
/*
 * A fork() and the helpers of all maps: in the child they are not there, so what they hold then (locks of shards, and of
 * liburcu) would be held for ever. A fork waits until none is in a round, and none begins one meanwhile.
 *
 * It does not wait for long, nor where the helper may be waiting for it: a helper waits for readers, which may wait for what
 * the forking thread holds. Then the child must not change the maps that had helpers at work, as it must not call
 * liburcu. A copy of frozen values, which may take longer than that in a large map of one shard, holds nothing while it is
 * made without the lock (I8): the child knows by the number of the process that it will not end, and makes another one.
 */
#include <map_internal.h>

enum { ONE_FORK = 1 << 16, ROUNDS = ONE_FORK - 1, PATIENCE_NS = 100 * 1000 * 1000 };

/* Atomic: the rounds that are under way, and the forks that wait for them; both sides sleep on it. */
static uint32_t rounds_and_forks;

static __thread bool has_announced;

static void before_fork(void)
{
    const uint64_t until_ns = im_sync_now_ns() + PATIENCE_NS;
    has_announced = *im_sync_sections() == 0 && im_sync_nesting()->depth == 0;
    if (!has_announced)
        return;
    uint32_t word = im_sync_fetch_add(&rounds_and_forks, ONE_FORK, memory_order_relaxed) + ONE_FORK;
    while (word & ROUNDS && im_sync_now_ns() < until_ns) {
        im_sync_wait(&rounds_and_forks, word, until_ns);
        /* Acquire: what the round did is done; pairs with the release in im__map_round_ends(). */
        word = im_sync_load(&rounds_and_forks, memory_order_acquire);
    }
}

static void after_fork(void)
{
    if (!has_announced)
        return;
    im_sync_fetch_sub(&rounds_and_forks, ONE_FORK, memory_order_relaxed);
    im_sync_wake(&rounds_and_forks, IM_SYNC_ALL);
}

/*
 * The process: 1, and one more in each child. Not the number that the kernel gives, which is the same for parent and child
 * where each is the first of its namespace. Odd, so that no part of it is 0, which stands for none.
 */
static uint32_t process = 1;

uint32_t im__map_process(void)
{
    return process;
}

static void after_fork_in_child(void)
{
    process += 2;
    im_sync_store(&rounds_and_forks, 0, memory_order_relaxed);
}

void im__map_watch_forks(void)
{
    static struct im_sync_mutex lock;
    static uint32_t is_watching; /* atomic */
    /* Acquire: pairs with the release below. No lock from then on: a fork() would not wait for its holder. */
    if (im_sync_load(&is_watching, memory_order_acquire))
        return;
    im_sync_mutex_lock(&lock);
    if (!im_sync_load(&is_watching, memory_order_relaxed)) {
        /* The last to say so is the first to be called: a round takes the locks that the others take. */
        im__map_stall_watch_forks();
        im__map_memory_watch_forks();
        im_sync_at_fork(before_fork, after_fork, after_fork_in_child);
    }
    /* Release: all have been told. */
    im_sync_store(&is_watching, 1, memory_order_release);
    im_sync_mutex_unlock(&lock);
}

void im__map_round_begins(void)
{
    uint32_t word = im_sync_load(&rounds_and_forks, memory_order_relaxed);
    for (;;) {
        if (word > ROUNDS) {
            im_sync_wait(&rounds_and_forks, word, IM_SYNC_FOREVER);
            word = im_sync_load(&rounds_and_forks, memory_order_relaxed);
            continue;
        }
        /* Relaxed: the word itself is all there is to agree about. */
        if (im_sync_compare_exchange(&rounds_and_forks, &word, word + 1, memory_order_relaxed, memory_order_relaxed))
            return;
    }
}

void im__map_round_ends(void)
{
    /* Release: pairs with the acquire in before_fork(). */
    if (im_sync_fetch_sub(&rounds_and_forks, 1, memory_order_release) > ROUNDS)
        im_sync_wake(&rounds_and_forks, IM_SYNC_ALL);
}
