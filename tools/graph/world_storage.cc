#include "tools/graph/world_storage.h"

namespace yard::tools {
namespace {

using journal::PosixDisk;

// A start replays no more, unless the world never came to rest.
constexpr std::uint64_t kRecordsASnapshot = 1'000'000;
constexpr std::uint64_t kBytesASnapshot = std::uint64_t{256} << 20;
constexpr std::uint64_t kBytesMax = std::uint64_t{4} << 30;  // a world that runs for ever must not fill the disk

}  // namespace

Result<std::unique_ptr<WorldStorage>> WorldStorage::open(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder / "journal", error);
  if (error) return fail(ErrorCode::kIo, "cannot make the world's folder: " + error.message());
  YARD_TRY(auto disk, PosixDisk::open(folder, PosixDisk::Access::kWrite));
  YARD_TRY(auto journal_disk, PosixDisk::open(folder / "journal", PosixDisk::Access::kWrite));
  return std::unique_ptr<WorldStorage>(new WorldStorage(std::move(disk), std::move(journal_disk)));
}

Status WorldStorage::begin(const graph::World& world) {
  YARD_TRY(log_, graph::WorldLog::create(*journal_disk_, world));
  return {};
}

Result<std::unique_ptr<graph::World>> WorldStorage::recover(const std::shared_ptr<const graph::Kinds>& kinds,
                                                            const std::stop_token& stop) {
  YARD_TRY(auto opened, graph::WorldLog::open(*journal_disk_, kinds, nullptr, stop));
  log_ = std::move(opened.log);
  return std::move(opened.world);
}

Status WorldStorage::keep(const graph::World& world, bool synced) {
  if (world.journal_part().records == 0) return {};
  if (bytes_ > kBytesMax)
    return fail(ErrorCode::kOverQuota, "the journal has grown by 4 GiB and the world did not come to rest: unload it");
  YARD_TRY_STATUS(log_->append(world));
  bytes_ += world.journal_part().bytes.size();
  return synced ? log_->sync() : Status();
}

Status WorldStorage::compact(const graph::World& world) {
  if (log_->position() - log_->snapshot_position() < kRecordsASnapshot && bytes_ < kBytesASnapshot) return {};
  bytes_ = 0;
  return log_->snapshot(world);
}

Status WorldStorage::close() { return log_ ? log_->close() : Status(); }

}  // namespace yard::tools
