/* SPDX-License-Identifier: MIT */
/**
 * @file shared.h
 * What the threads of one measurement share: the stop sign, progress, recorded latencies, extra figures.
 */
#ifndef INTERMUT_BENCH_SHARED_H
#define INTERMUT_BENCH_SHARED_H

#include "bench.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bench_shared *bench_shared_new(uint32_t threads);
void bench_shared_free(struct bench_shared *shared);
void bench_shared_stop(struct bench_shared *shared);

typedef void bench_metric_sink(void *context, const char *name, double value);

/** Hands all figures to @p sink: those given to bench_metric(), and each recorded series' percentiles. */
void bench_shared_report(const struct bench_shared *shared, bench_metric_sink *sink, void *context);

#ifdef __cplusplus
}
#endif

#endif
