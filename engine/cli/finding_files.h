// How findings get to disk: file names, and writes that are whole or not there at all.
//
// May include: base, files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/error.h"

namespace gridlock {

// Characters of a signature that go into a file name; the rest is told apart by the hash.
inline constexpr std::size_t kStemCharactersMax = 60;

// A file name for a signature, without extension: its words joined by dashes, cut, and a hash of all of it. The same
// signature always gives the same name. ENSURES: matches [A-Za-z0-9_.-]+ and starts with a letter or digit.
//
//     "hang: xen_poll_irq<xen_spin_lock_slow"  ->  "hang-xen_poll_irq-xen_spin_lock_slow-5d1c9a3b"
[[nodiscard]] std::string finding_file_stem(std::string_view signature);

// Makes sure, before any work is done, that files can be written there. ERRORS: cannot be created or written to.
[[nodiscard]] Result<void> prepare_directory(const std::filesystem::path& directory);

// Replaces the file as a whole: a reader sees the old one or the new one. ERRORS: why it could not be written.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view bytes);

// Writes to the file, or to stdout if `path` is empty.
[[nodiscard]] Result<void> write_output(const std::string& path, std::string_view bytes);

}  // namespace gridlock
