/* SPDX-License-Identifier: MIT */
/**
 * @file traits.h
 * What a type promises, checked while compiling: Freeze, and the tags by which macros recognise intermut's own types.
 *
 * **Freeze** is for types without *shallow* interior mutability: nobody changes the bytes of a value through a pointer
 * to const. A frozen value may be copied by its bytes while others still read it, so a concurrent map may move it to
 * a larger table under its readers. A pointer to something that changes is fine: the pointer itself stays as it is.
 *
 *     typedef struct { uint32_t gateway; uint16_t port; } route;
 *     IM_FREEZE(route);
 *
 * The compiler checks the promise against intermut's own types, at any depth of nesting: every one of them has a
 * zero-size const member, which makes a struct that holds it non-assignable (C11 6.3.2.1), and IM_FREEZE assigns.
 *
 *     typedef struct { im_cell(int) hits; } page;
 *     IM_FREEZE(page);      // error: ... page_has_interior_mutability_and_is_not_Freeze
 *
 * It cannot see foreign interior mutability (a pthread_mutex_t or an _Atomic member), and clang, unlike gcc, does not
 * look into arrays inside T: there, the declaration is your word.
 */
#ifndef INTERMUT_TRAITS_H
#define INTERMUT_TRAITS_H

#ifdef __cplusplus
#error "intermut's types are for C: from C++ only <intermut/panic.h> and <intermut/allocator.h>"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <intermut/compiler.h>

/**
 * Declare that type T is Freeze. T is one word, so a struct needs a typedef. May be repeated.
 * Does not compile when T holds an intermut type inline.
 */
#define IM_FREEZE(T) IM__FREEZE(T)
#define IM__FREEZE(T)                                                                                                 \
    _Static_assert(IM_IS_ONE_WORD(#T), "Freeze: T is one word: give the type a name by a typedef, and declare that"); \
    typedef __typeof__(((struct { T T##_has_interior_mutability_and_is_not_Freeze; } *)0)                             \
                           ->T##_has_interior_mutability_and_is_not_Freeze = *(T *)0) IM_FREEZE_is_missing_for_##T

/**
 * Whether a type's name, as a string, is no `unsigned long`, `struct tag` or `const char *`, which cannot be part of an
 * identifier. A constant.
 */
#define IM_IS_ONE_WORD(name)                                                                                     \
    (!IM__BEGINS_WITH(name, "unsigned") && !IM__BEGINS_WITH(name, "signed") && !IM__BEGINS_WITH(name, "long") && \
     !IM__BEGINS_WITH(name, "short") && !IM__BEGINS_WITH(name, "struct") && !IM__BEGINS_WITH(name, "union") &&   \
     !IM__BEGINS_WITH(name, "enum") && !IM__BEGINS_WITH(name, "const") && !IM__BEGINS_WITH(name, "volatile"))
#define IM__BEGINS_WITH(name, word) (__builtin_strncmp(name, word " ", sizeof(word)) == 0)

/** A type that exists only where IM_FREEZE(T) was declared; its name is the error message otherwise. */
#define IM_FREEZE_PROOF(T) IM_PASTE(IM_FREEZE_is_missing_for_, T)

IM_FREEZE(bool);
IM_FREEZE(char);
IM_FREEZE(short);
IM_FREEZE(int);
IM_FREEZE(long);
IM_FREEZE(unsigned);
IM_FREEZE(float);
IM_FREEZE(double);
IM_FREEZE(int8_t);
IM_FREEZE(int16_t);
IM_FREEZE(int32_t);
IM_FREEZE(int64_t);
IM_FREEZE(uint8_t);
IM_FREEZE(uint16_t);
IM_FREEZE(uint32_t);
IM_FREEZE(uint64_t);
IM_FREEZE(intptr_t);
IM_FREEZE(uintptr_t);
IM_FREEZE(size_t);
IM_FREEZE(ptrdiff_t);

/**
 * The tags of an intermut type `im_<kind>(T)`: members without size or alignment that carry T and the kind.
 *
 * The name of the second is what a compiler says of a struct that is no intermut object, as where a borrowed pointer is
 * given in place of the refcell: "'struct text' has no member named ...".
 *
 * Their being const makes the type, and every struct around it, non-assignable: a shared value is never overwritten or
 * duplicated by a plain `=`.
 */
#define IM_TAGS(kind, T)                                     \
    __typeof__(T) *const im_type[0] __attribute__((packed)); \
    struct im_kind_##kind *const im_kind_that_intermut_objects_have[0] __attribute__((packed))

/** The T of the intermut object that `object` points to, unqualified also where the pointer is to const. */
#define IM_TYPE(object) __typeof__(*(object)->im_type[0])

/** Whether `object` points to an `im_<kind>(…)`. A constant. */
#define IM_IS_KIND(object, kind) \
    __builtin_types_compatible_p(__typeof__((object)->im_kind_that_intermut_objects_have[0]), struct im_kind_##kind *)

/** Whether `object`, whose value is in the member `im_value`, is an exclusive pointer: one to non-const. A constant. */
#define IM_IS_EXCLUSIVE(object) _Generic(&(object)->im_value, const IM_TYPE(object) * : 0, default : 1)

/** An expression of type void that does not compile unless `condition`, a constant, holds. */
#define IM_REQUIRE(condition, sentence)      \
    ((void)sizeof(struct {                   \
        _Static_assert(condition, sentence); \
        char im_unused;                      \
    }))

/**
 * The same for: `object` points to an `im_<kind>(…)`. What is no pointer, as an object without its `&`, or points to
 * something that is no struct, gets the sentence first, too.
 */
#define IM_REQUIRE_KIND(object, kind, sentence)             \
    ((void)sizeof(struct {                                  \
        IM__ASSERT_POINTS_TO_RECORD(object, sentence);      \
        _Static_assert(IM_IS_KIND(object, kind), sentence); \
        char im_unused;                                     \
    }))

/* Members of a struct that is never made. The sentence is string literals. */
#define IM__ASSERT_POINTS_TO_RECORD(object, sentence)                                                        \
    _Static_assert(__builtin_classify_type(object) == IM__POINTER, sentence ": pass its address, with a &"); \
    _Static_assert(__builtin_classify_type(*(object)) == IM__RECORD, sentence)

#define IM_REQUIRE_SAME_TYPE(A, B, sentence) IM_REQUIRE(__builtin_types_compatible_p(A, B), sentence)

/* What kind of type T is; constants. The numbers are those of gcc's typeclass.h, which clang shares. */
enum { IM__INTEGER = 1, IM__POINTER = 5, IM__FLOATING = 8, IM__RECORD = 12 };
#define IM_IS_FLOATING(T) (__builtin_classify_type(*(T *)0) == IM__FLOATING)
#define IM_IS_POINTER(T) (__builtin_classify_type(*(T *)0) == IM__POINTER)
#define IM_IS_BOOL(T) _Generic(*(T *)0, bool : 1, default : 0)
/** Integers and enumerations, without bool. */
#define IM_IS_INTEGER(T) (__builtin_classify_type(*(T *)0) == IM__INTEGER && !IM_IS_BOOL(T))
#define IM_IS_SCALAR(T) (IM_IS_INTEGER(T) || IM_IS_BOOL(T) || IM_IS_FLOATING(T) || IM_IS_POINTER(T))

#endif
