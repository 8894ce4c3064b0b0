/* SPDX-License-Identifier: MIT */
/* error: T_of_a_seqlock_must_be_plain_data_without_interior_mutability */
#include <intermut/cell.h>
#include <intermut/spin.h>

struct plain {
    int n;
};
struct shared {
    im_cell(int) n;
};

#ifdef BROKEN
typedef im_spin(struct shared) number;
#else
typedef im_spin(struct plain) number;
#endif

void use(const number *self);
