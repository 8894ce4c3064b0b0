/* SPDX-License-Identifier: MIT */
/* error: ref: filter_map makes an im_ref */
#include <intermut/refcell.h>

typedef struct {
    int left, right;
} pair;
typedef im_ref(int) int_ref;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(int) int_ref_mut;
typedef im_ref_mut(pair) pair_ref_mut;

void use(pair_ref *reader)
{
#ifdef BROKEN
    (void)im_ref_filter_map(int_ref_mut, reader, p, &p->left);
#else
    (void)im_ref_filter_map(int_ref, reader, p, &p->left);
#endif
}
