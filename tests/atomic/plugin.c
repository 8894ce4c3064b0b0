/* SPDX-License-Identifier: MIT */
/* A shared object that uses an atomic of the program that loads it: test_plugins.c. */
#include <intermut/atomic.h>

typedef struct {
    uint64_t word[3];
} total;
typedef im_atomic(total) atomic_total;

enum { TIMES = 20000 };

const void *plugin_table(void);
void *plugin_count(void *argument);

const void *plugin_table(void)
{
    return &im_atomic_table;
}

void *plugin_count(void *argument)
{
    const atomic_total *shared = argument;
    for (int i = 0; i < TIMES; i++)
        (void)im_atomic_fetch_update(shared, t, (total){{t.word[0] + 1, t.word[1] + 2, t.word[2] + 1}});
    return NULL;
}
