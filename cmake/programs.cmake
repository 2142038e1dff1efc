# The programs, all with all targets: gridlock and its siblings, one a flavour, and as many drivers for libFuzzer and
# for AFL++. Targets are found by their folders, in targets/ and in what GRIDLOCK_TARGET_DIRS names.

# What afl-cc would link into a program: the fork server, and the map that afl-fuzz reads.
find_file(GRIDLOCK_AFL_RUNTIME afl-compiler-rt.o PATHS /usr/lib/afl /usr/local/lib/afl NO_DEFAULT_PATH)
if(NOT GRIDLOCK_AFL_RUNTIME)
  message(FATAL_ERROR "AFL++'s runtime, afl-compiler-rt.o, is not there: install the package afl++ (ci/install does).")
endif()

# A source file, `output`, that defines registered_targets() over the given folders of targets/, and absent_targets()
# over those that were left out.
function(gridlock_write_registry output)
  set(declarations "")
  set(entries "")
  foreach(folder ${ARGN})
    string(APPEND declarations "extern \"C\" const gl_target gl_target_${folder};\n")
    string(APPEND entries "&gl_target_${folder}, ")
  endforeach()
  set(absent "")
  get_property(left_out GLOBAL PROPERTY GRIDLOCK_LEFT_OUT)
  foreach(entry ${left_out})
    string(REPLACE ":" ";" entry ${entry})
    list(GET entry 0 name)
    list(GET entry 1 package)
    string(REPLACE _ - name ${name})
    string(APPEND absent "{\"${name}\", \"install the package ${package} and configure again\"}, ")
  endforeach()
  if(absent)
    set(absent "static constexpr AbsentTarget kTargets[] = {${absent}};\n  return kTargets;")
  else()
    set(absent "return {};")
  endif()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"// Generated from the folders of the targets.
#include \"engine/cli/registry.h\"

@declarations@
namespace gridlock {

std::span<const gl_target* const> registered_targets() {
  static constexpr const gl_target* kTargets[] = {@entries@};
  return kTargets;
}

UseArguments program_under_test() {
  return nullptr;
}

std::span<const AbsentTarget> absent_targets() {
  @absent@
}

}  // namespace gridlock
")
endfunction()

function(gridlock_suffix flavour result)
  if(flavour STREQUAL plain)
    set(${result} "" PARENT_SCOPE)
  else()
    set(${result} "-${flavour}" PARENT_SCOPE)
  endif()
endfunction()

# The main()s, compiled once.
add_library(gridlock_main OBJECT engine/cli/main.cc)
add_library(gridlock_libfuzzer_main OBJECT engine/cli/libfuzzer_main.cc)
add_library(gridlock_afl_driver OBJECT engine/cli/afl_driver.cc engine/cli/afl_coverage.cc)
add_library(gridlock_afl_main OBJECT engine/cli/afl_main.cc)
foreach(main main libfuzzer_main afl_driver afl_main)
  target_link_libraries(gridlock_${main} PRIVATE gridlock_cli)
  target_precompile_headers(gridlock_${main} REUSE_FROM gridlock_cli)
endforeach()

# `gridlock serve` belongs to the plain program; the others say so.
add_library(gridlock_no_serve OBJECT engine/cli/serve_elsewhere.cc)
target_link_libraries(gridlock_no_serve PRIVATE gridlock_cli)
target_precompile_headers(gridlock_no_serve REUSE_FROM gridlock_cli)
# The pages, where a program looks for them: beside the folder that it lies in.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/gridlock)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/dashboard ${CMAKE_BINARY_DIR}/share/gridlock/dashboard SYMBOLIC)

# What afl-fuzz loads. It shows nothing but the functions of AFL++'s interface.
add_library(gridlock-afl-mutator MODULE engine/cli/afl_mutator.cc)
target_link_libraries(gridlock-afl-mutator PRIVATE gridlock_cli)
target_compile_options(gridlock-afl-mutator PRIVATE -fvisibility=hidden)
target_link_options(gridlock-afl-mutator PRIVATE -fuse-ld=lld -Wl,--exclude-libs,ALL -Wl,-z,defs)
set_target_properties(gridlock-afl-mutator PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})

function(gridlock_program name flavour registry main)
  add_executable(${name} $<TARGET_OBJECTS:gridlock_${main}> ${registry})
  target_link_libraries(${name} PRIVATE gridlock_options ${ARGN} gridlock_runtime_${flavour} gridlock_cli)
endfunction()

# What a target over a library of the system says of itself, in a file target.cmake beside its harness:
#
#     set(needs_package libck-dev)       the Debian package that has the library
#     set(needs_header ck_spinlock.h)    what of it is looked for; without it the target is left out
#     set(target_options -femulated-tls) what its sources are compiled with, beside what all are
#
# gridlock_read_target_file(FOLDER): sets these three in the caller, empty where there is no such file or line.
macro(gridlock_read_target_file folder)
  set(needs_package "")
  set(needs_header "")
  set(target_options "")
  include(${folder}/target.cmake OPTIONAL)
endmacro()

# gridlock_target_is_possible(RESULT FOLDER): false if what the target needs is not on this system, which is said.
function(gridlock_target_is_possible result folder)
  gridlock_read_target_file(${folder})
  set(${result} TRUE PARENT_SCOPE)
  if(NOT needs_header)
    return()
  endif()
  find_file(header NAMES ${needs_header} NO_CACHE)
  if(NOT header)
    cmake_path(GET folder FILENAME name)
    message(STATUS "Target ${name} is left out: it needs ${needs_header} of the package ${needs_package} (ci/install)")
    set_property(GLOBAL APPEND PROPERTY GRIDLOCK_LEFT_OUT "${name}:${needs_package}")
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

# gridlock_find_targets(RESULT DIRECTORIES...): the folders right below the directories that hold a harness.cc, by name,
# without those that need what is not there.
function(gridlock_find_targets result)
  set(found "")
  foreach(directory ${ARGN})
    cmake_path(ABSOLUTE_PATH directory BASE_DIRECTORY ${CMAKE_SOURCE_DIR} NORMALIZE)
    file(GLOB harnesses CONFIGURE_DEPENDS ${directory}/*/harness.cc)
    if(NOT harnesses)
      message(FATAL_ERROR "No target in ${directory}: each is a folder with a harness.cc; docs/ADDING_A_TARGET.md")
    endif()
    foreach(harness ${harnesses})
      cmake_path(GET harness PARENT_PATH folder)
      cmake_path(GET folder FILENAME name)
      if(DEFINED path_of_${name})
        message(FATAL_ERROR "Two targets are in folders of one name: ${path_of_${name}} and ${folder}")
      endif()
      set(path_of_${name} ${folder})
      list(APPEND found ${name})
    endforeach()
  endforeach()
  list(SORT found)
  list(TRANSFORM found REPLACE "(.+)" "path_of_\\1" OUTPUT_VARIABLE variables)
  set(${result} "")
  foreach(variable ${variables})
    gridlock_target_is_possible(is_possible ${${variable}})
    if(is_possible)
      list(APPEND ${result} ${${variable}})
    endif()
  endforeach()
  set(${result} ${${result}} PARENT_SCOPE)
endfunction()

# gridlock_programs(FAMILY FOLDERS...): FAMILY, its siblings and their drivers, with the targets in the folders.
function(gridlock_programs family)
  set(names "")
  foreach(folder ${ARGN})
    cmake_path(GET folder FILENAME name)
    list(APPEND names ${name})
  endforeach()
  set(registry ${CMAKE_BINARY_DIR}/generated/${family}_registry.cc)
  gridlock_write_registry(${registry} ${names})
  foreach(flavour ${GRIDLOCK_FLAVOURS})
    gridlock_suffix(${flavour} suffix)
    set(objects "")
    set(fuzz_objects "")
    foreach(folder ${ARGN})
      cmake_path(GET folder FILENAME name)
      cmake_path(GET folder PARENT_PATH directory)
      file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc ${folder}/*.c)
      list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
      gridlock_read_target_file(${folder})
      set(arguments FLAVOUR ${flavour} SYMBOL gl_target_${name} SOURCES ${sources})
      # Targets of this repository are included from its root.
      if(directory STREQUAL "${CMAKE_SOURCE_DIR}/targets/linux_locking")
        gridlock_linux_arguments(${name} linux_arguments)
        list(APPEND arguments ${linux_arguments})
      elseif(NOT directory STREQUAL "${CMAKE_SOURCE_DIR}/targets")
        list(APPEND arguments INCLUDE ${directory})
      endif()
      gridlock_target_object(${family}_target_${name}_${flavour} ${arguments} OPTIONS ${target_options})
      # Not the depth of the stack: that variable is a thread's, and some targets emulate those.
      gridlock_target_object(${family}_target_${name}_${flavour}_fuzz
        ${arguments} OPTIONS ${target_options} -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth)
      list(APPEND objects ${family}_target_${name}_${flavour})
      list(APPEND fuzz_objects ${family}_target_${name}_${flavour}_fuzz)
    endforeach()
    if(flavour STREQUAL plain)
      set(serve gridlock_serve)
    else()
      set(serve $<TARGET_OBJECTS:gridlock_no_serve>)
    endif()
    gridlock_program(${family}${suffix} ${flavour} ${registry} main ${objects} ${serve})
    gridlock_program(${family}-libfuzzer${suffix} ${flavour} ${registry} libfuzzer_main ${fuzz_objects})
    target_link_options(${family}-libfuzzer${suffix} PRIVATE -fsanitize=fuzzer)
    gridlock_program(${family}-afl${suffix} ${flavour} ${registry} afl_main ${fuzz_objects}
      $<TARGET_OBJECTS:gridlock_afl_driver> ${GRIDLOCK_AFL_RUNTIME})
  endforeach()
endfunction()

set(GRIDLOCK_TARGET_DIRS "" CACHE STRING
  "Directories with targets beside those of targets/, separated by semicolons: each target a folder with a harness.cc")
include(cmake/linux_locking.cmake)
gridlock_linux_targets(linux_directory)
gridlock_find_targets(target_folders ${CMAKE_SOURCE_DIR}/targets ${linux_directory} ${GRIDLOCK_TARGET_DIRS})
gridlock_programs(gridlock ${target_folders})
# Other programs have targets of their own.
set_property(GLOBAL PROPERTY GRIDLOCK_LEFT_OUT "")
# Everything in build/bin/, no test.
add_custom_target(programs)
foreach(flavour ${GRIDLOCK_FLAVOURS})
  gridlock_suffix(${flavour} suffix)
  add_dependencies(programs gridlock${suffix} gridlock-libfuzzer${suffix} gridlock-afl${suffix} gridlock-afl-mutator)
endforeach()
