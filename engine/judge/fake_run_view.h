// For tests: a run written by hand, and names for its code. A place in code is written as the source functions that
// stand there, innermost first: code({"xen_poll_irq", "xen_spin_lock_slow"}).
//
// May include: base, model.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/model/run_view.h"

namespace gridlock {

class FakeNames final : public SiteNames {
 public:
  // A new site whose source frames are these functions, inlined into each other.
  Site code(const std::vector<std::string>& functions) {
    const Site site = next_site_ += 0x10;
    for (const std::string& function : functions) frames_[site].push_back({function, "code.cc", next_line_++});
    return site;
  }
  // One site a function: a call chain without inlining.
  std::vector<Site> calls(const std::vector<std::string>& functions) {
    std::vector<Site> sites;
    for (const std::string& function : functions) sites.push_back(code({function}));
    return sites;
  }
  [[nodiscard]] std::vector<Frame> frames_at(Site site) const override {
    const auto found = frames_.find(site);
    return found == frames_.end() ? std::vector<Frame>{{"0x1234", "", 0}} : found->second;
  }
  // Addresses and lines of what is written from here on differ from those of another build.
  void start_at(Site site, std::uint32_t line) {
    next_site_ = site;
    next_line_ = line;
  }

 private:
  Site next_site_ = 0x1000;
  std::uint32_t next_line_ = 1;
  std::map<Site, std::vector<Frame>> frames_;
};

// A run under construction. `view()` borrows from this object.
struct FakeRunView {
  RunEnd end = RunEnd::kCompleted;
  std::vector<CpuView> cpus;
  Failure failure;
  RaceReport race;

  void add_cpu(CpuActivity activity, const std::vector<std::vector<Site>>& contexts) {
    CpuView cpu;
    cpu.cpu = CpuId(static_cast<std::uint32_t>(cpus.size()));
    cpu.activity = activity;
    for (const auto& frames : contexts) {
      const auto kind = cpu.contexts.empty() ? ContextView::Kind::kTask : ContextView::Kind::kIrq;
      cpu.contexts.push_back({kind, 0, frames});
    }
    cpus.push_back(std::move(cpu));
  }

  [[nodiscard]] RunView view() const {
    RunView run;
    run.end = end;
    run.cpus = cpus;
    run.failure = &failure;
    run.race = &race;
    run.points = 1234;
    return run;
  }
};

}  // namespace gridlock
