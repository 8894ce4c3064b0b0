/* SPDX-License-Identifier: MIT */
/**
 * @file panic.h
 * What happens when a rule of sharing is broken: a message with the places, then abort().
 *
 * A panic is for bugs in the calling program (two exclusive borrows, a section that would wait for itself), never
 * for bad input or a failed allocation: those are error codes. Every operation that can panic has a `try_` form that
 * says no instead.
 *
 *     intermut: map: read section of a word_map opened inside a read section: it could wait for itself; ...
 *       here:   report.c:41 in print_totals()
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

/** What a panic handler is told; valid until the handler returns. */
struct im_panic_info {
    const char *message;   /**< one sentence, without prefix or newline */
    struct im_site here;   /**< where the rule was broken now */
    struct im_site before; /**< the place it collides with; its file is NULL when there is none */
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

/** Report a broken rule and never return. `before` may be a zeroed site. Allocates nothing. */
IM_NORETURN IM_COLD void im_panic(struct im_site here, struct im_site before, const char *format, ...) IM_PRINTF(3, 4);

IM_END_DECLS

#endif
