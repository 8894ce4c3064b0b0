/* SPDX-License-Identifier: MIT */
/* fork() in moments that seldom come by themselves: this program makes them last. */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/map.h>

#define IM_MAP_NAME number_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

static number_map map;
static pthread_t forking_thread;
static uint32_t is_watched; /* atomic */

/* Whoever has waited for the lock of a shard, and is not the thread that forks, keeps it for a while. */
void im__word_lock_wait(struct im_word_lock *lock)
{
    void (*wait)(struct im_word_lock *);
    *(void **)&wait = dlsym(RTLD_NEXT, "im__word_lock_wait");
    wait(lock);
    if (lock == &map.raw.first.lock.raw && im_sync_load(&is_watched, memory_order_relaxed) &&
        !pthread_equal(pthread_self(), forking_thread))
        usleep(100000);
}

/* Longer than the map's thread looks at a shard that is locked, before it waits for it. */
static int make_slowly(uint64_t *value, void *argument)
{
    (void)argument;
    *value = 1;
    usleep(30000);
    return 0;
}

static bool ends_well(pid_t child)
{
    int status = -1;
    for (int looks = 0; looks < 10000; looks++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        usleep(1000);
    }
    kill(child, SIGKILL); /* a grace period has all signals blocked */
    waitpid(child, &status, 0);
    return false;
}

/* Its thread waits for a shard that a callback has locked, and then has it: not when the process is forked. */
Test(fork, a_shard_that_was_waited_for_is_not_locked_in_the_child)
{
    uint64_t value;
    forking_thread = pthread_self();
    for (uint64_t key = 0; key < 15; key++)
        cr_assert_eq(number_map_insert(&map, key, key), 0);
    im_sync_store(&is_watched, 1, memory_order_relaxed);
    cr_assert_eq(number_map_get_or_insert_with(&map, 100, make_slowly, NULL, &value), 0);
    usleep(20000);
    pid_t child = fork();
    if (child == 0)
        _exit(number_map_insert(&map, 200, 1));
    cr_assert(ends_well(child), "the child does not end");
    im_sync_store(&is_watched, 0, memory_order_relaxed);
    number_map_destroy(&map);
}
