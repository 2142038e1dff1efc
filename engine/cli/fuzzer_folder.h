// The folder that a fuzzer which is another program works in, and what its driver is told by variables. It lies where
// temporary files do and goes when its owner does.
//
// May include: base, model, decode, cli.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/known_bugs.h"
#include "engine/cli/options.h"
#include "engine/cli/run_page.h"
#include "engine/cli/target_list.h"

namespace gridlock {

// Longer inputs hold programs that nobody would read. libFuzzer's own limit.
inline constexpr std::uint32_t kFuzzerInputBytesMax = 4096;

// Owns the folder. Movable.
class FuzzerFolder {
 public:
  // `engine` is part of its name. ERRORS: no place for it.
  [[nodiscard]] static Result<FuzzerFolder> create(std::string_view engine);
  FuzzerFolder(FuzzerFolder&& other) noexcept;
  FuzzerFolder& operator=(FuzzerFolder&&) = delete;
  ~FuzzerFolder();

  // The path of something in the folder.
  [[nodiscard]] std::string path(std::string_view name) const;

  // Makes a folder in it. ERRORS: files.
  [[nodiscard]] Result<void> add_folder(std::string_view name) const;
  // Writes the scenario into the folder of that name in it, encoded, under a name behind those before. ERRORS: files.
  [[nodiscard]] Result<void> add_seed(std::string_view name, const Scenario& scenario, const TargetSchema& schema);
  [[nodiscard]] std::size_t seeds() const { return seeds_; }
  // Replaces what drivers take for known when they read it next. ERRORS: files.
  [[nodiscard]] Result<void> write_known(const KnownBugs& known) const;

  // The variables of engine/cli/fuzz_driver.h.
  [[nodiscard]] std::vector<std::string> driver_environment(const FuzzOptions& options, std::string_view variant,
                                                            const SharedRunPage& page) const;

 private:
  explicit FuzzerFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::size_t seeds_ = 0;
};

// The path of the driver of a fuzzer ("libfuzzer", "afl") for this flavour of the target, beside this program. ERRORS:
// it is not there or cannot be executed, with how to build it.
[[nodiscard]] Result<std::string> find_driver(const Target& target, std::string_view fuzzer, std::string_view flavour);

// The path of a part of Gridlock that is no program. ERRORS: it cannot be read.
[[nodiscard]] Result<std::string> find_tool(const std::string& name);

}  // namespace gridlock
