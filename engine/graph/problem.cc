#include "engine/graph/problem.h"

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

}  // namespace yard::graph
