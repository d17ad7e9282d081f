#include "engine/graph/problem.h"

#include <algorithm>

namespace yard::graph {

std::string_view name_of(ProblemCode code) {
  switch (code) {
    case ProblemCode::kSyntax: return "syntax";
    case ProblemCode::kTooLarge: return "too_large";
    case ProblemCode::kMissing: return "missing";
    case ProblemCode::kUnknownMember: return "unknown_member";
    case ProblemCode::kWrongType: return "wrong_type";
    case ProblemCode::kBadId: return "bad_id";
    case ProblemCode::kDuplicateId: return "duplicate_id";
    case ProblemCode::kUnknownKind: return "unknown_kind";
    case ProblemCode::kUnknownNode: return "unknown_node";
    case ProblemCode::kUnknownPort: return "unknown_port";
    case ProblemCode::kUnknownModule: return "unknown_module";
    case ProblemCode::kPortMismatch: return "port_mismatch";
    case ProblemCode::kTypeMismatch: return "type_mismatch";
    case ProblemCode::kSecondDriver: return "second_driver";
    case ProblemCode::kBadParameter: return "bad_parameter";
    case ProblemCode::kBadOption: return "bad_option";
    case ProblemCode::kRecursion: return "recursion";
    case ProblemCode::kCycle: return "cycle";
  }
  return "unknown";
}

Error to_error(const Problems& problems) {
  constexpr std::size_t kTold = 20;
  std::string text = "the graph has " + std::to_string(problems.size()) + " problem" + (problems.size() > 1 ? "s" : "");
  for (std::size_t i = 0; i < std::min(kTold, problems.size()); ++i)
    text += (i == 0 ? ": " : "; ") + problems[i].pointer + " " + problems[i].message;
  if (problems.size() > kTold) text += "; …";
  return {.code = ErrorCode::kInvalidArguments, .message = std::move(text), .pointer = "/graph" + problems[0].pointer};
}

}  // namespace yard::graph
