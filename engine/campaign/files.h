// Reading and writing files of the data folder: bounded, whole or not at all.
//
// May include: base, files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/error.h"

namespace gridlock::campaign {

// The bytes of a regular file; a link, a pipe or a device is refused. ERRORS: as that, not there, longer than
// `bytes_max`.
[[nodiscard]] Result<std::string> read_bounded(const std::filesystem::path& path, std::size_t bytes_max);

// Replaces the file as a whole, durable when it returns. ERRORS: why it could not be written.
[[nodiscard]] Result<void> write_whole(const std::filesystem::path& path, std::string_view bytes);

// Makes the folder and those above it. ERRORS: why not.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& path);

// Removes a file or a folder with all that is in it; what is not there is no error, what cannot be removed stays.
void remove_quietly(const std::filesystem::path& path);

}  // namespace gridlock::campaign
