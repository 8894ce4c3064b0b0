/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <langinfo.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    PLAIN_COLUMNS = 80,
    MIN_BAR_COLUMNS = 8,
    MAX_WORD_COLUMNS = 24,
    GROUPED_BYTES = 32, /* the longest number with its commas, and the NUL */
};

/* ---- For people ---- */

/* "1,234,567" */
static const char *grouped(uint64_t number, char text[GROUPED_BYTES])
{
    char *at = text + GROUPED_BYTES - 1;
    *at = '\0';
    for (int digits = 0; digits == 0 || number > 0; digits++, number /= 10) {
        if (digits > 0 && digits % 3 == 0)
            *--at = ',';
        *--at = (char)('0' + number % 10);
    }
    return at;
}

static int terminal_columns(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return PLAIN_COLUMNS;
}

static bool locale_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* A bar for `share` (0 to 1) of so many columns; in UTF-8 to the eighth of a column. */
static void print_bar(double share, int columns, bool utf8)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int length = (int)(share * columns * 8 + 0.5);
    for (int i = 0; i < length / 8; i++)
        fputs(utf8 ? "█" : "#", stdout);
    fputs(utf8 ? eighths[length % 8] : length % 8 >= 4 || length < 8 ? "#" : "", stdout);
}

/* A word in a column; one that is too long is cut and ends in dots. */
static void print_word(struct im_slice word, int columns)
{
    if (word.length <= (size_t)columns)
        printf("%-*.*s", columns, (int)word.length, word.bytes);
    else
        printf("%.*s...", columns - 3, word.bytes);
}

static int column_for_words(const struct summary *summary)
{
    size_t columns = 0;
    for (size_t i = 0; i < summary->top_count; i++) {
        size_t length = im_string_slice(&summary->top[i].word).length;
        columns = length > columns ? length : columns;
    }
    return columns < MAX_WORD_COLUMNS ? (int)columns : MAX_WORD_COLUMNS;
}

static void print_top(const struct summary *summary)
{
    char text[GROUPED_BYTES];
    uint64_t most = summary->top[0].count;
    int word_columns = column_for_words(summary);
    int count_columns = (int)strlen(grouped(most, text));
    int bar_columns = terminal_columns() - word_columns - count_columns - (int)strlen("      ");
    if (bar_columns < MIN_BAR_COLUMNS)
        bar_columns = MIN_BAR_COLUMNS;

    bool utf8 = locale_is_utf8();
    for (size_t i = 0; i < summary->top_count; i++) {
        const struct counted_word *top = &summary->top[i];
        fputs("  ", stdout);
        print_word(im_string_slice(&top->word), word_columns);
        printf("  %*s  ", count_columns, grouped(top->count, text));
        print_bar((double)top->count / (double)most, bar_columns, utf8);
        putchar('\n');
    }
    putchar('\n');
}

static void print_totals(const struct summary *summary)
{
    char total[GROUPED_BYTES], distinct[GROUPED_BYTES];
    double megabytes = (double)summary->bytes / 1e6;
    printf("  words     %s, %s distinct\n", grouped(summary->total, total), grouped(summary->distinct, distinct));
    printf("  read      %.1f MB in %.3f s with %zu thread%s\n", megabytes, summary->seconds, summary->threads,
           summary->threads == 1 ? "" : "s");
    printf("  speed     %.2f M words/s, %.1f MB/s\n", (double)summary->total / 1e6 / summary->seconds,
           megabytes / summary->seconds);
    printf("  table     grew %llu times, longest pause %.3f ms\n", (unsigned long long)summary->table.growths,
           (double)summary->table.longest_pause_ns / 1e6);
}

void report_table(const struct summary *summary, bool verified)
{
    if (summary->top_count)
        print_top(summary);
    print_totals(summary);
    if (verified)
        printf("  verified  every word, by sorting\n");
}

/* ---- For programs ---- */

/* Words are letters and digits: nothing in them needs an escape. */
static void print_json_top(const struct summary *summary)
{
    for (size_t i = 0; i < summary->top_count; i++) {
        struct im_slice word = im_string_slice(&summary->top[i].word);
        fputs(i ? ",\n    {\"word\": \"" : "\n    {\"word\": \"", stdout);
        fwrite(word.bytes, 1, word.length, stdout);
        printf("\", \"count\": %llu}", (unsigned long long)summary->top[i].count);
    }
}

void report_json(const struct summary *summary)
{
    printf("{\n  \"total\": %llu,\n  \"distinct\": %zu,\n  \"top\": [", (unsigned long long)summary->total,
           summary->distinct);
    print_json_top(summary);
    printf("\n  ],\n  \"threads\": %zu,\n  \"seconds\": %.6f,\n  \"growths\": %llu,\n  \"longest_pause_us\": %.3f\n}\n",
           summary->threads, summary->seconds, (unsigned long long)summary->table.growths,
           (double)summary->table.longest_pause_ns / 1e3);
}
