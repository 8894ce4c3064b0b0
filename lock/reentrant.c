/* SPDX-License-Identifier: MIT */
/* The cold paths of im_reentrant. */
#include <intermut/raw_reentrant.h>

void im_raw_reentrant_not_mine(const struct im_raw_reentrant *self, const char *operation, const struct im_place *place)
{
    im_lock_refuse(operation, im_raw_futex_is_locked(&self->lock) ? "another thread has it" : "it is not locked",
                   place);
}
