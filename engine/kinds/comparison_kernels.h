// Comparison: what the kinds compute.
#pragma once

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

template <typename T, typename Compare>
struct Comparison {
  bool operator()(T a, T b) const { return Compare{}(a, b); }
};
template <DataType kType, typename Compare>
struct TextComparison {
  bool operator()(In<kType> a, In<kType> b) const { return Compare{}(a.view(), b.view()); }
};

}  // namespace yard::graph::kernels
