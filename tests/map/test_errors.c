/* SPDX-License-Identifier: MIT */
/* Bad input and bad luck: a clear error, and the map as it was. */
#include <criterion/criterion.h>

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/map.h>

#define IM_MAP_NAME int_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME string_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME counter_map
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME memb_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_RCU memb
#include <intermut/map.h>

typedef struct {
    char bytes[1 << 16];
} large;
IM_FREEZE(large);
#define IM_MAP_NAME large_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE large
#include <intermut/map.h>

static jmp_buf escape;
static char message[256];

static void remember(const struct im_panic_info *info)
{
    strncpy(message, info->message, sizeof message - 1);
    longjmp(escape, 1);
}

static bool always(const int *value, void *argument)
{
    (void)value, (void)argument;
    return true;
}

static int make_one(int *value, void *argument)
{
    (void)argument;
    *value = 1;
    return 0;
}

static enum im_map_action keep(const int *old, int *value, void *argument)
{
    (void)old, (void)value, (void)argument;
    return IM_MAP_KEEP;
}

static int visit(int key, const int *value, void *argument)
{
    (void)key, (void)value, (void)argument;
    return 0;
}

Test(errors, no_map_is_einval)
{
    const int_map *none = NULL;
    int value;
    cr_assert_eq(int_map_get(none, 1, &value), EINVAL);
    cr_assert_eq(int_map_insert(none, 1, 1), EINVAL);
    cr_assert_eq(int_map_put(none, 1, 1, NULL), EINVAL);
    cr_assert_eq(int_map_replace(none, 1, 1, NULL), EINVAL);
    cr_assert_eq(int_map_remove(none, 1, NULL), EINVAL);
    cr_assert_eq(int_map_remove_if(none, 1, always, NULL, NULL), EINVAL);
    cr_assert_eq(int_map_get_or_insert_with(none, 1, make_one, NULL, &value), EINVAL);
    cr_assert_eq(int_map_compute(none, 1, keep, NULL), EINVAL);
    cr_assert_eq(int_map_for_each(none, visit, NULL), EINVAL);
    cr_assert_eq(int_map_reserve(none, 1), EINVAL);
    cr_assert_eq(int_map_synchronize(none), EINVAL);
    cr_assert(!int_map_contains(none, 1));
    cr_assert_eq(int_map_len(none), 0);
    cr_assert_eq(int_map_stats(none).length, 0);
    cr_assert_null(int_map_find(none, 1));
    im_map_with(int_map, found, none, 1)
        cr_assert_fail("found %d", *found);
    im_map_with_or_insert(int_map, found, none, 1, 1)
        cr_assert_fail("found %d", *found);
    int_map_destroy(NULL);
    int_map_init(NULL, NULL);
    int_map_read_lock(none);
    int_map_read_unlock(none);
    counter_map_read_lock(NULL);
    counter_map_read_unlock(NULL);
    cr_assert(counter_map_try_read_lock(NULL));
    counter_map_read_unlock(NULL);
}

Test(errors, a_change_inside_a_read_section_is_edeadlk)
{
    static int_map map;
    int value;
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_read_lock(&map);
    cr_assert_eq(int_map_insert(&map, 2, 1), EDEADLK);
    cr_assert_eq(int_map_put(&map, 1, 2, NULL), EDEADLK);
    cr_assert_eq(int_map_replace(&map, 1, 2, NULL), EDEADLK);
    cr_assert_eq(int_map_remove(&map, 1, NULL), EDEADLK);
    cr_assert_eq(int_map_remove_if(&map, 1, always, NULL, NULL), EDEADLK);
    cr_assert_eq(int_map_compute(&map, 1, keep, NULL), EDEADLK);
    cr_assert_eq(int_map_reserve(&map, 100), EDEADLK);
    cr_assert_eq(int_map_synchronize(&map), EDEADLK);
    cr_assert_eq(int_map_get_or_insert_with(&map, 1, make_one, NULL, &value), 0, "reading is fine");
    cr_assert_eq(int_map_get_or_insert_with(&map, 2, make_one, NULL, &value), EDEADLK);
    int_map_read_unlock(&map);
    cr_assert_eq(int_map_insert(&map, 2, 1), 0);
    int_map_destroy(&map);
}

Test(errors, a_section_of_another_flavour_counts_too)
{
    static int_map map;
    static memb_map other;
    urcu_memb_register_thread();
    memb_map_read_lock(&other);
    cr_assert_eq(int_map_insert(&map, 1, 1), EDEADLK);
    cr_assert_eq(memb_map_insert(&other, 1, 1), EDEADLK);
    memb_map_read_unlock(&other);
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    urcu_memb_unregister_thread();
    int_map_destroy(&map);
}

static int_map reentered;

static int change_the_map(int *value, void *argument)
{
    (void)argument;
    *value = int_map_insert(&reentered, 5, 5);
    return 0;
}

Test(errors, a_change_from_a_callback_is_edeadlk)
{
    int result;
    cr_assert_eq(int_map_get_or_insert_with(&reentered, 1, change_the_map, NULL, &result), 0);
    cr_assert_eq(result, EDEADLK);
    cr_assert_eq(int_map_len(&reentered), 1);
    int_map_destroy(&reentered);
}

static counter_map self_waiting;

static enum im_map_action open_section(const int *old, int *value, void *argument)
{
    (void)old, (void)value, (void)argument;
    counter_map_read_lock(&self_waiting);
    return IM_MAP_KEEP;
}

Test(errors, a_section_from_a_callback_that_stopped_changes_panics)
{
    im_panic_set_handler(remember);
    cr_assert_eq(counter_map_insert(&self_waiting, 1, 1), 0);
    if (setjmp(escape) == 0) {
        (void)counter_map_compute(&self_waiting, 1, open_section, NULL);
        cr_assert_fail("should have panicked");
    }
    cr_assert_not_null(strstr(message, "opened in a callback of its own change"), "%s", message);
}

Test(errors, stats_may_be_read_inside_a_section)
{
    static int_map map;
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_read_lock(&map);
    cr_assert_eq(int_map_stats(&map).length, 1);
    cr_assert_gt(int_map_stats(&map).bytes, 0);
    int_map_read_unlock(&map);
    int_map_destroy(&map);
}

Test(errors, sizes_without_a_number_are_eoverflow)
{
    static int_map map;
    static large_map larges;
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    cr_assert_eq(int_map_reserve(&map, SIZE_MAX), EOVERFLOW);
    cr_assert_eq(int_map_reserve(&map, SIZE_MAX - 1), EOVERFLOW);
    cr_assert_eq(int_map_reserve(&map, SIZE_MAX / 2), EOVERFLOW);
    cr_assert_eq(large_map_reserve(&larges, SIZE_MAX >> 15), EOVERFLOW);
    errno = 77;
    cr_assert_eq(large_map_reserve(&larges, (size_t)1 << 40), ENOMEM, "no machine has that");
    cr_assert_eq(errno, 77, "errno is left alone");
    cr_assert_eq(int_map_len(&map), 1);
    cr_assert_eq(large_map_stats(&larges).bytes, 0);
    int_map_destroy(&map);
}

#if IM_ADDRESS_SANITIZER
/* Sizes that no machine has are NULL here too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
#endif

/* An allocator that fails at the n-th request and counts what it gave. */
struct failing {
    int until_failure;
    long outstanding;
};

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    struct failing *failing = context;
    if (failing->until_failure-- == 0)
        return NULL;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes))
        return NULL;
    failing->outstanding++;
    return memory;
}

static void release(void *context, void *memory, size_t bytes)
{
    struct failing *failing = context;
    (void)bytes;
    failing->outstanding--;
    free(memory);
}

static const char *key_text(char buffer[64], int number)
{
    snprintf(buffer, 64, "a key that is not inline, number %d", number);
    return buffer;
}

/* Insert until the failure comes; then everything before is there, and the failed insert works when repeated. */
static void run_with_failure_at(int nth)
{
    struct failing failing = {.until_failure = nth};
    const struct im_allocator allocator = {allocate, release, &failing};
    string_map map;
    string_map_init(&map, &(struct im_map_options){.allocator = &allocator});
    char text[64];
    int failures = 0, value;
    for (int i = 0; i < 60; i++) {
        int error = string_map_insert(&map, im_slice_of(key_text(text, i)), i);
        if (error) {
            cr_assert_eq(error, ENOMEM);
            cr_assert_eq(string_map_len(&map), (size_t)i);
            cr_assert(!string_map_contains(&map, im_slice_of(text)));
            failures++, i--;
            continue;
        }
        cr_assert_eq(string_map_get(&map, im_slice_of(text), &value), 0);
        cr_assert_eq(value, i);
        if (i % 3 == 0) {
            error = string_map_put(&map, im_slice_of(text), i, NULL);
            cr_assert(error == 0 || error == ENOMEM);
            failures += error != 0;
        }
    }
    cr_assert_leq(failures, 1);
    for (int i = 0; i < 60; i++) {
        cr_assert_eq(string_map_get(&map, im_slice_of(key_text(text, i)), &value), 0);
        cr_assert_eq(value, i);
    }
    string_map_destroy(&map);
    cr_assert_eq(failing.outstanding, 0, "failure at %d leaks", nth);
}

Test(errors, every_allocation_may_fail)
{
    for (int nth = 0; nth < 70; nth++)
        run_with_failure_at(nth);
}

Test(errors, init_keeps_its_allocator_through_destroy)
{
    struct failing failing = {.until_failure = 1000};
    const struct im_allocator allocator = {allocate, release, &failing};
    int_map map;
    int_map_init(&map, &(struct im_map_options){.allocator = &allocator});
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_destroy(&map);
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    cr_assert_eq(failing.outstanding, 1);
    int_map_destroy(&map);
    cr_assert_eq(failing.outstanding, 0);
    int_map_init(&map, NULL);
    cr_assert_eq(int_map_len(&map), 0);
}

Test(errors, a_section_with_atomic_values_inside_another_panics)
{
    static counter_map map;
    static int_map other;
    im_panic_set_handler(remember);
    int_map_read_lock(&other);
    if (setjmp(escape) == 0) {
        counter_map_read_lock(&map);
        cr_assert_fail("should have panicked");
    }
    cr_assert_not_null(strstr(message, "read section of a counter_map opened inside a read section"), "%s", message);
    cr_assert(counter_map_try_read_lock(&map), "the try_ form does not wait, so it may");
    counter_map_read_unlock(&map);
    int_map_read_unlock(&other);
}

Test(errors, destroy_inside_a_section_panics)
{
    static int_map map;
    im_panic_set_handler(remember);
    cr_assert_eq(int_map_insert(&map, 1, 1), 0);
    int_map_read_lock(&map);
    if (setjmp(escape) == 0) {
        int_map_destroy(&map);
        cr_assert_fail("should have panicked");
    }
    int_map_read_unlock(&map);
    cr_assert_str_eq(message, "map: int_map destroyed inside a read section or by its own callback");
    int_map_destroy(&map);
}
