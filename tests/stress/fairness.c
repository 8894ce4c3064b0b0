/* SPDX-License-Identifier: MIT */
/*
 * Row L3: nobody waits for ever. A hog has the lock all the time but for some nanoseconds, in sections that are longer
 * than the patience of who waits, and wakes it in vain in the middle of each, as an unlock does that comes too early. Counted are the sections
 * that the hog begins while the other one waits, not the time, so that a busy machine does not matter: one or two, as it was
 * already waiting for the first one and is impatient in the second.
 *
 * Twin: waiting threads that never lose patience.
 */
#include "stress.h"

#include <intermut/mutex.h>

#define SECTION_NS UINT64_C(1200000)
enum { TURNS = 15, OVERTAKEN_PER_TURN = 4, RUNS = 1 };

static im_mutex(uint64_t) sections;
static stress_counter begun;
static stress_flag is_over;

static void spin_for(uint64_t duration_ns)
{
    for (uint64_t end_ns = im_sync_now_ns() + duration_ns; im_sync_now_ns() < end_ns;)
        im_sync_spin_hint();
}

static void *keep_it(void *unused)
{
    while (!im_atomic_load(&is_over)) {
        im_mutex_with(count, &sections)
        {
            ++*count;
            im_atomic_fetch_add(&begun, 1);
            spin_for(SECTION_NS / 2);
            im_sync_wake(&sections.im_raw.word, 1);
            spin_for(SECTION_NS / 2);
        }
    }
    return unused;
}

static void *take_turns(void *unused)
{
    uint64_t overtaken = 0;
    for (int i = 0; i < TURNS; i++) {
        uint64_t before = im_atomic_load(&begun), now;
        while ((now = im_atomic_load(&begun)) == before)
            im_sync_spin_hint();
        im_mutex_with(count, &sections) overtaken += *count - now;
    }
    if (overtaken > TURNS * OVERTAKEN_PER_TURN)
        stress_violation("overtaken %lu times in %d turns", (unsigned long)overtaken, TURNS);
    im_atomic_store(&is_over, true);
    return unused;
}

int main(int argc, char **argv)
{
    const uint64_t runs = RUNS * stress_scale(argc, argv);
    for (uint64_t i = 0; stress_again(i, runs); i++) {
        pthread_t hog, other;
        im_atomic_store(&is_over, false);
        stress_start(&hog, keep_it, NULL);
        stress_start(&other, take_turns, NULL);
        pthread_join(hog, NULL);
        pthread_join(other, NULL);
    }
    return stress_verdict();
}
