/* SPDX-License-Identifier: MIT */
/**
 * @file compiler.h
 * What the compiler is told and asked: attributes, sanitizers in use, the few built-ins all modules share.
 *
 * Works with gcc 12 and later and clang 14 and later, as C11 with GNU extensions.
 */
#ifndef INTERMUT_COMPILER_H
#define INTERMUT_COMPILER_H

#if !defined(__GNUC__)
#error "intermut needs gcc or clang: statement expressions, __typeof__ and __atomic built-ins"
#endif

#if defined(__STRICT_ANSI__) && !defined(__cplusplus)
#error "intermut needs GNU C: compile with -std=gnu11 or later, not -std=c11"
#endif

#ifdef __cplusplus
#define IM_BEGIN_DECLS extern "C" {
#define IM_END_DECLS }
#else
#define IM_BEGIN_DECLS
#define IM_END_DECLS
#endif

/** Bytes between two objects that must not share a cache line: x86-64 and most aarch64. */
#define IM_CACHE_LINE_BYTES 64

#define IM_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define IM_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/** Inlined even without optimisation, so that a constant size or memory order stays one. */
#define IM_INLINE static inline __attribute__((always_inline))
/** An x86 instruction from one operand to another, for an asm: with -masm=intel the second one comes first. */
#define IM_X86_MOVE(name, from, to) name " {" from ", " to "|" to ", " from "}"
/** Keeps the slow path out of the caller's fast one. */
#define IM_COLD __attribute__((cold, noinline))
#define IM_NORETURN __attribute__((noreturn))
#define IM_UNUSED __attribute__((unused))
#define IM_MUST_CHECK __attribute__((warn_unused_result))
/* Around what a try gives, so that gcc warns where nobody looks at it: who does not know the answer may not go on. */
IM_MUST_CHECK IM_INLINE void *im_result_of_a_try(void *result)
{
    return result;
}
IM_MUST_CHECK IM_INLINE const void *im_result_of_a_const_try(const void *result)
{
    return result;
}

/* The whole of a try: the body of a macro is no place of which clang says that a result is unused, but its argument is. */
#define IM__TRY(...) __VA_ARGS__

#define IM_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define IM_CLEANUP(function) __attribute__((cleanup(function)))
/** For a function that looks at an address, not at what is there: gcc need not ask whether that was ever written. */
#if defined(__clang__)
#define IM_ADDRESS_ONLY(position)
#else
#define IM_ADDRESS_ONLY(position) __attribute__((access(none, position)))
#endif
/** For words through which values of any type are read and written. */
#define IM_MAY_ALIAS __attribute__((may_alias))

#define IM_PASTE(a, b) IM__PASTE(a, b)
#define IM__PASTE(a, b) a##b
/**
 * A name that nothing else has. For the locals of macros: a macro passes the names to another one, which has the
 * body, so that it may be used in its own arguments without one local hiding the other.
 */
#define IM_UNIQUE(name) IM_PASTE(im__##name##_, __COUNTER__)
#define IM_STRING(a) IM__STRING(a)
#define IM__STRING(a) #a

#if defined(__SANITIZE_THREAD__)
#define IM_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IM_THREAD_SANITIZER 1
#endif
#endif
#ifndef IM_THREAD_SANITIZER
#define IM_THREAD_SANITIZER 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define IM_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IM_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef IM_ADDRESS_SANITIZER
#define IM_ADDRESS_SANITIZER 0
#endif

#endif
