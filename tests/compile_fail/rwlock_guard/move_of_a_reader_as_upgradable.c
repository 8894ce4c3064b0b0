/* SPDX-License-Identifier: MIT */
/* error: upgradable_guard: move needs an im_upgradable_guard */
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
    upgradable moved = im_upgradable_guard_move(r);
    (void)moved;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable moved = im_upgradable_guard_move(u);
    (void)moved;
#endif
}
