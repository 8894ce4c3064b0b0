/* SPDX-License-Identifier: MIT */
/**
 * @file tcell.h
 * Cells and their owner that the compiler knows by a marker: there is one owner of a marker in the process at a time.
 *
 * Use it when there is one structure of its kind: the routes of a router, the accounts of a bank. A cell is as large as
 * its T, and a cell with another marker does not compile. When there are several such structures, see
 * <intermut/qcell.h>; for one in each thread, <intermut/tlcell.h>.
 *
 *     IM_TCELL_MARKER(accounts);                                  // in a header, as often as it is included
 *     typedef im_tcell_owner(accounts) accounts_owner;
 *     typedef im_tcell(accounts, struct account) account_cell;
 *
 *     static void transfer(accounts_owner *owner, const account_cell *from, const account_cell *to, long amount)
 *     {
 *         struct account *payer, *payee;
 *         im_tcell_rw2(owner, from, to, &payer, &payee);
 *         payer->balance -= amount;
 *         payee->balance += amount;
 *     }
 *
 *     accounts_owner owner;
 *     im_tcell_owner_new(accounts, &owner);
 *
 * Who may do what, what blocks hold, and what panics look like: as for <intermut/qcell.h>. Cells need no id; a zeroed
 * one holds a zeroed T. A zeroed owner opens nothing. NULL is a crash at the first access, and a panic in a checked
 * build.
 * Any T, its size and alignment. Cells of no size share no byte: such a cell may be opened twice at the same time.
 * Cost: `ro` and `rw` are a load of the owner and a comparison; the cell is not looked at.
 * Concurrency: owners are made and ended by any thread; one that is made sees what was done before the last one ended.
 * Several threads may use ro of it at the same time; who uses it exclusively is alone with it.
 * One process: in a program with shared libraries, the marker is one as long as the linker sees one symbol (libraries
 * that are loaded with RTLD_LOCAL, or linked with hidden markers, have their own).
 * clang's analysis: <intermut/owner.h>. Source: Rust's crate qcell, by J. Peters.
 */
#ifndef INTERMUT_TCELL_H
#define INTERMUT_TCELL_H

#include <intermut/owner.h>

/** Whether the marker has an owner, and where that was made. */
struct im_raw_tcell_marker {
    uint32_t im_word;
    const struct im_place *im_made;
};

/**
 * Declares M, one word, as a marker: at file scope, in as many files as use it. Weak, so that all of them mean one.
 */
#define IM_TCELL_MARKER(M)                                                                       \
    __attribute__((weak, visibility("default"))) struct im_raw_tcell_marker IM__TCELL_MARKER(M); \
    typedef struct im_tcell_marker_of_##M *IM_TCELL_MARKER_is_missing_for_##M

#define IM__TCELL_MARKER(M) im_tcell_marker_##M

/** The type of the owner with marker M. */
#define im_tcell_owner(M)                                                              \
    struct {                                                                           \
        struct im_raw_owner im_raw;                                                    \
        IM_TCELL_MARKER_is_missing_for_##M const im_marker[0] __attribute__((packed)); \
        IM_TAGS(tcell_owner, struct im_raw_owner);                                     \
    }

/** A cell that holds a T and has the marker M. Name the type once: `typedef im_tcell(M, T) name;`. */
#define im_tcell(M, T)     \
    struct {               \
        IM__TCELL_OF(M, T) \
    }

/** Declares `struct tag`, such a cell. For a T that points to its own cells: they can have `struct tag;`. */
#define IM_TCELL_STRUCT(tag, M, T) \
    struct tag {                   \
        IM__TCELL_OF(M, T)         \
    }

#define IM__TCELL_OF(M, T)                                                         \
    __typeof__(T) im_value;                                                        \
    IM_TCELL_MARKER_is_missing_for_##M const im_marker[0] __attribute__((packed)); \
    IM_TAGS(tcell, T);

/** Static initialiser of a cell: `IM_TCELL_INIT(3)`, `IM_TCELL_INIT({1, 2})`. */
#define IM_TCELL_INIT(...)      \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** Make the owner of marker M. Exclusive. Panics when there is one: the panic names where it was made. */
#define im_tcell_owner_new(M, owner)               \
    (IM__TCELL_OWNER_CHECK("owner_new", M, owner), \
     im_raw_tcell_owner_new(&IM__TCELL_MARKER(M), im_raw_owner_beginning(&IM_OWNER(owner)), IM_PLACE(#owner)))

/** int: the same, 0, or EBUSY and the owner is as it was. Exclusive. */
#define im_tcell_owner_try_new(M, owner)               \
    (IM__TCELL_OWNER_CHECK("owner_try_new", M, owner), \
     im_raw_tcell_owner_try_new(&IM__TCELL_MARKER(M), im_raw_owner_beginning(&IM_OWNER(owner)), IM_PLACE(#owner)))

/** Make the owner as soon as there is no other one. Exclusive. Sleeps meanwhile; waits for ever if this thread has it. */
#define im_tcell_owner_wait_for_new(M, owner)                                                        \
    (IM__TCELL_OWNER_CHECK("owner_wait_for_new", M, owner),                                          \
     im_raw_tcell_owner_wait_for_new(&IM__TCELL_MARKER(M), im_raw_owner_beginning(&IM_OWNER(owner)), \
                                     IM_PLACE(#owner)))

/** The owner opens nothing any more, and there may be another one, in any thread. Exclusive. Panics while a block holds it. */
#define im_tcell_owner_end(M, owner)                                                                       \
    (IM__TCELL_OWNER_CHECK("owner_end", M, owner),                                                         \
     im_raw_tcell_owner_end(&IM__TCELL_MARKER(M), im_raw_owner_ending(&IM_OWNER(owner), IM_PLACE(#owner)), \
                            IM_PLACE(#owner)))

/** const T *: the value, to look at. Shared owner. Panics while a block writes, and after the owner's end. */
#define im_tcell_ro(owner, self) IM__TOKEN_RO(TCELL, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same, or NULL. Shared owner. */
#define im_tcell_try_ro(owner, self) IM__TOKEN_TRY_RO(TCELL, owner, self, IM__TOKEN_PLACE("try_ro", #owner, #self))

/** T *: the value, to change. Exclusive owner. Panics while a block holds the owner, and after its end. */
#define im_tcell_rw(owner, self) IM__TOKEN_RW(TCELL, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** The same, or NULL. Exclusive owner. */
#define im_tcell_try_rw(owner, self) IM__TOKEN_TRY_RW(TCELL, owner, self, IM__TOKEN_PLACE("try_rw", #owner, #self))

/**
 * Two values to change at the same time: `im_tcell_rw2(owner, &a, &b, &p, &q)` gives p and q what rw gives for a and b.
 * They may be of two types. Exclusive owner. Panics also when they share a byte: when they are one cell, or one is inside
 * the other.
 */
#define im_tcell_rw2(owner, a, b, out_a, out_b)                                         \
    IM__TOKEN_RW2(TCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("rw2", #owner, #a), \
                  IM__TOKEN_PLACE("rw2", #owner, #b))

/** int: the same: 0, EPERM after the owner's end, EBUSY for an owner that is held, EINVAL for an overlap. */
#define im_tcell_try_rw2(owner, a, b, out_a, out_b)                                             \
    IM__TOKEN_TRY_RW2(TCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("try_rw2", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw2", #owner, #b))

/** Three values: `im_tcell_rw3(owner, &a, &b, &c, &p, &q, &r)`. */
#define im_tcell_rw3(owner, a, b, c, out_a, out_b, out_c)                                         \
    IM__TOKEN_RW3(TCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("rw3", #owner, #a), \
                  IM__TOKEN_PLACE("rw3", #owner, #b), IM__TOKEN_PLACE("rw3", #owner, #c))
#define im_tcell_try_rw3(owner, a, b, c, out_a, out_b, out_c)                                             \
    IM__TOKEN_TRY_RW3(TCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("try_rw3", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw3", #owner, #b), IM__TOKEN_PLACE("try_rw3", #owner, #c))

/**
 * As many as there are: `cells` is an array of `count` pointers to cells of one type, `values` one of as many T *.
 * Every two cells are compared, so some hundred at a time. Exclusive owner. Nothing is written unless all is well.
 */
#define im_tcell_rw_n(owner, count, cells, values) \
    IM__TOKEN_RW_N(TCELL, owner, count, cells, values, IM__TOKEN_PLACE("rw_n", #owner, #cells))
#define im_tcell_try_rw_n(owner, count, cells, values) \
    IM__TOKEN_TRY_RW_N(TCELL, owner, count, cells, values, IM__TOKEN_PLACE("try_rw_n", #owner, #cells))

/**
 * `im_tcell_with_ro(name, owner, cell) { … }`: a block in which `name` is a const T * to the value. It ends also by
 * return, goto or break; break and continue end the block, not a loop around it. Shared owner.
 */
#define im_tcell_with_ro(name, owner, self) \
    IM__TOKEN_BLOCK(TCELL, "with_ro", const, ro, open, close, name, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same with a T *: the owner is held meanwhile, and opens no other cell. Exclusive owner. */
#define im_tcell_with_rw(name, owner, self) \
    IM__TOKEN_BLOCK(TCELL, "with_rw", , rw, open, close, name, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** `im_tcell_try_with_ro(name, owner, cell) { … } else { … }`: instead of a panic the else part runs. */
#define im_tcell_try_with_ro(name, owner, self)                                              \
    IM__TOKEN_BLOCK(TCELL, "try_with_ro", const, ro, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("ro", #owner, #self))                                    \
    if (name)

/** The same with a T *. Exclusive owner. */
#define im_tcell_try_with_rw(name, owner, self)                                         \
    IM__TOKEN_BLOCK(TCELL, "try_with_rw", , rw, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("rw", #owner, #self))                               \
    if (name)

/** T *: the value, from an exclusive pointer to the cell: who is alone with it needs no owner. */
#define im_tcell_get_mut(self) IM__TOKEN_GET_MUT(TCELL, self)

/** T: the value of a cell that ends here. Exclusive. */
#define im_tcell_into_inner(self) IM__TOKEN_INTO_INNER(TCELL, self)

IM_BEGIN_DECLS

/** What the operations on owners call. */
void im_raw_tcell_owner_new(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                            const struct im_place *place);
int im_raw_tcell_owner_try_new(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                               const struct im_place *place) IM_MUST_CHECK;
void im_raw_tcell_owner_wait_for_new(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                                     const struct im_place *place);
void im_raw_tcell_owner_end(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                            const struct im_place *place);

IM_END_DECLS

#define IM__TCELL_OWNER_CHECK(operation, M, owner)                                               \
    (IM_REQUIRE_KIND(owner, tcell_owner, "token: " operation " needs an im_tcell_owner"),        \
     IM_REQUIRE_SAME_TYPE(__typeof__((owner)->im_marker[0]), IM_TCELL_MARKER_is_missing_for_##M, \
                          "token: this owner has another marker"),                               \
     IM__OWNER_EXCLUSIVE(operation, owner))
#define IM__TCELL_KEYED true
#define IM__TCELL_WITH_IDS false
#define IM__TCELL_ID(at) IM_RAW_OWNER_MARKED
#define IM__TCELL_ONLY(operation, at) IM_REQUIRE_KIND(at, tcell, "token: " operation " needs an im_tcell")
#define IM__TCELL_CHECK(operation, owner, at)                                                \
    (IM__TCELL_ONLY(operation, at),                                                          \
     IM_REQUIRE_KIND(owner, tcell_owner, "token: " operation " needs an im_tcell_owner"),    \
     IM_REQUIRE_SAME_TYPE(__typeof__((owner)->im_marker[0]), __typeof__((at)->im_marker[0]), \
                          "token: this cell belongs to the owner of another marker"))

#endif
