/* SPDX-License-Identifier: MIT */
/* Row M15: a reader that does not leave its section is reported. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/atomic.h>
#include <intermut/map.h>
#include <intermut/map_stall.h>

#include "../sleeper.h"

#define IM_MAP_NAME route_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME qsbr_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_RCU qsbr
#include <intermut/map.h>

static const uint64_t MS = 1000000;

static struct {
    route_map map;
    sem_t is_inside, may_leave, was_told;
    uint64_t wanted_tells;
    pthread_t reader, writer;
    im_atomic(bool) is_over;
    /* Of the latest one. */
    uint64_t waited_ns[4];
    im_atomic(uint64_t) tells;
    struct im_map_stall stall;
    struct im_map_reader readers[2];
    void *context;
    int refusal;
} meeting;

static void *read_on(void *argument)
{
    (void)argument;
    route_map_read_lock(&meeting.map);
    sem_post(&meeting.is_inside);
    sem_wait(&meeting.may_leave);
    route_map_read_unlock(&meeting.map);
    return NULL;
}

static void *remove_one(void *argument)
{
    (void)argument;
    (void)route_map_remove(&meeting.map, 1, NULL); /* what it says is seen by the length */
    (void)route_map_synchronize(&meeting.map);
    im_atomic_store(&meeting.is_over, true);
    return NULL;
}

static void remember(const struct im_map_stall *stall, void *context)
{
    uint64_t tell = im_atomic_fetch_add(&meeting.tells, 1);
    meeting.context = context;
    /* One that comes after those that were wanted may find that the reader has just left. */
    if (tell < meeting.wanted_tells)
        meeting.stall = *stall;
    for (size_t i = 0; tell < meeting.wanted_tells && i < stall->reader_count && i < 2; i++)
        meeting.readers[i] = stall->readers[i];
    meeting.refusal = im_map_on_stall(NULL, NULL, 0);
    if (tell < 4)
        meeting.waited_ns[tell] = stall->waited_ns;
    if (tell + 1 == meeting.wanted_tells)
        sem_post(&meeting.was_told);
}

/* A writer waits for a reader, until somebody is told of it `tells` times. */
static void stall(im_map_stall_handler *handler, uint64_t after_ns, uint64_t tells)
{
    sem_init(&meeting.is_inside, 0, 0);
    sem_init(&meeting.may_leave, 0, 0);
    sem_init(&meeting.was_told, 0, 0);
    meeting.wanted_tells = tells;
    cr_assert_eq(route_map_insert(&meeting.map, 1, 1), 0);
    cr_assert_eq(im_map_on_stall(handler, &meeting, after_ns), 0);
    pthread_create(&meeting.reader, NULL, read_on, NULL);
    sem_wait(&meeting.is_inside);
    pthread_create(&meeting.writer, NULL, remove_one, NULL);
}

static void end_stall(void)
{
    sem_post(&meeting.may_leave);
    pthread_join(meeting.reader, NULL);
    pthread_join(meeting.writer, NULL);
    cr_assert_eq(route_map_len(&meeting.map), 0);
    cr_assert_eq(im_map_on_stall(NULL, NULL, 0), 0);
}

Test(stall, is_told_and_again_after_twice_the_time)
{
    stall(remember, 2 * MS, 3);
    sem_wait(&meeting.was_told);
    cr_assert(!im_atomic_load(&meeting.is_over), "the writer still waits");
    cr_assert_eq(route_map_stats(&meeting.map).stalls, 1, "one grace period, however often it is told of");
    end_stall();
    cr_assert_str_eq(meeting.stall.map_name, "route_map");
    cr_assert_eq(meeting.stall.map, &meeting.map.raw);
    cr_assert_str_eq(meeting.stall.flavour, "bp");
    cr_assert_gt(meeting.stall.thread, 0);
    cr_assert_neq(meeting.stall.thread, im_sync_thread_number(), "the writer's");
    for (int i = 0; i < 3; i++)
        cr_assert_geq(meeting.waited_ns[i], 2 * MS << i);
    cr_assert_eq(meeting.context, &meeting);
    cr_assert_eq(meeting.refusal, EDEADLK, "from inside the handler");
    const struct im_map_stats stats = route_map_stats(&meeting.map);
    cr_assert_eq(stats.stalls, 1);
    cr_assert_geq(stats.longest_grace_ns, meeting.waited_ns[2]);
    cr_assert_eq(stats.waiting_ns, 0);
#if IM_CHECKED
    cr_assert_eq(meeting.stall.reader_count, 1);
    cr_assert_str_eq(meeting.readers[0].map_name, "route_map");
    cr_assert_geq(meeting.readers[0].inside_ns, meeting.waited_ns[2]);
    cr_assert_neq(meeting.readers[0].thread, meeting.stall.thread);
#else
    cr_assert_eq(meeting.stall.reader_count, 0, "not known");
#endif
    route_map_destroy(&meeting.map);
}

static void remember_slowly(const struct im_map_stall *stall, void *context)
{
    const uint64_t until_ns = im_sync_now_ns() + 10 * MS;
    const bool is_first = im_atomic_load(&meeting.tells) == 0;
    remember(stall, context);
    while (is_first && im_sync_now_ns() < until_ns)
        im_sync_yield();
}

static int times_doubled(uint64_t ns)
{
    return 63 - __builtin_clzll(ns / MS);
}

/* What is due while the handler runs is told of once: whenever it is called, the time has been doubled since. */
Test(stall, is_told_once_of_what_a_slow_handler_missed)
{
    stall(remember_slowly, MS, 3);
    sem_wait(&meeting.was_told);
    end_stall();
    for (int i = 0; i < 2; i++)
        cr_assert_lt(times_doubled(meeting.waited_ns[i]), times_doubled(meeting.waited_ns[i + 1]));
    route_map_destroy(&meeting.map);
}

Test(stall, short_waits_are_none)
{
    stall(remember, 3600000 * MS, 1);
    while (route_map_stats(&meeting.map).waiting_ns < 5 * MS)
        im_sync_yield();
    end_stall();
    cr_assert_eq(im_atomic_load(&meeting.tells), 0);
    cr_assert_eq(route_map_stats(&meeting.map).stalls, 0);
    route_map_destroy(&meeting.map);
}

Test(stall, another_time_counts_at_once)
{
    stall(remember, 3600000 * MS, 1);
    while (route_map_stats(&meeting.map).waiting_ns == 0)
        im_sync_yield();
    cr_assert_eq(im_map_on_stall(remember, &meeting, MS), 0);
    sem_wait(&meeting.was_told);
    end_stall();
    route_map_destroy(&meeting.map);
}

Test(stall, nobody_is_told_any_more)
{
    stall(remember, MS, 1);
    sem_wait(&meeting.was_told);
    cr_assert_eq(im_map_on_stall(NULL, NULL, 0), 0);
    const uint64_t tells = im_atomic_load(&meeting.tells);
    while (route_map_stats(&meeting.map).waiting_ns < 20 * MS)
        im_sync_yield();
    cr_assert_eq(im_atomic_load(&meeting.tells), tells, "not while the handler is going, nor afterwards");
    end_stall();
    route_map_destroy(&meeting.map);
}

static im_atomic(bool) handler_may_end, is_set;

static void take_time(const struct im_map_stall *stall, void *context)
{
    (void)stall, (void)context;
    sem_post(&meeting.was_told);
    while (!im_atomic_load(&handler_may_end))
        im_sync_yield();
}

static void *set_no_handler(void *argument)
{
    sleeper_word = &any_word;
    int error = im_map_on_stall(NULL, NULL, 0);
    im_atomic_store(&is_set, error == 0);
    return argument;
}

/* What the handler before uses may end when another one is set. */
Test(stall, the_handler_before_is_over)
{
    pthread_t setter;
    stall(take_time, MS, 1);
    sem_wait(&meeting.was_told);
    pthread_create(&setter, NULL, set_no_handler, NULL);
    while (!somebody_sleeps() && !im_atomic_load(&is_set))
        im_sync_yield();
    const bool was_early = im_atomic_load(&is_set);
    im_atomic_store(&handler_may_end, true);
    pthread_join(setter, NULL);
    cr_assert(!was_early && im_atomic_load(&is_set));
    end_stall();
    route_map_destroy(&meeting.map);
}

Test(stall, a_wait_without_a_handler_is_not_looked_at)
{
    stall(NULL, 1, 1);
    while (route_map_stats(&meeting.map).waiting_ns < 5 * MS)
        im_sync_yield();
    end_stall();
    cr_assert_eq(route_map_stats(&meeting.map).stalls, 0);
    route_map_destroy(&meeting.map);
}

/* The thread of the watch goes when there is no more to do, and comes again. */
Test(stall, is_told_again_later)
{
    for (uint64_t round = 1; round <= 3; round++) {
        stall(remember, MS, im_atomic_load(&meeting.tells) + 1);
        sem_wait(&meeting.was_told);
        end_stall();
        im_atomic_store(&meeting.is_over, false);
        cr_assert_eq(route_map_stats(&meeting.map).stalls, round);
    }
    route_map_destroy(&meeting.map);
}

/* Two grace periods for one reader: each is told of, and leaves the list, in whatever order they end. */
static route_map others[2];
static sem_t other_was_told[2];

static void remember_which(const struct im_map_stall *stall, void *context)
{
    (void)context;
    for (int i = 0; i < 2; i++) {
        if (stall->map == &others[i].raw)
            sem_post(&other_was_told[i]);
    }
}

static void *remove_from_other(void *map)
{
    (void)route_map_remove(map, 1, NULL);
    (void)route_map_synchronize(map);
    return NULL;
}

Test(stall, several_at_once)
{
    pthread_t writers[2];
    for (int round = 0; round < 20; round++) {
        cr_assert_eq(im_map_on_stall(remember_which, NULL, MS), 0);
        sem_init(&meeting.is_inside, 0, 0);
        sem_init(&meeting.may_leave, 0, 0);
        for (int i = 0; i < 2; i++) {
            sem_init(&other_was_told[i], 0, 0);
            cr_assert_eq(route_map_insert(&others[i], 1, 1), 0);
        }
        pthread_create(&meeting.reader, NULL, read_on, NULL);
        sem_wait(&meeting.is_inside);
        for (int i = 0; i < 2; i++)
            pthread_create(&writers[i], NULL, remove_from_other, &others[i]);
        for (int i = 0; i < 2; i++)
            sem_wait(&other_was_told[i]);
        sem_post(&meeting.may_leave);
        pthread_join(meeting.reader, NULL);
        for (int i = 0; i < 2; i++)
            pthread_join(writers[i], NULL);
    }
    cr_assert_eq(im_map_on_stall(NULL, NULL, 0), 0);
    for (int i = 0; i < 2; i++)
        route_map_destroy(&others[i]);
}

/* A child has no such thread, and gets one when it needs it. */
Test(stall, is_told_in_a_child)
{
    stall(remember, MS, 1);
    sem_wait(&meeting.was_told);
    end_stall();
    cr_assert_eq(im_map_on_stall(remember, &meeting, 3600000 * MS), 0);
    cr_assert_eq(route_map_insert(&meeting.map, 1, 1), 0);
    cr_assert_eq(route_map_remove(&meeting.map, 1, NULL), 0);
    cr_assert_eq(route_map_synchronize(&meeting.map), 0, "the thread is there now, and sleeps for an hour");
    pid_t child = fork();
    if (child == 0) {
        stall(remember, MS, im_atomic_load(&meeting.tells) + 1);
        sem_wait(&meeting.was_told);
        end_stall();
        _exit(0);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    route_map_destroy(&meeting.map);
}

/* A registered thread of flavour qsbr is a reader until it says otherwise. */
static sem_t may_say_so;
static void *say_nothing(void *argument)
{
    urcu_qsbr_register_thread();
    sem_post(&meeting.is_inside);
    sem_wait(&may_say_so);
    urcu_qsbr_unregister_thread();
    return argument;
}

static void let_it_say_so(const struct im_map_stall *stall, void *context)
{
    meeting.stall = *stall;
    im_atomic_fetch_add(&meeting.tells, 1);
    sem_post(context);
}

Test(stall, of_flavour_qsbr)
{
    static qsbr_map map;
    sem_init(&meeting.is_inside, 0, 0);
    sem_init(&may_say_so, 0, 0);
    cr_assert_eq(qsbr_map_insert(&map, 1, 1), 0);
    cr_assert_eq(im_map_on_stall(let_it_say_so, &may_say_so, MS), 0);
    pthread_create(&meeting.reader, NULL, say_nothing, NULL);
    sem_wait(&meeting.is_inside);
    cr_assert_eq(qsbr_map_remove(&map, 1, NULL), 0);
    cr_assert_eq(qsbr_map_synchronize(&map), 0);
    pthread_join(meeting.reader, NULL);
    cr_assert_eq(im_map_on_stall(NULL, NULL, 0), 0);
    cr_assert_geq(im_atomic_load(&meeting.tells), 1);
    cr_assert_str_eq(meeting.stall.flavour, "qsbr");
    qsbr_map_destroy(&map);
}

static qsbr_map own_map;

static void let_it_say_so_in_child(const struct im_map_stall *stall, void *context)
{
    (void)context;
    if (stall->map != &own_map.raw)
        _exit(3);
    sem_post(&may_say_so);
}

/* What the watch of the parent is in the middle of is nothing to the child: neither the wait, nor the handler that runs. */
Test(stall, is_told_in_a_child_of_its_own_waits_only)
{
    int status = -1;
    cr_assert_eq(qsbr_map_insert(&own_map, 1, 1), 0);
    stall(take_time, MS, 1);
    sem_wait(&meeting.was_told);
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        sem_init(&may_say_so, 0, 0);
        sem_init(&meeting.is_inside, 0, 0);
        if (im_map_on_stall(let_it_say_so_in_child, NULL, MS))
            _exit(1);
        pthread_create(&meeting.reader, NULL, say_nothing, NULL);
        sem_wait(&meeting.is_inside);
        if (qsbr_map_remove(&own_map, 1, NULL) || qsbr_map_synchronize(&own_map))
            _exit(2);
        pthread_join(meeting.reader, NULL);
        _exit(im_map_on_stall(NULL, NULL, 0) ? 4 : 0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    im_atomic_store(&handler_may_end, true);
    end_stall();
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
    qsbr_map_destroy(&own_map);
    route_map_destroy(&meeting.map);
}

Test(stall, needs_a_time)
{
    cr_assert_eq(im_map_on_stall(remember, NULL, 0), EINVAL);
    cr_assert_eq(im_map_on_stall(NULL, NULL, 0), 0);
    cr_assert_eq(im_map_on_stall(remember, NULL, UINT64_MAX), 0);
    cr_assert_eq(im_map_on_stall(NULL, NULL, UINT64_MAX), 0);
}

Test(stall, is_printed_as_the_header_shows, .init = cr_redirect_stderr)
{
    const struct im_map_reader readers[] = {
        {"route_map", {"router.c", "forward", 212}, 4712, 10312345678},
        {"route_map", {NULL, NULL, 0}, 4713, 10200000000},
    };
    im_map_print_stall(&(struct im_map_stall){.map_name = "route_map",
                                              .flavour = "bp",
                                              .waited_ns = 10000000000,
                                              .thread = 4711,
                                              .readers = readers,
                                              .reader_count = 2},
                       NULL);
    fflush(stderr);
    cr_assert_stderr_eq_str(
        "intermut: map: route_map has waited 10.0 s for read sections of flavour bp, in thread 4711\n"
        "  reads route_map since 10.3 s: thread 4712, router.c:212 in forward()\n"
        "  reads route_map since 10.2 s: thread 4713\n");
}

Test(stall, a_long_report_is_cut, .init = cr_redirect_stderr)
{
    enum { READERS = 16, TEXT_BYTES = 4096 };
    struct im_map_reader readers[READERS];
    char file[500], report[2 * TEXT_BYTES];
    memset(file, 'f', sizeof file - 1);
    file[sizeof file - 1] = '\0';
    for (int i = 0; i < READERS; i++)
        readers[i] = (struct im_map_reader){"route_map", {file, "forward", 212}, 4712, 0};
    im_map_print_stall(
        &(struct im_map_stall){
            .map_name = "route_map", .flavour = "bp", .thread = 4711, .readers = readers, .reader_count = READERS},
        NULL);
    fflush(stderr);
    const size_t length = fread(report, 1, sizeof report, cr_get_redirected_stderr());
    cr_assert_eq(length, TEXT_BYTES - 1);
    cr_assert_eq(report[length - 1], 'f', "in the middle of a name");
}
