/* SPDX-License-Identifier: MIT */
/* error: ref_mut: map_split needs pairs (im_ref_mut *, pointer to its T) */
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

void use(pair_ref_mut *self, number_ref *reader, number_ref_mut *writer)
{
#ifdef BROKEN
    im_ref_mut_map_split(self, p, (writer, &p->left), (reader, &p->right));
#else
    im_ref_mut_map_split(self, p, (writer, &p->left));
    (void)reader;
#endif
}
