/* SPDX-License-Identifier: MIT */
/**
 * @file qcell.h
 * Values in cells that one owner opens: who has the owner has them all, and a cell costs no flag and no lock.
 *
 * Use it for a structure whose parts point at each other: a doubly linked list, a graph, a tree with parents. The
 * pointers are shared (to const), so any number of them may lead to a node; what may be changed is decided in one place,
 * the owner, which the functions of the structure pass along. When there is one structure of its kind in the program,
 * <intermut/tcell.h> checks while compiling; when it lives in one function or file, <intermut/lcell.h> costs nothing.
 *
 *     struct node { const struct node_cell *next, *previous; int value; };
 *     IM_QCELL_STRUCT(node_cell, struct node);
 *
 *     static void unlink(struct im_qcell_owner *owner, const struct node_cell *self)
 *     {
 *         struct node node = *im_qcell_ro(owner, self);
 *         im_qcell_rw(owner, node.previous)->next = node.next;
 *         im_qcell_rw(owner, node.next)->previous = node.previous;
 *     }
 *
 * ## Who may do what
 *
 * `const struct im_qcell_owner *` opens cells for reading, `struct im_qcell_owner *` for changing: the compiler sees to
 * it. A pointer from `ro` is good until the owner is next used exclusively; one from `rw` until it is next used at all.
 * Where that is not plain to see, a block holds the owner: what it must not be used for meanwhile is a panic.
 *
 * | while there is a block | ro, with_ro      | rw, rw2, …, with_rw           |
 * |------------------------|------------------|-------------------------------|
 * | with_rw                | panic            | panic                         |
 * | with_ro                | yes              | panic in a checked build only |
 *
 * (One flag tells a writer, at no cost; readers may be many threads, and would have to be counted.)
 * A cell of another owner is a panic, too. It names owner and cell as the program spells them, this place, and where the
 * owner was made, or where the block is that holds it; with -DIM_CHECKED=1 all such blocks, with function and thread:
 *
 *     intermut: cannot rw `node->next`: it belongs to another owner than `list->owner`
 *       here:  list.c:48 in unlink()  thread 4711
 *       made:  main.c:12 in main()
 *
 * Each operation has a `try_` form that says no instead.
 *
 * ## Owners
 *
 * | made by                         | its id                       | may be moved | fails                        |
 * |---------------------------------|------------------------------|--------------|------------------------------|
 * | im_qcell_owner_new()            | a number, never used again   | yes          | EOVERFLOW, after 2^61 owners |
 * | im_qcell_owner_new_pinned(),    | its address                  | no           | never                        |
 * | IM_QCELL_OWNER_PINNED_INIT      |                              |              |                              |
 *
 * im_qcell_owner_id() gives the id of either as a value, which outlives its owner. Cells are made from ids, so that can
 * happen without the owner, and after its end; those of a counted owner can then be opened by nobody (but get_mut and
 * into_inner, which need the cell itself and no owner, still work), those of a pinned one by the next at its address.
 *
 * Any T; one 8-byte word of memory more. A zeroed cell belongs to nobody: init it. A zeroed owner is none yet: a checked
 * build panics, a plain one only where the cell belongs to somebody. NULL is a crash at the first access, and a panic in a
 * checked build. Cost: `ro` and `rw` are a load and a comparison with memory.
 * Concurrency: as the owner goes, so go the cells. Several threads may use ro of one owner at the same time; who uses it
 * exclusively is alone with it, by a mutex around the owner or by having been given it. A block left by longjmp stays.
 * clang's analysis: <intermut/owner.h>.
 * Source: Rust's crate qcell, by J. Peters.
 */
#ifndef INTERMUT_QCELL_H
#define INTERMUT_QCELL_H

#include <intermut/owner.h>

/** Opens the cells that have its id. Zeroed: none yet. Not to be copied while it is in use. */
struct im_qcell_owner {
    struct im_raw_owner im_raw;
    IM_TAGS(qcell_owner, struct im_raw_owner);
};

/** What the cells of an owner have in common. A plain value; zeroed: nobody's. */
struct im_qcell_id {
    _Alignas(8) uint64_t im_id;
};

/** A cell that holds a T. Name the type once: `typedef im_qcell(T) name;`. */
#define im_qcell(T)     \
    struct {            \
        IM__QCELL_OF(T) \
    }

/** Declares `struct tag`, a cell that holds a T. For a T that points to its own cells: they can have `struct tag;`. */
#define IM_QCELL_STRUCT(tag, T) \
    struct tag {                \
        IM__QCELL_OF(T)         \
    }

#define IM__QCELL_OF(T)       \
    struct im_qcell_id im_id; \
    __typeof__(T) im_value;   \
    IM_TAGS(qcell, T);

/** Static initialiser of a pinned owner: `struct im_qcell_owner owner = IM_QCELL_OWNER_PINNED_INIT(owner);`. */
#define IM_QCELL_OWNER_PINNED_INIT(owner)                      \
    {                                                          \
        .im_raw = {.im_key = (uint64_t)(uintptr_t)(&(owner)) } \
    }

/** The id of an owner with static storage that is pinned: for static cells. */
#define IM_QCELL_PINNED_ID(owner)                \
    {                                            \
        .im_id = (uint64_t)(uintptr_t)(&(owner)) \
    }

/**
 * Initialiser of a cell, static if the id is constant: `IM_QCELL_INIT(im_qcell_owner_id(&owner), 3)`,
 * `IM_QCELL_INIT(IM_QCELL_PINNED_ID(owner), {1, 2})`.
 */
#define IM_QCELL_INIT(id, ...)               \
    {                                        \
        .im_id = id, .im_value = __VA_ARGS__ \
    }

/**
 * int: make an owner with an id that no other one had or will have. Exclusive. 0, or EOVERFLOW when all ids are used,
 * and the owner is as it was. Any thread.
 */
#define im_qcell_owner_new(owner)                                                     \
    (IM_REQUIRE_KIND(owner, qcell_owner, "token: owner_new needs an im_qcell_owner"), \
     IM__OWNER_EXCLUSIVE("owner_new", owner),                                         \
     im_raw_qcell_owner_new(im_raw_owner_beginning(&IM_OWNER(owner)), IM_PLACE(#owner)))

/** Make an owner whose id is its address: it stays where it is until its end. Exclusive. */
#define im_qcell_owner_new_pinned(owner)                                                     \
    (IM_REQUIRE_KIND(owner, qcell_owner, "token: owner_new_pinned needs an im_qcell_owner"), \
     IM__OWNER_EXCLUSIVE("owner_new_pinned", owner),                                         \
     im_raw_qcell_owner_new_pinned(im_raw_owner_beginning(&IM_OWNER(owner)), IM_PLACE(#owner)))

/** The owner opens nothing any more. Exclusive. Panics while a block holds it. */
#define im_qcell_owner_end(owner)                                                     \
    (IM_REQUIRE_KIND(owner, qcell_owner, "token: owner_end needs an im_qcell_owner"), \
     IM__OWNER_EXCLUSIVE("owner_end", owner),                                         \
     im_raw_owner_end(im_raw_owner_ending(&IM_OWNER(owner), IM_PLACE(#owner)), IM_PLACE(#owner)))

/** The id of an owner's cells. Shared; that of one that was not made, or has ended, is nobody's. */
static inline struct im_qcell_id im_qcell_owner_id(const struct im_qcell_owner *owner)
{
    return (struct im_qcell_id){im_raw_owner_id(&owner->im_raw)};
}

/** bool: whether the cell belongs to the owner, which may be held. Shared. */
#define im_qcell_is_owned(owner, self) IM__QCELL_IS_OWNED(owner, self, IM_UNIQUE(of), IM_UNIQUE(at))

/** Fill a cell: `im_qcell_init(cell, id, value)`. Exclusive: nobody else has it yet. */
#define im_qcell_init(self, id, ...) IM__QCELL_FILL(self, id, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(new))

/** const T *: the value, to look at. Shared owner. Panics when the cell is not the owner's, or a block writes. */
#define im_qcell_ro(owner, self) IM__TOKEN_RO(QCELL, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same, or NULL. Shared owner. */
#define im_qcell_try_ro(owner, self) IM__TOKEN_TRY_RO(QCELL, owner, self, IM__TOKEN_PLACE("try_ro", #owner, #self))

/** T *: the value, to change. Exclusive owner. Panics when the cell is not the owner's, or a block holds it. */
#define im_qcell_rw(owner, self) IM__TOKEN_RW(QCELL, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** The same, or NULL. Exclusive owner. */
#define im_qcell_try_rw(owner, self) IM__TOKEN_TRY_RW(QCELL, owner, self, IM__TOKEN_PLACE("try_rw", #owner, #self))

/**
 * Two values to change at the same time: `im_qcell_rw2(owner, &a, &b, &p, &q)` gives p and q what rw gives for a and b.
 * They may be of two types. Exclusive owner. Panics also when they share a byte: when they are one cell, or one is inside
 * the other.
 */
#define im_qcell_rw2(owner, a, b, out_a, out_b)                                         \
    IM__TOKEN_RW2(QCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("rw2", #owner, #a), \
                  IM__TOKEN_PLACE("rw2", #owner, #b))

/** int: the same: 0, EPERM for a cell that is not the owner's, EBUSY for an owner that is held, EINVAL for an overlap. */
#define im_qcell_try_rw2(owner, a, b, out_a, out_b)                                             \
    IM__TOKEN_TRY_RW2(QCELL, owner, a, b, out_a, out_b, IM__TOKEN_PLACE("try_rw2", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw2", #owner, #b))

/** Three values: `im_qcell_rw3(owner, &a, &b, &c, &p, &q, &r)`. */
#define im_qcell_rw3(owner, a, b, c, out_a, out_b, out_c)                                         \
    IM__TOKEN_RW3(QCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("rw3", #owner, #a), \
                  IM__TOKEN_PLACE("rw3", #owner, #b), IM__TOKEN_PLACE("rw3", #owner, #c))
#define im_qcell_try_rw3(owner, a, b, c, out_a, out_b, out_c)                                             \
    IM__TOKEN_TRY_RW3(QCELL, owner, a, b, c, out_a, out_b, out_c, IM__TOKEN_PLACE("try_rw3", #owner, #a), \
                      IM__TOKEN_PLACE("try_rw3", #owner, #b), IM__TOKEN_PLACE("try_rw3", #owner, #c))

/**
 * As many as there are: `cells` is an array of `count` pointers to cells of one type, `values` one of as many T *.
 * Every two cells are compared, so some hundred at a time. Exclusive owner. Nothing is written unless all is well.
 */
#define im_qcell_rw_n(owner, count, cells, values) \
    IM__TOKEN_RW_N(QCELL, owner, count, cells, values, IM__TOKEN_PLACE("rw_n", #owner, #cells))
#define im_qcell_try_rw_n(owner, count, cells, values) \
    IM__TOKEN_TRY_RW_N(QCELL, owner, count, cells, values, IM__TOKEN_PLACE("try_rw_n", #owner, #cells))

/**
 * `im_qcell_with_ro(name, owner, cell) { … }`: a block in which `name` is a const T * to the value. It ends also by
 * return, goto or break; break and continue end the block, not a loop around it. Shared owner.
 */
#define im_qcell_with_ro(name, owner, self) \
    IM__TOKEN_BLOCK(QCELL, "with_ro", const, ro, open, close, name, owner, self, IM__TOKEN_PLACE("ro", #owner, #self))

/** The same with a T *: the owner is held meanwhile, and opens no other cell. Exclusive owner. */
#define im_qcell_with_rw(name, owner, self) \
    IM__TOKEN_BLOCK(QCELL, "with_rw", , rw, open, close, name, owner, self, IM__TOKEN_PLACE("rw", #owner, #self))

/** `im_qcell_try_with_ro(name, owner, cell) { … } else { … }`: instead of a panic the else part runs. */
#define im_qcell_try_with_ro(name, owner, self)                                              \
    IM__TOKEN_BLOCK(QCELL, "try_with_ro", const, ro, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("ro", #owner, #self))                                    \
    if (name)

/** The same with a T *. Exclusive owner. */
#define im_qcell_try_with_rw(name, owner, self)                                         \
    IM__TOKEN_BLOCK(QCELL, "try_with_rw", , rw, try_open, try_close, name, owner, self, \
                    IM__TOKEN_PLACE("rw", #owner, #self))                               \
    if (name)

/** T *: the value, from an exclusive pointer to the cell: who is alone with it needs no owner. */
#define im_qcell_get_mut(self) IM__TOKEN_GET_MUT(QCELL, self)

/** T: the value of a cell that ends here. Exclusive. */
#define im_qcell_into_inner(self) IM__TOKEN_INTO_INNER(QCELL, self)

IM_BEGIN_DECLS

/** What im_qcell_owner_new() and _new_pinned() call. */
int im_raw_qcell_owner_new(struct im_raw_owner *owner, const struct im_place *place) IM_MUST_CHECK;
void im_raw_qcell_owner_new_pinned(struct im_raw_owner *owner, const struct im_place *place);

/** How many ids there are, and, for tests, how many of them count as used. */
#define IM_RAW_QCELL_IDS ((uint64_t)1 << 61)
void im_raw_qcell_use_ids(uint64_t count);

IM_END_DECLS

#define IM__QCELL_KEYED true
#define IM__QCELL_WITH_IDS true
#define IM__QCELL_ID(at) IM__TOKEN_ID(at, (at)->im_id.im_id)
#define IM__QCELL_ONLY(operation, at) IM_REQUIRE_KIND(at, qcell, "token: " operation " needs an im_qcell")
#define IM__QCELL_CHECK(operation, owner, at) \
    (IM__QCELL_ONLY(operation, at), IM_REQUIRE_KIND(owner, qcell_owner, "token: " operation " needs an im_qcell_owner"))

#define IM__QCELL_IS_OWNED(owner, self, of, at)                                  \
    ({                                                                           \
        __auto_type at = (self);                                                 \
        IM__QCELL_CHECK("is_owned", owner, at);                                  \
        const struct im_qcell_owner *of = (owner);                               \
        at->im_id.im_id != 0 && at->im_id.im_id == im_raw_owner_id(&of->im_raw); \
    })

#define IM__QCELL_FILL(self, id, value, at, new)                                               \
    ({                                                                                         \
        __auto_type at = (self);                                                               \
        IM__QCELL_ONLY("init", at);                                                            \
        IM_REQUIRE(IM_IS_EXCLUSIVE(at), "token: init needs an exclusive (non-const) pointer"); \
        IM_TYPE(at) new = value;                                                               \
        at->im_id = (id);                                                                      \
        at->im_value = new;                                                                    \
        (void)0;                                                                               \
    })

#endif
