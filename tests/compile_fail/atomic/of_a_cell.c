/* SPDX-License-Identifier: MIT */
/* error: T_of_an_atomic_must_be_plain_data_without_interior_mutability */
#include <intermut/atomic.h>
#include <intermut/cell.h>

#ifdef BROKEN
typedef im_cell(int) value;
#else
typedef int value;
#endif
typedef im_atomic(value) shared_value;
