/* SPDX-License-Identifier: MIT */
/*
 * The checked build: who uses a value that changes in place is in a section that found it.
 *
 * Such a value is used by operations of intermut's types only, and each of them tells the checked build where its object
 * is (im_checked_reached). If that is inside a slot of one of our tables, which are listed here by their addresses, then
 * this thread changes the map, or is in a section that found the slot (sections.c), or it is too late, or a walk found it.
 *
 * One lock protects the list; the tables' owners see to it that a table is in it from before its first reader to after
 * its last one. Whatever may be interrupted by a signal handler while it holds this lock or that of sections.c says so
 * before (im__map_is_busy): then the handler's own uses are not looked at.
 */
#include <map_internal.h>

#include <stdio.h>
#include <string.h>

#include <intermut/map_checked.h>

enum { KEY_TEXT_BYTES = 128, FIRST_TABLES = 16 };

struct listed {
    uintptr_t first, end; /* of the slots */
    const struct im_raw_map *map;
    const struct im_map_type *type;
    const struct im_map_table *table;
};

static struct im_sync_mutex lock;
static struct listed *tables; /* by ascending addresses */
static size_t count, capacity;
static uintptr_t lowest, highest; /* atomic; all tables are in between */

static void enter(void)
{
    im__map_is_busy++;
    im_sync_mutex_lock(&lock);
}

static void leave(void)
{
    im_sync_mutex_unlock(&lock);
    im__map_is_busy--;
}

/* How many tables begin at or below an address. Under the lock. */
static size_t tables_up_to(uintptr_t address)
{
    size_t from = 0, to = count;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (tables[middle].first <= address)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Under the lock. */
static const struct listed *table_at(uintptr_t address)
{
    const size_t at = tables_up_to(address);
    return at > 0 && address < tables[at - 1].end ? &tables[at - 1] : NULL;
}

/* Under the lock. */
static void note_range(void)
{
    im_sync_store(&lowest, count ? tables[0].first : 0, memory_order_relaxed);
    im_sync_store(&highest, count ? tables[count - 1].end : 0, memory_order_relaxed);
}

static bool has_room(void)
{
    if (count < capacity)
        return true;
    const size_t wanted = capacity ? 2 * capacity : FIRST_TABLES;
    struct listed *larger = im_allocate(NULL, wanted * sizeof *larger, _Alignof(struct listed));
    if (!larger)
        return false;
    if (count)
        memcpy(larger, tables, count * sizeof *larger);
    im_release(NULL, tables, capacity * sizeof *tables);
    tables = larger;
    capacity = wanted;
    return true;
}

/* ---- Who is too late ---- */

/* What is used: copied, since the table may be gone when the lock is released. */
struct use {
    const struct im_raw_map *map;
    const struct im_map_type *type;
    const void *slot;
};

static size_t slot_number(const struct listed *in, uintptr_t address)
{
    return (in->end - 1 - address) / in->type->slot_bytes;
}

static bool find_use(uintptr_t address, struct use *use)
{
    enter();
    const struct listed *in = table_at(address);
    if (in)
        *use = (struct use){in->map, in->type, im_map_slot(in->table, slot_number(in, address), in->type->slot_bytes)};
    leave();
    return in != NULL;
}

struct im_map_key_bytes im__map_key_bytes(const struct im_map_type *type, const void *slot)
{
    const struct im_map_part *key = &type->check->key;
    struct im_map_key_bytes bytes = {{0}};
    memcpy(bytes.bytes, (const unsigned char *)slot + key->at, key->bytes < sizeof bytes ? key->bytes : sizeof bytes);
    return bytes;
}

/* Under the lock. */
static bool is_in_use(const struct listed *in, size_t slot)
{
    /* Acquire: as in im_map_group_load(). */
    const uint64_t word = im_sync_load(&in->table->control[slot / IM_MAP_WORD_SLOTS], memory_order_acquire);
    return im_map_control_is_full((uint8_t)(word >> (8 * (slot % IM_MAP_WORD_SLOTS))));
}

/* The key of a slot as text; false: it has none, or another one than was found. */
static bool print_key(const struct use *use, const struct im_map_key_bytes *found, char *text)
{
    enter();
    const struct listed *in = table_at((uintptr_t)use->slot);
    bool is_there = in && in->type == use->type && is_in_use(in, slot_number(in, (uintptr_t)use->slot));
    if (is_there && found) {
        const struct im_map_key_bytes now = im__map_key_bytes(use->type, use->slot);
        is_there = memcmp(found, &now, sizeof now) == 0;
    }
    if (is_there)
        im__map_print_key(use->type->check, use->slot, text, KEY_TEXT_BYTES);
    leave();
    return is_there;
}

IM_COLD static void refuse(const struct use *use, enum im_map_lateness lateness, const struct im_map_late *found,
                           const struct im_place *place)
{
    static const char *const what[] = {
        [IM_MAP_IN_TIME] = "",
        [IM_MAP_AFTER_SECTION] = " is used after the read section in which it was found",
        [IM_MAP_OUTSIDE] = " is used outside of any read section of its map",
        [IM_MAP_IN_WALK] = ", found inside of a walk, is used: growth may have copied it",
    };
    const struct im_map_late *late = lateness == IM_MAP_AFTER_SECTION ? found : NULL;
    char key[KEY_TEXT_BYTES], whose[KEY_TEXT_BYTES + sizeof "key "] = "a removed key";
    const struct im_panic_line line = late ? (struct im_panic_line){"found", late->site, late->thread}
                                           : (struct im_panic_line){NULL, {NULL, NULL, 0}, 0};
    if (print_key(use, late ? &late->key : NULL, key))
        snprintf(whose, sizeof whose, "key %s", key);
    im_panic_with(place ? place->site : (struct im_site){0}, &line, line.site.file ? 1 : 0, 0,
                  "map: the value of %s in %s%s", whose, use->type->name, what[lateness]);
}

static void look(const void *object, const struct im_place *place)
{
    const uintptr_t address = (uintptr_t)object;
    struct use use;
    struct im_map_late late;
    /* Relaxed: who was given a pointer into a table comes after its listing. */
    if (address < im_sync_load(&lowest, memory_order_relaxed) ||
        address >= im_sync_load(&highest, memory_order_relaxed))
        return;
    if (im__map_is_busy || !find_use(address, &use) || im_map_is_writing(use.map))
        return;
    const enum im_map_lateness lateness = im__map_section_lateness(use.map, use.type, use.slot, &late);
    if (IM_UNLIKELY(lateness != IM_MAP_IN_TIME))
        refuse(&use, lateness, &late, place);
}

void im_map_uses_values(bool uses)
{
    im__map_is_busy += uses ? 1u : -1u;
}

/* ---- The list ---- */

/*
 * In the child there is this thread only. Said at once, so that it is the last to be called: a fork() waits for the helpers
 * of maps before (forks.c), which need the lock, and for readers, who do.
 */
__attribute__((constructor)) static void watch_forks(void)
{
    im_sync_at_fork(enter, leave, leave);
}

static void prepare(void)
{
    static struct im_checked_listener listener = {.reached = look};
    static bool is_ready;
    if (!is_ready)
        im_checked_listen(&listener);
    is_ready = true;
}

void im__map_table_listed(const struct im_raw_map *map, const struct im_map_type *type,
                          const struct im_map_table *table)
{
    const uintptr_t end = (uintptr_t)table;
    const struct listed new = {end - im_map_slots_of(table) * type->slot_bytes, end, map, type, table};
    enter();
    if (has_room()) {
        const size_t at = tables_up_to(new.first);
        memmove(&tables[at + 1], &tables[at], (count - at) * sizeof *tables);
        tables[at] = new;
        count++;
        note_range();
        prepare();
    }
    leave();
}

void im__map_table_unlisted(const struct im_map_table *table)
{
    enter();
    const struct listed *in = table_at((uintptr_t)table - 1);
    if (in) {
        const size_t at = (size_t)(in - tables);
        count--;
        memmove(&tables[at], &tables[at + 1], (count - at) * sizeof *tables);
        note_range();
    }
    leave();
}
