/* SPDX-License-Identifier: MIT */
/* Locks that do not lock, for tests of what the checked build makes of them; and its reports as text. */
#ifndef CHECKED_LOCKS_H
#define CHECKED_LOCKS_H

#include <criterion/criterion.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <intermut/lock_checked.h>
#include <intermut/lock_safety.h>
#include <intermut/sync.h>

/* A lock is its address. */
typedef struct {
    char byte;
} fake;

static inline void acquire(const fake *lock, enum im_lock_mode mode, const struct im_place *place)
{
    im_lock_checked_waiting(lock, mode, place);
    im_lock_checked_acquired(lock, mode, false, place);
}

#define LOCK(lock) acquire(&(lock), IM_LOCK_EXCLUSIVE, IM_PLACE(#lock))
#define READ(lock) acquire(&(lock), IM_LOCK_SHARED, IM_PLACE(#lock))
#define READ_AGAIN(lock) acquire(&(lock), IM_LOCK_SHARED_RECURSIVE, IM_PLACE(#lock))
#define READ_UPGRADABLE(lock) acquire(&(lock), IM_LOCK_UPGRADABLE, IM_PLACE(#lock))
#define ENTER(lock) acquire(&(lock), IM_LOCK_REENTRANT, IM_PLACE(#lock))
#define TRY(lock) im_lock_checked_acquired(&(lock), IM_LOCK_EXCLUSIVE, true, IM_PLACE(#lock))
#define UNLOCK(lock) im_lock_checked_released(&(lock), IM_LOCK_EXCLUSIVE, IM_PLACE(#lock))
#define UNREAD(lock) im_lock_checked_released(&(lock), IM_LOCK_SHARED, IM_PLACE(#lock))
#define UNREAD_UPGRADABLE(lock) im_lock_checked_released(&(lock), IM_LOCK_UPGRADABLE, IM_PLACE(#lock))
#define LEAVE(lock) im_lock_checked_released(&(lock), IM_LOCK_REENTRANT, IM_PLACE(#lock))
#define DESTROY(lock) im_lock_checked_destroyed(&(lock), IM_PLACE(#lock))

static __thread jmp_buf escape;
static char reported[1024];
static long reported_threads[8];
static int reports;

/* Criterion's test functions end like this. */
static inline bool is_test(const char *function)
{
    size_t length = strlen(function);
    return length > 5 && strcmp(function + length - 5, "_impl") == 0;
}

/* The report without line numbers: the message, then each place as `label: function`; "test" is the test itself. */
static void remember(const struct im_panic_info *info)
{
    size_t used = (size_t)snprintf(reported, sizeof reported, "%s", info->message);
    for (size_t i = 0; i < info->line_count && used < sizeof reported; i++) {
        const char *function = info->lines[i].site.function;
        used += (size_t)snprintf(reported + used, sizeof reported - used, "\n%s: %s", info->lines[i].label,
                                 is_test(function) ? "test" : function);
        if (i < sizeof reported_threads / sizeof reported_threads[0])
            reported_threads[i] = info->lines[i].thread;
    }
    reports++;
}

static void remember_and_escape(const struct im_panic_info *info)
{
    remember(info);
    longjmp(escape, 1);
}

/* `broken`, a statement, panics, and the report is `expected`. */
#define ASSERT_REPORTS(broken, expected)                                       \
    do {                                                                       \
        im_panic_set_handler(remember_and_escape);                             \
        if (setjmp(escape) == 0) {                                             \
            broken;                                                            \
            cr_assert_fail("should have panicked");                            \
        }                                                                      \
        cr_assert_str_eq(reported, expected, "the report says: %s", reported); \
    } while (0)

/* Run it in another thread, to its end. */
static inline void elsewhere(void *(*function)(void *), void *argument)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, function, argument), 0);
    pthread_join(thread, NULL);
}

#endif
