/* SPDX-License-Identifier: MIT */
/* Row A6: values that differ only in their padding are equal, whatever has been written there. */
#include <criterion/criterion.h>

#include <string.h>

#include <intermut/atomic_wait.h>

/* One byte, three of padding, a word: 8 bytes, so a machine word for im_atomic. */
typedef struct {
    char tag;
    int number;
} word_padded;
/* The same in 16 bytes, and in a stripe. */
typedef struct {
    char tag;
    uint64_t number;
} wide_padded;
typedef struct {
    char tag;
    uint64_t number, other;
} striped_padded;

typedef im_atomic(word_padded) atomic_word_padded;
typedef im_atomic(wide_padded) atomic_wide_padded;
typedef im_atomic(striped_padded) atomic_striped_padded;
typedef im_atomic_with_lock(striped_padded) locked_padded;

/* clang 14 cannot tell padding, so there a function decides: what a user has to write, and gcc checks both. */
#if IM__ATOMIC_SEES_PADDING
#define BY_VALUE(T, object, expected, ...) im_atomic_compare_exchange(object, expected, __VA_ARGS__)
#else
#define BY_VALUE(T, object, expected, ...) im_atomic_compare_exchange_by(object, T##_eq, expected, __VA_ARGS__)
#endif

#define PADDING_TEST(T, object_type)                                                                            \
    Test(padding, object_type##_is_compared_by_value)                                                           \
    {                                                                                                           \
        static object_type object;                                                                              \
        T desired = {.tag = 'y', .number = 8}, expected;                                                        \
        memset((void *)im_atomic_get_mut(&object), 0xa5, sizeof(T));                                            \
        im_atomic_get_mut(&object)->tag = 'x';                                                                  \
        im_atomic_get_mut(&object)->number = 7;                                                                 \
        memset(&expected, 0x5a, sizeof expected);                                                               \
        expected = T##_of('x', 7, &expected);                                                                   \
        cr_assert_neq(memcmp(&expected, im_atomic_get_mut(&object), sizeof(T)), 0, "the test");                 \
        cr_assert(BY_VALUE(T, &object, &expected, desired));                                                    \
        cr_assert_eq(im_atomic_load(&object).number, 8);                                                        \
        cr_assert_not(BY_VALUE(T, &object, &expected, desired));                                                \
        cr_assert_eq(expected.number, 8, "a failure tells the value");                                          \
        cr_assert(im_atomic_compare_exchange_by(&object, T##_eq, &expected, (T){.tag = 'z', .number = 9}));     \
        cr_assert_not(im_atomic_compare_exchange_by(&object, T##_eq, &expected, (T){.tag = 'z', .number = 9})); \
        cr_assert_eq(expected.tag, 'z');                                                                        \
    }

#define EQ(T)                                                                             \
    static bool T##_eq(const T *one, const T *other)                                      \
    {                                                                                     \
        return one->tag == other->tag && one->number == other->number;                    \
    }                                                                                     \
    /* Changes the members only, so that what lies between them stays as it was. */       \
    static T T##_of(char tag, int number, const T *garbage)                               \
    {                                                                                     \
        T value;                                                                          \
        memcpy(&value, garbage, sizeof value);                                            \
        memset((char *)&value + sizeof(T) - sizeof value.number, 0, sizeof value.number); \
        value.tag = tag, value.number = (__typeof__(value.number))number;                 \
        return value;                                                                     \
    }

EQ(word_padded)
EQ(wide_padded)
static bool striped_padded_eq(const striped_padded *one, const striped_padded *other)
{
    return one->tag == other->tag && one->number == other->number && one->other == other->other;
}
static striped_padded striped_padded_of(char tag, uint64_t number, const striped_padded *garbage)
{
    striped_padded value;
    memcpy(&value, garbage, sizeof value);
    value.tag = tag, value.number = number, value.other = 0xa5a5a5a5a5a5a5a5u;
    return value;
}

PADDING_TEST(word_padded, atomic_word_padded)
PADDING_TEST(wide_padded, atomic_wide_padded)
PADDING_TEST(striped_padded, atomic_striped_padded)
PADDING_TEST(striped_padded, locked_padded)

Test(padding, updates_do_not_mind_it)
{
    static atomic_word_padded word;
    static atomic_wide_padded wide;
    memset((void *)im_atomic_get_mut(&word), 0xa5, sizeof word);
    memset((void *)im_atomic_get_mut(&wide), 0xa5, sizeof wide);
    (void)im_atomic_fetch_update(&word, w, (word_padded){'x', w.number + 1});
    cr_assert_eq(im_atomic_load(&word).tag, 'x');
    cr_assert(im_atomic_try_update(&wide, w, w.tag != 'x', (wide_padded){'x', 1}));
    cr_assert_not(im_atomic_try_update(&wide, w, w.tag != 'x', (wide_padded){'x', 1}));
}

#if IM__ATOMIC_SEES_PADDING
Test(padding, a_wait_is_not_over_because_of_it)
{
    static atomic_word_padded object;
    memset((void *)im_atomic_get_mut(&object), 0xa5, sizeof object);
    word_padded same = im_atomic_load(&object);
    memset((char *)&same + 1, 0x5a, 3);
    cr_assert_eq(im_atomic_wait_for(&object, 1000, same), ETIMEDOUT);
}
#endif

typedef im_atomic(double) atomic_double;

Test(padding, floating_values_are_equal_if_their_bytes_are)
{
    atomic_double a = IM_ATOMIC_INIT(0.0);
    double expected = -0.0;
    cr_assert_not(im_atomic_compare_exchange(&a, &expected, 1.0));
    expected = 0.0;
    cr_assert(im_atomic_compare_exchange(&a, &expected, __builtin_nan("")));
    expected = im_atomic_load(&a);
    cr_assert(im_atomic_compare_exchange(&a, &expected, 2.0), "a NaN finds itself");
}
