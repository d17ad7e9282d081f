// What the world's broker is made of: its tools, its tenants and what they share.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "jobs/scheduling.h"
#include "tools/tool.h"

namespace yard::sim {

// Tenants, and what they share: a group, a GPU, a key, and a budget of the first.
inline constexpr std::array<std::string_view, 3> kTenants = {"ada", "bob", "eve"};
inline constexpr std::array<std::string_view, 4> kTools = {"once", "again", "heavy", "pure"};
inline constexpr std::uint64_t kGpu = 24;
inline constexpr std::uint64_t kHeavyGpu = 10;
inline constexpr std::uint32_t kGroupMost = 2;
inline constexpr std::uint64_t kBudget = 60;  // a window
inline constexpr std::int64_t kHeavySeconds = 10;

inline constexpr std::size_t kResultInlineMax = 100;  // bytes

inline const Bytes kEmptyMap(1, static_cast<char>(0x80));

// A map; too large to travel in one of three.
[[nodiscard]] Bytes result_of(std::uint64_t draw);

[[nodiscard]] jobs::SchedulingPolicy scheduling();

// One of kTools. "pure" returns its arguments.
[[nodiscard]] tools::ToolSpec tool_of(std::string name, bool idempotent);

}  // namespace yard::sim
