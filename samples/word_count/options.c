/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY_THREADS = 't', KEY_TOP = 'n', KEY_VERIFY = 'v', KEY_JSON = 'j' };

enum { EXIT_USAGE = 2, DEFAULT_TOP = 10 };

static const struct argp_option argp_options[] = {
    {"threads", KEY_THREADS, "N", 0, "Count with N threads (default: one for each core)", 0},
    {"top", KEY_TOP, "N", 0, "Show the N most frequent words (default: 10; 0: all of them)", 0},
    {"verify", KEY_VERIFY, NULL, 0, "Count again in another way, with one thread, and compare every word", 0},
    {"json", KEY_JSON, NULL, 0, "Print one JSON object instead of a table", 0},
    {0},
};

static const char doc[] =
    "Count the words of files, and of all files in directories, with many threads and one shared map.\v"
    "A word is a run of ASCII letters and digits; upper and lower case are different. PATH - is standard input. "
    "Symbolic links are followed on the command line only.\n\n"
    "Exit status: 0 all counted; 1 something could not be read, the rest is counted; 2 wrong usage; "
    "3 --verify found a difference.\n";

static size_t default_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < 1)
        return 1;
    return cores > MAX_THREADS ? MAX_THREADS : (size_t)cores;
}

/* A number in decimal digits and nothing else; otherwise usage. */
static size_t parse_number(struct argp_state *state, const char *name, const char *text, size_t min, size_t max)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno || number < min || number > max)
        argp_error(state, "--%s needs a number from %zu to %zu, not '%s'", name, min, max, text);
    return number;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_THREADS:
        options->threads = parse_number(state, "threads", argument, 1, MAX_THREADS);
        return 0;
    case KEY_TOP:
        options->top = parse_number(state, "top", argument, 0, SIZE_MAX);
        if (options->top == 0)
            options->top = SIZE_MAX;
        return 0;
    case KEY_VERIFY:
        options->verify = true;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARGS:
        options->paths = state->argv + state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void options_parse(struct options *options, int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options, .parser = parse_option, .args_doc = "PATH...", .doc = doc};
    *options = (struct options){.threads = default_threads(), .top = DEFAULT_TOP};
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, options);
}
