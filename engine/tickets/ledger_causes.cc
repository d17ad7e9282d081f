#include <algorithm>
#include <optional>

#include "engine/tickets/ledger.h"

namespace yard::tickets {
namespace {

Status malformed(std::string_view what) {
  return fail(ErrorCode::kBadFrame, "the body of a cause: " + std::string(what));
}

// The place of the one with that name.
template <typename Id, typename List>
std::optional<Id> id_of(const List& list, PackView name) {
  const auto text = name.string();
  const auto found = std::ranges::find_if(list, [&](const auto& one) { return text == one.name; });
  if (found == list.end()) return std::nullopt;
  return Id(static_cast<std::uint32_t>(found - list.begin()));
}

std::optional<std::uint64_t> natural_of(PackView value) {
  PackToken token;
  PackCursor cursor(value.bytes());
  if (!value || !cursor.next(token) || token.type != PackType::kInteger) return std::nullopt;
  return token.natural;
}

}  // namespace

Status Ledger::take_cause(const Record& record) {
  YARD_TRY_STATUS(check_pack(record.body));
  const PackView body(record.body);
  switch (record.head.kind) {
    case RecordKind::kDeliver: return take_delivery(body);
    case RecordKind::kReceiptAppended: return take_receipt(body);
    case RecordKind::kSet: return take_set(body);
    case RecordKind::kCheckPoint: return check_point();
    case RecordKind::kRollBack: return roll_back();
    default: return fail(ErrorCode::kUnsupported, "a ledger knows no cause " + std::string(name_of(record.head.kind)));
  }
}

Status Ledger::take_delivery(PackView body) {
  const auto reducer = id_of<ReducerId>(definition_.reducers, body.find("reducer"));
  const auto key = body.find("key").binary();
  const auto payload = body.find("payload").binary();
  const auto priority = body.find("priority").integer();
  if (!reducer || !key || !payload || !priority || *priority < 0 || *priority >= kPriorities)
    return malformed("Deliver");
  return deliver({*reducer, *key}, *payload, static_cast<std::uint8_t>(*priority));
}

Status Ledger::take_receipt(PackView body) {
  const auto high = natural_of(body.find("intent_high"));
  const auto low = natural_of(body.find("intent_low"));
  const auto succeeded = body.find("succeeded").boolean();
  const auto payload = body.find("payload").binary();
  if (!high || !low || !succeeded || !payload) return malformed("ReceiptAppended");
  return receipt({.high = *high, .low = *low}, *succeeded, *payload);
}

Status Ledger::take_set(PackView body) {
  if (const auto cell = id_of<CellId>(definition_.cells, body.find("cell"))) {
    const auto value = body.find("value").binary();
    return value ? set_cell(*cell, *value) : malformed("Set");
  }
  const auto budget = id_of<BudgetId>(definition_.budgets, body.find("budget"));
  const auto left = natural_of(body.find("left"));
  return budget && left ? set_budget(*budget, *left) : malformed("Set");
}

}  // namespace yard::tickets
