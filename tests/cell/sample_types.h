/* SPDX-License-Identifier: MIT */
/* One type of every sort that a cell may hold. */
#ifndef SAMPLE_TYPES_H
#define SAMPLE_TYPES_H

typedef struct {
    char kind;
    double x, y; /* padding after kind */
} point;
typedef union {
    int number;
    char bytes[6];
} either;
typedef struct {
    _Alignas(64) int value;
} over_aligned;
typedef struct {
    int at[5];
} array;
typedef struct {
    char bytes[1 << 20];
} large;
typedef struct {
} nothing;
typedef int (*function)(int);

static inline int twice(int n)
{
    return 2 * n;
}

#endif
