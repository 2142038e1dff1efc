# Boost.Asio is headers. -femulated-tls: which scheduler a thread runs is in a thread_local variable.
# -fno-access-control: at rest, the harness looks at what the scheduler has queued.
set(needs_package libboost-dev)
set(needs_header boost/asio/detail/scheduler.hpp)
set(target_options -DNDEBUG -femulated-tls -fno-access-control)
