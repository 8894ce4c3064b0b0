/* SPDX-License-Identifier: MIT */
/* Rows A1 and A3: values of 1, 2, 4 and 8 bytes, whatever their type, in and out, with every order. */
#include <criterion/criterion.h>

#include <intermut/atomic.h>

typedef struct {
    int16_t x, y;
} pair; /* aligned to 2, atomic only at 4 */
typedef struct {
    uint8_t bytes[8];
} octet; /* aligned to 1, atomic only at 8 */
typedef union {
    float number;
    uint32_t bits;
} either;
enum colour { RED, GREEN, BLUE };
typedef int (*function)(int);

typedef im_atomic(bool) atomic_bool_t;
typedef im_atomic(uint8_t) atomic_u8;
typedef im_atomic(int16_t) atomic_i16;
typedef im_atomic(uint32_t) atomic_u32;
typedef im_atomic(uint64_t) atomic_u64;
typedef im_atomic(float) atomic_float;
typedef im_atomic(double) atomic_double;
typedef im_atomic(pair) atomic_pair;
typedef im_atomic(octet) atomic_octet;
typedef im_atomic(either) atomic_either;
typedef im_atomic(enum colour) atomic_colour;
typedef im_atomic(const char *) atomic_string;
typedef im_atomic(function) atomic_function;
typedef im_atomic(int (*)(int)) atomic_unnamed_function;

#define ASSERT_LAYOUT(atomic, T)               \
    cr_assert_eq(sizeof(atomic), sizeof(T));   \
    cr_assert_eq(_Alignof(atomic), sizeof(T)); \
    cr_assert(im_atomic_is_lock_free((const atomic *)NULL))

Test(atomic, has_the_size_of_its_value_and_is_aligned_to_it)
{
    ASSERT_LAYOUT(atomic_bool_t, bool);
    ASSERT_LAYOUT(atomic_u8, uint8_t);
    ASSERT_LAYOUT(atomic_i16, int16_t);
    ASSERT_LAYOUT(atomic_u32, uint32_t);
    ASSERT_LAYOUT(atomic_u64, uint64_t);
    ASSERT_LAYOUT(atomic_pair, pair);
    ASSERT_LAYOUT(atomic_octet, octet);
    ASSERT_LAYOUT(atomic_either, either);
    ASSERT_LAYOUT(atomic_function, function);
}

Test(atomic, load_store_swap_take)
{
    atomic_u32 a = IM_ATOMIC_INIT(1);
    const atomic_u32 *shared = &a;
    cr_assert_eq(im_atomic_load(shared), 1);
    im_atomic_store(shared, 2);
    cr_assert_eq(im_atomic_swap(shared, 3), 2);
    cr_assert_eq(im_atomic_take(shared), 3);
    cr_assert_eq(im_atomic_load(shared), 0);
}

Test(atomic, compare_exchange_changes_only_an_equal_value)
{
    atomic_u64 a = IM_ATOMIC_INIT(10);
    uint64_t expected = 11;
    cr_assert(!im_atomic_compare_exchange(&a, &expected, 12));
    cr_assert_eq(expected, 10, "a failure tells the value");
    cr_assert(im_atomic_compare_exchange(&a, &expected, 12));
    cr_assert_eq(expected, 10, "a success leaves it");
    cr_assert_eq(im_atomic_load(&a), 12);
}

Test(atomic, compare_exchange_on_structs)
{
    atomic_pair a = IM_ATOMIC_INIT({1, -2});
    pair expected = {1, -3};
    cr_assert(!im_atomic_compare_exchange_bytes(&a, &expected, (pair){5, 6}));
    cr_assert_eq(expected.y, -2);
    cr_assert(im_atomic_compare_exchange_bytes(&a, &expected, (pair){5, 6}));
    cr_assert_eq(im_atomic_load(&a).y, 6);
}

static int twice(int n)
{
    return 2 * n;
}

Test(atomic, a_compound_literal_is_a_value)
{
    atomic_pair a = IM_ATOMIC_INIT({1, 2});
    pair expected = {3, 4};
    im_atomic_store(&a, (pair){3, 4});
    cr_assert(im_atomic_compare_exchange_bytes(&a, &expected, (pair){5, 6}));
    cr_assert_eq(im_atomic_swap(&a, (pair){7, 8}).y, 6);
    cr_assert_eq(im_atomic_fetch_update(&a, p, (pair){p.y, p.x}).x, 7);
    cr_assert(im_atomic_try_update(&a, p, p.x == 8, (pair){p.y, p.x}));
    cr_assert_eq(im_atomic_load(&a).x, 7);
}

Test(atomic, holds_any_type_of_these_sizes)
{
    atomic_octet o = IM_ATOMIC_INIT({{1, 2, 3, 4, 5, 6, 7, 8}});
    octet old = im_atomic_swap(&o, ((octet){{9}}));
    cr_assert_eq(old.bytes[7], 8);
    cr_assert_eq(im_atomic_load(&o).bytes[0], 9);

    atomic_either e = IM_ATOMIC_INIT({.number = 1.0f});
    cr_assert_eq(im_atomic_load(&e).bits, 0x3f800000);

    atomic_colour c = IM_ATOMIC_INIT(GREEN);
    im_atomic_store(&c, BLUE);
    cr_assert_eq(im_atomic_load(&c), BLUE);

    atomic_string s = IM_ATOMIC_INIT("one");
    cr_assert_str_eq(im_atomic_swap(&s, "two"), "one");
    cr_assert_str_eq(im_atomic_take(&s), "two");
    cr_assert_null(im_atomic_load(&s));

    atomic_function f = IM_ATOMIC_INIT(twice);
    atomic_unnamed_function u = IM_ATOMIC_INIT(twice);
    cr_assert_eq(im_atomic_load(&f)(21) + im_atomic_load(&u)(4), 50);

    atomic_double d = IM_ATOMIC_INIT(0.5);
    im_atomic_store(&d, -0.25);
    cr_assert_eq(im_atomic_load(&d), -0.25);

    atomic_bool_t b = {0};
    cr_assert_eq(im_atomic_swap(&b, true), false);
    cr_assert_eq(im_atomic_load(&b), true);
}

Test(atomic, fetch_update_gives_the_old_value)
{
    atomic_pair a = IM_ATOMIC_INIT({1, 2});
    pair old = im_atomic_fetch_update(&a, p, ((pair){p.y, (int16_t)(p.x + p.y)}));
    cr_assert_eq(old.x, 1);
    cr_assert_eq(im_atomic_load(&a).x, 2);
    cr_assert_eq(im_atomic_load(&a).y, 3);
}

Test(atomic, try_update_gives_up_without_a_change)
{
    atomic_u8 stock = IM_ATOMIC_INIT(1);
    cr_assert(im_atomic_try_update(&stock, n, n > 0, n - 1));
    cr_assert(!im_atomic_try_update(&stock, n, n > 0, n - 1));
    cr_assert_eq(im_atomic_load(&stock), 0);
}

Test(atomic, every_operation_takes_an_order)
{
    atomic_u32 a = IM_ATOMIC_INIT(0);
    uint32_t expected = 6;
    im_atomic_store_explicit(&a, 1, memory_order_relaxed);
    im_atomic_store_explicit(&a, 1, memory_order_release);
    im_atomic_store_explicit(&a, 2, memory_order_seq_cst);
    cr_assert_eq(im_atomic_load_explicit(&a, memory_order_relaxed), 2);
    cr_assert_eq(im_atomic_load_explicit(&a, memory_order_acquire), 2);
    cr_assert_eq(im_atomic_load_explicit(&a, memory_order_seq_cst), 2);
    cr_assert_eq(im_atomic_swap_explicit(&a, 3, memory_order_relaxed), 2);
    cr_assert_eq(im_atomic_take_explicit(&a, memory_order_acquire), 3);
    cr_assert_eq(im_atomic_fetch_add_explicit(&a, 6, memory_order_release), 0);
    cr_assert(im_atomic_compare_exchange_explicit(&a, &expected, 7, memory_order_release));
    cr_assert(!im_atomic_compare_exchange_explicit(&a, &expected, 8, memory_order_seq_cst));
    cr_assert_eq(im_atomic_fetch_update_explicit(&a, n, n + 1, memory_order_relaxed), 7);
    cr_assert(im_atomic_try_update_explicit(&a, n, n == 8, n - 8, memory_order_acq_rel));
    cr_assert_eq(im_atomic_load(&a), 0);
}

Test(atomic, an_order_may_come_at_run_time)
{
    atomic_u32 a = IM_ATOMIC_INIT(5);
    volatile memory_order order = memory_order_seq_cst;
    cr_assert_eq(im_atomic_load_explicit(&a, order), 5);
    im_atomic_store_explicit(&a, 6, order);
    cr_assert_eq(im_atomic_fetch_or_explicit(&a, 1, order), 6);
}

Test(atomic, exclusive_holder_uses_plain_memory)
{
    atomic_u32 a = IM_ATOMIC_INIT(5);
    *im_atomic_get_mut(&a) += 1;
    cr_assert_eq(*im_atomic_as_ptr((const atomic_u32 *)&a), 6);
    cr_assert_eq(im_atomic_into_inner(&a), 6);
}

static int calls;

static const atomic_u32 *counted(const atomic_u32 *a)
{
    calls++;
    return a;
}

static uint32_t counted_value(uint32_t value)
{
    calls++;
    return value;
}

Test(atomic, arguments_are_evaluated_once)
{
    atomic_u32 a = IM_ATOMIC_INIT(0);
    uint32_t expected = 0;
    calls = 0;
    (void)im_atomic_load(counted(&a));
    cr_assert_eq(calls, 1);
    im_atomic_store(counted(&a), counted_value(1));
    cr_assert_eq(calls, 3);
    (void)im_atomic_swap(counted(&a), counted_value(1));
    cr_assert_eq(calls, 5);
    (void)im_atomic_compare_exchange(counted(&a), &expected, counted_value(1));
    cr_assert_eq(calls, 7);
    (void)im_atomic_fetch_add(counted(&a), counted_value(1));
    cr_assert_eq(calls, 9);
    (void)im_atomic_fetch_max(counted(&a), counted_value(1));
    cr_assert_eq(calls, 11);
    (void)im_atomic_fetch_update(counted(&a), n, n + 1);
    cr_assert_eq(calls, 12);
    (void)im_atomic_take(counted(&a));
    cr_assert_eq(calls, 13);
}

Test(atomic, operations_nest)
{
    atomic_u32 a = IM_ATOMIC_INIT(1), b = IM_ATOMIC_INIT(10);
    im_atomic_store(&a, im_atomic_load(&a) + im_atomic_swap(&b, im_atomic_load(&a)));
    cr_assert_eq(im_atomic_load(&a), 11);
    cr_assert_eq(im_atomic_fetch_add(&a, im_atomic_fetch_add(&b, 1)), 11);
    cr_assert_eq(im_atomic_load(&a), 12);
    im_atomic_fetch_update(&a, n, n + im_atomic_fetch_update(&b, m, m * 2));
    cr_assert_eq(im_atomic_load(&a), 14);
    cr_assert_eq(im_atomic_load(&b), 4);
}
