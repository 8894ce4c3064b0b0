/* SPDX-License-Identifier: MIT */
/*
 * A user's own names are nobody else's business: compiled with -Wshadow, which warns of locals of the template that are
 * called like something here, and with parameters that mention what locals of the template are called, too.
 */
#include <criterion/criterion.h>

#include <intermut/traits.h>

/* Most of the words that the template uses itself, before it is first read. Functions: what callbacks are called. */
static int allocator = 1, argument, at, batch, before, body, change, control, copy, count, cursor, depth, error, found,
           group, groups, guard, hash, home, index_, initial, keys, made, map, mask, match, moves, number, old, option,
           place, places, probe, query = 2, raw, result, retired, seed = 3, shard, shards, site, slot = 4, some, stats,
           stored, table = 5, target, type, typed, value, values, view, walk, write_, a, b, i, n;

static bool compute(void)
{
    return true;
}
static bool keep(void)
{
    return true;
}
static bool make(void)
{
    return true;
}
static bool take(void)
{
    return true;
}
static bool visit(void)
{
    return true;
}
static bool when(void)
{
    return true;
}

typedef struct {
    int number;
} ticket;
IM_FREEZE(ticket);

static uint64_t spread(int wanted, uint64_t random, int mine)
{
    return ((uint64_t)(unsigned)(wanted + mine) ^ random) * UINT64_C(0x9e3779b97f4a7c15);
}

static int owned, dropped_keys, dropped_values;

#define IM_MAP_NAME ticket_map
#define IM_MAP_KEY ticket
#define IM_MAP_QUERY int
#define IM_MAP_QUERY_OF(key) ((key)->number - slot)
#define IM_MAP_HASH(wanted, random) spread(wanted, random, seed + query + number)
#define IM_MAP_EQ(one, other) ((one) == (other) && table + group + hash == 5)
#define IM_MAP_OWN(key, wanted, from) ((void)(from), owned += allocator + error, (key)->number = (wanted) + slot, 0)
#define IM_MAP_DROP_KEY(key, from) ((void)(key), (void)(from), dropped_keys += allocator + typed)
#define IM_MAP_VALUE int
#define IM_MAP_DROP_VALUE(gone) ((void)(gone), dropped_values += allocator + stored)
#include <intermut/map.h>

#define IM_MAP_NAME name_map
#define IM_MAP_STRING_KEY
#define IM_MAP_ATOMIC_VALUE short
#include <intermut/map.h>

#define IM_MAP_NAME byte_map
#define IM_MAP_KEY uint8_t
#define IM_MAP_VALUE float
#include <intermut/map.h>

typedef im_atomic(char) flag;
#define IM_MAP_NAME flag_map
#define IM_MAP_KEY bool
#define IM_MAP_SHARED_VALUE flag
#include <intermut/map.h>

Test(names, parameters_mean_what_they_mean_here)
{
    static ticket_map tickets;
    for (int wanted = 0; wanted < 100; wanted++)
        cr_assert_eq(ticket_map_insert(&tickets, wanted, wanted), 0);
    int got = 0;
    cr_assert_eq(ticket_map_get(&tickets, 42, &got), 0);
    cr_assert_eq(got, 42);
    cr_assert_eq(ticket_map_remove(&tickets, 42, NULL), 0);
    cr_assert_eq(ticket_map_len(&tickets), 99);
    ticket_map_destroy(&tickets);
    cr_assert_eq(owned, 100);
    cr_assert_eq(dropped_keys, 100);
    cr_assert_eq(dropped_values, 100);
}

Test(names, they_may_be_those_of_the_template)
{
    const int sum = argument + at + batch + before + body + change + control + copy + count + cursor + depth + error +
                    found + group + groups + guard + hash + home + index_ + initial + keys + made + map + mask + match +
                    moves + number + old + option + place + places + probe + raw + result + retired + shard + shards +
                    site + some + stats + stored + target + type + typed + value + values + view + walk + write_ + a +
                    b + i + n;
    cr_assert_eq(sum, 0);
    cr_assert(compute() && keep() && make() && take() && visit() && when());
    static name_map names;
    static byte_map bytes;
    static flag_map flags;
    im_map_with_or_insert(name_map, m, &names, im_slice_of("a"), 1)
        im_atomic_fetch_add(m, 1);
    cr_assert_eq(byte_map_put(&bytes, 255, 0.5f, NULL), 0);
    cr_assert_eq(flag_map_insert(&flags, true, (flag)IM_ATOMIC_INIT(1)), 0);
    name_map_destroy(&names);
    byte_map_destroy(&bytes);
    flag_map_destroy(&flags);
}
