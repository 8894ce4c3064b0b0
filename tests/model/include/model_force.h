/* SPDX-License-Identifier: MIT */
/**
 * @file model_force.h
 * Included first in every file under test, by `-include`: routes what the source cannot see to the engine.
 *
 * The file is compiled with -fsanitize=thread only for its callbacks on plain accesses; the code under test shall be
 * the one of a plain build, so IM_THREAD_SANITIZER is taken back. The library functions that move bytes or memory
 * are renamed in the assembler, so that calls that the compiler makes up come along.
 */
#ifndef MODEL_FORCE_H
#define MODEL_FORCE_H

#include <intermut/compiler.h>

#undef IM_THREAD_SANITIZER
#define IM_THREAD_SANITIZER 0

__asm__("memcpy = im_model_memcpy\n"
        "memmove = im_model_memmove\n"
        "memset = im_model_memset\n"
        "memcmp = im_model_memcmp\n"
        "malloc = im_model_malloc\n"
        "calloc = im_model_calloc\n"
        "realloc = im_model_realloc\n"
        "aligned_alloc = im_model_aligned_alloc\n"
        "posix_memalign = im_model_posix_memalign\n"
        "free = im_model_free\n"
        "abort = im_model_abort\n");

#endif
