/* SPDX-License-Identifier: MIT */
/*
 * Where the words come from: files, the files of directories, and streams, cut into pieces that threads share.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include <intermut/atomic.h>
#include <intermut/string_key.h>

#include "progress.h"

/* A file or a stream. Shared by all threads; what one of them has to say about it goes into `error`. */
struct input {
    char *path;           /* "-": standard input */
    FILE *kept;           /* copy of a stream that is to be read twice; otherwise NULL */
    off_t size;           /* bytes */
    bool is_stream;       /* no size; one reader, from beginning to end */
    im_atomic(int) error; /* why reading failed, or 0 */
};

/* What one thread does at a time: the words that begin at `begin` or later, and before `end`. */
struct piece {
    const struct input *input;
    off_t begin;
    off_t end;
};

struct inputs {
    struct input **items;
    size_t count;
    struct piece *pieces; /* of all items */
    size_t piece_count;
    uint64_t bytes; /* of all items; streams count as 0 */
    size_t errors;  /* paths that are no input: reported already */
};

/*
 * Find the inputs behind the paths. Directories stand for all regular files below them; symbolic links are followed
 * only if they are paths themselves. What cannot be used is reported and counted. Streams are copied if they are to be
 * read `twice`. 0 or an errno value.
 */
int inputs_list(struct inputs *inputs, char *const *paths, bool twice);

/* Name the inputs that could not be read. Whether there was any error, also of inputs_list(). */
bool inputs_report_errors(const struct inputs *inputs);

void inputs_free(struct inputs *inputs);

/* Open an input for input_read(); ended by close(). -1: it cannot be opened, and its `error` says why. */
int input_open(const struct input *input);

/* As many as `size` bytes from position `at`; fewer at the end only, or after an error, which `error` then tells. */
size_t input_read(const struct input *input, int fd, char *bytes, size_t size, off_t at);

/* Gets the words of a piece, one by one; nonzero stops. The bytes are valid during the call. */
typedef int word_visitor(struct im_slice word, const void *shared);

/* One thread's means to cut pieces into words: a window that moves over the input. Set `progress`, zero the rest. */
struct scanner {
    const struct progress *progress;
    char *window;
    size_t capacity; /* grows only to hold a long word */
    size_t length;
    off_t window_at; /* position of the window in the input */
    off_t done_to;   /* position to which the progress was told */
    bool is_last;    /* the input ends where the window ends */
    bool is_done;    /* no more words in this piece */
};

/*
 * Visit the words of a piece. 0, ENOMEM, or what the visitor returned. Trouble with the input is no error here but one
 * of the input; then the words before it are visited.
 */
int scan_piece(struct scanner *scanner, const struct piece *piece, word_visitor *visit, const void *shared);

void scanner_free(struct scanner *scanner);

#endif
