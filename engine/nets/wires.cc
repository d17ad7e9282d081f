#include "engine/nets/wires.h"

#include "engine/base/text.h"

namespace yard::nets {

// If `end` is a name that was used before, it becomes what is at its other end. False: it was used twice.
bool Wires::settle(PortRef& end) {
  if (!end.agent.empty()) return true;
  Name& name = names_[end.port];
  switch (name.use) {
    case Use::kNone: name.where = end.where; return true;
    case Use::kBoth:
      problems_.push_back({end.where, printable(end.port) + " is used more than twice; a wire has two ends"});
      return false;
    case Use::kPort:
    case Use::kName: break;
  }
  const bool is_name = name.use == Use::kName;
  name.use = Use::kBoth;
  end = name.other;
  if (is_name) names_[end.port].use = Use::kNone;  // its first use is what is being connected now
  return true;
}

void Wires::connect(PortRef a, PortRef b) {
  if (!settle(a) || !settle(b)) return;
  if (!a.agent.empty() && !b.agent.empty()) {
    joins_.push_back({std::move(a), std::move(b)});
  } else if (a.agent.empty() && b.agent.empty() && a.port == b.port) {
    names_[a.port].use = Use::kBoth;  // a wire that is a loop
  } else {
    const auto keep = [&](const PortRef& name, const PortRef& other) {
      if (!name.agent.empty()) return;
      names_[name.port].use = other.agent.empty() ? Use::kName : Use::kPort;
      names_[name.port].other = other;
    };
    keep(a, b);
    keep(b, a);
  }
}

void Wires::finish() {
  for (auto& [text, name] : names_) {
    if (name.use != Use::kPort && name.use != Use::kName) continue;
    if (name.use == Use::kName) names_[name.other.port].use = Use::kBoth;
    joins_.push_back({name.other, PortRef{.agent = {}, .port = text, .where = name.where}});
  }
}

}  // namespace yard::nets
