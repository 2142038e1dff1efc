# libcds' spin locks are headers; nothing of its library is linked.
set(needs_package libcds-dev)
set(needs_header cds/sync/spinlock.h)
set(target_options -DNDEBUG)
