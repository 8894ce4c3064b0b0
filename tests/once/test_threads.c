/* SPDX-License-Identifier: MIT */
/* Rows O1 to O4 between threads: waiting, failing, leaving, circles, cancel, fork. Built with -fexceptions. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/backoff.h>
#include <intermut/lazy.h>

typedef im_once(int) int_once;

static int_once cell, second, third;
static int_once minds = IM_ONCE_POISONING_INIT;
static uint32_t inits, stage;

static void go_to(uint32_t number)
{
    im_sync_store(&stage, number, memory_order_release);
}

static void wait_for_stage(uint32_t number)
{
    struct im_backoff backoff = {0};
    while (im_sync_load(&stage, memory_order_acquire) < number) /* release: go_to() */
        im_backoff_wait(&backoff);
}

/* Until somebody waits for the cell, asleep or about to be. */
static void wait_for_waiter(const int_once *self)
{
    struct im_backoff backoff = {0};
    while (!(im_sync_load(&self->im_raw.state, memory_order_relaxed) & IM_ONCE_WAITERS))
        im_backoff_wait(&backoff);
}

static pthread_t start(void *(*function)(void *))
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, function, NULL), 0);
    return thread;
}

static void *join(pthread_t thread)
{
    void *result;
    cr_assert_eq(pthread_join(thread, &result), 0);
    return result;
}

static int init_five(int *out, void *unused)
{
    (void)unused;
    im_sync_fetch_add(&inits, 1, memory_order_relaxed);
    *out = 5;
    return 0;
}

static void check_usable(const int_once *self)
{
    cr_assert_null(im_once_get(self));
    cr_assert_eq(*im_once_get_or_init(self, init_five, NULL), 5);
}

static void *get_five(void *unused)
{
    (void)unused;
    return (void *)(uintptr_t)im_once_get_or_init(&cell, init_five, NULL);
}

Test(threads, one_of_many_makes_the_value)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(get_five);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(join(threads[i]), im_once_get(&cell));
    cr_assert_eq(inits, 1);
}

/* ---- Waiting for an initialiser ---- */

static pthread_t waiting;

Test(threads, who_waits_gets_the_value)
{
    im_once_init(v, &cell)
    {
        waiting = start(get_five);
        wait_for_waiter(&cell);
        *v = 7;
    }
    cr_assert_eq(join(waiting), im_once_get(&cell));
    cr_assert_eq(*im_once_get(&cell), 7);
    cr_assert_eq(inits, 0);
}

static int fail_under_waiter(int *out, void *unused)
{
    (void)unused;
    *out = 99;
    waiting = start(get_five);
    wait_for_waiter(&cell);
    return EIO;
}

Test(threads, who_waits_tries_after_a_failure)
{
    cr_assert_null(im_once_get_or_init(&cell, fail_under_waiter, NULL));
    join(waiting);
    cr_assert_eq(inits, 1);
    cr_assert_eq(*im_once_get(&cell), 5);
}

static void leave_under_waiter(void)
{
    im_once_init(v, &cell)
    {
        *v = 99;
        waiting = start(get_five);
        wait_for_waiter(&cell);
        return;
    }
}

Test(threads, who_waits_tries_after_a_block_that_was_left)
{
    leave_under_waiter();
    join(waiting);
    cr_assert_eq(*im_once_get(&cell), 5);
}

static void *set_six(void *back)
{
    int given_back = 0;
    cr_assert_eq(im_once_set(&cell, &given_back, 6), EEXIST);
    return given_back == 6 ? &cell : back;
}

Test(threads, set_waits_for_an_initialiser)
{
    im_once_init(v, &cell)
    {
        waiting = start(set_six);
        wait_for_waiter(&cell);
        *v = 7;
    }
    cr_assert_eq(join(waiting), &cell);
    cr_assert_eq(*im_once_get(&cell), 7);
}

/* ---- Waiting for a value ---- */

static void *wait_for_value(void *unused)
{
    (void)unused;
    return (void *)(uintptr_t)im_once_wait(&cell);
}

Test(threads, wait_outlasts_a_failure)
{
    waiting = start(wait_for_value);
    wait_for_waiter(&cell);
    leave_under_waiter();
    cr_assert_eq(join(waiting), (void *)(uintptr_t)im_once_wait(&cell));
}

static void *wait_for_a_while(void *unused)
{
    const int *value = NULL;
    (void)unused;
    cr_assert_eq(im_once_wait_for(&cell, 60000000000u, &value), 0);
    return (void *)(uintptr_t)value;
}

Test(threads, a_timed_wait_gets_the_value)
{
    waiting = start(wait_for_a_while);
    wait_for_waiter(&cell);
    cr_assert_eq(im_once_set(&cell, NULL, 1), 0);
    cr_assert_eq(join(waiting), im_once_get(&cell));
}

Test(threads, a_timed_wait_ends)
{
    const int *value = NULL;
    uint64_t before = im_sync_now_ns();
    cr_assert_eq(im_once_wait_for(&cell, 2000000, &value), ETIMEDOUT);
    cr_assert_geq(im_sync_now_ns() - before, 2000000);
    cr_assert_eq(im_once_wait_until(&cell, before, &value), ETIMEDOUT, "the past");
    cr_assert_null(value);
    cr_assert_eq(im_once_set(&cell, NULL, 1), 0);
    cr_assert_eq(im_once_wait_until(&cell, before, &value), 0, "a value that is there is in time");
    cr_assert_eq(im_once_wait_for(&cell, UINT64_MAX, &value), 0);
    cr_assert_eq(*value, 1);
}

Test(threads, waiting_inside_is_edeadlk)
{
    const int *value;
    im_once_init(v, &cell)
    {
        cr_assert_eq(im_once_wait_until(&cell, UINT64_MAX, &value), EDEADLK);
        cr_assert_eq(im_once_wait_for(&cell, 1, &value), EDEADLK);
        *v = 1;
    }
}

/* ---- Threads that end inside ---- */

static int exit_inside(int *out, void *unused)
{
    *out = 99;
    go_to(1);
    wait_for_stage(2);
    pthread_exit(unused);
}

static void *run_exit_inside(void *unused)
{
    (void)im_once_get_or_init(&cell, exit_inside, unused);
    return unused;
}

Test(threads, a_thread_that_exits_inside_leaves_it_empty)
{
    pthread_t thread = start(run_exit_inside);
    wait_for_stage(1);
    waiting = start(get_five);
    wait_for_waiter(&cell);
    go_to(2);
    join(thread);
    cr_assert_eq(join(waiting), im_once_get(&cell));
    cr_assert_eq(*im_once_get(&cell), 5);
}

static void *exit_and_poison(void *unused)
{
    im_once_init(v, &minds)
    {
        *v = 99;
        pthread_exit(unused);
    }
    return unused;
}

static void *wait_for_the_poisoned(void *unused)
{
    const int *value;
    (void)unused;
    cr_assert_eq(im_once_wait_until(&minds, UINT64_MAX, &value), ENOTRECOVERABLE);
    return NULL;
}

Test(threads, and_poisons_a_cell_that_minds)
{
    waiting = start(wait_for_the_poisoned);
    wait_for_waiter(&minds);
    join(start(exit_and_poison));
    join(waiting);
    cr_assert(im_once_is_poisoned(&minds));
    im_once_clear_poison(&minds);
    check_usable(&minds);
}

static bool may_finish;

static int exit_unless_allowed(int *out, void *unused)
{
    *out = 8;
    if (!may_finish)
        pthread_exit(unused);
    return 0;
}

static im_lazy(int) lazy_minds = IM_LAZY_POISONING_INIT(exit_unless_allowed, NULL);

static void *get_lazy(void *unused)
{
    (void)unused;
    return (void *)(uintptr_t)im_lazy_get(&lazy_minds);
}

Test(threads, and_a_lazy_that_minds)
{
    const int *value;
    join(start(get_lazy));
    cr_assert(im_lazy_is_poisoned(&lazy_minds));
    may_finish = true;
    cr_assert_eq(im_lazy_try_get(&lazy_minds, &value), ENOTRECOVERABLE);
    im_lazy_clear_poison(&lazy_minds);
    cr_assert_eq(*im_lazy_get(&lazy_minds), 8);
}

static void *be_cancelled_inside(void *unused)
{
    im_once_init(v, &cell)
    {
        *v = 99;
        go_to(1);
        for (;;)
            pthread_testcancel();
    }
    return unused;
}

Test(threads, a_thread_that_is_cancelled_inside_leaves_it_empty)
{
    pthread_t thread = start(be_cancelled_inside);
    wait_for_stage(1);
    waiting = start(get_five);
    wait_for_waiter(&cell);
    pthread_cancel(thread);
    cr_assert_eq(join(thread), PTHREAD_CANCELED);
    join(waiting);
    cr_assert_eq(*im_once_get(&cell), 5);
}

Test(threads, a_thread_is_cancelled_while_it_waits)
{
    for (int i = 0; i < 20; i++) {
        pthread_t thread = start(i % 2 ? wait_for_value : wait_for_a_while);
        if (i % 4 < 2)
            wait_for_waiter(&cell);
        pthread_cancel(thread);
        cr_assert_eq(join(thread), PTHREAD_CANCELED);
    }
    check_usable(&cell);
}

/* ---- Circles ---- */

static const int_once *const circle[] = {&cell, &second, &third, &cell};
static size_t members;
static uint32_t deadlocks;
static pthread_barrier_t all_inside;

static int init_member(int *out, void *number)
{
    size_t self = *(size_t *)number;
    const int *next;
    pthread_barrier_wait(&all_inside);
    int error = im_once_get_or_try_init(circle[(self + 1) % members], init_five, NULL, &next);
    if (error == EDEADLK)
        im_sync_fetch_add(&deadlocks, 1, memory_order_relaxed);
    *out = error ? 0 : *next + 1;
    return error;
}

static void *run_member(void *number)
{
    const int *value;
    (void)im_once_get_or_try_init(circle[*(size_t *)number], init_member, number, &value);
    return NULL;
}

static void run_circle(size_t count, void *(*run)(void *))
{
    pthread_t threads[3];
    size_t numbers[] = {0, 1, 2};
    members = count;
    pthread_barrier_init(&all_inside, NULL, (unsigned)count);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, run, &numbers[i]), 0);
    for (size_t i = 0; i < count; i++)
        join(threads[i]);
}

Test(threads, a_circle_of_two_is_edeadlk_for_one)
{
    run_circle(2, run_member);
    cr_assert_eq(deadlocks, 1);
    cr_assert_eq((im_once_get(&cell) != NULL) + (im_once_get(&second) != NULL), 2, "the other one goes on");
}

Test(threads, a_circle_of_three_is_edeadlk_for_one)
{
    run_circle(3, run_member);
    cr_assert_eq(deadlocks, 1);
    cr_assert_eq(im_once_get(&cell) && im_once_get(&second) && im_once_get(&third), true);
}

static char panic_message[256];
static struct im_site panic_here;
static struct im_panic_line panic_lines[8];
static size_t panic_line_count;

static void remember_and_exit(const struct im_panic_info *info)
{
    strncpy(panic_message, info->message, sizeof panic_message - 1);
    panic_here = info->here;
    panic_line_count = info->line_count;
    memcpy(panic_lines, info->lines, info->line_count * sizeof *info->lines);
    pthread_exit(NULL);
}

static int init_member_or_panic(int *out, void *number)
{
    size_t self = *(size_t *)number;
    pthread_barrier_wait(&all_inside);
    *out = *im_once_get_or_init(circle[(self + 1) % members], init_five, NULL) + 1;
    return 0;
}

static void *run_member_or_panic(void *number)
{
    return (void *)(uintptr_t)im_once_get_or_init(circle[*(size_t *)number], init_member_or_panic, number);
}

Test(threads, the_panic_of_a_circle_has_all_its_places)
{
    im_panic_set_handler(remember_and_exit);
    run_circle(3, run_member_or_panic);
    cr_assert_str_eq(panic_message, "cannot get_or_init `circle[(self + 1) % members]`: deadlock: its initialiser "
                                    "waits for one of this thread");
    cr_assert_str_eq(panic_here.function, "init_member_or_panic");
    cr_assert_eq(panic_line_count, 5);
    for (size_t i = 0; i < panic_line_count; i++) {
        cr_assert_str_eq(panic_lines[i].label, i % 2 ? "waiting" : "initialising");
        cr_assert_str_eq(panic_lines[i].site.function, i % 2 ? "init_member_or_panic" : "run_member_or_panic");
        cr_assert_neq(panic_lines[i].thread, 0);
    }
    cr_assert_eq(panic_lines[0].thread, panic_lines[1].thread);
    cr_assert_neq(panic_lines[1].thread, panic_lines[2].thread);
    cr_assert_neq(panic_lines[4].thread, panic_lines[0].thread);
}

static void *wait_for_second_inside(void *unused)
{
    im_once_init(v, &cell) *v = *im_once_wait(&second);
    return unused;
}

Test(threads, a_wait_for_an_empty_cell_is_part_of_a_circle)
{
    const int *value;
    pthread_t thread = start(wait_for_second_inside);
    wait_for_waiter(&second);
    im_once_init(v, &second)
    {
        /* The other one may still be about to enter itself: then it is the one that panics. */
        while (im_once_wait_for(&cell, 1000000, &value) != ETIMEDOUT)
            continue;
        cr_assert_eq(im_once_wait_until(&cell, UINT64_MAX, &value), EDEADLK);
        *v = 3;
    }
    join(thread);
    cr_assert_eq(*im_once_get(&cell), 3);
}

/* ---- fork() ---- */

static int exit_status_of(pid_t child)
{
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void *init_until_stage_2(void *unused)
{
    im_once_init(v, &cell)
    {
        *v = 99;
        go_to(1);
        wait_for_stage(2);
        *v = 1;
    }
    return unused;
}

/* In a child: 0 when the cell is empty, and can be made there, also by a thread of its own, and in a child of its own. */
static int use_in_child(int depth)
{
    if (im_once_get(&cell))
        return 1;
    if (depth > 0) {
        pid_t child = fork();
        if (child == 0)
            _exit(use_in_child(depth - 1));
        int status;
        if (waitpid(child, &status, 0) != child || status != 0)
            return 2;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, get_five, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 3;
    return *im_once_get_or_init(&cell, init_five, NULL) == 5 && im_once_get(&cell) ? 0 : 4;
}

Test(threads, in_the_child_of_a_fork_another_threads_initialiser_is_left)
{
    pthread_t thread = start(init_until_stage_2);
    wait_for_stage(1);
    waiting = start(get_five);
    wait_for_waiter(&cell);
    pid_t child = fork();
    if (child == 0)
        _exit(use_in_child(1));
    cr_assert_eq(exit_status_of(child), 0);
    cr_assert_null(im_once_get(&cell), "and goes on in the parent");
    go_to(2);
    join(thread);
    join(waiting);
    cr_assert_eq(*im_once_get(&cell), 1);
    cr_assert_eq(inits, 0);
}

Test(threads, an_initialiser_that_forks_goes_on_in_both_processes)
{
    pid_t child = -1;
    int deadlock = 0;
    const int *value;
    im_once_init(v, &cell)
    {
        child = fork();
        deadlock = im_once_get_or_try_init(&cell, init_five, NULL, &value);
        *v = child == 0 ? 2 : 1;
    }
    if (child == 0)
        _exit(deadlock == EDEADLK && *im_once_get(&cell) == 2 ? 0 : 1);
    cr_assert_eq(exit_status_of(child), 0);
    cr_assert_eq(deadlock, EDEADLK);
    cr_assert_eq(*im_once_get(&cell), 1);
}

Test(threads, a_left_cell_can_be_ended_in_the_child)
{
    pthread_t thread = start(init_until_stage_2);
    wait_for_stage(1);
    pid_t child = fork();
    if (child == 0)
        _exit(im_once_try_destroy(&cell, NULL));
    cr_assert_eq(exit_status_of(child), 0);
    cr_assert_eq(im_once_try_destroy(&cell, NULL), EBUSY);
    go_to(2);
    join(thread);
}

/* ---- Statics ---- */

static int allocate(char **out, void *unused)
{
    (void)unused;
    *out = malloc(100);
    return *out ? 0 : ENOMEM;
}

/* LeakSanitizer, in its build, says so if it is not reachable. */
Test(threads, a_static_need_not_be_destroyed)
{
    static im_once(char *) memory;
    cr_assert_not_null(im_once_get_or_init(&memory, allocate, NULL));
}
