// Causes: what a world cannot know by itself. The same causes give the same world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/hash.h"
#include "engine/graph/settings.h"
#include "engine/graph/types.h"
#include "engine/tickets/record.h"

namespace yard::graph {

using Value = ParameterValue;

// Outputs are counted as in Image::get_output_ports().
struct SetCause {
  std::uint32_t output = 0;  // a source's, for levels
  Value value;               // of its type
};
struct EmitCause {
  std::uint32_t output = 0;  // a source's, for events
  Value value;
};
struct AdvanceCause {
  std::int64_t to_ns = 0;  // never back
};
struct DemandCause {
  std::uint32_t output = 0;
  bool looked_at = false;
};
struct ReloadCause {
  std::string graph;  // a document
};
// What became of a call.
struct ReceiptCause {
  Hash128 intent;
  std::optional<FaultCode> fault = {};  // none: it succeeded
  std::string text;                     // its result as JSON, or what is wrong
};
struct CheckPointCause {};
struct RollBackCause {};
// The first record of a journal; a world takes it from nobody else.
struct BeganCause {
  tickets::JournalLevel level = tickets::JournalLevel::kCauses;
  std::optional<bool> pull = {};  // instead of what the document says
};

using Cause = std::variant<SetCause, EmitCause, AdvanceCause, DemandCause, ReloadCause, CheckPointCause, RollBackCause,
                           BeganCause, ReceiptCause>;

// Appends the cause as a record; `head`'s kind is the cause's.
void append_cause(Bytes& out, tickets::RecordHead head, const Cause& cause);

// The same as a SetCause with a scalar, where it has to be fast.
void append_set(Bytes& out, tickets::RecordHead head, std::uint32_t output, DataType type, Cell value);

// Errors: kBadFrame for a body that is not that of a cause; kUnsupported for a cause that is none of a graph's.
[[nodiscard]] Result<Cause> read_cause(const tickets::Record& record);

}  // namespace yard::graph
