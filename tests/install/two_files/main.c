/* SPDX-License-Identifier: MIT */
#include "table.h"

int main(void)
{
    static table map;
    VALUE found = 0;
    int error = table_insert(&map, 1, 2);
    error |= table_get(&map, 1, &found);
    table_destroy(&map);
    return error || found != 2;
}
