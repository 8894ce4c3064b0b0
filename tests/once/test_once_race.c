/* SPDX-License-Identifier: MIT */
/* Row O6. */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include <intermut/once_race.h>

struct table {
    int number;
};

typedef im_once_race(struct table *) table_race;

static table_race race = IM_ONCE_RACE_INIT;
static int error, inits, drops;

static int allocate(struct table **out, void *number)
{
    inits++;
    *out = malloc(sizeof **out);
    if (*out)
        (*out)->number = *(int *)number;
    return *out ? error : ENOMEM;
}

static int give_nothing(struct table **out, void *unused)
{
    (void)unused;
    *out = NULL;
    return 0;
}

static void drop(struct table *table)
{
    drops++;
    free(table);
}

static void empty(void)
{
    free(im_once_race_take(&race));
}

Test(once_race, is_empty_at_first, .fini = empty)
{
    cr_assert_null(im_once_race_get(&race));
    cr_assert_null(*im_once_race_get_mut(&race));
}

Test(once_race, the_first_one_stays, .fini = empty)
{
    int five = 5, six = 6;
    const struct table *table = im_once_race_get_or_init(&race, allocate, &five, drop);
    cr_assert_eq(table->number, 5);
    cr_assert_eq(im_once_race_get_or_init(&race, allocate, &six, drop), table);
    cr_assert_eq(im_once_race_get(&race), table);
    cr_assert_eq(inits, 1);
    cr_assert_eq(drops, 0);
}

Test(once_race, set_says_whether_it_got_in)
{
    static im_once_race(unsigned short) number;
    cr_assert_eq(im_once_race_set(&number, 0), EINVAL);
    cr_assert_eq(im_once_race_set(&number, 5), 0);
    cr_assert_eq(im_once_race_set(&number, 6), EEXIST);
    cr_assert_eq(im_once_race_get(&number), 5);
    cr_assert_eq(im_once_race_into_inner(&number), 5);
}

static int fail(struct table **out, void *unused)
{
    (void)unused;
    (void)out;
    return EIO;
}

Test(once_race, an_error_reaches_the_caller, .fini = empty)
{
    struct table *table = NULL;
    int five = 5;
    int (*none)(struct table **, void *) = NULL;
    cr_assert_null(im_once_race_get_or_init(&race, fail, NULL, drop));
    cr_assert_eq(im_once_race_get_or_try_init(&race, fail, NULL, drop, &table), EIO);
    cr_assert_eq(im_once_race_get_or_try_init(&race, give_nothing, NULL, drop, &table), EINVAL);
    cr_assert_eq(im_once_race_get_or_try_init(&race, none, NULL, drop, &table), EINVAL);
    cr_assert_null(table);
    cr_assert_eq(im_once_race_get_or_try_init(&race, allocate, &five, NULL, &table), 0);
    cr_assert_eq(table->number, 5);
    cr_assert_eq(im_once_race_get_or_try_init(&race, fail, NULL, drop, &table), 0);
}

static int use_itself(struct table **out, void *number)
{
    int inner = *(int *)number + 1;
    (void)im_once_race_get_or_init(&race, allocate, &inner, drop);
    return allocate(out, number);
}

Test(once_race, an_initialiser_may_use_its_own_cell_and_loses, .fini = empty)
{
    int five = 5;
    cr_assert_eq(im_once_race_get_or_init(&race, use_itself, &five, drop)->number, 6);
    cr_assert_eq(drops, 1);
}

Test(once_race, take_empties_it)
{
    int five = 5;
    struct table *table = im_once_race_get_or_init(&race, allocate, &five, drop);
    cr_assert_eq(im_once_race_take(&race), table);
    cr_assert_null(im_once_race_get(&race));
    free(table);
}

Test(once_race, has_the_size_of_its_T)
{
    cr_assert_eq(sizeof(table_race), sizeof(void *));
    cr_assert_eq(sizeof(im_once_race(bool)), 1);
    cr_assert_eq(sizeof(im_once_race(long)), sizeof(long));
}

static im_once_race(long) winner;
static uint32_t losers;

static int give(long *out, void *number)
{
    *out = *(long *)number;
    return 0;
}

static void count_loser(long number)
{
    (void)number;
    im_sync_fetch_add(&losers, 1, memory_order_relaxed);
}

static pthread_barrier_t begin;

static void *compete(void *number)
{
    pthread_barrier_wait(&begin);
    return (void *)im_once_race_get_or_init(&winner, give, number, count_loser);
}

Test(once_race, all_threads_get_the_value_of_the_winner)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    long numbers[THREADS] = {1, 2, 3, 4};
    pthread_barrier_init(&begin, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, compete, &numbers[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        void *value;
        pthread_join(threads[i], &value);
        cr_assert_eq((long)value, im_once_race_get(&winner));
    }
    cr_assert_leq(losers, THREADS - 1);
}
