#include "engine/store/store.h"

#include <fmt/format.h>

#include <string_view>
#include <system_error>

#include "engine/store/migrations.h"
#include "engine/store/salvage.h"
#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

// One that was closed well is checked as well if that takes no time: disks spoil what nobody writes to.
constexpr std::uintmax_t kCheckedAlwaysBytesMax = 64 << 20;

bool is_small(const std::filesystem::path& database) {
  std::error_code error;
  return std::filesystem::file_size(database, error) <= kCheckedAlwaysBytesMax && !error;
}

// Reads the whole database; gigabytes take seconds.
void check_whole(Connection& connection, const std::string& path) {
  const auto said = connection.value<std::string>("PRAGMA quick_check(1)").value_or("nothing");
  if (said == "ok") return;
  throw Failed{.error = {.tried = "",
                         .on = path,
                         .advice = said + ": the database is broken; \"gridlock serve --salvage\" with the same data "
                                          "folder reads what is left into a new database and keeps the broken file"},
               .broken = true};
}

// The writer's connection calls this for each row that it inserts, changes or deletes.
void note_change(void* version, int, const char*, const char* table, sqlite3_int64) {
  if (std::string_view(table) == "finding") static_cast<FindingsVersion*>(version)->change_begins();
}

}  // namespace

void check_length(std::string_view what, std::size_t length, std::size_t length_max) {
  if (length <= length_max) return;
  refuse(std::string(what), fmt::format("{} is too long; at most {} are taken", length, length_max));
}

std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  constexpr std::size_t kCharacterBytesMax = 4;
  constexpr unsigned kTopBits = 0xc0;
  constexpr unsigned kContinues = 0x80;
  while (end > 0 && bytes_max - end < kCharacterBytesMax &&
         (static_cast<unsigned char>(text[end]) & kTopBits) == kContinues) {
    --end;
  }
  return text.substr(0, end);
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& data_folder) {
  std::error_code error;
  std::filesystem::create_directories(data_folder, error);
  if (error) return failure("make the data folder", data_folder.string(), error.message());
  auto lock = FolderLock::take(data_folder);
  if (!lock) return std::unexpected(lock.error());
  auto impl = std::make_unique<Impl>(data_folder, std::move(*lock));
  if (auto finished = finish_salvage(data_folder); !finished) return std::unexpected(finished.error());
  if (auto prepared = impl->blobs.prepare(); !prepared) return std::unexpected(prepared.error());
  const auto opened = impl->open_database();
  if (!opened) return std::unexpected(opened.error());
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<void> Store::Impl::open_database() {
  return without_exceptions("open the database", folder, is_broken, [this] {
    const auto path = database_of(folder);
    writer = std::make_unique<Connection>(path, Connection::Use::kWrite);
    if (lock.was_left_open() || is_small(path)) check_whole(*writer, path.string());
    migrate(*writer, migrations());
    sqlite3_update_hook(writer->handle(), note_change, &findings_version);
    for (std::size_t count = 0; count < kReaders; ++count) {
      readers.push_back(std::make_unique<Connection>(path, Connection::Use::kRead));
    }
  });
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
  impl_->readers.clear();
  impl_->writer.reset();
  if (!impl_->is_broken) impl_->lock.closed_well();
}

const std::filesystem::path& Store::folder() const {
  return impl_->folder;
}

Result<BlobName> Store::put_blob(std::string_view bytes) {
  return impl_->blobs.put(bytes);
}

Result<std::string> Store::blob(const BlobName& name) const {
  return impl_->blobs.get(name);
}

}  // namespace gridlock::store
