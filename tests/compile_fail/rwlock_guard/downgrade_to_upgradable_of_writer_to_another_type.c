/* SPDX-License-Identifier: MIT */
/* error: write_guard: downgrade_to_upgradable makes an im_upgradable_guard of the same T */
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
    long_upgradable now = im_write_guard_downgrade_to_upgradable(long_upgradable, w);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_write_guard_downgrade_to_upgradable(upgradable, w);
    (void)now;
#endif
}
