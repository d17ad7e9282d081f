#include "engine/ports/trace.h"

namespace yard::ports {

std::string_view name_of(Way way) { return way == Way::kFast ? "fast" : "managed"; }

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::kNone: return "none";
    case Reason::kForced: return "forced";
    case Reason::kUnconnected: return "unconnected";
    case Reason::kTap: return "tap";
    case Reason::kBoundary: return "boundary";
    case Reason::kNoHandler: return "no handler";
    case Reason::kNotAsked: return "not asked";
  }
  return "unknown";
}

}  // namespace yard::ports
