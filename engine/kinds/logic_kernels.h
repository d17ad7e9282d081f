// Logic: what the kinds compute.
#pragma once

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

struct And {
  bool operator()(Many<bool> all) const {
    for (std::uint32_t i = 0; i < all.size(); ++i)
      if (!all[i]) return false;
    return true;
  }
};
struct Or {
  bool operator()(Many<bool> all) const {
    for (std::uint32_t i = 0; i < all.size(); ++i)
      if (all[i]) return true;
    return false;
  }
};
struct Xor {
  bool operator()(bool a, bool b) const { return a != b; }
};
struct Not {
  bool operator()(bool x) const { return !x; }
};

}  // namespace yard::graph::kernels
