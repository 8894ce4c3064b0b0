/* SPDX-License-Identifier: MIT */
/*
 * A progress report on a signal: the handler interrupts the writer anywhere, in the middle of a store too, and still
 * gets a whole record, at once. With a lock, or an im_seqlock, it would wait for the thread that it has interrupted.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/latch.h>

enum { REPORTS = 1000 };

struct progress {
    uint64_t files, bytes, lines; /* always 1 : 4096 : 100 */
};

static im_latch(struct progress) progress;
static volatile sig_atomic_t reports, torn;

static void report(int signal_number)
{
    (void)signal_number;
    struct progress now = im_latch_load(&progress);
    torn += now.bytes != now.files * 4096 || now.lines != now.files * 100;
    reports++;
}

static void work(void)
{
    for (uint64_t files = 1; reports < REPORTS; files++) {
        im_latch_store(&progress, ((struct progress){files, files * 4096, files * 100}));
        if (files % 1000 == 0)
            raise(SIGUSR1); /* and another process, a timer, a profiler at any other place */
    }
}

int main(void)
{
    if (signal(SIGUSR1, report) == SIG_ERR)
        exit(EXIT_FAILURE);
    work();
    printf("%d reports, %d torn, at most %lu files\n", (int)reports, (int)torn, im_latch_load(&progress).files);
    return 0;
}
