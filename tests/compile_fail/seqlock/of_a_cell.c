/* SPDX-License-Identifier: MIT */
/* error: T_of_a_seqlock_must_be_plain_data_without_interior_mutability */
#include <intermut/cell.h>
#include <intermut/seqlock.h>

typedef im_cell(int) cell;

#ifdef BROKEN
typedef im_seqlock(cell) number;
#else
typedef im_seqlock(int) number;
#endif

void use(const number *self);
