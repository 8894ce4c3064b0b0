/* SPDX-License-Identifier: MIT */
/**
 * @file panic.h
 * What happens when a rule of sharing is broken: a message with the places, then abort().
 *
 * A panic is for bugs in the calling program (two exclusive borrows, a section that would wait for itself), never
 * for bad input or a failed allocation: those are error codes. Every operation that can panic has a `try_` form that
 * says no instead.
 *
 *     intermut: cannot borrow_mut `doc->text`: already borrowed
 *       here:      editor.c:212 in save()            thread 4711
 *       borrowed:  editor.c:88  in render_line()     thread 4711   (1 of 2)
 *                  editor.c:95  in render_cursor()   thread 4711   (2 of 2)
 */
#ifndef INTERMUT_PANIC_H
#define INTERMUT_PANIC_H

#include <stddef.h>

#include <intermut/compiler.h>

IM_BEGIN_DECLS

/** A place in the source. A zeroed one is no place. */
struct im_site {
    const char *file;
    const char *function;
    int line;
};

/** The place where this is written. */
#define IM_HERE ((struct im_site){__FILE__, __func__, __LINE__})

/** A place that a broken rule collides with: one line of the report. */
struct im_panic_line {
    const char *label;   /**< what was done there: "borrowed"; NULL: the same as in the line before */
    struct im_site site; /**< without a file: plain code, which is not recorded */
    long thread;         /**< the kernel's number of the thread that did it; 0: not known */
};

/** What a panic handler is told; valid until the handler returns. */
struct im_panic_info {
    const char *message;               /**< one sentence, without prefix or newline */
    struct im_site here;               /**< where the rule was broken now */
    struct im_site before;             /**< the site of the first line; its file is NULL when there is none */
    long thread;                       /**< the kernel's number of the thread that broke the rule */
    const struct im_panic_line *lines; /**< all known places that it collides with */
    size_t line_count;
    size_t total; /**< how many there are, of which the lines are the first; 0: they are not parts of one list */
};

typedef void im_panic_handler(const struct im_panic_info *info);

/**
 * Replace the panic handler of the process; NULL brings the default back.
 *
 * A handler must not return to the broken code: it may end the process or the thread, or longjmp. If it returns, the
 * process aborts. The default writes the message to standard error. Any thread may call this at any time.
 * Returns the handler before this one, NULL for the default.
 */
im_panic_handler *im_panic_set_handler(im_panic_handler *handler);

/** Write the report to standard error, and return: what the default handler does, for handlers that do more. */
void im_panic_print(const struct im_panic_info *info);

/** Report a broken rule and never return. `before` may be a zeroed site. Allocates nothing. */
IM_NORETURN IM_COLD void im_panic(struct im_site here, struct im_site before, const char *format, ...) IM_PRINTF(3, 4);

/**
 * The same with `line_count` places. `total`, when it is not 0, says of how many: each line gets its number when there
 * are several, and a last line counts those that are missing.
 */
IM_NORETURN IM_COLD void im_panic_with(struct im_site here, const struct im_panic_line *lines, size_t line_count,
                                       size_t total, const char *format, ...) IM_PRINTF(5, 6);

IM_END_DECLS

#endif
