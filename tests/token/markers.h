/* SPDX-License-Identifier: MIT */
/* A marker of two files: what they call by one name is one. */
#ifndef MARKERS_H
#define MARKERS_H

#include <intermut/tcell.h>
#include <intermut/tlcell.h>

IM_TCELL_MARKER(books);
IM_TCELL_MARKER(books); /* more than once does no harm */
IM_TLCELL_MARKER(pages);

typedef im_tcell_owner(books) books_owner;
typedef im_tlcell_owner(pages) pages_owner;

int try_to_make_books_elsewhere(books_owner *owner);
int try_to_make_pages_elsewhere(pages_owner *owner);

#endif
