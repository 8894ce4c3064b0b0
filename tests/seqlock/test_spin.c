/* SPDX-License-Identifier: MIT */
/* Row S7: a value behind a spin lock. -fexceptions. */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/spin.h>

struct range {
    long low, high, seen;
};
typedef im_spin(struct range) range_cell;
typedef im_spin(int) int_spin;
typedef struct {
    _Alignas(64) char bytes[5];
} aligned_bytes;

Test(spin, has_one_byte_more_than_its_value)
{
    cr_assert_eq(sizeof(im_spin(char)), 2);
    cr_assert_eq(sizeof(int_spin), 8);
    cr_assert_eq(_Alignof(im_spin(aligned_bytes)), 64);
}

Test(spin, load_store_swap_update)
{
    int_spin spin = IM_SPIN_INIT(1);
    const int_spin *shared = &spin;
    cr_assert_eq(im_spin_load(shared), 1);
    im_spin_store(shared, 2);
    cr_assert_eq(im_spin_swap(shared, 3), 2);
    cr_assert_eq(im_spin_update(shared, n, n * 5), 15);
    *im_spin_get_mut(&spin) = 4;
    cr_assert_eq(im_spin_into_inner(&spin), 4);
}

Test(spin, holds_any_kind_of_type)
{
    im_spin(aligned_bytes) wide = IM_SPIN_INIT({"abcd"});
    cr_assert_str_eq(im_spin_swap(&wide, ((aligned_bytes){"efgh"})).bytes, "abcd");
    cr_assert_str_eq(im_spin_load(&wide).bytes, "efgh");
    static im_spin(const char *) text;
    cr_assert_null(im_spin_swap(&text, "set"));
    cr_assert_str_eq(im_spin_load(&text), "set");
    static range_cell zeroed;
    cr_assert_eq(im_spin_load(&zeroed).high, 0);
}

Test(spin, operations_nest)
{
    int_spin a = IM_SPIN_INIT(1), b = IM_SPIN_INIT(10);
    im_spin_store(&a, im_spin_load(&a) + im_spin_swap(&b, im_spin_load(&a)));
    im_spin_update(&a, x, im_spin_update(&b, y, x + y));
    cr_assert_eq(im_spin_load(&a), 12);
    cr_assert_eq(im_spin_load(&b), 12);
}

static int add_below(const int_spin *spin, int limit)
{
    return im_spin_update(spin, n, ({
                              if (n >= limit)
                                  return -1;
                              n + 1;
                          }));
}

Test(spin, an_update_that_leaves_changes_nothing_and_lets_go)
{
    int_spin spin = IM_SPIN_INIT(4);
    cr_assert_eq(add_below(&spin, 5), 5);
    cr_assert_eq(add_below(&spin, 5), -1);
    cr_assert_eq(im_spin_load(&spin), 5);
}

static int_spin shared_spin;

static void *exit_inside(void *unused)
{
    im_spin_update(&shared_spin, n, ({
        pthread_exit(unused);
        n + 1;
    }));
    return NULL;
}

Test(spin, a_thread_that_exits_inside_lets_go)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, exit_inside, NULL), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(im_spin_load(&shared_spin), 0);
}

enum { THREADS = 16, ROUNDS = 5000 }; /* more threads than cores: who waits must yield */
static range_cell range;

static void *widen(void *unused)
{
    for (long i = 0; i < ROUNDS; i++)
        im_spin_update(&range, r, ((struct range){r.low - 1, r.high + 1, r.seen + 1}));
    return unused;
}

Test(spin, no_update_is_lost_with_more_threads_than_cores)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, widen, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct range now = im_spin_load(&range);
    cr_assert_eq(now.seen, (long)THREADS * ROUNDS);
    cr_assert_eq(now.low, -now.seen);
    cr_assert_eq(now.high, now.seen);
}
