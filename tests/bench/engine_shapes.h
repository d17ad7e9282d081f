// Graphs to propagate through: each node computes 1 + a + 2 b of two earlier ones, so that every change travels on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yard::bench {

// In rings of 2^64: other than in doubles, no change ever gets lost.
inline std::int64_t mix(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(1 + static_cast<std::uint64_t>(a) + 2 * static_cast<std::uint64_t>(b));
}

struct Shape {
  std::string name;
  std::vector<std::uint32_t> a;  // of each node its drivers; a source's own number
  std::vector<std::uint32_t> b;

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(a.size()); }
  [[nodiscard]] bool is_source(std::uint32_t node) const { return a[node] == node; }
};

[[nodiscard]] Shape chain(std::uint32_t count);
[[nodiscard]] Shape diamonds(std::uint32_t count);  // two nodes side by side and one that joins them, again and again
[[nodiscard]] Shape fan(std::uint32_t count);       // one source, half of the nodes read it, the others pair these
[[nodiscard]] Shape layers(std::uint32_t count);    // each node reads two at random of the layer above

// `groups` chains of `length` nodes, a source in front of each.
[[nodiscard]] Shape chains(std::uint32_t groups, std::uint32_t length);

// The same graph, its nodes named and written in another order.
enum class DocumentOrder : std::uint8_t { kAsIs, kShuffled };
// Needs the kind "Mix". `places` tells where in the document each node stands.
[[nodiscard]] std::string to_document(const Shape& shape, DocumentOrder order, std::vector<std::uint32_t>& places);

}  // namespace yard::bench
