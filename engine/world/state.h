// State: what of a world goes on from one moment to the next, and its bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/graph/image.h"
#include "engine/world/demand.h"
#include "engine/world/wakes.h"

namespace yard::graph {

inline constexpr std::size_t kOpenCallsMax = 65'536;

// A call that was let out and whose receipt has not come.
struct OpenCall {
  static constexpr std::uint32_t kGone = UINT32_MAX;
  std::uint32_t node = kGone;  // its place; gone: a reload has dropped it
  std::uint64_t event_id = 0;
  std::string tool;
  Bytes arguments;  // msgpack
};
using OpenCalls = std::map<Hash128, OpenCall>;  // by intent

struct State {
  Cells cells;
  Wakes wakes;
  std::int64_t now_ns = 0;
  std::uint64_t next_event_id = 0;
  OpenCalls open_calls = {};
  std::optional<Bytes> check_point;  // a state's bytes, without a check point of their own
};

// One form: equal states have equal bytes. Values that nothing keeps up to date are left out. Only at
// rest, and with a demand that is not stale.
//
//   version, image's hash, time, next event_id, what is looked at, wakes, live cells, kernels' state, open
//   calls, check point, XXH3-64
[[nodiscard]] Bytes write_state(const Image& image, const Demand& demand, const State& state);

// Puts the sum behind a state's bytes that ends them: for who writes states without the engine.
[[nodiscard]] Bytes seal_state(Bytes unsealed);

struct ReadState {
  State state;
  std::vector<std::uint32_t> looked_at;  // places
};

// Errors: kBadFrame (damaged), kUnsupported (another version), kConflict (another graph's).
[[nodiscard]] Result<ReadState> read_state(BytesView bytes, const Image& image, bool is_pull);

}  // namespace yard::graph
