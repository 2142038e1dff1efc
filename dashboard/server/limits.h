// Every bound of the web server, by name. What a client may send is checked against these before anything else is done
// with it; reaching one is an answer with a status of its own, never silence.
//
// Values only. May include: nothing of the engine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gridlock::dashboard {

// Of one request.
inline constexpr std::size_t kHeadBytesMax = 16 << 10;   // request line and header lines: 431
inline constexpr std::size_t kLineBytesMax = 4 << 10;    // one header line: 431
inline constexpr std::size_t kHeadersMax = 64;           // 431
inline constexpr std::size_t kTargetBytesMax = 2 << 10;  // path and query: 414
inline constexpr std::size_t kPathSegmentsMax = 8;       // 404
inline constexpr std::size_t kParametersMax = 16;        // 400
inline constexpr std::size_t kBodyBytesMax = 64 << 10;   // 413
inline constexpr std::size_t kJsonDepthMax = 16;         // 400

// Of the values in it: 400.
inline constexpr std::size_t kNameBytesMax = 200;  // of a target, a variant, an author
inline constexpr std::size_t kSearchBytesMax = 200;
inline constexpr std::size_t kNoteBytesMax = 16 << 10;
inline constexpr std::uint32_t kOffsetMax = 1'000'000;
inline constexpr std::uint32_t kRegressionRowsMax = 200;
inline constexpr std::uint32_t kCorpusEntriesMax = 1'000;
inline constexpr double kWeightMax = 100;

// Of an answer.
inline constexpr std::uint32_t kRecentFindings = 10;
inline constexpr std::uint32_t kTargetFindingsMax = 100;
inline constexpr std::uint32_t kStintsShown = 10;
inline constexpr std::uint32_t kRegressionBuilds = 12;
inline constexpr std::uint32_t kBuildsKnownMax = 10'000;
inline constexpr std::size_t kFeatureSamplesMax = 300;         // of a target
inline constexpr std::size_t kExplanationBytesMax = 32 << 20;  // a larger one is only to be downloaded
inline constexpr std::size_t kExplanationDepthMax = 64;

// Of the static files, all of which are kept in memory.
inline constexpr std::size_t kStaticFilesMax = 512;
inline constexpr std::size_t kStaticBytesMax = 16 << 20;

// Those that a test or a person may want otherwise.
struct Limits {
  std::size_t workers = 8;                     // threads that answer requests
  std::size_t connections_max = 512;           // open at a time, listeners to events among them; more: closed at once
  std::size_t listeners_max = 64;              // to events: 503
  std::uint32_t request_ms_max = 10'000;       // from the first byte of a request to its last: closed
  std::uint32_t idle_ms_max = 30'000;          // of a connection between two requests: closed
  std::uint32_t answer_ms_max = 20'000;        // until the client has taken the answer: closed
  std::size_t requests_max = 100'000;          // on one connection; then it is closed
  std::size_t waiting_bytes_max = 64 << 20;    // of answers that clients have not taken, of all together: closed
  std::size_t listener_bytes_max = 256 << 10;  // of events that a listener has not taken: closed
  std::size_t announcements_max = 1'024;       // of findings that wait to be told; the oldest are left out
  std::uint32_t status_ms = 2'000;             // between two looks at what listeners are told
  std::uint32_t keep_alive_ms = 15'000;        // between two comments that keep a silent connection open
  std::uint32_t cache_ms = 500;                // for which an answer stands for those who ask the same
  std::size_t cache_entries_max = 256;
  std::size_t cache_bytes_max = 64 << 20;
  double writes_per_second = 10;  // of all clients together: 429
  double writes_burst = 30;
};

}  // namespace gridlock::dashboard
