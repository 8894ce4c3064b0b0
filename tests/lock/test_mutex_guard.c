/* SPDX-License-Identifier: MIT */
/* Row L9: locked mutexes as values. */
#include "../cell/panics.h"

#include <intermut/mutex.h>

struct pair {
    int left, right;
};
typedef im_mutex(struct pair) pair_mutex;
typedef im_mutex_guard(struct pair) pair_guard;
typedef im_mutex_guard(int) side_guard;

static pair_mutex pairs = IM_MUTEX_INIT({1, 2});

static side_guard lock_left(const pair_mutex *mutex)
{
    pair_guard whole = im_mutex_lock_guard(pair_guard, mutex);
    return im_mutex_guard_map(side_guard, &whole, p, &p->left);
}

Test(mutex_guard, a_function_returns_it)
{
    side_guard left = lock_left(&pairs);
    cr_assert(im_mutex_is_locked(&pairs));
    cr_assert_eq(*im_mutex_guard_get(&left), 1);
    *im_mutex_guard_get(&left) = 5;
    im_mutex_guard_release(&left);
    cr_assert_null(im_mutex_guard_get(&left));
    cr_assert_not(im_mutex_is_locked(&pairs));
    cr_assert_eq(im_mutex_get_mut(&pairs)->left, 5);
}

Test(mutex_guard, a_time_limit_gives_an_empty_one)
{
    const uint64_t past_ns = im_sync_now_ns();
    pair_guard first = im_mutex_lock_guard_for(pair_guard, &pairs, 1);
    cr_assert_eq(im_mutex_guard_get(&first)->left, im_mutex_value(&pairs)->left);
    const uint64_t from_ns = im_sync_now_ns();
    pair_guard late = im_mutex_lock_guard_for(pair_guard, &pairs, 2000000);
    cr_assert_null(im_mutex_guard_get(&late));
    cr_assert_geq(im_sync_now_ns() - from_ns, 2000000);
    pair_guard later = im_mutex_lock_guard_until(pair_guard, &pairs, past_ns);
    cr_assert_null(im_mutex_guard_get(&later));
    im_mutex_guard_release(&first);
    pair_guard free = im_mutex_lock_guard_until(pair_guard, &pairs, past_ns);
    cr_assert_not_null(im_mutex_guard_get(&free));
    im_mutex_guard_release(&free);
    cr_assert_not(im_mutex_is_locked(&pairs));
}

Test(mutex_guard, a_try_gives_an_empty_one)
{
    pair_guard first = im_mutex_try_lock_guard(pair_guard, &pairs);
    pair_guard second = im_mutex_try_lock_guard(pair_guard, &pairs);
    cr_assert_not_null(im_mutex_guard_get(&first));
    cr_assert_null(im_mutex_guard_get(&second));
    pair_guard moved = im_mutex_guard_move(&first);
    cr_assert_null(im_mutex_guard_get(&first));
    im_mutex_guard_release_fair(&moved);
    cr_assert_not(im_mutex_is_locked(&pairs));
}

Test(mutex_guard, it_ends_with_its_scope)
{
    {
        IM_MUTEX_GUARD_SCOPED pair_guard guard = im_mutex_lock_guard(pair_guard, &pairs);
        cr_assert_not_null(im_mutex_guard_get(&guard));
    }
    cr_assert_not(im_mutex_is_locked(&pairs));
    {
        IM_MUTEX_GUARD_SCOPED pair_guard guard = im_mutex_lock_guard(pair_guard, &pairs);
        im_mutex_guard_release(&guard);
    }
    cr_assert_not(im_mutex_is_locked(&pairs));
}

Test(mutex_guard, filter_map_keeps_the_lock_where_there_is_nothing)
{
    pair_guard guard = im_mutex_lock_guard(pair_guard, &pairs);
    side_guard none = im_mutex_guard_filter_map(side_guard, &guard, p, p->left > 1 ? &p->left : NULL);
    cr_assert_null(im_mutex_guard_get(&none));
    side_guard right = im_mutex_guard_filter_map(side_guard, &guard, p, p->right > 1 ? &p->right : NULL);
    cr_assert_null(im_mutex_guard_get(&guard));
    cr_assert_eq(*im_mutex_guard_get(&right), 2);
    im_mutex_guard_release(&right);
    cr_assert_not(im_mutex_is_locked(&pairs));
}

Test(mutex_guard, the_last_part_unlocks)
{
    for (int order = 0; order < 2; order++) {
        pair_guard guard = im_mutex_lock_guard(pair_guard, &pairs);
        side_guard left = {0}, right = {0};
        im_mutex_guard_map_split(&guard, p, (&left, &p->left), (&right, &p->right));
        cr_assert_null(im_mutex_guard_get(&guard));
        cr_assert_eq(*im_mutex_guard_get(&left) + *im_mutex_guard_get(&right), 3);
        im_mutex_guard_release(order ? &left : &right);
        cr_assert(im_mutex_is_locked(&pairs));
        im_mutex_guard_release(order ? &right : &left);
        cr_assert_not(im_mutex_is_locked(&pairs));
    }
}

Test(mutex_guard, a_leak_is_locked_until_unlock)
{
    pair_guard guard = im_mutex_lock_guard(pair_guard, &pairs);
    struct pair *value = im_mutex_guard_leak(&guard);
    cr_assert_eq(value->right, 2);
    cr_assert(im_mutex_is_locked(&pairs));
    im_mutex_unlock(&pairs);
}

Test(mutex_guard, unlocked_blocks_let_others_in)
{
    pair_guard guard = im_mutex_lock_guard(pair_guard, &pairs);
    im_mutex_guard_unlocked(&guard)
    {
        im_mutex_with(p, &pairs) p->left = 6;
        ASSERT_PANICS(im_mutex_guard_release(&guard), "cannot release `guard`: the guard holds no lock");
    }
    cr_assert(im_mutex_is_locked(&pairs));
    im_mutex_guard_unlocked(&guard) break;
    cr_assert(im_mutex_is_locked(&pairs));
    cr_assert_eq(im_mutex_guard_get(&guard)->left, 6);
    side_guard left = {0}, right = {0};
    im_mutex_guard_map_split(&guard, p, (&left, &p->left), (&right, &p->right));
    ASSERT_PANICS(im_mutex_guard_unlocked(&left){}, "cannot unlock `left`: it is a part of a guard that was split");
    im_mutex_guard_release(&right);
    im_mutex_guard_unlocked(&left) cr_assert_not(im_mutex_is_locked(&pairs));
    im_mutex_guard_release(&left);
    cr_assert_not(im_mutex_is_locked(&pairs));
}

Test(mutex_guard, broken_rules)
{
    pair_guard guard = {0};
    side_guard left = {0}, right = {0};
    ASSERT_PANICS(im_mutex_guard_release(&guard), "cannot release `guard`: the guard holds no lock");
    ASSERT_PANICS((void)im_mutex_guard_leak(&guard), "cannot leak `guard`: the guard holds no lock");
    ASSERT_PANICS((void)im_mutex_guard_map(side_guard, &guard, p, &p->left),
                  "cannot map `guard`: the guard holds no lock");
    pair_guard held = im_mutex_lock_guard(pair_guard, &pairs);
    ASSERT_PANICS(im_mutex_guard_map_split(&held, p, (&left, &p->left), (&right, &p->left)),
                  "cannot split `held`: parts 1 and 2 overlap");
    pairs.im_raw.word += 254;
    ASSERT_PANICS(im_mutex_guard_map_split(&held, p, (&left, &p->left), (&right, &p->right)),
                  "cannot split `held`: too many parts");
    pairs.im_raw.word -= 254;
    im_mutex_guard_release(&held);

    im_mutex_of(im_raw_spinlock, struct pair) other = IM_MUTEX_INIT({0});
    pair_guard spinning = im_mutex_lock_guard(pair_guard, &other);
    ASSERT_PANICS(im_mutex_guard_map_split(&spinning, p, (&left, &p->left), (&right, &p->right)),
                  "cannot split `spinning`: its raw lock cannot be shared by parts");
    im_mutex_guard_release(&spinning);
    cr_assert_not(im_mutex_is_locked(&other));
}
