/* SPDX-License-Identifier: MIT */
/**
 * @file thread_safety.h
 * Words for clang's thread-safety analysis: what must be held to call a function, and what a call takes and gives back.
 *
 * clang warns with `-Wthread-safety` when a program breaks what they say; nothing else changes, in no build. gcc has no
 * such analysis, and to it all of them are empty. They stand behind the parameter list:
 *
 *     struct IM_CAPABILITY("mutex") gate { ... };
 *
 *     void gate_close(const struct gate *gate) IM_ACQUIRE(*gate);
 *     void gate_open(const struct gate *gate) IM_RELEASE(*gate);
 *     int *gate_value(const struct gate *gate) IM_REQUIRES(*gate);     // the only way to what is behind it
 *
 * What clang 14 to 19 make of C: `guarded_by` of a sibling is refused in a struct, so a value is guarded by an accessor
 * function that requires the capability. A parameter is named as `*gate`, not `gate`: then a call with `&door` and one
 * with a pointer `p` to it are told apart, but two names of one object are two capabilities. Cleanup functions are not
 * followed: a block form takes the capability in a call that the caller's function makes itself. Inside the functions
 * that implement a lock the analysis is switched off, with IM_NO_THREAD_SAFETY_ANALYSIS.
 */
#ifndef INTERMUT_THREAD_SAFETY_H
#define INTERMUT_THREAD_SAFETY_H

#include <intermut/compiler.h>

#if defined(__clang__)
#define IM__THREAD_SAFETY(...) __attribute__((__VA_ARGS__))
#else
#define IM__THREAD_SAFETY(...)
#endif

/** On a struct, `struct IM_CAPABILITY("mutex") name { … }`: its objects can be held; `what` is their name in warnings. */
#define IM_CAPABILITY(what) IM__THREAD_SAFETY(capability(what))
/** On a struct: its objects hold a capability as long as they live. */
#define IM_SCOPED_CAPABILITY IM__THREAD_SAFETY(scoped_lockable)

/** The call takes the capability, which the caller does not hold yet: exclusively, or shared with others. */
#define IM_ACQUIRE(...) IM__THREAD_SAFETY(acquire_capability(__VA_ARGS__))
#define IM_ACQUIRE_SHARED(...) IM__THREAD_SAFETY(acquire_shared_capability(__VA_ARGS__))
/** The same if the call returns `result`, true or false: `IM_TRY_ACQUIRE(true, *lock)`. A pointer counts as a bool. */
#define IM_TRY_ACQUIRE(...) IM__THREAD_SAFETY(try_acquire_capability(__VA_ARGS__))
#define IM_TRY_ACQUIRE_SHARED(...) IM__THREAD_SAFETY(try_acquire_shared_capability(__VA_ARGS__))
/** The call gives back what was taken exclusively, shared, or either way. */
#define IM_RELEASE(...) IM__THREAD_SAFETY(release_capability(__VA_ARGS__))
#define IM_RELEASE_SHARED(...) IM__THREAD_SAFETY(release_shared_capability(__VA_ARGS__))
#define IM_RELEASE_GENERIC(...) IM__THREAD_SAFETY(release_generic_capability(__VA_ARGS__))

/** The caller holds the capability, exclusively, or at least shared; and still does after the call. */
#define IM_REQUIRES(...) IM__THREAD_SAFETY(requires_capability(__VA_ARGS__))
#define IM_REQUIRES_SHARED(...) IM__THREAD_SAFETY(requires_shared_capability(__VA_ARGS__))
/** The caller does not hold it: the call takes it by itself. */
#define IM_EXCLUDES(...) IM__THREAD_SAFETY(locks_excluded(__VA_ARGS__))

/** After the call the capability counts as held: for a check that ends the program otherwise. */
#define IM_ASSERT_CAPABILITY(...) IM__THREAD_SAFETY(assert_capability(__VA_ARGS__))
#define IM_ASSERT_SHARED_CAPABILITY(...) IM__THREAD_SAFETY(assert_shared_capability(__VA_ARGS__))
/** The function returns a pointer to this capability. */
#define IM_RETURN_CAPABILITY(capability) IM__THREAD_SAFETY(lock_returned(capability))

/** The body of this function is not analysed. */
#define IM_NO_THREAD_SAFETY_ANALYSIS IM__THREAD_SAFETY(no_thread_safety_analysis)

#endif
