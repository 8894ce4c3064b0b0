/* SPDX-License-Identifier: MIT */
/* The summary on standard output, for people and for programs. */
#ifndef REPORT_H
#define REPORT_H

#include "summary.h"

void report_table(const struct summary *summary, bool verified);

void report_json(const struct summary *summary);

#endif
