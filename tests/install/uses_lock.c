/* SPDX-License-Identifier: MIT */
#include <intermut/lock_checked.h>
#include <intermut/raw_lock.h>

int main(void)
{
    return im_lock_deadline(0) > 0 && im_lock_deadline(UINT64_MAX) == IM_SYNC_FOREVER ? 0 : 1;
}
