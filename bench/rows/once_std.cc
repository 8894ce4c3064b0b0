// SPDX-License-Identifier: MIT
// std::call_once with a value beside its flag.
#include "once.h"

#include <mutex>

struct std_object {
    std::once_flag once;
    uint64_t value;
};

static inline uint64_t std_look(std_object *object)
{
    std::call_once(object->once, [] {});
    return object->value;
}

static inline uint64_t std_make(std_object *object, uint64_t i)
{
    std::call_once(object->once, [=] { object->value = i; });
    return object->value;
}

static inline uint64_t std_work(std_object *object, uint64_t i)
{
    std::call_once(object->once, [=] { object->value = once_work(i); });
    return object->value;
}

ONCE_ROWS("std::call_once", std_once, std_object, sizeof(std_object), std_look, std_make, std_work)
