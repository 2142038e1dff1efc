# What gridlock-cc and gridlock-c++ need: the wrapper itself, and for each flavour the engine for programs as one object
# with the words that the linker gets for it. They lie in bin/ and lib/gridlock/, where engine/cc/kit.h looks for them.
set(kit ${CMAKE_BINARY_DIR}/lib/gridlock)
file(MAKE_DIRECTORY ${kit})

file(GLOB cc_sources CONFIGURE_DEPENDS engine/cc/*.cc)
list(FILTER cc_sources EXCLUDE REGEX "(_test|/main)\\.cc$")
add_library(gridlock_cc STATIC ${cc_sources})
target_link_libraries(gridlock_cc PUBLIC gridlock_options gridlock_base)
target_compile_definitions(gridlock_cc PRIVATE
  GRIDLOCK_CLANG_C="${CMAKE_C_COMPILER}" GRIDLOCK_CLANG_CXX="${CMAKE_CXX_COMPILER}"
  GRIDLOCK_LD_BFD="${GRIDLOCK_BFD}" GRIDLOCK_LLVM_OBJCOPY="${GRIDLOCK_OBJCOPY}")
add_executable(gridlock-cc engine/cc/main.cc)
target_link_libraries(gridlock-cc PRIVATE gridlock_cc)
target_link_options(gridlock-cc PRIVATE -fuse-ld=lld)
add_custom_command(TARGET gridlock-cc POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E create_symlink gridlock-cc ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/gridlock-c++ VERBATIM)
configure_file(engine/cc/program.ld ${kit}/program.ld COPYONLY)

# The functions of the C library that go through the engine: one name a line.
set(GRIDLOCK_PROGRAM_WRAPS "")
file(GLOB wrap_lists CONFIGURE_DEPENDS engine/abi/program/wraps_*.txt)
foreach(list ${wrap_lists})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(STRINGS ${list} names REGEX "^[A-Za-z_]")
  list(APPEND GRIDLOCK_PROGRAM_WRAPS ${names})
endforeach()
list(TRANSFORM GRIDLOCK_PROGRAM_WRAPS PREPEND "-Wl,--wrap=")

# The wrapped functions run on the cpus' stacks: no call of an intercepted libc function that nobody wrote.
file(GLOB program_sources CONFIGURE_DEPENDS engine/abi/program/*.cc)
list(FILTER program_sources EXCLUDE REGEX "_test\\.cc$")
add_library(gridlock_program_abi OBJECT ${program_sources})
target_link_libraries(gridlock_program_abi PUBLIC gridlock_machine_common)
target_compile_options(gridlock_program_abi PRIVATE -fno-builtin -fno-optimize-sibling-calls)
add_library(gridlock_program_main OBJECT engine/cli/program_main.cc)
target_link_libraries(gridlock_program_main PRIVATE gridlock_cli)

# gridlock_program_runtime(FLAVOUR): program-FLAVOUR.o and program-FLAVOUR.rsp. Without debug information: a program is
# linked in a moment, and what is told of a run is the user's code.
set(program_modules cli explain reduce judge symbolize search mutate decode strategy model)
function(gridlock_program_runtime flavour)
  set(object ${kit}/program-${flavour}.o)
  set(parts "")
  foreach(part machine_common machine_${flavour} race threads program_abi program_main no_serve)
    list(APPEND parts $<TARGET_OBJECTS:gridlock_${part}>)
  endforeach()
  set(archives "")
  foreach(module ${program_modules})
    list(APPEND archives $<TARGET_FILE:gridlock_${module}>)
  endforeach()
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${GRIDLOCK_BFD} -r -o ${object} ${parts} --start-group ${archives} --end-group
    COMMAND ${GRIDLOCK_OBJCOPY} --strip-debug ${object}
    DEPENDS ${parts} ${archives}
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(program_runtime_${flavour} DEPENDS ${object})
  set(words ${GRIDLOCK_PROGRAM_WRAPS} -Wl,--wrap=__atomic_load -Wl,--wrap=__atomic_store -Wl,--wrap=__atomic_exchange
    -Wl,--wrap=__atomic_compare_exchange)
  if(flavour STREQUAL tsan)
    list(APPEND words ${GRIDLOCK_TSAN_WRAPS})
  endif()
  list(APPEND words -lfmt -ldw -latomic -lpthread)
  list(JOIN words "\n" text)
  file(CONFIGURE OUTPUT ${kit}/program-${flavour}.rsp CONTENT "${text}\n" @ONLY)
endfunction()

add_custom_target(program_kit DEPENDS gridlock-cc)
foreach(flavour ${GRIDLOCK_FLAVOURS})
  gridlock_program_runtime(${flavour})
  add_dependencies(program_kit program_runtime_${flavour})
endforeach()
