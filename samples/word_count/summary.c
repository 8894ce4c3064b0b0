/* SPDX-License-Identifier: MIT */
/*
 * The most frequent words of a large map, without a copy of the map: candidates gather in an array of twice the size,
 * and whenever it is full, it is sorted and the worse half forgotten.
 */
#include "summary.h"

#include <stdlib.h>

struct ranking {
    struct counted_word *words;
    size_t count;
    size_t capacity;
    size_t wanted;
    bool has_worst; /* words[wanted - 1] is the one to beat */
    uint64_t total;
};

/* Below 0 when word a comes first: the more frequent one, or among equals the one with the smaller bytes. */
static int rank(struct im_slice a, uint64_t count_a, struct im_slice b, uint64_t count_b)
{
    if (count_a != count_b)
        return count_a > count_b ? -1 : 1;
    return word_compare(a, b);
}

static int by_rank(const void *a, const void *b)
{
    const struct counted_word *x = a, *y = b;
    return rank(im_string_slice(&x->word), x->count, im_string_slice(&y->word), y->count);
}

static bool is_hopeless(const struct ranking *ranking, struct im_slice word, uint64_t count)
{
    if (!ranking->has_worst)
        return false;
    const struct counted_word *worst = &ranking->words[ranking->wanted - 1];
    return rank(im_string_slice(&worst->word), worst->count, word, count) < 0;
}

static void keep_best(struct ranking *ranking)
{
    if (ranking->count)
        qsort(ranking->words, ranking->count, sizeof *ranking->words, by_rank);
    while (ranking->count > ranking->wanted)
        im_string_drop(&ranking->words[--ranking->count].word, NULL);
    ranking->has_worst = ranking->count > 0 && ranking->count == ranking->wanted;
}

static int offer(struct im_slice word, const uint64_t *count, void *argument)
{
    struct ranking *ranking = argument;
    ranking->total += *count;
    if (is_hopeless(ranking, word, *count))
        return 0;
    if (ranking->count == ranking->capacity)
        keep_best(ranking);
    struct counted_word *place = &ranking->words[ranking->count];
    place->count = *count;
    int error = im_string_own(&place->word, word, NULL);
    if (!error)
        ranking->count++;
    return error;
}

int summary_fill(struct summary *summary, const word_map *words, size_t top)
{
    summary->table = word_map_stats(words);
    summary->distinct = word_map_len(words);
    struct ranking ranking = {.wanted = top < summary->distinct ? top : summary->distinct};
    /* As large as the map at most: then no candidate is ever forgotten. */
    ranking.capacity = ranking.wanted < summary->distinct / 2 ? 2 * ranking.wanted : summary->distinct;
    ranking.words = calloc(ranking.capacity + 1, sizeof *ranking.words);
    if (!ranking.words)
        return ENOMEM;

    int error = word_map_for_each(words, offer, &ranking);
    keep_best(&ranking);
    summary->total = ranking.total;
    summary->top = ranking.words;
    summary->top_count = ranking.count;
    return error;
}

void summary_free(struct summary *summary)
{
    for (size_t i = 0; i < summary->top_count; i++)
        im_string_drop(&summary->top[i].word, NULL);
    free(summary->top);
}
