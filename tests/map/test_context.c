/* SPDX-License-Identifier: MIT */
/* Maps of one type of which each has its own idea of what is equal: with ATOMIC_VALUES of such, otherwise of frozen ones. */
#include <criterion/criterion.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include <intermut/map.h>
#include <intermut/traits.h>

/* Numbers are equal that leave the same when they are divided by `number`; those of a map without a context as they are. */
struct modulus {
    uint64_t number;
    im_atomic(uint64_t) hashes; /* that were asked for */
};

static uint64_t residue(uint64_t query, const struct modulus *modulus)
{
    return modulus ? query % modulus->number : query;
}

static uint64_t hash_residue(uint64_t query, uint64_t seed, const struct modulus *modulus)
{
    const uint64_t rest = residue(query, modulus);
    if (modulus)
        im_atomic_fetch_add(&modulus->hashes, 1);
    return XXH3_64bits_withSeed(&rest, sizeof rest, seed);
}

#define IM_MAP_NAME residue_map
#define IM_MAP_KEY uint64_t
#ifdef ATOMIC_VALUES
#define IM_MAP_ATOMIC_VALUE uint64_t
#else
#define IM_MAP_VALUE uint64_t
#endif
#define IM_MAP_CONTEXT const struct modulus *
#define IM_MAP_HASH(query, seed, context) hash_residue(query, seed, context)
#define IM_MAP_EQ(a, b, context) (residue(a, context) == residue(b, context))
#include <intermut/map.h>

struct collation {
    bool ignores_case;
};

static char fold(char byte, const struct collation *collation)
{
    return collation->ignores_case ? (char)tolower((unsigned char)byte) : byte;
}

static uint64_t hash_text(struct im_slice text, uint64_t seed, const struct collation *collation)
{
    for (size_t i = 0; i < text.length; i++)
        seed = (seed ^ (unsigned char)fold(text.bytes[i], collation)) * UINT64_C(0x9e3779b97f4a7c15);
    return seed ^ seed >> 32;
}

static bool is_same_text(struct im_slice a, struct im_slice b, const struct collation *collation)
{
    bool is_same = a.length == b.length;
    for (size_t i = 0; is_same && i < a.length; i++)
        is_same = fold(a.bytes[i], collation) == fold(b.bytes[i], collation);
    return is_same;
}

#define IM_MAP_NAME text_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#define IM_MAP_CONTEXT const struct collation *
#define IM_MAP_HASH hash_text
#define IM_MAP_EQ is_same_text
#include <intermut/map.h>

/* Only the hash depends on the context: what is equal is so in all maps. */
struct secret {
    uint64_t word;
};

#define IM_MAP_NAME secret_word_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#define IM_MAP_CONTEXT const struct secret *
#define IM_MAP_HASH(query, seed, context) XXH3_64bits_withSeed((query).bytes, (query).length, (seed) ^ (context)->word)
#include <intermut/map.h>

#define IM_MAP_NAME secret_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_CONTEXT const struct secret *
#define IM_MAP_HASH(query, seed, context) XXH3_64bits_withSeed(&(query), sizeof(query), (seed) ^ (context)->word)
#include <intermut/map.h>

/* More than one shard holds before it is split. */
enum { FEW = 10000, MANY = 15000 };

static void init(residue_map *map, const struct modulus *modulus, unsigned shards)
{
    residue_map_init(map, &(struct im_map_options){.context = modulus, .shards = shards});
}

/* Twice as many keys as there are residues: of each two only one is new. */
static void fill(const residue_map *map, uint64_t residues)
{
    for (uint64_t key = 0; key < 2 * residues; key++)
        cr_assert_eq(residue_map_insert(map, key, key), key < residues ? 0 : EEXIST, "%" PRIu64, key);
    cr_assert_eq(residue_map_len(map), residues);
}

static void expect_residues(const residue_map *map, uint64_t residues)
{
    for (uint64_t key = 0; key < residues; key++) {
        uint64_t value = MANY;
        cr_assert_eq(residue_map_get(map, key + 3 * residues, &value), 0, "%" PRIu64, key);
        cr_assert_eq(value, key);
    }
}

/* Where the core hashes as searches do, most keys lie in the first group of their path. */
static void expect_keys_at_their_hashes(const residue_map *map)
{
    const struct im_map_probe_stats stats = residue_map_probe_stats(map);
    cr_assert_eq(stats.keys, residue_map_len(map));
    cr_assert_lt(stats.groups, stats.keys / 2 * 3);
}

Test(context, each_map_has_its_own)
{
    for (unsigned shards = 0; shards < 2; shards++) {
        const struct modulus few = {FEW, {0}}, many = {MANY, {0}};
        residue_map of_few, of_many;
        init(&of_few, &few, shards);
        init(&of_many, &many, shards);
        fill(&of_few, FEW);
        fill(&of_many, MANY);
        /* Growth and split are finished before this returns; inserts need not wait for either. */
        cr_assert_eq(residue_map_reserve(&of_few, FEW), 0);
        cr_assert_eq(residue_map_stats(&of_few).shards > 1, shards == 0);
        cr_assert_gt(residue_map_stats(&of_few).growths, 0);
        expect_residues(&of_few, FEW);
        expect_residues(&of_many, MANY);
        expect_keys_at_their_hashes(&of_few);
        expect_keys_at_their_hashes(&of_many);
        cr_assert_gt(im_atomic_load(&few.hashes), 4 * FEW);
        residue_map_destroy(&of_few);
        residue_map_destroy(&of_many);
    }
}

static bool is_even(uint64_t key, const uint64_t *value, void *argument)
{
    (void)argument;
    cr_assert_eq(key, *value);
    return key % 2 == 0;
}

static int add_key(uint64_t key, const uint64_t *value, void *argument)
{
    uint64_t *sum = argument;
    cr_assert_eq(key, *value);
    *sum += key;
    return 0;
}

Test(context, all_that_searches_has_it)
{
    enum { SIZE = 1000 };
    const struct modulus modulus = {SIZE, {0}};
    residue_map map;
    init(&map, &modulus, 0);
    fill(&map, SIZE);

    uint64_t sum = 0;
    cr_assert_eq(residue_map_for_each(&map, add_key, &sum), 0);
    cr_assert_eq(sum, SIZE * (SIZE - 1) / 2);

    const uint64_t keys[] = {7, SIZE + 7, 2 * SIZE + 8};
    residue_map_maybe values[3];
    cr_assert_eq(residue_map_get_many(&map, keys, 3, values), 3);
    cr_assert(values[0].value == 7 && values[1].value == 7 && values[2].value == 8);

    cr_assert_eq(residue_map_retain(&map, is_even, NULL), 0);
    cr_assert_eq(residue_map_len(&map), SIZE / 2);
    cr_assert_not(residue_map_contains(&map, SIZE + 7));
    cr_assert(residue_map_contains(&map, SIZE + 8));

    residue_map_maybe old = {0};
    cr_assert_eq(residue_map_put(&map, SIZE + 8, 80, &old), 0);
    cr_assert(old.some && old.value == 8);
    uint64_t value = 0;
    cr_assert_eq(residue_map_replace(&map, 2 * SIZE + 8, 81, &value), 0);
    cr_assert_eq(value, 80);
    cr_assert_eq(residue_map_remove(&map, 3 * SIZE + 8, &value), 0);
    cr_assert_eq(value, 81);
    im_map_with_or_insert(residue_map, v, &map, SIZE + 8, 82)
        (void)v;
    im_map_with(residue_map, v, &map, 8)
        (void)v;
    else
        cr_assert_fail();
    cr_assert_eq(residue_map_shrink_to_fit(&map), 0);
    cr_assert_eq(residue_map_len(&map), SIZE / 2);
    expect_keys_at_their_hashes(&map);
    residue_map_destroy(&map);
}

Test(context, a_zeroed_map_has_none_and_a_destroyed_one_has_it_still)
{
    static residue_map zeroed;
    cr_assert_eq(residue_map_insert(&zeroed, 1, 1), 0);
    cr_assert_eq(residue_map_insert(&zeroed, 11, 11), 0);
    residue_map_destroy(&zeroed);

    const struct modulus ten = {10, {0}};
    residue_map map;
    init(&map, &ten, 0);
    for (int lives = 0; lives < 2; lives++) {
        cr_assert_eq(residue_map_insert(&map, 1, 1), 0);
        cr_assert_eq(residue_map_insert(&map, 11, 11), EEXIST);
        residue_map_destroy(&map);
    }
}

Test(context, names_with_and_without_case)
{
    const struct collation exact = {false}, loose = {true};
    enum { COUNT = 3000 };
    for (unsigned ignores_case = 0; ignores_case < 2; ignores_case++) {
        text_map map;
        text_map_init(&map, &(struct im_map_options){.context = ignores_case ? &loose : &exact});
        char name[64];
        for (int i = 0; i < COUNT; i++) {
            (void)snprintf(name, sizeof name, "%s %d", i % 2 ? "A name that is allocated" : "Name", i);
            cr_assert_eq(text_map_insert(&map, im_slice_of(name), i), 0);
            name[0] = (char)tolower((unsigned char)name[0]);
            cr_assert_eq(text_map_insert(&map, im_slice_of(name), -i), ignores_case ? EEXIST : 0);
        }
        cr_assert_eq(text_map_len(&map), ignores_case ? COUNT : 2 * COUNT);
        int value = 0;
        cr_assert_eq(text_map_get(&map, im_slice_of("NAME 1000"), &value), ignores_case ? 0 : ENOENT);
        cr_assert_eq(text_map_get(&map, im_slice_of("name 1000"), &value), 0);
        cr_assert_eq(value, ignores_case ? 1000 : -1000);
        text_map_destroy(&map);
    }
}

Test(context, equality_may_be_that_of_other_maps)
{
    const struct secret secret = {UINT64_C(0x0123456789abcdef)};
    const struct im_map_options options = {.context = &secret};
    secret_word_map words;
    secret_map numbers;
    secret_word_map_init(&words, &options);
    secret_map_init(&numbers, &options);
    char word[32];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(word, sizeof word, "word %d", i);
        cr_assert_eq(secret_word_map_insert(&words, im_slice_of(word), i), 0);
        cr_assert_eq(secret_map_insert(&numbers, i, i), 0);
    }
    int value = 0;
    cr_assert_eq(secret_word_map_get(&words, im_slice_of("word 321"), &value), 0);
    cr_assert_eq(value, 321);
    cr_assert_eq(secret_map_get(&numbers, 321, &value), 0);
    cr_assert_eq(value, 321);
    secret_word_map_destroy(&words);
    secret_map_destroy(&numbers);
}
