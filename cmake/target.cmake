# How code under test is compiled: with the calls of the ThreadSanitizer ABI in every flavour, so that the points are
# the same in all of them. The driver refuses -fsanitize=thread beside -fsanitize=address; cc1 does not.
set(GRIDLOCK_TARGET_OPTIONS
  -O1 -g $<$<COMPILE_LANGUAGE:CXX>:-std=c++23> "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/="
  -Wall -Wextra -Wconversion -Werror -Wno-missing-designated-field-initializers -mcx16
  -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fno-optimize-sibling-calls -fPIE
  "SHELL:-mllvm -tsan-distinguish-volatile=1")
# A kernel's code in C is compiled as it is: in its dialect, without warnings, and by its memory model, in which a
# plain access of a word is whole. So its plain accesses are taken as volatile ones: points, and no data races.
set(GRIDLOCK_KERNEL_OPTIONS
  -std=gnu11 -w -fno-strict-aliasing -fwrapv -fno-delete-null-pointer-checks
  "SHELL:-mllvm -tsan-instrument-read-before-write=1")
set(GRIDLOCK_PLAIN_IS_VOLATILE "")
foreach(access read write)
  foreach(bytes 1 2 4 8 16)
    list(APPEND GRIDLOCK_PLAIN_IS_VOLATILE --redefine-sym __tsan_${access}${bytes}=__tsan_volatile_${access}${bytes})
    list(APPEND GRIDLOCK_PLAIN_IS_VOLATILE
      --redefine-sym __tsan_unaligned_${access}${bytes}=__tsan_unaligned_volatile_${access}${bytes})
  endforeach()
endforeach()
# Without ThreadSanitizer's runtime: no calls at function entry.
set(GRIDLOCK_OWN_ABI
  "SHELL:-Xclang -fsanitize=thread"
  "SHELL:-mllvm -tsan-instrument-func-entry-exit=0")
set(GRIDLOCK_TARGET_OPTIONS_plain ${GRIDLOCK_OWN_ABI})
set(GRIDLOCK_TARGET_OPTIONS_tsan -fsanitize=thread)
# Locals stay on the cpu's own stack, where the proof of a hang compares them.
set(GRIDLOCK_TARGET_OPTIONS_asan -fsanitize=address -fsanitize-address-use-after-return=never ${GRIDLOCK_OWN_ABI})

find_program(GRIDLOCK_OBJCOPY NAMES llvm-objcopy-19 REQUIRED)
find_program(GRIDLOCK_BFD NAMES ld.bfd REQUIRED)

# gridlock_target_headers(RESULT FLAVOUR OPTIONS...): the library whose precompiled header the sources in C++ of targets
# of one flavour and one set of options share. Parsing <atomic> is three quarters of what compiling a lock takes.
function(gridlock_target_headers result flavour)
  string(SHA1 key "${ARGN}")
  string(SUBSTRING ${key} 0 8 key)
  set(name gridlock_target_headers_${flavour}_${key})
  set(${result} ${name} PARENT_SCOPE)
  if(TARGET ${name})
    return()
  endif()
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/generated/no_code.cc)
  target_compile_options(${name} PRIVATE ${GRIDLOCK_TARGET_OPTIONS} ${GRIDLOCK_TARGET_OPTIONS_${flavour}} ${ARGN})
  target_precompile_headers(${name} PRIVATE <atomic> <cstdint> <new>)
endfunction()

# gridlock_target_object(NAME SYMBOL symbols... FLAVOUR flavour [OPTIONS ...] [INCLUDE folder] SOURCES ...
# [C_INCLUDE folders ...] [C_DEFINITIONS ...]): all of a target in one object file, target NAME, with the SYMBOLs as its
# only global definitions. Inline functions of the standard library exist twice in a program: instrumented in targets,
# not in the engine. Folding them, as a linker does, would put points into the engine or take them out of the target; so
# the groups that it folds by are resolved here and their symbols made local. INCLUDE: a root of #includes beside the
# repository's. C_INCLUDE, C_DEFINITIONS: for sources in C, which then are a kernel's.
function(gridlock_target_object name)
  cmake_parse_arguments(ARG "" "FLAVOUR;INCLUDE" "SYMBOL;SOURCES;OPTIONS;C_INCLUDE;C_DEFINITIONS" ${ARGN})
  add_library(${name}_parts OBJECT EXCLUDE_FROM_ALL ${ARG_SOURCES})
  target_include_directories(${name}_parts PRIVATE ${CMAKE_SOURCE_DIR} ${ARG_INCLUDE}
    "$<$<COMPILE_LANGUAGE:C>:${ARG_C_INCLUDE}>")
  target_compile_definitions(${name}_parts PRIVATE "$<$<COMPILE_LANGUAGE:C>:${ARG_C_DEFINITIONS}>")
  target_compile_options(${name}_parts PRIVATE
    ${GRIDLOCK_TARGET_OPTIONS} ${GRIDLOCK_TARGET_OPTIONS_${ARG_FLAVOUR}} ${ARG_OPTIONS})
  # A library with sources in both languages cannot share the header of one.
  if(NOT "${ARG_SOURCES}" MATCHES "\\.c(;|$)")
    gridlock_target_headers(headers ${ARG_FLAVOUR} ${ARG_OPTIONS})
    target_precompile_headers(${name}_parts REUSE_FROM ${headers})
  endif()
  if(ARG_C_INCLUDE)
    target_compile_options(${name}_parts PRIVATE "$<$<COMPILE_LANGUAGE:C>:${GRIDLOCK_KERNEL_OPTIONS}>")
  endif()
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
  # AddressSanitizer's registration of globals shares one common symbol between all objects of a program.
  set(keep --keep-global-symbol=___asan_globals_registered)
  foreach(symbol ${ARG_SYMBOL})
    list(APPEND keep --keep-global-symbol=${symbol})
  endforeach()
  set(parts $<TARGET_OBJECTS:${name}_parts>)
  set(c_commands "")
  if(ARG_C_INCLUDE)
    set(c_object ${CMAKE_CURRENT_BINARY_DIR}/${name}_c.o)
    set(c_commands
      COMMAND ${GRIDLOCK_BFD} -r -o ${c_object} "$<FILTER:${parts},INCLUDE,\\.c\\.o$>"
      COMMAND ${GRIDLOCK_OBJCOPY} ${GRIDLOCK_PLAIN_IS_VOLATILE} ${c_object})
    set(parts ${c_object} "$<FILTER:${parts},EXCLUDE,\\.c\\.o$>")
  endif()
  add_custom_command(
    OUTPUT ${object}
    ${c_commands}
    COMMAND ${GRIDLOCK_BFD} -r --force-group-allocation -o ${object} ${parts}
    COMMAND ${GRIDLOCK_OBJCOPY} ${keep} ${object}
    DEPENDS ${name}_parts $<TARGET_OBJECTS:${name}_parts>
    COMMAND_EXPAND_LISTS VERBATIM)
  add_library(${name} OBJECT IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_OBJECTS ${object})
  add_custom_target(${name}_built DEPENDS ${object})
  add_dependencies(${name} ${name}_built)
endfunction()
