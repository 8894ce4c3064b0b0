/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <intermut/backoff.h>

Test(backoff, zeroed_is_fresh_and_is_spent_after_its_rounds)
{
    struct im_backoff backoff = {0};
    for (int round = 0; round < IM_BACKOFF_SPIN_ROUNDS; round++) {
        cr_assert(!im_backoff_is_spent(&backoff));
        im_backoff_wait(&backoff);
    }
    cr_assert(im_backoff_is_spent(&backoff));
}

Test(backoff, waiting_goes_on_when_spent)
{
    struct im_backoff backoff = {.round = IM_BACKOFF_SPIN_ROUNDS};
    im_backoff_wait(&backoff);
    cr_assert_eq(backoff.round, IM_BACKOFF_SPIN_ROUNDS);
}
