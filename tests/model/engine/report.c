/* SPDX-License-Identifier: MIT */
/*
 * A failure as a table that can be read: step, thread, place, access, object, value, order.
 */
#define _GNU_SOURCE
#include "engine.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <string.h>

struct name {
    uintptr_t start;
    size_t bytes;
    const char *text;
};

static struct name names[NAMES];
static unsigned name_count;

void report_begin(void)
{
    name_count = 0;
}

void im_model_name(const volatile void *start, size_t bytes, const char *name)
{
    if (name_count < NAMES)
        names[name_count++] = (struct name){.start = (uintptr_t)start, .bytes = bytes, .text = name};
}

const char *report_find_name(uintptr_t address, size_t *offset)
{
    for (unsigned i = name_count; i-- > 0;) {
        if (address - names[i].start < names[i].bytes) {
            *offset = address - names[i].start;
            return names[i].text;
        }
    }
    return NULL;
}

static void first_line_of(const char *command, char *text, size_t bytes)
{
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return;
    if (!fgets(text, (int)bytes, pipe))
        text[0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    pclose(pipe);
}

/** Where a plain access is in the source; addr2line knows, if it is installed. */
void report_code(uintptr_t code, char *text, size_t bytes)
{
    Dl_info info;
    char command[512];
    snprintf(text, bytes, "at code %#zx", (size_t)code);
    if (!code) {
        snprintf(text, bytes, "in the table");
        return;
    }
    if (!dladdr((const void *)code, &info)) // NOLINT(performance-no-int-to-ptr)
        return;
    size_t offset = code - (uintptr_t)info.dli_fbase;
    snprintf(command, sizeof command, "addr2line -s -e '%s' %#zx 2>/dev/null", info.dli_fname, offset - 1);
    char line[256] = "";
    first_line_of(command, line, sizeof line);
    if (line[0] && line[0] != '?')
        snprintf(text, bytes, "at %s", line);
}

static const char *order_name(int order)
{
    static const char *const text[] = {"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"};
    return order >= 0 && order <= 5 ? text[order] : "?";
}

static const char *access_name(const struct operation *op)
{
    static const char *const rmw[] = {"exchange",   "fetch_add", "fetch_sub", "fetch_and",
                                      "fetch_nand", "fetch_or",  "fetch_xor"};
    static const char *const text[] = {[OP_NONE] = "",
                                       [OP_LOAD] = "load",
                                       [OP_STORE] = "store",
                                       [OP_RMW] = "",
                                       [OP_COMPARE_EXCHANGE] = "compare_exchange",
                                       [OP_FENCE] = "fence",
                                       [OP_FUTEX_WAIT] = "futex wait",
                                       [OP_FUTEX_SLEEP] = "futex woken",
                                       [OP_FUTEX_LEAVE] = "futex leave",
                                       [OP_FUTEX_WAKE] = "futex wake",
                                       [OP_FUTEX_REQUEUE] = "futex requeue",
                                       [OP_MUTEX_LOCK] = "lock",
                                       [OP_MUTEX_TRY_LOCK] = "try_lock",
                                       [OP_MUTEX_UNLOCK] = "unlock",
                                       [OP_RCU_LOCK] = "rcu lock",
                                       [OP_RCU_UNLOCK] = "rcu unlock",
                                       [OP_RCU_START] = "grace start",
                                       [OP_RCU_END] = "grace end"};
    return op->kind == OP_RMW ? rmw[op->how] : text[op->kind];
}

static void value_text(const struct event *event, char *text, size_t bytes)
{
    const struct operation *op = &event->op;
    const char *old = event->outdated ? " (outdated)" : "";
    switch (op->kind) {
    case OP_LOAD:
        snprintf(text, bytes, "%" PRIx64 "%s", op->result, old);
        break;
    case OP_STORE:
        snprintf(text, bytes, "= %" PRIx64, op->operand);
        break;
    case OP_RMW:
        snprintf(text, bytes, "%" PRIx64 "%s, %" PRIx64, op->result, old, op->operand);
        break;
    case OP_COMPARE_EXCHANGE:
        snprintf(text, bytes, "%" PRIx64 "%s, %s%" PRIx64, op->result, old, op->succeeded ? "= " : "fails: not ",
                 op->succeeded ? op->operand : op->expected);
        break;
    case OP_FUTEX_WAIT:
        snprintf(text, bytes, "%" PRIx64 "%s: %s", op->result, old, op->succeeded ? "sleeps" : "goes on");
        break;
    case OP_FUTEX_WAKE:
        snprintf(text, bytes, "%" PRIu64 " woken", op->result);
        break;
    case OP_FUTEX_REQUEUE:
        if (op->succeeded)
            snprintf(text, bytes, "%" PRIu64 " woken, %" PRIu64 " moved", op->result, op->operand);
        else
            snprintf(text, bytes, "%" PRIx64 "%s: nothing", op->result, old);
        break;
    case OP_FUTEX_LEAVE:
        snprintf(text, bytes, "%s", strerror((int)op->result));
        break;
    case OP_MUTEX_TRY_LOCK:
        snprintf(text, bytes, "%s", op->succeeded ? "taken" : "busy");
        break;
    default:
        snprintf(text, bytes, "%s", "");
    }
}

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static void print_event(FILE *out, int index)
{
    const struct event *event = &run.event[index];
    char place[80], object[80] = "", value[80];
    snprintf(place, sizeof place, "%s:%d", base_name(event->op.site->file), event->op.site->line);
    if (event->op.address)
        shadow_describe(event->op.address, object, sizeof object);
    value_text(event, value, sizeof value);
    bool ordered = event->op.object < 0;
    fprintf(out, "  %4d  %*sT%u%*s %-24s %-16s %-24s %-26s %-8s %s\n", index + 1, (int)(event->thread - 1) * 2, "",
            event->thread, (int)(run.threads - event->thread) * 2, "", place, access_name(&event->op), object, value,
            ordered ? order_name(event->op.order) : "", event->op.site->object);
}

void report_failure(FILE *out, const char *program)
{
    fprintf(out, "  FAILED: %s\n%s", run.message, run.detail);
    fprintf(out, "  thread %u was at work; values are hexadecimal\n", run.self);
    fprintf(out, "  step  %-*s %-24s %-16s %-24s %-26s %-8s %s\n", 2 * (int)run.threads, "who", "where", "what",
            "object", "value", "order", "expression");
    for (int i = 0; i < run.events; i++)
        print_event(out, i);
    fprintf(out, "  replay: %s --harness=%s --replay=", program, run.harness->name);
    schedule_print(out);
    fputc('\n', out);
}
