// The page in which a fuzzing child shows what it does (engine/model/status_page.h), made by its parent and believed
// only as far as it makes sense: a child that has gone wrong writes anything.
//
// It is read by pread(2), not through a mapping: the kernel keeps both the same, and a child that truncates the file
// cannot kill its reader with SIGBUS.
//
// May include: base, model, campaign (files).
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/model/status_page.h"

namespace gridlock::campaign {

enum class PageState : std::uint8_t {
  kNotYet = 0,  // the child has not begun to write
  kValid = 1,
  kGarbage = 2  // cut off, of another layout, or a count went back
};

class StatusFile {
 public:
  // Makes the file, empty. ERRORS: why it could not be made.
  [[nodiscard]] static Result<StatusFile> create(const std::filesystem::path& path);

  StatusFile(StatusFile&& other) noexcept;
  StatusFile& operator=(StatusFile&& other) noexcept;
  ~StatusFile();

  // Looks again. ENSURES: page() changes only with kValid, and no count in it goes back.
  PageState refresh();
  // As of the last valid look; all zero before the first.
  [[nodiscard]] const StatusPage& page() const { return page_; }

 private:
  explicit StatusFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
  StatusPage page_;
};

}  // namespace gridlock::campaign
