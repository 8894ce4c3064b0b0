/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/cell_view.h>
#include <intermut/move_cell.h>
#include <intermut/refcell.h>

typedef im_cell(int) counter;
typedef im_move_cell(const char *) spare_text;
typedef im_refcell(int) lent_number;

static void count(const counter *hits)
{
    im_cell_set(hits, im_cell_get(hits) + 1);
}

int main(void)
{
    counter hits = IM_CELL_INIT(2);
    spare_text text = IM_MOVE_CELL_INIT("mine");
    lent_number number = IM_REFCELL_INIT(1);
    count(&hits);
    im_refcell_with_mut(n, &number)
        *n += 4;
    return im_move_cell_take(&text) && im_cell_into_inner(&hits) == 3 && im_refcell_take(&number) == 5 ? 0 : 1;
}
