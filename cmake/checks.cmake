# The tests that are no unit tests: checks of the tree, the decoder under libFuzzer, the regression corpus in every
# flavour, and the contract of the command line.

# gridlock_check(NAME [SECONDS n] COMMAND ...): a test that runs in the source folder, with a limit of its own.
function(gridlock_check name)
  cmake_parse_arguments(ARG "" "SECONDS" "COMMAND" ${ARGN})
  if(NOT ARG_SECONDS)
    set(ARG_SECONDS 120)
  endif()
  add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_SECONDS})
endfunction()

gridlock_check(includes COMMAND ci/check-includes)
gridlock_check(includes_self_test COMMAND ci/check-includes --self-test)
gridlock_check(files COMMAND ci/check-files ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
gridlock_check(files_self_test COMMAND ci/check-files --self-test)
gridlock_check(style COMMAND ci/check-style)
gridlock_check(pages_parts SECONDS 300 COMMAND ci/test-pages --units)
gridlock_check(demos COMMAND ci/check-demos ${CMAKE_BINARY_DIR}/bin)
gridlock_check(demos_self_test COMMAND ci/check-demos --self-test)
gridlock_check(museum_is_current COMMAND ci/museum-page ${CMAKE_BINARY_DIR}/bin --check)
gridlock_check(museum_page_self_test COMMAND ci/museum-page --self-test)
gridlock_check(museum_figures_self_test COMMAND engine/bench/museum-figures --self-test)
gridlock_check(dashboard_load_self_test COMMAND dashboard/load --self-test)
gridlock_check(programs_self_test COMMAND ci/check-programs --self-test)
gridlock_check(fuzz_your_code_self_test COMMAND ci/check-fuzz-your-code --self-test)
gridlock_check(engines_self_test COMMAND engine/bench/engines --self-test)

# The decoder and the text form read what anybody may send, so they are compiled into a fuzzer with AddressSanitizer of
# their own: the engine's libraries are not instrumented. It starts without a corpus.
set(GRIDLOCK_DECODER_FUZZ_SECONDS 60)
add_executable(gridlock_decode_fuzzer
  engine/decode/decode_fuzzer.cc engine/decode/decode.cc engine/decode/legal.cc
  engine/model/repro_text.cc engine/model/repro_parse.cc engine/model/repro_line.cc engine/model/verdict.cc)
target_link_libraries(gridlock_decode_fuzzer PRIVATE gridlock_options fmt::fmt)
target_compile_options(gridlock_decode_fuzzer PRIVATE -fsanitize=fuzzer,address)
target_precompile_headers(gridlock_decode_fuzzer PRIVATE ${GRIDLOCK_COMMON_HEADERS})
target_link_options(gridlock_decode_fuzzer PRIVATE -fsanitize=fuzzer,address -fuse-ld=lld)
set_target_properties(gridlock_decode_fuzzer PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
math(EXPR decoder_seconds_max "${GRIDLOCK_DECODER_FUZZ_SECONDS} + 60")
gridlock_check(decoder_fuzzed SECONDS ${decoder_seconds_max}
  COMMAND gridlock_decode_fuzzer -max_total_time=${GRIDLOCK_DECODER_FUZZ_SECONDS} -timeout=10
  -artifact_prefix=${CMAKE_BINARY_DIR}/test/)

# So does the reading of requests to the service, which whoever reaches its port may send.
set(GRIDLOCK_API_FUZZ_SECONDS 60)
add_executable(gridlock_api_fuzzer
  dashboard/server/api_fuzzer.cc dashboard/server/framing.cc dashboard/server/url.cc dashboard/server/guard.cc
  dashboard/server/json_body.cc dashboard/server/finding_query.cc dashboard/server/route.cc dashboard/server/answer.cc
  engine/model/verdict.cc engine/store/records.cc)
target_link_libraries(gridlock_api_fuzzer PRIVATE gridlock_options nlohmann_json::nlohmann_json fmt::fmt)
target_compile_options(gridlock_api_fuzzer PRIVATE -fsanitize=fuzzer,address)
target_precompile_headers(gridlock_api_fuzzer PRIVATE ${GRIDLOCK_COMMON_HEADERS} <nlohmann/json.hpp>)
target_link_options(gridlock_api_fuzzer PRIVATE -fsanitize=fuzzer,address -fuse-ld=lld)
set_target_properties(gridlock_api_fuzzer PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
math(EXPR api_seconds_max "${GRIDLOCK_API_FUZZ_SECONDS} + 60")
gridlock_check(api_fuzzed SECONDS ${api_seconds_max}
  COMMAND gridlock_api_fuzzer -max_total_time=${GRIDLOCK_API_FUZZ_SECONDS} -max_len=4096 -timeout=10
  -artifact_prefix=${CMAKE_BINARY_DIR}/test/)

# Ordinary programs that gridlock-cc built, and the page that leads to one's first finding in one's own.
# All flavours, and 100,000 schedules of each correct one: ci/soak --target programs.
gridlock_check(programs SECONDS 600
  COMMAND ci/check-programs ${CMAKE_BINARY_DIR} --flavours plain --runs 1000 --outputs 5)
# Whether ThreadSanitizer lets runs with condition variables share a process.
gridlock_check(programs_tsan SECONDS 300
  COMMAND ci/check-programs ${CMAKE_BINARY_DIR} --flavours tsan --runs 1000 --outputs 2
  --only lost_signal,bounded_buffer,bounded_queue,thread_pool)
gridlock_check(fuzz_your_code SECONDS 600 COMMAND ci/check-fuzz-your-code ${CMAKE_BINARY_DIR})

# The service under ill-treatment, the quick part; docs/RELIABILITY.md has all of it.
gridlock_check(service_faults SECONDS 600 COMMAND ci/faults --quick --bin ${CMAKE_BINARY_DIR}/bin)
gridlock_check(service_faults_self_test COMMAND ci/faults --self-test)

# In every flavour: it runs its siblings.
gridlock_check(regressions COMMAND gridlock regress corpus)
gridlock_check(inferred_locks SECONDS 600 COMMAND ci/check-inferred-locks --gridlock ${CMAKE_BINARY_DIR}/bin/gridlock)

# The target of docs/ADDING_A_TARGET.md, in programs of its own with the same engine: built by the check, as a reader
# would build it.
set(documented ${CMAKE_BINARY_DIR}/adding_a_target)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS docs/ADDING_A_TARGET.md)
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/ci/check-adding-a-target --extract ${documented}/our-targets
  COMMAND_ERROR_IS_FATAL ANY)
gridlock_find_targets(documented_folders ${documented}/our-targets)
gridlock_programs(gridlock-documented ${documented_folders})
add_custom_target(documented_programs)
foreach(flavour ${GRIDLOCK_FLAVOURS})
  gridlock_suffix(${flavour} suffix)
  add_dependencies(documented_programs gridlock-documented${suffix})
  set_target_properties(gridlock-documented${suffix} PROPERTIES
    OUTPUT_NAME gridlock${suffix} RUNTIME_OUTPUT_DIRECTORY ${documented}/bin)
  set_target_properties(gridlock-documented${suffix} gridlock-documented-libfuzzer${suffix}
    gridlock-documented-afl${suffix} PROPERTIES EXCLUDE_FROM_ALL ON)
endforeach()
gridlock_check(adding_a_target COMMAND ci/check-adding-a-target ${CMAKE_BINARY_DIR})
gridlock_check(adding_a_target_self_test COMMAND ci/check-adding-a-target --self-test)

gridlock_check(command_line SECONDS 400 COMMAND ci/test-cli ${CMAKE_BINARY_DIR}/bin)

# The compiler wrappers in build systems, and an installed Gridlock in a project outside of the repository.
gridlock_check(kit SECONDS 600 COMMAND ci/check-kit ${CMAKE_BINARY_DIR})
gridlock_check(kit_installed SECONDS 1800 COMMAND ci/check-kit ${CMAKE_BINARY_DIR} --installed)
gridlock_check(kit_self_test COMMAND ci/check-kit --self-test)

# The service's metrics, with a real server and a real Prometheus.
gridlock_check(metrics_of_the_service SECONDS 600 COMMAND ci/test-metrics ${CMAKE_BINARY_DIR}/bin)
gridlock_check(metrics_self_test COMMAND ci/test-metrics --self-test)
gridlock_check(plot_metrics_self_test COMMAND ci/plot-metrics --self-test)
gridlock_check(sarif_self_test COMMAND ci/check-sarif --self-test)

# What people copy into their own CI, for as long as it takes on a slow machine; it fuzzes for three seconds.
gridlock_check(github COMMAND ci/check-github ${CMAKE_BINARY_DIR}/bin)

# The service and its pages, in a browser.
gridlock_check(pages SECONDS 600 COMMAND ci/test-pages --gridlock ${CMAKE_BINARY_DIR}/bin/gridlock)
