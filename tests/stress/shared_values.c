/* SPDX-License-Identifier: MIT */
/*
 * No change of a shared value is lost or seen by half, while the table grows from empty and keeps growing.
 *
 * A value is two tallies, one behind an im_mutex and one in an im_seqlock. Updaters count in both. A looker walks over
 * all of them, counts, too, and sees them whole and never an older one; then it exchanges a value under its users, and
 * adds up what was in the old one. A grower adds keys all the while. At the end the tallies sum up to the increments.
 *
 * Row M9: with every flavour of read sections.
 *
 * Twins: a growth that lets changes go on before the copies are seen, an exchange that does not wait until nobody is
 * inside, and a walk that growth does not wait for. A lock that is copied while it is held stays locked for ever, in its
 * copy: so nobody waits for one without end, and who waited in vain says so. Who unlocks the wrong copy panics. For a
 * write of a seqlock there is no such wait: twins count behind the lock alone.
 */
#include "flavour.h"
#include "stress.h"

#include <intermut/map.h>
#include <intermut/mutex.h>
#include <intermut/seqlock.h>

struct tally {
    uint64_t count, check; /* check is ~count */
};
typedef struct {
    im_mutex(struct tally) locked;
    im_seqlock(struct tally) versioned;
} tallies;

#define IM_MAP_NAME tally_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_SHARED_VALUE tallies
#define IM_MAP_RCU STRESS_RCU
#include <intermut/map.h>

enum {
    UPDATERS = 4,
    KEYS = 1 << 12,
    EXCHANGED_KEYS = 1 << 4,
    LEAST_FILLERS = 2000,
    /* A checked build remembers each lock that the looker uses. */
    MAX_FILLERS = IM_CHECKED ? 8000 : 1000000,
    NS_PER_S = 1000000000
};
static const uint64_t FILLER = UINT64_C(1) << 32;
#ifdef STRESS_BROKEN_TWIN
static const uint64_t PATIENCE_NS = NS_PER_S / 10;
enum { IS_TWIN = true };
#else
enum { IS_TWIN = false };
static const uint64_t PATIENCE_NS = UINT64_C(100) * NS_PER_S;
#endif

struct run {
    tally_map map;
    uint64_t increments; /* of each updater, at least: it goes on until the table has grown */
    uint64_t walked;     /* those of the looker, behind the lock alone */
    stress_counter counted;
    stress_flag has_grown, done;
    uint64_t exchanged[2];  /* what was in the values that were exchanged: locked, versioned */
    uint64_t seen[2][KEYS]; /* by the looker */
};

#define ZERO ((tallies){.locked = {.im_value = {0, ~UINT64_C(0)}}, .versioned = {.im_value = {0, ~UINT64_C(0)}}})

static bool is_whole(struct tally tally)
{
    return tally.check == ~tally.count;
}

/* Once a lock is locked for ever there is nothing more to find. */
static bool is_over(void)
{
    return IS_TWIN && im_atomic_load(&stress_violations) > 0;
}

/* False when it is locked for ever. */
static bool count_locked(uint64_t key, const tallies *values)
{
    im_mutex_try_with_for(tally, &values->locked, PATIENCE_NS)
    {
        if (!is_whole(*tally))
            stress_violation("half a value behind the lock");
        if (key < EXCHANGED_KEYS)
            STRESS_LINGER();
        tally->count++;
        tally->check = ~tally->count;
        return true;
    }
    stress_violation("locked for ever");
    return false;
}

static void count_versioned(const tallies *values)
{
    im_seqlock_with(tally, &values->versioned)
    {
        if (!is_whole(*tally))
            stress_violation("half a value in the seqlock");
        tally->count++;
        tally->check = ~tally->count;
    }
}

static void *update(void *argument)
{
    const struct run *run = argument;
    uint64_t random = im_sync_thread_id() | 1;
    uint64_t i;
    STRESS_REGISTER();
    for (i = 0; (i < run->increments || !im_atomic_load(&run->has_grown)) && !is_over(); i++) {
        /* Every 16th time one of the few that are exchanged. */
        const uint64_t key = stress_random(&random) % (i % 16 == 0 ? EXCHANGED_KEYS : KEYS);
        im_map_with_or_insert(tally_map, values, &run->map, key, ZERO) {
            if (count_locked(key, values) && !IS_TWIN)
                count_versioned(values);
        } else
            stress_violation("no memory");
        STRESS_QUIESCENT_STATE();
        STRESS_STEP();
    }
    STRESS_UNREGISTER();
    im_atomic_fetch_add(&run->counted, i);
    STRESS_STEPPER_ENDS();
    return NULL;
}

static void *grow(void *argument)
{
    const struct run *run = argument;
    STRESS_REGISTER();
    for (uint64_t i = 0; i < MAX_FILLERS && !im_atomic_load(&run->done); i++) {
        (void)tally_map_insert(&run->map, FILLER + i, ZERO);
        if (i == LEAST_FILLERS) {
            (void)tally_map_synchronize(&run->map);
            im_atomic_store(&run->has_grown, true);
        }
        STRESS_QUIESCENT_STATE();
    }
    STRESS_UNREGISTER();
    return NULL;
}

static void look_at(struct tally tally, uint64_t key, uint64_t *seen)
{
    if (!is_whole(tally))
        stress_violation("half a value was seen");
    if (key >= EXCHANGED_KEYS && tally.count < *seen)
        stress_violation("an older value was seen");
    *seen = tally.count;
}

static int look(uint64_t key, const tallies *values, void *argument)
{
    struct run *run = argument;
    if (count_locked(key, values))
        run->walked++;
    if (key < KEYS) {
        look_at(im_seqlock_load(&values->versioned), key, &run->seen[1][key]);
        im_mutex_try_with_for(tally, &values->locked, PATIENCE_NS) look_at(*tally, key, &run->seen[0][key]);
        else stress_violation("locked for ever");
    }
    return im_atomic_load(&run->done) || is_over();
}

static void take_out(struct run *run, tallies *values)
{
    run->exchanged[0] += im_mutex_get_mut(&values->locked)->count;
    run->exchanged[1] += im_seqlock_get_mut(&values->versioned)->count;
}

static void *look_and_exchange(void *argument)
{
    struct run *run = argument;
    STRESS_REGISTER();
    for (uint64_t i = 0; !im_atomic_load(&run->done) && !is_over(); i++) {
        tallies old;
        if (tally_map_replace(&run->map, i % EXCHANGED_KEYS, ZERO, &old) == 0)
            take_out(run, &old);
        if (i % 16 == 0)
            tally_map_for_each(&run->map, look, run);
        STRESS_QUIESCENT_STATE();
    }
    STRESS_UNREGISTER();
    return NULL;
}

static void take(uint64_t key, tallies values, void *argument)
{
    (void)key;
    take_out(argument, &values);
}

static void run_once(uint64_t increments)
{
    static struct run run;
    static const struct run zeroed;
    pthread_t updaters[UPDATERS], looker, grower;
    memcpy(&run, &zeroed, sizeof run);
    run.increments = increments;
    for (int i = 0; i < UPDATERS; i++) {
        STRESS_STEPPER_BEGINS();
        stress_start(&updaters[i], update, &run);
    }
    stress_start(&looker, look_and_exchange, &run);
    stress_start(&grower, grow, &run);
    for (int i = 0; i < UPDATERS; i++)
        pthread_join(updaters[i], NULL);
    im_atomic_store(&run.done, true);
    pthread_join(looker, NULL);
    pthread_join(grower, NULL);

    const struct im_map_stats stats = tally_map_stats(&run.map);
    if (is_over())
        return;
    STRESS_REGISTER();
    tally_map_drain(&run.map, take, &run);
    const uint64_t counted = im_atomic_load(&run.counted);
    const uint64_t versioned = IS_TWIN ? 0 : counted, locked = counted + run.walked;
    printf("%lu of %lu and %lu of %lu increments, %lu growths, %zu keys\n", (unsigned long)run.exchanged[0],
           (unsigned long)locked, (unsigned long)run.exchanged[1], (unsigned long)versioned,
           (unsigned long)stats.growths, stats.length);
    if (run.exchanged[0] != locked || run.exchanged[1] != versioned)
        stress_violation("increments lost");
    tally_map_destroy(&run.map);
    STRESS_UNREGISTER();
}

/* A lock that is not as its holder left it. */
static void find_out(const struct im_panic_info *info)
{
    im_panic_print(info);
    stress_violation("%s", info->message);
    exit(stress_verdict());
}

/* A second argument is the number of increments of each updater. */
int main(int argc, char **argv)
{
    const uint64_t increments = stress_operations(argc > 2 ? strtoul(argv[2], NULL, 10) : 200000, 1);
    im_panic_set_handler(find_out);
    for (unsigned i = 0; stress_again(i, 3 * stress_scale(argc, argv)); i++)
        run_once(increments);
    return stress_verdict();
}
