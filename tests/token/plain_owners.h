/* SPDX-License-Identifier: MIT */
/* What a library that was built plain does with the owners of a program that is checked. */
#ifndef PLAIN_OWNERS_H
#define PLAIN_OWNERS_H

#include <intermut/lcell.h>
#include <intermut/qcell.h>
#include <intermut/tlcell.h>

typedef im_qcell(int) int_cell;
IM_TLCELL_MARKER(leaves);
typedef im_tlcell_owner(leaves) leaves_owner;
static IM_LCELL_OWNER(brand);

struct sizes {
    size_t qcell, owner, tlcell_owner, lcell_owner;
};
#define SIZES ((struct sizes){sizeof(int_cell), sizeof(struct im_qcell_owner), sizeof(leaves_owner), sizeof brand})

int plain_ro(const struct im_qcell_owner *owner, const int_cell *cell);
void plain_rw(struct im_qcell_owner *owner, const int_cell *cell, int value);
int plain_try_rw(struct im_qcell_owner *owner, const int_cell *cell, int value);
/* Calls back while it holds the owner. */
int plain_with_rw(struct im_qcell_owner *owner, const int_cell *cell, void (*inside)(void));
void plain_with_ro(const struct im_qcell_owner *owner, const int_cell *cell, void (*inside)(void));
struct sizes plain_sizes(void);

#endif
