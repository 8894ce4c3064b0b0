/* SPDX-License-Identifier: MIT */
#define IM_MAP_IMPLEMENT
#include "table.h"
