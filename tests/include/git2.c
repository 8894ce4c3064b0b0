/* SPDX-License-Identifier: MIT */
/**
 * @file git2.c
 * In place of libgit2, by which Criterion's assertions of <criterion/new/assert.h> show how texts differ. The real one
 * reads all certificates of the system when it starts, and brings twenty libraries; each case is a process, and half of
 * the time of all cases went there.
 */

int git_libgit2_init(void);
int git_libgit2_shutdown(void);
int git_diff_buffers(void);

int git_libgit2_init(void)
{
    return 1;
}

int git_libgit2_shutdown(void)
{
    return 0;
}

/** That it cannot: nobody asks. */
int git_diff_buffers(void)
{
    return -1;
}
