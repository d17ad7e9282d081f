// What a network bounds, and why. Part of what a ticket's result depends on, and the same in every mode.
#pragma once

#include <cstddef>
#include <cstdint>

namespace yard::ports {

inline constexpr std::size_t kNetworkAgentsMax = std::size_t{1} << 24;
inline constexpr std::size_t kNetworkPortsMax = std::size_t{1} << 25;  // 56 bytes each

// Handlers that one ticket runs: a cycle that never ends is cut here.
inline constexpr std::uint64_t kHopsMax = std::uint64_t{1} << 26;

// Handlers that call each other before the next one waits on the explicit stack: compilers make jumps of these calls,
// but need not, and this many frames fit any thread's stack.
inline constexpr std::uint32_t kDirectHopsMax = 256;

inline constexpr std::size_t kEmissionsMax = std::size_t{1} << 22;       // that wait at the same time, 24 bytes each
inline constexpr std::size_t kKeptBytesMax = std::size_t{64} << 20;      // what handlers keep until the ticket ends
inline constexpr std::size_t kChangesMax = 65'536;                       // of the structure, that one ticket asks for
inline constexpr std::size_t kEffectsMax = std::size_t{1} << 20;         // that nobody has taken
inline constexpr std::size_t kEffectBytesMax = std::size_t{64} << 20;    // of them
inline constexpr std::size_t kRecordedBytesMax = std::size_t{16} << 20;  // of a ticket, until they make an entry

}  // namespace yard::ports
