/* SPDX-License-Identifier: MIT */
/**
 * @file checked.h
 * The checked build: who holds what, and since which line, so that a broken rule names both places.
 *
 * Compile with `-DIM_CHECKED=1` (meson option `checked`; pkg-config variable `checked_cflags` of intermut-base) to turn
 * it on. The records are kept here, beside the objects, under their addresses. So layout and ABI stay as they are, and
 * checked and plain objects link into one program: borrows made in plain code are counted, but not named.
 *
 *     const char *text = im_refcell_borrow(&doc->text);       // and no release
 *     ...
 *     im_checked_report();                                    // at the end: names the line above
 *
 * The functions are there in each build. In a plain one nothing calls them, and they know of no borrow.
 * Concurrency: any thread; one lock. Allocates a record for each borrow; one for which there is no memory is not named.
 * Not for signal handlers, nor for the child of a fork() in a program with threads.
 */
#ifndef INTERMUT_CHECKED_H
#define INTERMUT_CHECKED_H

#include <stdbool.h>
#include <stddef.h>

#include <intermut/panic.h>

#ifndef IM_CHECKED
#define IM_CHECKED 0
#endif

/** An operand as the program spells it, and where that stands. */
struct im_place {
    const char *expression;
    struct im_site site;
};

/** A pointer to the place where this is written; static, so that passing it costs one instruction. */
#define IM_PLACE(expression)                                                                   \
    ({                                                                                         \
        static const struct im_place im__place = {expression, {__FILE__, __func__, __LINE__}}; \
        &im__place;                                                                            \
    })

/** A borrow that has not been released yet. */
struct im_checked_borrow {
    const struct im_place *place; /**< where it began */
    long thread;                  /**< the kernel's number of the thread that began it */
    bool exclusive;
};

/* For the types that are checked: the object of a shared operation, which is told where it is. */
#if IM_CHECKED
#define IM_REACH(self, place) ((const __typeof__(*(self)) *)im_checked_reached(self, place))
#else
#define IM_REACH(self, place) (self)
#endif

IM_BEGIN_DECLS

/**
 * The borrows of `object` that have not been released, oldest first: up to `capacity` of them are written to `list`.
 * Returns how many there are. `object` is the address of the im_refcell, also after a `try_` form said no.
 */
size_t im_checked_borrows(const void *object, struct im_checked_borrow *list, size_t capacity);

/**
 * The same as the lines of a panic, the first of them labelled `label`: for im_panic_with().
 */
size_t im_checked_lines(const void *object, const char *label, struct im_panic_line *lines, size_t capacity);

/**
 * The same as lines of text, each with a newline in front, always terminated. What does not fit is counted in the last
 * line. Returns the number of borrows.
 */
size_t im_checked_describe(const void *object, char *text, size_t size);

/**
 * Write every borrow that has not been released to standard error, a line each: at the end of a program, those are the
 * leaked ones. Returns their number.
 */
size_t im_checked_report(void);

/*
 * For the types that are checked. `value` is what the borrow points to: it tells the parts of one object apart.
 */

/**
 * A borrow begins. `alone`: the object's own count says that there is no other one, so what is still recorded was
 * released by plain code, or belongs to an object that was here before. Panics when another thread holds a borrow.
 */
void im_checked_borrowed(const void *object, const void *value, bool exclusive, bool alone,
                         const struct im_place *place);

/** The same for objects that several threads may hold: nothing is refused. */
void im_checked_acquired(const void *object, const void *value, bool exclusive, bool alone,
                         const struct im_place *place);

/**
 * A write begins, for `operation`, of an object that has one writer at a time, which its users see to. Panics when
 * another one is under way, and names it. It ends by im_checked_released().
 */
void im_checked_write_begins(const void *object, const char *operation, const struct im_place *place);

/** Panics when `object` is NULL. */
IM_ADDRESS_ONLY(1)
void im_checked_refuse_null(const void *object, const struct im_place *place);

/**
 * Panics when this thread has begun something with `object` that is not over: `operation` would wait for its own thread.
 */
void im_checked_refuse_own(const void *object, const char *operation, const struct im_place *place);

/**
 * A borrow ends. Of several that look the same, it is the latest one of this function, or else the latest one.
 * `place` may be NULL.
 */
void im_checked_released(const void *object, const void *value, const struct im_place *place);

/** A borrow points to something else from now on; it keeps the place where it began. */
void im_checked_moved(const void *object, const void *from, const void *to);

/** All borrows of `object` end. */
void im_checked_forget(const void *object);

/** Whether another thread than this one holds a borrow of `object`. */
bool im_checked_is_foreign(const void *object);

/**
 * The objects in this memory end here without being told: what is on record about them does not hold for those that lie
 * there next. For containers of a checked build.
 */
void im_checked_memory_ends(const void *memory, size_t bytes);

/** They were moved by their bytes, with nobody using them. */
void im_checked_memory_moved(const void *from, const void *to, size_t bytes);

/**
 * An operation on `object` begins, at `place` (NULL: not known). Each type calls it before anything else of the object is
 * looked at, so that a container can say no: it panics when `object` is not to be used here. Gives `object`.
 */
IM_ADDRESS_ONLY(1)
const void *im_checked_reached(const void *object, const struct im_place *place);

/** Who keeps records of objects under their addresses. */
struct im_checked_listener {
    void (*ends)(const void *memory, size_t bytes);                /* NULL: does not care */
    void (*moved)(const void *from, const void *to, size_t bytes); /* NULL: is learnt anew */
    /* Locks that this thread has for itself alone: up to `capacity`; how many. NULL: knows of none. */
    size_t (*locks_held)(const void **locks, size_t capacity);
    void (*reached)(const void *object, const struct im_place *place); /* the same */
    struct im_checked_listener *next;
};

/** The locks that this thread has for itself alone, as far as somebody keeps records of them. */
size_t im_checked_locks_held(const void **locks, size_t capacity);

/** From now on `listener`, a static object, is told of memory that ends or moves, and asked for locks. Once for each. */
void im_checked_listen(struct im_checked_listener *listener);

IM_END_DECLS

#endif
