/* SPDX-License-Identifier: MIT */
/* Row A2: arithmetic on integers of every size and sign, on bool, on float and double. */
#include <criterion/criterion.h>

#include <float.h>
#include <limits.h>
#include <math.h>

#include <iso646.h> /* and, or, xor are operators now, and fetch_and is what it was */

#include <intermut/atomic.h>

/* All integer operations on one type, against plain arithmetic, from values at both ends. */
#define INTEGER_TEST(T, least, greatest)                                                               \
    typedef im_atomic(T) checked_##T;                                                                  \
    Test(arithmetic, integers_##T)                                                                     \
    {                                                                                                  \
        const T values[] = {0, 1, (T)-1, 42, (least), (greatest), (T)((greatest) / 2)};                \
        const size_t count = sizeof values / sizeof *values;                                           \
        for (size_t i = 0; i < count; i++) {                                                           \
            for (size_t j = 0; j < count; j++) {                                                       \
                const T old = values[i], operand = values[j];                                          \
                checked_##T a = IM_ATOMIC_INIT(old);                                                   \
                cr_assert_eq(im_atomic_fetch_add(&a, operand), old);                                   \
                cr_assert_eq(im_atomic_load(&a), (T)((uint64_t)old + (uint64_t)operand), "add wraps"); \
                im_atomic_store(&a, old);                                                              \
                cr_assert_eq(im_atomic_fetch_sub(&a, operand), old);                                   \
                cr_assert_eq(im_atomic_load(&a), (T)((uint64_t)old - (uint64_t)operand), "sub wraps"); \
                im_atomic_store(&a, old);                                                              \
                cr_assert_eq(im_atomic_fetch_and(&a, operand), old);                                   \
                cr_assert_eq(im_atomic_load(&a), (T)(old & operand));                                  \
                im_atomic_store(&a, old);                                                              \
                cr_assert_eq(im_atomic_fetch_nand(&a, operand), old);                                  \
                cr_assert_eq(im_atomic_load(&a), (T) ~(old & operand));                                \
                im_atomic_store(&a, old);                                                              \
                cr_assert_eq(im_atomic_fetch_or(&a, operand), old);                                    \
                cr_assert_eq(im_atomic_load(&a), (T)(old | operand));                                  \
                im_atomic_store(&a, old);                                                              \
                cr_assert_eq(im_atomic_fetch_xor(&a, operand), old);                                   \
                cr_assert_eq(im_atomic_load(&a), (T)(old ^ operand));                                  \
                im_atomic_store(&a, old);                                                              \
                cr_assert_eq(im_atomic_fetch_max(&a, operand), old);                                   \
                cr_assert_eq(im_atomic_load(&a), old < operand ? operand : old);                       \
                im_atomic_store(&a, old);                                                              \
                cr_assert_eq(im_atomic_fetch_min(&a, operand), old);                                   \
                cr_assert_eq(im_atomic_load(&a), old < operand ? old : operand);                       \
            }                                                                                          \
        }                                                                                              \
    }

INTEGER_TEST(int8_t, INT8_MIN, INT8_MAX)
INTEGER_TEST(uint8_t, 0, UINT8_MAX)
INTEGER_TEST(int16_t, INT16_MIN, INT16_MAX)
INTEGER_TEST(uint16_t, 0, UINT16_MAX)
INTEGER_TEST(int32_t, INT32_MIN, INT32_MAX)
INTEGER_TEST(uint32_t, 0, UINT32_MAX)
INTEGER_TEST(int64_t, INT64_MIN, INT64_MAX)
INTEGER_TEST(uint64_t, 0, UINT64_MAX)
INTEGER_TEST(char, CHAR_MIN, CHAR_MAX)
INTEGER_TEST(size_t, 0, SIZE_MAX)

typedef im_atomic(bool) atomic_flag_t;

Test(arithmetic, bools)
{
    for (int old = 0; old <= 1; old++) {
        for (int operand = 0; operand <= 1; operand++) {
            atomic_flag_t a = IM_ATOMIC_INIT(old);
            cr_assert_eq(im_atomic_fetch_and(&a, operand), old);
            cr_assert_eq(im_atomic_load(&a), old && operand);
            im_atomic_store(&a, old);
            cr_assert_eq(im_atomic_fetch_nand(&a, operand), old);
            cr_assert_eq(im_atomic_load(&a), !(old && operand));
            im_atomic_store(&a, old);
            cr_assert_eq(im_atomic_fetch_or(&a, operand), old);
            cr_assert_eq(im_atomic_load(&a), old || operand);
            im_atomic_store(&a, old);
            cr_assert_eq(im_atomic_fetch_xor(&a, operand), old);
            cr_assert_eq(im_atomic_load(&a), old != operand);
            im_atomic_store(&a, old);
            cr_assert_eq(im_atomic_fetch_not(&a), old);
            cr_assert_eq(im_atomic_load(&a), !old);
        }
    }
}

typedef im_atomic(float) atomic_float;
typedef im_atomic(double) atomic_double;

Test(arithmetic, floats)
{
    atomic_float a = IM_ATOMIC_INIT(1.5f);
    cr_assert_eq(im_atomic_fetch_add(&a, 2.25f), 1.5f);
    cr_assert_eq(im_atomic_load(&a), 3.75f);
    cr_assert_eq(im_atomic_fetch_max(&a, 4.0f), 3.75f);
    cr_assert_eq(im_atomic_fetch_max(&a, -4.0f), 4.0f);
    cr_assert_eq(im_atomic_fetch_min(&a, -0.5f), 4.0f);
    cr_assert_eq(im_atomic_load(&a), -0.5f);
}

Test(arithmetic, numbers_that_no_integer_holds)
{
    atomic_float a = IM_ATOMIC_INIT(0.0f);
    atomic_double b = IM_ATOMIC_INIT(0.0);
    im_atomic_fetch_add(&a, -1.0f);
    im_atomic_fetch_max(&b, 1e300);
    cr_assert_eq(im_atomic_load(&a), -1.0f);
    cr_assert_eq(im_atomic_load(&b), 1e300);
}

Test(arithmetic, float_addition_rounds_as_the_plain_one)
{
    atomic_float a = IM_ATOMIC_INIT(16777216.0f);
    volatile float plain = 16777216.0f;
    im_atomic_fetch_add(&a, 1.0f);
    plain += 1.0f;
    cr_assert_eq(im_atomic_load(&a), plain);
}

Test(arithmetic, doubles)
{
    atomic_double a = IM_ATOMIC_INIT(DBL_MAX);
    cr_assert_eq(im_atomic_fetch_add(&a, DBL_MAX), DBL_MAX);
    cr_assert(isinf(im_atomic_load(&a)));
    cr_assert_eq(im_atomic_fetch_min(&a, 0.1), INFINITY);
    cr_assert_eq(im_atomic_load(&a), 0.1);
}

Test(arithmetic, a_nan_loses_against_a_number)
{
    atomic_double a = IM_ATOMIC_INIT(NAN);
    im_atomic_fetch_max(&a, 1.0);
    cr_assert_eq(im_atomic_load(&a), 1.0);
    im_atomic_fetch_min(&a, NAN);
    cr_assert_eq(im_atomic_load(&a), 1.0);
}
