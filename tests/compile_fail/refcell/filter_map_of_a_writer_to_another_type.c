/* SPDX-License-Identifier: MIT */
/* error: ref_mut: filter_map needs a pointer to the T of the new guard */
#include <intermut/refcell.h>

typedef struct {
    int left, right;
} pair;
typedef im_ref(int) int_ref;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(int) int_ref_mut;
typedef im_ref_mut(pair) pair_ref_mut;
typedef im_ref_mut(long) long_ref_mut;

void use(pair_ref_mut *writer)
{
#ifdef BROKEN
    (void)im_ref_mut_filter_map(long_ref_mut, writer, p, &p->left);
#else
    (void)im_ref_mut_filter_map(int_ref_mut, writer, p, &p->left);
#endif
}
