#include "jobs/log.h"

#include <algorithm>
#include <array>

#include "engine/base/little_endian.h"

namespace yard::jobs {
namespace {

constexpr std::size_t kRecordHead = 24;

}  // namespace

std::string_view name_of(Grade grade) {
  constexpr std::array<std::string_view, 3> kNames = {"volatile", "buffered", "synced"};
  return kNames[static_cast<std::size_t>(grade)];
}

void RecordBatch::append(RecordKind kind, Grade grade, JobId job, BytesView body) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + kRecordHead);
  char* head = bytes_.data() + at;
  head[0] = static_cast<char>(kind);
  head[1] = static_cast<char>(grade);
  store_le(head + 4, static_cast<std::uint32_t>(body.size()));
  store_uuid(head + 8, job.value());
  bytes_.append(body);
  ++count_;
  grade_ = std::max(grade_, grade);
}

void RecordBatch::clear() {
  bytes_.clear();
  count_ = 0;
  grade_ = Grade::kVolatile;
}

Status each_record(BytesView bytes, const std::function<void(const Record&)>& visit) {
  while (!bytes.empty()) {
    if (bytes.size() < kRecordHead) return fail(ErrorCode::kBadFrame, "record: torn head");
    const std::size_t size = load_le<std::uint32_t>(bytes, 4);
    if (bytes.size() - kRecordHead < size) return fail(ErrorCode::kBadFrame, "record: torn body");
    visit({.kind = RecordKind{static_cast<std::uint8_t>(bytes[0])},
           .grade = Grade{static_cast<std::uint8_t>(bytes[1])},
           .job = JobId(load_uuid(bytes, 8)),
           .body = bytes.substr(kRecordHead, size)});
    bytes.remove_prefix(kRecordHead + size);
  }
  return {};
}

void MemoryLog::append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) {
  const bool fenced = epoch < epoch_;
  epoch_ = std::max(epoch_, epoch);
  if (keep_records_ && !fenced) kept_.append(batch.bytes());
  decided_.push_back({fenced ? CommitOutcome::kFenced : CommitOutcome::kCommitted, last});
  batch.clear();
}

void MemoryLog::completions(std::vector<Commit>& out) {
  out.insert(out.end(), decided_.begin(), decided_.end());
  decided_.clear();
}

Status MemoryLog::replay(const std::function<void(const Record&)>& visit) { return each_record(kept_, visit); }

}  // namespace yard::jobs
