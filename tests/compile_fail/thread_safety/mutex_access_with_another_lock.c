/* SPDX-License-Identifier: MIT */
/* error clang: requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

struct pair {
    counter left, right;
};

void use(const struct pair *self)
{
    im_mutex_with(left, &self->left)
    {
#ifdef BROKEN
        *left = *im_mutex_value(&self->right);
#else
        *left = *im_mutex_value(&self->left);
#endif
    }
}
