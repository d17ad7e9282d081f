// EntryReader: the entries of one file, checked one by one.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/journal/disk.h"
#include "engine/journal/format.h"

namespace yard::journal {

// Where a file is not what it should be.
struct Damage {
  ErrorCode code = ErrorCode::kBadFrame;  // kBadFrame, kUnsupported, kTruncated (missing), kConflict (owner), kIo
  std::string file;
  std::uint64_t offset = 0;  // in bytes
  std::string what;
};

// "log-…: byte 4096: what".
[[nodiscard]] Error to_error(const Damage& damage);

template <typename T>
using Checked = std::expected<T, Damage>;

// An entry: records that were written together.
struct EntryView {
  std::uint64_t first = 0;  // position of its first record
  std::uint32_t count = 0;  // records; 0: a seal, which has no body
  BytesView body;           // borrows from the reader until its next call
};

// Returns an error to stop.
using Visit = std::function<Status(const EntryView&)>;

// Reads a segment or a snapshot from its start, through a buffer of 256 KiB that grows to hold the largest
// entry. After damage it stays where it is.
//
// Threads: one; any number of readers beside the writer.
class EntryReader {
 public:
  // Errors: kBadFrame, kUnsupported (the header), kTruncated (no such file), kIo.
  [[nodiscard]] static Checked<EntryReader> open(Disk& disk, std::string name);

  // Reads on, up to `end` at most; the file's size if it is never called.
  void set_end(std::uint64_t end) { end_ = end; }

  // The next entry; none at the end.
  [[nodiscard]] Checked<std::optional<EntryView>> next();

  // What lies behind an entry that could not be read.
  struct Tail {
    std::uint64_t bytes = 0;                // up to the last that is not zero
    std::optional<std::uint64_t> claim_at;  // an intact head here says that the next position was durable
  };
  [[nodiscard]] Checked<Tail> read_tail();

  [[nodiscard]] const FileHeader& header() const { return header_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }      // where the next entry begins
  [[nodiscard]] std::uint64_t position() const { return position_; }  // of the last record read
  [[nodiscard]] std::uint64_t chain() const { return chain_; }        // after the last record read
  [[nodiscard]] std::unexpected<Damage> damage(std::string what) const;

 private:
  EntryReader(std::unique_ptr<DiskFile> file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  [[nodiscard]] Checked<void> read_header();
  [[nodiscard]] Checked<char*> load(std::uint64_t offset, std::size_t size);

  std::unique_ptr<DiskFile> file_;
  std::string name_;
  FileHeader header_;
  std::uint64_t end_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t chain_ = 0;
  Bytes buffer_;  // the file's bytes from buffer_at_ on
  std::uint64_t buffer_at_ = 0;
  std::size_t buffered_ = 0;
};

// Visits the entries of a closed segment, seals not among them. The file may be removed meanwhile.
//
// Errors:  kBadFrame, kUnsupported, kTruncated (it is gone), kIo, and what `visit` returns.
// Threads: any, beside the writer.
[[nodiscard]] Status read_segment(Disk& disk, std::uint64_t first_position, const Visit& visit);

// The same for what is left of a reader.
[[nodiscard]] Status read_entries(EntryReader& reader, const Visit& visit);

}  // namespace yard::journal
