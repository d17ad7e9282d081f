#include "engine/journal/snapshot.h"

#include "engine/base/check.h"

namespace yard::journal {

DiskResult<SnapshotWriter> SnapshotWriter::create(Disk& disk, const FileHeader& header) {
  YARD_TRY(auto file, disk.open(temporary_name(FileKind::kSnapshot, header.position), OpenMode::kCreate));
  SnapshotWriter writer(disk, std::move(file), header);
  const Bytes bytes = encode_file_header(header);
  YARD_TRY_STATUS(writer.file_->write(0, bytes));
  writer.end_ = bytes.size();
  return writer;
}

// A temporary file that stays after all is removed when the journal is next opened.
SnapshotWriter::~SnapshotWriter() {
  if (file_) static_cast<void>(disk_.remove(temporary_name(FileKind::kSnapshot, header_.position)));
}

DiskStatus SnapshotWriter::append(BytesView chunk) {
  YARD_CHECK(!sealed_);
  return write(chunk, 1);
}

DiskStatus SnapshotWriter::write(BytesView chunk, std::uint32_t count) {
  if (failed_) return std::unexpected(*failed_);
  buffer_.clear();
  chain_ = append_entry(buffer_, {.count = count, .durable = header_.position, .chain = chain_}, chunk, header_.owner);
  const DiskStatus status = file_->write(end_, buffer_);
  if (!status) failed_ = status.error();
  end_ += buffer_.size();
  return status;
}

DiskStatus SnapshotWriter::seal() {
  if (sealed_) return {};
  YARD_TRY_STATUS(write({}, 0));
  const DiskStatus status = file_->sync();
  if (!status) failed_ = status.error();
  sealed_ = status.has_value();
  return status;
}

DiskStatus SnapshotWriter::publish() {
  YARD_TRY_STATUS(seal());
  const DiskStatus status = disk_.rename(temporary_name(FileKind::kSnapshot, header_.position),
                                         file_name(FileKind::kSnapshot, header_.position));
  if (status) file_.reset();
  return status;
}

Checked<SnapshotReader> SnapshotReader::open(Disk& disk, std::uint64_t position) {
  YARD_TRY(EntryReader reader, EntryReader::open(disk, file_name(FileKind::kSnapshot, position)));
  return SnapshotReader(std::move(reader));
}

Checked<std::optional<BytesView>> SnapshotReader::next() {
  YARD_TRY(const auto entry, reader_.next());
  if (!entry) return reader_.damage("the snapshot ends before its end mark");
  if (entry->count > 0) return entry->body;
  YARD_TRY(const auto behind, reader_.next());
  if (behind) return reader_.damage("the snapshot goes on behind its end mark");
  return std::nullopt;
}

Status read_snapshot(Disk& disk, std::uint64_t position, const std::function<Status(BytesView)>& visit) {
  auto reader = SnapshotReader::open(disk, position);
  if (!reader) return std::unexpected(to_error(reader.error()));
  for (;;) {
    const auto chunk = reader->next();
    if (!chunk) return std::unexpected(to_error(chunk.error()));
    if (!*chunk) return {};
    YARD_TRY_STATUS(visit(**chunk));
  }
}

Checked<FileHeader> check_snapshot(Disk& disk, std::uint64_t position) {
  YARD_TRY(SnapshotReader reader, SnapshotReader::open(disk, position));
  for (;;) {
    YARD_TRY(const auto chunk, reader.next());
    if (!chunk) return reader.header();
  }
}

}  // namespace yard::journal
