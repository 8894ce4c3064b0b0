/* SPDX-License-Identifier: MIT */
#include <intermut/word_lock.h>

void im__word_lock_wait(struct im_word_lock *lock)
{
    /* Acquire: meets the release in im_word_lock_give(). */
    while (im_sync_exchange(&lock->word, IM__WORD_AWAITED, memory_order_acquire) != IM__WORD_FREE)
        im_sync_wait(&lock->word, IM__WORD_AWAITED, IM_SYNC_FOREVER);
}
