/* SPDX-License-Identifier: MIT */
/* What the locks tell the checked build. */
#include <intermut/lock_checked.h>

void im_lock_checked_waiting(const void *lock, enum im_lock_mode mode, const struct im_place *place)
{
    (void)lock, (void)mode, (void)place;
}

void im_lock_checked_acquired(const void *lock, enum im_lock_mode mode, bool tried, const struct im_place *place)
{
    (void)lock, (void)mode, (void)tried, (void)place;
}

void im_lock_checked_released(const void *lock, enum im_lock_mode mode, const struct im_place *place)
{
    (void)lock, (void)mode, (void)place;
}

void im_lock_checked_destroyed(const void *lock, const struct im_place *place)
{
    (void)lock, (void)place;
}

void im_lock_checked_convert(const void *lock, enum im_lock_mode from, enum im_lock_mode to,
                             const struct im_place *place)
{
    (void)lock, (void)from, (void)to, (void)place;
}
