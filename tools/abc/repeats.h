// The order in which a voice's elements are played: repeats, endings and parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "tools/abc/tune.h"

namespace yard::abc {

// Steps of all voices of one tune, after repeats. Bounds the work; the notes have their own limit.
inline constexpr std::size_t kPlayStepsMax = 2'000'000;

// Parts of P:, written out.
inline constexpr std::size_t kPartsMax = 1'000;

// Indices into tune.body, in playing order.
//
// As ABC 2.1 (4.8, 4.9) has it: ":|" without "|:" goes back to the last double bar, repeat or start; ":: " is ":|" and
// "|:"; an ending is left out where its numbers lack the pass at hand; "|:" that nothing ends plays once. Parts are
// played in the order of the header's P:, each with its own repeats.
//
// Errors: kTooLarge above `steps_max`, which goes down by the steps taken.
[[nodiscard]] Result<std::vector<std::uint32_t>> playing_order(const Tune& tune, std::uint16_t voice,
                                                               std::size_t& steps_max);

}  // namespace yard::abc
