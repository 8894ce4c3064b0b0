/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member 'left' in read-only object */
/* error clang: cannot assign to variable 'p' with const-qualified type */
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
    (void)im_ref_map(number_ref, self, p, (p->left = 1, &p->left));
#else
    (void)im_ref_map(number_ref, self, p, &p->left);
#endif
}
