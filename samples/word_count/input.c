/* SPDX-License-Identifier: MIT */
/*
 * A word belongs to the piece in which it begins. Whether a word begins at the first byte of a piece is told by the
 * byte before it, so a scan starts there; and it goes on behind the end of the piece until its last word is complete.
 * So one large file is shared by all threads, no word is cut, and none is counted twice.
 */
#include "input.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE_BYTES = 1 << 20, /* large against the cost of a system call, small against a share of the work */
    WORD_BYTES = 1 << 12,  /* nearly all words are shorter, so nearly no piece needs a second read */
    COPY_BYTES = 1 << 16,
    /* The byte before a piece, the piece, and its last word. */
    WINDOW_BYTES = 1 + PIECE_BYTES + WORD_BYTES,
};

static const off_t END_OF_STREAM = INT64_MAX;

/* ---- The list of inputs ---- */

/* Room for one more element in an array that is allocated in powers of two. NULL: none, and the array is as it was. */
static void *grow_array(void *items, size_t count, size_t item_bytes)
{
    if (count & (count - 1))
        return items;
    return reallocarray(items, count ? 2 * count : 1, item_bytes);
}

static int add_piece(struct inputs *inputs, const struct input *input, off_t begin, off_t end)
{
    struct piece *pieces = grow_array(inputs->pieces, inputs->piece_count, sizeof *pieces);
    if (!pieces)
        return ENOMEM;
    inputs->pieces = pieces;
    pieces[inputs->piece_count++] = (struct piece){input, begin, end};
    return 0;
}

static int cut_into_pieces(struct inputs *inputs, const struct input *input)
{
    if (input->is_stream)
        return add_piece(inputs, input, 0, END_OF_STREAM);
    int error = 0;
    for (off_t begin = 0; !error && begin < input->size; begin += PIECE_BYTES) {
        off_t left = input->size - begin;
        error = add_piece(inputs, input, begin, begin + (left < PIECE_BYTES ? left : PIECE_BYTES));
    }
    inputs->bytes += (uint64_t)input->size;
    return error;
}

/* Copy what is left of a stream. 0 or an errno value. */
static int copy_stream(struct input *input, int fd, FILE *copy)
{
    char bytes[COPY_BYTES];
    size_t length;
    do {
        length = input_read(input, fd, bytes, sizeof bytes, 0);
        if (fwrite(bytes, 1, length, copy) < length)
            return errno;
        input->size += (off_t)length;
    } while (length == sizeof bytes);
    return fflush(copy) ? errno : 0;
}

/* Put a stream into a temporary file, to read it twice: from now on it is a file. 0 or an errno value. */
static int keep_stream(struct input *input)
{
    input->is_stream = true;
    int fd = input_open(input);
    if (fd < 0)
        return 0;
    FILE *copy = tmpfile();
    int error = copy ? copy_stream(input, fd, copy) : errno;
    close(fd);
    input->is_stream = false;
    if (copy && input->size == 0) /* nothing to read again: spare the descriptor, there may be many empty files */
        fclose(copy);
    else
        input->kept = copy;
    return error;
}

static struct input *new_input(struct inputs *inputs, const char *path)
{
    struct input **items = grow_array(inputs->items, inputs->count, sizeof(struct input *));
    if (!items)
        return NULL;
    inputs->items = items;
    struct input *input = calloc(1, sizeof *input);
    char *own_path = strdup(path);
    if (!input || !own_path) {
        free(input);
        free(own_path);
        return NULL;
    }
    input->path = own_path;
    items[inputs->count++] = input;
    return input;
}

/* A `size` of 0 is that of streams, and of files whose bytes are made up while they are read, as those in /proc. */
static int add_input(struct inputs *inputs, const char *path, off_t size, bool twice)
{
    struct input *input = new_input(inputs, path);
    if (!input)
        return ENOMEM;
    input->size = size;
    input->is_stream = size == 0 && !twice;
    int error = size == 0 && twice ? keep_stream(input) : 0;
    return error ? error : cut_into_pieces(inputs, input);
}

static int report_unusable(struct inputs *inputs, const char *path, int error)
{
    warnx("%s: %s", path, strerror(error));
    inputs->errors++;
    return 0;
}

/* Why a symbolic link cannot be followed: fts does not tell. */
static int error_of_link(const char *path)
{
    struct stat status;
    return stat(path, &status) ? errno : ENOENT;
}

static int add_entry(struct inputs *inputs, const FTSENT *entry, bool twice)
{
    switch (entry->fts_info) {
    case FTS_F:
        return add_input(inputs, entry->fts_path, entry->fts_statp->st_size, twice);
    case FTS_DEFAULT: /* a pipe or a device: read when asked for by name, never because it lies somewhere */
        return entry->fts_level == FTS_ROOTLEVEL ? add_input(inputs, entry->fts_path, 0, twice) : 0;
    case FTS_SLNONE:
        return report_unusable(inputs, entry->fts_path, error_of_link(entry->fts_path));
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return report_unusable(inputs, entry->fts_path, entry->fts_errno);
    default: /* directories, whose files come by themselves, and symbolic links */
        return 0;
    }
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int add_path(struct inputs *inputs, char *path, bool twice)
{
    if (strcmp(path, "-") == 0)
        return add_input(inputs, path, 0, twice);
    FTS *tree = fts_open((char *[]){path, NULL}, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    if (!tree)
        return report_unusable(inputs, path, errno);
    int error = 0;
    const FTSENT *entry;
    while (!error && (errno = 0, entry = fts_read(tree)))
        error = add_entry(inputs, entry, twice);
    if (!error && errno)
        report_unusable(inputs, path, errno);
    fts_close(tree);
    return error;
}

int inputs_list(struct inputs *inputs, char *const *paths, bool twice)
{
    int error = 0;
    for (; !error && *paths; paths++)
        error = add_path(inputs, *paths, twice);
    return error;
}

bool inputs_report_errors(const struct inputs *inputs)
{
    bool any = inputs->errors > 0;
    for (size_t i = 0; i < inputs->count; i++) {
        int error = im_atomic_load(&inputs->items[i]->error);
        if (error)
            warnx("%s: %s", inputs->items[i]->path, strerror(error));
        any = any || error;
    }
    return any;
}

void inputs_free(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        if (inputs->items[i]->kept)
            fclose(inputs->items[i]->kept);
        free(inputs->items[i]->path);
        free(inputs->items[i]);
    }
    free(inputs->items);
    free(inputs->pieces);
}

/* ---- Reading ---- */

int input_open(const struct input *input)
{
    int fd;
    if (input->kept)
        fd = dup(fileno(input->kept));
    else if (strcmp(input->path, "-") == 0)
        fd = dup(STDIN_FILENO);
    else
        fd = open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        im_atomic_store(&input->error, errno);
    return fd;
}

static ssize_t read_some(const struct input *input, int fd, char *bytes, size_t size, off_t at)
{
    if (input->is_stream)
        return read(fd, bytes, size);
    /* A file ends where it ended when it was listed, also if somebody is appending to it. */
    off_t left = input->size - at;
    return pread(fd, bytes, left < (off_t)size ? (size_t)left : size, at);
}

size_t input_read(const struct input *input, int fd, char *bytes, size_t size, off_t at)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read_some(input, fd, bytes + length, size - length, at + (off_t)length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            im_atomic_store(&input->error, errno);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    return length;
}

/* ---- Words ---- */

static const bool is_word_byte[256] = {['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true};

static void begin_piece(struct scanner *scanner, const struct piece *piece)
{
    scanner->window_at = piece->begin > 0 ? piece->begin - 1 : 0;
    scanner->length = 0;
    scanner->done_to = piece->begin;
    scanner->is_done = false;
}

/* Tell the progress how far the window has come into the piece. */
static void tell_progress(struct scanner *scanner, const struct piece *piece)
{
    off_t to = scanner->window_at + (off_t)scanner->length;
    if (to > piece->end)
        to = piece->end;
    if (to > scanner->done_to) {
        progress_advance(scanner->progress, (uint64_t)(to - scanner->done_to));
        scanner->done_to = to;
    }
}

/* Read on until the window is full, or there is no more. 0 or ENOMEM. */
static int fill_window(struct scanner *scanner, const struct piece *piece, int fd)
{
    if (scanner->length == scanner->capacity) { /* the first time, or full of one word */
        size_t capacity = scanner->capacity ? 2 * scanner->capacity : WINDOW_BYTES;
        char *larger = realloc(scanner->window, capacity);
        if (!larger)
            return ENOMEM;
        scanner->window = larger;
        scanner->capacity = capacity;
    }
    size_t room = scanner->capacity - scanner->length;
    off_t at = scanner->window_at + (off_t)scanner->length;
    size_t got = input_read(piece->input, fd, scanner->window + scanner->length, room, at);
    scanner->length += got;
    scanner->is_last = got < room;
    tell_progress(scanner, piece);
    return 0;
}

/* Let the window begin at `rest`, the start of a word whose end is not in view. */
static void move_window(struct scanner *scanner, const char *rest)
{
    size_t passed = (size_t)(rest - scanner->window);
    scanner->length -= passed;
    scanner->window_at += (off_t)passed;
    memmove(scanner->window, rest, scanner->length);
}

/* Visit those words of the piece whose ends are in view. */
static int scan_window(struct scanner *scanner, const struct piece *piece, word_visitor *visit, const void *shared)
{
    const char *end = scanner->window + scanner->length;
    const char *next = scanner->window;
    int error = 0;
    while (!error) {
        while (next < end && !is_word_byte[(unsigned char)*next])
            next++;
        const char *word = next;
        while (next < end && is_word_byte[(unsigned char)*next])
            next++;

        off_t word_at = scanner->window_at + (word - scanner->window);
        bool is_cut = next == end && !scanner->is_last;
        bool is_mine = word_at >= piece->begin && word_at < piece->end;
        if (is_cut && is_mine) {
            move_window(scanner, word);
            return 0;
        }
        /* A cut word of an earlier piece is longer than the window, and so than this piece. */
        if (is_cut || word == end || word_at >= piece->end) {
            scanner->is_done = true;
            return 0;
        }
        if (is_mine)
            error = visit((struct im_slice){word, (size_t)(next - word)}, shared);
    }
    return error;
}

int scan_piece(struct scanner *scanner, const struct piece *piece, word_visitor *visit, const void *shared)
{
    int fd = input_open(piece->input);
    if (fd < 0)
        return 0;
    begin_piece(scanner, piece);
    int error = 0;
    while (!error && !scanner->is_done) {
        error = fill_window(scanner, piece, fd);
        if (!error)
            error = scan_window(scanner, piece, visit, shared);
    }
    close(fd);
    return error;
}

void scanner_free(struct scanner *scanner)
{
    free(scanner->window);
}
