# gridlock_add_target and gridlock_add_program, for projects that use an installed Gridlock. Both build by commands of
# their own, whatever compiler the project is for: instrumented code is clang's, and a program's objects are not those
# that the project ships.

# Each -I and -D that the project has set in this folder.
function(gridlock_folder_flags result)
  get_directory_property(folders INCLUDE_DIRECTORIES)
  get_directory_property(definitions COMPILE_DEFINITIONS)
  list(TRANSFORM folders PREPEND "-I")
  list(TRANSFORM definitions PREPEND "-D")
  set(${result} ${folders} ${definitions} PARENT_SCOPE)
endfunction()

# The sanitizer that is a flavour, as the flag of a compiler: empty for plain.
function(gridlock_flavour_flag flavour result)
  if(flavour STREQUAL "plain")
    set(${result} "" PARENT_SCOPE)
  elseif(flavour STREQUAL "tsan")
    set(${result} -fsanitize=thread PARENT_SCOPE)
  elseif(flavour STREQUAL "asan")
    set(${result} -fsanitize=address PARENT_SCOPE)
  else()
    message(FATAL_ERROR "Gridlock has no flavour '${flavour}'; it has plain, tsan and asan")
  endif()
endfunction()

function(gridlock_suffixes flavour engine flavour_suffix engine_suffix)
  set(${flavour_suffix} "" PARENT_SCOPE)
  set(${engine_suffix} "" PARENT_SCOPE)
  if(NOT flavour STREQUAL "plain")
    set(${flavour_suffix} "-${flavour}" PARENT_SCOPE)
  endif()
  if(NOT engine MATCHES "^(builtin|libfuzzer|afl)$")
    message(FATAL_ERROR "Gridlock has no engine '${engine}'; it has builtin, libfuzzer and afl")
  endif()
  if(NOT engine STREQUAL "builtin")
    set(${engine_suffix} "-${engine}" PARENT_SCOPE)
  endif()
endfunction()

# One command a source: its object in the list `result`.
function(gridlock_compile result)
  cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;COMMAND;C_COMMAND" ${ARGN})
  set(objects "")
  set(number 0)
  foreach(source ${ARG_SOURCES})
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    cmake_path(GET source FILENAME name)
    math(EXPR number "${number} + 1")
    set(object ${ARG_FOLDER}/${number}-${name}.o)
    set(command ${ARG_COMMAND})
    if(name MATCHES "\\.c$")
      set(command ${ARG_C_COMMAND})
    endif()
    add_custom_command(OUTPUT ${object}
      COMMAND ${command} -MD -MF ${object}.d -c ${source} -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d COMMENT "Gridlock: ${name}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  set(${result} ${objects} PARENT_SCOPE)
endfunction()

# gridlock_add_program(NAME SOURCES files... [COMPILE_OPTIONS ...] [LINK_OPTIONS ...] [FLAVOURS plain tsan asan]
#                      [ENGINES builtin libfuzzer afl] [OUTPUT_DIRECTORY folder])
# An ordinary program with a main(): NAME.gridlock, for `gridlock fuzz --program`, in each flavour and with each engine;
# by default in every flavour, with the builtin engine, in the build folder's bin. Target NAME builds them all.
function(gridlock_add_program name)
  cmake_parse_arguments(ARG "" "OUTPUT_DIRECTORY" "SOURCES;COMPILE_OPTIONS;LINK_OPTIONS;FLAVOURS;ENGINES" ${ARGN})
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "gridlock_add_program(${name}) needs SOURCES")
  endif()
  if(NOT ARG_FLAVOURS)
    set(ARG_FLAVOURS plain tsan asan)
  endif()
  if(NOT ARG_ENGINES)
    set(ARG_ENGINES builtin)
  endif()
  if(NOT ARG_OUTPUT_DIRECTORY)
    set(ARG_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/bin)
  endif()
  file(MAKE_DIRECTORY ${ARG_OUTPUT_DIRECTORY})
  gridlock_folder_flags(folder_flags)
  set(programs "")
  foreach(flavour ${ARG_FLAVOURS})
    gridlock_flavour_flag(${flavour} sanitizer)
    foreach(engine ${ARG_ENGINES})
      gridlock_suffixes(${flavour} ${engine} flavour_suffix engine_suffix)
      set(flags ${sanitizer} --gridlock-engine=${engine})
      set(program ${ARG_OUTPUT_DIRECTORY}/${name}.gridlock${engine_suffix}${flavour_suffix})
      gridlock_compile(objects
        FOLDER ${CMAKE_CURRENT_BINARY_DIR}/${name}.gridlock-objects/${flavour}-${engine} SOURCES ${ARG_SOURCES}
        COMMAND ${GRIDLOCK_BIN_DIR}/gridlock-c++ ${flags} -g ${folder_flags} ${ARG_COMPILE_OPTIONS}
        C_COMMAND ${GRIDLOCK_BIN_DIR}/gridlock-cc ${flags} -g ${folder_flags} ${ARG_COMPILE_OPTIONS})
      add_custom_command(OUTPUT ${program}
        COMMAND ${GRIDLOCK_BIN_DIR}/gridlock-c++ ${flags} ${objects} ${ARG_LINK_OPTIONS} -o ${program}
        DEPENDS ${objects} COMMENT "Gridlock: ${program}" VERBATIM)
      list(APPEND programs ${program})
    endforeach()
  endforeach()
  add_custom_target(${name} ALL DEPENDS ${programs})
endfunction()

# gridlock_add_target(NAME HARNESS file [SOURCES files...] [SYMBOL symbol] [COMPILE_OPTIONS ...] [LINK_OPTIONS ...]
#                     [FLAVOURS plain tsan asan] [ENGINES builtin libfuzzer afl] [OUTPUT_DIRECTORY folder])
# A harness with a gl_target (include engine/hook/gridlock.h) and the code under test: the program NAME with all
# commands of `gridlock` for this one target, its siblings NAME-tsan and NAME-asan, and their drivers NAME-libfuzzer...
# and NAME-afl...; by default all of them. SYMBOL is the name of the gl_target, by default gl_target_NAME with _ for -.
function(gridlock_add_target name)
  cmake_parse_arguments(ARG "" "HARNESS;SYMBOL;OUTPUT_DIRECTORY"
    "SOURCES;COMPILE_OPTIONS;LINK_OPTIONS;FLAVOURS;ENGINES" ${ARGN})
  if(NOT ARG_HARNESS)
    message(FATAL_ERROR "gridlock_add_target(${name}) needs a HARNESS: the file that defines the gl_target")
  endif()
  if(NOT ARG_SYMBOL)
    string(REPLACE "-" "_" ARG_SYMBOL gl_target_${name})
  endif()
  if(NOT ARG_FLAVOURS)
    set(ARG_FLAVOURS plain tsan asan)
  endif()
  if(NOT ARG_ENGINES)
    set(ARG_ENGINES builtin libfuzzer afl)
  endif()
  if(NOT ARG_OUTPUT_DIRECTORY)
    set(ARG_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/bin)
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name}.gridlock-objects)
  # The table of targets that the engine asks for.
  set(registry ${folder}/registry.cc)
  file(CONFIGURE OUTPUT ${registry} @ONLY CONTENT
"#include \"engine/hook/gridlock.h\"
extern \"C\" const gl_target @ARG_SYMBOL@;
extern \"C\" const gl_target* const gridlock_harness_targets[];
const gl_target* const gridlock_harness_targets[] = {&@ARG_SYMBOL@, nullptr};
")
  file(MAKE_DIRECTORY ${ARG_OUTPUT_DIRECTORY})
  gridlock_folder_flags(folder_flags)
  set(programs "")
  foreach(flavour ${ARG_FLAVOURS})
    gridlock_flavour_flag(${flavour} sanitizer)
    foreach(engine ${ARG_ENGINES})
      gridlock_suffixes(${flavour} ${engine} flavour_suffix engine_suffix)
      set(flags ${sanitizer} --gridlock-engine=${engine} --gridlock-harness -g -O1 -I${GRIDLOCK_INCLUDE_DIR}
        ${folder_flags} ${ARG_COMPILE_OPTIONS})
      set(program ${ARG_OUTPUT_DIRECTORY}/${name}${engine_suffix}${flavour_suffix})
      gridlock_compile(objects FOLDER ${folder}/${flavour}-${engine} SOURCES ${ARG_HARNESS} ${ARG_SOURCES} ${registry}
        COMMAND ${GRIDLOCK_BIN_DIR}/gridlock-c++ -std=c++23 ${flags}
        C_COMMAND ${GRIDLOCK_BIN_DIR}/gridlock-cc ${flags})
      add_custom_command(OUTPUT ${program}
        COMMAND ${GRIDLOCK_BIN_DIR}/gridlock-c++ ${sanitizer} --gridlock-engine=${engine} --gridlock-harness ${objects}
          ${ARG_LINK_OPTIONS} -o ${program}
        DEPENDS ${objects} COMMENT "Gridlock: ${program}" VERBATIM)
      list(APPEND programs ${program})
    endforeach()
  endforeach()
  add_custom_target(${name} ALL DEPENDS ${programs})
endfunction()
