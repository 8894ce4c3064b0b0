/* SPDX-License-Identifier: MIT */
/* The cold paths of owners: refusals, which say what stood in the way, and what the checked build remembers. */
#include <intermut/raw_owner.h>

#include <string.h>

#include <intermut/sync.h>

/* Some dozens of blocks that are open at the same time are many; the panic counts those that it does not list. */
enum { LISTED = 64 };

/* The operand without the `&` that most have. */
static const char *name_of(const char *expression)
{
    return expression + (expression[0] == '&');
}

static struct im_site site_of(const struct im_place *place)
{
    return place ? place->site : (struct im_site){NULL, NULL, 0};
}

/* The records of holds, of a thread on an owner, are under an address of their own. */
static const void *holds_of(const struct im_raw_owner *owner)
{
    return &owner->im_made;
}

static bool is_made(const struct im_raw_owner *owner)
{
    return im_raw_owner_id(owner) != 0;
}

static bool is_pinned(const struct im_raw_owner *owner)
{
    uint64_t id = im_raw_owner_id(owner);
    return id != 0 && id % 8 == 0;
}

static bool is_held(const struct im_raw_owner *owner)
{
    return (owner->im_key & 3) == IM_RAW_OWNER_HELD;
}

void im_raw_owner_make(struct im_raw_owner *owner, uint64_t id, const struct im_place *place)
{
    owner->im_made = place;
    owner->im_writer = NULL;
    owner->im_thread = 0;
    owner->im_key = id;
}

IM_NORETURN static void refuse_held(const struct im_raw_owner *owner, const char *operation, const char *cell,
                                    const char *name, struct im_site here)
{
    struct im_panic_line lines[LISTED];
    size_t count = im_checked_lines(owner, "held", lines, LISTED);
    bool by_writer = is_held(owner);
    if (!count && by_writer) {
        lines[0] = (struct im_panic_line){"held", owner->im_writer->cell.site, 0};
        count = 1;
    }
    im_panic_with(here, lines, count < LISTED ? count : LISTED, count, "cannot %s `%s`: %s%s%sheld by a block",
                  operation, name_of(cell), name ? "`" : "", name ? name_of(name) : "", name ? "` is " : "it is ");
}

void im_raw_owner_end(struct im_raw_owner *owner, const struct im_place *place)
{
    if (!is_made(owner))
        im_panic_with(site_of(place), NULL, 0, 0, "cannot end `%s`: it has not been made, or has ended",
                      name_of(place->expression));
    if (is_held(owner))
        refuse_held(owner, "end", place->expression, NULL, site_of(place));
    owner->im_key = IM_RAW_OWNER_ENDED;
}

int im_raw_owner_obstacle(const struct im_raw_owner *owner, uint64_t id)
{
    return is_made(owner) && im_raw_owner_id(owner) == id ? EBUSY : EPERM;
}

static void require_made(const struct im_raw_owner *owner, const struct im_token_place *place)
{
    if (!is_made(owner))
        im_panic_with(place->cell.site, NULL, 0, 0, "cannot %s `%s`: `%s` has not been made, or has ended",
                      place->operation, name_of(place->cell.expression), name_of(place->owner));
}

void im_raw_owner_refuse(const struct im_raw_owner *owner, uint64_t id, const struct im_token_place *place)
{
    const char *cell = place->cell.expression, *name = place->owner;
    struct im_panic_line made = {"made", site_of(owner->im_made), 0};
    size_t lines = made.site.file != NULL;
    require_made(owner, place);
    if (im_raw_owner_id(owner) == id)
        refuse_held(owner, place->operation, cell, name, place->cell.site);
    if (!id)
        im_panic_with(place->cell.site, &made, lines, 0, "cannot %s `%s`: it is zeroed, and belongs to nobody",
                      place->operation, name_of(cell));
    im_panic_with(place->cell.site, &made, lines, 0, "cannot %s `%s`: it belongs to another owner than `%s`",
                  place->operation, name_of(cell), name_of(name));
}

void im_raw_owner_refuse_part(const struct im_raw_owner *owner, bool with_ids, const void *cell,
                              const struct im_token_place *place)
{
    im_raw_owner_refuse(owner, im__token_part_id(with_ids, cell), place);
}

void im_raw_owner_refuse_overlap(const void *one, const void *two, const struct im_token_place *place_one,
                                 const struct im_token_place *place_two)
{
    im_panic_with(place_one->cell.site, NULL, 0, 0, "cannot %s `%s` and `%s`: they %s", place_one->operation,
                  name_of(place_one->cell.expression), name_of(place_two->cell.expression),
                  one == two ? "are one cell" : "overlap");
}

/* An element of an array of pointers, whatever they point to. */
static const void *pointer_at(const void *pointers, size_t index)
{
    const void *pointer;
    memcpy(&pointer, (const char *)pointers + index * sizeof pointer, sizeof pointer);
    return pointer;
}

static uint64_t id_at(const void *cells, size_t index, bool with_ids)
{
    const void *cell = pointer_at(cells, index);
    return with_ids ? *(const uint64_t *)cell : IM_RAW_OWNER_MARKED;
}

/* The first cell that overlaps one before it, which is written to *other; `count`: none does. */
static size_t first_overlap(const void *cells, size_t count, size_t bytes, size_t *other)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (im_token_do_overlap(pointer_at(cells, i), bytes, pointer_at(cells, j), bytes)) {
                *other = j;
                return i;
            }
        }
    }
    return count;
}

static void hand_out(void *values, const void *cells, size_t count, size_t offset)
{
    for (size_t i = 0; i < count; i++) {
        void *value = im_token_value(pointer_at(cells, i), offset);
        memcpy((char *)values + i * sizeof value, &value, sizeof value);
    }
}

int im_raw_owner_try_gather(const struct im_raw_owner *owner, bool keyed, bool with_ids, void *values,
                            const void *cells, size_t count, size_t bytes, size_t offset)
{
    size_t other;
    for (size_t i = 0; i < count; i++) {
        uint64_t id = id_at(cells, i, with_ids);
        if (!im_raw_owner_opens(owner, keyed, id))
            return im_raw_owner_obstacle(owner, id);
    }
    if (first_overlap(cells, count, bytes, &other) != count)
        return EINVAL;
    hand_out(values, cells, count, offset);
    return 0;
}

void im_raw_owner_gather(const struct im_raw_owner *owner, bool keyed, bool with_ids, void *values, const void *cells,
                         size_t count, size_t bytes, size_t offset, const struct im_token_place *place)
{
    size_t other = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t id = id_at(cells, i, with_ids);
        if (!im_raw_owner_opens(owner, keyed, id))
            im_raw_owner_refuse(owner, id, place);
    }
    size_t overlapping = first_overlap(cells, count, bytes, &other);
    if (overlapping != count)
        im_panic_with(place->cell.site, NULL, 0, 0, "cannot %s `%s`: cells %zu and %zu overlap", place->operation,
                      name_of(place->cell.expression), other, overlapping);
    hand_out(values, cells, count, offset);
}

/* ---- The checked build ---- */

void im_checked_owner_begin(struct im_raw_owner *owner)
{
    im_checked_forget(owner);
    im_checked_forget(holds_of(owner));
}

void im_checked_owner_end(const struct im_raw_owner *owner, const struct im_place *place)
{
    if (im_checked_borrows(owner, NULL, 0))
        refuse_held(owner, "end", place->expression, NULL, place->site);
}

void im_checked_owner_require(const struct im_raw_owner *owner, const void *cell, const struct im_token_place *place)
{
    const char *null = !owner ? place->owner : !cell ? place->cell.expression : NULL;
    if (null)
        im_panic_with(place->cell.site, NULL, 0, 0, "cannot %s `%s`: `%s` is NULL", place->operation,
                      name_of(place->cell.expression), name_of(null));
    im_checked_reached(cell, &place->cell);
    struct im_panic_line made = {"made", site_of(owner->im_made), owner->im_thread};
    if (owner->im_thread && owner->im_thread != im_sync_thread_number())
        im_panic_with(place->cell.site, &made, 1, 0, "cannot %s `%s`: `%s` belongs to another thread", place->operation,
                      name_of(place->cell.expression), name_of(place->owner));
    if (is_pinned(owner) && im_raw_owner_id(owner) != (uintptr_t)owner)
        im_panic_with(place->cell.site, &made, made.site.file != NULL, 0,
                      "cannot %s `%s`: `%s` is pinned, and not where it was made", place->operation,
                      name_of(place->cell.expression), name_of(place->owner));
}

void im_checked_owner_require_all(const struct im_raw_owner *owner, const void *cells, size_t count,
                                  const struct im_token_place *place)
{
    for (size_t i = 0; i < count; i++)
        im_checked_owner_require(owner, pointer_at(cells, i), place);
}

/* How many of the records of `object` are in the way of one more: all, or the exclusive ones, or those of others. */
static size_t obstacles(const void *object, bool exclusive, long but_of_thread)
{
    struct im_checked_borrow list[LISTED];
    size_t count = im_checked_borrows(object, list, LISTED), found = 0;
    for (size_t i = 0; i < count && i < LISTED; i++)
        found += (exclusive || list[i].exclusive) && list[i].thread != but_of_thread;
    return found;
}

/* Blocks are in each other's way also in one thread; a hold is in the way of other threads. */
static bool is_blocked(const struct im_raw_owner *owner, bool exclusive)
{
    return obstacles(owner, exclusive, 0) != 0;
}

static bool is_held_elsewhere(const struct im_raw_owner *owner, bool exclusive)
{
    return obstacles(holds_of(owner), exclusive, im_sync_thread_number()) != 0;
}

IM_NORETURN static void refuse_elsewhere(const struct im_raw_owner *owner, const char *operation, const char *cell,
                                         const char *name, struct im_site here)
{
    struct im_panic_line lines[LISTED];
    size_t count = im_checked_lines(holds_of(owner), "held", lines, LISTED);
    im_panic_with(here, lines, count < LISTED ? count : LISTED, count, "cannot %s `%s`: %s%s%sheld by another thread",
                  operation, name_of(cell), name ? "`" : "", name ? name_of(name) : "", name ? "` is " : "it is ");
}

bool im_checked_owner_try_look(const struct im_raw_owner *owner, bool exclusive)
{
    return is_made(owner) && !is_blocked(owner, exclusive) && !is_held_elsewhere(owner, exclusive);
}

void im_checked_owner_look(const struct im_raw_owner *owner, bool exclusive, const struct im_token_place *place)
{
    require_made(owner, place);
    if (is_held_elsewhere(owner, exclusive))
        refuse_elsewhere(owner, place->operation, place->cell.expression, place->owner, place->cell.site);
    if (is_blocked(owner, exclusive))
        refuse_held(owner, place->operation, place->cell.expression, place->owner, place->cell.site);
}

/*
 * Recorded first, and looked at then: of two threads that come at the same time, at least one sees the other. Its own
 * record is one of those that are in its way.
 */
static bool open_alone(const struct im_raw_owner *owner, const void *cell, bool exclusive,
                       const struct im_token_place *place)
{
    im_checked_acquired(owner, cell, exclusive, false, &place->cell);
    if (obstacles(owner, exclusive, 0) <= exclusive)
        return true;
    im_checked_released(owner, cell, &place->cell);
    return false;
}

bool im_checked_owner_try_open(const struct im_raw_owner *owner, const void *cell, bool exclusive,
                               const struct im_token_place *place)
{
    return is_made(owner) && !is_held_elsewhere(owner, exclusive) && open_alone(owner, cell, exclusive, place);
}

void im_checked_owner_open(const struct im_raw_owner *owner, const void *cell, bool exclusive,
                           const struct im_token_place *place)
{
    require_made(owner, place);
    if (is_held_elsewhere(owner, exclusive))
        refuse_elsewhere(owner, place->operation, place->cell.expression, place->owner, place->cell.site);
    if (!open_alone(owner, cell, exclusive, place))
        refuse_held(owner, place->operation, place->cell.expression, place->owner, place->cell.site);
}

void im_checked_owner_hold(const struct im_raw_owner *owner, bool exclusive, const struct im_place *place)
{
    im_checked_acquired(holds_of(owner), owner, exclusive, false, place);
    if (is_held_elsewhere(owner, exclusive)) {
        im_checked_released(holds_of(owner), owner, place);
        refuse_elsewhere(owner, "hold", place->expression, NULL, place->site);
    }
}

void im_checked_owner_release(const struct im_raw_owner *owner, bool exclusive, const struct im_place *place)
{
    struct im_checked_borrow list[LISTED];
    size_t count = im_checked_borrows(holds_of(owner), list, LISTED), own = 0;
    for (size_t i = 0; i < count && i < LISTED; i++)
        own += list[i].exclusive == exclusive && list[i].thread == im_sync_thread_number();
    if (!own)
        im_panic_with(place->site, NULL, 0, 0, "cannot release `%s`: this thread does not hold it%s",
                      name_of(place->expression), exclusive ? "" : " shared");
    im_checked_released(holds_of(owner), owner, place);
}
