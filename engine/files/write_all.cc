// May include: nothing of the engine.
#include "engine/files/write_all.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace gridlock {

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace gridlock
