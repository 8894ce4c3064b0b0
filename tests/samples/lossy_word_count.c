/* SPDX-License-Identifier: MIT */
/*
 * word_count with a mistake: it never counts the word "lost". The broken twin that --verify must find.
 */
#include "input.h"

/* The real visitor, and what it is given. */
struct honest {
    word_visitor *visit;
    const void *shared;
};

static int visit_but_lost(struct im_slice word, const void *shared)
{
    const struct honest *honest = shared;
    return im_slice_equal(word, im_slice_of("lost")) ? 0 : honest->visit(word, honest->shared);
}

static int lossy_scan_piece(struct scanner *scanner, const struct piece *piece, word_visitor *visit, const void *shared)
{
    const struct honest honest = {visit, shared};
    return scan_piece(scanner, piece, visit_but_lost, &honest);
}

#define scan_piece lossy_scan_piece
#include "word_count.c"
