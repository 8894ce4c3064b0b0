/* SPDX-License-Identifier: MIT */
/* error: read_guard: map makes an im_read_guard */
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
    writer part = im_read_guard_map(writer, r, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_map(reader, r, p, p);
    (void)part;
#endif
}
