/* SPDX-License-Identifier: MIT */
/*
 * Cells that an owner opens, with code between the accesses that the compiler knows nothing of: so owner and cells are
 * really looked at each time. What changes a cell only stores: adding would wait for the store before. Where two cells
 * are opened, the compiler does not know where they are, and whether they overlap.
 */
#include "value_loop.h"

#include <intermut/lcell.h>
#include <intermut/qcell.h>
#include <intermut/tcell.h>

IM_TCELL_MARKER(bench_marker);
static IM_LCELL_OWNER(bench_brand);

typedef struct {
} no_owner;
typedef im_tcell_owner(bench_marker) tcell_owner;
typedef im_lcell_owner(bench_brand) lcell_owner;
typedef im_qcell(uint64_t) u64_qcell;
typedef im_tcell(bench_marker, uint64_t) u64_tcell;
typedef im_lcell(bench_brand, uint64_t) u64_lcell;

/* An owner with two cells, and where these are. */
#define SUBJECT(Owner, Cell)            \
    struct {                            \
        Owner owner;                    \
        Cell cells[2], *volatile at[2]; \
    }
typedef SUBJECT(no_owner, uint64_t) plain_subject;
typedef SUBJECT(struct im_qcell_owner, u64_qcell) qcell_subject;
typedef SUBJECT(tcell_owner, u64_tcell) tcell_subject;
typedef SUBJECT(lcell_owner, u64_lcell) lcell_subject;

#define NEW(function, Subject, make)                           \
    static void *function(const struct bench_run *run)         \
    {                                                          \
        Subject *object = (Subject *)value_new(run);           \
        _Static_assert(sizeof *object <= VALUE_BYTES_MAX, ""); \
        make;                                                  \
        for (int i = 0; i < 2; i++)                            \
            object->at[i] = &object->cells[i];                 \
        return object;                                         \
    }
NEW(plain_new, plain_subject, (void)0)
NEW(lcell_new, lcell_subject, (void)0)
NEW(tcell_new, tcell_subject, im_tcell_owner_new(bench_marker, &object->owner))
NEW(qcell_new, qcell_subject, {
    im_qcell_owner_new_pinned(&object->owner);
    for (int i = 0; i < 2; i++)
        im_qcell_init(&object->cells[i], im_qcell_owner_id(&object->owner), 0);
})

static void tcell_end(void *subject)
{
    im_tcell_owner_end(bench_marker, &((tcell_subject *)subject)->owner);
    free(subject);
}

#define TOKEN_BENCH(row, name, loop, Subject, make, end, statement)   \
    VALUE_LOOP(loop, uint64_t, Subject, VALUE_IN_REGISTER, statement) \
    BENCH(row, name, loop, make, end)

#define TOKEN_ROWS(name, tag, Subject, make, end, ro, rw, rw2)                                                       \
    TOKEN_BENCH("token/ro/8B", name, tag##_ro, Subject, make, end, bench_keep(*ro))                                  \
    TOKEN_BENCH("token/rw/8B", name, tag##_rw, Subject, make, end, *rw = i)                                          \
    TOKEN_BENCH("token/rw2/8B", name, tag##_rw2, Subject, make, end, uint64_t *p; uint64_t * q; rw2; *p = i; *q = i) \
    SIZE_BENCH("token/bytes/8B", name, tag##_bytes, __typeof__(((Subject *)0)->cells[0]))

#define OF(kind, operation) im_##kind##_##operation(&object->owner, &object->cells[0])
#define TWO_OF(kind) im_##kind##_rw2(&object->owner, object->at[0], object->at[1], &p, &q)

TOKEN_ROWS("plain memory", plain_token, plain_subject, plain_new, free, &object->cells[0], &object->cells[0],
           (p = object->at[0], q = object->at[1]))
TOKEN_ROWS("intermut", qcell, qcell_subject, qcell_new, free, OF(qcell, ro), OF(qcell, rw), TWO_OF(qcell))
TOKEN_ROWS("intermut, tcell", tcell, tcell_subject, tcell_new, tcell_end, OF(tcell, ro), OF(tcell, rw), TWO_OF(tcell))
TOKEN_ROWS("intermut, lcell", lcell, lcell_subject, lcell_new, free, OF(lcell, ro), OF(lcell, rw), TWO_OF(lcell))

/* A block that holds the owner. */
TOKEN_BENCH("token/rw/8B", "intermut, block", qcell_block, qcell_subject, qcell_new, free,
            im_qcell_with_rw(p, &object->owner, &object->cells[0]) *p = i)
