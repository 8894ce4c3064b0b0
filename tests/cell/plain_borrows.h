/* SPDX-License-Identifier: MIT */
/* What a library that was built plain does to the cells of a program that is checked. */
#ifndef PLAIN_BORROWS_H
#define PLAIN_BORROWS_H

#include <intermut/refcell.h>

typedef struct {
    int left, right;
} pair;
typedef im_refcell(pair) pair_cell;
typedef im_ref(pair) pair_ref;
typedef im_ref_mut(pair) pair_ref_mut;
typedef im_ref(int) int_ref;

void plain_borrow(const pair_cell *cell);
void plain_release(const pair_cell *cell);
pair_ref plain_borrow_ref(const pair_cell *cell);
size_t plain_size_of_cell(void);
size_t plain_size_of_guard(void);

#endif
