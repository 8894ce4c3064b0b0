/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: cannot assign */
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
    *r = (reader){0};
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader moved = im_read_guard_move(r);
    (void)moved;
#endif
}
