/* SPDX-License-Identifier: MIT */
/*
 * What the contract forbids between threads, and that ThreadSanitizer finds it: a cell (not Sync), a plain flag.
 *
 * Only built as a twin: there is no right form of it.
 */
#include "stress.h"

#include <intermut/cell.h>

#include "tsan_report.h"

#ifdef UNSYNC_CELL
typedef im_cell(int) int_cell;
static int_cell shared;
#define LOOK() im_cell_get(&shared)
#define CHANGE(value) im_cell_set(&shared, value)
#else
static int shared;
#define LOOK() shared
#define CHANGE(value) (shared = (value))
#endif

static void *use(void *argument)
{
    (void)argument;
    for (int i = 0; i < 1000; i++)
        CHANGE(LOOK() + 1);
    return NULL;
}

int main(void)
{
    pthread_t other;
    stress_start(&other, use, NULL);
    use(NULL);
    pthread_join(other, NULL);
    printf("%d of 2000\n", LOOK());
    return stress_verdict();
}
