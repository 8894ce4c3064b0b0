/* SPDX-License-Identifier: MIT */
/* Row O5, for im_lazy and im_unsync_lazy (-DUNSYNC). */
#include <criterion/criterion.h>

#include <errno.h>

#include "../cell/panics.h"

#include <intermut/lazy.h>

#ifdef UNSYNC
#define LAZY(T) im_unsync_lazy(T)
#else
#define LAZY(T) im_lazy(T)
#endif

typedef LAZY(int) int_lazy;

static int error, inits;

static int make(int *out, void *argument)
{
    inits++;
    *out = *(int *)argument;
    return error;
}

static int five = 5;
static int_lazy lazy = IM_LAZY_INIT(make, &five);
static int_lazy minds = IM_LAZY_POISONING_INIT(make, &five);

Test(lazy, is_made_at_its_first_use)
{
    cr_assert_null(im_lazy_peek(&lazy));
    cr_assert_null(im_lazy_get_mut(&lazy));
    cr_assert_eq(inits, 0);
    const int *value = im_lazy_get(&lazy);
    cr_assert_eq(*value, 5);
    cr_assert_eq(im_lazy_get(&lazy), value);
    cr_assert_eq(im_lazy_peek(&lazy), value);
    cr_assert_eq(im_lazy_get_mut(&lazy), value);
    cr_assert_eq(inits, 1);
}

Test(lazy, an_error_reaches_the_caller_and_the_next_one_tries)
{
    const int *value = NULL;
    error = ENOENT;
    cr_assert_null(im_lazy_get(&lazy));
    cr_assert_eq(im_lazy_try_get(&lazy, &value), ENOENT);
    cr_assert_null(value);
    error = 0;
    cr_assert_eq(im_lazy_try_get(&lazy, &value), 0);
    cr_assert_eq(*value, 5);
    cr_assert_eq(inits, 3);
}

static int need_itself(int *out, void *self)
{
    const int *value;
    *out = 0;
    return im_lazy_try_get((const int_lazy *)self, &value);
}

static int_lazy recursive;
static int_lazy recursive = IM_LAZY_INIT(need_itself, &recursive);

static int panic_inside(int *out, void *self)
{
    *out = *im_lazy_get((const int_lazy *)self);
    return 0;
}

static int_lazy panicking;
static int_lazy panicking = IM_LAZY_INIT(panic_inside, &panicking);

Test(lazy, recursion_is_told)
{
    const int *value;
    cr_assert_eq(im_lazy_try_get(&recursive, &value), EDEADLK);
    im_panic_set_handler(remember_panic);
    if (setjmp(panic_escape) == 0) {
        (void)im_lazy_get(&panicking);
        cr_assert_fail("should have panicked");
    }
    cr_assert_str_eq(panic_message, "cannot get `(const int_lazy *)self`: this thread is initialising it");
    cr_assert_str_eq(panic_here.function, "panic_inside");
    cr_assert_str_eq(panic_before.function, __func__);
}

Test(lazy, a_zeroed_one_has_no_function)
{
    static int_lazy zeroed;
    const int *value;
    cr_assert_eq(im_lazy_try_get(&zeroed, &value), EINVAL);
    ASSERT_PANICS((void)im_lazy_get(&zeroed), "cannot get `zeroed`: there is no function to initialise it");
}

static int dropped;

static void drop(int *value)
{
    dropped = *value;
}

Test(lazy, is_made_anew_after_it_was_ended)
{
    int taken = 0;
    cr_assert_eq(im_lazy_take(&lazy, &taken), ENOENT);
    (void)im_lazy_get(&lazy);
    cr_assert_eq(im_lazy_take(&lazy, &taken), 0);
    cr_assert_eq(taken, 5);
    five = 6;
    cr_assert_eq(*im_lazy_get(&lazy), 6);
    im_lazy_destroy(&lazy, drop);
    cr_assert_eq(dropped, 6);
    five = 7;
    cr_assert_eq(*im_lazy_get(&lazy), 7);
    cr_assert_eq(im_lazy_try_destroy(&lazy, drop), 0);
    cr_assert_eq(dropped, 7);
    (void)im_lazy_get(&lazy);
    cr_assert_eq(im_lazy_into_inner(&lazy, &taken), 0);
    cr_assert_eq(taken, 7);
    cr_assert_eq(inits, 4);
}

static int_lazy ended;

static int end_itself(int *out, void *unused)
{
    (void)unused;
    *out = im_lazy_try_destroy(&ended, drop);
    ASSERT_PANICS(im_lazy_destroy(&ended, drop), "cannot destroy `ended`: somebody initialises it");
    return 0;
}

static int_lazy ended = IM_LAZY_INIT(end_itself, NULL);

Test(lazy, is_not_ended_while_it_is_being_made)
{
    cr_assert_eq(*im_lazy_get(&ended), EBUSY);
}

Test(lazy, an_error_does_not_poison_one_that_minds)
{
    const int *value;
    error = EIO;
    cr_assert_eq(im_lazy_try_get(&minds, &value), EIO);
    cr_assert_not(im_lazy_is_poisoned(&minds));
    error = 0;
    cr_assert_eq(im_lazy_try_get(&minds, &value), 0);
}
