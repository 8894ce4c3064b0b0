/* SPDX-License-Identifier: MIT */
/* Row L9: reads and writes of an rwlock as values. Built for both forms, plain and checked. */
#include "rwlocks.h"

#include "../cell/panics.h"

typedef im_read_guard(struct pair) pair_reader;
typedef im_read_guard(int) side_reader;
typedef im_write_guard(struct pair) pair_writer;
typedef im_write_guard(int) side_writer;
typedef im_upgradable_guard(struct pair) pair_upgradable;
typedef im_upgradable_guard(int) side_upgradable;

static side_reader read_left(const pair_lock *lock)
{
    pair_reader whole = im_rwlock_read_guard(pair_reader, lock);
    return im_read_guard_map(side_reader, &whole, p, &p->left);
}

static side_writer write_right(const pair_lock *lock)
{
    pair_writer whole = im_rwlock_write_guard(pair_writer, lock);
    return im_write_guard_map(side_writer, &whole, p, &p->right);
}

TEST_EACH_POLICY(rwlock_guard, a_function_returns_it)
{
    side_reader left = read_left(&shared);
    cr_assert_eq(*im_read_guard_get(&left), 1);
    cr_assert_null(im_rwlock_try_write(&shared));
    im_read_guard_release(&left);
    cr_assert_null(im_read_guard_get(&left));
    cr_assert_not(im_rwlock_is_locked(&shared));

    side_writer right = write_right(&shared);
    *im_write_guard_get(&right) = 7;
    cr_assert_null(im_rwlock_try_read(&shared));
    im_write_guard_release(&right);
    cr_assert_null(im_write_guard_get(&right));
    cr_assert_eq(im_rwlock_get_mut(&shared)->right, 7);
}

TEST_EACH_POLICY(rwlock_guard, a_try_gives_an_empty_one)
{
    pair_reader reader = im_rwlock_try_read_guard(pair_reader, &shared);
    cr_assert_not_null(im_read_guard_get(&reader));
    pair_writer none = im_rwlock_try_write_guard(pair_writer, &shared);
    cr_assert_null(im_write_guard_get(&none));
    pair_upgradable upgradable = im_rwlock_try_upgradable_guard(pair_upgradable, &shared);
    cr_assert_not_null(im_upgradable_guard_get(&upgradable));
    pair_upgradable second = im_rwlock_try_upgradable_guard(pair_upgradable, &shared);
    cr_assert_null(im_upgradable_guard_get(&second));
    im_upgradable_guard_release(&upgradable);
    im_read_guard_release(&reader);
    pair_writer writer = im_rwlock_try_write_guard(pair_writer, &shared);
    pair_reader late = im_rwlock_try_read_guard(pair_reader, &shared);
    cr_assert_null(im_read_guard_get(&late));
    im_write_guard_release(&writer);
}

TEST_EACH_POLICY(rwlock_guard, a_time_limit_gives_an_empty_one)
{
    const uint64_t past_ns = im_sync_now_ns();
    pair_reader reader = im_rwlock_read_guard_for(pair_reader, &shared, 1);
    cr_assert_eq(im_read_guard_get(&reader)->left, 1);
    const uint64_t from_ns = im_sync_now_ns();
    pair_writer none = im_rwlock_write_guard_for(pair_writer, &shared, 1000000);
    cr_assert_null(im_write_guard_get(&none));
    cr_assert_geq(im_sync_now_ns() - from_ns, 1000000);
    pair_upgradable upgradable = im_rwlock_upgradable_guard_until(pair_upgradable, &shared, past_ns);
    cr_assert_not_null(im_upgradable_guard_get(&upgradable));
    pair_upgradable second = im_rwlock_upgradable_guard_for(pair_upgradable, &shared, 1);
    cr_assert_null(im_upgradable_guard_get(&second));
    im_upgradable_guard_release(&upgradable);
    im_read_guard_release(&reader);
    pair_writer writer = im_rwlock_write_guard_until(pair_writer, &shared, past_ns);
    cr_assert_not_null(im_write_guard_get(&writer));
    pair_reader late = im_rwlock_read_guard_until(pair_reader, &shared, past_ns);
    cr_assert_null(im_read_guard_get(&late));
    im_write_guard_release(&writer);
}

TEST_EACH_POLICY(rwlock_guard, a_move_empties_it)
{
    pair_reader reader = im_rwlock_read_guard(pair_reader, &shared), reader_now = im_read_guard_move(&reader);
    cr_assert_null(im_read_guard_get(&reader));
    im_read_guard_release(&reader_now);
    pair_writer writer = im_rwlock_write_guard(pair_writer, &shared), writer_now = im_write_guard_move(&writer);
    cr_assert_null(im_write_guard_get(&writer));
    im_write_guard_release(&writer_now);
    pair_upgradable upgradable = im_rwlock_upgradable_guard(pair_upgradable, &shared);
    pair_upgradable upgradable_now = im_upgradable_guard_move(&upgradable);
    cr_assert_null(im_upgradable_guard_get(&upgradable));
    im_upgradable_guard_release(&upgradable_now);
}

TEST_EACH_POLICY(rwlock_guard, it_ends_with_its_scope)
{
    {
        IM_RWLOCK_GUARD_SCOPED pair_reader reader = im_rwlock_read_guard(pair_reader, &shared);
        IM_RWLOCK_GUARD_SCOPED pair_upgradable upgradable = im_rwlock_try_upgradable_guard(pair_upgradable, &shared);
        cr_assert(im_rwlock_is_locked(&shared));
    }
    cr_assert_not(im_rwlock_is_locked(&shared));
    {
        IM_RWLOCK_GUARD_SCOPED pair_writer writer = im_rwlock_write_guard(pair_writer, &shared);
        cr_assert(im_rwlock_is_locked(&shared));
    }
    cr_assert_not(im_rwlock_is_locked(&shared));
    {
        IM_RWLOCK_GUARD_SCOPED pair_writer writer = im_rwlock_write_guard(pair_writer, &shared);
        im_write_guard_release(&writer);
    }
}

TEST_EACH_POLICY(rwlock_guard, filter_map_keeps_the_lock_where_there_is_nothing)
{
    pair_reader reader = im_rwlock_read_guard(pair_reader, &shared);
    side_reader none = im_read_guard_filter_map(side_reader, &reader, p, p->left > 1 ? &p->left : NULL);
    cr_assert_null(im_read_guard_get(&none));
    side_reader right = im_read_guard_filter_map(side_reader, &reader, p, p->right > 1 ? &p->right : NULL);
    cr_assert_null(im_read_guard_get(&reader));
    cr_assert_eq(*im_read_guard_get(&right), 2);
    im_read_guard_release(&right);

    pair_writer writer = im_rwlock_write_guard(pair_writer, &shared);
    side_writer nothing = im_write_guard_filter_map(side_writer, &writer, p, p->left > 1 ? &p->left : NULL);
    cr_assert_null(im_write_guard_get(&nothing));
    side_writer something = im_write_guard_filter_map(side_writer, &writer, p, p->right > 1 ? &p->right : NULL);
    cr_assert_null(im_write_guard_get(&writer));
    im_write_guard_release(&something);
}

TEST_EACH_POLICY(rwlock_guard, the_last_part_ends_the_section)
{
    for (int turn = 0; turn < 2; turn++) {
        pair_writer writer = im_rwlock_write_guard(pair_writer, &shared);
        side_writer left = {0}, right = {0};
        im_write_guard_map_split(&writer, p, (&left, &p->left), (&right, &p->right));
        cr_assert_null(im_write_guard_get(&writer));
        *im_write_guard_get(&left) = 3, *im_write_guard_get(&right) = 4;
        im_write_guard_release(turn ? &left : &right);
        cr_assert_null(im_rwlock_try_read(&shared));
        im_write_guard_release(turn ? &right : &left);
        cr_assert_not(im_rwlock_is_locked(&shared));

        pair_reader reader = im_rwlock_read_guard(pair_reader, &shared);
        side_reader one = {0}, two = {0};
        im_read_guard_map_split(&reader, p, (&one, &p->left), (&two, &p->left));
        cr_assert_null(im_read_guard_get(&reader));
        cr_assert_eq(*im_read_guard_get(&one) + *im_read_guard_get(&two), 6, "parts of a read may overlap");
        im_read_guard_release(turn ? &one : &two);
        cr_assert_null(im_rwlock_try_write(&shared));
        im_read_guard_release(turn ? &two : &one);
        cr_assert_not(im_rwlock_is_locked(&shared));
    }
}

struct four {
    int a, b, c, d;
};

Test(rwlock_guard, a_writer_has_up_to_four_parts)
{
    im_rwlock(struct four) four = {0};
    typedef im_write_guard(struct four) four_writer;
    typedef im_write_guard(int) part;
    four_writer writer = im_rwlock_write_guard(four_writer, &four);
    part a = {0}, b = {0}, c = {0}, d = {0};
    im_write_guard_map_split(&writer, f, (&a, &f->a), (&b, &f->b), (&c, &f->c), (&d, &f->d));
    typedef im_write_guard(char) byte;
    byte low = {0}, high = {0};
    ASSERT_PANICS(im_write_guard_map_split(&a, i, (&low, (char *)i), (&high, (char *)i + 1)),
                  "cannot split `a`: too many parts");
    im_write_guard_release(&c);
    im_write_guard_map_split(&a, i, (&low, (char *)i), (&high, (char *)i + 1));
    im_write_guard_release(&low), im_write_guard_release(&high), im_write_guard_release(&b);
    cr_assert(im_rwlock_is_locked(&four));
    im_write_guard_release(&d);
    cr_assert_not(im_rwlock_is_locked(&four));
    cr_assert_eq(four.im_raw.state, 0);
}

TEST_EACH_POLICY(rwlock_guard, a_leak_lasts_until_its_unlock)
{
    pair_reader reader = im_rwlock_read_guard(pair_reader, &shared);
    cr_assert_eq(im_read_guard_leak(&reader)->left, 1);
    cr_assert_null(im_read_guard_get(&reader));
    cr_assert_null(im_rwlock_try_write(&shared));
    im_rwlock_read_unlock(&shared);
    pair_writer writer = im_rwlock_write_guard(pair_writer, &shared);
    im_write_guard_leak(&writer)->left = 5;
    im_rwlock_write_unlock(&shared);
    pair_upgradable upgradable = im_rwlock_upgradable_guard(pair_upgradable, &shared);
    cr_assert_eq(im_upgradable_guard_leak(&upgradable)->left, 5);
    im_rwlock_upgradable_unlock(&shared);
}

TEST_EACH_POLICY(rwlock_guard, readers_and_writers_become_each_other)
{
    pair_upgradable upgradable = im_rwlock_upgradable_guard(pair_upgradable, &shared);
    pair_reader other = im_rwlock_try_read_guard(pair_reader, &shared);
    pair_writer none = im_upgradable_guard_try_upgrade(pair_writer, &upgradable);
    cr_assert_null(im_write_guard_get(&none), "there is another reader");
    cr_assert_not_null(im_upgradable_guard_get(&upgradable));
    im_read_guard_release(&other);
    pair_writer writer = im_upgradable_guard_try_upgrade(pair_writer, &upgradable);
    cr_assert_null(im_upgradable_guard_get(&upgradable));
    im_write_guard_get(&writer)->left = 8;
    pair_upgradable again = im_write_guard_downgrade_to_upgradable(pair_upgradable, &writer);
    cr_assert_null(im_write_guard_get(&writer));
    pair_writer second = im_upgradable_guard_upgrade(pair_writer, &again);
    cr_assert_null(im_rwlock_try_read(&shared));
    pair_reader reader = im_write_guard_downgrade(pair_reader, &second);
    cr_assert_eq(im_read_guard_get(&reader)->left, 8);
    pair_reader beside = im_rwlock_try_read_guard(pair_reader, &shared);
    cr_assert_not_null(im_read_guard_get(&beside));
    im_read_guard_release(&beside);
    im_read_guard_release(&reader);

    pair_upgradable third = im_rwlock_upgradable_guard(pair_upgradable, &shared);
    pair_reader plain = im_upgradable_guard_downgrade(pair_reader, &third);
    cr_assert_null(im_upgradable_guard_get(&third));
    pair_upgradable beside_it = im_rwlock_try_upgradable_guard(pair_upgradable, &shared);
    cr_assert_not_null(im_upgradable_guard_get(&beside_it), "the place is free again");
    im_upgradable_guard_release(&beside_it);
    im_read_guard_release(&plain);
}

TEST_EACH_POLICY(rwlock_guard, a_narrowed_writer_is_downgraded_as_well)
{
    side_writer right = write_right(&shared);
    side_upgradable upgradable = im_write_guard_downgrade_to_upgradable(side_upgradable, &right);
    side_writer again = im_upgradable_guard_upgrade(side_writer, &upgradable);
    *im_write_guard_get(&again) = 9;
    side_reader reader = im_write_guard_downgrade(side_reader, &again);
    cr_assert_eq(*im_read_guard_get(&reader), 9);
    im_read_guard_release(&reader);
}

static bool is_free_meanwhile(void)
{
    bool is_free = false;
    im_rwlock_try_with_write(p, &shared) is_free = true, p->left++;
    else
    {
    }
    return is_free;
}

TEST_EACH_POLICY(rwlock_guard, unlocked_blocks_let_others_in)
{
    static int seen;
    seen = 0;
    pair_reader reader = im_rwlock_read_guard(pair_reader, &shared);
    im_read_guard_unlocked(&reader) seen += is_free_meanwhile();
    cr_assert_not(is_free_meanwhile());
    im_read_guard_unlocked(&reader)
    {
        ASSERT_PANICS(im_read_guard_release(&reader), "cannot release `reader`: the guard holds no lock");
        break;
    }
    cr_assert_not(is_free_meanwhile());
    im_read_guard_release(&reader);
    pair_writer writer = im_rwlock_write_guard(pair_writer, &shared);
    im_write_guard_unlocked(&writer) seen += is_free_meanwhile();
    cr_assert_not(is_free_meanwhile());
    im_write_guard_release(&writer);
    pair_upgradable upgradable = im_rwlock_upgradable_guard(pair_upgradable, &shared);
    im_upgradable_guard_unlocked(&upgradable) seen += is_free_meanwhile();
    cr_assert_not(is_free_meanwhile());
    im_upgradable_guard_release(&upgradable);

    im_rwlock_with_read(p, &shared)
    {
        im_rwlock_unlocked_read(&shared) seen += is_free_meanwhile();
        cr_assert_eq(p->left, 5);
        cr_assert_not(is_free_meanwhile());
    }
    im_rwlock_with_write(p, &shared)
    {
        im_rwlock_unlocked_write(&shared) seen += is_free_meanwhile();
        cr_assert_null(im_rwlock_try_read(&shared));
        cr_assert_eq(p->left, 6);
    }
    (void)im_rwlock_upgradable_read(&shared);
    im_rwlock_unlocked_upgradable(&shared) seen += is_free_meanwhile();
    cr_assert_eq(im_rwlock_upgrade(&shared)->left, 7);
    im_rwlock_write_unlock(&shared);
    cr_assert_eq(seen, 6);
}

Test(rwlock_guard, broken_rules)
{
    pair_reader reader = {0};
    pair_writer writer = {0};
    pair_upgradable upgradable = {0};
    side_reader side = {0};
    side_writer left = {0}, right = {0};
    ASSERT_PANICS(im_read_guard_release(&reader), "cannot release `reader`: the guard holds no lock");
    ASSERT_PANICS((void)im_read_guard_leak(&reader), "cannot leak `reader`: the guard holds no lock");
    ASSERT_PANICS((void)im_read_guard_map(side_reader, &reader, p, &p->left),
                  "cannot map `reader`: the guard holds no lock");
    ASSERT_PANICS((void)im_read_guard_filter_map(side_reader, &reader, p, &p->left),
                  "cannot filter_map `reader`: the guard holds no lock");
    ASSERT_PANICS(im_read_guard_map_split(&reader, p, (&side, &p->left)),
                  "cannot split `reader`: the guard holds no lock");
    ASSERT_PANICS(im_read_guard_unlocked(&reader){}, "cannot unlock `reader`: the guard holds no lock");
    ASSERT_PANICS((void)im_write_guard_downgrade(pair_reader, &writer),
                  "cannot downgrade `writer`: the guard holds no lock");
    ASSERT_PANICS((void)im_upgradable_guard_upgrade(pair_writer, &upgradable),
                  "cannot upgrade `upgradable`: the guard holds no lock");
    ASSERT_PANICS((void)im_upgradable_guard_try_upgrade(pair_writer, &upgradable),
                  "cannot try_upgrade `upgradable`: the guard holds no lock");

    pair_writer held = im_rwlock_write_guard(pair_writer, &shared);
    ASSERT_PANICS(im_write_guard_map_split(&held, p, (&left, &p->left), (&right, &p->left)),
                  "cannot split `held`: parts 1 and 2 overlap");
    im_write_guard_map_split(&held, p, (&left, &p->left), (&right, &p->right));
    ASSERT_PANICS_LIKE((void)im_write_guard_downgrade(side_reader, &left),
                       "cannot downgrade `left`: its guard was split");
    ASSERT_PANICS_LIKE(im_write_guard_unlocked(&left){}, "cannot unlock `left`: its guard was split");
    ASSERT_PANICS_LIKE(im_rwlock_unlocked_write(&shared){}, "cannot unlock `shared`: its guard was split");
    cr_assert_not_null(im_write_guard_get(&left));
}

#if IM_CHECKED
Test(rwlock_guard, what_is_held_is_on_record)
{
    struct im_lock_hold holds[4];
    pair_reader reader = im_rwlock_read_guard(pair_reader, &shared);
    side_reader one = {0}, two = {0};
    im_read_guard_map_split(&reader, p, (&one, &p->left), (&two, &p->right));
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 2);
    cr_assert_eq(holds[0].mode, IM_LOCK_SHARED);
    im_read_guard_release(&two);
    im_read_guard_release(&one);
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 0);

    pair_writer writer = im_rwlock_write_guard(pair_writer, &shared);
    side_writer left = {0}, right = {0};
    im_write_guard_map_split(&writer, p, (&left, &p->left), (&right, &p->right));
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 1);
    im_write_guard_release(&left);
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 1, "one part is left");
    cr_assert_eq(holds[0].mode, IM_LOCK_EXCLUSIVE);
    im_write_guard_release(&right);
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 0);

    pair_upgradable upgradable = im_rwlock_upgradable_guard(pair_upgradable, &shared);
    pair_writer now = im_upgradable_guard_upgrade(pair_writer, &upgradable);
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 1);
    cr_assert_eq(holds[0].mode, IM_LOCK_EXCLUSIVE);
    im_write_guard_leak(&now);
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 1);
    cr_assert_not(im_lock_checked_is_mine(&shared));
    im_rwlock_write_unlock(&shared);
    cr_assert_eq(im_lock_holders(&shared, holds, 4), 0);
}
#endif
