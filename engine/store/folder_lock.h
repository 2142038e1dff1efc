// One process owns a data folder at a time. DATA/lock holds the owner's pid, and is locked for as long as it lives; it
// is empty when the last owner has closed in an orderly way, so whoever comes next knows whether to check what is
// there.
//
// The lock is of the open file, not of the process (flock): it goes when the process dies, however it dies, and holds
// against a second opening in the same process too.
//
// May include: base.
#pragma once

#include <filesystem>

#include "engine/base/error.h"

namespace gridlock::store {

class FolderLock {
 public:
  // ERRORS: another process has the folder, by its pid; the file cannot be made.
  [[nodiscard]] static Result<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  // The last owner did not say closed_well(): it was killed, or the power went.
  [[nodiscard]] bool was_left_open() const { return was_left_open_; }
  // To be called when all is closed. Without it the next owner checks.
  void closed_well();

 private:
  FolderLock(int file, bool was_left_open) : file_(file), was_left_open_(was_left_open) {}
  int file_;
  bool was_left_open_;
};

}  // namespace gridlock::store
