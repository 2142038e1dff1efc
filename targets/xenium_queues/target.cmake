# xenium is headers. -femulated-tls: its thread_local variables are asked for, by virtual cpu. -fno-access-control: its
# private static variables live as long as the program, and setup makes them anew for each run.
set(needs_package libxenium-dev)
set(needs_header xenium/michael_scott_queue.hpp)
set(target_options -DNDEBUG -femulated-tls -fno-access-control)
