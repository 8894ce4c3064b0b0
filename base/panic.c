/* SPDX-License-Identifier: MIT */
#include <intermut/panic.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <intermut/sync.h>

enum { MESSAGE_BYTES = 512, REPORT_BYTES = 1024 };

static im_panic_handler *current_handler;

static size_t append_site(char *report, size_t used, const char *label, struct im_site site)
{
    if (!site.file || used >= REPORT_BYTES)
        return used;
    int n = snprintf(report + used, REPORT_BYTES - used, "  %-8s%s:%d in %s()\n", label, site.file, site.line,
                     site.function);
    return n < 0 ? used : used + (size_t)n;
}

static void print_report(const struct im_panic_info *info)
{
    char report[REPORT_BYTES];
    int n = snprintf(report, sizeof report, "intermut: %s\n", info->message);
    size_t used = n < 0 ? 0 : (size_t)n;
    used = append_site(report, used, "here:", info->here);
    used = append_site(report, used, "before:", info->before);
    if (used > sizeof report - 1)
        used = sizeof report - 1;
    /* One write, so that reports of two threads do not mix; there is nobody to tell if it fails. */
    ssize_t written = write(STDERR_FILENO, report, used);
    (void)written;
}

im_panic_handler *im_panic_set_handler(im_panic_handler *handler)
{
    /* acq_rel: what the handler's setter prepared is visible to the thread that panics (acquire in im_panic). */
    return im_sync_exchange(&current_handler, handler, memory_order_acq_rel);
}

void im_panic(struct im_site here, struct im_site before, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    const struct im_panic_info info = {.message = message, .here = here, .before = before};
    /* Pairs with the release in im_panic_set_handler(). */
    im_panic_handler *handler = im_sync_load(&current_handler, memory_order_acquire);
    (handler ? handler : print_report)(&info);
    abort();
}
