/* SPDX-License-Identifier: MIT */
/* error: rwlock: write_guard needs an im_write_guard(T) and an im_rwlock(T) */
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_read_guard(int) reader;
typedef im_write_guard(int) writer;
typedef im_upgradable_guard(int) upgradable;
typedef im_read_guard(long) long_reader;
typedef im_write_guard(long) long_writer;
typedef im_upgradable_guard(long) long_upgradable;

void use(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_write_guard(upgradable, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_write_guard(writer, lock);
    (void)held;
#endif
}
