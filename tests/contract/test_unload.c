/* SPDX-License-Identifier: MIT */
/*
 * A program that uses the base loads and unloads plugins that use more: what those libraries registered for fork() and
 * for the ends of threads is still there when it is called.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/sync.h>

static void *load_and_unload(void *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    return library && dlclose(library) == 0 ? path : NULL;
}

static int fork_without(void *path)
{
    pthread_t thread;
    void *result = NULL;
    int status = -1;
    if (pthread_create(&thread, NULL, load_and_unload, path) || pthread_join(thread, &result) || !result)
        return 1;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : 2;
}

ParameterizedTestParameters(unload, fork_goes_on)
{
    static char paths[][256] = {LIB_ONCE, LIB_LOCK, LIB_MAP};
    return cr_make_param_array(char[256], paths, sizeof paths / sizeof paths[0]);
}

ParameterizedTest(char path[256], unload, fork_goes_on)
{
    /* The base stays. */
    cr_assert_neq(im_sync_thread_serial(), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(fork_without(path));
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %x", path, (unsigned)status);
}
