/* SPDX-License-Identifier: MIT */
/*
 * Rows M2, M3, M8, M13: what a map does equals what an array of values does, whatever the order of operations and
 * whichever allocation fails; and in the end nothing is left.
 *
 * libFuzzer drives it (clang), with AddressSanitizer. An input is a list of operations of three bytes: what, and which
 * key. Keys are owned strings, some of them too long for the table; their hash is poor on purpose, so that marks and
 * homes collide. Values own something, and each must end exactly once.
 *
 * Some operations are those of a second map, whose values change in place. The first operation says whether it is
 * synchronous, or leaves its growth to the helper: then the next ones meet it in the middle of that, at any point of it,
 * and what is compared is the same.
 */
#include <stdio.h>
#include <stdlib.h>

#include <intermut/map.h>

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

/* ---- What the map owns ---- */

enum { OBJECTS = 1 << 16, NOBODY = 0 };

static bool alive[OBJECTS];
static int next_object, objects_alive;

typedef struct {
    int object;
} thing;
IM_FREEZE(thing);

static thing new_thing(void)
{
    thing made = {++next_object};
    alive[made.object] = true;
    objects_alive++;
    return made;
}

static void end_thing(const thing *ended)
{
    CHECK(alive[ended->object]);
    alive[ended->object] = false;
    objects_alive--;
}

/* ---- Memory that runs out ---- */

/* Atomic: the helper asks, too. */
static size_t allocated;
static unsigned allowed; /* allocations until one fails; 0: none does */

static void allow(unsigned allocations)
{
    im_sync_store(&allowed, allocations, memory_order_relaxed);
}

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    unsigned left = im_sync_load(&allowed, memory_order_relaxed);
    while (left > 0 && !im_sync_compare_exchange(&allowed, &left, left - 1, memory_order_relaxed, memory_order_relaxed))
        continue;
    if (left == 1)
        return NULL;
    im_sync_fetch_add(&allocated, bytes, memory_order_relaxed);
    return im_allocate(NULL, bytes, alignment);
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)context;
    im_sync_fetch_sub(&allocated, bytes, memory_order_relaxed);
    im_release(NULL, memory, bytes);
}

static const struct im_allocator meagre = {.allocate = allocate, .release = release};

#define IM_MAP_NAME thing_map
#define IM_MAP_STRING_KEY
#define IM_MAP_HASH(query, seed) (XXH3_64bits_withSeed((query).bytes, (query).length, seed) & 0x0e00000000000073u)
#define IM_MAP_VALUE thing
#define IM_MAP_DROP_VALUE(value) end_thing(value)
#include <intermut/map.h>

#define IM_MAP_NAME tally_map
#define IM_MAP_STRING_KEY
#define IM_MAP_HASH(query, seed) (XXH3_64bits_withSeed((query).bytes, (query).length, seed) & 0x0e00000000000073u)
#define IM_MAP_ATOMIC_VALUE unsigned
#include <intermut/map.h>

/* ---- The map and its reference ---- */

enum { KEYS = 512 };

static thing_map map;
static int expected[KEYS]; /* the object of each key, or NOBODY */
static size_t expected_length;

struct key {
    char text[32];
};

static struct im_slice name_key(struct key *key, unsigned number)
{
    int length = snprintf(key->text, sizeof key->text, number % 3 ? "%u" : "a key that is not short %u", number);
    return (struct im_slice){key->text, (size_t)length};
}

static unsigned number_of(struct im_slice key)
{
    const char *digits = key.bytes + key.length;
    unsigned number = 0, scale = 1;
    while (digits > key.bytes && digits[-1] >= '0' && digits[-1] <= '9') {
        number += scale * (unsigned)(*--digits - '0');
        scale *= 10;
    }
    return number;
}

static void expect(unsigned number, int object)
{
    expected_length += (object != NOBODY) - (size_t)(expected[number] != NOBODY);
    expected[number] = object;
}

/* A store of `made` under a key ended with `error`: it is the map's now, or still ours. */
static void settle(int error, unsigned number, const thing *made)
{
    if (error == 0)
        expect(number, made->object);
    else
        end_thing(made);
}

static int make_thing(thing *value, void *error)
{
    if (*(const int *)error)
        return *(const int *)error;
    *value = new_thing();
    return 0;
}

static bool is_odd(const thing *value, void *argument)
{
    (void)argument;
    return value->object % 2 != 0;
}

struct computation {
    enum im_map_action action;
    int old, made;
};

static enum im_map_action compute_thing(const thing *old, thing *value, void *argument)
{
    struct computation *computation = argument;
    computation->old = old ? old->object : NOBODY;
    if (computation->action == IM_MAP_STORE) {
        *value = new_thing();
        computation->made = value->object;
    }
    return computation->action;
}

static int visit(struct im_slice key, const thing *value, void *seen)
{
    unsigned number = number_of(key);
    CHECK(number < KEYS && expected[number] == value->object);
    CHECK(!((bool *)seen)[number]);
    ((bool *)seen)[number] = true;
    return 0;
}

static void check_all(void)
{
    bool seen[KEYS] = {false};
    CHECK(thing_map_for_each(&map, visit, seen) == 0);
    for (unsigned number = 0; number < KEYS; number++)
        CHECK(seen[number] == (expected[number] != NOBODY));
}

/* ---- The operations ---- */

static void insert(struct im_slice key, unsigned number)
{
    thing made = new_thing();
    int error = thing_map_insert(&map, key, made);
    CHECK(error == ENOMEM || error == (expected[number] ? EEXIST : 0));
    settle(error, number, &made);
}

static void put(struct im_slice key, unsigned number, bool wants_old)
{
    thing made = new_thing();
    thing_map_maybe old = {0};
    int error = thing_map_put(&map, key, made, wants_old ? &old : NULL);
    CHECK(error == ENOMEM || error == 0);
    if (wants_old && error == 0) {
        CHECK(old.some == (expected[number] != NOBODY) && (!old.some || old.value.object == expected[number]));
        if (old.some)
            end_thing(&old.value);
    }
    settle(error, number, &made);
}

static void replace(struct im_slice key, unsigned number, bool wants_old)
{
    thing made = new_thing(), old = {0};
    int error = thing_map_replace(&map, key, made, wants_old ? &old : NULL);
    CHECK(error == ENOMEM || error == (expected[number] ? 0 : ENOENT));
    if (wants_old && error == 0) {
        CHECK(old.object == expected[number]);
        end_thing(&old);
    }
    settle(error, number, &made);
}

static void take_away(struct im_slice key, unsigned number, bool wants_old, bool odd_only)
{
    thing old = {0};
    int error = odd_only ? thing_map_remove_if(&map, key, is_odd, NULL, wants_old ? &old : NULL)
                         : thing_map_remove(&map, key, wants_old ? &old : NULL);
    bool is_refused = odd_only && expected[number] % 2 == 0;
    CHECK(error == ENOMEM || error == (!expected[number] ? ENOENT : is_refused ? ECANCELED : 0));
    if (error)
        return;
    CHECK(!wants_old || old.object == expected[number]);
    expect(number, NOBODY);
    if (wants_old)
        end_thing(&old);
}

static void get_or_insert(struct im_slice key, unsigned number, int refusal)
{
    thing got = {0};
    int before = next_object, error = thing_map_get_or_insert_with(&map, key, make_thing, &refusal, &got);
    CHECK(error == ENOMEM || error == (expected[number] ? 0 : refusal));
    if (error)
        return;
    if (!expected[number])
        expect(number, before + 1);
    CHECK(got.object == expected[number]);
}

static void compute(struct im_slice key, unsigned number, enum im_map_action action)
{
    struct computation computation = {.action = action, .old = -1};
    int error = thing_map_compute(&map, key, compute_thing, &computation);
    CHECK(error == ENOMEM || error == 0);
    CHECK(error || computation.old == expected[number]);
    if (error == 0 && action != IM_MAP_KEEP)
        expect(number, action == IM_MAP_STORE ? computation.made : NOBODY);
}

static bool succeeds(int error)
{
    CHECK(error == 0 || error == ENOMEM);
    return error == 0;
}

static bool keep_odd(struct im_slice key, const thing *value, void *argument)
{
    (void)key;
    return is_odd(value, argument);
}

static void take(struct im_slice key, thing value, void *argument)
{
    const unsigned number = number_of(key);
    (void)argument;
    CHECK(number < KEYS && expected[number] == value.object);
    expect(number, NOBODY);
    end_thing(&value);
}

static void expect_none(bool is_odd_kept)
{
    for (unsigned number = 0; number < KEYS; number++) {
        if (!is_odd_kept || expected[number] % 2 == 0)
            expect(number, NOBODY);
    }
}

/* What is done to all of them. */
static void operate_on_all(unsigned what, bool hands_out)
{
    switch (what) {
    case 2:
        CHECK(thing_map_retain(&map, keep_odd, NULL) == 0);
        expect_none(true);
        break;
    case 3:
        CHECK((hands_out ? thing_map_drain(&map, take, NULL) : thing_map_clear(&map)) == 0);
        CHECK(!hands_out || expected_length == 0);
        expect_none(false);
        break;
    default:
        thing_map_synchronize(&map);
    }
}

static void look_at_some(unsigned number)
{
    enum { SOME = 5 };
    struct key texts[SOME];
    struct im_slice keys[SOME];
    thing_map_maybe got[SOME];
    size_t there = 0;
    for (unsigned i = 0; i < SOME; i++) {
        keys[i] = name_key(&texts[i], (number + i) % KEYS);
        there += expected[(number + i) % KEYS] != NOBODY;
    }
    CHECK(thing_map_get_many(&map, keys, SOME, got) == there);
    for (unsigned i = 0; i < SOME; i++) {
        const int object = expected[(number + i) % KEYS];
        CHECK(got[i].some == (object != NOBODY) && (!object || got[i].value.object == object));
    }
}

static void look(struct im_slice key, unsigned number)
{
    thing got = {0};
    look_at_some(number);
    CHECK(thing_map_get(&map, key, &got) == (expected[number] ? 0 : ENOENT) && got.object == expected[number]);
    CHECK(thing_map_contains(&map, key) == (expected[number] != NOBODY));
    im_map_with(thing_map, found, &map, key)
        CHECK(found->object == expected[number]);
    else
        CHECK(!expected[number]);
}

static void reserve(unsigned count)
{
    int error = thing_map_reserve(&map, count);
    CHECK(error == ENOMEM || error == 0);
}

/* ---- The map whose values change in place, and its reference ---- */

static tally_map tallies;
static unsigned tally_of[KEYS]; /* 0: the key is not there */

static bool is_odd_tally(const unsigned *value, void *argument)
{
    (void)argument;
    return *value % 2 != 0;
}

static bool keep_odd_tally(struct im_slice key, const unsigned *value, void *argument)
{
    (void)key;
    return is_odd_tally(value, argument);
}

static enum im_map_action compute_tally(const unsigned *old, unsigned *value, void *argument)
{
    *value = (old ? *old : 0) + 1;
    return *(const bool *)argument ? IM_MAP_STORE : IM_MAP_REMOVE;
}

static int visit_tally(struct im_slice key, const unsigned *value, void *seen)
{
    const unsigned number = number_of(key);
    CHECK(number < KEYS && tally_of[number] == *value && !((bool *)seen)[number]);
    ((bool *)seen)[number] = true;
    return 0;
}

static void check_tallies(void)
{
    bool seen[KEYS] = {false};
    static struct key texts[KEYS];
    static struct im_slice keys[KEYS];
    static tally_map_maybe got[KEYS];
    size_t length = 0;
    for (unsigned number = 0; number < KEYS; number++)
        keys[number] = name_key(&texts[number], number);
    CHECK(tally_map_get_many(&tallies, keys, KEYS, got) == tally_map_len(&tallies));
    for (unsigned number = 0; number < KEYS; number++)
        CHECK(got[number].some == (tally_of[number] != 0) &&
              (!got[number].some || got[number].value == tally_of[number]));
    CHECK(tally_map_for_each(&tallies, visit_tally, seen) == 0);
    for (unsigned number = 0; number < KEYS; number++) {
        CHECK(seen[number] == (tally_of[number] != 0));
        length += seen[number];
    }
    CHECK(tally_map_len(&tallies) == length);
}

/* Keys in a row, so that an input of a few bytes makes the map grow. */
static void insert_tallies(unsigned from, unsigned count)
{
    struct key text;
    for (unsigned number = from; number < from + count && number < KEYS; number++) {
        const int error = tally_map_insert(&tallies, name_key(&text, number), number + 1);
        CHECK(error == ENOMEM || error == (tally_of[number] ? EEXIST : 0));
        tally_of[number] = error ? tally_of[number] : number + 1;
    }
}

static void remove_tallies(unsigned from, unsigned count)
{
    struct key text;
    for (unsigned number = from; number < from + count && number < KEYS; number++) {
        unsigned old = 0;
        const int error = tally_map_remove(&tallies, name_key(&text, number), &old);
        CHECK(error == (tally_of[number] ? 0 : ENOENT) && old == tally_of[number]);
        tally_of[number] = 0;
    }
}

static void add_to_tally(struct im_slice key, unsigned number)
{
    bool added = false;
    im_map_with_or_insert(tally_map, value, &tallies, key, 0) {
        im_atomic_fetch_add(value, 3);
        added = true;
    }
    CHECK(added || !tally_of[number]);
    tally_of[number] += added ? 3 : 0;
}

static void operate_on_tallies(unsigned what, unsigned number)
{
    struct key text;
    const struct im_slice key = name_key(&text, number);
    tally_map_maybe old = {0};
    bool stores = what % 2 == 0;
    unsigned got = 0;
    int error;
    switch (what) {
    case 0:
    case 1:
    case 2:
        insert_tallies(number, 1u << 3 * what);
        break;
    case 3:
    case 4:
        add_to_tally(key, number);
        break;
    case 5:
        if (succeeds(tally_map_put(&tallies, key, 8, &old))) {
            CHECK(old.some == (tally_of[number] != 0) && (!old.some || old.value == tally_of[number]));
            tally_of[number] = 8;
        }
        break;
    case 6:
    case 7:
        remove_tallies(number, what == 6 ? 1 : 64);
        break;
    case 8:
        error = tally_map_remove_if(&tallies, key, is_odd_tally, NULL, NULL);
        CHECK(error == (!tally_of[number] ? ENOENT : tally_of[number] % 2 ? 0 : ECANCELED));
        tally_of[number] = error ? tally_of[number] : 0;
        break;
    case 9:
    case 10:
        if (succeeds(tally_map_compute(&tallies, key, compute_tally, &stores)))
            tally_of[number] = stores ? tally_of[number] + 1 : 0;
        break;
    case 11:
        (void)succeeds(tally_map_reserve(&tallies, number));
        break;
    case 12:
        (void)succeeds(tally_map_shrink_to_fit(&tallies));
        break;
    case 13:
        CHECK(tally_map_retain(&tallies, keep_odd_tally, NULL) == 0);
        for (unsigned i = 0; i < KEYS; i++)
            tally_of[i] = tally_of[i] % 2 ? tally_of[i] : 0;
        break;
    case 14:
        /* As its size would ask for later. Locked, as the helper looks at it. */
        im_map_lock_take(&tallies.raw.first.lock);
        tallies.raw.wanted_shards = 4;
        im_map_lock_give(&tallies.raw.first.lock);
        (void)succeeds(tally_map_reserve(&tallies, 1));
        break;
    default:
        check_tallies();
    }
    CHECK(tally_map_get(&tallies, key, &got) == (tally_of[number] ? 0 : ENOENT) && got == tally_of[number]);
}

static void operate(unsigned what, unsigned number)
{
    struct key text;
    struct im_slice key = name_key(&text, number);
    bool wants_old = what & 0x80;
    switch (what % 16) {
    case 0:
    case 1:
    case 2:
        insert(key, number);
        break;
    case 3:
    case 4:
        put(key, number, wants_old);
        break;
    case 5:
        replace(key, number, wants_old);
        break;
    case 6:
    case 7:
        take_away(key, number, wants_old, false);
        break;
    case 8:
        take_away(key, number, wants_old, true);
        break;
    case 9:
        get_or_insert(key, number, wants_old ? EPERM : 0);
        break;
    case 10:
        compute(key, number, (enum im_map_action)((what >> 4) % 3));
        break;
    case 11:
        allow(number % 8);
        break;
    case 12:
        if (wants_old)
            (void)succeeds(thing_map_shrink_to_fit(&map));
        else
            reserve(number);
        break;
    case 13:
        operate_on_all(what >> 6, number % 2 != 0);
        break;
    case 14:
        check_all();
        break;
    default:
        operate_on_tallies(what >> 4, number);
    }
    look(key, number);
    CHECK(thing_map_len(&map) == expected_length);
}

int LLVMFuzzerTestOneInput(const unsigned char *input, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *input, size_t size)
{
    enum { OPERATION_BYTES = 3, ENDS_AT_ONCE = 16, HELPED = 0xe0 };
    /* Bits of the number that the key is not made of. */
    const bool is_helped = size >= OPERATION_BYTES && (input[2] & HELPED) == HELPED;
    const struct im_map_options options = {.allocator = &meagre};
    const struct im_map_options tally_options = {.allocator = &meagre, .synchronous = !is_helped};
    allow(0);
    next_object = 0;
    expected_length = 0;
    memset(expected, 0, sizeof expected);
    memset(tally_of, 0, sizeof tally_of);
    thing_map_init(&map, &options);
    tally_map_init(&tallies, &tally_options);
    for (size_t i = 0; i + OPERATION_BYTES <= size && next_object < OBJECTS - ENDS_AT_ONCE; i += OPERATION_BYTES)
        operate(input[i], (input[i + 1] | (unsigned)input[i + 2] << 8) % KEYS);
    check_all();
    check_tallies();
    allow(0);
    thing_map_destroy(&map);
    tally_map_destroy(&tallies);
    CHECK(objects_alive == 0);
    CHECK(allocated == 0);
    return 0;
}
