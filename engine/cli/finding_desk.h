// Where minimal findings arrive: builds and writes the repro, tells the person, keeps the list for the report.
//
// May include: base, model, decode, machine, judge.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/cli/minimizer.h"
#include "engine/cli/options.h"
#include "engine/cli/report.h"
#include "engine/cli/seen_report.h"
#include "engine/cli/session.h"

namespace gridlock {

// When a bug was seen first.
struct Sighting {
  std::uint64_t runs = 0;  // of all workers together
  double seconds = 0;
  std::vector<std::uint8_t> input;  // as it was found
};

class FindingDesk {
 public:
  // All references outlive the desk. `page` is for its children.
  FindingDesk(Tools tools, const Target& target, std::uint32_t variant, const FuzzOptions& options, RunPage& page)
      : tools_(tools), target_(target), variant_(variant), options_(options), page_(page) {}

  // Writes `<out>/<target>/<signature>.repro` and `.input`, and the minimal input into the corpus. A bug that is on
  // the list already is left out. ERRORS: files, children.
  [[nodiscard]] Result<void> accept(const Minimized& minimized, const Sighting& sighting);

  // Writes `<out>/<target>/<signature>.seen.txt` and `.input`. ERRORS: files.
  [[nodiscard]] Result<void> accept_seen(const CoreSighting& seen, SeenAgain again, const Sighting& sighting);

  [[nodiscard]] const std::vector<ReportedFinding>& findings() const { return findings_; }

 private:
  [[nodiscard]] Result<std::string> write(const Minimized& minimized, const Sighting& sighting);
  void tell(const Minimized& minimized, const ReportedFinding& finding) const;

  Tools tools_;
  const Target& target_;
  std::uint32_t variant_;
  const FuzzOptions& options_;
  RunPage& page_;
  std::vector<ReportedFinding> findings_;
};

// Where the findings of a target go.
[[nodiscard]] std::string findings_directory(const FuzzOptions& options, const Target& target);

}  // namespace gridlock
