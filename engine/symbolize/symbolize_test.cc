// The names of this very test program: the functions below return addresses of their own code.
#include "engine/symbolize/symbolize.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace symbolized {

using gridlock::Site;

// A call that the optimizer can neither remove nor look through; returns the address it returns to.
[[gnu::noinline]] Site here() {
  Site result = 0;
  asm volatile("mov %1, %0" : "=r"(result) : "r"(__builtin_return_address(0)));
  return result;
}

[[gnu::noinline]] Site plain() {
  const Site site = here();
  asm volatile("");
  return site;
}
constexpr std::uint32_t kPlainLine = __LINE__ - 4;

namespace {

[[gnu::always_inline]] inline Site inlined() {
  const Site site = here();
  asm volatile("");
  return site;
}
constexpr std::uint32_t kInlinedLine = __LINE__ - 4;

[[gnu::noinline]] Site caller_of_inlined() {
  const Site site = inlined();
  asm volatile("");
  return site;
}
constexpr std::uint32_t kCallLine = __LINE__ - 4;

}  // namespace

inline namespace v1 {

class Runqueue {
 public:
  [[gnu::noinline]] Site lock();
  template <int kSlot>
  [[gnu::noinline]] Site slot() {
    const Site site = here();
    asm volatile("");
    return site;
  }
};

Site Runqueue::lock() {
  const Site site = here();
  asm volatile("");
  return site;
}

}  // namespace v1

template <typename T>
struct Queue {
  [[gnu::noinline]] static Site push() {
    const auto leave = []() __attribute__((noinline)) {
      const Site site = here();
      asm volatile("");
      return site;
    };
    const Site site = leave();
    asm volatile("");
    return site;
  }
};

}  // namespace symbolized

namespace gridlock {
namespace {

// What the machine subtracts: where the main program was loaded.
Site load_bias() {
  Site bias = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* result) {
        *static_cast<Site*>(result) = info->dlpi_addr;
        return 1;  // the first object is the main program
      },
      &bias);
  return bias;
}

class SymbolizeTest : public testing::Test {
 protected:
  SymbolizeTest() : names_(open_site_names()) { EXPECT_TRUE(names_.has_value()); }
  std::vector<Frame> frames_of(Site address) { return (*names_)->frames_at(address - load_bias()); }
  Frame frame_of(Site address) { return frames_of(address).at(0); }

  Result<std::unique_ptr<SiteNames>> names_;
};

TEST_F(SymbolizeTest, AReturnAddressIsTheLineOfItsCall) {
  const Frame frame = frame_of(symbolized::plain());
  EXPECT_EQ(frame.function, "symbolized::plain");
  EXPECT_EQ(frame.file, "symbolize_test.cc");
  EXPECT_EQ(frame.line, symbolized::kPlainLine);
}

TEST_F(SymbolizeTest, AnInlinedFunctionIsAFrameOfItsOwnInFrontOfItsCaller) {
  const std::vector<Frame> frames = frames_of(symbolized::caller_of_inlined());
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].function, "symbolized::inlined");
  EXPECT_EQ(frames[0].file, "symbolize_test.cc");
  EXPECT_EQ(frames[0].line, symbolized::kInlinedLine);
  EXPECT_EQ(frames[1].function, "symbolized::caller_of_inlined");
  EXPECT_EQ(frames[1].file, "symbolize_test.cc");
  EXPECT_EQ(frames[1].line, symbolized::kCallLine);
}

TEST_F(SymbolizeTest, MethodsAreQualifiedAndInlineNamespacesAreNot) {
  symbolized::Runqueue runqueue;
  EXPECT_EQ(frame_of(runqueue.lock()).function, "symbolized::Runqueue::lock");
}

TEST_F(SymbolizeTest, TemplateArgumentsAreNoPartOfAName) {
  symbolized::Runqueue runqueue;
  EXPECT_EQ(frame_of(runqueue.slot<3>()).function, "symbolized::Runqueue::slot");
}

TEST_F(SymbolizeTest, ALambdaIsNamedByTheFunctionAroundIt) {
  EXPECT_EQ(frame_of(symbolized::Queue<int>::push()).function, "symbolized::Queue::push::{lambda}");
}

TEST_F(SymbolizeTest, AskingAgainGivesTheSameAnswer) {
  const Site address = symbolized::plain();
  const Frame first = frame_of(address);
  EXPECT_EQ(frame_of(address).function, first.function);
  EXPECT_EQ(frame_of(address).line, first.line);
}

TEST_F(SymbolizeTest, AnAddressOutsideTheProgramIsNamedByItself) {
  const std::vector<Frame> frames = (*names_)->frames_at(0x7fffffff0000);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].function, "0x7fffffff0000");
  EXPECT_EQ((*names_)->frames_at(0).at(0).function, "0x0");
}

// The C library has a dynamic symbol table and, as installed, no debug information of its own.
TEST(Symbolize, WithoutDebugInformationTheSymbolTableNamesFrames) {
  Dl_info info;
  ASSERT_NE(::dladdr(reinterpret_cast<const void*>(&std::fopen), &info), 0);
  const auto names = open_site_names(info.dli_fname);
  ASSERT_TRUE(names.has_value());
  const Site entry = reinterpret_cast<Site>(info.dli_saddr) - reinterpret_cast<Site>(info.dli_fbase);
  const std::string function = (*names)->frames_at(entry + 4).at(0).function;
  EXPECT_NE(function.find("fopen"), std::string::npos) << function;
}

TEST(Symbolize, AFileThatIsMissingIsAnErrorWithItsPath) {
  const auto names = open_site_names("/nowhere/program");
  ASSERT_FALSE(names.has_value());
  EXPECT_EQ(names.error().on, "/nowhere/program");
  EXPECT_EQ(names.error().advice, "No such file or directory");
}

TEST(Symbolize, AFileThatIsNoProgramIsAnError) {
  const auto path = std::filesystem::path(testing::TempDir()) / "gridlock_symbolize_test.txt";
  std::ofstream(path) << "not a program\n";
  const auto names = open_site_names(path);
  std::filesystem::remove(path);
  ASSERT_FALSE(names.has_value());
  EXPECT_NE(names.error().advice.find("not an ELF file"), std::string::npos);
}

}  // namespace
}  // namespace gridlock
