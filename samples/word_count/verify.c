/* SPDX-License-Identifier: MIT */
/*
 * Words are gathered in a block. A full block is sorted and merged into the sorted list of all words so far, in which
 * each stands once, with its count. At the end the list and the map must hold the same words with the same counts.
 */
#define _GNU_SOURCE /* qsort_r */
#include "verify.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BLOCK_BYTES = 1 << 22, /* some hundred thousand words: few merges, and still little memory */
    READ_BYTES = 1 << 16,
    SHOWN_DIFFERENCES = 5,
    SHOWN_BYTES = 60, /* of a word in a message */
};

struct entry {
    size_t at; /* where its bytes begin in the text of the list */
    size_t length;
    uint64_t count;
};

/* The bytes of all words, one after the other, and the words. */
struct word_list {
    char *text;
    size_t text_bytes;
    size_t text_capacity;
    struct entry *entries;
    size_t count;
    size_t capacity;
};

/* ---- Lists ---- */

static struct im_slice entry_word(const struct word_list *list, const struct entry *entry)
{
    return (struct im_slice){list->text + entry->at, entry->length};
}

/* Room for so many bytes more. 0 or ENOMEM. */
static int reserve_text(struct word_list *list, size_t bytes)
{
    if (list->text_capacity - list->text_bytes >= bytes)
        return 0;
    size_t capacity = 2 * list->text_capacity + bytes;
    char *text = realloc(list->text, capacity);
    if (!text)
        return ENOMEM;
    list->text = text;
    list->text_capacity = capacity;
    return 0;
}

/* The last bytes of the text are a word. 0 or ENOMEM. */
static int add_entry(struct word_list *list, size_t length, uint64_t count)
{
    if (list->count == list->capacity) {
        size_t capacity = 2 * list->capacity + 1;
        struct entry *entries = reallocarray(list->entries, capacity, sizeof *entries);
        if (!entries)
            return ENOMEM;
        list->entries = entries;
        list->capacity = capacity;
    }
    list->entries[list->count++] = (struct entry){list->text_bytes - length, length, count};
    return 0;
}

/* Append a word to a list that is made in sorted order; one that is there already gets a higher count. 0 or ENOMEM. */
static int append(struct word_list *list, struct im_slice word, uint64_t count)
{
    struct entry *last = list->count ? &list->entries[list->count - 1] : NULL;
    if (last && im_slice_equal(entry_word(list, last), word)) {
        last->count += count;
        return 0;
    }
    int error = reserve_text(list, word.length);
    if (error)
        return error;
    memcpy(list->text + list->text_bytes, word.bytes, word.length);
    list->text_bytes += word.length;
    return add_entry(list, word.length, count);
}

static int append_from(struct word_list *list, const struct word_list *from, size_t i)
{
    return append(list, entry_word(from, &from->entries[i]), from->entries[i].count);
}

/* Whether a's word i comes before b's word j; after the last word there is nothing. */
static bool comes_before(const struct word_list *a, size_t i, const struct word_list *b, size_t j)
{
    if (i == a->count || j == b->count)
        return i < a->count;
    return word_compare(entry_word(a, &a->entries[i]), entry_word(b, &b->entries[j])) < 0;
}

static int merge(struct word_list *to, const struct word_list *a, const struct word_list *b)
{
    size_t i = 0, j = 0;
    int error = 0;
    while (!error && (i < a->count || j < b->count))
        error = comes_before(a, i, b, j) ? append_from(to, a, i++) : append_from(to, b, j++);
    return error;
}

static void list_free(struct word_list *list)
{
    free(list->text);
    free(list->entries);
}

/* ---- Counting again ---- */

struct recount {
    struct word_list all; /* sorted, each word once */
    struct word_list block;
    size_t word_length; /* of the word that has begun: the last bytes of the block's text */
};

static int by_word(const void *a, const void *b, void *list)
{
    return word_compare(entry_word(list, a), entry_word(list, b));
}

/* Sort the block and merge it into the list of all words. 0 or ENOMEM. */
static int end_block(struct recount *recount)
{
    struct word_list *block = &recount->block;
    if (block->count == 0)
        return 0;
    qsort_r(block->entries, block->count, sizeof *block->entries, by_word, block);
    struct word_list merged = {0};
    int error = merge(&merged, &recount->all, block);
    list_free(&recount->all);
    recount->all = merged;
    block->count = 0;
    block->text_bytes = 0;
    return error;
}

static int end_word(struct recount *recount)
{
    if (recount->word_length == 0)
        return 0;
    int error = add_entry(&recount->block, recount->word_length, 1);
    recount->word_length = 0;
    if (!error && recount->block.text_bytes >= BLOCK_BYTES)
        error = end_block(recount);
    return error;
}

static int take_byte(struct recount *recount, unsigned char byte)
{
    if (!isascii(byte) || !isalnum(byte))
        return end_word(recount);
    int error = reserve_text(&recount->block, 1);
    if (error)
        return error;
    recount->block.text[recount->block.text_bytes++] = (char)byte;
    recount->word_length++;
    return 0;
}

static int recount_bytes(struct recount *recount, const struct input *input, int fd)
{
    char bytes[READ_BYTES];
    size_t length = sizeof bytes;
    int error = 0;
    for (off_t at = 0; !error && length == sizeof bytes; at += (off_t)length) {
        length = input_read(input, fd, bytes, sizeof bytes, at);
        for (size_t i = 0; !error && i < length; i++)
            error = take_byte(recount, (unsigned char)bytes[i]);
    }
    return error ? error : end_word(recount);
}

static int recount_input(struct recount *recount, const struct input *input)
{
    if (input->size == 0)
        return 0;
    int fd = input_open(input);
    if (fd < 0)
        return 0; /* the first count did not get a byte of it either */
    int error = recount_bytes(recount, input, fd);
    close(fd);
    return error;
}

static int recount_all(struct recount *recount, const struct inputs *inputs)
{
    int error = 0;
    for (size_t i = 0; !error && i < inputs->count; i++)
        error = recount_input(recount, inputs->items[i]);
    return error ? error : end_block(recount);
}

/* ---- Comparing ---- */

struct comparison {
    const struct word_list *all;
    const word_map *words;
    size_t differences;
};

static void tell_difference(struct comparison *comparison, struct im_slice word, uint64_t counted, uint64_t recounted)
{
    if (++comparison->differences > SHOWN_DIFFERENCES)
        return;
    bool is_long = word.length > SHOWN_BYTES;
    fprintf(stderr, "  %.*s%s: counted %llu, verified %llu\n", is_long ? SHOWN_BYTES : (int)word.length, word.bytes,
            is_long ? "..." : "", (unsigned long long)counted, (unsigned long long)recounted);
}

/* Is every word of the list in the map, with its count? */
static void compare_list(struct comparison *comparison)
{
    const struct word_list *all = comparison->all;
    for (size_t i = 0; i < all->count; i++) {
        struct im_slice word = entry_word(all, &all->entries[i]);
        uint64_t counted = 0;
        word_map_get(comparison->words, word, &counted);
        if (counted != all->entries[i].count)
            tell_difference(comparison, word, counted, all->entries[i].count);
    }
}

static bool list_contains(const struct word_list *all, struct im_slice word)
{
    size_t first = 0, end = all->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        int order = word_compare(word, entry_word(all, &all->entries[middle]));
        if (order == 0)
            return true;
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return false;
}

/* Is this word of the map in the list? */
static int compare_map_word(struct im_slice word, const uint64_t *counted, void *argument)
{
    struct comparison *comparison = argument;
    if (!list_contains(comparison->all, word))
        tell_difference(comparison, word, *counted, 0);
    return 0;
}

int verify(const struct inputs *inputs, const word_map *words, size_t *differences)
{
    struct recount recount = {0};
    int error = recount_all(&recount, inputs);
    if (!error) {
        struct comparison comparison = {.all = &recount.all, .words = words};
        compare_list(&comparison);
        word_map_for_each(words, compare_map_word, &comparison);
        *differences = comparison.differences;
    }
    list_free(&recount.all);
    list_free(&recount.block);
    return error;
}
