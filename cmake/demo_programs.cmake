# The demo programs, built by gridlock-cc and gridlock-c++ as their users would build them, into build/programs/:
# NAME.gridlock, its correct twin NAME-fixed.gridlock where the source has one, and the siblings of both in each
# flavour. Nothing else builds them, so that their users' recipe is what is tested.
set(GRIDLOCK_DEMO_PROGRAMS ${CMAKE_BINARY_DIR}/programs)
file(MAKE_DIRECTORY ${GRIDLOCK_DEMO_PROGRAMS})
set(GRIDLOCK_PROGRAM_OPTIONS_tsan -fsanitize=thread)
set(GRIDLOCK_PROGRAM_OPTIONS_asan -fsanitize=address)

# Appends the files of one source and one set of options, in every flavour, to `result`.
function(gridlock_demo_program result name source)
  if(source MATCHES "\\.c$")
    set(wrapper gridlock-cc)
    set(standard -std=gnu11)
  else()
    set(wrapper gridlock-c++)
    set(standard -std=c++20)
  endif()
  set(made ${${result}})
  foreach(flavour ${GRIDLOCK_FLAVOURS})
    gridlock_suffix(${flavour} suffix)
    set(program ${GRIDLOCK_DEMO_PROGRAMS}/${name}.gridlock${suffix})
    add_custom_command(
      OUTPUT ${program}
      COMMAND ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${wrapper} ${standard} -g -O1 ${ARGN}
              ${GRIDLOCK_PROGRAM_OPTIONS_${flavour}} ${source} -o ${program}
      DEPENDS ${source} gridlock-cc ${CMAKE_BINARY_DIR}/lib/gridlock/program-${flavour}.o
      COMMENT "${wrapper} ${name}.gridlock${suffix}"
      VERBATIM)
    list(APPEND made ${program})
  endforeach()
  set(${result} ${made} PARENT_SCOPE)
endfunction()

set(demo_programs "")
file(GLOB demo_sources CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/targets/demo_pthread/*.c ${CMAKE_SOURCE_DIR}/targets/demo_pthread/*.cc
  ${CMAKE_SOURCE_DIR}/targets/demo_programs_cpp/*.cc)
foreach(source ${demo_sources})
  cmake_path(GET source STEM name)
  file(STRINGS ${source} first_line LIMIT_COUNT 1)
  gridlock_demo_program(demo_programs ${name} ${source})
  if(first_line MATCHES "with -DFIXED ok")
    gridlock_demo_program(demo_programs ${name}-fixed ${source} -DFIXED)
  endif()
endforeach()
add_custom_target(demo_programs ALL DEPENDS ${demo_programs})
