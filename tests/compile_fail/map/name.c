/* SPDX-License-Identifier: MIT */
/* case: no_name */
/* error: map: define IM_MAP_NAME, too */
/* and no other error */
/* case: name_with_a_tag */
/* error: map: IM_MAP_NAME is one word: the type, and the prefix of its functions */
/* and no other error */
/* case: name_of_two_words */
/* error gcc: missing binary operator before token "map" */
/* error clang: token is not a valid binary operator */
/* case: name_without_a_word */
/* error: map: IM_MAP_NAME is one word: the type, and the prefix of its functions */
/* and no other error */
#ifdef BROKEN_name_with_a_tag
#define IM_MAP_NAME struct numbers
#elif defined(BROKEN_name_of_two_words)
#define IM_MAP_NAME number map
#elif defined(BROKEN_name_without_a_word)
#define IM_MAP_NAME
#elif !defined(BROKEN_no_name)
#define IM_MAP_NAME numbers
#endif
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

/* The parameters are undefined again, whatever was wrong with them. */
#define IM_MAP_NAME other
#define IM_MAP_KEY long
#define IM_MAP_VALUE char
#include <intermut/map.h>
