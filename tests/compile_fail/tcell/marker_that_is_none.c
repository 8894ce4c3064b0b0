/* SPDX-License-Identifier: MIT */
/* error: IM_TCELL_MARKER_is_missing_for_hits */
#include <intermut/tcell.h>

#ifdef BROKEN
int hits;
#else
IM_TCELL_MARKER(hits);
#endif

typedef im_tcell(hits, int) counter;
