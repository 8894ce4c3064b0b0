/* SPDX-License-Identifier: MIT */
/*
 * The shared map of the program: from a word to how often it was seen.
 *
 * The counters lie inside the table. Counting a word that is known already takes no lock and allocates nothing, and no
 * count is lost while the table grows; count_word() in word_count.c does it.
 */
#ifndef WORDS_H
#define WORDS_H

#define IM_MAP_NAME word_map
#define IM_MAP_STRING_KEY
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

/* The order of words: by bytes, a word before its continuations. As strcmp, for words of any bytes. */
static inline int word_compare(struct im_slice a, struct im_slice b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.bytes, b.bytes, common) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

#endif
