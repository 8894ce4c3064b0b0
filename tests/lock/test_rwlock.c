/* SPDX-License-Identifier: MIT */
/* Rows L4 and L5 in one thread, and what panics. Built plain and checked. */
#include "rwlocks.h"

#include "../cell/panics.h"

#include <errno.h>
#include <stdio.h>

Test(rwlock, is_small_and_free_when_zeroed)
{
    cr_assert_eq(sizeof(pair_lock), LOCK_BYTES + sizeof(struct pair));
    static pair_lock zeroed;
    cr_assert_not(im_rwlock_is_locked(&zeroed));
    im_rwlock_with_read(p, &zeroed) cr_assert_eq(p->left + p->right, 0);
    cr_assert_eq(CENTRAL(&zeroed)->state, IM_RWLOCK_TASK_FAIR);
}

Test(rwlock, initialisers_set_value_and_policy)
{
    im_rwlock(int) one = IM_RWLOCK_INIT_POLICY(IM_RWLOCK_READER_PREFERRING, 5);
    cr_assert_eq(one.im_raw.state, IM_RWLOCK_READER_PREFERRING);
    cr_assert_eq(im_rwlock_into_inner(&one), 5);
    im_sharded_rwlock(struct pair) two = IM_SHARDED_RWLOCK_INIT_POLICY(IM_RWLOCK_WRITER_PREFERRING, {6, 7});
    cr_assert_eq(two.im_raw.central.state, IM_RWLOCK_WRITER_PREFERRING);
    cr_assert_eq(im_rwlock_into_inner(&two).right, 7);
}

TEST_EACH_POLICY(rwlock, readers_are_in_together_and_keep_writers_out)
{
    const struct pair *p = im_rwlock_read(&shared);
    cr_assert_eq(p->left + p->right, 3);
    cr_assert_eq(im_rwlock_try_read(&shared), p);
    cr_assert_eq(im_rwlock_try_read_recursive(&shared), p);
    cr_assert_null(im_rwlock_try_write(&shared));
    im_rwlock_read_unlock(&shared);
    im_rwlock_read_unlock(&shared);
    cr_assert_null(im_rwlock_try_write(&shared));
    cr_assert(im_rwlock_is_locked(&shared));
    im_rwlock_read_unlock(&shared);
    cr_assert_not(im_rwlock_is_locked(&shared));
}

TEST_EACH_POLICY(rwlock, a_writer_is_alone)
{
    struct pair *p = im_rwlock_write(&shared);
    p->left = 7;
    cr_assert_null(im_rwlock_try_read(&shared));
    cr_assert_null(im_rwlock_try_read_recursive(&shared));
    cr_assert_null(im_rwlock_try_write(&shared));
    cr_assert_null(im_rwlock_try_upgradable_read(&shared));
    im_rwlock_write_unlock(&shared);
    cr_assert_eq(im_rwlock_try_read(&shared)->left, 7);
    im_rwlock_read_unlock(&shared);
}

static int left_by(int how)
{
    for (int round = 0; round < 2; round++) {
        im_rwlock_with_write(p, &shared)
        {
            p->left = how;
            if (how == 0)
                break;
            if (how == 1)
                continue;
            if (how == 2)
                goto out;
            return how;
        }
        im_rwlock_with_read(p, &shared)
        {
            if (p->left != how)
                return -1;
            continue;
        }
    }
    return how;
out:
    return how;
}

TEST_EACH_POLICY(rwlock, blocks_end_however_they_are_left)
{
    for (int how = 0; how < 4; how++) {
        cr_assert_eq(left_by(how), how);
        cr_assert_not(im_rwlock_is_locked(&shared));
    }
}

TEST_EACH_POLICY(rwlock, try_blocks_have_an_else)
{
    int in = 0, out = 0;
    im_rwlock_try_with_write(p, &shared)
    {
        p->left = 4, in++;
        im_rwlock_try_with_read(q, &shared) in += q->left;
        else out++;
        im_rwlock_try_with_write(q, &shared) in += q->left;
        else out++;
    }
    else out++;
    im_rwlock_try_with_read(p, &shared)
    {
        im_rwlock_try_with_read(q, &shared) in += p == q;
        im_rwlock_try_with_write(q, &shared) in += q->left;
        else out++;
    }
    cr_assert_eq(in, 2);
    cr_assert_eq(out, 3);
}

static int evaluations;

static pair_lock *counted(void)
{
    evaluations++;
    return &shared;
}

Test(rwlock, arguments_are_evaluated_once)
{
    int expected = 0;
#define ONCE(statement)                        \
    do {                                       \
        statement;                             \
        cr_assert_eq(evaluations, ++expected); \
    } while (0)
    ONCE((void)im_rwlock_read(counted()));
    ONCE(im_rwlock_read_unlock(counted()));
    ONCE((void)!im_rwlock_try_read(counted()));
    ONCE(im_rwlock_read_unlock(counted()));
    ONCE((void)im_rwlock_write(counted()));
    ONCE((void)im_rwlock_downgrade(counted()));
    ONCE(im_rwlock_read_unlock(counted()));
    ONCE((void)!im_rwlock_write_for(counted(), 0));
    ONCE(im_rwlock_write_unlock(counted()));
    ONCE((void)im_rwlock_upgradable_read(counted()));
    ONCE((void)im_rwlock_upgrade(counted()));
    ONCE((void)im_rwlock_downgrade_to_upgradable(counted()));
    ONCE((void)!im_rwlock_try_upgrade(counted()));
    ONCE(im_rwlock_write_unlock(counted()));
    im_rwlock_with_read(p, counted()) expected++;
    im_rwlock_try_with_write(p, counted()) expected++;
    ONCE((void)im_rwlock_get_mut(counted()));
    ONCE((void)im_rwlock_into_inner(counted()));
    ONCE(im_rwlock_destroy(counted()));
}

TEST_EACH_POLICY(rwlock, downgrade_keeps_it_for_reading)
{
    struct pair *writing = im_rwlock_write(&shared);
    writing->left = 8;
    const struct pair *reading = im_rwlock_downgrade(&shared);
    cr_assert_eq(reading, writing);
    cr_assert_null(im_rwlock_try_write(&shared));
    cr_assert_eq(im_rwlock_try_read(&shared), reading);
    im_rwlock_read_unlock(&shared);
    im_rwlock_read_unlock(&shared);
}

TEST_EACH_POLICY(rwlock, an_upgradable_reader_is_beside_readers_but_the_only_one)
{
    const struct pair *p = im_rwlock_upgradable_read(&shared);
    cr_assert_null(im_rwlock_try_upgradable_read(&shared));
    cr_assert_null(im_rwlock_try_write(&shared));
    cr_assert_eq(im_rwlock_try_read(&shared), p);
    cr_assert_null(im_rwlock_try_upgrade(&shared));
    im_rwlock_read_unlock(&shared);

    struct pair *q = im_rwlock_try_upgrade(&shared);
    cr_assert_eq(q, p);
    cr_assert_null(im_rwlock_try_read(&shared));
    cr_assert_eq(im_rwlock_downgrade_to_upgradable(&shared), p);
    cr_assert_eq(im_rwlock_try_read(&shared), p);
    im_rwlock_read_unlock(&shared);
    cr_assert_eq(im_rwlock_upgrade(&shared), p);
    im_rwlock_write_unlock(&shared);

    p = im_rwlock_upgradable_read_for(&shared, 0);
    cr_assert_eq(im_rwlock_downgrade_upgradable(&shared), p);
    cr_assert_eq(im_rwlock_try_upgradable_read(&shared), p);
    im_rwlock_upgradable_unlock(&shared);
    im_rwlock_read_unlock(&shared);
}

TEST_EACH_POLICY(rwlock, attempts_in_time_are_as_good_as_any)
{
    const uint64_t never = UINT64_MAX, past = 0, second_ns = 1000000000;
    const uint64_t deadlines[] = {past, im_sync_now_ns() + second_ns, never};
    for (int i = 0; i < 3; i++) {
        cr_assert_not_null(im_rwlock_read_until(&shared, deadlines[i]));
        im_rwlock_read_unlock(&shared);
        cr_assert_not_null(im_rwlock_write_until(&shared, deadlines[i]));
        im_rwlock_write_unlock(&shared);
        cr_assert_not_null(im_rwlock_upgradable_read_until(&shared, deadlines[i]));
        cr_assert_not_null(im_rwlock_upgrade_until(&shared, deadlines[i]));
        im_rwlock_write_unlock(&shared);
    }
    const uint64_t durations[] = {0, second_ns, never};
    for (int i = 0; i < 3; i++) {
        cr_assert_not_null(im_rwlock_read_for(&shared, durations[i]));
        im_rwlock_read_unlock(&shared);
        cr_assert_not_null(im_rwlock_write_for(&shared, durations[i]));
        im_rwlock_write_unlock(&shared);
        cr_assert_not_null(im_rwlock_upgradable_read_for(&shared, durations[i]));
        cr_assert_not_null(im_rwlock_upgrade_for(&shared, durations[i]));
        im_rwlock_write_unlock(&shared);
    }
}

TEST_EACH_POLICY(rwlock, attempts_that_are_too_late_change_nothing)
{
    const uint64_t short_ns[] = {0, 1, 300000};
    errno = 77;
    for (int i = 0; i < 3; i++) {
        (void)im_rwlock_write(&shared);
        cr_assert_null(im_rwlock_read_for(&shared, short_ns[i]));
        cr_assert_null(im_rwlock_write_for(&shared, short_ns[i]));
        cr_assert_null(im_rwlock_upgradable_read_for(&shared, short_ns[i]));
        cr_assert_null(im_rwlock_read_until(&shared, short_ns[i]));
        cr_assert_null(im_rwlock_write_until(&shared, short_ns[i]));
        im_rwlock_write_unlock(&shared);
        cr_assert_not(im_rwlock_is_locked(&shared));

        (void)im_rwlock_read(&shared);
        cr_assert_null(im_rwlock_write_for(&shared, short_ns[i]));
        cr_assert_not_null(im_rwlock_try_read(&shared), "the gate is left closed");
        im_rwlock_read_unlock(&shared);
        cr_assert_not_null(im_rwlock_upgradable_read_for(&shared, short_ns[i]));
        cr_assert_null(im_rwlock_upgrade_for(&shared, short_ns[i]));
        cr_assert_null(im_rwlock_upgrade_until(&shared, short_ns[i]));
        cr_assert_not_null(im_rwlock_try_read(&shared), "the gate is left closed");
        im_rwlock_read_unlock(&shared);
        im_rwlock_upgradable_unlock(&shared);
        im_rwlock_read_unlock(&shared);
    }
    cr_assert_eq(errno, 77);
}

TEST_EACH_POLICY(rwlock, one_reader_too_many_is_refused_and_not_counted)
{
    const uint32_t full = (uint32_t)policy + IM_RWLOCK_MAX_READERS + 1;
    CENTRAL(&shared)->state = full - 1;
    cr_assert_not_null(im_rwlock_try_read(&shared));
    cr_assert_eq(CENTRAL(&shared)->state, full);
    cr_assert_null(im_rwlock_try_read(&shared));
    cr_assert_null(im_rwlock_try_read_recursive(&shared));
    cr_assert_null(im_rwlock_read_for(&shared, 1000));
    ASSERT_PANICS_LIKE((void)im_rwlock_read_recursive(&shared), "cannot read `shared`: too many readers");
    im_rwlock_try_with_read(p, &shared) cr_assert_fail("a reader too many");
    cr_assert_eq(CENTRAL(&shared)->state, full);
    CENTRAL(&shared)->state = (uint32_t)policy + 1;
    im_rwlock_read_unlock(&shared);
}

#if !IM_CHECKED /* which says more, and in other words */

TEST_EACH_POLICY(rwlock, giving_back_what_is_not_held_panics)
{
    const char *const not_held = "it is not held that way";
    char expected[100];
#define REFUSES(operation, statement)                                                        \
    do {                                                                                     \
        const uint32_t before = CENTRAL(&shared)->state;                                     \
        snprintf(expected, sizeof expected, "cannot %s `shared`: %s", #operation, not_held); \
        ASSERT_PANICS((void)statement, expected);                                            \
        cr_assert_eq(CENTRAL(&shared)->state, before);                                       \
    } while (0)
    REFUSES(read_unlock, im_rwlock_read_unlock(&shared));
    REFUSES(write_unlock, im_rwlock_write_unlock(&shared));
    REFUSES(upgradable_unlock, im_rwlock_upgradable_unlock(&shared));
    REFUSES(downgrade, im_rwlock_downgrade(&shared));
    REFUSES(downgrade_to_upgradable, im_rwlock_downgrade_to_upgradable(&shared));
    REFUSES(downgrade_upgradable, im_rwlock_downgrade_upgradable(&shared));
    REFUSES(upgrade, im_rwlock_upgrade(&shared));
    REFUSES(try_upgrade, !im_rwlock_try_upgrade(&shared));

    (void)im_rwlock_read(&shared);
    REFUSES(write_unlock, im_rwlock_write_unlock(&shared));
    REFUSES(upgrade, im_rwlock_upgrade(&shared));
    im_rwlock_read_unlock(&shared);
    (void)im_rwlock_write(&shared);
    REFUSES(read_unlock, im_rwlock_read_unlock(&shared));
    REFUSES(upgradable_unlock, im_rwlock_upgradable_unlock(&shared));
    im_rwlock_write_unlock(&shared);
}

static void assert_that_it_cannot_end(void)
{
    ASSERT_PANICS(im_rwlock_destroy(&shared), "cannot destroy `shared`: somebody holds it");
    ASSERT_PANICS((void)im_rwlock_into_inner(&shared), "cannot into_inner `shared`: somebody holds it");
    ASSERT_PANICS((void)im_rwlock_get_mut(&shared), "cannot get_mut `shared`: somebody holds it");
    ASSERT_PANICS(im_rwlock_set_policy(&shared, IM_RWLOCK_TASK_FAIR), "cannot set_policy `shared`: somebody holds it");
}

TEST_EACH_POLICY(rwlock, ending_it_while_somebody_holds_it_panics)
{
    (void)im_rwlock_read(&shared);
    assert_that_it_cannot_end();
    im_rwlock_read_unlock(&shared);
    (void)im_rwlock_write(&shared);
    assert_that_it_cannot_end();
    im_rwlock_write_unlock(&shared);
    (void)im_rwlock_upgradable_read(&shared);
    assert_that_it_cannot_end();
    im_rwlock_upgradable_unlock(&shared);
}

#else

Test(rwlock, the_checked_build_finds_who_waits_for_itself)
{
    (void)im_rwlock_write(&shared);
    ASSERT_PANICS_LIKE((void)im_rwlock_read(&shared), "cannot read `shared`: this thread has it already");
    cr_assert_eq(panic_lines[0].thread, im_sync_thread_number());
    ASSERT_PANICS_LIKE((void)im_rwlock_write(&shared), "cannot lock `shared`: this thread has it already");
    im_rwlock_write_unlock(&shared);
    (void)im_rwlock_read(&shared);
    (void)im_rwlock_read_recursive(&shared);
    im_rwlock_read_unlock(&shared);
    ASSERT_PANICS_LIKE((void)im_rwlock_write(&shared), "cannot lock `shared`: this thread has it already");
    ASSERT_PANICS_LIKE(im_rwlock_destroy(&shared), "");
    im_rwlock_read_unlock(&shared);
}

#endif
