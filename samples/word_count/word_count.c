/* SPDX-License-Identifier: MIT */
/*
 * word_count counts the words of files and directories, with many threads and one shared map.
 *
 *     $ word_count --threads 4 /usr/share/common-licenses
 *
 * This file is the whole story: count_word() is what the library is for; the rest hands out work and starts threads.
 * Beside it: words.h defines the map, input.c cuts files into words, summary.c and report.c show the result, verify.c
 * counts again in another way.
 */
#include <err.h>
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "input.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "summary.h"
#include "verify.h"
#include "words.h"

enum { EXIT_DIFFERENT = 3 };

/* What the threads share. They have a pointer to const: the map and the atomics may change nevertheless. */
struct job {
    word_map words;
    struct progress progress;
    struct inputs inputs;
    im_atomic(size_t) next_piece;
    im_atomic(int) error; /* nonzero: all threads stop */
};

/* Count one word more. Any number of threads may be here at once, and the table may be growing. 0 or ENOMEM. */
static int count_word(struct im_slice word, const void *shared)
{
    const word_map *words = shared;
    im_map_with_or_insert(word_map, count, words, word, 0) {
        im_atomic_fetch_add(count, 1);
        return 0;
    }
    return ENOMEM;
}

/* Take pieces of the input and count their words until there are none left. */
static int count_pieces(const struct job *job, struct scanner *scanner)
{
    int error = 0;
    while (!error && !im_atomic_load(&job->error)) {
        size_t piece = im_atomic_fetch_add(&job->next_piece, 1);
        if (piece >= job->inputs.piece_count)
            break;
        error = scan_piece(scanner, &job->inputs.pieces[piece], count_word, &job->words);
    }
    return error;
}

static void *run_thread(void *argument)
{
    const struct job *job = argument;
    struct scanner scanner = {.progress = &job->progress};
    int error = count_pieces(job, &scanner);
    if (error)
        im_atomic_store(&job->error, error);
    scanner_free(&scanner);
    return NULL;
}

/* Count everything with so many threads. 0 or an errno value. */
static int count_all(struct job *job, size_t threads)
{
    pthread_t ids[MAX_THREADS];
    size_t started = 0;
    int error = 0;
    while (!error && started < threads) {
        error = pthread_create(&ids[started], NULL, run_thread, job);
        if (error)
            im_atomic_store(&job->error, error);
        else
            started++;
    }
    while (started > 0)
        pthread_join(ids[--started], NULL);
    return im_atomic_load(&job->error);
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Count and measure. Does not return when that is not possible. */
static void run_job(struct job *job, const struct options *options, struct summary *summary)
{
    double began = now_seconds();
    progress_begin(&job->progress, job->inputs.bytes);
    int error = count_all(job, options->threads);
    progress_end(&job->progress);
    summary->seconds = now_seconds() - began;
    summary->threads = options->threads;
    summary->bytes = progress_done(&job->progress);

    if (!error)
        error = summary_fill(summary, &job->words, options->top);
    if (error)
        errx(EXIT_FAILURE, "cannot count: %s", strerror(error));
}

/* Whether another method finds the same counts. */
static bool verify_job(const struct job *job)
{
    size_t differences;
    int error = verify(&job->inputs, &job->words, &differences);
    if (error)
        errx(EXIT_FAILURE, "cannot verify: %s", strerror(error));
    if (differences)
        warnx("verification failed: %zu wrong", differences);
    return differences == 0;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    struct options options;
    options_parse(&options, argc, argv);

    struct job job = {0};
    int error = inputs_list(&job.inputs, options.paths, options.verify);
    if (error)
        errx(EXIT_FAILURE, "cannot list the input: %s", strerror(error));
    struct summary summary = {0};
    run_job(&job, &options, &summary);

    int status = inputs_report_errors(&job.inputs) ? EXIT_FAILURE : EXIT_SUCCESS;
    if (options.verify && !verify_job(&job))
        status = EXIT_DIFFERENT;
    if (options.json)
        report_json(&summary);
    else
        report_table(&summary, options.verify && status != EXIT_DIFFERENT);
    if (fflush(stdout) || ferror(stdout)) {
        warn("cannot write the result");
        status = status ? status : EXIT_FAILURE;
    }

    summary_free(&summary);
    inputs_free(&job.inputs);
    word_map_destroy(&job.words);
    return status;
}
