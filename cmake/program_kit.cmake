# What gridlock-cc and gridlock-c++ need: the wrapper itself, and for each flavour the engine for programs as one object
# with the words that the linker gets for it. They lie in bin/ and lib/gridlock/, where engine/cc/kit.h looks for them.
set(kit ${CMAKE_BINARY_DIR}/lib/gridlock)
file(MAKE_DIRECTORY ${kit})

file(GLOB cc_sources CONFIGURE_DEPENDS engine/cc/*.cc)
list(FILTER cc_sources EXCLUDE REGEX "(_test|/main)\\.cc$")
add_library(gridlock_cc STATIC ${cc_sources})
target_link_libraries(gridlock_cc PUBLIC gridlock_options gridlock_base)
target_precompile_headers(gridlock_cc REUSE_FROM gridlock_headers)
target_compile_definitions(gridlock_cc PRIVATE
  GRIDLOCK_CLANG_C="${CMAKE_C_COMPILER}" GRIDLOCK_CLANG_CXX="${CMAKE_CXX_COMPILER}"
  GRIDLOCK_LD_BFD="${GRIDLOCK_BFD}" GRIDLOCK_LLVM_OBJCOPY="${GRIDLOCK_OBJCOPY}")
file(GLOB cc_tests CONFIGURE_DEPENDS engine/cc/*_test.cc)
add_executable(gridlock_cc_test ${cc_tests})
target_link_libraries(gridlock_cc_test PRIVATE gridlock_cc GTest::gmock GTest::gtest_main)
gridlock_test_code(gridlock_cc_test)
target_link_options(gridlock_cc_test PRIVATE -fuse-ld=lld)
set_target_properties(gridlock_cc_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
add_test(NAME cc COMMAND gridlock_cc_test --gtest_brief=1)

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
gridlock_run_code(gridlock_program_abi)
add_library(gridlock_program_format OBJECT engine/cli/program_format.cc)
add_library(gridlock_harness_registry OBJECT engine/cli/harness_registry.cc)
add_library(gridlock_program_registry OBJECT engine/cli/program_registry.cc)
add_library(gridlock_program_main OBJECT engine/cli/program_main.cc)
add_library(gridlock_program_libfuzzer_main OBJECT engine/cli/program_libfuzzer_main.cc)
add_library(gridlock_program_afl_main OBJECT engine/cli/program_afl_main.cc)
foreach(part program_format harness_registry program_registry program_main program_libfuzzer_main program_afl_main)
  target_link_libraries(gridlock_${part} PRIVATE gridlock_cli)
  target_precompile_headers(gridlock_${part} REUSE_FROM gridlock_cli)
endforeach()

# libFuzzer without its main(), which the program's own takes the place of.
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-resource-dir OUTPUT_VARIABLE resources
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(libfuzzer ${resources}/lib/linux/libclang_rt.fuzzer)
set(parts_of_program program_abi program_format program_registry program_main no_serve)
set(parts_of_program-libfuzzer program_abi program_format program_registry program_libfuzzer_main libfuzzer_main)
set(parts_of_program-afl program_abi program_format program_registry program_afl_main afl_driver)
set(files_of_program-libfuzzer ${libfuzzer}_no_main-x86_64.a)
set(files_of_program-afl ${GRIDLOCK_AFL_RUNTIME})
set(parts_of_harness program_format harness_registry main no_serve)
set(parts_of_harness-libfuzzer program_format harness_registry libfuzzer_main)
set(parts_of_harness-afl program_format harness_registry afl_main afl_driver)
set(files_of_harness-libfuzzer -u main ${libfuzzer}-x86_64.a)
set(files_of_harness-afl ${GRIDLOCK_AFL_RUNTIME})

# gridlock_kit_runtime(KIND FLAVOUR ENGINE): KIND-FLAVOUR[-ENGINE].o and .rsp; KIND is program or harness, ENGINE "",
# "-libfuzzer" or "-afl". Without debug information: a program is linked in a moment, and what is told of a run is the
# user's code.
set(program_modules cli files explain reduce judge symbolize search mutate decode strategy model)
function(gridlock_kit_runtime kind flavour engine)
  set(object ${kit}/${kind}-${flavour}${engine}.o)
  set(parts "")
  foreach(part machine_common machine_${flavour} race threads ${parts_of_${kind}${engine}})
    list(APPEND parts $<TARGET_OBJECTS:gridlock_${part}>)
  endforeach()
  set(archives "")
  foreach(module ${program_modules})
    list(APPEND archives $<TARGET_FILE:gridlock_${module}>)
  endforeach()
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${GRIDLOCK_BFD} -r -o ${object} ${parts} --start-group ${files_of_${kind}${engine}} ${archives}
      --end-group
    COMMAND ${GRIDLOCK_OBJCOPY} --strip-debug ${object}
    DEPENDS ${parts} ${archives}
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(${kind}_runtime_${flavour}${engine} DEPENDS ${object})
  set(words -Wl,--wrap=__atomic_load -Wl,--wrap=__atomic_store -Wl,--wrap=__atomic_exchange
    -Wl,--wrap=__atomic_compare_exchange)
  if(kind STREQUAL program)
    list(APPEND words ${GRIDLOCK_PROGRAM_WRAPS})
  endif()
  if(flavour STREQUAL tsan)
    list(APPEND words ${GRIDLOCK_TSAN_WRAPS})
  endif()
  list(APPEND words -ldw -lelf -latomic -lpthread)
  list(JOIN words "\n" text)
  file(CONFIGURE OUTPUT ${kit}/${kind}-${flavour}${engine}.rsp CONTENT "${text}\n" @ONLY)
endfunction()

# For programs with the builtin engine, which is what their users begin with, and all of it.
add_custom_target(program_kit DEPENDS gridlock-cc)
add_custom_target(whole_kit ALL DEPENDS program_kit gridlock-afl-mutator)
foreach(flavour ${GRIDLOCK_FLAVOURS})
  foreach(kind program harness)
    foreach(engine "" -libfuzzer -afl)
      gridlock_kit_runtime(${kind} ${flavour} "${engine}")
      add_dependencies(whole_kit ${kind}_runtime_${flavour}${engine})
    endforeach()
  endforeach()
  add_dependencies(program_kit program_runtime_${flavour})
endforeach()
add_dependencies(programs whole_kit)

# cmake --install: the programs and the kit, so that they find each other, and the package for find_package(gridlock).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(GRIDLOCK_KIT_DIR lib/gridlock)  # beside bin, where gridlock-cc looks: never lib64
set(GRIDLOCK_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR}/gridlock)
set(installed "")
foreach(flavour ${GRIDLOCK_FLAVOURS})
  gridlock_suffix(${flavour} suffix)
  list(APPEND installed gridlock${suffix} gridlock-libfuzzer${suffix} gridlock-afl${suffix})
endforeach()
install(TARGETS ${installed} RUNTIME COMPONENT programs)
install(DIRECTORY dashboard/static DESTINATION ${CMAKE_INSTALL_DATADIR}/gridlock/dashboard COMPONENT programs)
install(FILES dashboard/openapi.json DESTINATION ${CMAKE_INSTALL_DATADIR}/gridlock/dashboard COMPONENT programs)
install(TARGETS gridlock-cc RUNTIME COMPONENT kit)
install(FILES ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/gridlock-c++ TYPE BIN COMPONENT kit)
install(TARGETS gridlock-afl-mutator LIBRARY DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT kit)
install(DIRECTORY ${kit}/ DESTINATION ${GRIDLOCK_KIT_DIR} COMPONENT kit)
install(DIRECTORY engine/hook DESTINATION ${GRIDLOCK_INCLUDE_DIR}/engine COMPONENT kit FILES_MATCHING PATTERN "*.h")
configure_package_config_file(cmake/package/gridlock-config.cmake.in ${CMAKE_BINARY_DIR}/package/gridlock-config.cmake
  INSTALL_DESTINATION lib/cmake/gridlock
  PATH_VARS CMAKE_INSTALL_BINDIR GRIDLOCK_KIT_DIR GRIDLOCK_INCLUDE_DIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/gridlock-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/package/gridlock-config.cmake
  ${CMAKE_BINARY_DIR}/package/gridlock-config-version.cmake cmake/package/gridlock-functions.cmake
  DESTINATION lib/cmake/gridlock COMPONENT kit)
