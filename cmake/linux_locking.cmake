# Linux 6.1's own locks (targets/linux_locking/): their source is taken from the archive of Debian's package
# linux-source-6.1, into the build tree, and compiled as it is. Nothing of it is in this repository. Without the package
# these targets are left out, and both this and `gridlock targets` say so.

set(GRIDLOCK_LINUX_ARCHIVE /usr/src/linux-source-6.1.tar.xz CACHE FILEPATH "The archive of Linux 6.1's source")
set(GRIDLOCK_LINUX_TREE ${CMAKE_BINARY_DIR}/linux-source-6.1)

# What is compiled or included as it is, and nothing else of the archive.
set(linux_files
  kernel/locking/qspinlock.c kernel/locking/qspinlock_paravirt.h kernel/locking/qspinlock_stat.h
  kernel/locking/mcs_spinlock.h kernel/locking/lock_events.h kernel/locking/lock_events_list.h
  kernel/locking/osq_lock.c kernel/locking/qrwlock.c kernel/locking/semaphore.c kernel/locking/rwsem.c
  kernel/locking/mutex.c kernel/locking/mutex.h kernel/locking/ww_mutex.h
  include/asm-generic/qspinlock.h include/asm-generic/qspinlock_types.h
  include/asm-generic/qrwlock.h include/asm-generic/qrwlock_types.h
  include/linux/osq_lock.h include/linux/mutex.h include/linux/ww_mutex.h include/linux/rwsem.h
  include/linux/semaphore.h include/linux/sched/wake_q.h include/linux/list.h include/linux/hash.h)
# Headers that those name and that are empty here: shim/kernel.h has what is needed of them.
set(linux_empty_headers
  asm/barrier.h asm/byteorder.h asm/current.h asm/hash.h asm/mcs_spinlock.h asm/processor.h asm/qspinlock.h
  asm/qspinlock_paravirt.h asm/spinlock_types.h asm/types.h
  linux/atomic.h linux/bug.h linux/cleanup.h linux/compiler.h linux/const.h linux/container_of.h linux/cpumask.h
  linux/debug_locks.h linux/err.h linux/export.h linux/ftrace.h linux/hardirq.h linux/interrupt.h linux/kernel.h
  linux/linkage.h linux/lockdep.h linux/memblock.h linux/percpu.h linux/poison.h linux/prefetch.h linux/rtmutex.h
  linux/sched.h linux/sched/clock.h linux/sched/debug.h linux/sched/rt.h linux/sched/signal.h linux/sched/task.h
  linux/smp.h linux/spinlock.h linux/spinlock_types.h linux/stddef.h linux/types.h trace/events/lock.h)

# The shim's files for each target, besides machine.c: each is one of the kernel's. PARAVIRT: as under a hypervisor.
set(linux_sources_linux_qspinlock qspinlock)
set(linux_sources_linux_pv_qspinlock qspinlock)
set(linux_sources_linux_osq_lock osq_lock)
set(linux_sources_linux_qrwlock qspinlock qrwlock)
set(linux_sources_linux_mutex qspinlock osq_lock mutex)
set(linux_sources_linux_rwsem qspinlock osq_lock rwsem)
set(linux_sources_linux_semaphore qspinlock semaphore)
set(linux_definitions_linux_pv_qspinlock CONFIG_PARAVIRT_SPINLOCKS=1)

# Unpacks the files, if the archive or their list is not what it was: reading the archive takes seconds.
function(gridlock_unpack_linux)
  file(TIMESTAMP ${GRIDLOCK_LINUX_ARCHIVE} timestamp UTC)
  file(SIZE ${GRIDLOCK_LINUX_ARCHIVE} bytes)
  set(stamp "${GRIDLOCK_LINUX_ARCHIVE} ${timestamp} ${bytes} ${linux_files} ${linux_empty_headers}\n")
  set(stamp_file ${GRIDLOCK_LINUX_TREE}/stamp)
  if(EXISTS ${stamp_file})
    file(READ ${stamp_file} old_stamp)
    if(old_stamp STREQUAL stamp)
      return()
    endif()
  endif()
  message(STATUS "Unpacking Linux's locks from ${GRIDLOCK_LINUX_ARCHIVE}")
  file(REMOVE_RECURSE ${GRIDLOCK_LINUX_TREE})
  file(MAKE_DIRECTORY ${GRIDLOCK_LINUX_TREE})
  list(TRANSFORM linux_files PREPEND linux-source-6.1/ OUTPUT_VARIABLE members)
  execute_process(
    COMMAND tar --extract --file ${GRIDLOCK_LINUX_ARCHIVE} --directory ${GRIDLOCK_LINUX_TREE} --strip-components=1
      --occurrence=1 ${members}
    COMMAND_ERROR_IS_FATAL ANY)
  foreach(header ${linux_empty_headers})
    file(WRITE ${GRIDLOCK_LINUX_TREE}/empty/${header} "")
  endforeach()
  file(WRITE ${stamp_file} "${stamp}")
endfunction()

# `result`: the directory of these targets, with all that they are compiled from, or nothing. Then they are among those
# that were left out, for `gridlock targets`.
function(gridlock_linux_targets result)
  set(directory ${CMAKE_SOURCE_DIR}/targets/linux_locking)
  if(EXISTS ${GRIDLOCK_LINUX_ARCHIVE})
    gridlock_unpack_linux()
    set(${result} ${directory} PARENT_SCOPE)
    return()
  endif()
  file(GLOB names RELATIVE ${directory} CONFIGURE_DEPENDS ${directory}/linux_*)
  list(JOIN names ", " text)
  message(WARNING "Left out: ${text}. There is no ${GRIDLOCK_LINUX_ARCHIVE}: install the package linux-source-6.1")
  list(TRANSFORM names APPEND ":linux-source-6.1")
  set_property(GLOBAL APPEND PROPERTY GRIDLOCK_LEFT_OUT ${names})
  set(${result} "" PARENT_SCOPE)
endfunction()

# gridlock_linux_arguments(NAME RESULT): what gridlock_target_object() gets beside the folder of target NAME.
function(gridlock_linux_arguments name result)
  set(shim ${CMAKE_SOURCE_DIR}/targets/linux_locking/shim)
  list(TRANSFORM linux_sources_${name} PREPEND ${shim}/ OUTPUT_VARIABLE sources)
  list(TRANSFORM sources APPEND .c)
  set(${result} ${shim}/machine.c ${sources}
    C_INCLUDE ${GRIDLOCK_LINUX_TREE} ${GRIDLOCK_LINUX_TREE}/include ${GRIDLOCK_LINUX_TREE}/empty
    C_DEFINITIONS ${linux_definitions_${name}} PARENT_SCOPE)
endfunction()
