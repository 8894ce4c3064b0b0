/* SPDX-License-Identifier: MIT */
/* error: ref_mut: map_split needs pairs (im_ref_mut *, pointer to its T) */
#include <intermut/refcell.h>

typedef struct {
    int left, right;
} pair;
typedef im_ref(int) int_ref;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(int) int_ref_mut;
typedef im_ref_mut(pair) pair_ref_mut;
typedef im_ref_mut(long) long_ref_mut;

void use(pair_ref_mut *writer, int_ref_mut *part, long_ref_mut *wrong)
{
#ifdef BROKEN
    im_ref_mut_map_split(writer, p, (part, &p->left), (wrong, &p->right));
#else
    im_ref_mut_map_split(writer, p, (part, &p->left));
    (void)wrong;
#endif
}
