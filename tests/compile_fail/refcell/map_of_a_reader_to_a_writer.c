/* SPDX-License-Identifier: MIT */
/* error: ref: map makes an im_ref */
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

void use(pair_ref *self)
{
#ifdef BROKEN
    (void)im_ref_map(number_ref_mut, self, p, &p->left);
#else
    (void)im_ref_map(number_ref, self, p, &p->left);
#endif
}
