// Wires: names that stand for the two ends of a wire in a net's text become joins of ports. Internal.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/nets/spec.h"

namespace yard::nets {

// A name is used twice. What stands there when it is used first is kept, a port or another name, until the second use
// says what it is connected to.
class Wires {
 public:
  Wires(std::vector<JoinSpec>& joins, Problems& problems) : joins_(joins), problems_(problems) {}

  // `a ~ b`; what has no agent is a name.
  void connect(PortRef a, PortRef b);
  // Names that were used once become joins with an end without an agent.
  void finish();

 private:
  enum class Use : std::uint8_t { kNone, kPort, kName, kBoth };
  struct Name {
    Use use = Use::kNone;
    PortRef other = {};  // what the first use is connected to
    std::string where = {};
  };

  [[nodiscard]] bool settle(PortRef& end);

  std::vector<JoinSpec>& joins_;
  Problems& problems_;
  std::map<std::string, Name> names_;  // in order, so that problems are
};

}  // namespace yard::nets
