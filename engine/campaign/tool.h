// Runs one of the short commands of `gridlock` (replay, minimize, explain, targets) to its end, with limits.
//
// May include: base, campaign (child, clock).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/campaign/child.h"
#include "engine/campaign/clock.h"

namespace gridlock::campaign {

struct ToolLimits {
  std::chrono::seconds wall{120};
  std::uint64_t memory_bytes = std::uint64_t{2} << 30;
  std::size_t output_bytes = 1 << 20;
};

struct ToolEnd {
  ChildEnd end;
  std::string output;     // the end of it
  std::string last_line;  // of the output
  std::string errors;
  double seconds = 0;
  // 0 and 1 are answers, what else there is means that the command could not do it.
  [[nodiscard]] bool answered() const { return end.exit_code() == 0 || end.exit_code() == 1; }
};

class Tool {
 public:
  // `programs`: the folder that `gridlock` lies in. `clock` outlives it.
  Tool(std::filesystem::path programs, const Clock& clock, std::filesystem::path temporary)
      : program_(std::move(programs) / "gridlock"), clock_(clock), temporary_(std::move(temporary)) {}

  // Blocks until the command has ended. ERRORS: it could not be started, took too long or too much memory (it was
  // killed then), or a stop was asked for.
  [[nodiscard]] Result<ToolEnd> run(const std::vector<std::string>& arguments, const std::stop_token& stop,
                                    const ToolLimits& limits = {}) const;
  // The same with another program of that folder.
  [[nodiscard]] Result<ToolEnd> run_program(const std::string& name, const std::vector<std::string>& arguments,
                                            const std::vector<std::string>& environment, const std::stop_token& stop,
                                            const ToolLimits& limits = {}) const;

 private:
  std::filesystem::path program_;
  const Clock& clock_;
  std::filesystem::path temporary_;
};

// True for the error of a run that was stopped because the service ends: nothing is wrong with what was run.
[[nodiscard]] bool was_stopped(const Error& error);

}  // namespace gridlock::campaign
