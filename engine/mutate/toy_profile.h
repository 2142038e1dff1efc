// A run's profile out of a line of text a cpu, and targets that lack one thing or another: what the tests of edits are
// written in.
//
//     | r1 w2@7 ( w1 ) - . + | w3        words from left to right
//
//     |        an operation begins                  rN  wN   a point: an access to word N that reads, that writes
//     (  )     a handler is entered, and left       .        a point without an access
//     -  +     interrupts are disabled, enabled     @S       behind a point: its site
//
// Used by tests only. May include: base, model.
#pragma once

#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "engine/model/run_profile.h"
#include "engine/model/scenario.h"
#include "engine/model/toy_schema.h"

namespace gridlock {

class ToyProfileLine {
 public:
  explicit ToyProfileLine(const std::string& text) {
    std::istringstream words(text);
    for (std::string word; words >> word;) read(word);
  }
  std::vector<PointNote> notes;
  std::vector<std::uint32_t> starts;

 private:
  void read(const std::string& word) {
    switch (word[0]) {
      case '|':
        return starts.push_back(static_cast<std::uint32_t>(notes.size()));
      case '(':
        ++depth_;
        return;
      case ')':
        --depth_;
        return;
      case '-':
      case '+':
        enabled_ = word[0] == '+';
        return;
      default:
        return point(word);
    }
  }
  void point(const std::string& word) {
    PointNote note{.depth = depth_, .writes = word[0] == 'w', .irqs_enabled = enabled_ && depth_ == 0};
    if (word[0] != '.') note.object = static_cast<std::uint32_t>(std::stoul(word.substr(1)));
    if (const auto at = word.find('@'); at != std::string::npos) note.site = std::stoull(word.substr(at + 1));
    notes.push_back(note);
  }

  std::uint8_t depth_ = 0;
  bool enabled_ = true;
};

[[nodiscard]] inline RunProfile toy_profile(std::initializer_list<std::string> cpus) {
  RunProfile profile;
  for (const std::string& text : cpus) {
    ToyProfileLine line(text);
    profile.cpus.push_back(line.notes);
    profile.operation_starts.push_back(line.starts);
  }
  return profile;
}

[[nodiscard]] inline TargetSchema without_vectors(TargetSchema schema) {
  schema.vectors.clear();
  schema.external_vectors.clear();
  return schema;
}

// Vectors that only code sends.
[[nodiscard]] inline TargetSchema without_external_vectors(TargetSchema schema) {
  schema.external_vectors.clear();
  return schema;
}

[[nodiscard]] inline TargetSchema without_entities(TargetSchema schema) {
  schema.entities.clear();
  return schema;
}

// One cpu, one operation without arguments, and nothing else.
[[nodiscard]] inline TargetSchema lone_schema() {
  TargetSchema schema = bare_schema();
  schema.cpus_minimum = schema.cpus_maximum = 1;
  return schema;
}

// From one cpu to as many as there can be.
[[nodiscard]] inline TargetSchema elastic_schema() {
  TargetSchema schema = toy_schema();
  schema.cpus_maximum = kCpusMax;
  return schema;
}

[[nodiscard]] inline std::vector<TargetSchema> schemas_of_all_kinds() {
  return {toy_schema(),
          bare_schema(),
          lone_schema(),
          elastic_schema(),
          without_vectors(toy_schema()),
          without_external_vectors(toy_schema()),
          without_entities(toy_schema())};
}

}  // namespace gridlock
