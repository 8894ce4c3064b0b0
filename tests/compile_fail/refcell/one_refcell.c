/* SPDX-License-Identifier: MIT */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_refcell(long) large_number;
typedef im_ref(int) number_ref;
typedef im_ref_mut(int) number_ref_mut;
typedef struct {
    int left, right;
} pair;
typedef im_refcell(pair) pair_cell;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(pair) pair_ref_mut;
typedef im_ref(long) long_ref;

/* case: assign */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
void use_assign(number *self, number *other)
{
#ifdef BROKEN_assign
    *self = *other;
#else
    im_refcell_swap(self, other);
#endif
}

/* case: assign_a_guard */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
void use_assign_a_guard(number_ref *self, number_ref *other)
{
#ifdef BROKEN_assign_a_guard
    *self = *other;
#else
    im_ref_release(self);
    im_ref_release(other);
#endif
}

/* case: borrow_kept_as_non_const */
/* error gcc: initialization discards 'const' qualifier */
/* error clang: discards qualifiers */
void use_borrow_kept_as_non_const(const number *self)
{
#ifdef BROKEN_borrow_kept_as_non_const
    int *p = im_refcell_borrow(self);
    (void)p;
#else
    const int *p = im_refcell_borrow(self);
    (void)p;
#endif
}

/* case: clone_of_a_writer */
/* error: ref: clone needs an im_ref */
void use_clone_of_a_writer(number_ref *self, number_ref_mut *writer)
{
#ifdef BROKEN_clone_of_a_writer
    (void)im_ref_clone(writer);
#else
    (void)im_ref_clone(self);
    (void)writer;
#endif
}

/* case: filter_map_to_another_type */
/* error: ref: filter_map needs a pointer to the T of the new guard */
void use_filter_map_to_another_type(pair_ref *self)
{
#ifdef BROKEN_filter_map_to_another_type
    (void)im_ref_filter_map(long_ref, self, p, &p->left);
#else
    (void)im_ref_filter_map(number_ref, self, p, &p->left);
#endif
}

/* case: get_of_a_writer_as_a_reader */
/* error: ref: get needs an im_ref */
void use_get_of_a_writer_as_a_reader(number_ref *self, number_ref_mut *writer)
{
#ifdef BROKEN_get_of_a_writer_as_a_reader
    (void)im_ref_get(writer);
#else
    (void)im_ref_get(self);
    (void)im_ref_mut_get(writer);
#endif
}

/* case: guard_of_another_type */
/* error: refcell: borrow_ref needs an im_ref(T) and an im_refcell(T) */
void use_guard_of_another_type(const number *self, const large_number *other)
{
#ifdef BROKEN_guard_of_another_type
    number_ref r = im_refcell_borrow_ref(number_ref, other);
    im_ref_release(&r);
#else
    number_ref r = im_refcell_borrow_ref(number_ref, self);
    im_ref_release(&r);
    (void)other;
#endif
}

/* case: guard_that_is_a_refcell */
/* error: refcell: borrow_ref needs an im_ref(T) and an im_refcell(T) */
void use_guard_that_is_a_refcell(const number *self)
{
#ifdef BROKEN_guard_that_is_a_refcell
    number_ref r = im_refcell_borrow_ref(number, self);
    (void)r;
#else
    number_ref r = im_refcell_borrow_ref(number_ref, self);
    im_ref_release(&r);
#endif
}

/* case: leak_of_a_cell */
/* error: ref: leak needs an im_ref */
void use_leak_of_a_cell(const number *cell, number_ref *self)
{
#ifdef BROKEN_leak_of_a_cell
    (void)im_ref_leak(cell);
#else
    (void)im_ref_leak(self);
    (void)cell;
#endif
}

/* case: map_of_a_reader_to_a_writer */
/* error: ref: map makes an im_ref */
void use_map_of_a_reader_to_a_writer(pair_ref *self)
{
#ifdef BROKEN_map_of_a_reader_to_a_writer
    (void)im_ref_map(number_ref_mut, self, p, &p->left);
#else
    (void)im_ref_map(number_ref, self, p, &p->left);
#endif
}

/* case: map_split_of_a_writer_into_readers */
/* error: ref_mut: map_split needs pairs (im_ref_mut *, pointer to its T) */
void use_map_split_of_a_writer_into_readers(pair_ref_mut *self, number_ref *reader, number_ref_mut *writer)
{
#ifdef BROKEN_map_split_of_a_writer_into_readers
    im_ref_mut_map_split(self, p, (writer, &p->left), (reader, &p->right));
#else
    im_ref_mut_map_split(self, p, (writer, &p->left));
    (void)reader;
#endif
}

/* case: map_split_to_another_type */
/* error: ref: map_split needs pairs (im_ref *, pointer to its T) */
void use_map_split_to_another_type(pair_ref *self, number_ref *reader, long_ref *wrong)
{
#ifdef BROKEN_map_split_to_another_type
    im_ref_map_split(self, p, (reader, &p->left), (wrong, &p->right));
#else
    im_ref_map_split(self, p, (reader, &p->left));
    (void)wrong;
#endif
}

/* case: map_to_a_value */
/* error: ref_mut: map needs a pointer to the T of the new guard */
void use_map_to_a_value(pair_ref_mut *self)
{
#ifdef BROKEN_map_to_a_value
    (void)im_ref_mut_map(number_ref_mut, self, p, p->left);
#else
    (void)im_ref_mut_map(number_ref_mut, self, p, &p->left);
#endif
}

/* case: map_to_another_type */
/* error: ref: map needs a pointer to the T of the new guard */
void use_map_to_another_type(pair_ref *self)
{
#ifdef BROKEN_map_to_another_type
    (void)im_ref_map(long_ref, self, p, &p->left);
#else
    (void)im_ref_map(number_ref, self, p, &p->left);
#endif
}

/* case: move_of_a_writer_as_a_reader */
/* error: ref: move needs an im_ref */
void use_move_of_a_writer_as_a_reader(number_ref *self, number_ref_mut *writer)
{
#ifdef BROKEN_move_of_a_writer_as_a_reader
    (void)im_ref_move(writer);
#else
    (void)im_ref_move(self);
    (void)im_ref_mut_move(writer);
#endif
}

/* case: reader_in_a_writer_guard */
/* error: refcell: try_borrow_ref needs an im_ref(T) and an im_refcell(T) */
void use_reader_in_a_writer_guard(const number *self)
{
#ifdef BROKEN_reader_in_a_writer_guard
    number_ref_mut r = im_refcell_try_borrow_ref(number_ref_mut, self);
    im_ref_mut_release(&r);
#else
    number_ref r = im_refcell_try_borrow_ref(number_ref, self);
    im_ref_release(&r);
#endif
}

/* case: release_of_a_reader_as_a_writer */
/* error: ref_mut: release needs an im_ref_mut */
void use_release_of_a_reader_as_a_writer(number_ref *self)
{
#ifdef BROKEN_release_of_a_reader_as_a_writer
    im_ref_mut_release(self);
#else
    im_ref_release(self);
#endif
}

/* case: release_of_a_writer_as_a_reader */
/* error: ref: release needs an im_ref */
void use_release_of_a_writer_as_a_reader(number_ref_mut *self)
{
#ifdef BROKEN_release_of_a_writer_as_a_reader
    im_ref_release(self);
#else
    im_ref_mut_release(self);
#endif
}

/* case: replace_by_a_pointer */
/* error gcc: makes integer from pointer without a cast */
/* error clang: incompatible pointer to integer conversion */
void use_replace_by_a_pointer(const number *self, int *value)
{
#ifdef BROKEN_replace_by_a_pointer
    (void)im_refcell_replace(self, value);
#else
    (void)im_refcell_replace(self, *value);
#endif
}

/* case: replace_that_loses_digits */
/* error gcc: conversion from 'long int' to 'int' may change value */
/* error clang: implicit conversion loses integer precision */
void use_replace_that_loses_digits(const number *self, long value)
{
#ifdef BROKEN_replace_that_loses_digits
    (void)im_refcell_replace(self, value);
#else
    (void)im_refcell_replace(self, (int)value);
#endif
}

/* case: write_through_a_block */
/* error gcc: assignment of read-only location '*p' */
/* error clang: read-only variable is not assignable */
void use_write_through_a_block(const number *self)
{
#ifdef BROKEN_write_through_a_block
    im_refcell_with(p, self) {
        *p = 1;
    }
#else
    im_refcell_with_mut(p, self) {
        *p = 1;
    }
#endif
}

/* case: write_through_a_borrow */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_borrow(const number *self)
{
#ifdef BROKEN_write_through_a_borrow
    *im_refcell_borrow(self) = 1;
#else
    *im_refcell_borrow_mut(self) = 1;
#endif
}

/* case: write_through_a_guard */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
void use_write_through_a_guard(number_ref *self, number_ref_mut *writer)
{
#ifdef BROKEN_write_through_a_guard
    *im_ref_get(self) = 1;
#else
    *im_ref_mut_get(writer) = *im_ref_get(self);
#endif
}

/* case: write_through_a_map */
/* error gcc: assignment of member 'left' in read-only object */
/* error clang: cannot assign to variable 'p' with const-qualified type */
void use_write_through_a_map(pair_ref *self)
{
#ifdef BROKEN_write_through_a_map
    (void)im_ref_map(number_ref, self, p, (p->left = 1, &p->left));
#else
    (void)im_ref_map(number_ref, self, p, &p->left);
#endif
}

/* case: write_without_borrow */
/* error gcc: assignment of member 'im_value' in read-only object */
/* error clang: cannot assign to variable 'self' with const-qualified type */
void use_write_without_borrow(const number *self)
{
#ifdef BROKEN_write_without_borrow
    self->im_value = 1;
#else
    (void)im_refcell_replace(self, 1);
#endif
}

/* case: writer_in_a_reader_guard */
/* error: refcell: borrow_ref_mut needs an im_ref_mut(T) and an im_refcell(T) */
void use_writer_in_a_reader_guard(const number *self)
{
#ifdef BROKEN_writer_in_a_reader_guard
    number_ref r = im_refcell_borrow_ref_mut(number_ref, self);
    im_ref_release(&r);
#else
    number_ref_mut r = im_refcell_borrow_ref_mut(number_ref_mut, self);
    im_ref_mut_release(&r);
#endif
}
