/* SPDX-License-Identifier: MIT */
/**
 * @file raw_guard.h
 * What the guards of all locks have in common: locks that are held, as values.
 *
 * Programs use <intermut/mutex_guard.h>, <intermut/rwlock_guard.h> and <intermut/reentrant_guard.h>, whose macros are made of
 * these. A guard is a struct of `im_guard`, which is the hold, and `im_value`, a pointer. A hold is a struct that begins with
 * `const void *lock`; that is NULL where the guard is empty. What a kind of lock adds are functions of its own hold:
 *
 * | function                              | what it does                                                              |
 * |---------------------------------------|---------------------------------------------------------------------------|
 * | WAY_release(hold, place)              | give the lock back; the hold is empty then. Panics when it is empty       |
 * | WAY_leak(hold, place)                 | the same, but the lock stays locked                                       |
 * | WAY_split(hold, parts, count, place)  | give each part a hold; this one is empty then                             |
 * | WAY_open_unlocked(hold, place)        | give the lock back for a block, which WAY_close_unlocked() ends           |
 */
#ifndef INTERMUT_RAW_GUARD_H
#define INTERMUT_RAW_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include <intermut/checked.h>

/** A part of the value, and the hold of the guard that is to have it. */
struct im_raw_guard_part {
    void *hold;
    const void *value;
    size_t bytes;
};

/** No hold is longer. */
enum { IM_RAW_GUARD_HOLD_BYTES = 16 };

/** How the holds of one kind of lock are split. */
struct im_raw_guard_splitting {
    size_t hold_bytes;
    /** One release more is needed; false: too many. NULL: the lock cannot do that. */
    bool (*share)(const void *hold);
    /** One release less. */
    void (*unshare)(const void *hold);
    bool may_overlap; /**< the parts are for reading only */
};

IM_BEGIN_DECLS

/** Panic: `operation` on a guard that holds no lock. */
IM_NORETURN IM_COLD void im_raw_guard_is_empty(const char *operation, const struct im_place *place);

/** Give each part the hold that `whole` points to, which is empty afterwards. Panics when that cannot be. */
void im_raw_guard_split(void *whole, const struct im_raw_guard_splitting *how, const struct im_raw_guard_part *parts,
                        size_t count, const struct im_place *place);

IM_END_DECLS

/** Whether so many bytes here and so many there have one in common. */
static inline bool im_raw_guard_do_overlap(const void *one, size_t bytes_one, const void *two, size_t bytes_two)
{
    uintptr_t first = (uintptr_t)one, second = (uintptr_t)two;
    return first < second + bytes_two && second < first + bytes_one;
}

/** Panic where a guard, or its hold, is empty. */
static inline void im_raw_guard_require(const void *guard, const char *operation, const struct im_place *place)
{
    if (IM_UNLIKELY(!*(const void *const *)guard))
        im_raw_guard_is_empty(operation, place);
}

/** A guard, or a hold, is empty from here on: its lock goes elsewhere. */
static inline void im_raw_guard_end(void *guard)
{
    *(const void **)guard = NULL;
}

/* The place of what no program wrote. */
static inline const struct im_place *im__raw_guard_end_of_scope(void)
{
    static const struct im_place scope = {"the end of a guard's scope", {NULL, NULL, 0}};
    return &scope;
}

#define IM__GUARD_MAKES(guard, kind, sentence) IM_REQUIRE_KIND((guard *)0, kind, sentence)
/* `guard` is a type of guards, for the T of `self`. */
#define IM__GUARD_FOR(guard, kind, self, sentence)                                                  \
    ((void)sizeof(struct {                                                                          \
        _Static_assert(__builtin_classify_type(*(guard *)0) == IM__RECORD, sentence);               \
        _Static_assert(IM_IS_KIND((guard *)0, kind), sentence);                                     \
        _Static_assert(__builtin_types_compatible_p(IM_TYPE((guard *)0), IM_TYPE(self)), sentence); \
        char im_unused;                                                                             \
    }))
/* `pointer` is one to U; or to const U, where CONST is const. */
#define IM__GUARD_POINTS_TO(CONST, pointer, U, sentence) \
    IM_REQUIRE(_Generic(pointer, U * : 1, const U * : IM__GUARD_IS_CONST(CONST), default : 0), sentence)
#define IM__GUARD_IS_CONST(CONST) _Generic((CONST char *)0, const char * : 1, default : 0)

#define IM__GUARD_EMPTY(guard) \
    (guard)                    \
    {                          \
        .im_value = NULL       \
    }
/* A guard that has a hold, which may be in braces, and a pointer. */
#define IM__GUARD_OF(guard, hold, value)    \
    (guard)                                 \
    {                                       \
        .im_guard = hold, .im_value = value \
    }

/* The hold of a guard, which has none afterwards. */
#define IM__GUARD_HOLD(WAY, at) im__guard_hold(WAY, at, IM_UNIQUE(hold))
#define im__guard_hold(WAY, at, hold)     \
    ({                                    \
        struct WAY hold = (at)->im_guard; \
        im_raw_guard_end(at);             \
        hold;                             \
    })

#define im__guard_release(self, release, at, place) \
    ({                                              \
        __typeof__(self) at = (self);               \
        release(&at->im_guard, place);              \
        at->im_value = NULL;                        \
        (void)0;                                    \
    })

#define im__guard_leak(self, leak, at, value, place)   \
    ({                                                 \
        __typeof__(self) at = (self);                  \
        __typeof__(at->im_value) value = at->im_value; \
        leak(&at->im_guard, place);                    \
        at->im_value = NULL;                           \
        value;                                         \
    })

#define im__guard_move(WAY, self, at, value)                           \
    ({                                                                 \
        __typeof__(self) at = (self);                                  \
        __typeof__(at->im_value) value = at->im_value;                 \
        at->im_value = NULL;                                           \
        IM__GUARD_OF(__typeof__(*at), IM__GUARD_HOLD(WAY, at), value); \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__guard_map(CONST, WAY, guard, self, name, expression, sentence, at, to, place) \
    ({                                                                                    \
        __typeof__(self) at = (self);                                                     \
        im_raw_guard_require(at, "map", place);                                           \
        CONST IM_TYPE(self) *name = at->im_value;                                         \
        (void)name;                                                                       \
        __auto_type to = expression;                                                      \
        IM__GUARD_POINTS_TO(CONST, to, IM_TYPE((guard *)0), sentence);                    \
        at->im_value = NULL;                                                              \
        IM__GUARD_OF(guard, IM__GUARD_HOLD(WAY, at), to);                                 \
    })

#define im__guard_filter_map(CONST, WAY, guard, self, name, expression, sentence, at, to, place) \
    ({                                                                                           \
        __typeof__(self) at = (self);                                                            \
        im_raw_guard_require(at, "filter_map", place);                                           \
        CONST IM_TYPE(self) *name = at->im_value;                                                \
        (void)name;                                                                              \
        __auto_type to = expression;                                                             \
        IM__GUARD_POINTS_TO(CONST, to, IM_TYPE((guard *)0), sentence);                           \
        if (to)                                                                                  \
            at->im_value = NULL;                                                                 \
        to ? IM__GUARD_OF(guard, IM__GUARD_HOLD(WAY, at), to) : IM__GUARD_EMPTY(guard);          \
    })

#define im__guard_map_split(CONST, self, name, split, PART, at, parts, place, ...)    \
    ({                                                                                \
        __typeof__(self) at = (self);                                                 \
        im_raw_guard_require(at, "split", place);                                     \
        CONST IM_TYPE(self) *name = at->im_value;                                     \
        (void)name;                                                                   \
        const struct im_raw_guard_part parts[] = {IM__GUARD_EACH(PART, __VA_ARGS__)}; \
        split(&at->im_guard, parts, sizeof parts / sizeof parts[0], place);           \
        at->im_value = NULL;                                                          \
        (void)0;                                                                      \
    })

/* The parts of a split: each pair (guard, expression) gets the pointer at once, and the hold when all are checked. */
#define IM__GUARD_PART(CONST, kind, to, expression, sentence) \
    im__guard_part(CONST, kind, to, expression, sentence, IM_UNIQUE(part), IM_UNIQUE(value))
#define im__guard_part(CONST, kind, to, expression, sentence, part, value) \
    ({                                                                     \
        IM_REQUIRE_KIND(to, kind, sentence);                               \
        __typeof__(to) part = (to);                                        \
        __auto_type value = expression;                                    \
        IM__GUARD_POINTS_TO(CONST, value, IM_TYPE(to), sentence);          \
        part->im_value = value;                                            \
        (struct im_raw_guard_part){&part->im_guard, value, sizeof *value}; \
    })

#define IM__GUARD_EACH(PART, ...)                                                                             \
    IM__GUARD_PICK(__VA_ARGS__, IM__GUARD_8, IM__GUARD_7, IM__GUARD_6, IM__GUARD_5, IM__GUARD_4, IM__GUARD_3, \
                   IM__GUARD_2, IM__GUARD_1)                                                                  \
    (PART, __VA_ARGS__)
#define IM__GUARD_PICK(a, b, c, d, e, f, g, h, each, ...) each
#define IM__GUARD_1(PART, pair) PART pair
#define IM__GUARD_2(PART, pair, ...) PART pair, IM__GUARD_1(PART, __VA_ARGS__)
#define IM__GUARD_3(PART, pair, ...) PART pair, IM__GUARD_2(PART, __VA_ARGS__)
#define IM__GUARD_4(PART, pair, ...) PART pair, IM__GUARD_3(PART, __VA_ARGS__)
#define IM__GUARD_5(PART, pair, ...) PART pair, IM__GUARD_4(PART, __VA_ARGS__)
#define IM__GUARD_6(PART, pair, ...) PART pair, IM__GUARD_5(PART, __VA_ARGS__)
#define IM__GUARD_7(PART, pair, ...) PART pair, IM__GUARD_6(PART, __VA_ARGS__)
#define IM__GUARD_8(PART, pair, ...) PART pair, IM__GUARD_7(PART, __VA_ARGS__)

/* A block whose lock is given back meanwhile; the guard is empty inside, but for its pointer. */
#define IM__GUARD_UNLOCKED(WAY, self, check, block, once, place)           \
    for (struct WAY##_unlocked block IM_CLEANUP(WAY##_close_unlocked) = ({ \
             check;                                                        \
             WAY##_open_unlocked(&(self)->im_guard, place);                \
         }),                                                               \
                                     *once = &block;                       \
         once; once = NULL)

#endif
