# Boost.Lockfree is headers. The package is one that Gridlock needs itself, so the target is never left out by a system
# on which ci/install has run.
set(needs_package libboost1.74-dev)
set(needs_header boost/lockfree/queue.hpp)
set(target_options -DNDEBUG)
