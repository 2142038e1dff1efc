// Where this module's exceptions end: Failed, and those of the standard library, become an Error.
//
// May include: base, model.
#pragma once

#include <atomic>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "engine/base/error.h"
#include "engine/store/connection.h"

namespace gridlock::store {

// What do_it() gives. `tried` begins the error, `folder` is named by one that says nothing better; `is_broken` is set
// if the database is.
template <typename Do>
auto without_exceptions(std::string_view tried, const std::filesystem::path& folder, std::atomic<bool>& is_broken,
                        Do do_it) -> Result<std::invoke_result_t<Do>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Do>>) {
      do_it();
      return {};
    } else {
      return do_it();
    }
  } catch (Failed& failed) {
    if (failed.broken) is_broken = true;
    failed.error.tried = tried;
    return std::unexpected(std::move(failed.error));
  } catch (const std::exception& thrown) {
    return failure(std::string(tried), folder.string(), thrown.what());
  }
}

}  // namespace gridlock::store
