/* SPDX-License-Identifier: MIT */
/* The cold paths of im_refcell: refusals, which say what stood in the way, and the splitting of guards. */
#include <intermut/raw_refcell.h>

/* A report has room for some dozen lines. */
enum { LISTED = 24 };

static const struct im_place no_place = {"?", {NULL, NULL, 0}};

static const struct im_place *place_or_none(const struct im_place *place)
{
    return place ? place : &no_place;
}

/* The operand without the `&` that every call has. */
static const char *name_of(const struct im_place *place)
{
    return place->expression + (place->expression[0] == '&');
}

static const char *obstacle(const struct im_raw_refcell *self)
{
    if (self->borrows == INTPTR_MAX)
        return "too many borrows";
    if (self->borrows == IM_RAW_REFCELL_DESTROYED)
        return "already destroyed";
    bool is_foreign = im_checked_is_foreign(self);
    if (self->borrows < 0)
        return is_foreign ? "already mutably borrowed, by another thread" : "already mutably borrowed";
    return is_foreign ? "already borrowed, by another thread" : "already borrowed";
}

void im_raw_refcell_refuse(const struct im_raw_refcell *self, const char *operation, const struct im_place *place)
{
    struct im_panic_line lines[LISTED] = {{"destroyed", {NULL, NULL, 0}, 0}};
    size_t count = self->borrows == IM_RAW_REFCELL_DESTROYED ? im_checked_last_use(self, lines)
                                                             : im_checked_lines(self, "borrowed", lines, LISTED);
    im_panic_with(place_or_none(place)->site, lines, count < LISTED ? count : LISTED, count, "cannot %s `%s`: %s",
                  operation, name_of(place_or_none(place)), obstacle(self));
}

void im_raw_refcell_not_borrowed(const struct im_raw_refcell *self, const char *operation, const struct im_place *place)
{
    const char *state = self->borrows == 0                          ? "not borrowed"
                        : self->borrows > 0                         ? "borrowed, but not mutably"
                        : self->borrows == IM_RAW_REFCELL_DESTROYED ? "already destroyed"
                                                                    : "mutably borrowed: that is release_mut";
    im_panic(place_or_none(place)->site, no_place.site, "cannot %s `%s`: %s", operation, name_of(place_or_none(place)),
             state);
}

void im_raw_ref_is_empty(const char *operation, const struct im_place *place)
{
    im_panic(place_or_none(place)->site, no_place.site, "cannot %s `%s`: the guard holds no borrow", operation,
             name_of(place_or_none(place)));
}

static bool do_overlap(const void *one, size_t bytes_one, const void *two, size_t bytes_two)
{
    uintptr_t first = (uintptr_t)one, second = (uintptr_t)two;
    return first < second + bytes_two && second < first + bytes_one;
}

bool im_raw_refcell_are_apart(const struct im_raw_refcell *one, const struct im_raw_refcell *two, size_t bytes)
{
    return !do_overlap(one, bytes, two, bytes);
}

void im_raw_refcell_refuse_swap(const struct im_raw_refcell *one, const struct im_raw_refcell *two,
                                const struct im_place *place_one, const struct im_place *place_two)
{
    im_panic(place_one->site, no_place.site, "cannot swap `%s` with `%s`: they %s", name_of(place_one),
             name_of(place_two), one == two ? "are one cell" : "overlap");
}

static void hand_out(struct im_raw_ref *whole, const void *value, const struct im_raw_ref_part *parts, size_t count,
                     intptr_t borrows, const struct im_place *place)
{
    const struct im_raw_refcell *cell = whole->cell;
    bool is_exclusive = borrows < 0;
    whole->cell = NULL;
    /* A user who is not checked has no records, and gets none here. */
    if (im_checked_borrows(cell, NULL, 0)) {
        im_checked_released(cell, value, place);
        for (size_t i = 0; i < count; i++)
            im_checked_borrowed(cell, parts[i].value, is_exclusive, false, place);
    }
    for (size_t i = 0; i < count; i++)
        parts[i].ref->cell = cell;
    im__raw_refcell_store(cell, borrows);
}

void im_raw_ref_split(struct im_raw_ref *whole, const void *value, const struct im_raw_ref_part *parts, size_t count,
                      const struct im_place *place)
{
    im_raw_ref_require(whole, "split", place);
    intptr_t borrows;
    if (__builtin_add_overflow(whole->cell->borrows, count - 1, &borrows))
        im_panic(place->site, no_place.site, "cannot split `%s`: too many borrows", name_of(place));
    hand_out(whole, value, parts, count, borrows, place);
}

void im_raw_ref_mut_split(struct im_raw_ref *whole, const void *value, const struct im_raw_ref_part *parts,
                          size_t count, const struct im_place *place)
{
    im_raw_ref_require(whole, "split", place);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (do_overlap(parts[i].value, parts[i].bytes, parts[j].value, parts[j].bytes))
                im_panic(place->site, no_place.site, "cannot split `%s`: parts %zu and %zu overlap", name_of(place),
                         j + 1, i + 1);
        }
    }
    intptr_t borrows;
    if (__builtin_sub_overflow(whole->cell->borrows, count - 1, &borrows) || borrows <= IM_RAW_REFCELL_DESTROYED)
        im_panic(place->site, no_place.site, "cannot split `%s`: too many borrows", name_of(place));
    hand_out(whole, value, parts, count, borrows, place);
}
