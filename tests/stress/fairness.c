/* SPDX-License-Identifier: MIT */
/*
 * Row L3: nobody waits for ever. A hog always wants the lock, and keeps it until the thread that waits has lost patience, waking it in
 * vain meanwhile, as unlocks do that come too early. Then it leaves the lock and wants it again at once: it must not
 * have it before the other one has had its turn. Nothing here depends on how busy the machine is.
 *
 * Twins: waiting threads that never lose patience; a lock that newcomers take all the same.
 */
#include "stress.h"

#include <intermut/mutex.h>

/* A thousand times the patience of a lock: a machine may be busy. */
#define LONGEST_PATIENCE_NS (UINT64_C(1000000000) * (STRESS_PATIENCE == 1 ? 10 : 1))
#define PAUSE_NS UINT64_C(100000)
enum { SECTIONS = 20, RUNS = 1 };

static im_mutex(uint64_t) turns;
static stress_flag is_over;

static bool is_somebody_impatient(void)
{
    return im_sync_load(&turns.im_raw.word, memory_order_relaxed) >= IM__FUTEX_IMPATIENT;
}

static bool wait_for_impatience(void)
{
    const uint64_t end_ns = im_sync_now_ns() + LONGEST_PATIENCE_NS;
    while (!is_somebody_impatient() && im_sync_now_ns() < end_ns) {
        im_sync_wake(&turns.im_raw.word, 1);
        for (uint64_t next_ns = im_sync_now_ns() + PAUSE_NS; im_sync_now_ns() < next_ns;)
            im_sync_spin_hint();
    }
    return is_somebody_impatient();
}

static void *keep_it(void *unused)
{
    uint64_t before = UINT64_MAX;
    for (int i = 0; i < SECTIONS && im_atomic_load(&stress_violations) == 0; i++) {
        im_mutex_with(count, &turns)
        {
            STRESS_STEP();
            if (*count == before)
                stress_violation("section %d of the hog is before the turn of an impatient thread", i);
            before = *count;
            if (!wait_for_impatience())
                stress_violation("who waited in section %d of the hog did not lose patience", i);
        }
    }
    im_atomic_store(&is_over, true);
    STRESS_STEPPER_ENDS();
    return unused;
}

static void *take_turns(void *unused)
{
    while (!im_atomic_load(&is_over))
        im_mutex_with(count, &turns)++ *count;
    return unused;
}

int main(int argc, char **argv)
{
    const uint64_t runs = RUNS * stress_scale(argc, argv);
    for (uint64_t i = 0; stress_again(i, runs); i++) {
        pthread_t hog, other;
        im_atomic_store(&is_over, false);
        STRESS_STEPPER_BEGINS();
        stress_start(&hog, keep_it, NULL);
        stress_start(&other, take_turns, NULL);
        pthread_join(hog, NULL);
        pthread_join(other, NULL);
    }
    return stress_verdict();
}
