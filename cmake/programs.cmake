# The programs, all with all targets: gridlock and its siblings, one a flavour, and as many libFuzzer drivers.

# A source file, `output`, that defines registered_targets() over the given folders of targets/.
function(gridlock_write_registry output)
  set(declarations "")
  set(entries "")
  foreach(folder ${ARGN})
    string(APPEND declarations "extern \"C\" const gl_target gl_target_${folder};\n")
    string(APPEND entries "&gl_target_${folder}, ")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"// Generated from the folders under targets/.
#include \"engine/cli/registry.h\"

@declarations@
namespace gridlock {

std::span<const gl_target* const> registered_targets() {
  static constexpr const gl_target* kTargets[] = {@entries@};
  return kTargets;
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

# The two main()s, compiled once.
foreach(main main libfuzzer_main)
  add_library(gridlock_${main} OBJECT engine/cli/${main}.cc)
  target_link_libraries(gridlock_${main} PRIVATE gridlock_cli)
endforeach()

function(gridlock_program name flavour registry main)
  add_executable(${name} $<TARGET_OBJECTS:gridlock_${main}> ${registry})
  target_link_libraries(${name} PRIVATE gridlock_options ${ARGN} gridlock_runtime_${flavour} gridlock_cli)
endfunction()

file(GLOB target_folders CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/targets
  ${CMAKE_SOURCE_DIR}/targets/*/harness.cc)
list(TRANSFORM target_folders REPLACE "/harness.cc$" "")
list(SORT target_folders)

set(registry ${CMAKE_BINARY_DIR}/generated/registry.cc)
gridlock_write_registry(${registry} ${target_folders})
# What ci/start needs: everything in build/bin/, no test.
add_custom_target(programs)
foreach(flavour ${GRIDLOCK_FLAVOURS})
  gridlock_suffix(${flavour} suffix)
  set(objects "")
  set(fuzz_objects "")
  foreach(folder ${target_folders})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/targets/${folder}/*.cc)
    list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
    set(object target_${folder}_${flavour})
    gridlock_target_object(${object} FLAVOUR ${flavour} SYMBOL gl_target_${folder} SOURCES ${sources})
    gridlock_target_object(${object}_fuzz FLAVOUR ${flavour} SYMBOL gl_target_${folder} SOURCES ${sources}
      OPTIONS -fsanitize=fuzzer-no-link)
    list(APPEND objects ${object})
    list(APPEND fuzz_objects ${object}_fuzz)
  endforeach()
  gridlock_program(gridlock${suffix} ${flavour} ${registry} main ${objects})
  gridlock_program(gridlock-libfuzzer${suffix} ${flavour} ${registry} libfuzzer_main ${fuzz_objects})
  target_link_options(gridlock-libfuzzer${suffix} PRIVATE -fsanitize=fuzzer)
  add_dependencies(programs gridlock${suffix} gridlock-libfuzzer${suffix})
endforeach()
