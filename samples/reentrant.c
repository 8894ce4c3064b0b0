/* SPDX-License-Identifier: MIT */
/*
 * A logger that logs while it logs.
 *
 * To format a line it calls functions of the program, and these may have something to report, too. With a plain mutex
 * they would wait for themselves. The lock lets the same thread in again; the refcell inside notices that a line is being
 * written at this moment, so what is reported meanwhile goes to a second cell, and is written after it.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <intermut/reentrant.h>
#include <intermut/refcell.h>

enum { THREADS = 3, LINES = 200, TEXT_BYTES = 96, DEFERRED_BYTES = 64 };

struct page {
    unsigned lines, cut;
    char last[TEXT_BYTES];
};
typedef im_refcell(struct page) page_cell;
struct deferred {
    unsigned count;
    char text[DEFERRED_BYTES];
};
typedef im_refcell(struct deferred) deferred_cell;
struct log {
    page_cell page;
    deferred_cell deferred;
};
static im_reentrant(struct log) logger;

static void log_line(const char *(*format)(char *text, size_t bytes, unsigned n), unsigned n);

static const char *plain(char *text, size_t bytes, unsigned n)
{
    snprintf(text, bytes, "%u jobs", n);
    return text;
}

/* Is called with the page being written, and has something to say itself. */
static const char *careful(char *text, size_t bytes, unsigned n)
{
    if (n % 10 == 0)
        log_line(plain, n / 10);
    snprintf(text, bytes, "job %u", n);
    return text;
}

static void log_line(const char *(*format)(char *text, size_t bytes, unsigned n), unsigned n)
{
    im_reentrant_with(log, &logger)
    {
        im_refcell_try_with_mut(page, &log->page) {
            format(page->last, sizeof page->last, n);
            page->lines++;
            const struct deferred late = im_refcell_take(&log->deferred);
            if (late.count > 0) {
                memcpy(page->last, late.text, sizeof late.text);
                page->lines += late.count;
            }
        } else
            im_refcell_with_mut(deferred, &log->deferred) /* this thread, further up, is writing a line */
            {
                format(deferred->text, sizeof deferred->text, n);
                deferred->count++;
            }
    }
}

static void *work(void *argument)
{
    for (unsigned n = 1; n <= LINES; n++)
        log_line(careful, n);
    return argument;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, NULL))
            return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    struct log *log = im_reentrant_get_mut(&logger);
    const struct page *page = im_refcell_get_mut(&log->page);
    printf("%u lines, the last one: \"%s\"\n", page->lines, page->last);
    return page->lines == THREADS * (LINES + LINES / 10) ? 0 : 1;
}
