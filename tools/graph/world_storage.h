// WorldStorage: the folder of a hosted world.
//
//   world.json   the manifest
//   journal/     the world's journal
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/journal/posix_disk.h"
#include "engine/world/world_log.h"
#include "tools/graph/manifest.h"

namespace yard::tools {

// Threads: one.
class WorldStorage {
 public:
  // Makes the folder where it is missing, and holds it. Errors: PosixDisk::open's.
  [[nodiscard]] static Result<std::unique_ptr<WorldStorage>> open(const std::filesystem::path& folder);

  [[nodiscard]] Result<Manifest> manifest() { return read_manifest(*disk_); }
  [[nodiscard]] Status put(const Manifest& manifest) { return write_manifest(*disk_, manifest); }

  // Begins the journal of `world`. Errors: WorldLog::create's.
  [[nodiscard]] Status begin(const graph::World& world);
  // The world as its journal has it. Errors: WorldLog::open's.
  [[nodiscard]] Result<std::unique_ptr<graph::World>> recover(const std::shared_ptr<const graph::Kinds>& kinds,
                                                              const std::stop_token& stop);

  // Writes what `world` has written since it was cleared; with `synced` it survives the power. Errors: kIo: the same
  // may be tried again; kOverQuota: its journal is as long as one may be until the world is at rest.
  [[nodiscard]] Status keep(const graph::World& world, bool synced);
  // Has the journal begin with a snapshot, if it has become long. The world is at rest and kept. Errors: kIo.
  [[nodiscard]] Status compact(const graph::World& world);
  // Ends the journal in order. Errors: kIo.
  [[nodiscard]] Status close();

  [[nodiscard]] journal::Disk& journal_disk() { return *journal_disk_; }
  [[nodiscard]] std::uint64_t records() const { return log_ ? log_->position() : 0; }

 private:
  WorldStorage(std::unique_ptr<journal::PosixDisk> disk, std::unique_ptr<journal::PosixDisk> journal_disk)
      : disk_(std::move(disk)), journal_disk_(std::move(journal_disk)) {}

  std::unique_ptr<journal::PosixDisk> disk_;
  std::unique_ptr<journal::PosixDisk> journal_disk_;
  std::optional<graph::WorldLog> log_;
  std::uint64_t bytes_ = 0;  // written since the last snapshot
};

}  // namespace yard::tools
