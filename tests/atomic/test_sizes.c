/* SPDX-License-Identifier: MIT */
/* Rows A1, A4, A5 and A7: values of every size, in words, in 16 bytes, in stripes and with a lock of their own. */
#include <criterion/criterion.h>

#include <stdint.h>

#include <intermut/atomic.h>

/* A value of `size` bytes that says by each of them which number it is. */
#define SIZED(size)                                                      \
    typedef struct {                                                     \
        unsigned char byte[size];                                        \
    } bytes_##size;                                                      \
    static bytes_##size value_##size(int n)                              \
    {                                                                    \
        bytes_##size value;                                              \
        for (size_t i = 0; i < sizeof value; i++)                        \
            value.byte[i] = (unsigned char)((size_t)n + 7 * i);          \
        return value;                                                    \
    }                                                                    \
    static int number_##size(bytes_##size value)                         \
    {                                                                    \
        for (size_t i = 0; i < sizeof value; i++) {                      \
            if (value.byte[i] != (unsigned char)(value.byte[0] + 7 * i)) \
                return -1;                                               \
        }                                                                \
        return value.byte[0];                                            \
    }                                                                    \
    typedef im_atomic(bytes_##size) atomic_##size;                       \
    typedef im_atomic_with_lock(bytes_##size) locked_##size;

/* A function, because Criterion's macros would write each operation down several times. */
static void expect(int found, int expected)
{
    cr_assert_eq(found, expected);
}

/* What is asked for several times: expanded once for each type, since each expansion is a great deal of code. */
#define FUNCTIONS(kind, size)                                                                                     \
    static void store_##kind##_##size(const kind##_##size *object, bytes_##size value)                            \
    {                                                                                                             \
        im_atomic_store(object, value);                                                                           \
    }                                                                                                             \
    static bytes_##size load_##kind##_##size(const kind##_##size *object)                                         \
    {                                                                                                             \
        return im_atomic_load(object);                                                                            \
    }                                                                                                             \
    static bool exchange_##kind##_##size(const kind##_##size *object, bytes_##size *expected, bytes_##size value) \
    {                                                                                                             \
        return im_atomic_compare_exchange_bytes(object, expected, value);                                         \
    }                                                                                                             \
    static bool update_four_##kind##_##size(const kind##_##size *object, bytes_##size value)                      \
    {                                                                                                             \
        return im_atomic_try_update(object, v, number_##size(v) == 4, value);                                     \
    }

/* Everything that any T can do, on one object. */
#define OPERATIONS(kind, size, object)                                                                    \
    do {                                                                                                  \
        bytes_##size expected = value_##size(9);                                                          \
        store_##kind##_##size(object, value_##size(1));                                                   \
        expect(number_##size(load_##kind##_##size(object)), 1);                                           \
        bytes_##size copy = value_##size(0);                                                              \
        im_atomic_load_into(object, &copy);                                                               \
        expect(number_##size(copy), 1);                                                                   \
        expect(number_##size(im_atomic_swap(object, value_##size(2))), 1);                                \
        expect(exchange_##kind##_##size(object, &expected, value_##size(3)), false);                      \
        expect(number_##size(expected), 2);                                                               \
        expect(exchange_##kind##_##size(object, &expected, value_##size(3)), true);                       \
        expect(number_##size(expected), 2);                                                               \
        bytes_##size old = im_atomic_fetch_update(object, v, value_##size(number_##size(v) + 1));         \
        expect(number_##size(old), 3);                                                                    \
        expect(update_four_##kind##_##size(object, value_##size(5)), true);                               \
        expect(update_four_##kind##_##size(object, value_##size(6)), false);                              \
        expect(number_##size(im_atomic_take(object)), 5);                                                 \
        bytes_##size zero = load_##kind##_##size(object);                                                 \
        for (size_t b = 0; b < sizeof zero; b++)                                                          \
            expect(zero.byte[b], 0);                                                                      \
        im_atomic_store_explicit(object, value_##size(6), memory_order_seq_cst);                          \
        expect(number_##size(im_atomic_load_explicit(object, memory_order_seq_cst)), 6);                  \
        expect(number_##size(im_atomic_swap_explicit(object, value_##size(7), memory_order_seq_cst)), 6); \
        expect(number_##size(im_atomic_load_explicit(object, memory_order_relaxed)), 7);                  \
        im_atomic_load_into_explicit(object, &copy, memory_order_seq_cst);                                \
        expect(number_##size(copy), 7);                                                                   \
        im_atomic_store_explicit(object, value_##size(8), memory_order_relaxed);                          \
        expect(number_##size(*im_atomic_as_ptr(object)), 8);                                              \
        *im_atomic_get_mut(object) = value_##size(9);                                                     \
        expect(number_##size(im_atomic_into_inner(object)), 9);                                           \
    } while (0)

#define SIZE_TEST(size, alignment, is_free)                                               \
    SIZED(size)                                                                           \
    FUNCTIONS(atomic, size)                                                               \
    Test(sizes, of_##size##_bytes)                                                        \
    {                                                                                     \
        cr_assert_eq(sizeof(atomic_##size), size, "no byte more");                        \
        cr_assert_eq(_Alignof(atomic_##size), alignment);                                 \
        cr_assert_eq(im_atomic_is_lock_free((const atomic_##size *)NULL), (is_free));     \
        /* Neighbours in an array, at each of the addresses that the alignment allows. */ \
        static struct {                                                                   \
            unsigned char before;                                                         \
            atomic_##size object[3];                                                      \
            unsigned char after;                                                          \
        } place;                                                                          \
        place.before = place.after = 0xa5;                                                \
        for (int i = 0; i < 3; i++) {                                                     \
            OPERATIONS(atomic, size, &place.object[i]);                                   \
            store_atomic_##size(&place.object[i], value_##size(40 + i));                  \
        }                                                                                 \
        for (int i = 0; i < 3; i++)                                                       \
            cr_assert_eq(number_##size(load_atomic_##size(&place.object[i])), 40 + i);    \
        cr_assert_eq(place.before + place.after, 2 * 0xa5, "nothing else is touched");    \
    }

#define LOCK_TEST(size)                                                     \
    FUNCTIONS(locked, size)                                                 \
    Test(sizes, of_##size##_bytes_with_a_lock)                              \
    {                                                                       \
        cr_assert_not(im_atomic_is_lock_free((const locked_##size *)NULL)); \
        static locked_##size object;                                        \
        OPERATIONS(locked, size, &object);                                  \
    }

SIZE_TEST(1, 1, true)
SIZE_TEST(2, 2, true)
SIZE_TEST(3, 1, false)
SIZE_TEST(4, 4, true)
SIZE_TEST(5, 1, false)
SIZE_TEST(6, 2, false)
SIZE_TEST(7, 1, false)
SIZE_TEST(8, 8, true)
SIZE_TEST(9, 1, false)
SIZE_TEST(12, 4, false)
SIZE_TEST(16, 16, IM_ATOMIC_16)
SIZE_TEST(24, 8, false)
SIZE_TEST(64, 16, false)
SIZE_TEST(127, 1, false)
SIZE_TEST(256, 16, false)
SIZE_TEST(272, 16, false)
SIZE_TEST(4096, 16, false)
LOCK_TEST(1)
LOCK_TEST(8)
LOCK_TEST(16)
LOCK_TEST(24)

/* ---- Other types ---- */

typedef struct {
} nothing;
typedef im_atomic(nothing) atomic_nothing;

Test(sizes, of_no_byte)
{
    atomic_nothing a = IM_ATOMIC_INIT({});
    nothing expected = {};
    cr_assert_eq(sizeof a, 0);
    cr_assert(im_atomic_is_lock_free(&a));
    im_atomic_store(&a, (nothing){});
    (void)im_atomic_load(&a);
    im_atomic_load_into(&a, &expected);
    (void)im_atomic_swap(&a, (nothing){});
    (void)im_atomic_take(&a);
    cr_assert(im_atomic_compare_exchange_bytes(&a, &expected, (nothing){}));
    (void)im_atomic_fetch_update(&a, n, n);
}

/* Twice as strict as any lock would ask for. */
typedef struct {
    uint64_t word[4];
} __attribute__((aligned(128))) over_aligned;
typedef im_atomic(over_aligned) atomic_over_aligned;

Test(sizes, of_an_over_aligned_type)
{
    static atomic_over_aligned a;
    cr_assert_eq(_Alignof(atomic_over_aligned), 128);
    im_atomic_store(&a, (over_aligned){{1, 2, 3, 4}});
    cr_assert_eq(im_atomic_load(&a).word[3], 4);
}

/* Its number lies across words, and the object at every address. UBSan has nothing to say. */
typedef struct {
    char tag;
    uint64_t number;
} __attribute__((packed)) packed;
typedef im_atomic(packed) atomic_packed;

Test(sizes, of_a_packed_type_at_every_address)
{
    static atomic_packed row[40];
    cr_assert_eq(sizeof(atomic_packed), 9);
    cr_assert_eq(_Alignof(atomic_packed), 1);
    for (unsigned i = 0; i < 40; i++)
        im_atomic_store(&row[i], (packed){'x', i});
    for (unsigned i = 0; i < 40; i++) {
        im_atomic_fetch_update(&row[i], p, (packed){p.tag, p.number + 1});
        cr_assert_eq(im_atomic_load(&row[i]).number, i + 1);
    }
}

typedef struct {
    uint64_t served, bytes, slowest_us;
} statistics;
typedef im_atomic(statistics) atomic_statistics;

Test(sizes, a_static_initialiser_and_a_compound_literal)
{
    static const atomic_statistics *shared;
    static atomic_statistics a = IM_ATOMIC_INIT({1, 2, 3});
    shared = &a;
    cr_assert_eq(im_atomic_load(shared).bytes, 2);
    statistics old = im_atomic_fetch_update(shared, s, (statistics){s.served + 1, s.bytes + 10, s.slowest_us});
    cr_assert_eq(old.served, 1);
    cr_assert_eq(im_atomic_load(shared).bytes, 12);
}

static int calls;

static const atomic_statistics *counted(const atomic_statistics *a)
{
    calls++;
    return a;
}

Test(sizes, arguments_are_evaluated_once)
{
    atomic_statistics a = {0};
    statistics expected = {0};
    (void)im_atomic_load(counted(&a));
    im_atomic_store(counted(&a), (statistics){(uint64_t)calls++, 0, 0});
    cr_assert_eq(calls, 3);
    (void)im_atomic_swap(counted(&a), (statistics){(uint64_t)calls++, 0, 0});
    cr_assert_eq(calls, 5);
    (void)im_atomic_compare_exchange_bytes(counted(&a), &expected, (statistics){(uint64_t)calls++, 0, 0});
    cr_assert_eq(calls, 7);
    (void)im_atomic_take(counted(&a));
    cr_assert_eq(calls, 8);
    statistics copies[2];
    im_atomic_load_into(counted(&a), &copies[calls++ - 9]);
    cr_assert_eq(calls, 10);
    cr_assert_eq(copies[0].served, 0);
}

Test(sizes, operations_nest)
{
    atomic_statistics a = IM_ATOMIC_INIT({1, 1, 1}), b = IM_ATOMIC_INIT({2, 2, 2});
    im_atomic_store(&a, im_atomic_swap(&b, im_atomic_load(&a)));
    cr_assert_eq(im_atomic_load(&a).served, 2);
    /* The expression runs without a lock, so the same object may be in it. */
    im_atomic_fetch_update(&a, s, (statistics){s.served + im_atomic_load(&b).served, im_atomic_load(&a).bytes, 9});
    cr_assert_eq(im_atomic_load(&a).served, 3);
    cr_assert_eq(im_atomic_load(&a).bytes, 2);
}

Test(sizes, an_order_may_come_at_run_time)
{
    atomic_statistics a = {0};
    volatile memory_order order = memory_order_seq_cst;
    im_atomic_store_explicit(&a, ((statistics){5, 6, 7}), order);
    cr_assert_eq(im_atomic_load_explicit(&a, order).bytes, 6);
}

/* ---- Arithmetic where there is no built-in ---- */

__extension__ typedef __int128 wide;
typedef im_atomic(wide) atomic_wide;
typedef im_atomic(long double) atomic_long_double;
typedef im_atomic_with_lock(int8_t) locked_i8;
typedef im_atomic_with_lock(bool) locked_bool;
typedef im_atomic_with_lock(double) locked_double;

Test(sizes, arithmetic_on_sixteen_bytes)
{
    const wide most = (wide)(~(unsigned __int128)0 >> 1);
    atomic_wide a = IM_ATOMIC_INIT(most);
    cr_assert(im_atomic_fetch_add(&a, 1) == most);
    cr_assert(im_atomic_load(&a) == -most - 1, "wraps");
    cr_assert(im_atomic_fetch_sub(&a, 1) == -most - 1);
    cr_assert(im_atomic_load(&a) == most);
    im_atomic_store(&a, 12);
    (void)im_atomic_fetch_and(&a, 10);
    (void)im_atomic_fetch_or(&a, 1);
    (void)im_atomic_fetch_xor(&a, 3);
    cr_assert(im_atomic_fetch_nand(&a, 2) == 10);
    cr_assert(im_atomic_fetch_max(&a, 7) == -3);
    cr_assert(im_atomic_fetch_min(&a, -8) == 7);
    wide expected = -8;
    cr_assert(im_atomic_compare_exchange(&a, &expected, 1));
    cr_assert(im_atomic_load(&a) == 1);
}

Test(sizes, arithmetic_with_a_lock)
{
    locked_i8 a = IM_ATOMIC_INIT(127);
    cr_assert_eq(im_atomic_fetch_add(&a, 1), 127);
    cr_assert_eq(im_atomic_load(&a), -128, "wraps");
    cr_assert_eq(im_atomic_fetch_sub(&a, 1), -128);
    cr_assert_eq(im_atomic_fetch_nand(&a, 3), 127);
    cr_assert_eq(im_atomic_fetch_max(&a, 5), -4);
    locked_bool b = IM_ATOMIC_INIT(true);
    cr_assert_eq(im_atomic_fetch_not(&b), true);
    cr_assert_eq(im_atomic_fetch_nand(&b, true), false);
    cr_assert_eq(im_atomic_fetch_nand(&b, true), true);
    cr_assert_eq(im_atomic_load(&b), false);
    locked_double d = IM_ATOMIC_INIT(0.5);
    cr_assert_eq(im_atomic_fetch_add(&d, 0.25), 0.5);
    cr_assert_eq(im_atomic_fetch_min(&d, 0.25), 0.75);
    cr_assert_eq(im_atomic_load(&d), 0.25);
}

Test(sizes, arithmetic_on_long_double)
{
    atomic_long_double a = IM_ATOMIC_INIT(0.5L);
    cr_assert(im_atomic_fetch_add(&a, 0.25L) == 0.5L);
    cr_assert(im_atomic_fetch_max(&a, 3.0L) == 0.75L);
    cr_assert(im_atomic_load(&a) == 3.0L);
}
