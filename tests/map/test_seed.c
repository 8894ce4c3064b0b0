/* SPDX-License-Identifier: MIT */
/* The seed of a map is drawn once, whatever the system says. */
#include <criterion/criterion.h>

#include <string.h>
#include <sys/random.h>

#include <intermut/map.h>

#define IM_MAP_NAME int_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

static ssize_t answer;
static int drawn;

/* Instead of the C library's: no entropy at all, or an error. */
ssize_t getrandom(void *buffer, size_t bytes, unsigned flags)
{
    (void)flags;
    drawn++;
    memset(buffer, 0, bytes);
    errno = EAGAIN;
    return answer < 0 ? answer : (ssize_t)bytes;
}

static void check_map(void)
{
    static int_map map;
    errno = 77;
    for (int key = 0; key < 100; key++) {
        cr_assert_eq(int_map_insert(&map, key, key), 0);
        cr_assert_eq(int_map_insert(&map, key, key), EEXIST);
    }
    cr_assert_eq(errno, 77, "errno is left alone");
    int_map_destroy(&map);
}

Test(seed, zeros_are_not_drawn_again)
{
    answer = 0;
    check_map();
    cr_assert_eq(drawn, 1);
}

Test(seed, no_entropy_is_still_a_correct_map)
{
    answer = -1;
    check_map();
}
