/* SPDX-License-Identifier: MIT */
/*
 * Each function twice: with a plain pointer, and through an lcell. check_code.py compares the machine code of the two.
 * The last pair must differ: it shows that the comparison can.
 */
#include <intermut/lcell.h>
#include <intermut/qcell.h>

struct point {
    long x, y;
};

struct plain_node {
    struct plain_node *next;
    long value;
};

static IM_LCELL_OWNER(brand);
typedef im_lcell_owner(brand) brand_owner;
typedef im_lcell(brand, long) long_cell;
typedef im_lcell(brand, struct point) point_cell;
struct node {
    const struct node_cell *next;
    long value;
};
IM_LCELL_STRUCT(node_cell, brand, struct node);

long plain_ro(void *owner, long *value)
{
    (void)owner;
    return *value;
}
long lcell_ro(const brand_owner *owner, const long_cell *cell)
{
    return *im_lcell_ro(owner, cell);
}

void plain_rw(void *owner, long *value)
{
    (void)owner;
    *value += 3;
}
void lcell_rw(brand_owner *owner, const long_cell *cell)
{
    *im_lcell_rw(owner, cell) += 3;
}

void *plain_rw_address(void *owner, struct point *value)
{
    (void)owner;
    return &value->y;
}
void *lcell_rw_address(brand_owner *owner, const point_cell *cell)
{
    return &im_lcell_rw(owner, cell)->y;
}

long plain_try(void *owner, struct point *value)
{
    (void)owner;
    return value->x + value->y;
}
long lcell_try(brand_owner *owner, const point_cell *cell)
{
    /* Cells are not NULL, but that is the caller's word: so nothing here tests it. */
    const struct point *p = im_lcell_try_ro(owner, cell);
    struct point *q = im_lcell_try_rw(owner, cell);
    return p->x + q->y;
}

void plain_block(void *owner, struct point *value)
{
    (void)owner;
    value->x = value->y * 7;
}
void lcell_block(brand_owner *owner, const point_cell *cell)
{
    im_lcell_with_rw(p, owner, cell)
        p->x = p->y * 7;
}

long plain_reading_block(void *owner, struct point *value)
{
    (void)owner;
    long sum = value->x + value->y;
    return sum;
}
long lcell_reading_block(const brand_owner *owner, const point_cell *cell)
{
    long sum = 0;
    im_lcell_with_ro(p, owner, cell)
        sum = p->x + p->y;
    return sum;
}

long plain_list(void *owner, struct plain_node *node)
{
    long sum = 0;
    (void)owner;
    for (; node; node = node->next) {
        node->value += 1;
        sum += node->value;
    }
    return sum;
}
long lcell_list(brand_owner *owner, const struct node_cell *node)
{
    long sum = 0;
    for (; node; node = im_lcell_ro(owner, node)->next) {
        im_lcell_rw(owner, node)->value += 1;
        sum += im_lcell_ro(owner, node)->value;
    }
    return sum;
}

void plain_array(void *owner, long *values, unsigned long count)
{
    (void)owner;
    for (unsigned long i = 0; i < count; i++)
        values[i] *= 2;
}
void lcell_array(brand_owner *owner, const long_cell *cells, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++)
        *im_lcell_rw(owner, &cells[i]) *= 2;
}

long plain_local(void)
{
    long a = 3, b = 4;
    a += b;
    return a * b;
}
long lcell_local(void)
{
    IM_LCELL_OWNER(owner);
    im_lcell(owner, long) a = IM_LCELL_INIT(3), b = IM_LCELL_INIT(4);
    *im_lcell_rw(&owner, &a) += *im_lcell_ro(&owner, &b);
    return *im_lcell_ro(&owner, &a) * im_lcell_into_inner(&b);
}

typedef im_qcell(long) checked_cell;
void plain_differs(void *owner, long *value)
{
    (void)owner;
    *value += 3;
}
void lcell_differs(struct im_qcell_owner *owner, const checked_cell *cell)
{
    *im_qcell_rw(owner, cell) += 3;
}
