/* SPDX-License-Identifier: MIT */
/* Row A4: 16 bytes in each of the ways that a CPU may offer, whatever this one does. */
#include <criterion/criterion.h>

#include <string.h>

#include <intermut/atomic.h>

#if IM_ATOMIC_16

typedef struct {
    uint64_t low, high;
} pair;
typedef im_atomic(pair) atomic_pair;

static void set_ways(uint32_t ways)
{
    im_sync_store(&im_atomic_table.ways_of_16, ways, memory_order_relaxed);
}

static void check_operations(void)
{
    static atomic_pair a;
    pair expected = {3, 5};
    im_atomic_store(&a, (pair){1, 2});
    cr_assert_eq(im_atomic_load(&a).high, 2);
    im_atomic_store_explicit(&a, ((pair){1, 4}), memory_order_seq_cst);
    cr_assert_eq(im_atomic_load_explicit(&a, memory_order_seq_cst).high, 4);
    cr_assert_eq(im_atomic_swap(&a, (pair){3, 4}).low, 1);
    cr_assert_not(im_atomic_compare_exchange_bytes(&a, &expected, (pair){5, 6}), "one half is equal");
    cr_assert_eq(expected.high, 4);
    expected = (pair){2, 4};
    cr_assert_not(im_atomic_compare_exchange_bytes(&a, &expected, (pair){5, 6}), "the other half is equal");
    cr_assert_eq(expected.low, 3);
    cr_assert(im_atomic_compare_exchange_bytes(&a, &expected, (pair){5, 6}));
    cr_assert_eq(im_atomic_fetch_update(&a, p, (pair){p.low + 1, p.high + 1}).low, 5);
    pair last = im_atomic_take(&a);
    cr_assert_eq(last.low, 6);
    cr_assert_eq(last.high, 7);
    cr_assert_eq(im_atomic_load(&a).low, 0);
    cr_assert_eq(im_atomic_load(&a).high, 0);
}

Test(sixteen, what_this_cpu_can_do_is_known_before_main)
{
    cr_assert(im_atomic_table.ways_of_16 & IM_ATOMIC_16_KNOWN);
    cr_assert_eq(im_atomic_16_find_ways(), im_atomic_table.ways_of_16);
    check_operations();
}

Test(sixteen, who_comes_earlier_finds_it)
{
    uint32_t ways = im_atomic_table.ways_of_16;
    set_ways(0);
    check_operations();
    cr_assert_eq(im_atomic_table.ways_of_16, ways);
}

Test(sixteen, without_moves)
{
    static atomic_pair a;
    set_ways(im_atomic_16_find_ways() & ~(uint32_t)IM_ATOMIC_16_MOVES);
    cr_assert(im_atomic_is_lock_free(&a));
    check_operations();
}

/* On x86-64 the same as with all. */
Test(sixteen, without_lse)
{
    set_ways(im_atomic_16_find_ways() & ~(uint32_t)(IM_ATOMIC_16_LSE | IM_ATOMIC_16_MOVES));
    check_operations();
}

Test(sixteen, without_anything)
{
    static atomic_pair a;
    set_ways(IM_ATOMIC_16_KNOWN);
    cr_assert_not(im_atomic_is_lock_free(&a), "the truth");
    check_operations();
}

Test(sixteen, with_moves_whatever_the_cpu_says)
{
    set_ways(im_atomic_16_find_ways() | IM_ATOMIC_16_MOVES);
    check_operations();
}

Test(sixteen, a_store_touches_nothing_else)
{
    static struct {
        unsigned char before[16];
        atomic_pair a;
        unsigned char after[16];
    } place;
    memset(&place, 0xa5, sizeof place);
    im_atomic_store(&place.a, (pair){0, 0});
    for (size_t i = 0; i < 16; i++)
        cr_assert_eq(place.before[i] + place.after[i], 2 * 0xa5);
}

#endif
