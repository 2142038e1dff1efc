// What every edit is given: the source of chance, the target, what is known of a run, and the few questions that edits
// of all kinds ask.
//
// May include: base, model, decode.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

#include "engine/base/prng.h"
#include "engine/model/scenario.h"
#include "engine/model/target_schema.h"
#include "engine/mutate/mutate.h"
#include "engine/mutate/profile_places.h"

namespace gridlock {

// Lives for one mutation. Borrows all it is made of.
class EditContext {
 public:
  EditContext(Prng& prng, const TargetSchema& schema, const MutationOptions& options, const MutationAim& aim)
      : prng(prng), schema(schema), options(options), profile_(aim.profile), sites_(aim.sites) {}

  Prng& prng;
  const TargetSchema& schema;
  const MutationOptions& options;

  // Null where nothing is known of a run of the scenario as it is now.
  [[nodiscard]] const RunProfile* profile() const { return profile_; }
  [[nodiscard]] std::span<const Site> sites() const { return sites_; }
  // To be called when the program has changed: its points are others now.
  void forget_profile() {
    profile_ = nullptr;
    shared_.reset();
  }
  // REQUIRES: profile().
  [[nodiscard]] const SharedWords& shared_words() {
    if (!shared_) shared_.emplace(*profile_);
    return *shared_;
  }

  // An index of a list. REQUIRES: not empty.
  [[nodiscard]] std::uint32_t index(std::size_t count) { return prng.below(static_cast<std::uint32_t>(count)); }
  // True one time in eight: lets what is as large as it should be grow all the same.
  [[nodiscard]] bool outgrow() { return prng.chance(1, 8); }

  // The number of cpus that a directive may be for: those with a program and those that the run created.
  [[nodiscard]] std::uint32_t cpus(const Scenario& scenario) const;
  // The highest point of a cpu that a directive should be aimed at: a little beyond what the run passed, since what is
  // put in makes it longer; a plausible number where no run is known.
  [[nodiscard]] std::uint32_t last_point(const Scenario& scenario, std::uint32_t cpu) const;
  // Any point of any cpu; a third of the time close to a directive, since bugs with two decisions usually need both
  // within one critical section, on one cpu or at the same place of two.
  [[nodiscard]] Place any_place(const Scenario& scenario);

  // Adds directives, all in front of those that are there or all behind them. Where the schedule has its full size they
  // replace others, most of the time. False if nothing has changed.
  bool add(Scenario& scenario, std::initializer_list<Directive> added);

 private:
  const RunProfile* profile_;
  std::span<const Site> sites_;
  std::optional<SharedWords> shared_;
};

// Changes one thing. REQUIRES: a legal scenario. ENSURES: a legal scenario; true if it differs, and if false it is what
// it was: the scenario has nothing that the edit could change.
using Edit = bool (*)(EditContext& context, Scenario& scenario);

[[nodiscard]] inline Directive demote_at(Place place) {
  return {.cpu = CpuId(place.cpu), .point = PointIndex(place.point)};
}

// Inclusive bounds. By 1 to 4 within them, and anew from them. False if it is the same number again.
bool step_value(Prng& prng, std::uint32_t minimum, std::uint32_t maximum, std::uint32_t& value);
bool redraw_value(Prng& prng, std::uint32_t minimum, std::uint32_t maximum, std::uint32_t& value);

// The point of a directive `by` points away, as far as there is one.
[[nodiscard]] PointIndex moved_point(PointIndex point, std::int64_t by);

}  // namespace gridlock
