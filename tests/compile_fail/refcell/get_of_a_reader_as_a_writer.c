/* SPDX-License-Identifier: MIT */
/* error: ref_mut: get needs an im_ref_mut */
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
    (void)im_ref_mut_get(reader);
    (void)writer;
#else
    (void)im_ref_mut_get(writer);
    (void)reader;
#endif
}
