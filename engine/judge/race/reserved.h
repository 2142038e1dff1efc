// A large array whose pages exist only once they are touched: what a run may need at most is reserved at the start, so
// nothing is allocated in a run. Zero until written; never given back.
//
// May include: base.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "engine/base/error.h"

namespace gridlock::race {

// T is trivial.
template <typename T>
class Reserved {
 public:
  Reserved() = default;
  Reserved(const Reserved&) = delete;
  Reserved& operator=(const Reserved&) = delete;
  ~Reserved() {
    if (data_ != nullptr) ::munmap(data_, count_ * sizeof(T));
  }

  // ERRORS: address space is short.
  [[nodiscard]] Result<void> map(std::size_t count) {
    void* const memory =
        ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      return failure("reserve address space", std::to_string(count * sizeof(T) >> 20) + " MiB",
                     std::string(std::strerror(errno)) + "; raise `ulimit -v` or allow overcommit");
    }
    data_ = static_cast<T*>(memory);
    count_ = count;
    return {};
  }

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] T& operator[](std::size_t index) { return data_[index]; }
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace gridlock::race
