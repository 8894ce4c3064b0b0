/* SPDX-License-Identifier: MIT */
/* error: ref: map_split needs pairs (im_ref *, pointer to its T) */
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

void use(pair_ref *self, number_ref *reader, long_ref *wrong)
{
#ifdef BROKEN
    im_ref_map_split(self, p, (reader, &p->left), (wrong, &p->right));
#else
    im_ref_map_split(self, p, (reader, &p->left));
    (void)wrong;
#endif
}
