/* SPDX-License-Identifier: MIT */
/* Row A5: the table of stripes: how objects are spread over it, what it costs, and what fork() and signals do to it. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/atomic_wait.h>

Test(table, its_memory)
{
    cr_assert_eq(sizeof(struct im_atomic_stripe), IM_CACHE_LINE_BYTES, "a line each");
    cr_assert_leq(sizeof im_atomic_table, 21 * 1024);
    cr_assert_eq((uintptr_t)&im_atomic_table % IM_CACHE_LINE_BYTES, 0);
}

/* The number of stripes that an array of `count` objects so many bytes apart uses. */
static size_t stripes_of(uintptr_t base, size_t stride, size_t count)
{
    static bool used[IM_ATOMIC_STRIPES];
    size_t different = 0;
    memset(used, 0, sizeof used);
    for (size_t i = 0; i < count; i++) {
        const void *object = (const void *)(base + i * stride);
        size_t stripe = (size_t)((const struct im_atomic_stripe *)(const void *)im_atomic_stripe_of(object) -
                                 im_atomic_table.stripe);
        cr_assert_lt(stripe, IM_ATOMIC_STRIPES);
        different += !used[stripe];
        used[stripe] = true;
    }
    return different;
}

/*
 * 256 objects thrown at random use 1 - 1/e, 63 %, of 256 stripes, hence 162; and 16 use 15.5. Arrays of structs of every
 * size up to two pages do as well on average, and no size is bad.
 */
Test(table, arrays_of_structs_are_spread)
{
    size_t least_16 = 16, least_256 = 256, sum_256 = 0, strides = 0;
    for (size_t stride = 8; stride <= 8192; stride += 8, strides++) {
        size_t of_16 = stripes_of(0x7f1234560000, stride, 16), of_256 = stripes_of(0x55aa00001040, stride, 256);
        least_16 = of_16 < least_16 ? of_16 : least_16;
        least_256 = of_256 < least_256 ? of_256 : least_256;
        sum_256 += of_256;
    }
    cr_assert_geq(least_16, 9, "%zu of 16", least_16);
    cr_assert_geq(least_256, 95, "%zu of 256", least_256);
    cr_assert_geq(sum_256 / strides, 158, "%zu on average", sum_256 / strides);
}

/* ---- fork() while others store ---- */

enum { FORKS = 60, OBJECTS = 512, THREADS = 2 };

typedef struct {
    uint64_t word[16];
} record;
static im_atomic(record) records[OBJECTS];
static im_atomic(uint32_t) never;
static im_atomic(bool) stop;

static record record_of(uint64_t n)
{
    record r;
    for (size_t i = 0; i < 16; i++)
        r.word[i] = n;
    return r;
}

static bool is_whole(record r)
{
    for (size_t i = 1; i < 16; i++) {
        if (r.word[i] != r.word[0])
            return false;
    }
    return true;
}

static void *store_records(void *unused)
{
    for (uint64_t n = 1; !im_atomic_load(&stop); n++) {
        for (size_t i = 0; i < OBJECTS; i++)
            im_atomic_store(&records[i], record_of(n));
    }
    return unused;
}

static void *wait_for_ever(void *unused)
{
    (void)im_atomic_wait(&never, 0);
    return unused;
}

/* In the child: every value is whole, every lock is free, nobody waits. */
static int look_at_all(void)
{
    for (size_t i = 0; i < OBJECTS; i++) {
        if (!is_whole(im_atomic_load(&records[i])))
            return 1;
        im_atomic_store(&records[i], record_of(7));
        if (!is_whole(im_atomic_load(&records[i])))
            return 2;
    }
    for (size_t i = 0; i < IM_ATOMIC_WAIT_QUEUES; i++) {
        if (im_atomic_table.queue[i].waiting != 0)
            return 3;
    }
    return 0;
}

Test(table, a_forked_child_has_whole_values_and_free_locks)
{
    pthread_t threads[THREADS], sleeper;
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, store_records, NULL), 0);
    cr_assert_eq(pthread_create(&sleeper, NULL, wait_for_ever, NULL), 0);
    for (int i = 0; i < FORKS; i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            _exit(look_at_all());
        }
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "the child ended with %x", (unsigned)status);
    }
    im_atomic_store(&stop, true);
    im_atomic_store(&never, 1);
    im_atomic_wake_all(&never);
    pthread_join(sleeper, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* ---- Signals that come in the middle of a store ---- */

static im_atomic(record) interrupted;
static im_atomic(uint64_t) in_a_word;
__extension__ static im_atomic(__int128) in_two_words;
/* How far a child came; shared with its parent. */
static im_atomic(int) * progress;

/* As a store of this thread that a signal interrupts. */
static uint64_t begin_to_store(void)
{
    return im_raw_seqlock_begin(im_atomic_stripe_of(&interrupted), IM_SEQLOCK_MANY_WRITERS);
}

static void use_what_is_lock_free(int signal)
{
    (void)signal;
    im_atomic_fetch_add(&in_a_word, 1);
    if (im_atomic_is_lock_free(&in_two_words))
        im_atomic_fetch_add(&in_two_words, 1);
}

Test(table, a_signal_handler_may_use_what_is_lock_free)
{
    uint64_t write = begin_to_store();
    signal(SIGUSR1, use_what_is_lock_free);
    raise(SIGUSR1);
    im_seqcount_write_end(&im_atomic_stripe_of(&interrupted)->count, write);
    cr_assert_eq(im_atomic_load(&in_a_word), 1);
    cr_assert(im_atomic_load(&in_two_words) == im_atomic_is_lock_free(&in_two_words));
}

/* What becomes of a process whose store is interrupted by that handler; a timer ends those that wait for themselves. */
static int status_after(void (*handler)(int))
{
    int status;
    progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(progress, MAP_FAILED);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGUSR1, handler);
        (void)begin_to_store();
        raise(SIGUSR1);
        _exit(7);
    }
    while (im_atomic_load(progress) == 0)
        sched_yield();
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

static void begin_waiting(void)
{
    const struct itimerval soon = {.it_value.tv_usec = 20000};
    signal(SIGALRM, SIG_DFL);
    im_atomic_store(progress, 1); /* before the timer, which may end this process at once */
    setitimer(ITIMER_REAL, &soon, NULL);
}

static void load_it(int signal)
{
    (void)signal;
    begin_waiting();
    (void)im_atomic_load(&interrupted);
}

static void store_it(int signal)
{
    (void)signal;
    begin_waiting();
    im_atomic_store(&interrupted, record_of(1));
}

static void fork_here(int signal)
{
    (void)signal;
    begin_waiting();
    (void)fork();
}

/* Of glibc 2.34 and musl 1.2.2; without the handlers that hold the stripes. */
extern pid_t _Fork(void) __attribute__((weak));

static void fork_without_handlers(int signal)
{
    (void)signal;
    int status = 1;
    im_atomic_store(progress, 1);
    pid_t child = _Fork();
    if (child == 0) {
        use_what_is_lock_free(signal);
        _exit(0);
    }
    waitpid(child, &status, 0);
    _exit(status);
}

static void expect_that_it_waits(int status)
{
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM, "the status is %x", (unsigned)status);
}

Test(table, a_signal_handler_that_uses_what_it_interrupted_waits_for_itself)
{
    expect_that_it_waits(status_after(load_it));
    expect_that_it_waits(status_after(store_it));
}

Test(table, fork_in_a_signal_handler_waits_for_the_store_that_it_interrupted)
{
    expect_that_it_waits(status_after(fork_here));
    if (_Fork)
        cr_assert_eq(status_after(fork_without_handlers), 0);
}

/* ---- Threads that stop in the middle of something ---- */

static record leave_by_exit(record r)
{
    pthread_exit(NULL);
    return r;
}

static record leave_by_cancellation(record r)
{
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return r;
}

static void *exit_inside(void *unused)
{
    (void)im_atomic_fetch_update(&interrupted, r, leave_by_exit(r));
    return unused;
}

static void *cancel_inside(void *unused)
{
    (void)im_atomic_fetch_update(&interrupted, r, leave_by_cancellation(r));
    return unused;
}

Test(table, a_thread_that_ends_inside_an_update_changes_nothing_and_holds_nothing)
{
    pthread_t thread;
    im_atomic_store(&interrupted, record_of(3));
    cr_assert_eq(pthread_create(&thread, NULL, exit_inside, NULL), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(pthread_create(&thread, NULL, cancel_inside, NULL), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(im_atomic_fetch_update(&interrupted, r, record_of(r.word[0] + 1)).word[0], 3);
    cr_assert_eq(im_atomic_load(&interrupted).word[15], 4);
}

enum { SUSPENSIONS = 50, STORES_MEANWHILE = 20 };
static im_atomic(uint64_t) loads;
static sem_t is_suspended, may_go_on;
static int torn;

static void suspend(int signal)
{
    (void)signal;
    sem_post(&is_suspended);
    while (sem_wait(&may_go_on))
        ;
}

static void *load_records(void *unused)
{
    while (!im_atomic_load(&stop)) {
        torn += !is_whole(im_atomic_load(&interrupted));
        im_atomic_fetch_add(&loads, 1);
    }
    return unused;
}

/* Wherever the signal comes: no store waits, however long the reader is away, and what it loads then is whole. */
Test(table, a_reader_that_is_suspended_is_in_nobodys_way)
{
    pthread_t reader;
    sem_init(&is_suspended, 0, 0);
    sem_init(&may_go_on, 0, 0);
    signal(SIGUSR1, suspend);
    cr_assert_eq(pthread_create(&reader, NULL, load_records, NULL), 0);
    for (uint64_t round = 1; round <= SUSPENSIONS; round++) {
        uint64_t before = im_atomic_load(&loads);
        pthread_kill(reader, SIGUSR1);
        sem_wait(&is_suspended);
        for (uint64_t n = 0; n < STORES_MEANWHILE; n++)
            im_atomic_store(&interrupted, record_of(round * STORES_MEANWHILE + n));
        sem_post(&may_go_on);
        while (im_atomic_load(&loads) == before)
            sched_yield();
    }
    im_atomic_store(&stop, true);
    pthread_join(reader, NULL);
    cr_assert_eq(torn, 0);
}
