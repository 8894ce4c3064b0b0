/* SPDX-License-Identifier: MIT */
/* For twins under ThreadSanitizer: the race is the finding, not the end. */
#ifndef TSAN_REPORT_H
#define TSAN_REPORT_H

#include "stress.h"

void __tsan_on_report(void *report);
void __tsan_on_report(void *report)
{
    (void)report;
    im_atomic_fetch_add_explicit(&stress_violations, 1, memory_order_relaxed);
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "exitcode=0 log_path=/dev/null";
}

#endif
