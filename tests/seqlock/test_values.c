/* SPDX-License-Identifier: MIT */
/* Rows S1 and S2: values of every size and kind, in and out, of both types. */
#include <criterion/criterion.h>

#include <string.h>

#include <intermut/seqlock.h>

static unsigned char pattern(size_t at, unsigned seed)
{
    return (unsigned char)(at * 31 + seed * 101 + 7);
}

__attribute__((noinline)) static void fill(void *bytes, size_t count, unsigned seed)
{
    for (size_t i = 0; i < count; i++)
        ((unsigned char *)bytes)[i] = pattern(i, seed);
}

__attribute__((noinline)) static void check(const void *bytes, size_t count, unsigned seed)
{
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(((const unsigned char *)bytes)[i], pattern(i, seed), "byte %zu of %zu", i, count);
}

/* Every operation on a T, between two neighbours that must stay as they are. */
#define CHECK_OPERATIONS(Seqlock, T)                                                                \
    do {                                                                                            \
        struct {                                                                                    \
            unsigned char before[64];                                                               \
            Seqlock lock;                                                                           \
            unsigned char behind[64];                                                               \
        } place = {.lock = IM_SEQLOCK_INIT({{0}})};                                                 \
        Seqlock *lock = &place.lock;                                                                \
        const Seqlock *shared = lock;                                                               \
        T one, two, three, seen;                                                                    \
        fill(place.before, sizeof place.before, 8);                                                 \
        fill(place.behind, sizeof place.behind, 9);                                                 \
        fill(&one, sizeof one, 1);                                                                  \
        fill(&two, sizeof two, 2);                                                                  \
        fill(&three, sizeof three, 3);                                                              \
        cr_assert_eq((uintptr_t)&lock->im_value % _Alignof(T), 0);                                  \
        cr_assert_leq(sizeof(Seqlock), sizeof(T) + 16 + (_Alignof(T) > 16 ? 2 * _Alignof(T) : 16)); \
        im_seqlock_store(shared, one);                                                              \
        seen = im_seqlock_load(shared);                                                             \
        check(&seen, sizeof seen, 1);                                                               \
        seen = im_seqlock_swap(shared, two);                                                        \
        check(&seen, sizeof seen, 1);                                                               \
        memset(&seen, 0, sizeof seen);                                                              \
        cr_assert(im_seqlock_try_load(shared, &seen));                                              \
        check(&seen, sizeof seen, 2);                                                               \
        memset(&seen, 0, sizeof seen);                                                              \
        im_seqlock_load_into(shared, &seen);                                                        \
        check(&seen, sizeof seen, 2);                                                               \
        seen = im_seqlock_update(shared, old, (check(&old, sizeof old, 2), three));                 \
        check(&seen, sizeof seen, 3);                                                               \
        im_seqlock_with(p, shared)                                                                  \
        {                                                                                           \
            check(p, sizeof *p, 3);                                                                 \
            *p = one;                                                                               \
        }                                                                                           \
        check(im_seqlock_get_mut(lock), sizeof(T), 1);                                              \
        *im_seqlock_get_mut(lock) = two;                                                            \
        seen = im_seqlock_into_inner(lock);                                                         \
        check(&seen, sizeof seen, 2);                                                               \
        check(place.before, sizeof place.before, 8);                                                \
        check(place.behind, sizeof place.behind, 9);                                                \
    } while (0)

#define SIZE_TEST(count)                                     \
    typedef struct {                                         \
        unsigned char bytes[count];                          \
    } bytes_##count;                                         \
    typedef im_seqlock(bytes_##count) seqlock_##count;       \
    typedef im_single_seqlock(bytes_##count) single_##count; \
    Test(seqlock, holds_##count##_bytes)                     \
    {                                                        \
        CHECK_OPERATIONS(seqlock_##count, bytes_##count);    \
        CHECK_OPERATIONS(single_##count, bytes_##count);     \
    }

SIZE_TEST(1)
SIZE_TEST(2)
SIZE_TEST(3)
SIZE_TEST(5)
SIZE_TEST(7)
SIZE_TEST(8)
SIZE_TEST(9)
SIZE_TEST(12)
SIZE_TEST(15)
SIZE_TEST(16)
SIZE_TEST(17)
SIZE_TEST(24)
SIZE_TEST(31)
SIZE_TEST(64)
SIZE_TEST(256)
SIZE_TEST(4096)
SIZE_TEST(5001)

typedef struct {
    _Alignas(64) unsigned char bytes[100];
} over_aligned; /* 128 bytes */
typedef im_seqlock(over_aligned) aligned_seqlock;
typedef im_single_seqlock(over_aligned) aligned_single;

Test(seqlock, holds_an_over_aligned_value)
{
    CHECK_OPERATIONS(aligned_seqlock, over_aligned);
    CHECK_OPERATIONS(aligned_single, over_aligned);
    cr_assert_eq(_Alignof(aligned_seqlock), 64);
}

Test(seqlock, has_sixteen_bytes_more_than_its_value)
{
    cr_assert_eq(sizeof(seqlock_8), 24);
    cr_assert_eq(sizeof(seqlock_16), 32);
    cr_assert_eq(sizeof(seqlock_64), 80);
    cr_assert_eq(sizeof(single_64), 80);
}

typedef struct {
    char letter;
    double number; /* padding before, and behind `tail` */
    short tail;
} padded;
typedef union {
    uint64_t word[3];
    double real;
    char text[20];
} either;
enum colour { RED, GREEN, BLUE };

static int seven(void)
{
    return 7;
}

Test(seqlock, holds_any_kind_of_type)
{
    static im_seqlock(padded) record = IM_SEQLOCK_INIT({'a', 0.5, 3});
    im_seqlock_store(&record, ((padded){'b', 2.5, -1}));
    padded p = im_seqlock_swap(&record, ((padded){.letter = 'c'}));
    cr_assert(p.letter == 'b' && p.number == 2.5 && p.tail == -1);
    cr_assert_eq(im_seqlock_load(&record).letter, 'c');

    im_seqlock(either) choice = IM_SEQLOCK_INIT({.text = "nineteen characters"});
    cr_assert_str_eq(im_seqlock_load(&choice).text, "nineteen characters");
    im_seqlock_with(c, &choice) c->real = 1.25;
    cr_assert_eq(im_seqlock_load(&choice).real, 1.25);

    im_seqlock(double) number = IM_SEQLOCK_INIT(0.25);
    cr_assert_eq(im_seqlock_update(&number, n, n * 2), 0.5);
    im_single_seqlock(bool) flag = IM_SEQLOCK_INIT(true);
    cr_assert(im_seqlock_swap(&flag, false));
    im_seqlock(enum colour) colour = IM_SEQLOCK_INIT(GREEN);
    cr_assert_eq(im_seqlock_swap(&colour, BLUE), GREEN);
    im_seqlock(const char *) text = IM_SEQLOCK_INIT("old");
    cr_assert_str_eq(im_seqlock_swap(&text, "new"), "old");
    cr_assert_str_eq(im_seqlock_load(&text), "new");
    im_seqlock(int (*)(void)) function = IM_SEQLOCK_INIT(NULL);
    im_seqlock_store(&function, seven);
    cr_assert_eq(im_seqlock_load(&function)(), 7);
}

/* Its fields are where no word would be; UBSan has nothing to say. */
typedef struct __attribute__((packed)) {
    char letter;
    uint64_t number;
    short tail;
    double real;
} unaligned;

Test(seqlock, holds_fields_that_are_not_aligned)
{
    struct __attribute__((packed)) {
        char before;
        unaligned value;
    } copy = {0};
    im_seqlock(unaligned) lock = IM_SEQLOCK_INIT({'a', 1, 2, 0.5});
    im_single_seqlock(unaligned) single = IM_SEQLOCK_INIT({'b', 3, 4, 1.5});
    copy.value = im_seqlock_swap(&lock, im_seqlock_load(&single));
    cr_assert(copy.value.letter == 'a' && copy.value.number == 1 && copy.value.real == 0.5);
    unaligned seen = im_seqlock_update(&lock, u, (u.number++, u.tail--, u));
    cr_assert(seen.number == 4 && seen.tail == 3);
    im_seqlock_with(u, &lock) u->real *= 2;
    im_seqlock_load_into(&lock, &seen);
    cr_assert(seen.letter == 'b' && seen.number == 4 && seen.real == 3.0);
}

Test(seqlock, is_valid_when_zeroed)
{
    seqlock_24 lock;
    single_24 single;
    const bytes_24 zero = {{0}};
    memset(&lock, 0, sizeof lock);
    memset(&single, 0, sizeof single);
    bytes_24 seen = im_seqlock_load(&lock);
    cr_assert_arr_eq(seen.bytes, zero.bytes, sizeof zero);
    fill(&seen, sizeof seen, 4);
    im_seqlock_store(&lock, seen);
    im_seqlock_store(&single, im_seqlock_load(&lock));
    seen = im_seqlock_load(&single);
    check(&seen, sizeof seen, 4);
}

typedef im_seqlock(int) int_seqlock;
typedef im_single_seqlock(int) int_single;

#define CHECK_END(Seqlock)                                                                      \
    do {                                                                                        \
        for (uint64_t below = 0; below < 8; below++) {                                          \
            Seqlock lock = {.im_lock = {.count = {.im_sequence = UINT64_MAX - 1 - 2 * below}}}; \
            for (int i = 1; i < 10; i++) {                                                      \
                im_seqlock_store(&lock, i);                                                     \
                cr_assert_eq(im_seqlock_load(&lock), i);                                        \
                cr_assert_eq(im_seqlock_update(&lock, n, n + 1), i + 1);                        \
            }                                                                                   \
        }                                                                                       \
    } while (0)

Test(seqlock, its_sequence_goes_over_its_end)
{
    CHECK_END(int_seqlock);
    CHECK_END(int_single);
}

Test(seqlock, a_try_during_a_write_says_no_and_writes_nothing)
{
    int_seqlock lock = IM_SEQLOCK_INIT(1);
    int seen = 42;
    im_seqlock_with(p, &lock)
    {
        *p = 2;
        cr_assert_not(im_seqlock_try_load(&lock, &seen));
        cr_assert_eq(seen, 42);
    }
    cr_assert(im_seqlock_try_load(&lock, &seen));
    cr_assert_eq(seen, 2);
}

static int calls;
static const int_seqlock *counted(const int_seqlock *lock)
{
    calls++;
    return lock;
}

Test(seqlock, every_argument_is_evaluated_once)
{
    int_seqlock lock = IM_SEQLOCK_INIT(1);
    int n = 0, seen, *to[2] = {&seen, NULL}, at = 0;
    (void)im_seqlock_load(counted(&lock));
    im_seqlock_store(counted(&lock), ++n);
    (void)im_seqlock_swap(counted(&lock), ++n);
    (void)im_seqlock_update(counted(&lock), old, old + ++n);
    (void)im_seqlock_try_load(counted(&lock), to[at++]);
    im_seqlock_load_into(counted(&lock), to[--at]);
    im_seqlock_with(p, counted(&lock))(*p)++;
    cr_assert_eq(calls, 7);
    cr_assert_eq(n, 3);
    cr_assert_eq(at, 0);
    cr_assert_eq(im_seqlock_load(&lock), 6);
}

Test(seqlock, operations_nest)
{
    int_seqlock a = IM_SEQLOCK_INIT(1), b = IM_SEQLOCK_INIT(10), c = IM_SEQLOCK_INIT(100);
    im_seqlock_store(&a, im_seqlock_load(&a) + im_seqlock_swap(&b, im_seqlock_load(&a)));
    cr_assert_eq(im_seqlock_load(&a), 11);
    cr_assert_eq(im_seqlock_load(&b), 1);
    im_seqlock_update(&a, x, im_seqlock_update(&b, y, im_seqlock_update(&c, z, x + y + z)));
    cr_assert_eq(im_seqlock_load(&a), 112);
    cr_assert_eq(im_seqlock_load(&b), 112);
    im_seqlock_with(p, &a)
    {
        im_seqlock_with(q, &b) *p = *q = im_seqlock_load(&c) + 1;
    }
    cr_assert_eq(im_seqlock_load(&a), 113);
    cr_assert_eq(im_seqlock_load(&b), 113);
}
