# moodycamel's queue is headers. -femulated-tls: a cpu's thread_local variables are asked for; their address is what the
# queue knows a thread by.
set(needs_package libconcurrentqueue-dev)
set(needs_header concurrentqueue/concurrentqueue.h)
set(target_options -DNDEBUG -femulated-tls)
