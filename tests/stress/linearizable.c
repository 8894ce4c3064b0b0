/* SPDX-License-Identifier: MIT */
/*
 * Row M2: each key is linearizable. Threads record what they did to 64 keys, when it began and ended, and what came
 * back, while other keys make the table grow and be rebuilt; then each key's history is searched for an order in which
 * one thread alone could have done the same (J. M. Wing and C. Gong 1993; G. Lowe's memory of what was tried, 2017).
 *
 * What is found in a section of its own is looked at twice there. With STRESS_ATOMIC_VALUES values change in place, and
 * that action changes one through find's pointer instead. Row M9: with every flavour of read sections.
 *
 * Twins: a replacement that ends the old slot first; and a growth that lets values change while it copies them.
 */
#include "flavour.h"
#include "stress.h"

#include <string.h>

#include <intermut/map.h>

enum { THREADS = 4, KEYS = 64, COLLIDING = 192, FILLER_EVERY = 8, FILLERS = 500, MOVE_EVERY = 64, PAUSE_EVERY = 512 };

/*
 * The watched keys, and some that stay, all begin their search in one group: so it goes on through others, which are
 * almost full, and a replaced key finds no free slot beside its old one.
 */
static uint64_t hash_key(uint64_t key, uint64_t seed)
{
    uint64_t hash = XXH3_64bits_withSeed(&key, sizeof key, seed);
    return key < COLLIDING ? hash & ~UINT64_C(0xfffff0) : hash;
}

#define IM_MAP_NAME value_map
#define IM_MAP_KEY uint64_t
#ifdef STRESS_ATOMIC_VALUES
#define IM_MAP_ATOMIC_VALUE uint64_t
#else
#define IM_MAP_VALUE uint64_t
#endif
#define IM_MAP_HASH(key, seed) hash_key(key, seed)
#define IM_MAP_RCU STRESS_RCU
#include <intermut/map.h>

/* FIND is of frozen values, SWAP of those that change in place. */
#ifdef STRESS_ATOMIC_VALUES
enum action { GET, CONTAINS, INSERT, PUT, REPLACE, REMOVE, REMOVE_IF, GET_OR_INSERT, COMPUTE, SWAP, ACTIONS, FIND };
#else
enum action { GET, CONTAINS, INSERT, PUT, REPLACE, REMOVE, REMOVE_IF, GET_OR_INSERT, COMPUTE, FIND, ACTIONS, SWAP };
#endif
static const char *const action_names[] = {
    [GET] = "get",         [CONTAINS] = "contains", [INSERT] = "insert",       [PUT] = "put",
    [REPLACE] = "replace", [REMOVE] = "remove",     [REMOVE_IF] = "remove_if", [GET_OR_INSERT] = "get_or_insert",
    [COMPUTE] = "compute", [FIND] = "find",         [SWAP] = "swap",
};

struct event {
    uint64_t begin, end; /* nanoseconds */
    uint64_t given;      /* the value to be stored; no two events have the same, and none is 0 */
    uint64_t got;        /* 0: no value came back */
    enum action action;
    int error;
    unsigned key;
};

struct history {
    struct event *events;
    size_t count;
};

static value_map map;
static struct history histories[THREADS];

static int make(uint64_t *value, void *argument)
{
    *value = *(const uint64_t *)argument;
    return 0;
}

/* What compute does about a value, and whether remove_if takes one, follows from the number that the event has. */
static enum im_map_action computes(const struct event *event)
{
    const enum im_map_action by_number[] = {IM_MAP_STORE, IM_MAP_REMOVE, IM_MAP_KEEP};
    return by_number[event->given / THREADS % 3];
}

static bool takes(const struct event *event)
{
    return event->given / THREADS % 2 == 0;
}

/* Now and then others have their turn between a look and what comes of it. */
static void let_others_in(const struct event *event)
{
    if (event->given / THREADS % PAUSE_EVERY == 0)
        im_sync_yield();
}

static enum im_map_action compute(const uint64_t *old, uint64_t *value, void *argument)
{
    struct event *event = argument;
    event->got = old ? *old : 0;
    *value = event->given;
    let_others_in(event);
    return computes(event);
}

static bool take_or_leave(const uint64_t *value, void *argument)
{
    struct event *event = argument;
    event->got = *value;
    let_others_in(event);
    return takes(event);
}

static int remove_if(struct event *event)
{
    uint64_t old = 0;
    const int error = value_map_remove_if(&map, event->key, take_or_leave, event, &old);
    if (error == 0 && old != event->got)
        stress_violation("%lu was looked at, and %lu removed", (unsigned long)event->got, (unsigned long)old);
    return error;
}

/* By who finds it, with others in between: as get; or, of a value that changes in place, as replace. */
static int find(struct event *event)
{
    int error = ENOENT;
    im_map_with(value_map, stored, &map, event->key) {
#ifdef STRESS_ATOMIC_VALUES
        let_others_in(event);
        event->got = im_atomic_swap(stored, event->given);
#else
        event->got = *stored;
        let_others_in(event);
        const uint64_t again = *(const volatile uint64_t *)stored;
        if (again != event->got)
            stress_violation("%lu became %lu in a section", (unsigned long)event->got, (unsigned long)again);
#endif
        error = 0;
    }
    return error;
}

static void act(struct event *event)
{
    value_map_maybe old = {0};
    uint64_t key = event->key;
    event->begin = im_sync_now_ns();
    switch (event->action) {
    case GET:
        event->error = value_map_get(&map, key, &event->got);
        break;
    case CONTAINS:
        event->error = value_map_contains(&map, key) ? 0 : ENOENT;
        break;
    case INSERT:
        event->error = value_map_insert(&map, key, event->given);
        break;
    case PUT:
        event->error = value_map_put(&map, key, event->given, &old);
        event->got = old.some ? old.value : 0;
        break;
    case REPLACE:
        event->error = value_map_replace(&map, key, event->given, &event->got);
        break;
    case REMOVE:
        event->error = value_map_remove(&map, key, &event->got);
        break;
    case REMOVE_IF:
        event->error = remove_if(event);
        break;
    case COMPUTE:
        event->error = value_map_compute(&map, key, compute, event);
        break;
    case FIND:
    case SWAP:
        event->error = find(event);
        break;
    case GET_OR_INSERT:
    case ACTIONS:
        event->error = value_map_get_or_insert_with(&map, key, make, &event->given, &event->got);
        break;
    }
    event->end = im_sync_now_ns();
}

static uint64_t filler_of(uint64_t thread, uint64_t number)
{
    return (number + 1) * THREADS + thread + COLLIDING;
}

#ifdef STRESS_ATOMIC_VALUES
/* Keys move when a table is copied: so do that all the time, and begin anew before there is much to copy. */
static void move_keys(uint64_t thread, uint64_t *fillers)
{
    value_map_shrink_to_fit(&map);
    while (*fillers > FILLERS)
        (void)value_map_remove(&map, filler_of(thread, --*fillers), NULL);
}
#else
/* Free slots again within the table: only then a key may move to a group that comes before its old one. */
static void move_keys(uint64_t thread, uint64_t *fillers)
{
    (void)thread, (void)fillers;
    value_map_synchronize(&map);
}
#endif

static void *record(void *argument)
{
    struct history *history = argument;
    uint64_t thread = (uint64_t)(history - histories), random = thread + 77;
    uint64_t fillers = 0;
    STRESS_REGISTER();
    for (uint64_t i = 0; i < history->count; i++) {
        struct event *event = &history->events[i];
        /* Half of the actions read. */
        enum action action = (enum action)(stress_random(&random) >> 32) % (2 * ACTIONS);
        *event = (struct event){
            .action = action < ACTIONS ? action : GET,
            .key = (unsigned)(stress_random(&random) >> 32) % KEYS,
            .given = (i + 1) * THREADS + thread,
        };
        act(event);
        if (i % FILLER_EVERY == 0)
            value_map_insert(&map, filler_of(thread, fillers++), i);
        if (i % MOVE_EVERY == 0)
            move_keys(thread, &fillers);
        STRESS_QUIESCENT_STATE();
    }
    STRESS_UNREGISTER();
    return NULL;
}

/* ---- Checking ---- */

/* Whether one thread alone could do this when the key's value is *value (0: not there); then *value is what follows. */
static bool can_follow(const struct event *event, uint64_t *value)
{
    bool is_there = *value != 0;
    switch (event->action) {
    case GET:
    case FIND:
    case CONTAINS:
        return is_there == (event->error == 0) && (event->action == CONTAINS || event->got == *value);
    case INSERT:
        if (is_there)
            return event->error == EEXIST;
        *value = event->given;
        return event->error == 0;
    case REPLACE:
    case SWAP:
        if (!is_there)
            return event->error == ENOENT;
        /* fall through */
    case PUT: {
        bool fits = event->error == 0 && event->got == *value;
        *value = event->given;
        return fits;
    }
    case REMOVE: {
        bool fits = is_there ? event->error == 0 && event->got == *value : event->error == ENOENT;
        *value = 0;
        return fits;
    }
    case REMOVE_IF: {
        const int error = !is_there ? ENOENT : takes(event) ? 0 : ECANCELED;
        bool fits = event->error == error && event->got == *value;
        *value = error == 0 ? 0 : *value;
        return fits;
    }
    case COMPUTE: {
        const enum im_map_action what = computes(event);
        bool fits = event->error == 0 && event->got == *value;
        *value = what == IM_MAP_STORE ? event->given : what == IM_MAP_REMOVE ? 0 : *value;
        return fits;
    }
    case GET_OR_INSERT:
    case ACTIONS:
        if (!is_there)
            *value = event->given;
        return event->error == 0 && event->got == *value;
    }
    return false;
}

/* How far each thread's events have been put in order, and the value after them. */
struct state {
    uint32_t done[THREADS];
    uint64_t value;
};

/* The states that were tried: a hash set, and the path to the present one as a stack. */
struct search {
    struct state *tried;
    size_t capacity, used;
    struct state *stack;
    size_t depth;
};

static size_t place_of(const struct search *search, const struct state *state)
{
    size_t place = (size_t)XXH3_64bits(state, sizeof *state) & (search->capacity - 1);
    while (search->tried[place].done[0] != UINT32_MAX && memcmp(&search->tried[place], state, sizeof *state) != 0)
        place = (place + 1) & (search->capacity - 1);
    return place;
}

static void *allocate(size_t bytes)
{
    void *memory = malloc(bytes);
    if (!memory) {
        fprintf(stderr, "out of memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

static void begin_tried(struct search *search, size_t capacity)
{
    search->capacity = capacity;
    search->used = 0;
    search->tried = allocate(capacity * sizeof *search->tried);
    memset(search->tried, 0xff, capacity * sizeof *search->tried);
}

/* True the first time that it is asked about a state. */
static bool is_new(struct search *search, const struct state *state)
{
    if (search->used > search->capacity / 2) {
        struct search larger;
        begin_tried(&larger, 2 * search->capacity);
        for (size_t i = 0; i < search->capacity; i++) {
            if (search->tried[i].done[0] != UINT32_MAX)
                larger.tried[place_of(&larger, &search->tried[i])] = search->tried[i];
        }
        free(search->tried);
        search->tried = larger.tried;
        search->capacity = larger.capacity;
    }
    size_t place = place_of(search, state);
    if (search->tried[place].done[0] != UINT32_MAX)
        return false;
    search->tried[place] = *state;
    search->used++;
    return true;
}

/* The events of one key, by thread. */
struct key_history {
    struct event *events[THREADS];
    uint32_t count[THREADS];
    size_t total;
};

/* Put the states after `state` on the stack: any event may be next that began before every other open one ended. */
static void extend(struct search *search, const struct key_history *history, struct state state)
{
    uint64_t earliest_end = UINT64_MAX;
    for (int t = 0; t < THREADS; t++) {
        if (state.done[t] < history->count[t] && history->events[t][state.done[t]].end < earliest_end)
            earliest_end = history->events[t][state.done[t]].end;
    }
    for (int t = 0; t < THREADS; t++) {
        if (state.done[t] == history->count[t] || history->events[t][state.done[t]].begin > earliest_end)
            continue;
        struct state next = state;
        if (can_follow(&history->events[t][next.done[t]++], &next.value) && is_new(search, &next))
            search->stack[search->depth++] = next;
    }
}

static size_t events_done(const struct state *state)
{
    size_t sum = 0;
    for (int t = 0; t < THREADS; t++)
        sum += state->done[t];
    return sum;
}

static void print_frontier(const struct key_history *history, const struct state *furthest)
{
    fprintf(stderr, "the value was %lu, and none of these can be next:\n", (unsigned long)furthest->value);
    for (int t = 0; t < THREADS; t++) {
        if (furthest->done[t] == history->count[t])
            continue;
        const struct event *event = &history->events[t][furthest->done[t]];
        fprintf(stderr, "  thread %d: %s gave %lu got %lu error %d, from %lu to %lu ns\n", t,
                action_names[event->action], (unsigned long)event->given, (unsigned long)event->got, event->error,
                (unsigned long)event->begin, (unsigned long)event->end);
    }
}

static void check(unsigned key, const struct key_history *history)
{
    struct search search = {.stack = allocate((THREADS * history->total + 1) * sizeof(struct state))};
    struct state furthest = {0};
    begin_tried(&search, 1024);
    search.stack[search.depth++] = furthest;
    while (search.depth > 0 && events_done(&furthest) < history->total) {
        struct state state = search.stack[--search.depth];
        if (events_done(&state) > events_done(&furthest))
            furthest = state;
        extend(&search, history, state);
    }
    if (events_done(&furthest) < history->total) {
        stress_violation("key %u: no order for %zu events, only for %zu", key, history->total, events_done(&furthest));
        if (im_atomic_load(&stress_violations) == 1)
            print_frontier(history, &furthest);
    }
    free(search.tried);
    free(search.stack);
}

static void check_all(void)
{
    for (unsigned key = 0; key < KEYS; key++) {
        struct key_history of_key = {.total = 0};
        for (int t = 0; t < THREADS; t++) {
            of_key.events[t] = allocate(histories[t].count * sizeof(struct event));
            for (size_t i = 0; i < histories[t].count; i++) {
                if (histories[t].events[i].key == key)
                    of_key.events[t][of_key.count[t]++] = histories[t].events[i];
            }
            of_key.total += of_key.count[t];
        }
        check(key, &of_key);
        for (int t = 0; t < THREADS; t++)
            free(of_key.events[t]);
    }
}

static void run_once(uint64_t operations)
{
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
        histories[t].count = (size_t)operations / THREADS;
        histories[t].events = allocate(histories[t].count * sizeof(struct event));
    }
    STRESS_REGISTER();
    for (uint64_t key = KEYS; key < COLLIDING; key++)
        (void)value_map_insert(&map, key, 0);
    STRESS_UNREGISTER();
    for (int t = 0; t < THREADS; t++)
        stress_start(&threads[t], record, &histories[t]);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    check_all();
    for (int t = 0; t < THREADS; t++)
        free(histories[t].events);
    STRESS_REGISTER();
    value_map_destroy(&map);
    STRESS_UNREGISTER();
}

/* A short history is enough for a twin that breaks each growth. */
#ifndef OPERATIONS
#define OPERATIONS 480000
#endif

/* A second argument is the number of operations. */
int main(int argc, char **argv)
{
    const uint64_t operations = argc > 2 ? strtoul(argv[2], NULL, 10) : stress_operations(OPERATIONS, 1);
    for (uint64_t i = 0; stress_again(i, 1); i++)
        run_once(operations * stress_scale(argc, argv));
    return stress_verdict();
}
