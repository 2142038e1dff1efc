// The byte form of a scenario: a short header, then records. docs/FORMAT.md draws it with a worked example.
// May include: base, model.
//
// Why records with a tag each, and absolute numbers: a fuzzer inserts, deletes, copies and splices byte ranges. A
// record that is inserted, deleted or moved leaves its neighbours what they were, and bytes that are no tag are skipped
// where a tag should stand, so that the reader is in step again soon after a record was torn.
#include "engine/decode/decode.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/decode/number.h"
#include "engine/decode/ranges.h"

namespace gridlock {
namespace {

enum class Record : std::uint8_t { kCall, kDemote, kInterrupt, kDefer, kMigrate, kFront, kStale, kDelayStore };

// A tag is a byte from 0x80; its low five bits choose the kind. Each kind owns a run of values, so that random tags
// are mostly calls and demotes; encode writes the first of the run.
constexpr std::uint8_t kTagMinimum = 0x80;
constexpr std::uint8_t kTagKindMask = 0x1f;

struct TagRun {
  Record kind;
  std::uint8_t first;
};

constexpr std::array<TagRun, 8> kTagRuns = {{
    {Record::kCall, 0x00},
    {Record::kDemote, 0x0a},
    {Record::kInterrupt, 0x14},
    {Record::kDefer, 0x18},
    {Record::kMigrate, 0x1a},
    {Record::kFront, 0x1c},
    {Record::kStale, 0x1e},
    {Record::kDelayStore, 0x1f},
}};

constexpr auto kKindOfTag = [] {
  std::array<Record, kTagKindMask + 1> kinds{};
  for (const TagRun& run : kTagRuns) {
    for (std::size_t i = run.first; i < kinds.size(); ++i) kinds[i] = run.kind;
  }
  return kinds;
}();

constexpr std::uint8_t tag_of(Record kind) {
  for (const TagRun& run : kTagRuns) {
    if (run.kind == kind) return static_cast<std::uint8_t>(kTagMinimum | run.first);
  }
  return 0;
}

// The longest records: tag, cpu, operation and arguments; tag, cpu, point, a and b.
constexpr std::size_t kCallBytesMax = 1 + kNumberBytesMax * (2 + kOperationArgumentsMax);
constexpr std::size_t kDirectiveBytesMax = 1 + kNumberBytesMax * 4;
constexpr std::size_t kFrontBytesMax = 1 + kNumberBytesMax;
static_assert(kNumberBytesMax * (1 + kEncodedParametersMax) + kCpusMax * kFrontBytesMax +
                  kCpusMax * kProgramCallsMax * kCallBytesMax + kDirectivesMax * kDirectiveBytesMax <=
              kInputBytesMax);

// Builds a scenario from its bytes. Every record reads all its numbers, whatever it turns into, so that its length
// does not depend on the target.
class Decoder {
 public:
  Decoder(std::span<const std::uint8_t> bytes, const TargetSchema& schema) : reader_(bytes), schema_(schema) {}

  Scenario run() {
    header();
    while (!reader_.at_end()) {
      const std::uint8_t tag = reader_.byte();
      if (tag >= kTagMinimum) record(kKindOfTag[tag & kTagKindMask]);
    }
    return std::move(scenario_);
  }

 private:
  void header() {
    scenario_.programs.resize(reader_.number(cpu_count_range(schema_)));
    scenario_.parameters.reserve(schema_.parameters.size());
    for (const auto& parameter : schema_.parameters) {
      scenario_.parameters.push_back(reader_.number(parameter_range(parameter)));
    }
    scenario_.start_order.reserve(scenario_.programs.size());
    for (std::uint32_t cpu = 0; cpu < scenario_.cpu_count(); ++cpu) scenario_.start_order.push_back(CpuId(cpu));
  }

  void record(Record kind) {
    switch (kind) {
      case Record::kCall:
        return call();
      case Record::kFront:
        return front();
      case Record::kDemote:
      case Record::kInterrupt:
      case Record::kDefer:
      case Record::kMigrate:
      case Record::kStale:
      case Record::kDelayStore:
        return directive(kind);
    }
  }

  void call() {
    auto& program = scenario_.programs[reader_.number(range_below(scenario_.programs.size()))];
    OperationCall call{.operation = OperationId(reader_.number(range_below(schema_.operations.size())))};
    const auto& arguments = schema_.operations[call.operation.value()].arguments;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      call.arguments[i] = reader_.number(argument_range(arguments[i]));
    }
    if (program.size() < kProgramCallsMax) program.push_back(call);
  }

  void front() {
    const CpuId cpu(reader_.number(range_below(scenario_.programs.size())));
    auto& order = scenario_.start_order;
    const auto at = std::ranges::find(order, cpu);
    std::rotate(order.begin(), at, at + 1);
  }

  void directive(Record kind) {
    Directive directive{.cpu = CpuId(reader_.number(directive_cpu_range(scenario_.cpu_count()))),
                        .point = PointIndex(reader_.number(kPointRange))};
    action(kind, directive);
    if (scenario_.directives.size() < kDirectivesMax) scenario_.directives.push_back(directive);
  }

  // Reads the numbers of the action. What the target does not have, and what is reserved, becomes a demote: the one
  // action that every target has and that is a decision at that point all the same.
  void action(Record kind, Directive& directive) {
    switch (kind) {
      case Record::kCall:
      case Record::kFront:
      case Record::kDemote:
        return;
      case Record::kInterrupt: {
        const std::uint32_t index = one_of(schema_.external_vectors.size());
        if (!schema_.external_vectors.empty()) {
          set(directive, Action::kInterrupt, schema_.external_vectors[index], 0);
        }
        return;
      }
      case Record::kDefer: {
        const std::uint32_t vector = one_of(schema_.vectors.size());
        const std::uint32_t points = reader_.number(kDeferRange);
        if (!schema_.vectors.empty()) set(directive, Action::kDefer, vector, points);
        return;
      }
      case Record::kMigrate: {
        const std::uint32_t entity = one_of(schema_.entities.size());
        const std::uint32_t cpu = one_of(scenario_.programs.size());
        if (!schema_.entities.empty()) set(directive, Action::kMigrate, entity, cpu);
        return;
      }
      case Record::kStale:
      case Record::kDelayStore:
        static_cast<void>(reader_.number({}));
        return;
    }
  }

  // The index of one of `count` things; reads a number even if there is none.
  std::uint32_t one_of(std::size_t count) { return reader_.number(range_below(std::max<std::size_t>(count, 1))); }

  static void set(Directive& directive, Action action, std::uint32_t a, std::uint32_t b) {
    directive.action = action;
    directive.a = a;
    directive.b = b;
  }

  ByteReader reader_;
  const TargetSchema& schema_;
  Scenario scenario_;
};

class Encoder {
 public:
  Encoder(const Scenario& scenario, const TargetSchema& schema) : scenario_(scenario), schema_(schema) {}

  std::vector<std::uint8_t> run() {
    writer_.number(scenario_.cpu_count(), cpu_count_range(schema_));
    for (std::size_t i = 0; i < scenario_.parameters.size(); ++i) {
      writer_.number(scenario_.parameters[i], parameter_range(schema_.parameters[i]));
    }
    start_order();
    for (std::uint32_t cpu = 0; cpu < scenario_.cpu_count(); ++cpu) {
      for (const OperationCall& call : scenario_.programs[cpu]) this->call(cpu, call);
    }
    for (const Directive& directive : scenario_.directives) this->directive(directive);
    return writer_.take();
  }

 private:
  // The order starts as 0, 1, 2 ... and each record brings one cpu to the front: the ascending tail needs no record,
  // the cpus before it are brought forward, the highest last.
  void start_order() {
    const auto& order = scenario_.start_order;
    std::size_t tail = order.size() - 1;
    while (tail > 0 && order[tail - 1] < order[tail]) --tail;
    while (tail > 0) {
      writer_.byte(tag_of(Record::kFront));
      writer_.number(order[--tail].value(), range_below(order.size()));
    }
  }

  void call(std::uint32_t cpu, const OperationCall& call) {
    writer_.byte(tag_of(Record::kCall));
    writer_.number(cpu, range_below(scenario_.programs.size()));
    writer_.number(call.operation.value(), range_below(schema_.operations.size()));
    const auto& arguments = schema_.operations[call.operation.value()].arguments;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      writer_.number(call.arguments[i], argument_range(arguments[i]));
    }
  }

  void directive(const Directive& directive) {
    switch (directive.action) {
      case Action::kDemote:
        return place(Record::kDemote, directive);
      case Action::kInterrupt: {
        const auto& external = schema_.external_vectors;
        const auto index = std::ranges::find(external, directive.a) - external.begin();
        place(Record::kInterrupt, directive);
        return writer_.number(static_cast<std::uint32_t>(index), range_below(external.size()));
      }
      case Action::kDefer:
        place(Record::kDefer, directive);
        writer_.number(directive.a, range_below(schema_.vectors.size()));
        return writer_.number(directive.b, kDeferRange);
      case Action::kMigrate:
        place(Record::kMigrate, directive);
        writer_.number(directive.a, range_below(schema_.entities.size()));
        return writer_.number(directive.b, range_below(scenario_.programs.size()));
      case Action::kStale:
      case Action::kDelayStore:
        GRIDLOCK_CHECK(false && "a reserved action is not legal");
    }
  }

  void place(Record kind, const Directive& directive) {
    writer_.byte(tag_of(kind));
    writer_.number(directive.cpu.value(), directive_cpu_range(scenario_.cpu_count()));
    writer_.number(directive.point.value(), kPointRange);
  }

  const Scenario& scenario_;
  const TargetSchema& schema_;
  ByteWriter writer_;
};

}  // namespace

Scenario decode(std::span<const std::uint8_t> bytes, const TargetSchema& schema) {
  GRIDLOCK_CHECK(!schema.operations.empty());
  GRIDLOCK_CHECK(0 < schema.cpus_minimum && schema.cpus_minimum <= schema.cpus_maximum &&
                 schema.cpus_maximum <= kCpusMax && schema.parameters.size() <= kEncodedParametersMax);
  return Decoder(bytes.first(std::min(bytes.size(), kInputBytesMax)), schema).run();
}

std::vector<std::uint8_t> encode(const Scenario& scenario, const TargetSchema& schema) {
  GRIDLOCK_CHECK(is_legal(scenario, schema));
  return Encoder(scenario, schema).run();
}

}  // namespace gridlock
