/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/racy_copy.h>

enum { MARGIN = 24, LONGEST = 100, BUFFER = LONGEST + 2 * MARGIN };

static unsigned char pattern(size_t at)
{
    return (unsigned char)(at * 7 + 3);
}

static void fill(unsigned char *buffer)
{
    for (size_t i = 0; i < BUFFER; i++)
        buffer[i] = pattern(i);
}

/* Every length at every alignment of both sides, with nothing touched around it. */
static void check_copy(void (*copy)(void *, const void *, size_t))
{
    _Alignas(64) unsigned char from[BUFFER], to[BUFFER];
    fill(from);
    for (size_t length = 0; length <= LONGEST; length++) {
        for (size_t source = 0; source < 17; source++) {
            for (size_t target = 0; target < 17; target++) {
                memset(to, 0xee, sizeof to);
                copy(to + target, from + source, length);
                cr_assert_arr_eq(to + target, from + source, length, "length %zu from %zu to %zu", length, source,
                                 target);
                for (size_t i = 0; i < BUFFER; i++)
                    cr_assert(to[i] == 0xee || (i >= target && i < target + length));
            }
        }
    }
}

Test(racy_copy, load_copies_any_length_at_any_alignment)
{
    check_copy(im_racy_load);
}

Test(racy_copy, store_copies_any_length_at_any_alignment)
{
    check_copy(im_racy_store);
}

#define CHECK_ALIGNED(alignment, length)                                            \
    do {                                                                            \
        _Alignas(64) unsigned char from[BUFFER], to[BUFFER];                        \
        fill(from);                                                                 \
        memset(to, 0xee, sizeof to);                                                \
        im_racy_load_aligned(to + 3, from + (alignment), length, alignment);        \
        cr_assert_arr_eq(to + 3, from + (alignment), length);                       \
        cr_assert(to[2] == 0xee && to[3 + (length)] == 0xee);                       \
        memset(to, 0xee, sizeof to);                                                \
        im_racy_store_aligned(to + (alignment), from + 5, length, alignment);       \
        cr_assert_arr_eq(to + (alignment), from + 5, length);                       \
        cr_assert(to[(alignment)-1] == 0xee && to[(alignment) + (length)] == 0xee); \
    } while (0)

Test(racy_copy, copies_any_length_where_the_alignment_is_known)
{
    for (size_t length = 0; length <= LONGEST; length++) {
        CHECK_ALIGNED(8, length);
        CHECK_ALIGNED(16, length);
    }
    CHECK_ALIGNED(8, 24);
    CHECK_ALIGNED(16, 31);
    CHECK_ALIGNED(16, 64);
}

/* A writer fills memory with equal bytes; an aligned word that holds two kinds of bytes was torn. */
struct race {
    _Alignas(64) unsigned char shared[BUFFER];
    size_t start;
    size_t length;
    int stop;
};

static void *keep_writing(void *argument)
{
    struct race *race = argument;
    unsigned char bytes[BUFFER];
    for (unsigned char value = 0; !im_sync_load(&race->stop, memory_order_relaxed); value++) {
        memset(bytes, value, race->length);
        im_racy_store(race->shared + race->start, bytes, race->length);
    }
    return NULL;
}

static bool word_is_whole(const unsigned char *word, size_t bytes)
{
    for (size_t i = 1; i < bytes; i++) {
        if (word[i] != word[0])
            return false;
    }
    return true;
}

static void check_words(const struct race *race, const unsigned char *copy)
{
    for (size_t bytes = 2; bytes <= 8; bytes *= 2) {
        size_t first = (race->start + bytes - 1) & ~(bytes - 1);
        for (size_t at = first; at + bytes <= race->start + race->length; at += bytes)
            cr_assert(word_is_whole(copy + (at - race->start), bytes), "%zu-byte word at %zu torn", bytes, at);
    }
}

static void race_at(size_t start, size_t length)
{
    struct race race = {.start = start, .length = length};
    unsigned char copy[BUFFER];
    pthread_t writer;
    cr_assert_eq(pthread_create(&writer, NULL, keep_writing, &race), 0);
    for (int i = 0; i < 20000; i++) {
        im_racy_load(copy, race.shared + start, length);
        check_words(&race, copy);
    }
    im_sync_store(&race.stop, 1, memory_order_relaxed);
    pthread_join(writer, NULL);
}

Test(racy_copy, aligned_words_do_not_tear)
{
    race_at(0, 64);
    race_at(8, 56);
    race_at(1, 47);
    race_at(6, 13);
}
