#include "engine/world/cause.h"

#include "engine/graph/value.h"
#include "engine/world/byte_fields.h"

namespace yard::graph {
namespace {

using tickets::Record;
using tickets::RecordHead;
using tickets::RecordKind;

constexpr std::uint32_t kRecordsVersion = 1;
constexpr std::uint16_t kAsTheDocument = 0;
constexpr std::uint16_t kPull = 1;
constexpr std::uint16_t kPush = 2;
constexpr std::size_t kReceiptHeadBytes = 17;
constexpr std::uint8_t kNoFault = 0;
constexpr std::uint8_t kTextType = 3;  // behind bool, int64 and double, as in Value and DataType

std::unexpected<Error> malformed() { return fail(ErrorCode::kBadFrame, "cause: a body of another shape"); }

void append_scalar(Bytes& out, RecordHead head, std::uint32_t output, std::uint32_t type, Cell value) {
  tickets::append_record(out, head, 16, [&](char* place) {
    store_le(place, output);
    store_le(place + 4, type);
    store_le(place + 8, value.bits());
  });
}

void append_port(Bytes& out, RecordHead head, RecordKind kind, std::uint32_t output, const Value& value) {
  head.kind = kind;
  if (value.index() < kTextType)
    return append_scalar(out, head, output, static_cast<std::uint32_t>(value.index()), to_cell(value));
  const std::string_view text = std::get<Text>(value).view();
  tickets::append_record(out, head, 8 + text.size(), [&](char* place) {
    store_le(place, output);
    store_le(place + 4, std::uint32_t{kTextType});
    text.copy(place + 8, text.size());
  });
}

Result<Value> scalar(std::uint32_t type, std::uint64_t bits) {
  const Cell cell = Cell::from_bits(bits);
  switch (type) {
    case 0:
      if (bits > 1) return malformed();
      return Value(cell.get<bool>());
    case 1: return Value(cell.get<std::int64_t>());
    case 2: return Value(Cell(cell.get<double>()).get<double>());
    default: return malformed();
  }
}

template <typename T>
Result<Cause> read_port(BytesView body) {
  ByteReader reader(body);
  T cause;
  cause.output = reader.number<std::uint32_t>();
  const auto type = reader.number<std::uint32_t>();
  if (type == kTextType) {
    if (!reader.is_good()) return malformed();
    cause.value = Text(std::string(reader.rest()));
    return cause;
  }
  const auto bits = reader.number<std::uint64_t>();
  if (!reader.is_done()) return malformed();
  YARD_TRY(cause.value, scalar(type, bits));
  return cause;
}

struct Append {
  Bytes& out;
  RecordHead head;

  void operator()(const SetCause& cause) const { append_port(out, head, RecordKind::kSet, cause.output, cause.value); }
  void operator()(const EmitCause& cause) const {
    append_port(out, head, RecordKind::kEmit, cause.output, cause.value);
  }
  void operator()(const AdvanceCause& cause) const {
    write(RecordKind::kAdvance, 8, [&](char* place) { store_le(place, cause.to_ns); });
  }
  void operator()(const DemandCause& cause) const {
    write(RecordKind::kDemand, 8, [&](char* place) {
      store_le(place, cause.output);
      store_le(place + 4, std::uint32_t{cause.looked_at});
    });
  }
  void operator()(const ReloadCause& cause) const {
    write(RecordKind::kReload, cause.graph.size(), [&](char* place) { cause.graph.copy(place, cause.graph.size()); });
  }
  void operator()(const BeganCause& cause) const {
    write(RecordKind::kBegan, 8, [&](char* place) {
      store_le(place, kRecordsVersion);
      store_le(place + 4, static_cast<std::uint16_t>(cause.level));
      store_le(place + 6, static_cast<std::uint16_t>(!cause.pull ? kAsTheDocument : *cause.pull ? kPull : kPush));
    });
  }
  void operator()(const ReceiptCause& cause) const {
    write(RecordKind::kReceiptAppended, kReceiptHeadBytes + cause.text.size(), [&](char* place) {
      store_le(place, cause.intent.high);
      store_le(place + 8, cause.intent.low);
      store_le(place + 16, cause.fault ? static_cast<std::uint8_t>(*cause.fault) : kNoFault);
      cause.text.copy(place + kReceiptHeadBytes, cause.text.size());
    });
  }
  void operator()(const CheckPointCause&) const {
    write(RecordKind::kCheckPoint, 0, [](char*) {});
  }
  void operator()(const RollBackCause&) const {
    write(RecordKind::kRollBack, 0, [](char*) {});
  }

  template <typename Write>
  void write(RecordKind kind, std::size_t size, Write&& body) const {
    RecordHead own = head;
    own.kind = kind;
    tickets::append_record(out, own, size, body);
  }
};

Result<Cause> read_advance(BytesView body) {
  ByteReader reader(body);
  const AdvanceCause cause{reader.number<std::int64_t>()};
  if (!reader.is_done()) return malformed();
  return cause;
}

Result<Cause> read_demand(BytesView body) {
  ByteReader reader(body);
  const auto output = reader.number<std::uint32_t>();
  const auto looked_at = reader.number<std::uint32_t>();
  if (!reader.is_done() || looked_at > 1) return malformed();
  return DemandCause{output, looked_at == 1};
}

Result<Cause> read_receipt(BytesView body) {
  ByteReader reader(body);
  ReceiptCause cause;
  cause.intent.high = reader.number<std::uint64_t>();
  cause.intent.low = reader.number<std::uint64_t>();
  const auto code = reader.number<std::uint8_t>();
  if (!reader.is_good()) return malformed();
  if (code != kNoFault && !(cause.fault = fault_code(code))) return malformed();
  cause.text = std::string(reader.rest());
  return cause;
}

Result<Cause> read_began(BytesView body) {
  ByteReader reader(body);
  const auto version = reader.number<std::uint32_t>();
  const auto level = reader.number<std::uint16_t>();
  const auto mode = reader.number<std::uint16_t>();
  if (!reader.is_done()) return malformed();
  if (version != kRecordsVersion)
    return fail(ErrorCode::kUnsupported, "journal: records of version " + std::to_string(version));
  if (level > static_cast<std::uint16_t>(tickets::JournalLevel::kFull) || mode > kPush) return malformed();
  BeganCause cause{.level = static_cast<tickets::JournalLevel>(level)};
  if (mode != kAsTheDocument) cause.pull = mode == kPull;
  return cause;
}

}  // namespace

void append_cause(Bytes& out, RecordHead head, const Cause& cause) { std::visit(Append{out, head}, cause); }

void append_set(Bytes& out, RecordHead head, std::uint32_t output, DataType type, Cell value) {
  head.kind = RecordKind::kSet;
  append_scalar(out, head, output, static_cast<std::uint32_t>(type), value);
}

Result<Cause> read_cause(const Record& record) {
  switch (record.head.kind) {
    case RecordKind::kSet: return read_port<SetCause>(record.body);
    case RecordKind::kEmit: return read_port<EmitCause>(record.body);
    case RecordKind::kAdvance: return read_advance(record.body);
    case RecordKind::kDemand: return read_demand(record.body);
    case RecordKind::kReload: return ReloadCause{std::string(record.body)};
    case RecordKind::kBegan: return read_began(record.body);
    case RecordKind::kReceiptAppended: return read_receipt(record.body);
    case RecordKind::kCheckPoint:
      if (!record.body.empty()) return malformed();
      return CheckPointCause{};
    case RecordKind::kRollBack:
      if (!record.body.empty()) return malformed();
      return RollBackCause{};
    default:
      return fail(ErrorCode::kUnsupported,
                  "cause: " + std::string(name_of(record.head.kind)) + " is none of a graph's");
  }
}

}  // namespace yard::graph
