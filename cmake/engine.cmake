# How the engine is compiled: warnings are errors, frame pointers everywhere (the machine walks them), no sanitizer.
add_library(gridlock_options INTERFACE)
target_include_directories(gridlock_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(gridlock_options INTERFACE
  -Wall -Wextra -Wconversion -Werror -Wno-missing-designated-field-initializers
  -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -march=x86-64-v2
  # Frames and lines of the engine, not its types: these would be a third of the time to compile it and half the size.
  $<IF:$<CONFIG:Debug>,-g,-g1>)

# What most of the engine includes of others, compiled once.
set(GRIDLOCK_COMMON_HEADERS <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <span> <string>
  <utility> <vector> <fmt/format.h>)
file(WRITE ${CMAKE_BINARY_DIR}/generated/no_code.cc "")
add_library(gridlock_headers OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/generated/no_code.cc)
target_link_libraries(gridlock_headers PRIVATE gridlock_options fmt::fmt)
target_precompile_headers(gridlock_headers PRIVATE ${GRIDLOCK_COMMON_HEADERS})

# How the code is compiled that runs inside a run, on the cpus' stacks: the optimiser must not turn a loop over words
# into a call of an intercepted memcpy, nor a call into a jump that leaves no frame.
add_library(gridlock_run_options INTERFACE)
target_compile_options(gridlock_run_options INTERFACE -fno-builtin -fno-optimize-sibling-calls)
add_library(gridlock_run_headers OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/generated/no_code.cc)
target_link_libraries(gridlock_run_headers PRIVATE gridlock_options gridlock_run_options)
target_precompile_headers(gridlock_run_headers PRIVATE <algorithm> <array> <cstdint> <memory> <string> <vector>)
# gridlock_run_code(LIBRARIES...): these are such code.
function(gridlock_run_code)
  foreach(library ${ARGN})
    target_link_libraries(${library} PRIVATE gridlock_run_options)
    target_precompile_headers(${library} REUSE_FROM gridlock_run_headers)
  endforeach()
endfunction()

# What is tested is optimised; the tests themselves are compiled in half the time without.
add_library(gridlock_test_headers OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/generated/no_code.cc)
target_link_libraries(gridlock_test_headers PRIVATE gridlock_options fmt::fmt GTest::gmock GTest::gtest)
set(GRIDLOCK_TEST_OPTIONS -O0 -fPIE)
target_compile_options(gridlock_test_headers PRIVATE ${GRIDLOCK_TEST_OPTIONS})
target_precompile_headers(gridlock_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> ${GRIDLOCK_COMMON_HEADERS})
# gridlock_test_code(LIBRARY [PRECOMPILE headers...]): its sources are tests, or what only tests use.
function(gridlock_test_code library)
  cmake_parse_arguments(ARG "" "" "PRECOMPILE" ${ARGN})
  target_compile_options(${library} PRIVATE ${GRIDLOCK_TEST_OPTIONS})
  if(ARG_PRECOMPILE)
    target_precompile_headers(${library} PRIVATE
      <gmock/gmock.h> <gtest/gtest.h> ${GRIDLOCK_COMMON_HEADERS} ${ARG_PRECOMPILE})
  else()
    target_precompile_headers(${library} REUSE_FROM gridlock_test_headers)
  endif()
endfunction()

set(GRIDLOCK_FLAVOURS plain tsan asan)

# What a program of each flavour is linked with. ThreadSanitizer's atomic entry points go through the engine.
set(GRIDLOCK_WRAPPED __tsan_atomic_thread_fence __tsan_func_entry __tsan_func_exit)
foreach(bits 8 16 32 64 128)
  foreach(operation load store exchange fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_nand
          compare_exchange_val compare_exchange_strong compare_exchange_weak)
    list(APPEND GRIDLOCK_WRAPPED __tsan_atomic${bits}_${operation})
  endforeach()
endforeach()
foreach(bytes 1 2 4 8 16)
  foreach(access read write)
    list(APPEND GRIDLOCK_WRAPPED __tsan_${access}${bytes})
    if(bytes GREATER 1)
      list(APPEND GRIDLOCK_WRAPPED __tsan_unaligned_${access}${bytes})
    endif()
  endforeach()
endforeach()
list(APPEND GRIDLOCK_WRAPPED __tsan_vptr_update __tsan_vptr_read __tsan_memcpy __tsan_memmove __tsan_memset)
list(TRANSFORM GRIDLOCK_WRAPPED PREPEND "-Wl,--wrap=" OUTPUT_VARIABLE GRIDLOCK_TSAN_WRAPS)

add_library(gridlock_link_plain INTERFACE)
add_library(gridlock_link_tsan INTERFACE)
add_library(gridlock_link_asan INTERFACE)
target_link_options(gridlock_link_tsan INTERFACE -fsanitize=thread ${GRIDLOCK_TSAN_WRAPS})
target_link_options(gridlock_link_asan INTERFACE -fsanitize=address)
foreach(flavour ${GRIDLOCK_FLAVOURS})
  target_link_options(gridlock_link_${flavour} INTERFACE -fuse-ld=lld
    -Wl,--wrap=__atomic_load -Wl,--wrap=__atomic_store
    -Wl,--wrap=__atomic_exchange -Wl,--wrap=__atomic_compare_exchange)
  target_link_libraries(gridlock_link_${flavour} INTERFACE atomic)
endforeach()

# Where large templates are used, of JSON and of GoogleTest most of all, several files compiled as one take little more
# than half the time. Not while developing (preset dev): there each file stands for itself, and a change compiles only
# one.
option(GRIDLOCK_UNITY "compile several files of a module as one" OFF)
# gridlock_compile_together(TARGET)
function(gridlock_compile_together target)
  if(GRIDLOCK_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
endfunction()

# gridlock_module(NAME [DEPENDS modules...] [LIBRARIES libs...] [PRECOMPILE headers...]): one folder, one static
# library, all its *.cc but tests and fuzzers. PRECOMPILE: large headers beside those that are common.
function(gridlock_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_(test|fuzzer)\\.cc$|/fill_store\\.cc$")
  if(sources)
    add_library(gridlock_${name} STATIC ${sources})
    set(visibility PUBLIC)
    if(ARG_PRECOMPILE)
      target_precompile_headers(gridlock_${name} PRIVATE ${GRIDLOCK_COMMON_HEADERS} ${ARG_PRECOMPILE})
      gridlock_compile_together(gridlock_${name})
    else()
      target_precompile_headers(gridlock_${name} REUSE_FROM gridlock_headers)
    endif()
  else()
    add_library(gridlock_${name} INTERFACE)
    set(visibility INTERFACE)
  endif()
  target_link_libraries(gridlock_${name} ${visibility} gridlock_options ${ARG_LIBRARIES})
  foreach(module ${ARG_DEPENDS})
    target_link_libraries(gridlock_${name} ${visibility} gridlock_${module})
  endforeach()
endfunction()

# gridlock_tests(MODULE LIBRARIES libs...): every *_test.cc of a folder in one program, each test registered with ctest.
function(gridlock_tests name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(gridlock_${name}_test ${sources})
  target_link_libraries(gridlock_${name}_test PRIVATE gridlock_options ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  gridlock_test_code(gridlock_${name}_test PRECOMPILE ${ARG_PRECOMPILE})
  gridlock_compile_together(gridlock_${name}_test)
  target_link_options(gridlock_${name}_test PRIVATE -fuse-ld=lld)
  set_target_properties(gridlock_${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  add_test(NAME ${name} COMMAND gridlock_${name}_test --gtest_brief=1)
endfunction()
