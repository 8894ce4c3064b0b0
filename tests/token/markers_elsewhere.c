/* SPDX-License-Identifier: MIT */
#include "markers.h"

int try_to_make_books_elsewhere(books_owner *owner)
{
    return im_tcell_owner_try_new(books, owner);
}

int try_to_make_pages_elsewhere(pages_owner *owner)
{
    return im_tlcell_owner_try_new(pages, owner);
}
