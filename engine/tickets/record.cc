#include "engine/tickets/record.h"

#include <algorithm>
#include <array>
#include <utility>

namespace yard::tickets {
namespace {

constexpr std::array kNames = {
    std::pair(RecordKind::kSet, std::string_view("Set")),
    std::pair(RecordKind::kEmit, std::string_view("Emit")),
    std::pair(RecordKind::kAdvance, std::string_view("Advance")),
    std::pair(RecordKind::kReload, std::string_view("Reload")),
    std::pair(RecordKind::kReceiptAppended, std::string_view("ReceiptAppended")),
    std::pair(RecordKind::kPolicyDecision, std::string_view("PolicyDecision")),
    std::pair(RecordKind::kDemand, std::string_view("Demand")),
    std::pair(RecordKind::kDeliver, std::string_view("Deliver")),
    std::pair(RecordKind::kCheckPoint, std::string_view("CheckPoint")),
    std::pair(RecordKind::kRollBack, std::string_view("RollBack")),
    std::pair(RecordKind::kBegan, std::string_view("Began")),
    std::pair(RecordKind::kStepScheduled, std::string_view("StepScheduled")),
    std::pair(RecordKind::kStepCommitted, std::string_view("StepCommitted")),
    std::pair(RecordKind::kEffectQueued, std::string_view("EffectQueued")),
    std::pair(RecordKind::kStepFailed, std::string_view("StepFailed")),
    std::pair(RecordKind::kStepSkipped, std::string_view("StepSkipped")),
    std::pair(RecordKind::kInvariantBroken, std::string_view("InvariantBroken")),
    std::pair(RecordKind::kCycleLimit, std::string_view("CycleLimit")),
    std::pair(RecordKind::kBudgetDenied, std::string_view("BudgetDenied")),
    std::pair(RecordKind::kDeferred, std::string_view("Deferred")),
    std::pair(RecordKind::kSettled, std::string_view("Settled")),
};

bool is_known(std::uint8_t kind) {
  return std::ranges::any_of(kNames, [&](const auto& row) { return static_cast<std::uint8_t>(row.first) == kind; });
}

}  // namespace

std::string_view name_of(RecordKind kind) {
  const auto* row = std::ranges::find(kNames, kind, [](const auto& name) { return name.first; });
  return row == kNames.end() ? "unknown" : row->second;
}

std::string_view name_of(JournalLevel level) {
  switch (level) {
    case JournalLevel::kOff: return "off";
    case JournalLevel::kCauses: return "causes";
    case JournalLevel::kFull: return "full";
  }
  return "unknown";
}

std::optional<JournalLevel> journal_level(std::string_view name) {
  for (const JournalLevel level : {JournalLevel::kOff, JournalLevel::kCauses, JournalLevel::kFull})
    if (name == name_of(level)) return level;
  return std::nullopt;
}

Result<std::optional<Record>> take_record(BytesView& bytes) {
  if (bytes.empty()) return std::nullopt;
  if (bytes.size() < kRecordHeadBytes) return fail(ErrorCode::kBadFrame, "record: torn head");
  const auto total = load_le<std::uint32_t>(bytes, 0);
  const std::size_t padded = (std::size_t{total} + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
  if (total < kRecordHeadBytes || total > kRecordBytesMax || padded > bytes.size())
    return fail(ErrorCode::kBadFrame, "record: a length of " + std::to_string(total));
  const auto kind = load_le<std::uint8_t>(bytes, 4);
  const auto flags = load_le<std::uint8_t>(bytes, 5);
  if (!is_known(kind)) return fail(ErrorCode::kBadFrame, "record: unknown kind " + std::to_string(kind));
  if (flags > 1) return fail(ErrorCode::kBadFrame, "record: unknown flags " + std::to_string(flags));
  if (bytes.substr(total, padded - total).find_first_not_of('\0') != BytesView::npos)
    return fail(ErrorCode::kBadFrame, "record: padding that is not zero");
  const Record record{.head = {.kind = static_cast<RecordKind>(kind),
                               .joined = flags == 1,
                               .lane = load_le<std::uint16_t>(bytes, 6),
                               .event_id = load_le<std::uint64_t>(bytes, 8)},
                      .body = bytes.substr(kRecordHeadBytes, total - kRecordHeadBytes)};
  bytes.remove_prefix(padded);
  return record;
}

}  // namespace yard::tickets
