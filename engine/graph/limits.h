// What bounds a graph. Handles and cells are 32 bits; these leave room for hidden nodes and constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace yard::graph {

inline constexpr std::size_t kDocumentBytesMax = std::size_t{2} << 30;  // places in the document are 32 bits
inline constexpr std::size_t kNodesMax = std::size_t{1} << 24;          // after modules are expanded
inline constexpr std::size_t kPortsMax = std::size_t{1} << 28;          // inputs, and outputs
inline constexpr std::size_t kInstancesMax = std::size_t{1} << 20;      // nested ones, too: modules multiply
inline constexpr std::size_t kInstanceDepthMax = 64;                    // instances within modules within …
inline constexpr std::size_t kPrefixBytesMax = std::size_t{1} << 30;    // of all nodes' ids, before their own
inline constexpr std::size_t kStateWordsMax = std::size_t{1} << 27;     // 1 GiB of kernels' state
inline constexpr std::size_t kIdBytesMax = 256;                         // fits a line, a topic and a file's name
inline constexpr std::size_t kParametersMax = 256;                      // of a node; they are searched one by one
inline constexpr std::size_t kParameterBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kMadeTextBytesMax = std::size_t{1} << 20;  // by a kernel: a loop must not eat the memory
inline constexpr std::size_t kProblemsMax = 1'000;  // nobody reads more; loading a broken file stays cheap

}  // namespace yard::graph
