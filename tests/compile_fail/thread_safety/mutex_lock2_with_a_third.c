/* SPDX-License-Identifier: MIT */
/* error clang: requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *one, const counter *two, const counter *three)
{
    im_lock2(a, one, b, two)
    {
        *a = *b;
#ifdef BROKEN
        *im_mutex_value(three) = 3;
#else
        *im_mutex_value(one) = *im_mutex_value(two);
#endif
    }
    im_mutex_with(c, three) *c = 3;
}
