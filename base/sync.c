/* SPDX-License-Identifier: MIT */
#include <intermut/sync.h>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread unsigned im__sync_sections;

int im_sync_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    int saved_errno = errno;
    /* FUTEX_WAIT_BITSET and not FUTEX_WAIT, because only it takes an absolute deadline. */
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                          deadline_ns == IM_SYNC_FOREVER ? NULL : &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
    int error = result == 0 ? 0 : errno;
    errno = saved_errno;
    return error;
}

int im_sync_wake(const uint32_t *word, int count)
{
    int saved_errno = errno;
    long woken = syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
    errno = saved_errno;
    return woken > 0 ? (int)woken : 0;
}

long im_sync_thread_number(void)
{
    return syscall(SYS_gettid);
}
