// Content-addressed files: DATA/blobs/ab/cdef... holds the bytes whose SHA-256 is abcdef... A blob is whole or not
// there, and on disk when put() returns. What nobody refers to any more stays; a few kilobytes a finding.
//
// Thread safety: every call from every thread.
//
// May include: base, model.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/store/records.h"

namespace gridlock::store {

// SHA-256 in lower-case hex.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

class Blobs {
 public:
  explicit Blobs(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Makes the folder, and removes what a killed owner left half written.
  [[nodiscard]] Result<void> prepare();
  // Idempotent. ERRORS: too large (kBlobBytesMax); the disk is full or cannot be written to.
  [[nodiscard]] Result<BlobName> put(std::string_view bytes);
  // ERRORS: no name of a blob; no such blob; its bytes do not have its hash.
  [[nodiscard]] Result<std::string> get(const BlobName& name) const;

 private:
  std::filesystem::path folder_;
  std::atomic<std::uint64_t> next_temporary_ = 0;
};

}  // namespace gridlock::store
