// What is known of a graph before its code is written.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "engine/aot/emission.h"
#include "engine/graph/image.h"
#include "engine/graph/problem.h"

namespace yard::graph::aot {

// Nodes that are gone through or left out together: more, and a small change runs too much; less, and skipping costs
// more than running.
inline constexpr std::uint32_t kChunkNodes = 256;

// A kernel as this graph has it: formulas become kernels of their own, one for all nodes of the same text.
struct Code {
  const Emission* emission = nullptr;
  std::string type;        // in the generated file
  std::string definition;  // of a formula
  bool can_fail = false;
  bool is_pure = false;
  bool is_costly = false;
};

struct ChunkPlan {
  std::uint32_t first = 0;  // places
  std::uint32_t end = 0;
  std::optional<std::uint32_t> cycle = {};  // which of the image's it is
};

struct Plan {
  static constexpr std::uint32_t kSource = UINT32_MAX;

  std::vector<Code> codes;
  std::vector<std::uint32_t> code_of;   // by place; kSource: has no kernel
  std::vector<bool> may_fail;           // by cell: it may hold a fault
  std::vector<ChunkPlan> chunks;        // all places, rising
  std::vector<std::uint32_t> chunk_of;  // by place

  [[nodiscard]] const Code& code(std::uint32_t place) const { return codes[code_of[place]]; }
};

// Errors: every node whose kind cannot be written, with its pointer and the reason.
[[nodiscard]] std::expected<Plan, Problems> make_plan(const Image& image);

// The chunks that read outputs of `chunk`, rising; the chunk itself not.
[[nodiscard]] std::vector<std::uint32_t> readers_of(const Image& image, const Plan& plan, std::uint32_t chunk);

}  // namespace yard::graph::aot
