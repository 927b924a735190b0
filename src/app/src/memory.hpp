#pragma once
// Memory that start-up and training used goes back to the machine: the server idles in a small part of it.

#ifdef YW_MIMALLOC
#include <mimalloc.h>
#else
#include <malloc.h>
#endif

namespace yiwang::app {

/// What this thread has freed goes back at once.
inline void give_back_memory() {
#ifdef YW_MIMALLOC
  mi_collect(true);
#else
  malloc_trim(0);
#endif
}

/// Once, before the first thread.
inline void set_up_memory() {
#ifdef YW_MIMALLOC
  mi_option_enable(mi_option_page_reset);
  mi_option_enable(mi_option_abandoned_page_decommit);
#endif
}

}  // namespace yiwang::app
