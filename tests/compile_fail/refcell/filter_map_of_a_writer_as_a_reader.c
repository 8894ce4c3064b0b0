/* SPDX-License-Identifier: MIT */
/* error: ref: filter_map needs an im_ref */
#include <intermut/refcell.h>

typedef struct {
    int left, right;
} pair;
typedef im_ref(int) int_ref;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(int) int_ref_mut;
typedef im_ref_mut(pair) pair_ref_mut;

void use(pair_ref *reader, pair_ref_mut *writer)
{
#ifdef BROKEN
    (void)im_ref_filter_map(int_ref, writer, p, &p->left);
    (void)reader;
#else
    (void)im_ref_filter_map(int_ref, reader, p, &p->left);
    (void)writer;
#endif
}
