/* SPDX-License-Identifier: MIT */
/*
 * A logger that its users hold as const, in one thread: cells keep what changes behind their backs.
 *
 * im_cell holds plain data, the number of lines; im_move_cell holds what has exactly one owner, a buffer that is lent
 * out and comes back, so that only the first line allocates.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/cell.h>
#include <intermut/move_cell.h>

struct buffer {
    char *bytes;
    size_t capacity;
};

struct logger {
    const char *name;
    im_cell(unsigned) lines;
    im_cell(unsigned) allocations;
    im_move_cell(struct buffer) spare; /* zeroed: none */
};

static void log_line(const struct logger *logger, const char *text)
{
    struct buffer buffer = im_move_cell_take(&logger->spare); /* ours alone, until it is put back */
    size_t needed = strlen(logger->name) + strlen(text) + sizeof "[]  #4294967295";
    if (buffer.capacity < needed) {
        free(buffer.bytes);
        buffer = (struct buffer){malloc(2 * needed), 2 * needed};
        if (!buffer.bytes)
            exit(EXIT_FAILURE);
        im_cell_update(&logger->allocations, n, n + 1);
    }
    unsigned line = im_cell_update(&logger->lines, n, n + 1);
    snprintf(buffer.bytes, buffer.capacity, "[%s] %s #%u", logger->name, text, line);
    puts(buffer.bytes);
    free(im_move_cell_replace(&logger->spare, buffer).bytes);
}

int main(void)
{
    struct logger logger = {.name = "web"};
    log_line(&logger, "started");
    log_line(&logger, "GET /index.html");
    log_line(&logger, "stopped");
    printf("%u lines, %u allocation\n", im_cell_get(&logger.lines), im_cell_get(&logger.allocations));
    free(im_move_cell_into_inner(&logger.spare).bytes);
    return 0;
}
