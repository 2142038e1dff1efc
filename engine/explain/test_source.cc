// See test_source.h. May include: base, model.
#include "engine/explain/test_source.h"

#include <fmt/format.h>

#include <cctype>
#include <set>

#include "engine/base/check.h"
#include "engine/model/repro_text.h"

namespace gridlock {
namespace {

// "demo-lock order" -> "DemoLockOrder": letters and digits only, and a letter first.
std::string identifier(const std::string& text) {
  std::string name;
  bool is_start = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) == 0) {
      is_start = true;
      continue;
    }
    name += is_start ? static_cast<char>(std::toupper(byte)) : c;
    is_start = false;
  }
  const bool is_a_name = !name.empty() && std::isalpha(static_cast<unsigned char>(name.front())) != 0;
  return is_a_name ? name : "Of" + name;
}

// What ends a raw string must not be in it.
std::string delimiter_for(const std::string& text) {
  std::string delimiter = "repro";
  while (text.find(")" + delimiter + "\"") != std::string::npos) delimiter += '_';
  return delimiter;
}

// One line of a comment: nothing in it ends or continues the comment.
std::string comment(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') c = ' ';
  }
  return text;
}

constexpr const char* kHead = R"(// Regression test of {target}: {signature}
//
// Made by `gridlock explain --format test`. Replays the repro below, which is all there is to the schedule: every
// preemption and interrupt. Needs GoogleTest, and the program `gridlock` in the PATH or named by the variable GRIDLOCK:
//
//     clang++ -std=c++17 this_file.cc -lgtest -lgtest_main -lpthread
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace {{

constexpr char kRepro[] = R"{delimiter}({repro}){delimiter}";

)";

constexpr const char* kBody = R"(class {suite} : public testing::Test {
 protected:
  {suite}() {
    std::string path = testing::TempDir() + "gridlock-repro-XXXXXX";
    const int descriptor = ::mkstemp(path.data());
    if (descriptor < 0) return;
    ::close(descriptor);
    path_ = path;
    std::ofstream(path_) << kRepro;
  }
  ~{suite}() override {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  // The exit code of `gridlock replay`: 0 if the run is what the repro expects, 1 if it is not; -1: it did not end.
  int replay(const char* variant) {
    const char* const named = std::getenv("GRIDLOCK");
    const char* const program = named == nullptr ? "gridlock" : named;
    const pid_t child = ::fork();
    if (child == 0) {
      ::execlp(program, program, "replay", path_.c_str(), "--variant", variant, static_cast<char*>(nullptr));
      ::_exit(127);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
  }

  std::string path_;
};

)";

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

std::string test_source(const Repro& repro, const TargetSchema& schema) {
  GRIDLOCK_CHECK(!repro.expectations.empty());
  const std::string text = print_repro(repro, schema);
  const std::string suite = identifier(repro.target);
  std::string source = fmt::format(fmt::runtime(kHead), fmt::arg("target", comment(repro.target)),
                                   fmt::arg("signature", comment(repro.signature)),
                                   fmt::arg("delimiter", delimiter_for(text)), fmt::arg("repro", text));
  source += replace_all(kBody, "{suite}", suite);
  std::set<std::string> names;
  for (const Expectation& expectation : repro.expectations) {
    std::string name =
        identifier(expectation.variant) + "Is" + identifier(std::string(verdict_name(expectation.verdict)));
    while (!names.insert(name).second) name += "Again";
    source +=
        fmt::format("TEST_F({}, {}) {{\n  EXPECT_EQ(replay(\"{}\"), 0);\n}}\n\n", suite, name, expectation.variant);
  }
  return source + "}  // namespace\n";
}

}  // namespace gridlock
