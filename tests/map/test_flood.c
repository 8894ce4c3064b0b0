/* SPDX-License-Identifier: MIT */
/*
 * Keys that somebody chose to collide cost what random ones do, since nobody knows the seed of a map.
 *
 * The hash of eight bytes under a known seed can be computed backwards, so the attack here is the best that there is:
 * 100 k keys that share their shard, their mark, their home slot and the home group in tables of any size up to 2^24
 * groups. A map that is made to draw just that seed is flooded: the control. What is counted is the groups that
 * searches look at, not time.
 */
#include <criterion/criterion.h>

#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <intermut/map.h>

#define IM_MAP_NAME number_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME name_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#include <intermut/map.h>

/* Random keys come to some ten groups, by a chance that gets ten times smaller with each more; a flood to thousands. */
enum { KEYS = 100000, CONTROL_KEYS = 5000, LONGEST = 64 };

static uint64_t seed_to_draw; /* 0: whatever the system says */

/* Instead of the C library's. */
ssize_t getrandom(void *buffer, size_t bytes, unsigned flags)
{
    if (!seed_to_draw)
        return syscall(SYS_getrandom, buffer, bytes, flags);
    memset(buffer, 0, bytes);
    memcpy(buffer, &seed_to_draw, bytes < sizeof seed_to_draw ? bytes : sizeof seed_to_draw);
    return (ssize_t)bytes;
}

/* The one number that an odd one is to be multiplied by to get 1 (mod 2^64), by Newton's method. */
static uint64_t inverse(uint64_t odd)
{
    uint64_t guess = odd;
    for (int i = 0; i < 6; i++)
        guess *= 2 - odd * guess;
    return guess;
}

static uint64_t rotated(uint64_t word, int by)
{
    return word << by | word >> (64 - by);
}

/* What XXH3_64bits_withSeed() makes `hash` of, for eight bytes: its steps backwards. */
static uint64_t unmixed(uint64_t hash)
{
    const uint64_t factor = inverse(UINT64_C(0x9fb21c651e98df25));
    uint64_t word = (hash ^ hash >> 28 ^ hash >> 56) * factor;
    word = (word ^ ((word >> 35) + 8)) * factor;
    /* Over GF(2), and modulo x^64 - 1, 1 + x^24 + x^49 is its own inverse to the 63rd power. */
    for (int i = 0; i < 63; i++)
        word ^= rotated(word, 49) ^ rotated(word, 24);
    return word;
}

static uint64_t hash_of(uint64_t key, uint64_t seed)
{
    return XXH3_64bits_withSeed(&key, sizeof key, seed);
}

/* The seed comes in by xor, beside the halves of the key. */
static uint64_t key_of_hash(uint64_t hash, uint64_t seed)
{
    const uint64_t key = rotated(unmixed(hash) ^ unmixed(hash_of(0, seed)), 32);
    cr_assert_eq(hash_of(key, seed), hash, "this is not how the hash is made");
    return key;
}

/* They differ in 17 bits of 64, which choose nothing in a map. */
static uint64_t aimed_key(uint64_t number, uint64_t seed)
{
    return key_of_hash(UINT64_C(0x2a00000000000b0e) ^ number << 24, seed);
}

static struct im_map_probe_stats probes_of_numbers(uint64_t keys, uint64_t aimed_at, uint64_t drawn)
{
    static number_map map;
    seed_to_draw = drawn;
    for (uint64_t i = 0; i < keys; i++)
        cr_assert_eq(number_map_insert(&map, aimed_at ? aimed_key(i, aimed_at) : i, 0), 0);
    const struct im_map_probe_stats probes = number_map_probe_stats(&map);
    number_map_destroy(&map);
    cr_assert_eq(probes.keys, keys);
    return probes;
}

static struct im_map_probe_stats probes_of_names(uint64_t keys, uint64_t aimed_at, uint64_t drawn)
{
    static name_map map;
    seed_to_draw = drawn;
    for (uint64_t i = 0; i < keys; i++) {
        const uint64_t bytes = aimed_at ? aimed_key(i, aimed_at) : i;
        cr_assert_eq(name_map_insert(&map, (struct im_slice){(const char *)&bytes, sizeof bytes}, 0), 0);
    }
    const struct im_map_probe_stats probes = name_map_probe_stats(&map);
    name_map_destroy(&map);
    cr_assert_eq(probes.keys, keys);
    return probes;
}

static void check_flood(struct im_map_probe_stats (*probes_of)(uint64_t keys, uint64_t aimed_at, uint64_t drawn))
{
    static const uint64_t known_seeds[] = {1, UINT64_C(0x9e3779b97f4a7c15)};
    const struct im_map_probe_stats harmless = probes_of(KEYS, 0, 0);
    for (size_t i = 0; i < sizeof known_seeds / sizeof known_seeds[0]; i++) {
        const struct im_map_probe_stats flooded = probes_of(CONTROL_KEYS, known_seeds[i], known_seeds[i]);
        cr_assert_geq(flooded.longest, CONTROL_KEYS / IM_MAP_GROUP_SLOTS, "the keys do not collide");
        const struct im_map_probe_stats aimed = probes_of(KEYS, known_seeds[i], 0);
        cr_assert_leq(aimed.groups, 2 * harmless.groups, "%zu against %zu groups", aimed.groups, harmless.groups);
        cr_assert_leq(aimed.longest, LONGEST, "%zu groups for one key", aimed.longest);
    }
}

Test(flood, numbers_that_are_aimed_at_a_seed_are_harmless)
{
    check_flood(probes_of_numbers);
}

Test(flood, strings_that_are_aimed_at_a_seed_are_harmless)
{
    check_flood(probes_of_names);
}

/* Where a hash that is not mixed would put them: into few groups, behind few marks. */
Test(flood, numbers_in_steps_are_harmless)
{
    static number_map map;
    for (unsigned step = 0; step < 48; step += 12) {
        for (uint64_t i = 0; i < KEYS; i++)
            cr_assert_eq(number_map_insert(&map, i << step, 0), 0);
        const struct im_map_probe_stats probes = number_map_probe_stats(&map);
        cr_assert_leq(probes.groups, 2 * probes.keys, "%zu groups for %zu keys", probes.groups, probes.keys);
        cr_assert_leq(probes.longest, LONGEST, "%zu groups for one key", probes.longest);
        number_map_destroy(&map);
    }
}
