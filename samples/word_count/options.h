/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* More threads than this are a slip of the finger. */
enum { MAX_THREADS = 1024 };

struct options {
    size_t threads;
    size_t top; /* words in the table; SIZE_MAX: all */
    bool verify;
    bool json;
    char **paths; /* at least one; ends with NULL */
};

/* Reads the command line. Does not return when that is wrong (usage, exit status 2) or asks for help. */
void options_parse(struct options *options, int argc, char **argv);

#endif
