/* SPDX-License-Identifier: MIT */
/* error: mutex_guard: filter_map makes an im_mutex_guard */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;
typedef struct {
    struct im_raw_mutex_guard im_guard;
    int *im_value;
    IM_TAGS(cell, int);
} no_guard;

void use(guard *self, number *other)
{
#ifdef BROKEN
    (void)self;
    (void)im_mutex_guard_filter_map(no_guard, self, p, p);
#else
    (void)other;
    (void)im_mutex_guard_filter_map(guard, self, p, p);
#endif
}
