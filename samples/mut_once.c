/* SPDX-License-Identifier: MIT */
/*
 * A registry of plug-ins that is open until its first use. Plug-ins add themselves from several threads; the first
 * reader closes it, without having to know that it is the first, and then has a table that no lock guards.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/mut_once.h>

enum { MOST_PLUG_INS = 8 };

struct plug_in {
    const char *name, *extension;
};

struct registry {
    size_t count;
    struct plug_in plug_ins[MOST_PLUG_INS];
};

static im_sync_mut_once(struct registry) registry; /* zeroed is open, and holds a zeroed registry */

/* bool: whether it is in; not once the registry is in use, or full. Any thread. */
static bool add(const struct plug_in *plug_in)
{
    im_mut_once_try_with_mut(r, &registry)
    {
        if (r->count == MOST_PLUG_INS)
            return false; /* leaving the block early ends the borrow, too */
        size_t at = r->count++;
        for (; at > 0 && strcmp(r->plug_ins[at - 1].extension, plug_in->extension) > 0; at--)
            r->plug_ins[at] = r->plug_ins[at - 1];
        r->plug_ins[at] = *plug_in;
        return true;
    }
    return false;
}

static void *load(void *plug_in)
{
    if (!add(plug_in))
        fprintf(stderr, "%s is too late\n", ((const struct plug_in *)plug_in)->name);
    return NULL;
}

static const struct plug_in *find(const char *extension)
{
    const struct registry *r = im_mut_once_get(&registry); /* closes it, the first time */
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->plug_ins[i].extension, extension) == 0)
            return &r->plug_ins[i];
    }
    return NULL;
}

int main(void)
{
    static struct plug_in plug_ins[] = {{"json", ".json"}, {"toml", ".toml"}, {"csv", ".csv"}};
    static const struct plug_in late = {"ini", ".ini"};
    enum { PLUG_INS = sizeof plug_ins / sizeof *plug_ins };
    pthread_t threads[PLUG_INS];
    for (int i = 0; i < PLUG_INS; i++) {
        if (pthread_create(&threads[i], NULL, load, &plug_ins[i]) != 0)
            exit(EXIT_FAILURE);
    }
    for (int i = 0; i < PLUG_INS; i++)
        pthread_join(threads[i], NULL);
    for (const char *const *wanted = (const char *const[]){".json", ".csv", ".toml", NULL}; *wanted; wanted++)
        printf("%s reads *%s\n", find(*wanted)->name, *wanted);
    printf("%s is %s\n", late.name, add(&late) ? "in" : "too late");
    return 0;
}
