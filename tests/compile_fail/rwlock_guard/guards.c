/* SPDX-License-Identifier: MIT */
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_read_guard(int) reader;
typedef im_write_guard(int) writer;
typedef im_upgradable_guard(int) upgradable;
typedef im_read_guard(long) long_reader;
typedef im_write_guard(long) long_writer;
typedef im_upgradable_guard(long) long_upgradable;

/* case: assign */
/* error gcc: assignment of read-only location */
/* error clang: cannot assign */
void use_assign(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_assign
    (void)lock, (void)r, (void)w, (void)u;
    *r = (reader){0};
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader moved = im_read_guard_move(r);
    (void)moved;
#endif
}

/* case: downgrade_of_a_reader_as_upgradable */
/* error: upgradable_guard: downgrade needs an im_upgradable_guard */
void use_downgrade_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_upgradable_guard_downgrade(reader, r);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_upgradable_guard_downgrade(reader, u);
    (void)now;
#endif
}

/* case: downgrade_of_a_reader_as_writer */
/* error: write_guard: downgrade needs an im_write_guard */
void use_downgrade_of_a_reader_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_of_a_reader_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_write_guard_downgrade(reader, r);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_write_guard_downgrade(reader, w);
    (void)now;
#endif
}

/* case: downgrade_of_upgradable_to_another_type */
/* error: upgradable_guard: downgrade makes an im_read_guard of the same T */
void use_downgrade_of_upgradable_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_of_upgradable_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_reader now = im_upgradable_guard_downgrade(long_reader, u);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_upgradable_guard_downgrade(reader, u);
    (void)now;
#endif
}

/* case: downgrade_of_upgradable_to_itself */
/* error: upgradable_guard: downgrade makes an im_read_guard of the same T */
void use_downgrade_of_upgradable_to_itself(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_of_upgradable_to_itself
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_upgradable_guard_downgrade(upgradable, u);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_upgradable_guard_downgrade(reader, u);
    (void)now;
#endif
}

/* case: downgrade_of_writer_to_another_type */
/* error: write_guard: downgrade makes an im_read_guard of the same T */
void use_downgrade_of_writer_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_of_writer_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_reader now = im_write_guard_downgrade(long_reader, w);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_write_guard_downgrade(reader, w);
    (void)now;
#endif
}

/* case: downgrade_of_writer_to_itself */
/* error: write_guard: downgrade makes an im_read_guard of the same T */
void use_downgrade_of_writer_to_itself(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_of_writer_to_itself
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_write_guard_downgrade(writer, w);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader now = im_write_guard_downgrade(reader, w);
    (void)now;
#endif
}

/* case: downgrade_to_upgradable_of_a_reader_as_writer */
/* error: write_guard: downgrade_to_upgradable needs an im_write_guard */
void use_downgrade_to_upgradable_of_a_reader_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_to_upgradable_of_a_reader_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_write_guard_downgrade_to_upgradable(upgradable, r);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_write_guard_downgrade_to_upgradable(upgradable, w);
    (void)now;
#endif
}

/* case: downgrade_to_upgradable_of_writer_to_another_type */
/* error: write_guard: downgrade_to_upgradable makes an im_upgradable_guard of the same T */
void use_downgrade_to_upgradable_of_writer_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_to_upgradable_of_writer_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_upgradable now = im_write_guard_downgrade_to_upgradable(long_upgradable, w);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_write_guard_downgrade_to_upgradable(upgradable, w);
    (void)now;
#endif
}

/* case: downgrade_to_upgradable_of_writer_to_itself */
/* error: write_guard: downgrade_to_upgradable makes an im_upgradable_guard of the same T */
void use_downgrade_to_upgradable_of_writer_to_itself(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_downgrade_to_upgradable_of_writer_to_itself
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_write_guard_downgrade_to_upgradable(writer, w);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_write_guard_downgrade_to_upgradable(upgradable, w);
    (void)now;
#endif
}

/* case: filter_map_of_reader_to_another_type */
/* error: read_guard: filter_map needs a pointer to the T of the new guard */
void use_filter_map_of_reader_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_filter_map_of_reader_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_reader part = im_read_guard_filter_map(long_reader, r, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_filter_map(reader, r, p, p);
    (void)part;
#endif
}

/* case: filter_map_of_reader_to_writer */
/* error: read_guard: filter_map makes an im_read_guard */
void use_filter_map_of_reader_to_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_filter_map_of_reader_to_writer
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_read_guard_filter_map(writer, r, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_filter_map(reader, r, p, p);
    (void)part;
#endif
}

/* case: filter_map_of_upgradable_as_writer */
/* error: write_guard: filter_map needs an im_write_guard */
void use_filter_map_of_upgradable_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_filter_map_of_upgradable_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_filter_map(writer, u, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_filter_map(writer, w, p, p);
    (void)part;
#endif
}

/* case: filter_map_of_writer_as_reader */
/* error: read_guard: filter_map needs an im_read_guard */
void use_filter_map_of_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_filter_map_of_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_filter_map(reader, w, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_filter_map(reader, r, p, p);
    (void)part;
#endif
}

/* case: filter_map_of_writer_to_another_type */
/* error: write_guard: filter_map needs a pointer to the T of the new guard */
void use_filter_map_of_writer_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_filter_map_of_writer_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_writer part = im_write_guard_filter_map(long_writer, w, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_filter_map(writer, w, p, p);
    (void)part;
#endif
}

/* case: filter_map_of_writer_to_upgradable */
/* error: write_guard: filter_map makes an im_write_guard */
void use_filter_map_of_writer_to_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_filter_map_of_writer_to_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    upgradable part = im_write_guard_filter_map(upgradable, w, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_filter_map(writer, w, p, p);
    (void)part;
#endif
}

/* case: get_of_a_reader_as_upgradable */
/* error: upgradable_guard: get needs an im_upgradable_guard */
void use_get_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_get_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_upgradable_guard_get(r);
#else
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_upgradable_guard_get(u);
#endif
}

/* case: get_of_a_writer_as_reader */
/* error: read_guard: get needs an im_read_guard */
void use_get_of_a_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_get_of_a_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_read_guard_get(w);
#else
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_read_guard_get(r);
#endif
}

/* case: get_of_an_upgradable_one_as_writer */
/* error: write_guard: get needs an im_write_guard */
void use_get_of_an_upgradable_one_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_get_of_an_upgradable_one_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_write_guard_get(u);
#else
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_write_guard_get(w);
#endif
}

/* case: leak_of_a_reader_as_upgradable */
/* error: upgradable_guard: leak needs an im_upgradable_guard */
void use_leak_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_leak_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_upgradable_guard_leak(r);
#else
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_upgradable_guard_leak(u);
#endif
}

/* case: leak_of_a_writer_as_reader */
/* error: read_guard: leak needs an im_read_guard */
void use_leak_of_a_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_leak_of_a_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_read_guard_leak(w);
#else
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_read_guard_leak(r);
#endif
}

/* case: leak_of_an_upgradable_one_as_writer */
/* error: write_guard: leak needs an im_write_guard */
void use_leak_of_an_upgradable_one_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_leak_of_an_upgradable_one_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_write_guard_leak(u);
#else
    (void)lock, (void)r, (void)w, (void)u;
    (void)im_write_guard_leak(w);
#endif
}

/* case: map_of_a_writer_to_a_constant */
/* error: write_guard: map needs a pointer to the T of the new guard */
void use_map_of_a_writer_to_a_constant(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_of_a_writer_to_a_constant
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

/* case: map_of_reader_to_another_type */
/* error: read_guard: map needs a pointer to the T of the new guard */
void use_map_of_reader_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_of_reader_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_reader part = im_read_guard_map(long_reader, r, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_map(reader, r, p, p);
    (void)part;
#endif
}

/* case: map_of_reader_to_writer */
/* error: read_guard: map makes an im_read_guard */
void use_map_of_reader_to_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_of_reader_to_writer
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_read_guard_map(writer, r, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_map(reader, r, p, p);
    (void)part;
#endif
}

/* case: map_of_upgradable_as_writer */
/* error: write_guard: map needs an im_write_guard */
void use_map_of_upgradable_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_of_upgradable_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_map(writer, u, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_map(writer, w, p, p);
    (void)part;
#endif
}

/* case: map_of_writer_as_reader */
/* error: read_guard: map needs an im_read_guard */
void use_map_of_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_of_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_map(reader, w, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_map(reader, r, p, p);
    (void)part;
#endif
}

/* case: map_of_writer_to_another_type */
/* error: write_guard: map needs a pointer to the T of the new guard */
void use_map_of_writer_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_of_writer_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_writer part = im_write_guard_map(long_writer, w, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_map(writer, w, p, p);
    (void)part;
#endif
}

/* case: map_of_writer_to_upgradable */
/* error: write_guard: map makes an im_write_guard */
void use_map_of_writer_to_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_of_writer_to_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    upgradable part = im_write_guard_map(upgradable, w, p, p);
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_map(writer, w, p, p);
    (void)part;
#endif
}

/* case: map_split_of_reader_to_another_type */
/* error: read_guard: map_split needs pairs (im_read_guard *, pointer to its T) */
void use_map_split_of_reader_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_split_of_reader_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_reader part = {0};
    im_read_guard_map_split(r, p, (&part, p));
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = {0};
    im_read_guard_map_split(r, p, (&part, p));
#endif
}

/* case: map_split_of_reader_to_writer */
/* error: read_guard: map_split needs pairs (im_read_guard *, pointer to its T) */
void use_map_split_of_reader_to_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_split_of_reader_to_writer
    (void)lock, (void)r, (void)w, (void)u;
    writer part = {0};
    im_read_guard_map_split(r, p, (&part, p));
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = {0};
    im_read_guard_map_split(r, p, (&part, p));
#endif
}

/* case: map_split_of_upgradable_as_writer */
/* error: write_guard: map_split needs an im_write_guard */
void use_map_split_of_upgradable_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_split_of_upgradable_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    writer part = {0};
    im_write_guard_map_split(u, p, (&part, p));
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = {0};
    im_write_guard_map_split(w, p, (&part, p));
#endif
}

/* case: map_split_of_writer_as_reader */
/* error: read_guard: map_split needs an im_read_guard */
void use_map_split_of_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_split_of_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    reader part = {0};
    im_read_guard_map_split(w, p, (&part, p));
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader part = {0};
    im_read_guard_map_split(r, p, (&part, p));
#endif
}

/* case: map_split_of_writer_to_another_type */
/* error: write_guard: map_split needs pairs (im_write_guard *, pointer to its T) */
void use_map_split_of_writer_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_split_of_writer_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_writer part = {0};
    im_write_guard_map_split(w, p, (&part, p));
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = {0};
    im_write_guard_map_split(w, p, (&part, p));
#endif
}

/* case: map_split_of_writer_to_upgradable */
/* error: write_guard: map_split needs pairs (im_write_guard *, pointer to its T) */
void use_map_split_of_writer_to_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_map_split_of_writer_to_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    upgradable part = {0};
    im_write_guard_map_split(w, p, (&part, p));
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = {0};
    im_write_guard_map_split(w, p, (&part, p));
#endif
}

/* case: move_of_a_reader_as_upgradable */
/* error: upgradable_guard: move needs an im_upgradable_guard */
void use_move_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_move_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    upgradable moved = im_upgradable_guard_move(r);
    (void)moved;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable moved = im_upgradable_guard_move(u);
    (void)moved;
#endif
}

/* case: move_of_a_writer_as_reader */
/* error: read_guard: move needs an im_read_guard */
void use_move_of_a_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_move_of_a_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    reader moved = im_read_guard_move(w);
    (void)moved;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader moved = im_read_guard_move(r);
    (void)moved;
#endif
}

/* case: move_of_an_upgradable_one_as_writer */
/* error: write_guard: move needs an im_write_guard */
void use_move_of_an_upgradable_one_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_move_of_an_upgradable_one_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    writer moved = im_write_guard_move(u);
    (void)moved;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer moved = im_write_guard_move(w);
    (void)moved;
#endif
}

/* case: read_guard_of_a_guard */
/* error: rwlock: read_guard needs an im_read_guard(T) and an im_rwlock(T) */
void use_read_guard_of_a_guard(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_read_guard_of_a_guard
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_read_guard(reader, r);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_read_guard(reader, lock);
    (void)held;
#endif
}

/* case: read_guard_of_another_kind */
/* error: rwlock: read_guard needs an im_read_guard(T) and an im_rwlock(T) */
void use_read_guard_of_another_kind(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_read_guard_of_another_kind
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_read_guard(writer, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_read_guard(reader, lock);
    (void)held;
#endif
}

/* case: read_guard_of_another_type */
/* error: rwlock: read_guard needs an im_read_guard(T) and an im_rwlock(T) */
void use_read_guard_of_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_read_guard_of_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_reader held = im_rwlock_read_guard(long_reader, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_read_guard(reader, lock);
    (void)held;
#endif
}

/* case: release_of_a_reader_as_upgradable */
/* error: upgradable_guard: release needs an im_upgradable_guard */
void use_release_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_release_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    im_upgradable_guard_release(r);
#else
    (void)lock, (void)r, (void)w, (void)u;
    im_upgradable_guard_release(u);
#endif
}

/* case: release_of_a_writer_as_reader */
/* error: read_guard: release needs an im_read_guard */
void use_release_of_a_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_release_of_a_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    im_read_guard_release(w);
#else
    (void)lock, (void)r, (void)w, (void)u;
    im_read_guard_release(r);
#endif
}

/* case: release_of_an_upgradable_one_as_writer */
/* error: write_guard: release needs an im_write_guard */
void use_release_of_an_upgradable_one_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_release_of_an_upgradable_one_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    im_write_guard_release(u);
#else
    (void)lock, (void)r, (void)w, (void)u;
    im_write_guard_release(w);
#endif
}

/* case: try_read_guard_of_a_guard */
/* error: rwlock: try_read_guard needs an im_read_guard(T) and an im_rwlock(T) */
void use_try_read_guard_of_a_guard(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_read_guard_of_a_guard
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_try_read_guard(reader, r);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_try_read_guard(reader, lock);
    (void)held;
#endif
}

/* case: try_read_guard_of_another_kind */
/* error: rwlock: try_read_guard needs an im_read_guard(T) and an im_rwlock(T) */
void use_try_read_guard_of_another_kind(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_read_guard_of_another_kind
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_try_read_guard(writer, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_try_read_guard(reader, lock);
    (void)held;
#endif
}

/* case: try_read_guard_of_another_type */
/* error: rwlock: try_read_guard needs an im_read_guard(T) and an im_rwlock(T) */
void use_try_read_guard_of_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_read_guard_of_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_reader held = im_rwlock_try_read_guard(long_reader, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_try_read_guard(reader, lock);
    (void)held;
#endif
}

/* case: try_upgradable_guard_of_a_guard */
/* error: rwlock: try_upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_try_upgradable_guard_of_a_guard(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_upgradable_guard_of_a_guard
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_try_upgradable_guard(upgradable, u);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_try_upgradable_guard(upgradable, lock);
    (void)held;
#endif
}

/* case: try_upgradable_guard_of_another_kind */
/* error: rwlock: try_upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_try_upgradable_guard_of_another_kind(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_upgradable_guard_of_another_kind
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_try_upgradable_guard(reader, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_try_upgradable_guard(upgradable, lock);
    (void)held;
#endif
}

/* case: try_upgradable_guard_of_another_type */
/* error: rwlock: try_upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_try_upgradable_guard_of_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_upgradable_guard_of_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_upgradable held = im_rwlock_try_upgradable_guard(long_upgradable, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_try_upgradable_guard(upgradable, lock);
    (void)held;
#endif
}

/* case: try_upgrade_of_a_reader_as_upgradable */
/* error: upgradable_guard: try_upgrade needs an im_upgradable_guard */
void use_try_upgrade_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_upgrade_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_try_upgrade(writer, r);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_try_upgrade(writer, u);
    (void)now;
#endif
}

/* case: try_upgrade_of_upgradable_to_another_type */
/* error: upgradable_guard: try_upgrade makes an im_write_guard of the same T */
void use_try_upgrade_of_upgradable_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_upgrade_of_upgradable_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_writer now = im_upgradable_guard_try_upgrade(long_writer, u);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_try_upgrade(writer, u);
    (void)now;
#endif
}

/* case: try_upgrade_of_upgradable_to_itself */
/* error: upgradable_guard: try_upgrade makes an im_write_guard of the same T */
void use_try_upgrade_of_upgradable_to_itself(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_upgrade_of_upgradable_to_itself
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_upgradable_guard_try_upgrade(upgradable, u);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_try_upgrade(writer, u);
    (void)now;
#endif
}

/* case: try_write_guard_of_a_guard */
/* error: rwlock: try_write_guard needs an im_write_guard(T) and an im_rwlock(T) */
void use_try_write_guard_of_a_guard(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_write_guard_of_a_guard
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_try_write_guard(writer, w);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_try_write_guard(writer, lock);
    (void)held;
#endif
}

/* case: try_write_guard_of_another_kind */
/* error: rwlock: try_write_guard needs an im_write_guard(T) and an im_rwlock(T) */
void use_try_write_guard_of_another_kind(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_write_guard_of_another_kind
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_try_write_guard(upgradable, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_try_write_guard(writer, lock);
    (void)held;
#endif
}

/* case: try_write_guard_of_another_type */
/* error: rwlock: try_write_guard needs an im_write_guard(T) and an im_rwlock(T) */
void use_try_write_guard_of_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_try_write_guard_of_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_writer held = im_rwlock_try_write_guard(long_writer, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_try_write_guard(writer, lock);
    (void)held;
#endif
}

/* case: unlocked_of_a_reader_as_upgradable */
/* error: upgradable_guard: unlocked needs an im_upgradable_guard */
void use_unlocked_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_unlocked_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    im_upgradable_guard_unlocked(r){}
#else
    (void)lock, (void)r, (void)w, (void)u;
    im_upgradable_guard_unlocked(u)
    {
    }
#endif
}

/* case: unlocked_of_a_writer_as_reader */
/* error: read_guard: unlocked needs an im_read_guard */
void use_unlocked_of_a_writer_as_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_unlocked_of_a_writer_as_reader
    (void)lock, (void)r, (void)w, (void)u;
    im_read_guard_unlocked(w){}
#else
    (void)lock, (void)r, (void)w, (void)u;
    im_read_guard_unlocked(r)
    {
    }
#endif
}

/* case: unlocked_of_an_upgradable_one_as_writer */
/* error: write_guard: unlocked needs an im_write_guard */
void use_unlocked_of_an_upgradable_one_as_writer(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_unlocked_of_an_upgradable_one_as_writer
    (void)lock, (void)r, (void)w, (void)u;
    im_write_guard_unlocked(u){}
#else
    (void)lock, (void)r, (void)w, (void)u;
    im_write_guard_unlocked(w)
    {
    }
#endif
}

/* case: upgradable_guard_of_a_guard */
/* error: rwlock: upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_upgradable_guard_of_a_guard(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_upgradable_guard_of_a_guard
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_upgradable_guard(upgradable, u);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_upgradable_guard(upgradable, lock);
    (void)held;
#endif
}

/* case: upgradable_guard_of_another_kind */
/* error: rwlock: upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_upgradable_guard_of_another_kind(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_upgradable_guard_of_another_kind
    (void)lock, (void)r, (void)w, (void)u;
    reader held = im_rwlock_upgradable_guard(reader, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_upgradable_guard(upgradable, lock);
    (void)held;
#endif
}

/* case: upgradable_guard_of_another_type */
/* error: rwlock: upgradable_guard needs an im_upgradable_guard(T) and an im_rwlock(T) */
void use_upgradable_guard_of_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_upgradable_guard_of_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_upgradable held = im_rwlock_upgradable_guard(long_upgradable, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_upgradable_guard(upgradable, lock);
    (void)held;
#endif
}

/* case: upgrade_of_a_reader_as_upgradable */
/* error: upgradable_guard: upgrade needs an im_upgradable_guard */
void use_upgrade_of_a_reader_as_upgradable(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_upgrade_of_a_reader_as_upgradable
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_upgrade(writer, r);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_upgrade(writer, u);
    (void)now;
#endif
}

/* case: upgrade_of_upgradable_to_another_type */
/* error: upgradable_guard: upgrade makes an im_write_guard of the same T */
void use_upgrade_of_upgradable_to_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_upgrade_of_upgradable_to_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_writer now = im_upgradable_guard_upgrade(long_writer, u);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_upgrade(writer, u);
    (void)now;
#endif
}

/* case: upgrade_of_upgradable_to_itself */
/* error: upgradable_guard: upgrade makes an im_write_guard of the same T */
void use_upgrade_of_upgradable_to_itself(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_upgrade_of_upgradable_to_itself
    (void)lock, (void)r, (void)w, (void)u;
    upgradable now = im_upgradable_guard_upgrade(upgradable, u);
    (void)now;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer now = im_upgradable_guard_upgrade(writer, u);
    (void)now;
#endif
}

/* case: write_guard_of_a_guard */
/* error: rwlock: write_guard needs an im_write_guard(T) and an im_rwlock(T) */
void use_write_guard_of_a_guard(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_write_guard_of_a_guard
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_write_guard(writer, w);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_write_guard(writer, lock);
    (void)held;
#endif
}

/* case: write_guard_of_another_kind */
/* error: rwlock: write_guard needs an im_write_guard(T) and an im_rwlock(T) */
void use_write_guard_of_another_kind(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_write_guard_of_another_kind
    (void)lock, (void)r, (void)w, (void)u;
    upgradable held = im_rwlock_write_guard(upgradable, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_write_guard(writer, lock);
    (void)held;
#endif
}

/* case: write_guard_of_another_type */
/* error: rwlock: write_guard needs an im_write_guard(T) and an im_rwlock(T) */
void use_write_guard_of_another_type(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_write_guard_of_another_type
    (void)lock, (void)r, (void)w, (void)u;
    long_writer held = im_rwlock_write_guard(long_writer, lock);
    (void)held;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer held = im_rwlock_write_guard(writer, lock);
    (void)held;
#endif
}

/* case: write_through_a_leaked_reader */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_leaked_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_write_through_a_leaked_reader
    (void)lock, (void)r, (void)w, (void)u;
    *im_read_guard_leak(r) = 1;
#else
    (void)lock, (void)r, (void)w, (void)u;
    *im_write_guard_leak(w) = 1;
#endif
}

/* case: write_through_a_map_of_a_reader */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_map_of_a_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_write_through_a_map_of_a_reader
    (void)lock, (void)r, (void)w, (void)u;
    reader part = im_read_guard_map(reader, r, p, (*p = 1, p));
    (void)part;
#else
    (void)lock, (void)r, (void)w, (void)u;
    writer part = im_write_guard_map(writer, w, p, (*p = 1, p));
    (void)part;
#endif
}

/* case: write_through_a_reader */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_reader(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_write_through_a_reader
    (void)lock, (void)r, (void)w, (void)u;
    *im_read_guard_get(r) = 1;
#else
    (void)lock, (void)r, (void)w, (void)u;
    *im_write_guard_get(w) = 1;
#endif
}

/* case: write_through_an_upgradable_one */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_an_upgradable_one(const number_lock *lock, reader *r, writer *w, upgradable *u)
{
#ifdef BROKEN_write_through_an_upgradable_one
    (void)lock, (void)r, (void)w, (void)u;
    *im_upgradable_guard_get(u) = 1;
#else
    (void)lock, (void)r, (void)w, (void)u;
    *im_write_guard_get(w) = 1;
#endif
}
