# oneTBB's headers, as the package has them; what of its shared library they call is in targets/tbb_locks/runtime.h.
set(needs_package libtbb-dev)
set(needs_header oneapi/tbb/concurrent_queue.h)
set(target_options -DNDEBUG)
