// PosixDisk: a folder of the machine's own file system.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "engine/base/fd.h"
#include "engine/base/result.h"
#include "engine/journal/disk.h"

namespace yard::journal {

// Holds the folder's LOCK for its own lifetime: alone to write, shared to read.
class PosixDisk final : public Disk {
 public:
  enum class Access : std::uint8_t { kWrite, kRead };

  // Errors:  kNotFound (no such folder), kUnavailable (another process or object holds its lock),
  //          kUnsupported (a network file system: neither flock nor fsync can be relied on), kIo.
  [[nodiscard]] static Result<std::unique_ptr<PosixDisk>> open(const std::filesystem::path& folder, Access access);

  [[nodiscard]] DiskResult<std::vector<std::string>> list() override;
  [[nodiscard]] DiskResult<std::unique_ptr<DiskFile>> open(const std::string& name, OpenMode mode) override;
  [[nodiscard]] DiskStatus rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] DiskStatus remove(const std::string& name) override;
  [[nodiscard]] DiskStatus sync_dir() override;

 private:
  PosixDisk(Fd folder, Fd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}

  Fd folder_;
  Fd lock_;
};

// The name of the network file system that statfs calls `type`; none for those of the machine.
// Source: linux/magic.h and statfs(2).
[[nodiscard]] std::optional<std::string_view> network_file_system(std::uint32_t type);

}  // namespace yard::journal
