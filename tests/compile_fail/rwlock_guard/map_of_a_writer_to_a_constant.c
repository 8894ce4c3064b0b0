/* SPDX-License-Identifier: MIT */
/* error: write_guard: map needs a pointer to the T of the new guard */
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
    static const int constant = 1;
    writer part = im_write_guard_map(writer, w, p, &constant);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_map(writer, w, p, p);
    (void)part;
#endif
}
