/* SPDX-License-Identifier: MIT */
/**
 * @file tlcell.h
 * Cells and their owner that the compiler knows by a marker: there is one owner of a marker in each thread at a time.
 *
 * Use it for a structure of which each thread has its own: a scratch graph, a parser's tree. As <intermut/tcell.h>, but
 * owner and cells stay in the thread that made the owner.
 *
 *     IM_TLCELL_MARKER(scratch);                                  // in a header, as often as it is included
 *     typedef im_tlcell_owner(scratch) scratch_owner;
 *     typedef im_tlcell(scratch, struct node) node_cell;
 *
 *     scratch_owner owner;
 *     im_tlcell_owner_new(scratch, &owner);
 *     im_tlcell_rw(&owner, node)->visits++;
 *     im_tlcell_owner_end(scratch, &owner);
 *
 * Two threads may each have cells of one marker, which the compiler does not tell apart: neither owners nor cells may be
 * handed to another thread. A checked build panics when an owner is used in another thread than its own, and names
 * where it was made; ending it there is a panic in each build.
 * Who may do what, what blocks hold, and what panics look like: as for <intermut/qcell.h>. Cells need no id; a zeroed
 * one holds a zeroed T. A zeroed owner opens nothing. NULL is a crash at the first access, and a panic in a checked
 * build. A thread that exits with its owner takes the marker with it.
 * Any T, its size and alignment. Cells of no size share no byte: such a cell may be opened twice at the same time.
 * Cost: `ro` and `rw` are a load of the owner and a comparison; the cell is not looked at.
 * clang's analysis: <intermut/owner.h>. Source: Rust's crate qcell, by J. Peters.
 */
#ifndef INTERMUT_TLCELL_H
#define INTERMUT_TLCELL_H

#include <intermut/owner.h>

/** Whether this thread has an owner of the marker: where it was made. */
struct im_raw_tlcell_marker {
    const struct im_place *im_made;
};

/**
 * Declares M, one word, as a marker: at file scope, in as many files as use it. Weak, so that all of them mean one.
 */
#define IM_TLCELL_MARKER(M)                                                                                 \
    __attribute__((weak, visibility("default"))) __thread struct im_raw_tlcell_marker IM__TLCELL_MARKER(M); \
    typedef struct im_tlcell_marker_of_##M *IM_TLCELL_MARKER_is_missing_for_##M

#define IM__TLCELL_MARKER(M) im_tlcell_marker_##M

/** The type of the owner with marker M. */
#define im_tlcell_owner(M)                                                              \
    struct {                                                                            \
        struct im_raw_owner im_raw;                                                     \
        IM_TLCELL_MARKER_is_missing_for_##M const im_marker[0] __attribute__((packed)); \
        IM_TAGS(tlcell_owner, struct im_raw_owner);                                     \
    }

/** A cell that holds a T and has the marker M. Name the type once: `typedef im_tlcell(M, T) name;`. */
#define im_tlcell(M, T)     \
    struct {                \
        IM__TLCELL_OF(M, T) \
    }

/** Declares `struct tag`, such a cell. For a T that points to its own cells: they can have `struct tag;`. */
#define IM_TLCELL_STRUCT(tag, M, T) \
    struct tag {                    \
        IM__TLCELL_OF(M, T)         \
    }

#define IM__TLCELL_OF(M, T)                                                         \
    __typeof__(T) im_value;                                                         \
    IM_TLCELL_MARKER_is_missing_for_##M const im_marker[0] __attribute__((packed)); \
    IM_TAGS(tlcell, T);

/** Static initialiser of a cell: `IM_TLCELL_INIT(3)`, `IM_TLCELL_INIT({1, 2})`. */
#define IM_TLCELL_INIT(...)     \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** Make this thread's owner of marker M. Exclusive. Panics when it has one: the panic names where that was made. */
#define im_tlcell_owner_new(M, owner)               \
    (IM__TLCELL_OWNER_CHECK("owner_new", M, owner), \
     im_raw_tlcell_owner_new(&IM__TLCELL_MARKER(M), im_raw_owner_beginning(&IM_OWNER(owner)), IM_PLACE(#owner)))

/** int: the same, 0, or EBUSY and the owner is as it was. Exclusive. */
#define im_tlcell_owner_try_new(M, owner)               \
    (IM__TLCELL_OWNER_CHECK("owner_try_new", M, owner), \
     im_raw_tlcell_owner_try_new(&IM__TLCELL_MARKER(M), im_raw_owner_beginning(&IM_OWNER(owner)), IM_PLACE(#owner)))

/** The owner opens nothing any more, and its thread, which is this one, may have another one. Exclusive. Panics while a block
 * holds it. */
#define im_tlcell_owner_end(M, owner)                                                                        \
    (IM__TLCELL_OWNER_CHECK("owner_end", M, owner),                                                          \
     im_raw_tlcell_owner_end(&IM__TLCELL_MARKER(M), im_raw_owner_ending(&IM_OWNER(owner), IM_PLACE(#owner)), \
                             IM_PLACE(#owner)))

/** const T *: the value, to look at. Shared owner. Panics while a block writes, and after the owner's end. */
#define im_tlcell_ro(owner, self) IM__TOKEN_RO(TLCELL, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same, or NULL. Shared owner. */
#define im_tlcell_try_ro(owner, self) IM__TOKEN_TRY_RO(TLCELL, owner, self, IM__TOKEN_PLACE("try_ro", #owner, #self))

/** T *: the value, to change. Exclusive owner. Panics while a block holds the owner, and after its end. */
#define im_tlcell_rw(owner, self) IM__TOKEN_RW(TLCELL, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** The same, or NULL. Exclusive owner. */
#define im_tlcell_try_rw(owner, self) IM__TOKEN_TRY_RW(TLCELL, owner, self, IM__TOKEN_PLACE("try_rw", #owner, #self))

/**
 * Two values to change at the same time: `im_tlcell_rw2(owner, &a, &b, &p, &q)` gives p and q what rw gives for a and b.
 * They may be of two types. Exclusive owner. Panics also when they share a byte: when they are one cell, or one is inside
 * the other.
 */
#define im_tlcell_rw2(owner, a, b, out_a, out_b)                                         \
    IM__TOKEN_RW2(TLCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("rw2", #owner, #a), \
                  IM__TOKEN_PLACE("rw2", #owner, #b))

/** int: the same: 0, EPERM after the owner's end, EBUSY for an owner that is held, EINVAL for an overlap. */
#define im_tlcell_try_rw2(owner, a, b, out_a, out_b)                                             \
    IM__TOKEN_TRY_RW2(TLCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("try_rw2", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw2", #owner, #b))

/** Three values: `im_tlcell_rw3(owner, &a, &b, &c, &p, &q, &r)`. */
#define im_tlcell_rw3(owner, a, b, c, out_a, out_b, out_c)                                         \
    IM__TOKEN_RW3(TLCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("rw3", #owner, #a), \
                  IM__TOKEN_PLACE("rw3", #owner, #b), IM__TOKEN_PLACE("rw3", #owner, #c))
#define im_tlcell_try_rw3(owner, a, b, c, out_a, out_b, out_c)                                             \
    IM__TOKEN_TRY_RW3(TLCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("try_rw3", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw3", #owner, #b), IM__TOKEN_PLACE("try_rw3", #owner, #c))

/**
 * As many as there are: `cells` is an array of `count` pointers to cells of one type, `values` one of as many T *.
 * Every two cells are compared, so some hundred at a time. Exclusive owner. Nothing is written unless all is well.
 */
#define im_tlcell_rw_n(owner, count, cells, values) \
    IM__TOKEN_RW_N(TLCELL, owner, count, cells, values, IM__TOKEN_PLACE("rw_n", #owner, #cells))
#define im_tlcell_try_rw_n(owner, count, cells, values) \
    IM__TOKEN_TRY_RW_N(TLCELL, owner, count, cells, values, IM__TOKEN_PLACE("try_rw_n", #owner, #cells))

/**
 * `im_tlcell_with_ro(name, owner, cell) { … }`: a block in which `name` is a const T * to the value. It ends also by
 * return, goto or break; break and continue end the block, not a loop around it. Shared owner.
 */
#define im_tlcell_with_ro(name, owner, self) \
    IM__TOKEN_BLOCK(TLCELL, "with_ro", const, ro, open, close, name, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same with a T *: the owner is held meanwhile, and opens no other cell. Exclusive owner. */
#define im_tlcell_with_rw(name, owner, self) \
    IM__TOKEN_BLOCK(TLCELL, "with_rw", , rw, open, close, name, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** `im_tlcell_try_with_ro(name, owner, cell) { … } else { … }`: instead of a panic the else part runs. */
#define im_tlcell_try_with_ro(name, owner, self)                                              \
    IM__TOKEN_BLOCK(TLCELL, "try_with_ro", const, ro, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("ro", #owner, #self))                                     \
    if (name)

/** The same with a T *. Exclusive owner. */
#define im_tlcell_try_with_rw(name, owner, self)                                         \
    IM__TOKEN_BLOCK(TLCELL, "try_with_rw", , rw, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("rw", #owner, #self))                                \
    if (name)

/** T *: the value, from an exclusive pointer to the cell: who is alone with it needs no owner. */
#define im_tlcell_get_mut(self) IM__TOKEN_GET_MUT(TLCELL, self)

/** T: the value of a cell that ends here. Exclusive. */
#define im_tlcell_into_inner(self) IM__TOKEN_INTO_INNER(TLCELL, self)

IM_BEGIN_DECLS

/** What the operations on owners call. */
void im_raw_tlcell_owner_new(struct im_raw_tlcell_marker *marker, struct im_raw_owner *owner,
                             const struct im_place *place);
int im_raw_tlcell_owner_try_new(struct im_raw_tlcell_marker *marker, struct im_raw_owner *owner,
                                const struct im_place *place) IM_MUST_CHECK;
void im_raw_tlcell_owner_end(struct im_raw_tlcell_marker *marker, struct im_raw_owner *owner,
                             const struct im_place *place);

IM_END_DECLS

#define IM__TLCELL_OWNER_CHECK(operation, M, owner)                                               \
    (IM_REQUIRE_KIND(owner, tlcell_owner, "token: " operation " needs an im_tlcell_owner"),       \
     IM_REQUIRE_SAME_TYPE(__typeof__((owner)->im_marker[0]), IM_TLCELL_MARKER_is_missing_for_##M, \
                          "token: this owner has another marker"),                                \
     IM__OWNER_EXCLUSIVE(operation, owner))
#define IM__TLCELL_KEYED true
#define IM__TLCELL_WITH_IDS false
#define IM__TLCELL_ID(at) IM_RAW_OWNER_MARKED
#define IM__TLCELL_ONLY(operation, at) IM_REQUIRE_KIND(at, tlcell, "token: " operation " needs an im_tlcell")
#define IM__TLCELL_CHECK(operation, owner, at)                                               \
    (IM__TLCELL_ONLY(operation, at),                                                         \
     IM_REQUIRE_KIND(owner, tlcell_owner, "token: " operation " needs an im_tlcell_owner"),  \
     IM_REQUIRE_SAME_TYPE(__typeof__((owner)->im_marker[0]), __typeof__((at)->im_marker[0]), \
                          "token: this cell belongs to the owner of another marker"))

#endif
