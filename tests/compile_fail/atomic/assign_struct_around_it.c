/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with nested const-qualified data member 'im_type' */
#include <intermut/atomic.h>

struct server {
    im_atomic(int) requests;
};

void use(struct server *self, struct server *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_atomic_store(&self->requests, im_atomic_load(&other->requests));
#endif
}
