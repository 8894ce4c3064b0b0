/* SPDX-License-Identifier: MIT */
/*
 * The checked build: what is frozen stays as it is.
 *
 * A table of a checked map has a shadow, which holds the bytes of each key and each frozen value as they were
 * published. Only who may change the table touches it, and who ends the table after its last reader; so it needs no order
 * of its own. It is filled here, in the core, and not in the template: plain code that shares the map fills it, too.
 */
#include <map_internal.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/map_checked.h>
#include <intermut/string_key.h>

enum { KEY_TEXT_BYTES = 128, VALUE_TEXT_BYTES = 64, BYTES_SHOWN = 16 };

struct im_map_shadow {
    const struct im_raw_map *map;
    const struct im_map_type *type;
    size_t slots;
    size_t stride; /* bytes remembered of a slot */
    unsigned char bytes[];
};

struct text {
    char *at;
    size_t left; /* with the NUL */
};

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

static void append(struct text *text, const char *what)
{
    int length = snprintf(text->at, text->left, "%s", what);
    size_t used = least((size_t)length, text->left - 1);
    text->at += used;
    text->left -= used;
}

static void append_bytes(struct text *text, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < least(count, BYTES_SHOWN); i++) {
        char byte[8];
        snprintf(byte, sizeof byte, "%s%02x", i ? " " : "", bytes[i]);
        append(text, byte);
    }
    if (count > BYTES_SHOWN)
        append(text, " ...");
}

static void append_string(struct text *text, const im_string *string)
{
    const struct im_slice slice = im_string_slice(string);
    size_t i = 0;
    append(text, "\"");
    for (; i < slice.length && text->left > sizeof "\\xff...\""; i++) {
        const unsigned char byte = (unsigned char)slice.bytes[i];
        char one[8];
        snprintf(one, sizeof one,
                 byte < ' ' || byte > '~'      ? "\\x%02x"
                 : byte == '"' || byte == '\\' ? "\\%c"
                                               : "%c",
                 byte);
        append(text, one);
    }
    append(text, i < slice.length ? "...\"" : "\"");
}

static bool is_number(const struct im_map_part *part)
{
    return (part->look == IM_MAP_SIGNED || part->look == IM_MAP_UNSIGNED) && part->bytes <= sizeof(uint64_t);
}

/* A number of so many bytes, of this machine's order of them. */
static void append_number(struct text *text, const unsigned char *bytes, const struct im_map_part *part)
{
    char number[32];
    uint64_t bits = 0;
    for (size_t i = 0; i < part->bytes; i++)
        bits |= (uint64_t)bytes[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? i : part->bytes - 1 - i] << 8 * i;
    const unsigned unused = 64 - 8 * (unsigned)part->bytes;
    if (part->look == IM_MAP_SIGNED)
        snprintf(number, sizeof number, "%lld", (long long)(bits << unused) >> unused);
    else
        snprintf(number, sizeof number, "%llu", (unsigned long long)bits);
    append(text, number);
}

void im__map_print_key(const struct im_map_check *check, const void *slot, char *buffer, size_t size)
{
    struct text text = {buffer, size};
    const unsigned char *key = (const unsigned char *)slot + check->key.at;
    buffer[0] = '\0';
    if (check->print_key) {
        (void)check->print_key(slot, buffer, size);
        buffer[size - 1] = '\0';
    } else if (check->key.look == IM_MAP_STRING) {
        append_string(&text, (const void *)key);
    } else if (is_number(&check->key)) {
        append_number(&text, key, &check->key);
    } else {
        append_bytes(&text, key, check->key.bytes);
    }
}

static size_t stride_of(const struct im_map_check *check)
{
    return check->value.bytes ? check->value.at + check->value.bytes : check->key.at + check->key.bytes;
}

static bool is_same(const struct im_map_part *part, const unsigned char *slot, const unsigned char *other)
{
    return memcmp(slot + part->at, other + part->at, part->bytes) == 0;
}

/* Aligned copies of what is remembered of two slots, which no padding tells apart; one allocation. False: no memory. */
struct pair {
    unsigned char *was, *is;
};

static bool copy_both(const struct im_map_type *type, const void *was, const void *is, struct pair *pair)
{
    const size_t alignment = type->slot_alignment < sizeof(void *) ? sizeof(void *) : type->slot_alignment;
    const size_t bytes = (type->slot_bytes + alignment - 1) / alignment * alignment;
    unsigned char *memory = im_allocate(NULL, 2 * bytes, alignment);
    if (!memory)
        return false;
    *pair = (struct pair){memory, memory + bytes};
    memcpy(pair->was, was, stride_of(type->check));
    memcpy(pair->is, is, stride_of(type->check));
    if (type->check->clear_padding) {
        type->check->clear_padding(pair->was);
        type->check->clear_padding(pair->is);
    }
    return true;
}

static void pair_end(const struct pair *pair)
{
    im_release(NULL, pair->was, 2 * (size_t)(pair->is - pair->was));
}

static void append_range(struct text *text, const struct im_map_part *part, const unsigned char *bytes, size_t first,
                         size_t last)
{
    if (is_number(part))
        append_number(text, bytes, part);
    else
        append_bytes(text, bytes + first, last - first + 1);
}

/* Says so, and ends the pair: a handler of panics may leave. */
IM_COLD static void refuse(const struct im_map_type *type, const struct pair *pair, bool in_key, const char *seen,
                           const struct im_panic_line *found)
{
    const struct im_map_part *part = in_key ? &type->check->key : &type->check->value;
    const unsigned char *was = pair->was + part->at, *is = pair->is + part->at;
    char key[KEY_TEXT_BYTES], from[VALUE_TEXT_BYTES], to[VALUE_TEXT_BYTES];
    struct text from_text = {from, sizeof from}, to_text = {to, sizeof to};
    size_t first = 0, last = part->bytes - 1;
    while (was[first] == is[first])
        first++;
    while (was[last] == is[last])
        last--;
    append_range(&from_text, part, was, first, last);
    append_range(&to_text, part, is, first, last);
    im__map_print_key(type->check, pair->was, key, sizeof key);
    pair_end(pair);
    im_panic_with((struct im_site){0}, found, found ? 1 : 0, 0,
                  "map: %skey %s in %s is frozen, but was changed at offset %zu from %s to %s, seen %s",
                  in_key ? "" : "the value of ", key, type->name, first, from, to, seen);
}

void im__map_refuse_change(const struct im_raw_map *map, const struct im_map_type *type, const void *was,
                           const void *is, const char *seen, const struct im_panic_line *found)
{
    const struct im_map_check *check = type->check;
    struct pair pair;
    if (IM_LIKELY(is_same(&check->key, was, is) && is_same(&check->value, was, is)))
        return;
    if (!copy_both(type, was, is, &pair))
        return;
    const bool is_same_key =
        is_same(&check->key, pair.was, pair.is) || (check->is_same_key && check->is_same_key(map, pair.was, pair.is));
    if (!is_same_key || !(is_same(&check->value, pair.was, pair.is) ||
                          (check->is_same_value && check->is_same_value(pair.was, pair.is))))
        refuse(type, &pair, !is_same_key, seen, found);
    pair_end(&pair);
}

/* ---- Shadows ---- */

struct im_map_shadow *im__map_shadow_new(const struct im_raw_map *map, const struct im_map_type *type, size_t slots)
{
    const size_t stride = stride_of(type->check);
    size_t bytes;
    if (__builtin_mul_overflow(slots, stride, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(struct im_map_shadow), &bytes))
        return NULL;
    struct im_map_shadow *shadow = im_allocate(NULL, bytes, _Alignof(struct im_map_shadow));
    if (shadow)
        *shadow = (struct im_map_shadow){map, type, slots, stride};
    return shadow;
}

void im__map_shadow_free(struct im_map_shadow *shadow)
{
    im_release(NULL, shadow, sizeof *shadow + shadow->slots * shadow->stride);
}

void im__map_shadow_fill(const struct im_map_table *table, size_t slot)
{
    struct im_map_shadow *shadow = table->shadow;
    memcpy(shadow->bytes + slot * shadow->stride, im_map_slot(table, slot, shadow->type->slot_bytes), shadow->stride);
}

void im__map_shadow_compare(const struct im_map_table *table, size_t slot, const char *seen)
{
    const struct im_map_shadow *shadow = table->shadow;
    im__map_refuse_change(shadow->map, shadow->type, shadow->bytes + slot * shadow->stride,
                          im_map_slot(table, slot, shadow->type->slot_bytes), seen, NULL);
}

void im__map_shadow_moved(const struct im_map_table *table, size_t slot, const void *from)
{
    const struct im_map_type *type = table->shadow->type;
    if (type->changes_in_place)
        im_checked_memory_moved(from, im_map_slot(table, slot, type->slot_bytes), type->slot_bytes);
}

void im__map_shadow_forget(const struct im_map_table *table, size_t slot, size_t count)
{
    const struct im_map_type *type = table->shadow->type;
    if (type->changes_in_place)
        im_checked_memory_ends(im_map_slot(table, slot + count - 1, type->slot_bytes), count * type->slot_bytes);
}

void im__map_shadow_compare_used(const struct im_map_table *table, const char *seen)
{
    FOR_EACH_USED_SLOT(table, slot)
    im__map_shadow_compare(table, slot, seen);
}
