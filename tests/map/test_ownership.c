/* SPDX-License-Identifier: MIT */
/* Row M8: owned keys and values end exactly once, after the last reader, whatever happens to the table. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/map.h>

#include "late_reader.h"

/* Every live object has its flag set; an end twice or never is seen at once. */
enum { OBJECTS = 20000 };
static bool alive[OBJECTS];
static int next_object;

static int object_new(void)
{
    alive[next_object] = true;
    return next_object++;
}

static void object_end(int object)
{
    cr_assert(alive[object], "object %d ends twice", object);
    alive[object] = false;
}

static int objects_alive(void)
{
    int count = 0;
    for (int i = 0; i < next_object; i++)
        count += alive[i];
    return count;
}

typedef struct {
    int object;
} thing;
IM_FREEZE(thing);

#define IM_MAP_NAME thing_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE thing
#define IM_MAP_DROP_VALUE(value) object_end((value)->object)
#include <intermut/map.h>

typedef struct {
    int number;
    int object;
} owned_key;
IM_FREEZE(owned_key);

static int own_key(owned_key *key, int number)
{
    *key = (owned_key){number, object_new()};
    return 0;
}

#define IM_MAP_NAME key_map
#define IM_MAP_KEY owned_key
#define IM_MAP_QUERY int
#define IM_MAP_QUERY_OF(key) ((key)->number)
#define IM_MAP_EQ(a, b) ((a) == (b))
#define IM_MAP_HASH(query, seed) XXH3_64bits_withSeed(&(query), sizeof(query), seed)
#define IM_MAP_OWN(key, query, allocator) ((void)(allocator), own_key(key, query))
#define IM_MAP_DROP_KEY(key, allocator) object_end((key)->object)
#define IM_MAP_VALUE thing
#define IM_MAP_DROP_VALUE(value) object_end((value)->object)
#include <intermut/map.h>

/* A value in a box of its own, whose address stays, and which may be changed there. */
typedef im_atomic(int) * box;
IM_FREEZE(box);

static int boxes_alive;

static box box_new(int number)
{
    box new = malloc(sizeof *new);
    im_atomic_store(new, number);
    boxes_alive++;
    return new;
}

static void box_end(box gone)
{
    boxes_alive--;
    free(gone);
}

#define IM_MAP_NAME box_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE box
#define IM_MAP_DROP_VALUE(value) box_end(*(value))
#include <intermut/map.h>

static thing new_thing(void)
{
    return (thing){object_new()};
}

Test(ownership, destroy_ends_every_value_once)
{
    static thing_map map;
    for (int key = 0; key < 1000; key++)
        cr_assert_eq(thing_map_insert(&map, key, new_thing()), 0);
    cr_assert_eq(objects_alive(), 1000, "growth ends nothing");
    thing_map_destroy(&map);
    cr_assert_eq(objects_alive(), 0);
}

/* Row M7. */
Test(ownership, boxed_values_stay_where_they_are)
{
    enum { BOXES = 100 };
    static box_map map;
    box boxes[BOXES], old;
    for (int key = 0; key < BOXES; key++)
        cr_assert_eq(box_map_insert(&map, key, boxes[key] = box_new(key)), 0);
    for (int key = BOXES; key < OBJECTS; key++) {
        cr_assert_eq(box_map_insert(&map, key, box_new(key)), 0);
        im_map_with(box_map, found, &map, key % BOXES)
            im_atomic_fetch_add(*found, 1);
    }
    cr_assert_gt(box_map_stats(&map).growths, 5);
    for (int key = 0; key < BOXES; key++) {
        im_map_with(box_map, found, &map, key) {
            cr_assert_eq(*found, boxes[key], "growth moved it");
            cr_assert_eq(im_atomic_load(*found), key + OBJECTS / BOXES - 1, "a change was lost");
        }
    }
    cr_assert_eq(box_map_remove(&map, 1, &old), 0);
    cr_assert_eq(old, boxes[1]);
    cr_assert_eq(boxes_alive, OBJECTS);
    box_end(old);
    box_map_destroy(&map);
    cr_assert_eq(boxes_alive, 0);
}

Test(ownership, a_removed_value_belongs_to_the_caller)
{
    static thing_map map;
    thing mine;
    cr_assert_eq(thing_map_insert(&map, 1, new_thing()), 0);
    cr_assert_eq(thing_map_remove(&map, 1, &mine), 0);
    thing_map_destroy(&map);
    cr_assert_eq(objects_alive(), 1);
    object_end(mine.object);
}

Test(ownership, a_replaced_value_belongs_to_the_caller)
{
    static thing_map map;
    thing_map_maybe mine;
    cr_assert_eq(thing_map_put(&map, 1, new_thing(), &mine), 0);
    cr_assert(!mine.some);
    cr_assert_eq(thing_map_put(&map, 1, new_thing(), &mine), 0);
    cr_assert(mine.some);
    object_end(mine.value.object);
    cr_assert_eq(objects_alive(), 1);
    thing_map_destroy(&map);
    cr_assert_eq(objects_alive(), 0);
}

Test(ownership, values_that_nobody_wants_end_by_themselves)
{
    static thing_map map;
    cr_assert_eq(thing_map_insert(&map, 1, new_thing()), 0);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(thing_map_put(&map, 1, new_thing(), NULL), 0);
    cr_assert_eq(thing_map_remove(&map, 1, NULL), 0);
    cr_assert_eq(thing_map_synchronize(&map), 0);
    cr_assert_eq(objects_alive(), 0);
    thing_map_destroy(&map);
}

static void *no_memory(void *context, size_t bytes, size_t alignment)
{
    (void)context, (void)bytes, (void)alignment;
    return NULL;
}

static void nothing_to_release(void *context, void *memory, size_t bytes)
{
    (void)context, (void)memory, (void)bytes;
}

static const struct im_allocator empty_handed = {.allocate = no_memory, .release = nothing_to_release};

static int make_thing(thing *value, void *argument)
{
    (void)argument;
    *value = new_thing();
    return 0;
}

static enum im_map_action store_thing(const thing *old, thing *value, void *argument)
{
    (void)old;
    (void)make_thing(value, argument);
    return IM_MAP_STORE;
}

Test(ownership, what_was_made_and_cannot_be_stored_ends)
{
    thing_map map;
    thing copy;
    thing_map_init(&map, &(struct im_map_options){.allocator = &empty_handed});
    cr_assert_eq(thing_map_get_or_insert_with(&map, 1, make_thing, NULL, &copy), ENOMEM);
    cr_assert_eq(thing_map_compute(&map, 1, store_thing, NULL), ENOMEM);
    cr_assert_eq(next_object, 2, "made both times");
    cr_assert_eq(objects_alive(), 0);
    thing_map_destroy(&map);
}

Test(ownership, on_failure_the_value_stays_with_the_caller)
{
    static thing_map map;
    thing mine = new_thing();
    cr_assert_eq(thing_map_insert(&map, 1, new_thing()), 0);
    cr_assert_eq(thing_map_insert(&map, 1, mine), EEXIST);
    cr_assert_eq(thing_map_replace(&map, 2, mine, NULL), ENOENT);
    thing_map_destroy(&map);
    cr_assert_eq(objects_alive(), 1);
}

Test(ownership, keys_end_once_and_live_on_through_replacement)
{
    static key_map map;
    for (int key = 0; key < 500; key++)
        cr_assert_eq(key_map_insert(&map, key, new_thing()), 0);
    for (int key = 0; key < 500; key++)
        cr_assert_eq(key_map_put(&map, key, new_thing(), NULL), 0);
    cr_assert_eq(key_map_synchronize(&map), 0);
    cr_assert_eq(objects_alive(), 1000);
    for (int key = 0; key < 500; key += 2)
        cr_assert_eq(key_map_remove(&map, key, NULL), 0);
    cr_assert_eq(key_map_synchronize(&map), 0);
    cr_assert_eq(objects_alive(), 500);
    key_map_destroy(&map);
    cr_assert_eq(objects_alive(), 0);
}

static bool keep_below_hundred(int key, const thing *value, void *argument)
{
    (void)argument;
    cr_assert(alive[value->object]);
    return key < 100;
}

static void end_drained(int key, thing value, void *argument)
{
    (void)key, (void)argument;
    object_end(value.object);
}

Test(ownership, what_many_keys_at_once_lose_ends_once)
{
    for (unsigned shards = 1; shards <= 8; shards *= 8) {
        key_map map;
        key_map_init(&map, &(struct im_map_options){.shards = shards});
        for (int key = 0; key < 500; key++)
            cr_assert_eq(key_map_insert(&map, key, new_thing()), 0);
        cr_assert_eq(key_map_retain(&map, keep_below_hundred, NULL), 0);
        cr_assert_eq(key_map_synchronize(&map), 0);
        cr_assert_eq(objects_alive(), 200);
        cr_assert_eq(key_map_shrink_to_fit(&map), 0);
        cr_assert_eq(objects_alive(), 200, "shrinking ends nothing");
        cr_assert_eq(key_map_drain(&map, end_drained, NULL), 0);
        cr_assert_eq(objects_alive(), 0, "keys end, values are handed out");
        for (int key = 0; key < 500; key++)
            cr_assert_eq(key_map_insert(&map, key, new_thing()), 0);
        cr_assert_eq(key_map_clear(&map), 0);
        cr_assert_eq(key_map_synchronize(&map), 0);
        cr_assert_eq(objects_alive(), 0);
        key_map_destroy(&map);
    }
}

static bool keep_below(int key, const thing *value, void *limit)
{
    (void)value;
    return key < *(const int *)limit;
}

Test(ownership, a_synchronous_map_ends_at_once)
{
    thing_map map;
    thing_map_init(&map, &(struct im_map_options){.synchronous = true});
    for (int key = 0; key < 100; key++) {
        cr_assert_eq(thing_map_insert(&map, key, new_thing()), 0);
        cr_assert_eq(thing_map_put(&map, key, new_thing(), NULL), 0);
        cr_assert_eq(objects_alive(), key + 1);
    }
    cr_assert_eq(thing_map_retain(&map, keep_below, &(int){97}), 0);
    cr_assert_eq(objects_alive(), 97);
    cr_assert_eq(thing_map_clear(&map), 0);
    cr_assert_eq(objects_alive(), 0);
    thing_map_destroy(&map);
}

/* The same with every operation in a random order, and growth and shrinking in between. */
static void random_step(const key_map *map)
{
    int key = rand() % 200;
    thing value = new_thing();
    key_map_maybe old = {0};
    thing removed;
    switch (rand() % 200 == 0 ? 6 + rand() % 4 : rand() % 6) {
    case 0:
        if (key_map_insert(map, key, value) == EEXIST)
            object_end(value.object);
        return;
    case 1:
        cr_assert_eq(key_map_put(map, key, value, &old), 0);
        if (old.some)
            object_end(old.value.object);
        return;
    case 2:
        cr_assert_eq(key_map_put(map, key, value, NULL), 0);
        return;
    case 3:
        if (key_map_remove(map, key, &removed) == 0)
            object_end(removed.object);
        break;
    case 4:
        (void)key_map_remove(map, key, NULL);
        break;
    case 5:
        cr_assert_eq(key_map_reserve(map, (size_t)(rand() % 300)), 0);
        break;
    case 6:
        cr_assert_eq(key_map_shrink_to_fit(map), 0);
        break;
    case 7:
        cr_assert_eq(key_map_clear(map), 0);
        break;
    case 8:
        cr_assert_eq(key_map_drain(map, end_drained, NULL), 0);
        break;
    default:
        cr_assert_eq(key_map_retain(map, keep_below_hundred, NULL), 0);
    }
    object_end(value.object);
}

Test(ownership, random_script_leaves_nothing_behind)
{
    srand(2);
    for (unsigned shards = 1; shards <= 4; shards *= 4) {
        key_map map;
        key_map_init(&map, &(struct im_map_options){.shards = shards});
        for (int limit = next_object + OBJECTS / 2 - 4; next_object < limit;)
            random_step(&map);
        cr_assert_eq(key_map_synchronize(&map), 0);
        cr_assert_eq(objects_alive(), 2 * (int)key_map_len(&map));
        key_map_destroy(&map);
        cr_assert_eq(objects_alive(), 0);
    }
}

static key_map dying_map;
static int insert_while_dying = -1;

#define IM_MAP_NAME dying_value_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_DROP_VALUE(value) (insert_while_dying = key_map_insert(&dying_map, *(value), (thing){0}))
#include <intermut/map.h>

Test(ownership, an_end_may_change_another_map)
{
    static dying_value_map map;
    cr_assert_eq(dying_value_map_insert(&map, 5, 5), 0);
    alive[0] = true;
    next_object = 1;
    dying_value_map_destroy(&map);
    cr_assert_eq(insert_while_dying, 0);
    cr_assert(key_map_contains(&dying_map, 5));
    key_map_destroy(&dying_map);
}

static int change_own_map(void);
static int change_while_dying = -1;

#define IM_MAP_NAME selfish_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_DROP_VALUE(value) ((void)(value), change_while_dying = change_own_map())
#include <intermut/map.h>

static selfish_map selfish;

static int change_own_map(void)
{
    return selfish_map_insert(&selfish, 2, 2);
}

Test(ownership, an_end_must_not_change_its_own_map)
{
    cr_assert_eq(selfish_map_insert(&selfish, 1, 1), 0);
    selfish_map_destroy(&selfish);
    cr_assert_eq(change_while_dying, EDEADLK);
}

/* A reader in its section keeps what it found alive. */
static thing_map shared_map;
static pthread_barrier_t reader_is_in;
static bool alive_to_the_end;

static void *hold_value(void *argument)
{
    (void)argument;
    im_map_with(thing_map, value, &shared_map, 1) {
        pthread_barrier_wait(&reader_is_in);
        stay_until_told();
        alive_to_the_end = alive[value->object];
    }
    return NULL;
}

/* A removal that does not wait: the value is gone for all but the reader, and ends after it. */
static void check_later_end(int (*remove)(void))
{
    pthread_t reader, helper;
    pthread_barrier_init(&reader_is_in, NULL, 2);
    cr_assert_eq(thing_map_insert(&shared_map, 1, new_thing()), 0);
    pthread_create(&reader, NULL, hold_value, NULL);
    pthread_barrier_wait(&reader_is_in);
    cr_assert_eq(remove(), 0);
    cr_assert(!thing_map_contains(&shared_map, 1), "gone for everybody else");
    cr_assert(alive[0], "but not ended");
    pthread_create(&helper, NULL, let_reader_leave, NULL);
    cr_assert_eq(thing_map_synchronize(&shared_map), 0);
    cr_assert(!alive[0]);
    pthread_join(reader, NULL);
    pthread_join(helper, NULL);
    cr_assert(alive_to_the_end);
    thing_map_destroy(&shared_map);
}

static int remove_it(void)
{
    return thing_map_remove(&shared_map, 1, NULL);
}

static int remove_all(void)
{
    return thing_map_clear(&shared_map);
}

Test(ownership, nothing_ends_under_a_reader)
{
    check_later_end(remove_it);
}

Test(ownership, nothing_that_clear_removes_ends_under_a_reader)
{
    check_later_end(remove_all);
}

/* A value that is handed out is the caller's to end, at once: so nobody looks at it any more. */
static void check_handing_out(void (*take)(void))
{
    pthread_t reader, helper;
    pthread_barrier_init(&reader_is_in, NULL, 2);
    cr_assert_eq(thing_map_insert(&shared_map, 1, new_thing()), 0);
    pthread_create(&reader, NULL, hold_value, NULL);
    pthread_barrier_wait(&reader_is_in);
    pthread_create(&helper, NULL, let_reader_leave, NULL);
    take();
    pthread_join(reader, NULL);
    pthread_join(helper, NULL);
    cr_assert(alive_to_the_end);
    cr_assert(!alive[0]);
    thing_map_destroy(&shared_map);
}

static void take_by_remove(void)
{
    thing old;
    cr_assert_eq(thing_map_remove(&shared_map, 1, &old), 0);
    object_end(old.object);
}

static void take_by_put(void)
{
    thing_map_maybe old;
    cr_assert_eq(thing_map_put(&shared_map, 1, new_thing(), &old), 0);
    object_end(old.value.object);
}

static void end_taken(int key, thing value, void *argument)
{
    (void)key, (void)argument;
    object_end(value.object);
}

static void take_by_drain(void)
{
    cr_assert_eq(thing_map_drain(&shared_map, end_taken, NULL), 0);
}

Test(ownership, what_remove_hands_out_is_nobody_elses)
{
    check_handing_out(take_by_remove);
}

Test(ownership, what_put_hands_out_is_nobody_elses)
{
    check_handing_out(take_by_put);
}

Test(ownership, what_drain_hands_out_is_nobody_elses)
{
    check_handing_out(take_by_drain);
}

/* Row M14: the map's thread waits for the reader, and a later change ends what the map owned, once. */
Test(ownership, what_was_cleared_ends_without_a_wait)
{
    pthread_t reader;
    pthread_barrier_init(&reader_is_in, NULL, 2);
    for (int key = 0; key < 6000; key++)
        cr_assert_eq(thing_map_insert(&shared_map, key, new_thing()), 0);
    pthread_create(&reader, NULL, hold_value, NULL);
    pthread_barrier_wait(&reader_is_in);
    cr_assert_eq(thing_map_clear(&shared_map), 0);
    cr_assert_eq(objects_alive(), 6000);
    tell_to_leave();
    pthread_join(reader, NULL);
    cr_assert(alive_to_the_end);
    while (objects_alive() > 0) {
        cr_assert_eq(thing_map_remove(&shared_map, 1, NULL), ENOENT);
        im_sync_yield();
    }
    thing_map_destroy(&shared_map);
}

Test(ownership, destroy_waits_for_a_late_reader)
{
    pthread_t reader, helper;
    pthread_barrier_init(&reader_is_in, NULL, 2);
    cr_assert_eq(thing_map_insert(&shared_map, 1, new_thing()), 0);
    pthread_create(&reader, NULL, hold_value, NULL);
    pthread_barrier_wait(&reader_is_in);
    pthread_create(&helper, NULL, let_reader_leave, NULL);
    thing_map_destroy(&shared_map);
    cr_assert(!alive[0]);
    pthread_join(reader, NULL);
    pthread_join(helper, NULL);
    cr_assert(alive_to_the_end);
}
