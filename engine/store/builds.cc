// Store: builds and targets.
//
// May include: base, model.
#include "engine/store/store_impl.h"

namespace gridlock::store {
namespace {

Build build_of(Row& row) {
  return {.id = row.take<BuildId>(),
          .digest = row.take<std::string>(),
          .version = row.take<std::string>(),
          .first_seen = row.take<UnixMs>()};
}

TargetVariant target_of(Row& row) {
  return {.target = row.take<std::string>(),
          .variant = row.take<std::string>(),
          .summary = row.take<std::string>(),
          .expect = row.take<std::string>()};
}

}  // namespace

Result<Build> Store::record_build(std::string_view digest, std::string_view version, UnixMs now) {
  return impl_->write("record the build", [&](Connection& connection) {
    check_length("the digest of the build", digest.size(), kNameBytesMax);
    check_length("the version of the build", version.size(), kNameBytesMax);
    connection.run("INSERT INTO build (digest, version, first_seen) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", digest,
                   version, now);
    return *connection.row(build_of, "SELECT id, digest, version, first_seen FROM build WHERE digest = ?1", digest);
  });
}

Result<std::vector<Build>> Store::builds(std::uint32_t limit) const {
  // By number, not by time: clocks go back.
  return impl_->read("list the builds", [&](Connection& connection) {
    return connection.rows(build_of, "SELECT id, digest, version, first_seen FROM build ORDER BY id DESC LIMIT ?1",
                           std::min(limit, kRowsMax));
  });
}

Result<void> Store::record_targets(std::span<const TargetVariant> targets) {
  return impl_->write("record the targets", [&](Connection& connection) {
    check_length("the list of targets", targets.size(), kRowsMax);
    connection.run("DELETE FROM target_variant");
    for (const TargetVariant& each : targets) {
      connection.run("INSERT INTO target_variant (target, variant, summary, expect) VALUES (?1, ?2, ?3, ?4)",
                     each.target, each.variant, each.summary, each.expect);
    }
  });
}

Result<std::vector<TargetVariant>> Store::targets() const {
  return impl_->read("list the targets", [](Connection& connection) {
    return connection.rows(target_of, "SELECT target, variant, summary, expect FROM target_variant ORDER BY id");
  });
}

}  // namespace gridlock::store
