# The locks are Concurrency Kit's headers, as the package has them. Its atomics are the compiler's builtins instead of
# assembly, which no instrumentation sees, and its fences are all there, as on a machine with weak memory.
set(needs_package libck-dev)
set(needs_header ck_spinlock.h)
set(target_options -DNDEBUG -DCK_USE_CC_BUILTINS=1)
