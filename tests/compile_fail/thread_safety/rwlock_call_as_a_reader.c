/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'add' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

static int look(const counter *self) IM_REQUIRES_LOCK_SHARED(self);
static int look(const counter *self)
{
    return *im_rwlock_value(self);
}

static void add(const counter *self, int more) IM_REQUIRES_LOCK(self);
static void add(const counter *self, int more)
{
    *im_rwlock_value_mut(self) = look(self) + more;
}

void use(const counter *self)
{
    im_rwlock_with_write(p, self) add(self, *p);
    im_rwlock_try_with_read(p, self)
    {
#ifdef BROKEN
        add(self, 1);
#else
        (void)look(self);
#endif
    }
    else
    {
        im_rwlock_with_write(q, self) add(self, *q);
    }
}
