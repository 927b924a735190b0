#pragma once
// Memory that start-up and training used goes back to the machine: the server idles in a small part of it.

#ifdef YW_JEMALLOC
#include <jemalloc/jemalloc.h>
#else
#include <malloc.h>
#endif

namespace yiwang::app {

/// What is free goes back at once.
inline void give_back_memory() {
#ifdef YW_JEMALLOC
  mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  static_assert(MALLCTL_ARENAS_ALL == 4096);
  mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
#else
  malloc_trim(0);
#endif
}

}  // namespace yiwang::app
