// Disk: the seam through which the journal touches files, so that a simulator can stand behind it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/error.h"

namespace yard::journal {

enum class DiskError : std::uint8_t {
  kFull,      // no space or quota: the same may succeed later
  kFailed,    // anything else: what is on the disk is unknown
  kNotFound,  // no file of that name
};

struct DiskFailure {
  DiskError kind = DiskError::kFailed;
  std::string message;  // names the file and the operation
};

template <typename T>
using DiskResult = std::expected<T, DiskFailure>;
using DiskStatus = DiskResult<void>;

// For callers to whom a full disk is an error like any other: kIo, or kNotFound.
[[nodiscard]] inline Error to_error(const DiskFailure& failure) {
  const ErrorCode code = failure.kind == DiskError::kNotFound ? ErrorCode::kNotFound : ErrorCode::kIo;
  return {.code = code, .message = failure.message};
}

// An open file; closed with the object.
//
// Units:   offsets and sizes in bytes.
// Threads: one at a time.
class DiskFile {
 public:
  virtual ~DiskFile() = default;

  // Fills `into` from `offset` on and returns how much there was: less than asked only at the file's end.
  [[nodiscard]] virtual DiskResult<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;

  // Writes all of `bytes`. After an error any part of them may have been written.
  [[nodiscard]] virtual DiskStatus write(std::uint64_t offset, BytesView bytes) = 0;

  // Returns when all that was written, and the size, survives a loss of power. Never to be tried again
  // after an error: the kernel may have dropped what it could not write, and then says yes.
  [[nodiscard]] virtual DiskStatus sync() = 0;

  // Cuts the file, or extends it with zeros.
  [[nodiscard]] virtual DiskStatus truncate(std::uint64_t size) = 0;

  // Extends the file with zeros to `size` and reserves their space, where the file system can.
  [[nodiscard]] virtual DiskStatus preallocate(std::uint64_t size) = 0;

  [[nodiscard]] virtual DiskResult<std::uint64_t> size() = 0;
};

enum class OpenMode : std::uint8_t {
  kCreate,     // read and write; empty, whatever was there
  kReadWrite,  // an existing file
  kRead,       // an existing file
};

// One folder of files.
// Threads: any.
class Disk {
 public:
  virtual ~Disk() = default;

  // The names of all files, in no particular order.
  [[nodiscard]] virtual DiskResult<std::vector<std::string>> list() = 0;

  [[nodiscard]] virtual DiskResult<std::unique_ptr<DiskFile>> open(const std::string& name, OpenMode mode) = 0;

  // Replaces `to`, if there is one, in one step.
  [[nodiscard]] virtual DiskStatus rename(const std::string& from, const std::string& to) = 0;

  [[nodiscard]] virtual DiskStatus remove(const std::string& name) = 0;

  // Returns when creations, renames and removals survive a loss of power.
  [[nodiscard]] virtual DiskStatus sync_dir() = 0;
};

}  // namespace yard::journal
