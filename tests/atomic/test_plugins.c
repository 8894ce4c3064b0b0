/* SPDX-License-Identifier: MIT */
/*
 * Row A5: one table for all shared objects of a process. This program knows no atomic at all: it loads plugin.c twice,
 * each time without showing it the other's symbols, and lends both a piece of memory that they use as one.
 */
#include <criterion/criterion.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>

enum { TIMES = 20000 };

static uint64_t memory[3];

static void *function_of(void *library, const char *name)
{
    void *function = library ? dlsym(library, name) : NULL;
    cr_assert(function, "%s", dlerror());
    return function;
}

static void check_plugins(const char *first_path, const char *second_path)
{
    void *libraries[2] = {dlopen(first_path, RTLD_NOW | RTLD_LOCAL), dlopen(second_path, RTLD_NOW | RTLD_LOCAL)};
    pthread_t threads[2];
    const void *tables[2];
    for (int i = 0; i < 2; i++) {
        const void *(*table)(void);
        *(void **)&table = function_of(libraries[i], "plugin_table");
        tables[i] = table();
    }
    cr_assert_eq(tables[0], tables[1], "one table");
    for (int i = 0; i < 2; i++) {
        void *(*count)(void *);
        *(void **)&count = function_of(libraries[i], "plugin_count");
        cr_assert_eq(pthread_create(&threads[i], NULL, count, memory), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(memory[0], 2 * TIMES);
    cr_assert_eq(memory[2], 2 * TIMES);
}

Test(plugins, two_shared_objects_share_an_atomic)
{
    check_plugins(PLUGIN_FOLDER "/libplugin_1.so", PLUGIN_FOLDER "/libplugin_2.so");
}

Test(plugins, two_shared_objects_with_the_static_library_inside_do_too)
{
    check_plugins(PLUGIN_FOLDER "/libstatic_plugin_1.so", PLUGIN_FOLDER "/libstatic_plugin_2.so");
}
