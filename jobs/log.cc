#include "jobs/log.h"

#include <algorithm>
#include <array>

#include "engine/base/little_endian.h"

namespace yard::jobs {
namespace {

constexpr std::size_t kHeadBytes = 40;

WallTime wall_time(std::uint64_t ns) { return WallTime(Nanos(static_cast<std::int64_t>(ns))); }

}  // namespace

std::string_view name_of(Grade grade) {
  constexpr std::array<std::string_view, 3> kNames = {"volatile", "buffered", "synced"};
  return kNames[static_cast<std::size_t>(grade)];
}

std::optional<Grade> parse_grade(std::string_view name) {
  for (const Grade grade : {Grade::kVolatile, Grade::kBuffered, Grade::kSynced}) {
    if (name == name_of(grade)) return grade;
  }
  return std::nullopt;
}

void RecordBatch::append(const RecordHead& head, BytesView body) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + kHeadBytes);
  char* place = bytes_.data() + at;
  place[0] = static_cast<char>(head.kind);
  place[1] = static_cast<char>(head.grade);
  store_le(place + 4, static_cast<std::uint32_t>(body.size()));
  store_uuid(place + 8, head.job.value());
  store_le(place + 24, head.lsn);
  store_le(place + 32, to_ns(head.time));
  bytes_.append(body);
  ++count_;
  grade_ = std::max(grade_, head.grade);
}

void RecordBatch::clear() {
  bytes_.clear();
  count_ = 0;
  grade_ = Grade::kVolatile;
}

Status each_record(BytesView bytes, const RecordVisit& visit) {
  while (!bytes.empty()) {
    if (bytes.size() < kHeadBytes) return fail(ErrorCode::kBadFrame, "record: torn head");
    const std::size_t size = load_le<std::uint32_t>(bytes, 4);
    if (bytes.size() - kHeadBytes < size) return fail(ErrorCode::kBadFrame, "record: torn body");
    YARD_TRY_STATUS(visit({.head = {.kind = RecordKind{static_cast<std::uint8_t>(bytes[0])},
                                    .grade = Grade{static_cast<std::uint8_t>(bytes[1])},
                                    .job = JobId(load_uuid(bytes, 8)),
                                    .lsn = load_le<std::uint64_t>(bytes, 24),
                                    .time = wall_time(load_le<std::uint64_t>(bytes, 32))},
                           .body = bytes.substr(kHeadBytes, size),
                           .whole = bytes.substr(0, kHeadBytes + size)}));
    bytes.remove_prefix(kHeadBytes + size);
  }
  return {};
}

Result<LogPosition> MemoryLog::replay(const RecordVisit& visit) {
  YARD_TRY_STATUS(each_record(kept_, visit));
  return last_;
}

void MemoryLog::append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) {
  const bool fenced = epoch < epoch_;
  epoch_ = std::max(epoch_, epoch);
  if (!fenced) {
    last_ = last;
    if (keep_records_) kept_.append(batch.bytes());
  }
  decided_.push_back({fenced ? CommitOutcome::kFenced : CommitOutcome::kCommitted, last});
  batch.clear();
}

void MemoryLog::completions(std::vector<Commit>& out) {
  out.clear();
  std::swap(out, decided_);
}

}  // namespace yard::jobs
