/* SPDX-License-Identifier: MIT */
/* Counts again, with nothing in common with the first count: one thread, byte by byte, by sorting. */
#ifndef VERIFY_H
#define VERIFY_H

#include "input.h"
#include "words.h"

/*
 * Compare `words` with the words of the inputs. Writes to *differences how many words are missing, too many or counted
 * wrong; the first few are named on standard error. 0 or an errno value.
 */
int verify(const struct inputs *inputs, const word_map *words, size_t *differences);

#endif
