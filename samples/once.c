/* SPDX-License-Identifier: MIT */
/*
 * A pattern that is compiled at its first use, by whichever thread comes first. The others wait for it that one time;
 * from then on, each use costs a load. A pattern that does not compile is an error for who asks, and nothing is kept.
 */
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/once.h>
#include <intermut/sync.h>

enum { THREADS = 4, LINES_EACH = 1000 };

typedef im_once(regex_t) regex_once;

static regex_once date; /* zeroed is empty; a static need not be destroyed, but here it is, to show how */
static unsigned compilations, dates;

static int compile(regex_t *out, void *pattern)
{
    im_sync_fetch_add(&compilations, 1, memory_order_relaxed);
    return regcomp(out, pattern, REG_EXTENDED | REG_NOSUB);
}

static bool has_date(const char *line)
{
    const regex_t *regex = im_once_get_or_init(&date, compile, "[0-9]{4}-[0-9]{2}-[0-9]{2}");
    return regex && regexec(regex, line, 0, NULL, 0) == 0;
}

static void *search(void *first)
{
    for (int i = 0; i < LINES_EACH; i++) {
        char line[64];
        int day = (*(const int *)first + i) % 28 + 1;
        snprintf(line, sizeof line, i % 4 == 3 ? "no date, only %d" : "2026-11-%02d: all well", day);
        if (has_date(line))
            im_sync_fetch_add(&dates, 1, memory_order_relaxed);
    }
    return NULL;
}

/* What goes wrong reaches who asked, as the number that the initialiser gave; the cell stays empty. */
static void complain(const char *pattern)
{
    regex_once broken = IM_ONCE_INIT;
    const regex_t *regex;
    int error = im_once_get_or_try_init(&broken, compile, (void *)(uintptr_t)pattern, &regex);
    if (error) {
        char text[100];
        regerror(error, NULL, text, sizeof text);
        printf("no pattern: %s\n", text);
    }
}

int main(void)
{
    pthread_t threads[THREADS];
    int first[THREADS];
    for (int i = 0; i < THREADS; i++) {
        first[i] = i * LINES_EACH;
        if (pthread_create(&threads[i], NULL, search, &first[i]) != 0)
            exit(EXIT_FAILURE);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%d lines, %u with a date, compiled %s\n", THREADS * LINES_EACH, dates,
           compilations == 1 ? "once" : "more than once");
    complain("(");
    im_once_destroy(&date, regfree);
    return 0;
}
