# The programs: gridlock and its siblings, one a flavour, with all targets; and a libFuzzer program for each target and
# flavour.

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

gridlock_write_registry(${CMAKE_BINARY_DIR}/generated/registry.cc ${target_folders})
foreach(flavour ${GRIDLOCK_FLAVOURS})
  gridlock_suffix(${flavour} suffix)
  set(objects "")
  foreach(folder ${target_folders})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/targets/${folder}/*.cc)
    list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
    gridlock_target_object(target_${folder}_${flavour} FLAVOUR ${flavour} SYMBOL gl_target_${folder}
      SOURCES ${sources})
    gridlock_target_object(target_${folder}_${flavour}_fuzz FLAVOUR ${flavour} SYMBOL gl_target_${folder}
      SOURCES ${sources} OPTIONS -fsanitize=fuzzer-no-link)
    list(APPEND objects target_${folder}_${flavour})

    string(REPLACE "_" "-" target ${folder})
    set(registry ${CMAKE_BINARY_DIR}/generated/registry_${folder}.cc)
    gridlock_write_registry(${registry} ${folder})
    gridlock_program(${target}-libfuzzer${suffix} ${flavour} ${registry}
      libfuzzer_main target_${folder}_${flavour}_fuzz)
    target_link_options(${target}-libfuzzer${suffix} PRIVATE -fsanitize=fuzzer)
  endforeach()
  gridlock_program(gridlock${suffix} ${flavour} ${CMAKE_BINARY_DIR}/generated/registry.cc
    main ${objects})
endforeach()

# What ci/start needs: everything in build/bin/, no test.
add_custom_target(programs DEPENDS gridlock gridlock-tsan gridlock-asan)
foreach(folder ${target_folders})
  string(REPLACE "_" "-" target ${folder})
  add_dependencies(programs ${target}-libfuzzer ${target}-libfuzzer-tsan ${target}-libfuzzer-asan)
endforeach()
