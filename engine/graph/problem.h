// What is wrong with a graph document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"

namespace yard::graph {

enum class ProblemCode : std::uint8_t {
  kSyntax,         // no JSON
  kTooLarge,       // beyond a bound of limits.h
  kMissing,        // a member that has to be there
  kUnknownMember,  // a member that has no meaning here, or stands there twice
  kWrongType,      // a value of another JSON type than wanted
  kBadId,          // an id that is empty, too long, or has characters that ids don't have
  kDuplicateId,
  kUnknownKind,
  kUnknownNode,
  kUnknownPort,
  kUnknownModule,
  kPortMismatch,  // declared ports that the kind doesn't have
  kTypeMismatch,  // a connection between types that don't fit
  kSecondDriver,  // an input that is connected twice, or connected and set
  kBadParameter,  // unknown, out of range, or refused by the kind
  kBadOption,
  kRecursion,  // a module within itself
  kCycle,
};

// snake_case, as the command line prints it.
std::string_view name_of(ProblemCode code);

struct Problem {
  ProblemCode code;
  std::string pointer;      // RFC 6901, into the document
  std::string message;      // names the culprit
  std::uint32_t place = 0;  // byte where the node, connection … begins
};

// In document order. Problems of the same node stand in the order of its members in FORMAT.md.
using Problems = std::vector<Problem>;

// All of them as one, for who takes only one: kInvalidArguments at the first one's place; most are told.
[[nodiscard]] Error to_error(const Problems& problems);

}  // namespace yard::graph
