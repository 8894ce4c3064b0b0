/* SPDX-License-Identifier: MIT */
/* What came out: totals, and the most frequent words. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "words.h"

struct counted_word {
    im_string word;
    uint64_t count;
};

struct summary {
    uint64_t total;
    size_t distinct;
    struct counted_word *top; /* most frequent first; equal ones in the order of their bytes */
    size_t top_count;
    size_t threads;
    uint64_t bytes;
    double seconds;
    struct im_map_stats table;
};

/* Fill in totals, table and the `top` most frequent words; the rest stays. 0 or ENOMEM. Ended by summary_free(). */
int summary_fill(struct summary *summary, const word_map *words, size_t top);

void summary_free(struct summary *summary);

#endif
