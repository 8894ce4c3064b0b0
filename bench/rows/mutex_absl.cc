/* SPDX-License-Identifier: MIT */
/* absl's mutex; zeroed is how its constructor leaves it. */
#include "mutex.h"

#include <absl/synchronization/mutex.h>

namespace
{

struct absl_number {
    absl::Mutex mutex;
    uint64_t number;
};

} // namespace

MUTEX_ROWS("absl::Mutex", absl, absl_number, sizeof(absl::Mutex), {
    object->mutex.Lock();
    bench_keep(++object->number);
    object->mutex.Unlock();
})
