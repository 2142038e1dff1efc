#include "engine/cli/run_archive.h"

namespace gridlock {
namespace {

void transfer(Archive& archive, RaceAccess& access) {
  archive.value(access.is_write);
  archive.value(access.is_atomic);
  archive.value(access.cpu);
  archive.value(access.context);
  archive.value(access.point);
  archive.row(access.frames);
}

void transfer(Archive& archive, RaceReport& report) {
  for (RaceAccess& access : report.accesses) transfer(archive, access);
  archive.value(report.on_stack);
  archive.value(report.offset);
  archive.value(report.bytes);
  archive.value(report.sanitizer_agrees);
  for (RaceAccess& access : report.sanitizer_accesses) transfer(archive, access);
}

void transfer(Archive& archive, Failure& failure) {
  archive.text(failure.what);
  archive.text(failure.where);
  archive.value(failure.is_statement);
  archive.value(failure.cpu);
  archive.row(failure.frames);
  archive.value(failure.access);
}

void transfer(Archive& archive, CpuView& cpu) {
  archive.value(cpu.cpu);
  archive.value(cpu.activity);
  archive.value(cpu.irqs_enabled);
  archive.value(cpu.pending_vectors);
  archive.value(cpu.points);
  archive.list(cpu.contexts, [&](ContextView& context) {
    archive.value(context.kind);
    archive.value(context.number);
    archive.row(context.frames);
    archive.value(context.call);
  });
  archive.row(cpu.watches);
  archive.row(cpu.operation_starts);
}

// A program shows no state of its own (gl_state_entry) beside its steps.
void transfer(Archive& archive, Trace& trace) {
  archive.row(trace.steps);
  archive.list(trace.names, [&](NamedMemory& named) {
    archive.value(named.offset);
    archive.value(named.size_bytes);
    archive.text(named.name);
  });
}

void transfer(Archive& archive, RunProfile& profile) {
  archive.list(profile.cpus, [&](std::vector<PointNote>& notes) { archive.row(notes); });
  archive.list(profile.operation_starts, [&](std::vector<std::uint32_t>& starts) { archive.row(starts); });
}

template <typename T>
std::optional<T> copy_of(const T* value) {
  return value == nullptr ? std::nullopt : std::optional<T>(*value);
}

template <typename T>
const T* address_of(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

}  // namespace

OwnedView::OwnedView(const RunView& run)
    : run_(run),
      cpus_(run.cpus.begin(), run.cpus.end()),
      directives_(run.directives.begin(), run.directives.end()),
      failure_(copy_of(run.failure)),
      race_(copy_of(run.race)),
      ordered_report_(copy_of(run.ordered_report)),
      trace_(copy_of(run.trace)),
      profile_(copy_of(run.profile)),
      graph_(copy_of(run.locks)) {
  if (!graph_) return;
  locks_.assign(graph_->locks.begin(), graph_->locks.end());
  moments_.assign(graph_->moments.begin(), graph_->moments.end());
  syncs_.assign(graph_->syncs.begin(), graph_->syncs.end());
}

void OwnedView::transfer(Archive& archive) {
  const auto each = [&](auto& value) { gridlock::transfer(archive, value); };
  archive.value(run_);  // its pointers are made anew by view()
  archive.list(cpus_, each);
  archive.row(directives_);
  archive.maybe(failure_, each);
  archive.maybe(race_, each);
  archive.maybe(ordered_report_, each);
  archive.maybe(trace_, each);
  archive.maybe(profile_, each);
  archive.maybe(graph_, [&](LockGraph& graph) {
    archive.value(graph.truncated);
    archive.row(locks_);
    archive.row(moments_);
    archive.row(syncs_);
  });
}

const RunView& OwnedView::view() {
  if (graph_) *graph_ = {.locks = locks_, .moments = moments_, .syncs = syncs_, .truncated = graph_->truncated};
  run_.cpus = cpus_;
  run_.directives = directives_;
  run_.failure = address_of(failure_);
  run_.race = address_of(race_);
  run_.ordered_report = address_of(ordered_report_);
  run_.trace = address_of(trace_);
  run_.profile = address_of(profile_);
  run_.locks = address_of(graph_);
  return run_;
}

}  // namespace gridlock
