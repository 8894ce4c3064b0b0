/* SPDX-License-Identifier: MIT */
/*
 * Switching stacks. By hand on x86-64, because swapcontext() makes two system calls at each switch and a search makes
 * millions; by ucontext elsewhere.
 */
#include "engine.h"

#include <stdlib.h>
#include <sys/mman.h>

#if defined(__x86_64__) && !defined(MODEL_UCONTEXT)
#define MODEL_UCONTEXT 0
#else
#undef MODEL_UCONTEXT
#define MODEL_UCONTEXT 1
#include <ucontext.h>
#endif

enum { STACK_BYTES = 256 << 10, GUARD_BYTES = 4096 };

static char *stacks;

static void allocate_stacks(void)
{
    stacks = mmap(NULL, (size_t)STACK_BYTES * THREADS, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED)
        abort();
    for (unsigned i = 0; i < THREADS; i++)
        mprotect(stacks + (size_t)STACK_BYTES * i, GUARD_BYTES, PROT_NONE);
}

bool fiber_on_stack(uintptr_t address, unsigned *owner)
{
    uintptr_t offset = address - (uintptr_t)stacks;
    if (offset >= (uintptr_t)STACK_BYTES * THREADS)
        return false;
    *owner = (unsigned)(offset / STACK_BYTES);
    return true;
}

#if MODEL_UCONTEXT

static ucontext_t contexts[THREADS + 1];

void fiber_start(unsigned index, void (*entry)(void))
{
    if (!stacks)
        allocate_stacks();
    getcontext(&contexts[index]);
    contexts[index].uc_stack.ss_sp = stacks + (size_t)STACK_BYTES * index + GUARD_BYTES;
    contexts[index].uc_stack.ss_size = STACK_BYTES - GUARD_BYTES;
    contexts[index].uc_link = NULL;
    makecontext(&contexts[index], entry, 0);
}

void fiber_switch(unsigned from, unsigned to)
{
    swapcontext(&contexts[from], &contexts[to]);
}

#else

static void *saved[THREADS + 1];

void model_switch_stack(void **save, void *load);

__asm__(".text\n"
        ".globl model_switch_stack\n"
        ".type model_switch_stack, @function\n"
        "model_switch_stack:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size model_switch_stack, .-model_switch_stack\n");

void fiber_start(unsigned index, void (*entry)(void))
{
    enum { SAVED_REGISTERS = 6 };
    if (!stacks)
        allocate_stacks();
    uintptr_t top = (uintptr_t)stacks + (uintptr_t)STACK_BYTES * (index + 1);
    /* At entry the stack is as after a call: 8 bytes off a multiple of 16. The last word is no return address. */
    uintptr_t *frame = (uintptr_t *)(top - sizeof(uintptr_t));
    frame[0] = 0;
    frame[-1] = (uintptr_t)entry;
    for (unsigned i = 2; i < 2 + SAVED_REGISTERS; i++)
        frame[-(int)i] = 0;
    saved[index] = frame - 1 - SAVED_REGISTERS;
}

void fiber_switch(unsigned from, unsigned to)
{
    model_switch_stack(&saved[from], saved[to]);
}

#endif
