/* SPDX-License-Identifier: MIT */
/**
 * @file cell_view.h
 * A part of a cell as a cell: one field of a struct, one element of an array, without copying the rest.
 *
 * Use it to hand out the right to change one field of a value that sits in an im_cell.
 *
 *     typedef im_cell(struct point) point_cell;
 *     typedef im_cell_view(int) int_view;
 *
 *     static void move_right(const point_cell *point)
 *     {
 *         const int_view *x = im_cell_project(int_view, point, x);
 *         im_cell_update(x, n, n + 1);
 *     }
 *
 * A view is a cell: all operations of <intermut/cell.h> take it, also im_cell_project(). It is a type of its own, and
 * never defined as an object, since its accesses must be known to touch what others access as a whole: with a plain
 * im_cell(int) here, the compiler might assume that no part of a point changes (C11 6.5p7).
 * Cost: an address; accesses through a view may be reordered less. Source: Rust's Cell::as_slice_of_cells.
 */
#ifndef INTERMUT_CELL_VIEW_H
#define INTERMUT_CELL_VIEW_H

#include <intermut/cell.h>

/** A part, of type T, of a cell. Name the type once: `typedef im_cell_view(T) name;`; use pointers to const to it. */
#define im_cell_view(T)                                                                                    \
    struct IM_MAY_ALIAS {                                                                                  \
        __typeof__(T) im_value;                                                                            \
        __typeof__(T) *const im_type[0] __attribute__((packed));                                           \
        struct im_kind_cell *const volatile im_kind_that_intermut_objects_have[0] __attribute__((packed)); \
    }

/** const view *: the member of the value in a cell: `im_cell_project(int_view, cell, corner[2].x)`. Shared. */
#define im_cell_project(view, self, member)                                                 \
    (IM__CELL_CHECK(self, "cell: project needs an im_cell"),                                \
     IM__CELL_VIEW_CHECKS(view, (self)->im_value.member,                                    \
                          "cell: project needs an im_cell_view of the type of the member"), \
     (const view *)(const void *)&(self)->im_value.member)

/** const view *: the elements of an array in a cell, im_cell_length(self) of them, from the first one on. Shared. */
#define im_cell_elements(view, self)                                                           \
    (IM__CELL_CHECK(self, "cell: elements needs an im_cell"),                                  \
     IM__CELL_VIEW_CHECKS(view, (self)->im_value[0],                                           \
                          "cell: elements needs an im_cell_view of the type of the elements"), \
     (const view *)(const void *)&(self)->im_value[0])

/** How many elements the array in a cell has. A constant. */
#define im_cell_length(self) (sizeof(self)->im_value / sizeof(self)->im_value[0])

/* A view has the tags of a cell; that the kind is volatile tells them apart. Several expressions, no parentheses. */
#define IM__CELL_VIEW_CHECKS(view, part, sentence)                                   \
    IM_REQUIRE_KIND((view *)0, cell, sentence),                                      \
        IM_REQUIRE(_Generic(&((view *)0)->im_kind_that_intermut_objects_have[0],     \
                            struct im_kind_cell *const volatile * : 1, default : 0), \
                   sentence),                                                        \
        IM_REQUIRE_SAME_TYPE(IM_TYPE((view *)0), __typeof__(part), sentence)

#endif
