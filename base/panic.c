/* SPDX-License-Identifier: MIT */
#include <intermut/panic.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <intermut/sync.h>

/* No more than a pipe takes at once: reports of two threads do not mix there. */
enum { MESSAGE_BYTES = 1024, REPORT_BYTES = 4096 };

static im_panic_handler *current_handler;

struct report {
    size_t used;
    char text[REPORT_BYTES];
};

/* How wide the columns of a report are, so that they stand below each other. */
struct widths {
    int label, place, function;
};

static IM_PRINTF(2, 3) void append(struct report *report, const char *format, ...)
{
    size_t left = sizeof report->text - report->used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(report->text + report->used, left, format, arguments);
    va_end(arguments);
    if (length > 0)
        report->used += (size_t)length < left ? (size_t)length : left - 1;
}

static void widen(int *width, int used)
{
    if (used > *width)
        *width = used;
}

static void measure(struct widths *widths, const struct im_panic_line *line)
{
    if (line->label)
        widen(&widths->label, (int)strlen(line->label));
    if (!line->site.file)
        return;
    widen(&widths->place, snprintf(NULL, 0, "%s:%d", line->site.file, line->site.line));
    widen(&widths->function, (int)strlen(line->site.function));
}

/* Line `number` of `total`. */
static void append_line(struct report *report, const struct widths *widths, const struct im_panic_line *line,
                        size_t number, size_t total)
{
    const struct im_site *site = &line->site;
    int label = line->label ? (int)strlen(line->label) : -1;
    append(report, "  %s%s%*s", line->label ? line->label : "", line->label ? ":" : "", widths->label - label + 2, "");
    if (site->file) {
        int place = snprintf(NULL, 0, "%s:%d", site->file, site->line);
        append(report, "%s:%d%*s in %s()", site->file, site->line, widths->place - place, "", site->function);
    } else {
        append(report, "a place that is not recorded");
    }
    if (line->thread)
        append(report, "%*s   thread %ld", site->file ? widths->function - (int)strlen(site->function) : 0, "",
               line->thread);
    if (total > 1)
        append(report, "   (%zu of %zu)", number, total);
    append(report, "\n");
}

void im_panic_print(const struct im_panic_info *info)
{
    const struct im_panic_line here = {"here", info->here, info->thread};
    struct widths widths = {0};
    struct report report = {0};

    measure(&widths, &here);
    for (size_t i = 0; i < info->line_count; i++)
        measure(&widths, &info->lines[i]);
    append(&report, "intermut: %s\n", info->message);
    if (info->here.file)
        append_line(&report, &widths, &here, 0, 0);
    for (size_t i = 0; i < info->line_count; i++)
        append_line(&report, &widths, &info->lines[i], i + 1, info->total);
    if (info->total > info->line_count)
        append(&report, "  %*sand %zu more\n", widths.label + 3, "", info->total - info->line_count);
    /* One write; there is nobody to tell if it fails. */
    ssize_t written = write(STDERR_FILENO, report.text, report.used);
    (void)written;
}

im_panic_handler *im_panic_set_handler(im_panic_handler *handler)
{
    /* acq_rel: what the handler's setter prepared is visible to the thread that panics (acquire in panic_with). */
    return im_sync_exchange(&current_handler, handler, memory_order_acq_rel);
}

static IM_NORETURN void panic_with(struct im_site here, const struct im_panic_line *lines, size_t line_count,
                                   size_t total, const char *format, va_list arguments)
{
    char message[MESSAGE_BYTES];
    vsnprintf(message, sizeof message, format, arguments);

    const struct im_panic_info info = {
        .message = message,
        .here = here,
        .before = line_count ? lines[0].site : (struct im_site){0},
        .thread = im_sync_thread_number(),
        .lines = lines,
        .line_count = line_count,
        .total = total,
    };
    /* Pairs with the release in im_panic_set_handler(). */
    im_panic_handler *handler = im_sync_load(&current_handler, memory_order_acquire);
    (handler ? handler : im_panic_print)(&info);
    abort();
}

void im_panic(struct im_site here, struct im_site before, const char *format, ...)
{
    const struct im_panic_line line = {"before", before, 0};
    va_list arguments;
    va_start(arguments, format);
    panic_with(here, &line, before.file ? 1 : 0, 0, format, arguments);
}

void im_panic_with(struct im_site here, const struct im_panic_line *lines, size_t line_count, size_t total,
                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    panic_with(here, lines, line_count, total, format, arguments);
}
