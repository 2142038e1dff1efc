// Runs that kill their process: each in a child, which leaves its last words on a page that it shares with this one.
#include "engine/machine/crash.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <new>

#include "engine/machine/machine_fixture.h"
#include "engine/symbolize/symbolize.h"

namespace gridlock {
namespace {

constexpr int kExitSurvived = 0;

class CrashTest : public MachineFixture {
 protected:
  CrashTest() {
    void* const mapped =
        ::mmap(nullptr, sizeof(CrashReport), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mapped != MAP_FAILED) page_ = new (mapped) CrashReport();
  }
  ~CrashTest() override {
    if (page_ != nullptr) ::munmap(page_, sizeof(CrashReport));
  }

  // The status of a child that made the run.
  int status_of(const std::string& target, const std::string& program, unsigned alarm_seconds = 0) {
    *page_ = CrashReport();
    const pid_t child = ::fork();
    if (child == 0) {
      set_crash_page(page_);
      ::alarm(alarm_seconds);
      // Without the engine's own judge of accesses, which would be first.
      static_cast<void>(run(target, {program}, {}, {.races = false}));
      ::_exit(kExitSurvived);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }

  void expect_crash(const std::string& program, const std::string& what, const std::string& function) {
    const int status = status_of("memory_errors", program);
    ASSERT_TRUE(WIFEXITED(status)) << program << ": status " << status;
    EXPECT_EQ(WEXITSTATUS(status), kExitCrashed) << program;
    EXPECT_EQ(page_->what, what) << program;
    EXPECT_EQ(page_->cpu, 0u);
    ASSERT_GE(page_->frame_count, 1u) << program;
    EXPECT_EQ(top_of_target(), function) << program;
  }

  // The innermost function of the report that is the target's: a runtime's own may stand above it.
  std::string top_of_target() const {
    auto names = open_site_names();
    EXPECT_TRUE(names.has_value());
    for (std::uint32_t i = 0; i < page_->frame_count; ++i) {
      const Frame frame = (*names)->frames_at(page_->frames[i]).front();
      if (frame.file == "memory_errors.cc") return frame.function;
    }
    return "nowhere";
  }

  CrashReport* page_ = nullptr;
};

TEST_F(CrashTest, ARunWithoutAnErrorLeavesThePageEmpty) {
  const int status = status_of("memory_errors", "fine");
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kExitSurvived);
  EXPECT_STREQ(page_->what, "");
}

TEST_F(CrashTest, AddressSanitizerSeesEveryUseOfAFreedBlock) {
  const std::pair<const char*, const char*> uses[] = {
      {"freed_atomic", "use_atomically"}, {"freed_plain", "use_plainly"}, {"freed_volatile", "use_volatile"}};
  for (const auto& [program, function] : uses) {
    if (is_flavour("asan")) {
      expect_crash(program, "use-after-poison", function);
      EXPECT_EQ(page_->is_memory_error, 1u);
      EXPECT_NE(std::string(page_->text).find("AddressSanitizer: use-after-poison"), std::string::npos);
    } else {
      EXPECT_EQ(status_of("memory_errors", program), 0) << program;
    }
  }
}

TEST_F(CrashTest, AddressSanitizerSeesAMemsetPastItsBlock) {
  if (is_flavour("asan")) {
    expect_crash("overflow 25", "use-after-poison", "clear");
    EXPECT_EQ(page_->is_memory_error, 1u);
  } else {
    EXPECT_EQ(status_of("memory_errors", "overflow 25"), 0);
  }
  EXPECT_EQ(status_of("memory_errors", "overflow 24"), 0);
}

TEST_F(CrashTest, AnOverflowedStackIsCalledThatInEveryFlavour) {
  expect_crash("recurse", "stack overflow", "recurse");
  EXPECT_EQ(page_->is_memory_error, 0u);
}

TEST_F(CrashTest, ANullPointerIsASegmentationFaultOfTheFunctionThatUsedIt) {
  expect_crash("null_plain", "SIGSEGV", "write_null");
  expect_crash("null_atomic", "SIGSEGV", "write_null_atomically");
}

TEST_F(CrashTest, AnAbortIsNamed) {
  const int status = status_of("memory_errors", "abort");
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kExitCrashed);
  EXPECT_STREQ(page_->what, "SIGABRT");
}

// A loop of `pause` instructions has no point: only somebody outside can end it. The alarm stands for the watchdog.
TEST_F(CrashTest, ASpinWithoutAnyPointMustBeKilledFromOutside) {
  const int status = status_of("plain_spin", "spin", 1);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGALRM);
}

}  // namespace
}  // namespace gridlock
