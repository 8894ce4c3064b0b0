/* SPDX-License-Identifier: MIT */
/* Rows L3, L14 and what may go wrong: the default lock among many threads, under signals, around a fork. */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/condvar.h>

#define MS UINT64_C(1000000)

typedef im_mutex(long) number_mutex;

static number_mutex number;
static im_condvar condvar;
static int stop, asleep_and_back;

Test(futex, is_four_bytes)
{
    cr_assert_eq(sizeof(struct im_raw_futex), 4);
    cr_assert_eq(sizeof(im_mutex(int)), 8);
    cr_assert_eq(sizeof(im_mutex(char)), 8);
    cr_assert_eq(sizeof(im_mutex(char[4])), 8);
}

/* ------------------------------------------------------------------------------------------------------ fairness */

static void *hog(void *argument)
{
    while (!im_sync_load(&stop, memory_order_relaxed))
        im_mutex_with(n, &number)(*n)++;
    return argument;
}

#define SECTION_NS (50 * UINT64_C(1000))

/* Atomic: how often the hog had the lock. */
static uint32_t sections;

/* Has the lock all the time but for some nanoseconds. */
static void *keep_it(void *argument)
{
    while (!im_sync_load(&stop, memory_order_relaxed)) {
        im_mutex_with(n, &number)
        {
            (*n)++;
            im_sync_fetch_add(&sections, 1, memory_order_relaxed);
            for (uint64_t end_ns = im_sync_now_ns() + SECTION_NS; im_sync_now_ns() < end_ns;)
                im_sync_spin_hint();
        }
    }
    return argument;
}

enum { TURNS = 25 };

/* The longest wait of a thread that wants it now and then, in sections of the hog. */
static void *take_turns(void *argument)
{
    uint32_t longest = 0;
    for (int i = 0; i < TURNS; i++) {
        const uint32_t before = im_sync_load(&sections, memory_order_relaxed);
        im_mutex_lock(&number);
        const uint32_t waited = im_sync_load(&sections, memory_order_relaxed) - before;
        im_mutex_unlock(&number);
        if (waited > longest)
            longest = waited;
    }
    *(uint32_t *)argument = longest;
    return NULL;
}

/* A millisecond of patience, a queue that passes by once, and whatever the scheduler does on a busy machine: one second. */
#define LONGEST_WAIT (1000 * MS / SECTION_NS)

Test(futex, nobody_waits_for_ever_beside_a_thread_that_never_pauses)
{
    pthread_t hog_thread, others[2];
    uint32_t longest[2];
    pthread_create(&hog_thread, NULL, keep_it, NULL);
    while (im_sync_load(&sections, memory_order_relaxed) == 0)
        im_sync_yield();
    for (int i = 0; i < 2; i++)
        pthread_create(&others[i], NULL, take_turns, &longest[i]);
    for (int i = 0; i < 2; i++) {
        pthread_join(others[i], NULL);
        cr_assert_lt(longest[i], LONGEST_WAIT, "waited for %u sections", longest[i]);
    }
    im_sync_store(&stop, 1, memory_order_relaxed);
    pthread_join(hog_thread, NULL);
    cr_assert_eq(number.im_raw.word & ~IM__FUTEX_PARKED, 0);
}

static int sleeper;

static void *sleep_for_it(void *argument)
{
    im_sync_store(&sleeper, gettid(), memory_order_release);
    im_mutex_with(n, &number)(*n)++;
    return argument;
}

/* The letter that the system has for what a thread does. */
static char state_of(int thread)
{
    char path[64], state = '?';
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
            state = '?';
        fclose(file);
    }
    return state;
}

static void await_sleeper(void)
{
    while (!(im_sync_load(&number.im_raw.word, memory_order_relaxed) & IM__FUTEX_PARKED) ||
           state_of(im_sync_load(&sleeper, memory_order_acquire)) != 'S')
        im_sync_yield();
}

Test(futex, while_somebody_is_impatient_newcomers_sleep_first)
{
    pthread_t thread;
    number.im_raw.word = IM__FUTEX_IMPATIENT;
    cr_assert_null(im_mutex_try_lock(&number));
    cr_assert_null(im_mutex_lock_until(&number, 1));
    cr_assert_not(im_mutex_is_locked(&number));
    pthread_create(&thread, NULL, sleep_for_it, NULL);
    await_sleeper();
    im_sync_wake(&number.im_raw.word, 1);
    pthread_join(thread, NULL);
    cr_assert_eq(*im_mutex_get_mut(&number), 1, "who has slept may have it");
    cr_assert_eq(number.im_raw.word, IM__FUTEX_IMPATIENT);
}

/*
 * Who is woken goes first, always. But who sleeps is not there at every moment: the system wakes threads for nothing, too,
 * and lets them sleep again. Then there is nobody to hand it to, and it is open to all.
 */
enum { HANDED = 50, HANDED_AT_LEAST = 45 };

Test(futex, unlock_fair_and_bump_let_a_sleeper_go_first)
{
    int went_first = 0;
    for (int i = 0; i < HANDED; i++) {
        pthread_t thread;
        bool was_handed = false;
        long *n = im_mutex_lock(&number);
        *n = 0;
        pthread_create(&thread, NULL, sleep_for_it, NULL);
        await_sleeper();
        if (i % 2) {
            im_mutex_unlock_fair(&number);
            was_handed = im_sync_load(&number.im_raw.word, memory_order_relaxed) & IM__FUTEX_HANDED;
            n = im_mutex_lock(&number);
        } else {
            im_mutex_bump(&number);
        }
        went_first += *n == 1;
        const bool was_overtaken = was_handed && *n != 1;
        im_mutex_unlock(&number);
        pthread_join(thread, NULL);
        cr_assert_not(was_overtaken);
    }
    cr_assert_geq(went_first, HANDED_AT_LEAST);
}

Test(futex, handing_over_to_nobody_leaves_it_open)
{
    im_mutex_lock(&number);
    number.im_raw.word |= IM__FUTEX_PARKED;
    im_mutex_unlock_fair(&number);
    cr_assert_eq(number.im_raw.word, 0);
    im_mutex_lock(&number);
    im_mutex_bump(&number);
    number.im_raw.word |= IM__FUTEX_PARKED;
    im_mutex_bump(&number);
    im_mutex_unlock(&number);
    cr_assert_eq(number.im_raw.word, 0);
}

/* -------------------------------------------------------------------------------------------------- many threads */

enum { CROWD = IM_ADDRESS_SANITIZER ? 500 : 10000 };

static void *come_and_go(void *argument)
{
    im_mutex_with(n, &number)(*n)++;
    return argument;
}

Test(futex, ten_thousand_threads)
{
    static pthread_t crowd[CROWD];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 * 1024);
    int created = 0;
    im_mutex_with(n, &number)
    {
        *n = 0;
        /* As many as the machine lets us have. */
        while (created < CROWD && pthread_create(&crowd[created], &small, come_and_go, NULL) == 0)
            created++;
    }
    for (int i = 0; i < created; i++)
        pthread_join(crowd[i], NULL);
    cr_assert_gt(created, 100);
    cr_assert_eq(*im_mutex_get_mut(&number), created);
}

/* ------------------------------------------------------------------------------------------------------- signals */

/* For each wait: far more than one per millisecond, as fast as they are handled. */
enum { SIGNALS = 300 };

static uint32_t signals;

static void count_signal(int signal_number)
{
    (void)signal_number;
    im_sync_fetch_add(&signals, 1, memory_order_relaxed);
}

static bool is_disturbed_enough(void)
{
    return im_sync_load(&signals, memory_order_relaxed) >= SIGNALS;
}

/* Disturbs the thread that waits for the lock. */
static void *hold_and_send_signals(void *waiting)
{
    im_mutex_with(n, &number)
    {
        im_sync_store(&asleep_and_back, 1, memory_order_release);
        while (!im_sync_load(&stop, memory_order_acquire) || !is_disturbed_enough()) {
            pthread_kill(*(pthread_t *)waiting, SIGUSR1);
            im_sync_yield();
        }
        *n = 1;
    }
    return NULL;
}

/* Each wait of so many nanoseconds, until there were enough signals: whether all were late, and none early. */
#define WAITS_ARE_LATE(duration_ns, wait_is_late)                                       \
    ({                                                                                  \
        bool are_late = true;                                                           \
        im_sync_store(&signals, 0, memory_order_relaxed);                               \
        do {                                                                            \
            const uint64_t before_ns = im_sync_now_ns();                                \
            are_late = (wait_is_late) && im_sync_now_ns() >= before_ns + (duration_ns); \
        } while (are_late && !is_disturbed_enough());                                   \
        are_late;                                                                       \
    })

Test(futex, signals_end_no_wait)
{
    struct sigaction action = {.sa_handler = count_signal}; /* without SA_RESTART */
    sigaction(SIGUSR1, &action, NULL);
    pthread_t self = pthread_self(), thread;
    pthread_create(&thread, NULL, hold_and_send_signals, &self);
    while (!im_sync_load(&asleep_and_back, memory_order_acquire))
        im_sync_yield();
    bool give_up = WAITS_ARE_LATE(10 * MS, im_mutex_lock_for(&number, 10 * MS) == NULL);
    im_mutex_of(im_raw_futex, int) own = IM_MUTEX_INIT(0);
    bool time_out = false;
    im_mutex_with(value, &own) time_out =
        WAITS_ARE_LATE(10 * MS, im_condvar_wait_for(&condvar, &own, 10 * MS) == ETIMEDOUT && *value == 0);
    im_sync_store(&signals, 0, memory_order_relaxed);
    im_sync_store(&stop, 1, memory_order_release);
    long seen = 0;
    im_mutex_with(n, &number) seen = *n;
    pthread_join(thread, NULL);
    /* Criterion's assertions talk to another process, which signals disturb. */
    cr_assert(give_up, "the lock");
    cr_assert(time_out, "the condvar");
    cr_assert_eq(seen, 1, "it waited for the holder");
    cr_assert(is_disturbed_enough());
}

/* ---------------------------------------------------------------------------------------------------------- fork */

static void prepare(void)
{
    im_mutex_fork_prepare(&number);
}

static void in_parent(void)
{
    im_mutex_fork_parent(&number);
}

static void in_child(void)
{
    im_mutex_fork_child(&number);
}

/* The child finds the value between two sections, and a lock without the parent's waiters. */
static int use_in_child(void)
{
    int failed = 0;
    for (int i = 0; i < 100; i++)
        im_mutex_try_with(n, &number)(*n)++;
    else failed = 1;
    return failed || number.im_raw.word != 0;
}

Test(futex, a_forked_child_goes_on)
{
    pthread_t hogs[3];
    pthread_atfork(prepare, in_parent, in_child);
    for (int i = 0; i < 3; i++)
        pthread_create(&hogs[i], NULL, hog, NULL);
    int failed = 0;
    for (int i = 0; i < 50; i++) {
        int status = 1;
        pid_t child = fork();
        if (child == 0)
            _exit(use_in_child());
        failed += child < 0 || waitpid(child, &status, 0) != child || status != 0;
    }
    im_sync_store(&stop, 1, memory_order_relaxed);
    for (int i = 0; i < 3; i++)
        pthread_join(hogs[i], NULL);
    cr_assert_eq(failed, 0);
}
