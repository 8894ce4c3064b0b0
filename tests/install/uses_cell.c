/* SPDX-License-Identifier: MIT */
#include <intermut/cell.h>
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(const char *) spare_text;

static void count(const counter *hits)
{
    im_cell_set(hits, im_cell_get(hits) + 1);
}

int main(void)
{
    counter hits = IM_CELL_INIT(2);
    spare_text text = IM_MOVE_CELL_INIT("mine");
    count(&hits);
    return im_move_cell_take(&text) && im_cell_into_inner(&hits) == 3 ? 0 : 1;
}
