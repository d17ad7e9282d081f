// In which order a voice's elements are played: parts, repeats and endings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/abc/tune.h"

namespace yard::abc {

inline constexpr std::size_t kPartsPlayedMax = 1'000;

// A stretch of a voice that is played `passes` times. Indices are into the voice's list of body elements.
struct Section {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint32_t passes = 1;
};

// Cuts a voice (indices into tune.body, rising) at its repeats. A repeat without a begin goes back to the last
// double bar or end of a repeat, or to the begin of the tune (ABC 2.1, 4.8). Numbered endings belong to the section
// before them.
[[nodiscard]] std::vector<Section> sections_of(const Tune& tune, std::span<const std::uint32_t> elements);

// Expands a header's P:, such as "A(BC)2D3", to "ABCBCDDD". At most kPartsPlayedMax letters.
[[nodiscard]] std::string expand_parts(std::string_view parts);

// Stretches of tune.body in the order its parts are played; the whole body where the header has no P:.
struct BodyRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};
[[nodiscard]] std::vector<BodyRange> played_ranges(const Tune& tune);

}  // namespace yard::abc
