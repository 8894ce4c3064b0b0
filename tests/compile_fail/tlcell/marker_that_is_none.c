/* SPDX-License-Identifier: MIT */
/* error: IM_TLCELL_MARKER_is_missing_for_hits */
#include <intermut/tlcell.h>

#ifdef BROKEN
int hits;
#else
IM_TLCELL_MARKER(hits);
#endif

typedef im_tlcell(hits, int) counter;
