// What is judged while the target runs: the race judge's findings and ThreadSanitizer's reports, and how the first
// access of a race comes by its call chain.
//
// The judge keeps of an access which one of its strand it was, not how it came about: that costs nothing in the runs
// without a race, which are nearly all. A run that ends in a race is repeated with the decisions that it had; the first
// access comes again, by the same number, and is looked at then.
//
// May include: base, model, hook, strategy, judge/race.
#include <cerrno>

#include "engine/base/check.h"
#include "engine/machine/hook_code.h"
#include "engine/machine/machine_impl.h"
#include "engine/strategy/strategies.h"

namespace gridlock {

namespace {

// The frame of the hook that the engine function with this frame was called from, at some remove.
const void* frame_of_hook(const void* frame_pointer, std::uint64_t boundary) {
  const auto* frame = static_cast<const std::uint64_t*>(frame_pointer);
  while (reinterpret_cast<std::uint64_t>(frame) < boundary) {
    const auto* const caller = reinterpret_cast<const std::uint64_t*>(frame[0]);
    if (in_hook(frame[1])) return caller;
    if (caller <= frame) break;
    frame = caller;
  }
  return nullptr;
}

RaceAccess view_of(const RawRace::Access& raw) {
  return {.is_write = raw.is_write,
          .is_atomic = raw.is_atomic,
          .cpu = CpuId(raw.cpu),
          .context = raw.context,
          .point = PointIndex(raw.point),
          .frames = {raw.frames, raw.frames + raw.frame_count}};
}

void view_address(const RawRace& raw, RaceReport& report) {
  report.on_stack = is_stack_address(raw.address);
  report.offset = report.on_stack ? 0 : offset_of(raw.address);
  report.bytes = raw.bytes;
}

const char* name_of(race::MemoryFault fault) {
  switch (fault) {
    case race::MemoryFault::kUseAfterFree:
      return "use-after-free";
    case race::MemoryFault::kOutOfBounds:
      return "out-of-bounds";
    case race::MemoryFault::kStackUseAfterReturn:
      return "stack-use-after-return";
  }
}

}  // namespace

Result<void> MachineImpl::initialise_judge() {
  repeating_ = make_strategy("directed", {});
  std::array<race::Region, 2> statics;
  for (std::size_t i = 0; i < statics.size(); ++i) statics[i] = {program_sections_[i].base, program_sections_[i].bytes};
  return race_judge_.initialise({kArenaBase, kArenaBytes}, kArenaGapBytes, {kStacksBase, kStacksBytes},
                                kStackBytes + kStackGuardBytes, *this, statics);
}

void* MachineImpl::allocate(std::size_t size, std::size_t align) {
  void* const block = memory_.allocate(size, align);
  if (block != nullptr) {
    race_judge_.block_opened(reinterpret_cast<std::uint64_t>(block), size);
    return block;
  }
  if (size > kArenaBytes) return nullptr;
  const std::uint64_t again = race_judge_.block_reopened(size, align < 16 ? 16 : align);
  return again == 0 ? nullptr : memory_.allocate_again(again, size);
}

std::optional<std::size_t> MachineImpl::block_bytes(const void* block) {
  const auto begin = reinterpret_cast<std::uint64_t>(block);
  const race::Block* const found = race_judge_.block_below(begin);
  if (found == nullptr || found->begin != begin || !found->is_alive) return std::nullopt;
  return found->bytes;
}

bool MachineImpl::was_block(const void* block) {
  const auto begin = reinterpret_cast<std::uint64_t>(block);
  const race::Block* const found = race_judge_.block_below(begin);
  return found != nullptr && found->begin == begin && !found->is_alive;
}

bool MachineImpl::release(void* block, const void* hook_frame) {
  const auto begin = reinterpret_cast<std::uint64_t>(block);
  std::size_t size = 0;
  if (!memory_.release(block, size)) {
    note_bad_access(true, begin, 0);
    return false;
  }
  race_judge_.block_closed(begin, size);
  if (options_.trace && running_ != nullptr) {
    record_event(*running_, StepKind::kFree, 0, 0, hook_frame);
    trace_.steps.back().address = begin - kArenaBase;
  }
  return true;
}

// ---- on the cpu, inside an access ----

// Who runs, and from where the hook was called.
void MachineImpl::describe_here(RawRace::Access& access) const {
  const Context& context = running_->contexts[running_->depth];
  access.cpu = running_->id;
  access.depth = running_->depth;
  access.context = context.kind;
  access.point = running_->points + static_cast<std::uint32_t>(armed_ - countdown);
  const void* const frame = frame_of_hook(__builtin_frame_address(0), context.boundary);
  access.frame_count = frame == nullptr ? 0 : walk_from(frame, context.boundary, access.frames, kFailureFramesMax);
}

void MachineImpl::note_racing_access(std::uint32_t side, race::AccessKind kind, std::uint64_t address,
                                     std::uint64_t bytes) {
  if (!options_.trace) return;
  const void* const frame = frame_of_hook(__builtin_frame_address(0), running_->context().boundary);
  record_event(*running_, StepKind::kRacingAccess, side, static_cast<std::uint32_t>(kind), frame);
  Step& step = trace_.steps.back();
  step.width_bytes = static_cast<std::uint8_t>(bytes < UINT8_MAX ? bytes : UINT8_MAX);
  step.stack_address = is_stack_address(address);
  step.address = step.stack_address ? 0 : offset_of(address);
}

void MachineImpl::race_found(const race::Race& race) {
  if (race_seen_) return;
  race_seen_ = true;
  race_end_ = RunEnd::kDataRace;
  if (!repeats_) {
    judged_race_ = race;
    raw_race_ = {};
    raw_race_.address = race.address;
    raw_race_.bytes = race.bytes;
    const race::Strand& first = race_judge_.strand_by_id(race.first.strand);
    raw_race_.accesses[0] = {.cpu = first.cpu, .depth = first.depth};
    for (std::uint32_t side = 0; side < 2; ++side) {
      const race::AccessKind kind = (side == 0 ? race.first : race.second).kind;
      raw_race_.accesses[side].is_write = is_write(kind);
      raw_race_.accesses[side].is_atomic = is_atomic(kind);
    }
    describe_here(raw_race_.accesses[1]);
  }
  note_racing_access(1, race.second.kind, race.address, race.bytes);
  close_gate();
}

void MachineImpl::watched_access() {
  describe_here(raw_race_.accesses[0]);
  note_racing_access(0, judged_race_.first.kind, raw_race_.address, raw_race_.bytes);
}

void MachineImpl::note_bad_access(bool write, std::uint64_t address, std::uint64_t bytes) {
  BadAccess& access = bad_access_.emplace();
  access.is_write = write;
  access.bytes = bytes;
  access.sanitizer_agrees = sanitizer::is_poisoned(address, bytes == 0 ? 1 : bytes);
  access.on_stack = is_stack_address(address);
  if (access.on_stack || address - kArenaBase >= kArenaBytes) return;
  access.offset = address - kArenaBase;
  const race::Block* const block = race_judge_.block_below(address);
  access.has_block = block != nullptr;
  if (block == nullptr) return;
  access.block_begin = block->begin - kArenaBase;
  access.block_bytes = block->bytes;
}

// The access is not made: what it would hit may be the engine's.
void MachineImpl::memory_fault(race::MemoryFault fault, bool write, std::uint64_t address, std::uint64_t bytes) {
  note_bad_access(write, address, bytes);
  const void* const frame = frame_of_hook(__builtin_frame_address(0), running_->context().boundary);
  fail(RunEnd::kMemoryError, name_of(fault), nullptr, 0, frame);
}

void MachineImpl::sanitizer_reported(const RawRace& race) {
  if (mode_ == Mode::kHost) return;
  // errno is each cpu's own though all have it at one address.
  const bool is_own = race.address == reinterpret_cast<std::uint64_t>(&errno);
  const bool is_judged = is_own || (judge != nullptr && race_judge_.has_judged(race.address, race.bytes));
  if (race_seen_) {
    // Of the racing access itself, or of what came after it and is not judged.
    if (!is_judged || sanitizer_agrees_ || race_end_ != RunEnd::kDataRace) return;
    sanitizer_agrees_ = true;
    sanitizer_race_ = race;
  } else if (is_judged) {
    if (!is_own && ordered_reports_++ == 0) first_ordered_report_ = race;
    const std::uint64_t code = race.accesses[1].frame_count == 0 ? 0 : race.accesses[1].frames[0] + load_bias;
    if (code != 0 && misjudged_sites_.note(code)) misjudged |= MisjudgedSites::bit(code);
  } else {
    race_seen_ = true;
    race_end_ = RunEnd::kSanitizerReport;
    raw_race_ = race;
    close_gate();
  }
}

// ---- on the host ----

void MachineImpl::repeat_for_first_access(const gl_target& target, const Scenario& scenario,
                                          const RunOptions& options) {
  const race::Race race = judged_race_;
  const RawRace::Access first = raw_race_.accesses[0];
  const bool sanitizer_agreed = sanitizer_agrees_;
  repeated_ = scenario;
  repeated_.directives.assign(directives_.data(), directives_.data() + directive_count_);
  repeats_ = true;
  watched_ = {first.cpu, first.depth, race.first.number};
  run_once(target, repeated_, *repeating_, options);
  GRIDLOCK_CHECK(end_ == RunEnd::kDataRace && "a run with a race, repeated, does not have it");
  sanitizer_agrees_ |= sanitizer_agreed;
}

void MachineImpl::view_races() {
  if (end_ == RunEnd::kDataRace || end_ == RunEnd::kSanitizerReport) {
    race_ = {.accesses = {view_of(raw_race_.accesses[0]), view_of(raw_race_.accesses[1])}};
    view_address(raw_race_, race_);
    race_.sanitizer_agrees = sanitizer_agrees_;
    for (std::uint32_t side = 0; sanitizer_agrees_ && side < 2; ++side) {
      race_.sanitizer_accesses[side] = view_of(sanitizer_race_.accesses[side]);
    }
    view_.race = &race_;
  }
  view_.ordered_reports = ordered_reports_;
  if (ordered_reports_ == 0) return;
  ordered_report_ = {
      .accesses = {view_of(first_ordered_report_.accesses[0]), view_of(first_ordered_report_.accesses[1])}};
  view_address(first_ordered_report_, ordered_report_);
  view_.ordered_report = &ordered_report_;
}

}  // namespace gridlock
