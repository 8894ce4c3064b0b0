/* SPDX-License-Identifier: MIT */
/**
 * @file map_checked.h
 * The checked build of maps: a frozen value that is changed, and a value that is used after the read section in which it
 * was found, are caught.
 *
 * Compile with `-DIM_CHECKED=1`; nothing else changes, neither layout nor ABI, and checked and plain objects may share a
 * map. What is found:
 *
 * - **A frozen value or a key that was changed in place**, through a cast or by a stray write. It would be lost in the
 *   table that comes next, or be seen by half of the readers. The map remembers the bytes of each key and of each frozen
 *   value beside its tables, and compares when a table is copied, when the old one ends after its grace period, and when a
 *   removed or replaced one ends:
 *
 *       intermut: map: the value of key 42 in route_map is frozen, but was changed at offset 4 from 50 to 51, seen when
 *       its table was copied
 *
 *   Padding is not compared (by clang, which cannot tell where it is, only if IM_MAP_SAME_VALUE says so), nor what
 *   pointers point to, nor values that change in place, but for their keys.
 *
 * - **What NAME_find or im_map_with gave, used after its section.** They give pointers to copies of frozen values there,
 *   which nobody can access any more when the section has been left; at its end each is compared with its value. An
 *   access later ends the program where it happens:
 *
 *       intermut: map: the value of key 42 in route_map is used after the read section in which it was found
 *         found:  router.c:212 in forward()   thread 4711
 *
 *   This is a handler of SIGSEGV; one that the program has is called for all else, and who sets one later gets a plain
 *   SIGSEGV. The copies of the last 64 sections of each thread are kept for it. A second find of the same key in the same
 *   section gives the same pointer.
 *
 *   Values that change in place have no copy. But each operation of intermut's types (a load, a store, a lock, an unlock,
 *   a borrow, ...) looks whether its object, or the struct around it, lies in the table of a map, and if so, whether the
 *   thread is in a section that found that value, in a walk that showed it, or in a callback of a change of that map:
 *
 *       intermut: map: the value of key 42 in hit_map is used after the read section in which it was found
 *         here:   server.c:212 in serve()     thread 4711
 *         found:  stats.c:88   in look_up()   thread 4711
 *
 *   Nor is an atomic value to be used that a visitor of for_each found, or who steps a cursor, in a section of the walk:
 *   growth does not wait for those, so a change might be made to what was copied already.
 *
 *       intermut: map: the value of key 42 in hit_map, found inside of a walk, is used: growth may have copied it
 *         here:   stats.c:97   in add_up()    thread 4711
 *
 *   It has to be found again in each section. Another thread may use it while the section lasts that found it. What is
 *   not seen: operations of plain code; what a program reaches by itself (im_unsafe_cell, im_atomic_as_ptr, a raw lock,
 *   a pointer from a borrow or from get_mut); a look that changes nothing (is_locked, a sequence that is read by hand);
 *   a late use inside of another section of that map when it was found more than 64 sections ago, or by plain code; and a
 *   table that has ended, since its memory may be anybody's: that is AddressSanitizer's.
 *
 *   `found:` is there for blocks (im_map_with), which know where they stand; read_lock and find do not.
 *
 * - **NAME_find outside of any read section**, of whatever kind of values, and read_unlock.
 *
 * And im_map_on_stall() says who reads: <intermut/map_stall.h>.
 *
 * Keys are printed as numbers, strings, or bytes; IM_MAP_PRINT_KEY says otherwise. The functions below are for
 * map_template.h, and there in each build; nothing in a plain one calls them.
 * Cost: twice the memory, and some microseconds for each section in which something is found; some 100 bytes for each
 * value that changes in place and was found in one of the last 64 sections of a thread; for an operation on whatever lies
 * at an address between such tables, a lock that all share.
 * Concurrency: any thread. Not for signal handlers, which may use what was found by others. Where memory is short, less is
 * checked. Plain code may find what checked code uses, but for this: what checked code has found in an earlier section,
 * plain code finds again in one that checked code opened, and checked code uses: that is taken for a late use.
 */
#ifndef INTERMUT_MAP_CHECKED_H
#define INTERMUT_MAP_CHECKED_H

#include <intermut/checked.h>
#include <intermut/raw_map.h>

/** How the bytes of a key or a value are shown. */
enum im_map_look { IM_MAP_BYTES, IM_MAP_SIGNED, IM_MAP_UNSIGNED, IM_MAP_STRING };

/** Of a part of a slot: its key, or its value. */
struct im_map_part {
    size_t at;
    size_t bytes;
    enum im_map_look look;
};

/* What the checked build must know of a map's types, in addition to struct im_map_type; one constant per instance. */
struct im_map_check {
    struct im_map_part key;
    struct im_map_part value; /* of a frozen value; without bytes: it changes in place */
    /* Zero the padding of a copy of a slot: the two parts above; NULL where the compiler cannot. */
    void (*clear_padding)(void *slot);
    /* Whether two slots have the same key or value, though their bytes differ; NULL: then they have not. */
    bool (*is_same_key)(const struct im_raw_map *map, const void *slot, const void *other);
    bool (*is_same_value)(const void *slot, const void *other);
    /* Write a key as text, as snprintf() does; NULL: as it looks. */
    int (*print_key)(const void *slot, char *text, size_t size);
};

#define IM__MAP_LOOK_OF(T)                                        \
    (__builtin_types_compatible_p(T, im_string) ? IM_MAP_STRING   \
     : IM_IS_POINTER(T) || IM_IS_BOOL(T)        ? IM_MAP_UNSIGNED \
     : !IM_IS_INTEGER(T)                        ? IM_MAP_BYTES    \
     : IM__MAP_IS_SIGNED(T)                     ? IM_MAP_SIGNED   \
                                                : IM_MAP_UNSIGNED)
#define IM__MAP_IS_SIGNED(T) ((__typeof__(__builtin_choose_expr(IM_IS_INTEGER(T), *(T *)0, 0)))-1 < 1)

IM_BEGIN_DECLS

/** This thread opened a read section of a map; `site` without a file: not known where. */
void im_map_section_opened(const struct im_raw_map *map, const struct im_map_type *type, struct im_site site);

/** The same of a walk for which growth does not wait: what is found inside must not be used if it changes in place. */
void im_map_walk_opened(const struct im_raw_map *map, const struct im_map_type *type);

/** It leaves the latest one of that map: what was found there is compared, and not to be looked at any more. */
void im_map_section_left(const struct im_raw_map *map);

/**
 * A slot was found in a section of the map: the one to show instead of it, a copy if its value is frozen. Panics outside
 * of any read section; `in_section` says whether there is one that plain code opened.
 */
const void *im_map_section_finds(const struct im_raw_map *map, const struct im_map_type *type, const void *slot,
                                 bool in_section);

/** The map itself uses values that change in place, from here on or no longer: that needs no section of this kind. */
void im_map_uses_values(bool uses);

IM_END_DECLS

#endif
