/* SPDX-License-Identifier: MIT */
/*
 * What the checked build must know of a map: what map_template.h includes for each one, where IM_CHECKED is set.
 */

#if __has_builtin(__builtin_clear_padding)
static inline void IM__MAP(__clear_padding)(void *slot)
{
#if IM__MAP_IN_PLACE
    __builtin_clear_padding((IM__MAP(__key) *)slot);
#else
    __builtin_clear_padding((IM__MAP(__slot) *)slot);
#endif
}
#define IM__MAP_CLEAR_PADDING IM__MAP(__clear_padding)
#define IM__MAP_IS_SAME_KEY NULL
#else
/* As searches see it. For keys that are looked up by themselves: what others point to is not to be followed here. */
static inline bool IM__MAP(__is_same_key)(const struct im_raw_map *map, const void *slot, const void *other)
{
    return IM__MAP(__is_equal)(map, IM__MAP(__query_of)(slot), IM__MAP(__query_of)(other));
}
#define IM__MAP_CLEAR_PADDING NULL
#define IM__MAP_IS_SAME_KEY \
    (__builtin_types_compatible_p(IM__MAP(__query), IM__MAP(__key)) ? IM__MAP(__is_same_key) : NULL)
#endif

#ifdef IM_MAP_SAME_VALUE
static inline bool IM__MAP(__is_same_value)(const void *im_slot, const void *im_other)
{
    return IM_MAP_SAME_VALUE(&((const IM__MAP(__slot) *)im_slot)->value, &((const IM__MAP(__slot) *)im_other)->value);
}
#define IM__MAP_IS_SAME_VALUE IM__MAP(__is_same_value)
#else
#define IM__MAP_IS_SAME_VALUE NULL
#endif

#ifdef IM_MAP_PRINT_KEY
static inline int IM__MAP(__print_key)(const void *im_slot, char *im_text, size_t im_size)
{
    return IM_MAP_PRINT_KEY(&((const IM__MAP(__slot) *)im_slot)->key, im_text, im_size);
}
#define IM__MAP_PRINT_KEY IM__MAP(__print_key)
#else
#define IM__MAP_PRINT_KEY NULL
#endif

static const struct im_map_check IM__MAP(__check) = {
    .key = {offsetof(IM__MAP(__slot), key), sizeof(IM__MAP(__key)), IM__MAP_LOOK_OF(IM__MAP(__key))},
#if !IM__MAP_IN_PLACE
    .value = {offsetof(IM__MAP(__slot), value), sizeof(IM__MAP(__value)), IM__MAP_LOOK_OF(IM__MAP(__value))},
#endif
    .clear_padding = IM__MAP_CLEAR_PADDING,
    .is_same_key = IM__MAP_IS_SAME_KEY,
    .is_same_value = IM__MAP_IS_SAME_VALUE,
    .print_key = IM__MAP_PRINT_KEY,
};

#undef IM__MAP_CLEAR_PADDING
#undef IM__MAP_IS_SAME_KEY
#undef IM__MAP_IS_SAME_VALUE
#undef IM__MAP_PRINT_KEY
