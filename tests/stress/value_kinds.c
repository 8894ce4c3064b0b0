/* SPDX-License-Identifier: MIT */
/*
 * Row M6 for the kinds of values that conservation.c and shared_values.c do not have: while the table keeps growing, no
 * change is lost, none is seen by half, and who has made one sees it.
 *
 * Atomics of 1, 2, 4 and 16 bytes, and wide ones of 24 and 64, an im_rwlock, an im_seqlock, an im_once, and an im_qcell
 * and an im_refcell whose owner is behind a lock. Updaters count in one kind after the other, most often under keys of
 * all, and sometimes under one of their own, which they look at again. A once is filled by the thread that drew its key
 * first, and waited for by the others. At the end what is in the table sums up to what was counted.
 *
 * Twin: a growth that lets changes go on before the copies are seen, which each kind must find out by itself. What is
 * copied while somebody is inside stays locked, borrowed or unfinished for ever, in its copy: so nobody waits without end,
 * but for an im_seqlock, which has no other wait.
 */
#include "stress.h"

#include <intermut/map.h>
#include <intermut/mutex.h>
#include <intermut/once.h>
#include <intermut/qcell.h>
#include <intermut/refcell.h>
#include <intermut/rwlock.h>
#include <intermut/seqlock.h>

struct tally {
    uint64_t count, check, twice; /* check is ~count, twice 2 * count */
};
struct pair {
    uint64_t count, check; /* check is ~count */
};
typedef struct {
    uint64_t count[8]; /* all the same */
} wide_tally;

typedef struct {
    im_atomic(struct tally) atomic;
    im_atomic(uint8_t) byte;
    im_atomic(uint16_t) half;
    im_atomic(uint32_t) word;
    im_atomic(struct pair) pair;
    im_rwlock(struct tally) locked;
    im_seqlock(struct tally) sequenced;
    im_once(uint64_t) made;
    im_qcell(struct tally) owned;
    im_refcell(struct tally) borrowed;
} mixed;

#define IM_MAP_NAME mixed_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_SHARED_VALUE mixed
#include <intermut/map.h>

#define IM_MAP_NAME wide_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE wide_tally
#include <intermut/map.h>

enum kind { WIDE, ATOMIC, BYTE, HALF, WORD, PAIR, LOCKED, SEQUENCED, MADE, OWNED, BORROWED, KINDS };
static const char *const kind_names[] = {"wide atomic",   "atomic",         "1-byte atomic", "2-byte atomic",
                                         "4-byte atomic", "16-byte atomic", "rwlock",        "seqlock",
                                         "once",          "qcell",          "refcell"};

enum { UPDATERS = 4, KEYS = 1 << 10, ALL_KEYS = KEYS + UPDATERS, LEAST_FILLERS = 10000, MAX_FILLERS = 200000 };
/* At its powers of two the grower waits until its growth is finished, which takes longer than to insert all of them. */
enum { FINISHED_FROM = 512 };
enum { NS_PER_S = 1000000000 };
static const uint64_t FILLER = UINT64_C(1) << 32;
#ifdef STRESS_BROKEN_TWIN
static const uint64_t PATIENCE_NS = NS_PER_S / 10;
#else
static const uint64_t PATIENCE_NS = UINT64_C(100) * NS_PER_S;
#endif

/* What opens the qcells, and what stands for the right to use the refcells. */
static im_mutex(struct im_qcell_owner) owner;
static struct im_qcell_id owner_id;

struct updater {
    struct run *run;
    uint64_t own_key;
    uint64_t counted[KINDS];
    uint64_t own_counted[KINDS];
};

struct run {
    mixed_map mixed;
    wide_map wide;
    uint64_t increments;         /* of each updater, at least: it goes on until the table has grown */
    enum kind first, end;        /* the kinds that take part */
    stress_flag drawn[ALL_KEYS]; /* whose once somebody fills */
    stress_flag has_grown, done;
    struct updater updaters[UPDATERS];
    uint64_t found[KINDS];
};

static struct tally next(struct tally tally)
{
    return (struct tally){tally.count + 1, ~(tally.count + 1), 2 * (tally.count + 1)};
}

static void check(struct tally tally, enum kind kind)
{
    if (tally.check != ~tally.count || tally.twice != 2 * tally.count)
        stress_violation("%s: half a value", kind_names[kind]);
}

static void count(struct tally *tally, enum kind kind)
{
    check(*tally, kind);
    *tally = next(*tally);
}

static uint64_t checked_count(struct tally tally, enum kind kind)
{
    check(tally, kind);
    return tally.count;
}

static struct pair next_pair(struct pair pair)
{
    return (struct pair){pair.count + 1, ~(pair.count + 1)};
}

static uint64_t checked_pair_count(struct pair pair)
{
    if (pair.check != ~pair.count)
        stress_violation("%s: half a value", kind_names[PAIR]);
    return pair.count;
}

/* Which bits of a count there are: small ones go round. */
static uint64_t bits_of(enum kind kind)
{
    return kind == BYTE ? UINT8_MAX : kind == HALF ? UINT16_MAX : kind == WORD ? UINT32_MAX : UINT64_MAX;
}

static mixed zero(void)
{
    const struct tally none = {0, ~UINT64_C(0), 0};
    return (mixed){
        .atomic = IM_ATOMIC_INIT(none),
        .pair = IM_ATOMIC_INIT({0, ~UINT64_C(0)}),
        .locked = IM_RWLOCK_INIT(none),
        .sequenced = IM_SEQLOCK_INIT(none),
        .owned = IM_QCELL_INIT(owner_id, none),
        .borrowed = IM_REFCELL_INIT(none),
    };
}

/* Once something is locked for ever there is nothing more to find. */
static bool is_over(void)
{
    return STRESS_PATIENCE > 1 && im_atomic_load(&stress_violations) > 0;
}

static void make(const struct run *run, const mixed *values, uint64_t key)
{
    if (im_atomic_swap(&run->drawn[key], true)) {
        const uint64_t *made;
        if (im_once_wait_for(&values->made, PATIENCE_NS, &made) != 0)
            stress_violation("once: nobody fills it");
        return;
    }
    im_once_init(made, &values->made)
    {
        im_sync_yield(); /* long enough for a growth to begin */
        *made = key;
    }
}

/* Whether it was counted. */
static bool count_in(const struct run *run, const mixed *values, uint64_t key, enum kind kind)
{
    struct tally *locked;
    switch (kind) {
    case ATOMIC:
        check(im_atomic_fetch_update(&values->atomic, tally, next(tally)), kind);
        return true;
    case BYTE:
        im_atomic_fetch_add(&values->byte, 1);
        return true;
    case HALF:
        im_atomic_fetch_add(&values->half, 1);
        return true;
    case WORD:
        im_atomic_fetch_add(&values->word, 1);
        return true;
    case PAIR:
        checked_pair_count(im_atomic_fetch_update(&values->pair, pair, next_pair(pair)));
        return true;
    case LOCKED:
        locked = im_rwlock_write_for(&values->locked, PATIENCE_NS);
        if (!locked) {
            stress_violation("rwlock: locked for ever");
            return false;
        }
        count(locked, kind);
        im_rwlock_write_unlock(&values->locked);
        return true;
    case SEQUENCED:
        im_seqlock_with(tally, &values->sequenced) count(tally, kind);
        return true;
    case MADE:
        make(run, values, key);
        return false;
    case OWNED:
        im_mutex_with(o, &owner)
        {
            im_qcell_with_rw(tally, o, &values->owned)
                count(tally, kind);
        }
        return true;
    case BORROWED:
        im_mutex_with(o, &owner)
        {
            im_refcell_try_with_mut(tally, &values->borrowed) {
                count(tally, kind);
                return true;
            }
        }
        stress_violation("refcell: borrowed for ever");
        return false;
    case WIDE:
    case KINDS:
        break;
    }
    return false;
}

static uint64_t look_at(const mixed *values, enum kind kind)
{
    uint64_t seen = 0;
    switch (kind) {
    case ATOMIC:
        return checked_count(im_atomic_load(&values->atomic), kind);
    case BYTE:
        return im_atomic_load(&values->byte);
    case HALF:
        return im_atomic_load(&values->half);
    case WORD:
        return im_atomic_load(&values->word);
    case PAIR:
        return checked_pair_count(im_atomic_load(&values->pair));
    case LOCKED: {
        const struct tally *tally = im_rwlock_read_for(&values->locked, PATIENCE_NS);
        if (tally) {
            seen = checked_count(*tally, kind);
            im_rwlock_read_unlock(&values->locked);
        }
        return seen;
    }
    case SEQUENCED:
        return checked_count(im_seqlock_load(&values->sequenced), kind);
    case OWNED:
        im_mutex_with(o, &owner) seen = checked_count(*im_qcell_ro(o, &values->owned), kind);
        return seen;
    case BORROWED:
        im_mutex_with(o, &owner)
        {
            im_refcell_try_with(tally, &values->borrowed)
                seen = checked_count(*tally, kind);
        }
        return seen;
    case MADE:
        return im_once_get(&values->made) ? 1 : 0;
    case WIDE:
    case KINDS:
        break;
    }
    return seen;
}

static wide_tally next_wide(wide_tally tally)
{
    for (int i = 0; i < 8; i++)
        tally.count[i]++;
    return tally;
}

static uint64_t checked_wide_count(wide_tally tally)
{
    for (int i = 1; i < 8; i++) {
        if (tally.count[i] != tally.count[0])
            stress_violation("%s: half a value", kind_names[WIDE]);
    }
    return tally.count[0];
}

/* A wide atomic value is what a map with atomic values has; get copies it beside a growth. */
static bool count_wide(const struct run *run, uint64_t key)
{
    im_map_with_or_insert(wide_map, tally, &run->wide, key, (wide_tally){{0}}) {
        checked_wide_count(im_atomic_fetch_update(tally, old, next_wide(old)));
        return true;
    }
    stress_violation("no memory");
    return false;
}

static bool count_once(const struct run *run, uint64_t key, enum kind kind)
{
    if (kind == WIDE)
        return count_wide(run, key);
    im_map_with_or_insert(mixed_map, values, &run->mixed, key, zero())
        return count_in(run, values, key, kind);
    stress_violation("no memory");
    return false;
}

/* Another section, and perhaps another table, than the one in which it was counted. */
static uint64_t look_once(const struct run *run, uint64_t key, enum kind kind)
{
    wide_tally tally = {{0}};
    if (kind == WIDE)
        return wide_map_get(&run->wide, key, &tally) == 0 ? checked_wide_count(tally) : 0;
    im_map_with(mixed_map, values, &run->mixed, key)
        return look_at(values, kind);
    return 0;
}

/* Each once is filled once: of a twin's keys the later half is kept for its window. */
static uint64_t draw_key(uint64_t *random)
{
    const uint64_t first = STRESS_IS_WINDOW_OPEN() ? KEYS / 2 : 0;
    return first + stress_random(random) % (STRESS_PATIENCE > 1 ? KEYS / 2 : KEYS);
}

static void *update(void *argument)
{
    struct updater *self = argument;
    const struct run *run = self->run;
    uint64_t random = im_sync_thread_id() | 1;
    for (uint64_t i = 0; (i < run->increments || !im_atomic_load(&run->has_grown)) && !is_over(); i++) {
        const bool is_own = i % 4 == 0;
        const uint64_t key = is_own ? self->own_key : draw_key(&random);
        for (enum kind kind = run->first; kind < run->end; kind++) {
            if (!count_once(run, key, kind))
                continue;
            self->counted[kind]++;
            self->own_counted[kind] += is_own;
            if (is_own && look_once(run, key, kind) != (self->own_counted[kind] & bits_of(kind)))
                stress_violation("%s: a change of the own key is not there", kind_names[kind]);
        }
        STRESS_STEP();
    }
    STRESS_STEPPER_ENDS();
    return NULL;
}

static void fill(const struct run *run, uint64_t key)
{
    (void)mixed_map_insert(&run->mixed, key, zero());
    if (run->first == WIDE)
        (void)wide_map_insert(&run->wide, key, (wide_tally){{0}});
}

static void finish_growth(const struct run *run)
{
    (void)mixed_map_synchronize(&run->mixed);
    (void)wide_map_synchronize(&run->wide);
}

static void *grow(void *argument)
{
    const struct run *run = argument;
    for (uint64_t key = KEYS / 2; key < KEYS; key++)
        fill(run, key);
    for (uint64_t i = 0; i < MAX_FILLERS && !im_atomic_load(&run->done); i++) {
        fill(run, FILLER + i);
        if (i >= FINISHED_FROM && i < LEAST_FILLERS && (i & (i - 1)) == 0)
            finish_growth(run);
        if (i == LEAST_FILLERS)
            im_atomic_store(&run->has_grown, true);
    }
    return NULL;
}

static void check_sums(struct run *run)
{
    for (enum kind kind = run->first; kind < run->end; kind++) {
        uint64_t counted = 0, found = 0;
        for (int i = 0; i < UPDATERS; i++)
            counted += run->updaters[i].counted[kind];
        for (uint64_t key = 0; key < ALL_KEYS; key++) {
            counted += kind == MADE && im_atomic_load(&run->drawn[key]);
            found += look_once(run, key, kind);
        }
        found &= bits_of(kind);
        counted &= bits_of(kind);
        if (found != counted)
            stress_violation("%s: %lu of %lu changes", kind_names[kind], (unsigned long)found, (unsigned long)counted);
        printf("%s: %lu of %lu changes\n", kind_names[kind], (unsigned long)found, (unsigned long)counted);
    }
}

static void run_once(uint64_t increments, enum kind first, enum kind end)
{
    static struct run run;
    static const struct run zeroed;
    pthread_t updaters[UPDATERS], grower;
    memcpy(&run, &zeroed, sizeof run);
    run.increments = increments;
    run.first = first;
    run.end = end;
    for (unsigned i = 0; i < UPDATERS; i++) {
        run.updaters[i] = (struct updater){.run = &run, .own_key = KEYS + i};
        STRESS_STEPPER_BEGINS();
        stress_start(&updaters[i], update, &run.updaters[i]);
    }
    stress_start(&grower, grow, &run);
    for (int i = 0; i < UPDATERS; i++)
        pthread_join(updaters[i], NULL);
    im_atomic_store(&run.done, true);
    pthread_join(grower, NULL);
    if (!is_over())
        check_sums(&run);
    printf("%lu growths, %zu keys\n", (unsigned long)mixed_map_stats(&run.mixed).growths, mixed_map_len(&run.mixed));
    mixed_map_destroy(&run.mixed);
    wide_map_destroy(&run.wide);
}

static int run_all(uint64_t increments, uint64_t runs)
{
    for (uint64_t i = 0; i < runs; i++)
        run_once(increments, 0, KINDS);
    return stress_verdict();
}

/* Each kind by itself, until it finds the twin out. */
static int run_each(uint64_t increments)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        im_atomic_store(&stress_violations, 0);
        for (uint64_t i = 0; stress_again(i, 1); i++)
            run_once(increments, kind, kind + 1);
        if (im_atomic_load(&stress_violations) == 0) {
            fprintf(stderr, "%s: nothing found\n", kind_names[kind]);
            return EXIT_FAILURE;
        }
    }
    return stress_verdict();
}

int main(int argc, char **argv)
{
    struct im_qcell_owner *new_owner = im_mutex_get_mut(&owner);
    if (im_qcell_owner_new(new_owner) != 0)
        return EXIT_FAILURE;
    owner_id = im_qcell_owner_id(new_owner);
    const uint64_t increments = stress_operations(40000, 1);
    return STRESS_PATIENCE > 1 ? run_each(increments) : run_all(increments, stress_scale(argc, argv));
}
