/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

/* case: assign */
/* error gcc: assignment of read-only location '*one' */
/* error clang: with const-qualified data member 'im_type' */
void use_assign(number_lock *one, number_lock *other)
{
#ifdef BROKEN_assign
    *one = *other;
#else
    *im_rwlock_get_mut(one) = *im_rwlock_get_mut(other);
#endif
}

/* case: destroy_of_a_cell */
/* error: rwlock: destroy needs an im_rwlock */
void use_destroy_of_a_cell(number_lock *lock, number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_destroy_of_a_cell
    (void)im_rwlock_destroy(cell);
#else
    (void)im_rwlock_destroy(lock);
#endif
}

/* case: downgrade_of_a_cell */
/* error: rwlock: downgrade needs an im_rwlock */
void use_downgrade_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_downgrade_of_a_cell
    (void)im_rwlock_downgrade(cell);
#else
    (void)im_rwlock_downgrade(lock);
#endif
}

/* case: downgrade_to_upgradable_of_a_cell */
/* error: rwlock: downgrade_to_upgradable needs an im_rwlock */
void use_downgrade_to_upgradable_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_downgrade_to_upgradable_of_a_cell
    (void)im_rwlock_downgrade_to_upgradable(cell);
#else
    (void)im_rwlock_downgrade_to_upgradable(lock);
#endif
}

/* case: downgrade_upgradable_of_a_cell */
/* error: rwlock: downgrade_upgradable needs an im_rwlock */
void use_downgrade_upgradable_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_downgrade_upgradable_of_a_cell
    (void)im_rwlock_downgrade_upgradable(cell);
#else
    (void)im_rwlock_downgrade_upgradable(lock);
#endif
}

/* case: fork_child_of_a_cell */
/* error: rwlock: fork_child needs an im_rwlock */
void use_fork_child_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_fork_child_of_a_cell
    im_rwlock_fork_child(cell);
#else
    im_rwlock_fork_child(lock);
#endif
}

/* case: fork_parent_of_a_cell */
/* error: rwlock: fork_parent needs an im_rwlock */
void use_fork_parent_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_fork_parent_of_a_cell
    im_rwlock_fork_parent(cell);
#else
    im_rwlock_fork_parent(lock);
#endif
}

/* case: fork_prepare_of_a_cell */
/* error: rwlock: fork_prepare needs an im_rwlock */
void use_fork_prepare_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_fork_prepare_of_a_cell
    im_rwlock_fork_prepare(cell);
#else
    im_rwlock_fork_prepare(lock);
#endif
}

/* case: get_mut_of_a_cell */
/* error: rwlock: get_mut needs an im_rwlock */
void use_get_mut_of_a_cell(number_lock *lock, number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_get_mut_of_a_cell
    (void)im_rwlock_get_mut(cell);
#else
    (void)im_rwlock_get_mut(lock);
#endif
}

/* case: into_inner_of_a_cell */
/* error: rwlock: into_inner needs an im_rwlock */
void use_into_inner_of_a_cell(number_lock *lock, number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_into_inner_of_a_cell
    (void)im_rwlock_into_inner(cell);
#else
    (void)im_rwlock_into_inner(lock);
#endif
}

/* case: read_for_of_a_cell */
/* error: rwlock: read_for needs an im_rwlock */
void use_read_for_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_read_for_of_a_cell
    (void)im_rwlock_read_for(cell, 1000);
#else
    (void)im_rwlock_read_for(lock, 1000);
#endif
}

/* case: read_of_a_cell */
/* error: rwlock: read needs an im_rwlock */
void use_read_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_read_of_a_cell
    (void)im_rwlock_read(cell);
#else
    (void)im_rwlock_read(lock);
#endif
}

/* case: read_recursive_of_a_cell */
/* error: rwlock: read_recursive needs an im_rwlock */
void use_read_recursive_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_read_recursive_of_a_cell
    (void)im_rwlock_read_recursive(cell);
#else
    (void)im_rwlock_read_recursive(lock);
#endif
}

/* case: read_unlock_of_a_cell */
/* error: rwlock: read_unlock needs an im_rwlock */
void use_read_unlock_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_read_unlock_of_a_cell
    (void)im_rwlock_read_unlock(cell);
#else
    (void)im_rwlock_read_unlock(lock);
#endif
}

/* case: read_until_of_a_cell */
/* error: rwlock: read_until needs an im_rwlock */
void use_read_until_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_read_until_of_a_cell
    (void)im_rwlock_read_until(cell, 1000);
#else
    (void)im_rwlock_read_until(lock, 1000);
#endif
}

/* case: try_read_of_a_cell */
/* error: rwlock: try_read needs an im_rwlock */
void use_try_read_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_try_read_of_a_cell
    (void)im_rwlock_try_read(cell);
#else
    (void)im_rwlock_try_read(lock);
#endif
}

/* case: try_read_recursive_of_a_cell */
/* error: rwlock: try_read_recursive needs an im_rwlock */
void use_try_read_recursive_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_try_read_recursive_of_a_cell
    (void)im_rwlock_try_read_recursive(cell);
#else
    (void)im_rwlock_try_read_recursive(lock);
#endif
}

/* case: try_upgradable_read_of_a_cell */
/* error: rwlock: try_upgradable_read needs an im_rwlock */
void use_try_upgradable_read_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_try_upgradable_read_of_a_cell
    (void)im_rwlock_try_upgradable_read(cell);
#else
    (void)im_rwlock_try_upgradable_read(lock);
#endif
}

/* case: try_upgrade_of_a_cell */
/* error: rwlock: try_upgrade needs an im_rwlock */
void use_try_upgrade_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_try_upgrade_of_a_cell
    (void)im_rwlock_try_upgrade(cell);
#else
    (void)im_rwlock_try_upgrade(lock);
#endif
}

/* case: try_write_of_a_cell */
/* error: rwlock: try_write needs an im_rwlock */
void use_try_write_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_try_write_of_a_cell
    (void)im_rwlock_try_write(cell);
#else
    (void)im_rwlock_try_write(lock);
#endif
}

/* case: upgradable_read_for_of_a_cell */
/* error: rwlock: upgradable_read_for needs an im_rwlock */
void use_upgradable_read_for_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_upgradable_read_for_of_a_cell
    (void)im_rwlock_upgradable_read_for(cell, 1000);
#else
    (void)im_rwlock_upgradable_read_for(lock, 1000);
#endif
}

/* case: upgradable_read_of_a_cell */
/* error: rwlock: upgradable_read needs an im_rwlock */
void use_upgradable_read_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_upgradable_read_of_a_cell
    (void)im_rwlock_upgradable_read(cell);
#else
    (void)im_rwlock_upgradable_read(lock);
#endif
}

/* case: upgradable_read_until_of_a_cell */
/* error: rwlock: upgradable_read_until needs an im_rwlock */
void use_upgradable_read_until_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_upgradable_read_until_of_a_cell
    (void)im_rwlock_upgradable_read_until(cell, 1000);
#else
    (void)im_rwlock_upgradable_read_until(lock, 1000);
#endif
}

/* case: upgradable_unlock_of_a_cell */
/* error: rwlock: upgradable_unlock needs an im_rwlock */
void use_upgradable_unlock_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_upgradable_unlock_of_a_cell
    (void)im_rwlock_upgradable_unlock(cell);
#else
    (void)im_rwlock_upgradable_unlock(lock);
#endif
}

/* case: upgrade_for_of_a_cell */
/* error: rwlock: upgrade_for needs an im_rwlock */
void use_upgrade_for_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_upgrade_for_of_a_cell
    (void)im_rwlock_upgrade_for(cell, 1000);
#else
    (void)im_rwlock_upgrade_for(lock, 1000);
#endif
}

/* case: upgrade_of_a_cell */
/* error: rwlock: upgrade needs an im_rwlock */
void use_upgrade_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_upgrade_of_a_cell
    (void)im_rwlock_upgrade(cell);
#else
    (void)im_rwlock_upgrade(lock);
#endif
}

/* case: upgrade_until_of_a_cell */
/* error: rwlock: upgrade_until needs an im_rwlock */
void use_upgrade_until_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_upgrade_until_of_a_cell
    (void)im_rwlock_upgrade_until(cell, 1000);
#else
    (void)im_rwlock_upgrade_until(lock, 1000);
#endif
}

/* case: value_mut_of_a_cell */
/* error: rwlock: value_mut needs an im_rwlock */
void use_value_mut_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_value_mut_of_a_cell
    (void)im_rwlock_value_mut(cell);
#else
    (void)im_rwlock_value_mut(lock);
#endif
}

/* case: value_of_a_cell */
/* error: rwlock: value needs an im_rwlock */
void use_value_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_value_of_a_cell
    (void)im_rwlock_value(cell);
#else
    (void)im_rwlock_value(lock);
#endif
}

/* case: write_after_a_downgrade */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_after_a_downgrade(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_after_a_downgrade
    *im_rwlock_downgrade(lock) = 1;
#else
    *im_rwlock_write(lock) = 1;
#endif
}

/* case: write_for_of_a_cell */
/* error: rwlock: write_for needs an im_rwlock */
void use_write_for_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_write_for_of_a_cell
    (void)im_rwlock_write_for(cell, 1000);
#else
    (void)im_rwlock_write_for(lock, 1000);
#endif
}

/* case: write_of_a_cell */
/* error: rwlock: write needs an im_rwlock */
void use_write_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_write_of_a_cell
    (void)im_rwlock_write(cell);
#else
    (void)im_rwlock_write(lock);
#endif
}

/* case: write_through_a_block */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_block(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_through_a_block
    im_rwlock_with_read(p, lock) *p = 1;
#else
    im_rwlock_with_write(p, lock) *p = 1;
#endif
}

/* case: write_through_a_read */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_read(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_through_a_read
    *im_rwlock_read(lock) = 1;
#else
    *im_rwlock_write(lock) = 1;
#endif
}

/* case: write_through_a_read_sharded */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_read_sharded(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_through_a_read_sharded
    *im_rwlock_read(sharded) = 1;
#else
    *im_rwlock_write(sharded) = 1;
#endif
}

/* case: write_through_a_read_value */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_read_value(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_through_a_read_value
    *im_rwlock_value(lock) = 1;
#else
    *im_rwlock_value_mut(lock) = 1;
#endif
}

/* case: write_through_a_try_block */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_try_block(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_through_a_try_block
    im_rwlock_try_with_read(p, lock) *p = 1;
#else
    im_rwlock_try_with_write(p, lock) *p = 1;
#endif
}

/* case: write_through_a_try_read */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_try_read(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_through_a_try_read
    *im_rwlock_try_read(lock) = 1;
#else
    *im_rwlock_try_write(lock) = 1;
#endif
}

/* case: write_through_an_upgradable_read */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_an_upgradable_read(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN_write_through_an_upgradable_read
    *im_rwlock_upgradable_read(lock) = 1;
#else
    *im_rwlock_upgrade(lock) = 1;
#endif
}

/* case: write_unlock_of_a_cell */
/* error: rwlock: write_unlock needs an im_rwlock */
void use_write_unlock_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_write_unlock_of_a_cell
    (void)im_rwlock_write_unlock(cell);
#else
    (void)im_rwlock_write_unlock(lock);
#endif
}

/* case: write_until_of_a_cell */
/* error: rwlock: write_until needs an im_rwlock */
void use_write_until_of_a_cell(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN_write_until_of_a_cell
    (void)im_rwlock_write_until(cell, 1000);
#else
    (void)im_rwlock_write_until(lock, 1000);
#endif
}

/* case: write_without_lock */
/* error gcc: assignment of member */
/* error clang: cannot assign to variable */
void use_write_without_lock(const number_lock *lock)
{
#ifdef BROKEN_write_without_lock
    lock->im_value = 1;
#else
    im_rwlock_with_write(p, lock) *p = 1;
#endif
}
