// Who is instrumented: the target and nobody else. Inline functions of the standard library exist in both, so a linker
// that folded them would put points into the engine; the objects of the build tree tell.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/machine/machine.h"

namespace gridlock {
namespace {

namespace fs = std::filesystem;

fs::path engine_build_folder() {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "engine";
}

// The output of `nm` on one file, or nothing if it cannot be run.
std::string symbols_of(const fs::path& file, const std::string& options) {
  const std::string command = "nm " + options + " '" + file.string() + "' 2>/dev/null";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  char buffer[4096];
  while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) text += buffer;
  return text;
}

bool is_engine_object(const fs::path& file) {
  return file.extension() == ".a" ||
         (file.extension() == ".o" && file.string().find("gridlock_machine_common.dir/") != std::string::npos);
}

TEST(Instrumentation, NoObjectOfTheEngineCallsTheAccessesOfTheAbi) {
  int seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(engine_build_folder())) {
    if (!is_engine_object(entry.path())) continue;
    const std::string undefined = symbols_of(entry.path(), "-u");
    EXPECT_EQ(undefined.find("__tsan_"), std::string::npos) << entry.path();
    EXPECT_EQ(undefined.find("__asan_report"), std::string::npos) << entry.path();
    ++seen;
  }
  EXPECT_GE(seen, 10);
}

// What runs on a cpu calls no function of libc that ThreadSanitizer intercepts: it would see an access, and a race.
TEST(Instrumentation, WhatRunsOnACpuCallsNoMemoryFunction) {
  const fs::path folder = engine_build_folder() / "CMakeFiles" / "gridlock_machine_common.dir" / "machine";
  for (const char* file : {"point", "arrival", "delivery", "ending", "spin_observation", "point_entry"}) {
    const fs::path object = folder / (std::string(file) + ".cc.o");
    ASSERT_TRUE(fs::exists(object)) << object;
    const std::string undefined = symbols_of(object, "-u");
    for (const char* function : {" memcpy", " memmove", " memset", " memcmp", " malloc"}) {
      EXPECT_EQ(undefined.find(function), std::string::npos) << object << function;
    }
  }
}

TEST(Instrumentation, ATargetExportsItsTableAndNothingThatALinkerCouldFold) {
  const fs::path object = engine_build_folder() / (std::string("machine_test_targets_") + Machine::flavour() + ".o");
  ASSERT_TRUE(fs::exists(object)) << object;
  const std::string defined = symbols_of(object, "--defined-only --extern-only --format=just-symbols");
  EXPECT_NE(defined.find("machine_test_targets"), std::string::npos);
  const std::string others[] = {"machine_test_targets\n", "machine_test_targets\n___asan_globals_registered\n",
                                "___asan_globals_registered\nmachine_test_targets\n"};
  EXPECT_TRUE(defined == others[0] || defined == others[1] || defined == others[2]) << defined;
}

}  // namespace
}  // namespace gridlock
