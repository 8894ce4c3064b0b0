/* SPDX-License-Identifier: MIT */
/*
 * The map under every interleaving: publication, replacement, removal, reuse of slots, growth; and values that change
 * in place while the table is copied.
 *
 * The keys say themselves where they go (hash_of), so that a harness can put one where a race is. What is plain in the
 * map (keys, values, the table) is watched for races, what is freed for use after free: most properties need no more
 * than a reader that looks.
 */
#include <stdlib.h>

#include <im_model.h>
#include <intermut/sync.h>

/* A key: the slot where its search begins, its mark; the group when there are several; the same in the second shard. */
#define KEY(mark, group, slot) ((uint32_t)((mark) << 8 | (group) << 4 | (slot)))
#define SECOND(key) ((key) | 1u << 16)

static inline uint64_t hash_of(uint32_t key)
{
    return (uint64_t)(key >> 8) << 57 | (uint64_t)(key >> 16) << 45 | (key & 255);
}

#include <intermut/map.h>

typedef struct {
    uint64_t number, twin;
} pair;
IM_FREEZE(pair);

#define IM_MAP_NAME pair_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE pair
#define IM_MAP_RCU model
#define IM_MAP_HASH(key, seed) hash_of(key)
#include <intermut/map.h>

/* A value that the map owns: ended by the map, after its last reader. */
typedef struct {
    uint64_t number;
} * box;
IM_FREEZE(box);

#define IM_MAP_NAME box_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE box
#define IM_MAP_DROP_VALUE(value) free(*(value))
#define IM_MAP_RCU model
#define IM_MAP_HASH(key, seed) hash_of(key)
#include <intermut/map.h>

#define IM_MAP_NAME count_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#define IM_MAP_RCU model
#define IM_MAP_HASH(key, seed) hash_of(key)
#include <intermut/map.h>

static pair_map pairs;
static box_map boxes;
static count_map counts;

/* ------------------------------------------------------------------------------------- frozen values: publication */

static const uint32_t one = KEY(1, 0, 0), other = KEY(2, 0, 0), late = KEY(3, 0, 4);

static pair pair_of(uint64_t number) { return (pair){number, ~number}; }

static void insert(uint32_t key, uint64_t number, int expected)
{
    int error = pair_map_insert(&pairs, key, pair_of(number));
    im_model_check(error == expected, "insert says %d", error);
}

static uint64_t look_up(uint32_t key, uint64_t if_missing)
{
    pair found;
    int error = pair_map_get(&pairs, key, &found);
    im_model_check(error == 0 || error == ENOENT, "get says %d", error);
    if (error)
        return if_missing;
    im_model_check(found.twin == ~found.number, "half a value: %d", (int)found.number);
    return found.number;
}

static uint64_t must_find(uint32_t key)
{
    uint64_t number = look_up(key, 0);
    im_model_check(number != 0, "a key that is in the map was missed");
    return number;
}

static void pairs_empty(void) { pair_map_init(&pairs, NULL); }

static void pairs_one(void)
{
    pairs_empty();
    insert(one, 1, 0);
}

static void pairs_end(void) { pair_map_destroy(&pairs); }

static void insert_one(void) { insert(one, 1, 0); }
static void insert_other(void) { insert(other, 2, 0); }
static void get_one(void) { look_up(one, 0); }
static void get_other(void) { look_up(other, 0); }
static void find_one(void) { im_model_check(must_find(one) == 1, "another value"); }

static void get_one_twice(void)
{
    uint64_t before = look_up(one, 0);
    uint64_t after = look_up(one, 0);
    im_model_check(before <= after, "%d was found, and then %d", (int)before, (int)after);
}

IM_MODEL_HARNESS(map_first_insert, "get finds nothing or the whole value while the first key is inserted",
                 .init = pairs_empty, .threads = {insert_one, get_one_twice}, .check = pairs_end)
IM_MODEL_HARNESS(map_insert, "get finds nothing or the whole value while a key is inserted beside another",
                 .init = pairs_one, .threads = {insert_other, get_other, find_one}, .check = pairs_end)

/* The slot is in the upper control word. */
static const uint32_t high = KEY(5, 0, 9);

static void insert_high(void) { insert(high, 5, 0); }
static void get_high(void) { look_up(high, 0); }

IM_MODEL_HARNESS(map_insert_high, "the same in the upper half of a group", .init = pairs_one,
                 .threads = {insert_high, get_high, find_one}, .check = pairs_end)

static int visit_pair(uint32_t key, const pair *value, void *argument)
{
    (void)key, (void)argument;
    im_model_check(value->twin == ~value->number, "half a value");
    return 0;
}

static void walk_pairs(void) { im_model_check(pair_map_for_each(&pairs, visit_pair, NULL) == 0, "for_each failed"); }

IM_MODEL_HARNESS(map_walk, "a walk sees whole values while keys are inserted", .init = pairs_one,
                 .threads = {insert_other, walk_pairs}, .check = pairs_end)
IM_MODEL_HARNESS(map_walk_first, "a walk sees nothing or a whole table", .init = pairs_empty,
                 .threads = {insert_one, walk_pairs}, .check = pairs_end)

static unsigned inserted[2];

static void insert_race(void)
{
    inserted[im_model_thread() - 1] = pair_map_insert(&pairs, one, pair_of(im_model_thread())) == 0;
}

static void insert_race_end(void)
{
    im_model_check(inserted[0] + inserted[1] == 1, "inserted %u times", inserted[0] + inserted[1]);
    im_model_check(look_up(one, 0) == (inserted[0] ? 1 : 2), "the wrong value stayed");
    pairs_end();
}

IM_MODEL_HARNESS(map_insert_race, "of two inserts of one key one wins", .init = pairs_empty,
                 .threads = {insert_race, insert_race, get_one}, .check = insert_race_end)

static unsigned made;

static int make_pair(pair *value, void *argument)
{
    (void)argument;
    made++; /* plain: the map says that one runs at a time */
    *value = pair_of(7);
    return 0;
}

static void get_or_insert(void)
{
    pair value = {0};
    int error = pair_map_get_or_insert_with(&pairs, one, make_pair, NULL, &value);
    im_model_check(error == 0 && value.number == 7 && value.twin == ~value.number, "get_or_insert_with says %d", error);
}

static void nothing_made(void)
{
    pairs_empty();
    made = 0;
}

static void made_once(void)
{
    im_model_check(made == 1, "made %u times", made);
    pairs_end();
}

IM_MODEL_HARNESS(map_get_or_insert, "a value is made once, and all get it", .init = nothing_made,
                 .threads = {get_or_insert, get_or_insert, get_or_insert}, .check = made_once)

static void insert_into_full_memory(void)
{
    int error = pair_map_insert(&pairs, one, pair_of(1));
    im_model_check(error == 0 || error == ENOMEM, "insert says %d", error);
    im_model_check(look_up(one, 0) == (error ? 0 : 1), "an insert that failed changed the map");
}

IM_MODEL_HARNESS(map_out_of_memory, "an insert that finds no memory changes nothing", .init = pairs_empty,
                 .threads = {insert_into_full_memory, get_one}, .check = pairs_end, .failed_allocations = 1)

/* ------------------------------------------------------------------------------------------ frozen: replacement */

/* Fill slots `from` to 7 of a word; the key that is replaced begins its search at slot 8, so it moves between words. */
static void fill_word(unsigned word, unsigned from)
{
    for (unsigned i = from; i < 8; i++)
        insert(KEY(16 + 8 * word + i, 0, 8 * word + i), 100, 0);
}

static const uint32_t mover = KEY(4, 0, 8);

/* In slot 8, its word full: a replacement goes to the lower word, which a search has passed already. */
static void pairs_move_down(void)
{
    pairs_empty();
    insert(mover, 1, 0);
    fill_word(1, 1);
}

/* In the lower word, which is full but for it: a replacement goes up, where a search comes later. */
static void pairs_move_up(void)
{
    pairs_empty();
    insert(one, 1, 0);
    fill_word(0, 1);
}

static void replace_with(uint32_t key, uint64_t number, uint64_t expected_old)
{
    pair old = {0};
    int error = pair_map_replace(&pairs, key, pair_of(number), &old);
    im_model_check(error == 0 && old.number == expected_old, "replace says %d, old %d", error, (int)old.number);
}

static void replace_mover(void) { replace_with(mover, 2, 1); }
static void replace_one(void) { replace_with(one, 2, 1); }

static void replace_one_twice(void)
{
    replace_with(one, 2, 1);
    replace_with(one, 3, 2);
}

static void replace_mover_twice(void)
{
    replace_with(mover, 2, 1);
    replace_with(mover, 3, 2);
}

static void find_forward(uint32_t key)
{
    uint64_t before = must_find(key);
    im_model_check(must_find(key) >= before, "the new value was found, and then the old one");
}

static void find_mover(void) { must_find(mover); }
static void find_mover_forward(void) { find_forward(mover); }
static void find_one_forward(void) { find_forward(one); }

IM_MODEL_HARNESS(map_replace, "a key that is replaced beside itself is always found, and values do not go back",
                 .init = pairs_one, .threads = {replace_one_twice, find_one_forward}, .check = pairs_end)
IM_MODEL_HARNESS(map_replace_down, "a key that moves to a word that searches pass earlier is always found",
                 .init = pairs_move_down, .threads = {replace_mover, find_mover}, .check = pairs_end)
IM_MODEL_HARNESS(map_replace_down_forward, "and its values do not go back", .init = pairs_move_down,
                 .threads = {replace_mover_twice, find_mover_forward}, .check = pairs_end)
IM_MODEL_HARNESS(map_replace_up, "a key that moves to a word that searches pass later is always found",
                 .init = pairs_move_up, .threads = {replace_one, find_one_forward}, .check = pairs_end)

/* The lower word has one free slot: an insert takes it, and a replacement goes up. */
static void pairs_lowest_free(void)
{
    pairs_empty();
    fill_word(0, 1);
}

static void insert_and_replace_one(void)
{
    insert(one, 1, 0);
    replace_with(one, 2, 1);
}

IM_MODEL_HARNESS(map_insert_replace, "a key is inserted and moved behind a search: its values do not go back",
                 .init = pairs_lowest_free, .threads = {insert_and_replace_one, get_one_twice}, .check = pairs_end)

/*
 * The mover lies in the second group, because the first was full; now that has a deleted slot in each word. The first
 * replacement goes to its lower word, the second to its upper one: a search may pass the lower word before the first
 * and find what the second put into the upper one.
 */
static const uint32_t climber = KEY(6, 0, 0);

static void pairs_climb(void)
{
    pair old;
    pairs_empty();
    im_model_check(pair_map_reserve(&pairs, 24) == 0, "reserve failed");
    for (unsigned slot = 0; slot < 16; slot++)
        insert(KEY(16 + slot, 0, slot), 100, 0);
    insert(climber, 1, 0);
    for (unsigned slot = 1; slot < 8; slot++)
        insert(KEY(32 + slot, 1, slot), 100, 0);
    im_model_check(pair_map_remove(&pairs, KEY(16, 0, 0), &old) == 0, "remove failed");
    im_model_check(pair_map_remove(&pairs, KEY(31, 0, 15), &old) == 0, "remove failed");
    im_model_check(pair_map_synchronize(&pairs) == 0, "synchronize failed");
}

static void replace_climber_twice(void)
{
    replace_with(climber, 2, 1);
    replace_with(climber, 3, 2);
}

static void find_climber_forward(void) { find_forward(climber); }

IM_MODEL_HARNESS(map_replace_climb, "values do not go back, whichever words they pass through", .init = pairs_climb,
                 .threads = {replace_climber_twice, find_climber_forward}, .check = pairs_end)

/* ---------------------------------------------------------------------------------- frozen: removal and reclamation */

static void remove_one(void)
{
    pair old;
    int error = pair_map_remove(&pairs, one, &old);
    im_model_check(error == 0 && old.number == 1, "remove says %d", error);
}

static void remove_and_reuse(void)
{
    remove_one();
    im_model_check(pair_map_synchronize(&pairs) == 0, "synchronize failed");
    insert(other, 2, 0);
}

static void remove_and_insert(void)
{
    remove_one();
    insert(other, 2, 0);
}

static void get_both(void)
{
    uint64_t seen = look_up(one, 1);
    im_model_check(seen == 1, "the value of another key: %d", (int)seen);
    seen = look_up(other, 2);
    im_model_check(seen == 2, "the value of another key: %d", (int)seen);
}

static void get_one_backwards(void)
{
    uint64_t before = look_up(one, 0);
    im_model_check(look_up(one, 0) <= before, "a removed key came back");
}

static void removed_end(void)
{
    im_model_check(look_up(one, 0) == 0 && pair_map_len(&pairs) == 0, "a removed key is there");
    pairs_end();
}

IM_MODEL_HARNESS(map_remove, "a removed key stays removed, and is whole until then", .init = pairs_one,
                 .threads = {remove_one, get_one_backwards}, .check = removed_end)
IM_MODEL_HARNESS(map_reuse, "a slot is not reused under a reader", .init = pairs_one,
                 .threads = {remove_and_reuse, get_both}, .check = pairs_end)

IM_MODEL_HARNESS(map_reuse_at_once, "nor when no grace period was asked for", .init = pairs_one,
                 .threads = {remove_and_insert, get_both}, .check = pairs_end)

static void boxes_one(void)
{
    box value = malloc(sizeof *value);
    value->number = 1;
    box_map_init(&boxes, NULL);
    im_model_check(box_map_insert(&boxes, one, value) == 0, "insert failed");
}

static void boxes_end(void) { box_map_destroy(&boxes); }

static void replace_box(void)
{
    box value = malloc(sizeof *value);
    value->number = 2;
    im_model_check(box_map_put(&boxes, one, value, NULL) == 0, "put failed");
    im_model_check(box_map_synchronize(&boxes) == 0, "synchronize failed");
}

static void remove_box(void)
{
    box value;
    if (box_map_remove(&boxes, one, &value) == 0)
        free(value);
}

static void read_box(void)
{
    box_map_read_lock(&boxes);
    const box *found = box_map_find(&boxes, one);
    if (found)
        im_model_check((*found)->number == 1 || (*found)->number == 2, "not a box: %d", (int)(*found)->number);
    box_map_read_unlock(&boxes);
}

/* The old value is handed out; a reader may have been at it. */
static void exchange_box(void)
{
    box value = malloc(sizeof *value);
    box_map_maybe old = {.some = false};
    value->number = 2;
    im_model_check(box_map_put(&boxes, one, value, &old) == 0 && old.some, "put failed");
    free(old.value);
}

static void reserve_boxes(void) { im_model_check(box_map_reserve(&boxes, 20) == 0, "reserve failed"); }

IM_MODEL_HARNESS(map_drop, "a value that the map owns ends after its last reader", .init = boxes_one,
                 .threads = {replace_box, read_box}, .check = boxes_end)
IM_MODEL_HARNESS(map_take, "a value that is handed out has no reader any more", .init = boxes_one,
                 .threads = {remove_box, read_box}, .check = boxes_end)
IM_MODEL_HARNESS(map_exchange, "nor has one that is exchanged", .init = boxes_one, .threads = {exchange_box, read_box},
                 .check = boxes_end)
IM_MODEL_HARNESS(map_grow_owned, "growth ends what was replaced before, after its last reader, and nothing else",
                 .init = boxes_one, .threads = {replace_box, reserve_boxes, read_box}, .check = boxes_end)

/* ------------------------------------------------------------------------------------------------ frozen: growth */

static void reserve_pairs(void) { im_model_check(pair_map_reserve(&pairs, 20) == 0, "reserve failed"); }
static void insert_late(void) { insert(late, 3, 0); }

static void look_at_stats(void)
{
    struct im_map_stats stats = pair_map_stats(&pairs);
    im_model_check(stats.capacity == 14 || stats.capacity == 28, "capacity is %d", (int)stats.capacity);
    im_model_check(stats.length == 0 || stats.length == 1, "length is %d", (int)stats.length);
    im_model_check(pair_map_len(&pairs) <= 1, "length is %d", (int)pair_map_len(&pairs));
}

static void grow_and_remove(void)
{
    reserve_pairs();
    remove_one();
}

IM_MODEL_HARNESS(map_stats, "stats are of the map's old or new state", .init = pairs_one,
                 .threads = {grow_and_remove, look_at_stats}, .check = pairs_end)

static void growth_end(void)
{
    must_find(one);
    must_find(late);
    pairs_end();
}

IM_MODEL_HARNESS(map_grow, "a key is found throughout growth", .init = pairs_one,
                 .threads = {reserve_pairs, find_one_forward}, .check = pairs_end)
IM_MODEL_HARNESS(map_grow_insert, "growth does not lose an insert", .init = pairs_one,
                 .threads = {reserve_pairs, insert_late, find_one}, .check = growth_end)
IM_MODEL_HARNESS(map_grow_replace, "a key is found throughout replacement and growth", .init = pairs_one,
                 .threads = {replace_one, reserve_pairs, find_one_forward}, .check = pairs_end)

/* ----------------------------------------------------------------------------------- frozen: walks and replacement */

static uint32_t wanted;

/* How often the walk has seen `wanted`, to *argument. */
static int count_wanted(uint32_t key, const pair *value, void *argument)
{
    im_model_check(value->twin == ~value->number, "half a value");
    *(unsigned *)argument += key == wanted;
    return 0;
}

static void walk_once(uint32_t key)
{
    unsigned seen = 0;
    wanted = key;
    im_model_check(pair_map_for_each(&pairs, count_wanted, &seen) == 0, "for_each failed");
    im_model_check(seen == 1, "a key that is in the map was seen %u times", seen);
}

static void walk_over_mover(void) { walk_once(mover); }
static void walk_over_one(void) { walk_once(one); }
static void walk_over_climber(void) { walk_once(climber); }

static void replace_and_reclaim(void)
{
    replace_with(mover, 2, 1);
    im_model_check(pair_map_synchronize(&pairs) == 0, "synchronize failed");
    replace_with(mover, 3, 2);
}

IM_MODEL_HARNESS(map_walk_replace, "a walk sees a key once that is replaced beside itself", .init = pairs_one,
                 .threads = {replace_one_twice, walk_over_one}, .check = pairs_end)
IM_MODEL_HARNESS(map_walk_down, "a walk sees a key once that moves to where it has been", .init = pairs_move_down,
                 .threads = {replace_mover_twice, walk_over_mover}, .check = pairs_end)
IM_MODEL_HARNESS(map_walk_up, "a walk sees a key once that moves to where it comes later", .init = pairs_move_up,
                 .threads = {replace_one_twice, walk_over_one}, .check = pairs_end)
IM_MODEL_HARNESS(map_walk_climb, "a walk sees a key once, wherever it moves", .init = pairs_climb,
                 .threads = {replace_climber_twice, walk_over_climber}, .check = pairs_end)
IM_MODEL_HARNESS(map_walk_reclaim, "a walk sees a key once that was replaced and reclaimed", .init = pairs_move_down,
                 .threads = {replace_and_reclaim, walk_over_mover}, .check = pairs_end)

static void reserve_and_replace(void)
{
    reserve_pairs();
    replace_with(one, 2, 1);
}

IM_MODEL_HARNESS(map_walk_grow, "a walk sees a key once that is replaced after growth", .init = pairs_one,
                 .threads = {reserve_and_replace, walk_over_one}, .check = pairs_end)

/* ---------------------------------------------------------------------------------- frozen: clear, drain and shrink */

static void clear_and_insert(void)
{
    im_model_check(pair_map_clear(&pairs) == 0, "clear failed");
    insert(one, 5, 0);
}

static void get_one_or_new(void)
{
    uint64_t seen = look_up(one, 3);
    im_model_check(seen == 1 || seen == 3 || seen == 5, "%d was found", (int)seen);
    im_model_check(look_up(one, 3) >= seen, "a key that was cleared came back");
}

static void shrink_pairs(void) { im_model_check(pair_map_shrink_to_fit(&pairs) == 0, "shrink_to_fit failed"); }

static void pairs_reserved(void)
{
    pairs_one();
    reserve_pairs();
}

static void drain_box(uint32_t key, box value, void *argument)
{
    (void)key, (void)argument;
    free(value);
}

static void drain_boxes(void) { im_model_check(box_map_drain(&boxes, drain_box, NULL) == 0, "drain failed"); }
static void clear_boxes(void) { im_model_check(box_map_clear(&boxes) == 0, "clear failed"); }

static bool keep_none(uint32_t key, const box *value, void *argument)
{
    (void)key, (void)value, (void)argument;
    return false;
}

static void retain_no_boxes(void) { im_model_check(box_map_retain(&boxes, keep_none, NULL) == 0, "retain failed"); }

IM_MODEL_HARNESS(map_clear, "what clear took away does not come back", .init = pairs_one,
                 .threads = {clear_and_insert, get_one_or_new}, .check = pairs_end)
IM_MODEL_HARNESS(map_shrink, "a key is found throughout shrinking", .init = pairs_reserved,
                 .threads = {shrink_pairs, find_one_forward, insert_late}, .check = growth_end)
IM_MODEL_HARNESS(map_drain, "a value that is drained has no reader any more", .init = boxes_one,
                 .threads = {drain_boxes, read_box}, .check = boxes_end)
IM_MODEL_HARNESS(map_clear_owned, "a value that is cleared ends after its last reader", .init = boxes_one,
                 .threads = {clear_boxes, read_box}, .check = boxes_end)
IM_MODEL_HARNESS(map_retain, "a value that is not retained ends after its last reader", .init = boxes_one,
                 .threads = {retain_no_boxes, read_box}, .check = boxes_end)

static void shrink_and_replace(void)
{
    shrink_pairs();
    replace_with(one, 2, 1);
}

IM_MODEL_HARNESS(map_walk_shrink, "a walk sees a key once that is replaced after shrinking", .init = pairs_reserved,
                 .threads = {shrink_and_replace, walk_over_one}, .check = pairs_end)

/* ------------------------------------------------------------------------------------------------ shards: the split */

/* Two keys in one shard; the next reserve splits it in two. */
static void pairs_to_split(void)
{
    pairs_one();
    insert(SECOND(other), 2, 0);
    pairs.raw.wanted_shards = 2;
}

static void split_pairs(void) { im_model_check(pair_map_reserve(&pairs, 1) == 0, "reserve failed"); }

static void find_both(void)
{
    im_model_check(must_find(SECOND(other)) == 2, "another value");
    find_one_forward();
}

static void replace_and_insert_late(void)
{
    replace_with(one, 2, 1);
    insert(SECOND(late), 3, 0);
}

static void split_end(void)
{
    im_model_check(pair_map_stats(&pairs).shards == 2, "there are %d shards", (int)pair_map_stats(&pairs).shards);
    im_model_check(must_find(one) == 2 && must_find(SECOND(other)) == 2 && must_find(SECOND(late)) == 3,
                   "other values");
    im_model_check(pair_map_len(&pairs) == 3, "length is %d", (int)pair_map_len(&pairs));
    pairs_end();
}

IM_MODEL_HARNESS(map_split, "keys are found throughout the split of a shard", .init = pairs_to_split,
                 .threads = {split_pairs, find_both}, .check = pairs_end)
IM_MODEL_HARNESS(map_split_change, "a split loses no change", .init = pairs_to_split,
                 .threads = {split_pairs, replace_and_insert_late, find_both}, .check = split_end)
IM_MODEL_HARNESS(map_split_walk, "a walk sees a key once that is split and replaced", .init = pairs_to_split,
                 .threads = {split_pairs, replace_one, walk_over_one}, .check = pairs_end)

static void two_shards(void)
{
    pair_map_init(&pairs, &(struct im_map_options){.shards = 2});
    insert(one, 1, 0);
}

static void remove_from_both(void)
{
    remove_one();
    insert(SECOND(one), 2, 0);
}

static void get_in_both(void)
{
    uint64_t first = look_up(one, 3);
    uint64_t second = look_up(SECOND(one), 4);
    im_model_check((first == 1 || first == 3) && (second == 2 || second == 4), "%d and %d", (int)first, (int)second);
}

IM_MODEL_HARNESS(map_two_shards, "keys of two shards have nothing to do with each other", .init = two_shards,
                 .threads = {remove_from_both, get_in_both}, .check = pairs_end)

/* All at once, which is too much to search whole. */
static void replace_and_remove(void)
{
    replace_one_twice();
    pair old;
    int error = pair_map_remove(&pairs, one, &old);
    im_model_check(error == 0 && old.number == 3, "remove says %d", error);
}

static void get_one_until_gone(void)
{
    uint64_t before = look_up(one, 9);
    uint64_t after = look_up(one, 9);
    im_model_check(before >= 1 && after >= before, "%d was found, and then %d", (int)before, (int)after);
}

static void grown_and_removed(void)
{
    im_model_check(look_up(one, 9) == 9, "the removed key is there");
    must_find(late);
    pairs_end();
}

IM_MODEL_HARNESS(map_mixed, "insert, replace, remove and growth under two readers", .init = pairs_one,
                 .threads = {replace_and_remove, reserve_pairs, insert_late, get_one_until_gone, get_one_until_gone},
                 .check = grown_and_removed, .search = IM_MODEL_BOUNDED, .preemptions = 1, .executions = 20000,
                 .random = 20000, .steps = 1000)

/* One thread leaves a table behind, another ends it. */
static void reserve_more_pairs(void) { im_model_check(pair_map_reserve(&pairs, 60) == 0, "reserve failed"); }
static void synchronize_pairs(void) { im_model_check(pair_map_synchronize(&pairs) == 0, "synchronize failed"); }

IM_MODEL_HARNESS(map_left_behind, "tables that are left behind end once, after their last reader", .init = pairs_one,
                 .threads = {reserve_pairs, reserve_more_pairs, synchronize_pairs, find_one}, .check = pairs_end,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 4000, .random = 2000)

/* ------------------------------------------------------------------------ frozen: any operations, one at a time */

/*
 * Each of three threads makes two operations on one key, any of them; what they return must be what they would have
 * returned one after the other, in some order that keeps the order of each thread.
 */
enum action { GET, INSERT, PUT, REPLACE, REMOVE, RECLAIM, GROW, ACTIONS };
enum { ACTORS = 3, ACTS = 2, ABSENT = 0 };

struct act {
    enum action action;
    int error;
    uint64_t put, seen; /* values; ABSENT for none */
};

static struct act acts[ACTORS][ACTS];
static uint32_t target;
static uint64_t at_first;

static void any_layout(void)
{
    static im_model_function *const layouts[] = {pairs_empty, pairs_one, pairs_lowest_free, pairs_climb};
    const uint32_t targets[] = {one, one, one, climber};
    unsigned layout = im_model_choose(4);
    layouts[layout]();
    target = targets[layout];
    at_first = layout % 2;
}

static void act(struct act *act)
{
    pair old = {0};
    pair_map_maybe before = {.some = false};
    switch (act->action) {
    case GET:
        act->error = pair_map_get(&pairs, target, &old);
        break;
    case INSERT:
        act->error = pair_map_insert(&pairs, target, pair_of(act->put));
        break;
    case PUT:
        act->error = pair_map_put(&pairs, target, pair_of(act->put), &before);
        old = before.some ? before.value : old;
        break;
    case REPLACE:
        act->error = pair_map_replace(&pairs, target, pair_of(act->put), &old);
        break;
    case REMOVE:
        act->error = pair_map_remove(&pairs, target, &old);
        break;
    case RECLAIM:
        act->error = pair_map_synchronize(&pairs);
        break;
    default:
        act->error = pair_map_reserve(&pairs, 30);
    }
    act->seen = old.number;
}

static void actor(void)
{
    unsigned self = im_model_thread() - 1;
    for (unsigned i = 0; i < ACTS; i++) {
        acts[self][i] = (struct act){.action = (enum action)im_model_choose(ACTIONS), .put = 10 * (self + 1) + i};
        act(&acts[self][i]);
    }
}

/* The value after an operation on a key of value `now`; UINT64_MAX if it would have returned something else. */
static uint64_t after(const struct act *act, uint64_t now)
{
    int missing = now == ABSENT ? ENOENT : 0;
    switch (act->action) {
    case GET:
        return act->error == missing && act->seen == now ? now : UINT64_MAX;
    case INSERT:
        return act->error != (missing ? 0 : EEXIST) ? UINT64_MAX : missing ? act->put : now;
    case PUT:
        return act->error == 0 && act->seen == now ? act->put : UINT64_MAX;
    case REPLACE:
        return act->error != missing || act->seen != now ? UINT64_MAX : missing ? ABSENT : act->put;
    case REMOVE:
        return act->error == missing && act->seen == now ? ABSENT : UINT64_MAX;
    default:
        return act->error == 0 ? now : UINT64_MAX;
    }
}

/* Whether the operations that are left have an order that explains what they returned, and the last value. */
static bool have_an_order(const unsigned done[ACTORS], uint64_t now, uint64_t last)
{
    bool all_done = true;
    for (unsigned i = 0; i < ACTORS; i++) {
        if (done[i] == ACTS)
            continue;
        all_done = false;
        uint64_t next = after(&acts[i][done[i]], now);
        unsigned more[ACTORS] = {done[0], done[1], done[2]};
        more[i]++;
        if (next != UINT64_MAX && have_an_order(more, next, last))
            return true;
    }
    return all_done && now == last;
}

static void one_after_the_other(void)
{
    const unsigned none[ACTORS] = {0, 0, 0};
    bool good = have_an_order(none, at_first, look_up(target, ABSENT));
    for (unsigned i = 0; i < ACTORS * ACTS && !good; i++) {
        const struct act *seen = &acts[i / ACTS][i % ACTS];
        im_model_note("thread %u: operation %d of value %d: error %d, saw %d", i / ACTS + 1, (int)seen->action,
                      (int)seen->put, seen->error, (int)seen->seen);
    }
    im_model_check(good, "no order of the operations explains what they returned");
    pairs_end();
}

IM_MODEL_HARNESS(map_any, "any operations on one key look as if they were made one after the other", .init = any_layout,
                 .threads = {actor, actor, actor}, .check = one_after_the_other, .search = IM_MODEL_RANDOM,
                 .random = 60000, .steps = 2000)

/* ------------------------------------------------------------------------- values in place: growth under updaters */

static uint32_t added;

static void counts_one(void)
{
    count_map_init(&counts, NULL);
    im_model_check(count_map_insert(&counts, one, 0) == 0, "insert failed");
    added = 0;
}

static void count_up(void)
{
    bool found = false;
    im_map_with(count_map, count, &counts, one) {
        im_atomic_fetch_add(count, 1);
        found = true;
    }
    im_model_check(found, "a key that is in the map was missed");
}

static void count_up_twice(void)
{
    count_up();
    count_up();
}

/* An update that is complete, and known to be. */
static void count_and_tell(void)
{
    count_up();
    im_sync_store(&added, 1, memory_order_release);
}

/* It holds a pointer from before, perhaps, and sees the update through it. */
static void hold_and_compare(void)
{
    count_map_read_lock(&counts);
    count_map_find_result count = count_map_find(&counts, one);
    im_model_check(count != NULL, "a key that is in the map was missed");
    if (im_sync_load(&added, memory_order_acquire))
        im_model_check(im_atomic_load(count) >= 1, "a completed update is not there");
    count_map_read_unlock(&counts);
}

static void get_and_compare(void)
{
    uint64_t count = 0;
    uint32_t told = im_sync_load(&added, memory_order_acquire);
    im_model_check(count_map_get(&counts, one, &count) == 0, "a key that is in the map was missed");
    im_model_check(count >= told, "a completed update is not there");
}

static void reserve_counts(void) { im_model_check(count_map_reserve(&counts, 20) == 0, "reserve failed"); }

/* Two growths, one after the other. */
static void reserve_counts_twice(void)
{
    reserve_counts();
    im_model_check(count_map_reserve(&counts, 60) == 0, "reserve failed");
}

static void expect_count(uint64_t expected)
{
    uint64_t count = 0;
    im_model_check(count_map_get(&counts, one, &count) == 0, "a key that is in the map was missed");
    im_model_check(count == expected, "%d updates of %d are there", (int)count, (int)expected);
    count_map_destroy(&counts);
}

static void counted_one(void) { expect_count(1); }
static void counted_two(void) { expect_count(2); }

IM_MODEL_HARNESS(migration_conserves, "no update is lost while the table is copied, and nobody waits for ever",
                 .init = counts_one, .threads = {reserve_counts, count_up, count_up}, .check = counted_two)
IM_MODEL_HARNESS(migration_conserves_two, "nor when one thread makes two", .init = counts_one,
                 .threads = {reserve_counts, count_up_twice}, .check = counted_two)
IM_MODEL_HARNESS(migration_coherent, "a completed update is seen, also through a pointer from before",
                 .init = counts_one, .threads = {reserve_counts, count_and_tell, hold_and_compare},
                 .check = counted_one)
IM_MODEL_HARNESS(migration_get, "get does not wait, and sees what was completed", .init = counts_one,
                 .threads = {reserve_counts, count_and_tell, get_and_compare}, .check = counted_one)

/* A walk over two keys: what is told at the first must be there at the second, though the table may be an old one. */
static int visit(uint32_t key, const uint64_t *count, void *told)
{
    uint32_t *known = told;
    if ((key & ~SECOND(0)) == one)
        im_model_check(*count >= *known, "a completed update is not there");
    else
        *known = im_sync_load(&added, memory_order_acquire);
    return 0;
}

/* `one` finds its slot taken, and lies behind it. */
static void counts_first_last(void)
{
    count_map_init(&counts, NULL);
    im_model_check(count_map_insert(&counts, KEY(3, 0, 0), 0) == 0, "insert failed");
    im_model_check(count_map_insert(&counts, one, 0) == 0, "insert failed");
    added = 0;
}

static void walk(void)
{
    uint32_t told = 0;
    im_model_check(count_map_for_each(&counts, visit, &told) == 0, "for_each failed");
}

IM_MODEL_HARNESS(migration_walk, "a walk sees what was completed before it came there, also in an old table",
                 .init = counts_first_last, .threads = {reserve_counts, count_and_tell, walk}, .check = counted_one)

/* ----------------------------------------------------------------- values in place: keys in two tables, and three */

static const uint32_t new_key = KEY(7, 0, 4);

static uint64_t count_of(uint32_t key, uint64_t if_missing)
{
    uint64_t count = 0;
    int error = count_map_get(&counts, key, &count);
    im_model_check(error == 0 || error == ENOENT, "get says %d", error);
    return error ? if_missing : count;
}

static void insert_count(uint32_t key, uint64_t count)
{
    im_model_check(count_map_insert(&counts, key, count) == 0, "insert failed");
}

/* A key that goes to whatever table is the newest, and is known to be there. */
static void insert_and_tell(void)
{
    insert_count(new_key, 5);
    im_sync_store(&added, 1, memory_order_release);
}

static void find_what_is_told(void)
{
    uint32_t told = im_sync_load(&added, memory_order_acquire);
    uint64_t found = count_of(new_key, 0);
    im_model_check(found == 5 || (!told && found == 0), "a key that is in the map was missed, or has %d", (int)found);
    im_model_check(count_of(one, 9) == 0, "a key that is in the map was missed");
    im_model_check(count_of(new_key, 0) >= found, "a key that was there has gone");
}

static void both_are_there(void)
{
    im_model_check(count_of(one, 9) == 0 && count_of(new_key, 0) == 5, "other values");
    im_model_check(count_map_len(&counts) == 2, "length is %d", (int)count_map_len(&counts));
    count_map_destroy(&counts);
}

IM_MODEL_HARNESS(growing_insert, "a key that is inserted while the table grows is found from then on",
                 .init = counts_one, .threads = {reserve_counts, insert_and_tell, find_what_is_told},
                 .check = both_are_there)

/* It goes to the second table, or the third. */
IM_MODEL_HARNESS(growing_twice, "also when the table grows again meanwhile", .init = counts_one,
                 .threads = {reserve_counts_twice, insert_and_tell, find_what_is_told}, .check = both_are_there,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 2000, .steps = 1000)

static void remove_both(void)
{
    uint64_t old = 9;
    im_model_check(count_map_remove(&counts, one, &old) == 0 && old == 0, "remove failed, or took %d", (int)old);
    im_model_check(count_of(one, 9) == 9, "the removed key is there");
    insert_count(new_key, 5);
    im_model_check(count_map_insert(&counts, new_key, 6) == EEXIST, "a key was inserted twice");
    im_model_check(count_map_remove(&counts, new_key, NULL) == 0, "remove failed");
    im_model_check(count_of(new_key, 9) == 9, "the removed key is there");
}

static void find_backwards(void)
{
    uint64_t before = count_of(one, 9);
    im_model_check(before == 0 || before == 9, "%d was found", (int)before);
    im_model_check(count_of(one, 9) >= before, "a removed key came back");
    (void)count_of(new_key, 9);
}

static void none_is_there(void)
{
    im_model_check(count_of(one, 9) == 9 && count_of(new_key, 9) == 9, "a removed key came back");
    im_model_check(count_map_len(&counts) == 0, "length is %d", (int)count_map_len(&counts));
    count_map_destroy(&counts);
}

IM_MODEL_HARNESS(growing_remove, "a key is removed from whichever table it lies in, and stays removed",
                 .init = counts_one, .threads = {reserve_counts, remove_both, find_backwards}, .check = none_is_there,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 2000, .steps = 1000)

static void clear_and_insert_count(void)
{
    im_model_check(count_map_clear(&counts) == 0, "clear failed");
    im_model_check(count_of(one, 9) == 9, "a key that was cleared is there");
    insert_and_tell();
}

static void find_until_cleared(void)
{
    uint32_t told = im_sync_load(&added, memory_order_acquire);
    uint64_t before = count_of(one, 9);
    im_model_check(!told || (before == 9 && count_of(new_key, 0) == 5), "what was told is not so");
    im_model_check(count_of(one, 9) >= before, "a key that was cleared came back");
}

static void only_new_is_there(void)
{
    im_model_check(count_of(one, 9) == 9 && count_of(new_key, 0) == 5, "other values");
    count_map_destroy(&counts);
}

IM_MODEL_HARNESS(growing_clear, "clear takes all tables away, and growth brings none back", .init = counts_one,
                 .threads = {reserve_counts, clear_and_insert_count, find_until_cleared}, .check = only_new_is_there,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 2000, .steps = 1000)

/* A key that went to a newer table is cleared: once it was missed it stays missed. */
static void clear_counts(void) { im_model_check(count_map_clear(&counts) == 0, "clear failed"); }

static void insert_and_find_backwards(void)
{
    insert_count(new_key, 5);
    uint64_t before = count_of(new_key, 9);
    im_model_check(count_of(new_key, 9) >= before, "a key that was cleared came back");
}

static void cleared_end(void) { count_map_destroy(&counts); }

IM_MODEL_HARNESS(growing_cleared, "a key of a newer table that was cleared stays away", .init = counts_one,
                 .threads = {reserve_counts, clear_counts, insert_and_find_backwards}, .check = cleared_end)

/* The shard gets another table for new keys, and nobody finishes that. */
static void grow_and_leave(void)
{
    struct im_map_write write;
    size_t slot;
    im_model_check(im_map_write_begin(&write, &counts.raw, false) == 0, "a change cannot begin");
    im_raw_map_lock(&write, &count_map__type, 0);
    write.table->room = 0;
    im_model_check(im_raw_map_make_room(&write, &count_map__type, hash_of(new_key), &slot) == 0, "no room");
    im_raw_map_unlock(&write);
    im_sync_nesting()->depth--;
}

static void counts_in_two_tables(void)
{
    counts_one();
    grow_and_leave();
    insert_count(new_key, 5);
}

/* The shard grows, is emptied, and grows again. */
static void clear_and_grow(void)
{
    clear_counts();
    insert_count(one, 0);
    grow_and_leave();
}

static void find_new_key_until_it_is_cleared(void)
{
    uint64_t before = count_of(new_key, 9);
    im_model_check(count_of(new_key, 9) >= before, "a key that was cleared came back");
}

IM_MODEL_HARNESS(growing_cleared_again, "also when the shard grows again", .init = counts_in_two_tables,
                 .threads = {clear_and_grow, find_new_key_until_it_is_cleared}, .check = cleared_end)

/* How often the walk has shown `one` and `new_key`. */
static int count_shown(uint32_t key, const uint64_t *value, void *argument)
{
    unsigned *shown = argument;
    (void)value;
    shown[0] += key == one;
    shown[1] += key == new_key;
    return 0;
}

static void walk_over_two(void)
{
    unsigned shown[2] = {0};
    uint32_t told = im_sync_load(&added, memory_order_acquire);
    im_model_check(count_map_for_each(&counts, count_shown, shown) == 0, "for_each failed");
    im_model_check(shown[0] == 1 && (shown[1] == 1 || (!told && shown[1] == 0)), "shown %u and %u times", shown[0],
                   shown[1]);
}

IM_MODEL_HARNESS(growing_walk, "a walk shows each key once, in whichever tables it lies", .init = counts_one,
                 .threads = {reserve_counts, insert_and_tell, walk_over_two}, .check = both_are_there)
IM_MODEL_HARNESS(growing_walk_twice, "also when the table grows again meanwhile", .init = counts_one,
                 .threads = {reserve_counts_twice, insert_and_tell, walk_over_two}, .check = both_are_there,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 2000, .steps = 1000)

static void counts_reserved(void)
{
    counts_one();
    reserve_counts();
}

static void shrink_counts(void) { im_model_check(count_map_shrink_to_fit(&counts) == 0, "shrink_to_fit failed"); }

IM_MODEL_HARNESS(shrinking_walk, "also when the table shrinks", .init = counts_reserved,
                 .threads = {shrink_counts, insert_and_tell, walk_over_two}, .check = both_are_there)

/* A key that is in none of the tables is not found in a section either, and one that was found stays where it is. */
static void find_in_a_section(void)
{
    count_map_read_lock(&counts);
    count_map_find_result first = count_map_find(&counts, one), again = count_map_find(&counts, one);
    im_model_check(first && first == again, "a value moved inside a section");
    count_map_find_result new_one = count_map_find(&counts, new_key);
    im_model_check(!new_one || count_map_find(&counts, new_key) == new_one, "a value moved inside a section");
    count_map_read_unlock(&counts);
}

IM_MODEL_HARNESS(growing_section, "in a section values stay where they are", .init = counts_one,
                 .threads = {reserve_counts, insert_and_tell, find_in_a_section}, .check = both_are_there)

/* Two who finish the same growth. */
static void reserve_more_counts(void) { im_model_check(count_map_reserve(&counts, 60) == 0, "reserve failed"); }

IM_MODEL_HARNESS(growing_by_two, "two that finish growths lose no key and no update", .init = counts_one,
                 .threads = {reserve_counts, reserve_more_counts, count_up}, .check = counted_one,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 2000, .steps = 1000)

/* An insert that finds no memory for a table, or a table for many shards. */
static void reserve_with_little_memory(void)
{
    int error = count_map_reserve(&counts, 20);
    im_model_check(error == 0 || error == ENOMEM, "reserve says %d", error);
}

IM_MODEL_HARNESS(growing_out_of_memory, "growth for which there is no memory changes nothing", .init = counts_one,
                 .threads = {reserve_with_little_memory, count_up}, .check = counted_one, .failed_allocations = 1)

/* Changes that look at the value and change it hold updaters off. */
static enum im_map_action one_more(const uint64_t *old, uint64_t *value, void *argument)
{
    (void)argument;
    *value = *old + 1;
    return IM_MAP_STORE;
}

static void compute_one_more(void)
{
    im_model_check(count_map_compute(&counts, one, one_more, NULL) == 0, "compute failed");
}

static bool is_zero(const uint64_t *value, void *argument)
{
    (void)argument;
    return *value == 0;
}

/* Removes the count only when nobody has counted: then no update may come after. */
static void remove_if_zero(void)
{
    uint64_t old = 0;
    int error = count_map_remove_if(&counts, one, is_zero, NULL, &old);
    im_model_check(error == 0 || error == ECANCELED, "remove_if says %d", error);
    im_model_check(error || old == 0, "removed with %d updates", (int)old);
}

static void put_hundred(void)
{
    count_map_maybe old = {.some = false};
    im_model_check(count_map_put(&counts, one, 100, &old) == 0 && old.some, "put failed");
    im_sync_fetch_add(&added, (uint32_t)old.value, memory_order_relaxed);
}

static void hundred_and_one(void)
{
    uint32_t before = im_sync_load(&added, memory_order_relaxed);
    expect_count(101 - before);
}

IM_MODEL_HARNESS(migration_compute, "compute and an update both count", .init = counts_one,
                 .threads = {compute_one_more, count_up}, .check = counted_two)
IM_MODEL_HARNESS(migration_put, "put loses no update: it is in the old value or in the new one", .init = counts_one,
                 .threads = {put_hundred, count_up}, .check = hundred_and_one)

static void try_to_count_up(void)
{
    if (!count_map_try_read_lock(&counts))
        return;
    count_map_find_result count = count_map_find(&counts, one);
    im_model_check(count != NULL, "a key that is in the map was missed");
    im_atomic_fetch_add(count, 1);
    count_map_read_unlock(&counts);
    im_sync_fetch_add(&added, 1, memory_order_relaxed);
}

static void counted_added(void) { expect_count(added); }

IM_MODEL_HARNESS(migration_twice, "no update is lost in two growths", .init = counts_one,
                 .threads = {reserve_counts_twice, count_up}, .check = counted_one, .steps = 1000)
IM_MODEL_HARNESS(migration_try, "try_read_lock does not wait, and loses nothing", .init = counts_one,
                 .threads = {reserve_counts, try_to_count_up, try_to_count_up}, .check = counted_added)

static uint64_t taken;

static void take_count(void) { im_model_check(count_map_remove(&counts, one, &taken) == 0, "remove failed"); }

static void count_if_there(void)
{
    im_map_with(count_map, count, &counts, one) {
        im_atomic_fetch_add(count, 1);
        im_sync_fetch_add(&added, 1, memory_order_relaxed);
    }
}

static void none_or_counted(void)
{
    uint64_t count = 0;
    int error = count_map_get(&counts, one, &count);
    im_model_check(error ? added == 0 : count == added, "%d updates of %d are there", (int)count, (int)added);
    count_map_destroy(&counts);
}

static void taken_all(void)
{
    im_model_check(taken == added, "%d updates of %d were handed out", (int)taken, (int)added);
    count_map_destroy(&counts);
}

IM_MODEL_HARNESS(migration_take, "a value that is removed comes with all its updates", .init = counts_one,
                 .threads = {take_count, count_if_there, count_if_there}, .check = taken_all)
IM_MODEL_HARNESS(migration_remove_if, "a value that is removed if nobody changed it takes no update with it",
                 .init = counts_one, .threads = {remove_if_zero, count_if_there}, .check = none_or_counted)

static bool keep_counted(uint32_t key, const uint64_t *count, void *argument)
{
    (void)key, (void)argument;
    return *count != 0;
}

static void retain_counted(void)
{
    im_model_check(count_map_retain(&counts, keep_counted, NULL) == 0, "retain failed");
}

static void drain_count(uint32_t key, uint64_t count, void *argument)
{
    (void)key, (void)argument;
    taken += count;
}

static void drain_counts(void)
{
    taken = 0;
    im_model_check(count_map_drain(&counts, drain_count, NULL) == 0, "drain failed");
}

static void remove_if_zero_for_good(void)
{
    int error = count_map_remove_if(&counts, one, is_zero, NULL, NULL);
    im_model_check(error == 0 || error == ECANCELED, "remove_if says %d", error);
}

IM_MODEL_HARNESS(migration_remove_if_for_good, "nor when nobody wants the value", .init = counts_one,
                 .threads = {remove_if_zero_for_good, count_if_there, count_if_there}, .check = none_or_counted)
IM_MODEL_HARNESS(migration_retain, "retain takes no update away that its callback did not see", .init = counts_one,
                 .threads = {retain_counted, count_if_there, count_if_there}, .check = none_or_counted)
IM_MODEL_HARNESS(migration_drain, "a value that is drained comes with all its updates", .init = counts_one,
                 .threads = {drain_counts, count_if_there, count_if_there}, .check = taken_all)

/* Two keys, then in two shards. */
static void counts_to_split(void)
{
    counts_first_last();
    counts.raw.wanted_shards = 2;
}

static void split_counts(void) { im_model_check(count_map_reserve(&counts, 1) == 0, "reserve failed"); }

IM_MODEL_HARNESS(migration_split, "no update is lost in a split", .init = counts_to_split,
                 .threads = {split_counts, count_up_twice}, .check = counted_two)
IM_MODEL_HARNESS(migration_split_walk,
                 "a walk sees what was completed before it came there, also in a table from before",
                 .init = counts_to_split, .threads = {split_counts, count_and_tell, walk}, .check = counted_one)

IM_MODEL_HARNESS(growing_split_by_two, "nor when two finish it", .init = counts_to_split,
                 .threads = {split_counts, reserve_counts, count_up}, .check = counted_one, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 3000, .random = 2000, .steps = 1000)

/*
 * What lies in the first shard is copied while that gets new keys; whatever else would change it waits. Both keys are in one
 * control word, and the new one too.
 */
static const uint32_t beside = KEY(3, 0, 2);

static void beside_to_split(void)
{
    count_map_init(&counts, NULL);
    im_model_check(count_map_insert(&counts, one, 0) == 0, "insert failed");
    im_model_check(count_map_insert(&counts, other, 0) == 0, "insert failed");
    counts.raw.wanted_shards = 2;
}

static void insert_beside(void)
{
    im_model_check(count_map_insert(&counts, one, 7) == EEXIST, "the key is not there");
    im_model_check(count_map_insert(&counts, beside, 5) == 0, "insert failed");
}

static void insert_and_put_beside(void)
{
    insert_beside();
    im_model_check(count_map_put(&counts, one, 1, NULL) == 0, "put failed");
}

static void insert_and_remove_beside(void)
{
    insert_beside();
    im_model_check(count_map_remove(&counts, other, NULL) == 0, "remove failed");
}

static void insert_and_clear_beside(void)
{
    insert_beside();
    im_model_check(count_map_clear(&counts) == 0, "clear failed");
}

static void expect_in_map(uint32_t key, int expected, uint64_t expected_count)
{
    uint64_t count = 0;
    im_model_check(count_map_get(&counts, key, &count) == expected, "a key is there, or is not");
    im_model_check(expected || count == expected_count, "its count is %d", (int)count);
}

static void expect_length(size_t expected)
{
    const size_t length = count_map_len(&counts);
    im_model_check(length == expected, "the length is %d", (int)length);
    count_map_destroy(&counts);
}

static void put_beside(void)
{
    expect_in_map(one, 0, 1);
    expect_in_map(other, 0, 0);
    expect_in_map(beside, 0, 5);
    expect_length(3);
}

static void removed_beside(void)
{
    expect_in_map(one, 0, 0);
    expect_in_map(other, ENOENT, 0);
    expect_in_map(beside, 0, 5);
    expect_length(2);
}

static void cleared_beside(void)
{
    expect_in_map(one, ENOENT, 0);
    expect_in_map(other, ENOENT, 0);
    expect_in_map(beside, ENOENT, 0);
    expect_length(0);
}

IM_MODEL_HARNESS(split_beside_put, "a split loses no key that comes meanwhile, and no put", .init = beside_to_split,
                 .threads = {split_counts, insert_and_put_beside}, .check = put_beside, .search = IM_MODEL_BOUNDED,
                 .preemptions = 4, .executions = 3000, .random = 1000, .steps = 1000)
IM_MODEL_HARNESS(split_beside_remove, "nor does it bring a removed key back", .init = beside_to_split,
                 .threads = {split_counts, insert_and_remove_beside}, .check = removed_beside,
                 .search = IM_MODEL_BOUNDED, .preemptions = 4, .executions = 3000, .random = 1000, .steps = 1000)
IM_MODEL_HARNESS(split_beside_clear, "nor cleared ones", .init = beside_to_split,
                 .threads = {split_counts, insert_and_clear_beside}, .check = cleared_beside,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 3000, .random = 1000, .steps = 1000)

/*
 * The same of a growing shard, whose keys are copied to one larger table. New ones go to a table aside until then, or to a
 * third one, when more is reserved meanwhile.
 */
static void one_shard(void)
{
    counts_one();
    counts.raw.wanted_shards = 1;
}

static void beside_to_grow(void)
{
    beside_to_split();
    counts.raw.wanted_shards = 1;
}

static void grow_aside(void) { im_model_check(count_map_reserve(&counts, 40) == 0, "reserve failed"); }

static void grow_aside_and_more(void)
{
    grow_aside();
    im_model_check(count_map_reserve(&counts, 60) == 0, "reserve failed");
}

static void grow_with_little_memory(void)
{
    int error = count_map_reserve(&counts, 40);
    im_model_check(error == 0 || error == ENOMEM, "reserve says %d", error);
}

IM_MODEL_HARNESS(aside_insert, "a key that is inserted aside is found from then on", .init = one_shard,
                 .threads = {grow_aside, insert_and_tell, find_what_is_told}, .check = both_are_there,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 6000, .random = 2000, .steps = 2000)
IM_MODEL_HARNESS(aside_twice, "also when the table grows again meanwhile", .init = one_shard,
                 .threads = {grow_aside, reserve_more_counts, insert_and_tell}, .check = both_are_there,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 4000, .steps = 3000)
IM_MODEL_HARNESS(aside_walk, "and a walk shows it once", .init = one_shard,
                 .threads = {grow_aside_and_more, insert_and_tell, walk_over_two}, .check = both_are_there,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 3000, .random = 2000, .steps = 3000)
IM_MODEL_HARNESS(aside_counts, "no update is lost", .init = one_shard, .threads = {grow_aside, count_up, count_up},
                 .check = counted_two, .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 6000, .random = 2000,
                 .steps = 2000)
IM_MODEL_HARNESS(aside_get, "get sees what was completed", .init = one_shard,
                 .threads = {grow_aside, count_and_tell, get_and_compare}, .check = counted_one,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 6000, .random = 2000, .steps = 2000)
IM_MODEL_HARNESS(aside_put, "a growth loses no key that comes meanwhile, and no put", .init = beside_to_grow,
                 .threads = {grow_aside, insert_and_put_beside}, .check = put_beside, .search = IM_MODEL_BOUNDED,
                 .preemptions = 4, .executions = 3000, .random = 1000, .steps = 2000)
IM_MODEL_HARNESS(aside_remove, "nor does it bring a removed key back", .init = beside_to_grow,
                 .threads = {grow_aside, insert_and_remove_beside}, .check = removed_beside, .search = IM_MODEL_BOUNDED,
                 .preemptions = 4, .executions = 3000, .random = 1000, .steps = 2000)
IM_MODEL_HARNESS(aside_clear, "nor cleared ones", .init = beside_to_grow,
                 .threads = {grow_aside, insert_and_clear_beside}, .check = cleared_beside, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 3000, .random = 1000, .steps = 2000)
IM_MODEL_HARNESS(aside_by_two, "nor does who finishes the same growth lose anything", .init = one_shard,
                 .threads = {grow_aside, reserve_more_counts, count_up}, .check = counted_one,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 2000, .steps = 3000)
/* Capacity grows, though tables are replaced meanwhile. */
static void look_at_capacity(void)
{
    const size_t before = count_map_stats(&counts).capacity, after = count_map_stats(&counts).capacity;
    im_model_check(before > 0 && after >= before, "capacities %d and %d", (int)before, (int)after);
}

static void capacity_end(void) { expect_count(0); }

IM_MODEL_HARNESS(aside_stats, "stats show the table that there will be", .init = one_shard,
                 .threads = {grow_aside, look_at_capacity}, .check = capacity_end, .search = IM_MODEL_BOUNDED,
                 .preemptions = 3, .executions = 6000, .random = 3000, .steps = 3000)
IM_MODEL_HARNESS(aside_out_of_memory, "and without memory nothing changes", .init = one_shard,
                 .threads = {grow_with_little_memory, count_up}, .check = counted_one, .failed_allocations = 1,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 6000, .random = 1000, .steps = 2000)

/* ------------------------------------------------------------------------------------ frozen: keys in two tables */

/* Growths of frozen values to so many groups are finished beside inserts, too, and nobody stops for them. */
static void frozen_shard(void)
{
    pairs_one();
    pairs.raw.wanted_shards = 1;
    added = 0;
}

static void grow_frozen(void) { im_model_check(pair_map_reserve(&pairs, 40) == 0, "reserve failed"); }

static void grow_frozen_more(void) { im_model_check(pair_map_reserve(&pairs, 60) == 0, "reserve failed"); }

static void grow_frozen_twice(void)
{
    grow_frozen();
    grow_frozen_more();
}

static void insert_frozen_and_tell(void)
{
    insert(late, 5, 0);
    im_sync_store(&added, 1, memory_order_release);
}

static void find_frozen_that_is_told(void)
{
    uint32_t told = im_sync_load(&added, memory_order_acquire);
    uint64_t found = look_up(late, 0);
    im_model_check(found == 5 || (!told && found == 0), "a key that is in the map was missed, or has %d", (int)found);
    im_model_check(must_find(one) == 1, "another value");
    im_model_check(look_up(late, 0) >= found, "a key that was there has gone");
}

static void expect_frozen(uint64_t expected_one, uint64_t expected_late)
{
    const size_t length = pair_map_len(&pairs);
    im_model_check(look_up(one, 0) == expected_one && look_up(late, 0) == expected_late, "other values");
    im_model_check(length == (expected_one != 0) + (size_t)(expected_late != 0), "length is %d", (int)length);
    pairs_end();
}

static void both_frozen(void) { expect_frozen(1, 5); }

static int count_visit(uint32_t key, const pair *value, void *argument)
{
    im_model_check(value->number == (key == one ? 1 : 5), "another value");
    ((unsigned *)argument)[key == one]++;
    return 0;
}

static void walk_over_frozen(void)
{
    const uint32_t told = im_sync_load(&added, memory_order_acquire);
    unsigned seen[2] = {0, 0};
    im_model_check(pair_map_for_each(&pairs, count_visit, seen) == 0, "for_each failed");
    im_model_check(seen[1] == 1 && seen[0] <= 1 && seen[0] >= told, "shown %u and %u times", seen[1], seen[0]);
}

static void insert_and_replace_frozen(void)
{
    insert(late, 5, 0);
    replace_with(one, 2, 1);
    im_model_check(must_find(one) == 2, "a new value is not there");
}

static void replaced_frozen(void) { expect_frozen(2, 5); }

static void insert_and_remove_frozen(void)
{
    insert(late, 5, 0);
    remove_one();
    im_model_check(look_up(one, 0) == 0, "the removed key is there");
}

static void removed_frozen(void) { expect_frozen(0, 5); }

static void clear_frozen(void)
{
    im_model_check(pair_map_clear(&pairs) == 0, "clear failed");
    insert(late, 5, 0);
    im_model_check(must_find(late) == 5, "another value");
}

IM_MODEL_HARNESS(frozen_insert, "a key that is inserted aside is found from then on", .init = frozen_shard,
                 .threads = {grow_frozen, insert_frozen_and_tell, find_frozen_that_is_told}, .check = both_frozen,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 3000, .random = 1000, .steps = 2000)
IM_MODEL_HARNESS(frozen_twice, "also when the table grows again meanwhile", .init = frozen_shard,
                 .threads = {grow_frozen, grow_frozen_more, insert_frozen_and_tell, find_frozen_that_is_told},
                 .check = both_frozen, .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 3000, .random = 1000,
                 .steps = 3000)
IM_MODEL_HARNESS(frozen_walk, "and a walk shows it once", .init = frozen_shard,
                 .threads = {grow_frozen_twice, insert_frozen_and_tell, walk_over_frozen}, .check = both_frozen,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 2000, .random = 1000, .steps = 3000)
IM_MODEL_HARNESS(frozen_replace, "a growth loses no replacement, and values do not go back", .init = frozen_shard,
                 .threads = {grow_frozen, insert_and_replace_frozen, find_one_forward}, .check = replaced_frozen,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 3000, .random = 1000, .steps = 2000)
IM_MODEL_HARNESS(frozen_remove, "nor does it bring a removed key back", .init = frozen_shard,
                 .threads = {grow_frozen, insert_and_remove_frozen, get_one_backwards}, .check = removed_frozen,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 3000, .random = 1000, .steps = 2000)
IM_MODEL_HARNESS(frozen_clear, "nor cleared ones, and what comes after is found", .init = frozen_shard,
                 .threads = {grow_frozen, clear_frozen, get_one_backwards}, .check = removed_frozen,
                 .search = IM_MODEL_BOUNDED, .preemptions = 3, .executions = 3000, .random = 1000, .steps = 2000)

/* A table that is full: there is no slot in it for another value. */
static const uint32_t full_key = KEY(16, 0, 0), full_new = KEY(100, 1, 3);

static void frozen_full(void)
{
    pair_map_init(&pairs, &(struct im_map_options){.shards = 1});
    for (unsigned i = 0; i < 28; i++)
        insert(KEY(16 + i, i / 14, i % 14), 1, 0);
}

static void insert_into_frozen_full(void) { insert(full_new, 5, 0); }
static void find_full_forward(void) { find_forward(full_key); }

static void replace_in_frozen_full(void)
{
    replace_with(full_key, 2, 1);
    im_model_check(must_find(full_key) == 2, "a new value is not there");
}

static void replaced_in_frozen_full(void)
{
    im_model_check(must_find(full_key) == 2 && must_find(full_new) == 5, "other values");
    for (unsigned i = 1; i < 28; i++)
        im_model_check(must_find(KEY(16 + i, i / 14, i % 14)) == 1, "another value");
    im_model_check(pair_map_len(&pairs) == 29, "length is %d", (int)pair_map_len(&pairs));
    pairs_end();
}

IM_MODEL_HARNESS(frozen_full_replace, "a key is replaced whose table is full, and is growing", .init = frozen_full,
                 .threads = {insert_into_frozen_full, replace_in_frozen_full, find_full_forward},
                 .check = replaced_in_frozen_full, .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 2000,
                 .random = 500, .steps = 3000)

/* A key has moved before the growth, which must not hide that from a search. */
static void frozen_moves_down(void)
{
    pairs_move_down();
    pairs.raw.wanted_shards = 1;
}

static void replace_mover_and_grow(void)
{
    replace_with(mover, 2, 1);
    grow_frozen();
}

IM_MODEL_HARNESS(frozen_moved, "a key that moved before its table grows is always found", .init = frozen_moves_down,
                 .threads = {replace_mover_and_grow, find_mover}, .check = pairs_end, .search = IM_MODEL_BOUNDED,
                 .preemptions = 3, .executions = 3000, .random = 1000, .steps = 2000)

/* An exchange in place is a change too: it may not be made behind the back of a walk in an old table. */
static void put_and_tell(void)
{
    im_model_check(count_map_put(&counts, one, 1, NULL) == 0, "put failed");
    im_sync_store(&added, 1, memory_order_release);
}

IM_MODEL_HARNESS(migration_put_walk, "the same of a change by put", .init = counts_first_last,
                 .threads = {reserve_counts, put_and_tell, walk}, .check = counted_one)

/* The same key in the shard that is not the splitting thread's own. */
static void counts_to_split_off(void)
{
    counts_first_last();
    im_model_check(count_map_remove(&counts, one, NULL) == 0, "remove failed");
    im_model_check(count_map_synchronize(&counts) == 0, "synchronize failed");
    im_model_check(count_map_insert(&counts, SECOND(one), 0) == 0, "insert failed");
    counts.raw.wanted_shards = 2;
}

static void put_second_and_tell(void)
{
    im_model_check(count_map_put(&counts, SECOND(one), 1, NULL) == 0, "put failed");
    im_sync_store(&added, 1, memory_order_release);
}

static void counts_end(void) { count_map_destroy(&counts); }

IM_MODEL_HARNESS(migration_split_put, "and in a split", .init = counts_to_split_off,
                 .threads = {split_counts, put_second_and_tell, walk}, .check = counts_end, .search = IM_MODEL_BOUNDED,
                 .preemptions = 3, .executions = 3000, .random = 2000, .steps = 1000)

/* Both stop changes, each for its shard: neither lets them go on for the other. */
static void counts_in_two(void)
{
    count_map_init(&counts, &(struct im_map_options){.shards = 2});
    im_model_check(count_map_insert(&counts, one, 0) == 0, "insert failed");
    im_model_check(count_map_insert(&counts, SECOND(one), 0) == 0, "insert failed");
    added = 0;
}

static void compute_in_second(void)
{
    im_model_check(count_map_compute(&counts, SECOND(one), one_more, NULL) == 0, "compute failed");
}

IM_MODEL_HARNESS(migration_two_shards, "growth of one shard and a decision in another lose no update",
                 .init = counts_in_two, .threads = {reserve_counts, compute_in_second, count_up}, .check = counted_one,
                 .search = IM_MODEL_BOUNDED, .preemptions = 2, .executions = 3000, .random = 2000, .steps = 1000)

/* ------------------------------------------------------------------------------------ values in place: the helper */

/* A thread of the harness is the one that the map starts; a second start fails, and the writer does it all itself. */
static uint32_t started;
static void (*started_work)(void *argument);
static void *started_argument;

static int start_in_harness(void (*work)(void *argument), void *argument)
{
    if (im_sync_load(&started, memory_order_relaxed))
        return EAGAIN;
    started_work = work;
    started_argument = argument;
    im_sync_store(&started, 1, memory_order_release);
    im_sync_wake(&started, IM_SYNC_ALL);
    return 0;
}

static void be_helper(void)
{
    while (!im_sync_load(&started, memory_order_acquire))
        im_sync_wait(&started, 0, IM_SYNC_FOREVER);
    started_work(started_argument);
}

/* Shards with as many keys as their table holds. */
static void fill_counts(unsigned shards)
{
    im_model_starter = NULL;
    count_map_init(&counts, &(struct im_map_options){.shards = shards});
    for (unsigned shard = 0; shard < shards; shard++) {
        for (unsigned slot = 0; slot < 14; slot++)
            insert_count(KEY(slot + 1, 0, slot) | shard << 16, 0);
    }
    added = 0;
    started = 0;
    im_model_starter = start_in_harness;
}

static void counts_full(void) { fill_counts(1); }
static void two_counts_full(void) { fill_counts(2); }
static void insert_into_full(void) { insert_count(new_key | 1 << 15, 5); }

static void insert_into_both_full(void)
{
    insert_into_full();
    insert_count(SECOND(new_key) | 1 << 15, 5);
}

static void all_counted(void)
{
    const struct im_map_shard *shards = counts.raw.shards ? counts.raw.shards : &counts.raw.first;
    im_model_starter = NULL;
    for (unsigned shard = 0; shard <= counts.raw.shard_mask; shard++) {
        im_model_check(shards[shard].newest == 0, "a growth was not finished");
        im_model_check(count_of(KEY(1, 0, 0) | shard << 16, 9) == (shard ? 0 : added), "an update was lost");
        im_model_check(count_of(new_key | 1 << 15 | shard << 16, 9) == 5, "a key was lost");
        for (unsigned slot = 1; slot < 14; slot++)
            im_model_check(count_of(KEY(slot + 1, 0, slot) | shard << 16, 9) == 0, "a key was lost");
    }
    count_map_destroy(&counts);
}

IM_MODEL_HARNESS(helper_finishes, "a helper finishes a growth that an insert began, and no update is lost",
                 .init = counts_full, .threads = {insert_into_full, be_helper, count_and_tell}, .check = all_counted)
IM_MODEL_HARNESS(helper_is_asked, "who asks a helper that is about to go is heard", .init = two_counts_full,
                 .threads = {insert_into_both_full, be_helper}, .check = all_counted, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 6000, .random = 2000, .steps = 2000)

/* A map that goes away, with all its memory, as soon as it has grown. */
static count_map *short_lived;

static void short_lived_full(void)
{
    im_model_starter = NULL;
    short_lived = malloc(sizeof *short_lived);
    count_map_init(short_lived, &(struct im_map_options){.shards = 2});
    for (unsigned shard = 0; shard < 2; shard++) {
        for (unsigned slot = 0; slot < 14; slot++)
            im_model_check(count_map_insert(short_lived, KEY(slot + 1, 0, slot) | shard << 16, 0) == 0,
                           "insert failed");
    }
    started = 0;
    im_model_starter = start_in_harness;
}

static void grow_and_end(void)
{
    for (unsigned shard = 0; shard < 2; shard++)
        im_model_check(count_map_insert(short_lived, new_key | 1 << 15 | shard << 16, 5) == 0, "insert failed");
    count_map_destroy(short_lived);
    free(short_lived);
}

static void helped_end(void) { im_model_starter = NULL; }

IM_MODEL_HARNESS(helper_ends, "a map that ends waits for its helper", .init = short_lived_full,
                 .threads = {grow_and_end, be_helper}, .check = helped_end, .search = IM_MODEL_BOUNDED,
                 .preemptions = 2, .executions = 3000, .random = 1000, .steps = 1000)

/* What ends by a callback is waited for by the helper, and ended by a writer that comes later. */
static void boxes_to_leave(void)
{
    im_model_starter = NULL;
    boxes_one();
    boxes.raw.left_behind_bytes = 1 << 20; /* as if much were waiting already */
    started = 0;
    im_model_starter = start_in_harness;
}

static void clear_and_change(void)
{
    clear_boxes();
    im_model_check(box_map_remove(&boxes, one, NULL) == ENOENT, "the key is still there");
}

static void boxes_left(void)
{
    im_model_starter = NULL;
    boxes_end();
}

IM_MODEL_HARNESS(helper_awaits, "a value ends after its last reader when the helper waited for that",
                 .init = boxes_to_leave, .threads = {clear_and_change, be_helper, read_box}, .check = boxes_left)

/* ------------------------------------------------------------------------ retired slots, after a round of the helper */

#define BOX(slot) KEY((slot) + 2, 0, (slot) + 1)

static void insert_box(uint32_t key)
{
    box value = malloc(sizeof *value);
    value->number = 1;
    im_model_check(box_map_insert(&boxes, key, value) == 0, "insert failed");
}

static void retire_box(uint32_t key) { im_model_check(box_map_remove(&boxes, key, NULL) == 0, "remove failed"); }

/* The log has eight entries, of which so many are used; who finds half of them used asks for a round. */
static void boxes_retired(unsigned retired, unsigned shards)
{
    im_model_starter = NULL;
    started = 0;
    box_map_init(&boxes, &(struct im_map_options){.shards = shards});
    insert_box(one);
    for (unsigned slot = 0; slot < retired + 2; slot++)
        insert_box(BOX(slot));
    for (unsigned slot = 2; slot < retired + 2; slot++)
        retire_box(BOX(slot));
    im_model_starter = start_in_harness;
}

static void three_retired(void) { boxes_retired(3, 1); }
static void four_retired(void) { boxes_retired(4, 1); }

/* Its helper is in a round already, which may have begun before the removals. */
static void three_retired_in_a_round(void)
{
    boxes_retired(3, 2);
    for (unsigned slot = 0; slot < 5; slot++)
        insert_box(SECOND(BOX(slot)));
    for (unsigned slot = 0; slot < 5; slot++)
        retire_box(SECOND(BOX(slot)));
    im_model_check(started, "nobody asked for a round");
}

static void retire_before_the_round(void)
{
    retire_box(one);
    retire_box(BOX(0));
    retire_box(BOX(1));
}

static void retire_after_the_round_began(void)
{
    retire_box(BOX(0));
    retire_box(one);
    retire_box(BOX(1));
}

static void three_retired_alone(void)
{
    three_retired();
    im_model_starter = NULL;
}

static void fill_log_alone(void)
{
    retire_before_the_round();
    for (unsigned slot = 2; slot < 9; slot++) {
        insert_box(BOX(slot));
        retire_box(BOX(slot));
    }
}

IM_MODEL_HARNESS(rounds_end, "what was retired before a round ends when it is over, after its last reader",
                 .init = three_retired, .threads = {retire_before_the_round, be_helper, read_box}, .check = boxes_left)
IM_MODEL_HARNESS(rounds_begin, "the round under way is not the one that was asked for",
                 .init = three_retired_in_a_round, .threads = {retire_before_the_round, be_helper, read_box},
                 .check = boxes_left)
IM_MODEL_HARNESS(rounds_mark, "what was retired after a round began does not end with it", .init = four_retired,
                 .threads = {retire_after_the_round_began, be_helper, read_box}, .check = boxes_left)
IM_MODEL_HARNESS(rounds_none, "where there can be no helper the writer waits when its log is full",
                 .init = three_retired_alone, .threads = {fill_log_alone, read_box}, .check = boxes_left, .steps = 2000)
