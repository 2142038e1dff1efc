// `gridlock serve`: opens the store, puts campaigns, metrics and web server together, and waits until somebody ends it.
//
// May include: all of the engine, dashboard/server.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/campaign/programs.h"
#include "engine/cli/commands.h"
#include "engine/cli/interrupt.h"
#include "engine/cli/listen_address.h"
#include "engine/cli/serve_seams.h"
#include "engine/cli/sibling.h"
#include "engine/store/salvage.h"

namespace gridlock {
namespace {

constexpr std::chrono::milliseconds kWait{100};
// A dozen threads, of which most wait. glibc would give each a heap of its own, and each of these would grow to the
// largest page of metrics that its thread ever made.
constexpr int kHeapsMax = 2;
constexpr std::size_t kTokenBytesMin = 16;
constexpr std::size_t kTokenBytesMax = 512;

Result<std::string> read_token(const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path);
  std::string token;
  if (!std::getline(file, token)) return failure("read the token", path, "the file cannot be read, or is empty");
  if (token.size() < kTokenBytesMin || token.size() > kTokenBytesMax) {
    return failure("use the token", path,
                   fmt::format("its first line has {} bytes; from {} to {} are allowed, for example of `openssl rand "
                               "-hex 32`",
                               token.size(), kTokenBytesMin, kTokenBytesMax));
  }
  return token;
}

// The folder dashboard/ of the sources, or what was installed of it.
Result<std::filesystem::path> pages_folder(const std::string& wanted, const std::filesystem::path& programs) {
  const std::filesystem::path folder =
      wanted.empty() ? programs.parent_path() / "share" / "gridlock" / "dashboard" : std::filesystem::path(wanted);
  if (::access((folder / "static" / "index.html").c_str(), R_OK) == 0) return folder;
  return failure("find the pages", folder.string(),
                 "there is no static/index.html; give --pages the folder dashboard/");
}

Result<ExitCode> salvage_and_tell(const ServeOptions& options) {
  const auto report = store::salvage(options.data);
  if (!report) return std::unexpected(report.error());
  fmt::print("The broken database is {} now. A new one has\n", report->broken.string());
  for (const auto& table : report->tables) {
    fmt::print("  {:<20} {} rows", table.name, table.rows);
    if (table.refused > 0) fmt::print(", {} refused", table.refused);
    if (table.gaps > 0) fmt::print(", {} places unreadable", table.gaps);
    fmt::print("\n");
  }
  return ExitCode::kAsExpected;
}

// Everything that runs, in the order in which it can be taken down.
class Service {
 public:
  static Result<std::unique_ptr<Service>> create(const ServeOptions& options, std::span<const Target> targets);
  void run_until_interrupted();

 private:
  explicit Service(std::unique_ptr<store::Store> store) : store_(std::move(store)), herald_(*store_) {}
  Result<void> create_campaigns(const ServeOptions& options, const std::filesystem::path& programs);
  Result<void> create_server(const ServeOptions& options, const std::filesystem::path& programs,
                             std::span<const Target> targets);

  std::unique_ptr<store::Store> store_;
  campaign::SystemClock clock_;
  Herald herald_;
  std::string version_;
  std::string digest_;
  std::unique_ptr<metrics::ServiceMetrics> metrics_;
  std::unique_ptr<RequestCounter> requests_;
  std::unique_ptr<campaign::Orchestrator> campaigns_;
  std::unique_ptr<CampaignsLive> live_;
  std::unique_ptr<dashboard::Server> server_;
};

Result<std::unique_ptr<Service>> Service::create(const ServeOptions& options, std::span<const Target> targets) {
  const auto own = program_path();
  if (!own) return std::unexpected(own.error());
  auto store = store::Store::open(options.data);
  if (!store) return std::unexpected(store.error());
  std::unique_ptr<Service> service(new Service(std::move(*store)));
  const auto programs = own->parent_path();
  if (auto made = service->create_campaigns(options, programs); !made) return std::unexpected(made.error());
  if (auto made = service->create_server(options, programs, targets); !made) return std::unexpected(made.error());
  return service;
}

Result<void> Service::create_campaigns(const ServeOptions& options, const std::filesystem::path& programs) {
  auto digest = campaign::programs_digest(programs);
  if (!digest) return std::unexpected(digest.error());
  digest_ = std::move(*digest);
  version_ = fmt::format("{}-{}", GRIDLOCK_VERSION, digest_.substr(0, 8));
  metrics_ = std::make_unique<metrics::ServiceMetrics>(version_, digest_);
  requests_ = std::make_unique<RequestCounter>(*metrics_);
  campaign::OrchestratorOptions how;
  how.loop.programs = programs;
  how.loop.jobs = options.jobs > 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  how.filter.targets = options.targets;
  how.build_digest = digest_;
  how.version = version_;
  auto campaigns = campaign::Orchestrator::create(
      *store_, *metrics_, clock_, [this](store::FindingId finding) { herald_.tell(finding); }, how);
  if (!campaigns) return std::unexpected(campaigns.error());
  campaigns_ = std::move(*campaigns);
  return {};
}

Result<void> Service::create_server(const ServeOptions& options, const std::filesystem::path& programs,
                                    std::span<const Target> targets) {
  const auto listen = parse_listen_address(options.listen);
  if (!listen) return std::unexpected(listen.error());
  auto token = read_token(options.token_file);
  if (!token) return std::unexpected(token.error());
  const auto pages = pages_folder(options.pages, programs);
  if (!pages) return std::unexpected(pages.error());
  live_ = std::make_unique<CampaignsLive>(*campaigns_, targets);
  dashboard::ServerOptions how;
  how.address = listen->address;
  how.port = listen->port;
  how.static_folder = *pages / "static";
  how.openapi = *pages / "openapi.json";
  how.token = std::move(*token);
  how.served_by = {.version = GRIDLOCK_VERSION,
                   .build_digest = digest_,
                   .build_version = version_,
                   .program = programs / "gridlock"};
  how.observer = requests_.get();
  auto server = dashboard::Server::create(*store_, *live_, [this] { return metrics_->render(); }, {}, std::move(how));
  if (!server) return std::unexpected(server.error());
  server_ = std::move(*server);
  herald_.set_server(*server_);
  return {};
}

void Service::run_until_interrupted() {
  server_->listen();
  fmt::print("gridlock: serving {}\n", server_->url());
  std::fflush(stdout);
  campaigns_->start();
  while (!interrupted()) std::this_thread::sleep_for(kWait);
  fmt::print("gridlock: ending; what the campaigns have found is kept\n");
  std::fflush(stdout);
  campaigns_->stop();
  server_->stop();
}

}  // namespace

Result<ExitCode> run_command(const ServeOptions& options, std::span<const Target> targets) {
  // Wrong use is told before anything is made.
  if (auto listen = parse_listen_address(options.listen); !listen) return std::unexpected(listen.error());
  if (auto token = read_token(options.token_file); !token) return std::unexpected(token.error());
  if (options.salvage) return salvage_and_tell(options);
  ::mallopt(M_ARENA_MAX, kHeapsMax);
  catch_interrupts();
  auto service = Service::create(options, targets);
  if (!service) return std::unexpected(service.error());
  (*service)->run_until_interrupted();
  return ExitCode::kAsExpected;
}

}  // namespace gridlock
