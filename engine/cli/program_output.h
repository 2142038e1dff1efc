// Where the standard streams of a program under test go while it runs: nowhere, or, for the run that a person asked to
// see, to stdout. It never reads from the terminal. Between runs the streams are this process's own again.
//
// May include: base.
#pragma once

#include <utility>

namespace gridlock {

class ProgramOutput {
 public:
  // While one lives, the descriptors 0, 1 and 2 are the program's.
  class Guard {
   public:
    Guard() = default;
    Guard(Guard&& other) noexcept : output_(std::exchange(other.output_, nullptr)), is_shown_(other.is_shown_) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard();

   private:
    friend class ProgramOutput;
    Guard(const ProgramOutput& output, bool is_shown);
    const ProgramOutput* output_ = nullptr;
    bool is_shown_ = false;
  };

  ProgramOutput();
  ProgramOutput(const ProgramOutput&) = delete;
  ProgramOutput& operator=(const ProgramOutput&) = delete;
  ~ProgramOutput();

  [[nodiscard]] Guard during_run(bool is_shown) const { return {*this, is_shown}; }

 private:
  int nowhere_ = -1;
  int own_[3] = {-1, -1, -1};
};

}  // namespace gridlock
