/* SPDX-License-Identifier: MIT */
/* case: hash_without_seed */
/* error gcc: macro "IM_MAP_HASH" passed 2 arguments, but takes just 1 */
/* error clang: too many arguments provided to function-like macro invocation */
/* case: eq_of_one_argument */
/* error gcc: macro "IM_MAP_EQ" passed 2 arguments, but takes just 1 */
/* error clang: too many arguments provided to function-like macro invocation */
/* case: hash_without_the_context */
/* error gcc: macro "IM_MAP_HASH" passed 3 arguments, but takes just 2 */
/* error clang: too many arguments provided to function-like macro invocation */
/* case: eq_without_the_context */
/* error gcc: macro "IM_MAP_EQ" passed 3 arguments, but takes just 2 */
/* error clang: too many arguments provided to function-like macro invocation */
/* case: drop_key_without_allocator */
/* error gcc: macro "IM_MAP_DROP_KEY" passed 2 arguments, but takes just 1 */
/* error clang: too many arguments provided to function-like macro invocation */
/* case: drop_value_with_allocator */
/* error gcc: macro "IM_MAP_DROP_VALUE" requires 2 arguments, but only 1 given */
/* error clang: too few arguments provided to function-like macro invocation */
#include <stdint.h>

#define SPREAD(query) ((uint64_t)(query)*UINT64_C(0x9e3779b97f4a7c15))

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#if defined(BROKEN_hash_without_the_context) || defined(BROKEN_eq_without_the_context)
#define IM_MAP_CONTEXT const int *
#endif
#ifdef BROKEN_hash_without_seed
#define IM_MAP_HASH(query) SPREAD(query)
#elif defined(BROKEN_eq_without_the_context)
#define IM_MAP_HASH(query, seed, context) (SPREAD(query) ^ (seed) ^ !(context))
#else
#define IM_MAP_HASH(query, seed) (SPREAD(query) ^ (seed))
#endif
#ifdef BROKEN_eq_of_one_argument
#define IM_MAP_EQ(a) ((a) == 0)
#elif defined(BROKEN_hash_without_the_context)
#define IM_MAP_EQ(a, b, context) ((context) && (a) == (b))
#else
#define IM_MAP_EQ(a, b) ((a) == (b))
#endif
#ifdef BROKEN_drop_key_without_allocator
#define IM_MAP_DROP_KEY(key) ((void)(key))
#else
#define IM_MAP_DROP_KEY(key, allocator) ((void)(key), (void)(allocator))
#endif
#ifdef BROKEN_drop_value_with_allocator
#define IM_MAP_DROP_VALUE(value, allocator) ((void)(value), (void)(allocator))
#else
#define IM_MAP_DROP_VALUE(value) ((void)(value))
#endif
#include <intermut/map.h>
