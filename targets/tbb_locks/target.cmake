# oneTBB's headers, as the package has them; what of its shared library they call is in runtime.h.
set(needs_package libtbb-dev)
set(needs_header oneapi/tbb/spin_mutex.h)
set(target_options -DNDEBUG)
