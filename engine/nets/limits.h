// What bounds a net.
#pragma once

#include <cstddef>
#include <cstdint>

namespace yard::nets {

inline constexpr std::size_t kPortsMax = 15;                     // of an agent: a slot is four bits of a wire
inline constexpr std::size_t kAgentsMax = std::size_t{1} << 27;  // ids are 28 bits of a wire; 2 GiB of binary agents
inline constexpr std::size_t kSymbolsMax = 1'024;                // the table of rules has a place for each pair
inline constexpr std::size_t kRulesMax = 65'536;
inline constexpr std::size_t kCasesMax = 64;              // of a rule; they are tried one by one
inline constexpr std::size_t kCreatedMax = 32;            // agents that a case creates: they lie on the stack
inline constexpr std::size_t kTextsMax = 65'536;          // different texts in agents' values; they are never let go
inline constexpr std::size_t kTextBytesMax = 4'096;       // of one of them: values are small
inline constexpr std::size_t kNameBytesMax = 256;         // fits a line and a file's name
inline constexpr std::size_t kNestingMax = 256;           // of terms, which are parsed by recursion
inline constexpr std::size_t kPowerMax = 1'000'000;       // n in S^n(x)
inline constexpr std::size_t kFileBytesMax = 256u << 20;  // of a document or a snapshot
inline constexpr std::size_t kProblemsMax = 1'000;        // nobody reads more
inline constexpr std::size_t kSnapshotsMax = 256;         // of one history; each is a copy
inline constexpr std::size_t kStorylinesMax = 256;
inline constexpr std::size_t kOperationsMax = 1'000'000;  // of a storyline
inline constexpr std::size_t kFaultsMax = 1'000;          // that are kept with their texts; all are counted

}  // namespace yard::nets
