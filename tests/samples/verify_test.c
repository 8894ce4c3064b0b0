/* SPDX-License-Identifier: MIT */
/*
 * Can word_count --verify fail? Here it gets maps with wrong counts, and must name each of them.
 *
 * The map is filled by hand, not by the program: a mistake in counting is what --verify is to find, and the program
 * makes none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "verify.h"

static unsigned test_number;
static unsigned failures;

static void check(bool condition, const char *name)
{
    failures += !condition;
    printf("%sok %u - %s\n", condition ? "" : "not ", ++test_number, name);
}

/* What is in the input; kept short of one word in the map by the tests, or given too much. */
static const char text[] = "the cat and the dog and the end-of-the-tale\n";

static void fill(const word_map *words)
{
    static const struct {
        const char *word;
        uint64_t count;
    } counts[] = {{"the", 4}, {"and", 2}, {"cat", 1}, {"dog", 1}, {"end", 1}, {"of", 1}, {"tale", 1}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (word_map_insert(words, im_slice_of(counts[i].word), counts[i].count))
            exit(EXIT_FAILURE);
    }
}

static void set(const word_map *words, const char *word, uint64_t count)
{
    if (word_map_put(words, im_slice_of(word), count, NULL))
        exit(EXIT_FAILURE);
}

static void take_away(const word_map *words, const char *word)
{
    if (word_map_remove(words, im_slice_of(word), NULL))
        exit(EXIT_FAILURE);
}

static void no_change(const word_map *words)
{
    (void)words;
}

static void one_too_many(const word_map *words)
{
    set(words, "the", 5);
}

static void one_lost(const word_map *words)
{
    set(words, "and", 1);
}

static void missing_word(const word_map *words)
{
    take_away(words, "tale");
}

static void extra_word(const word_map *words)
{
    set(words, "cut", 1);
}

/* Number of words and total are right. */
static void wrong_word(const word_map *words)
{
    take_away(words, "cat");
    set(words, "ca", 1);
}

/* The total is right. */
static void moved_count(const word_map *words)
{
    set(words, "the", 3);
    set(words, "cat", 2);
}

static void all_wrong(const word_map *words)
{
    static const char *const all[] = {"the", "and", "cat", "dog", "end", "of", "tale"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        set(words, all[i], 100);
}

/* How many differences --verify finds between the text and the map that `change` has changed. */
static size_t differences_after(const struct inputs *inputs, void (*change)(const word_map *words))
{
    word_map words = {0};
    fill(&words);
    change(&words);
    size_t differences = SIZE_MAX;
    if (verify(inputs, &words, &differences))
        exit(EXIT_FAILURE);
    word_map_destroy(&words);
    return differences;
}

/* The input, as a file with a name. */
static void write_input(char *path)
{
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file || fputs(text, file) < 0 || fclose(file))
        exit(EXIT_FAILURE);
}

int main(void)
{
    char path[] = "/tmp/verify_test.XXXXXX";
    write_input(path);
    struct inputs inputs = {0};
    if (inputs_list(&inputs, (char *[]){path, NULL}, true))
        exit(EXIT_FAILURE);

    printf("1..8\n");
    check(differences_after(&inputs, no_change) == 0, "verify accepts the right counts");
    check(differences_after(&inputs, one_too_many) == 1, "verify finds a word counted once too often");
    check(differences_after(&inputs, one_lost) == 1, "verify finds a lost increment");
    check(differences_after(&inputs, missing_word) == 1, "verify finds a missing word");
    check(differences_after(&inputs, extra_word) == 1, "verify finds a word that is not in the input");
    check(differences_after(&inputs, wrong_word) == 2, "verify finds a word in place of another");
    check(differences_after(&inputs, moved_count) == 2, "verify finds a count given to the wrong word");
    check(differences_after(&inputs, all_wrong) == 7, "verify counts all differences");

    inputs_free(&inputs);
    unlink(path);
    return failures > 0;
}
