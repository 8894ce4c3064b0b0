/* SPDX-License-Identifier: MIT */
#include <intermut/lazy.h>
#include <intermut/mut_once.h>
#include <intermut/once.h>
#include <intermut/once_race.h>

static int make(int *out, void *argument)
{
    *out = *(int *)argument;
    return 0;
}

static int three = 3;
static im_once(int) number;
static im_lazy(int) lazy_number = IM_LAZY_INIT(make, &three);
static im_once_race(int) raced_number;
static im_sync_mut_once(int) open_number = IM_MUT_ONCE_INIT(2);

int main(void)
{
    im_mut_once_with_mut(n, &open_number)
        *n += 1;
    return *im_once_get_or_init(&number, make, &three) == 3 && *im_lazy_get(&lazy_number) == 3 &&
                   im_once_race_get_or_init(&raced_number, make, &three, NULL) == 3 &&
                   *im_mut_once_get(&open_number) == 3
               ? 0
               : 1;
}
