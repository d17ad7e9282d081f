// What a ledger bounds, and why. Each is part of what its results depend on, and none depends on the workers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/journal/format.h"
#include "engine/tickets/record.h"

namespace yard::tickets {

// Tickets that read the same snapshot: enough for any pool, few enough that conflicts between them stay rare.
inline constexpr std::uint32_t kBatchMax = 256;

// Classes of events, 0 the most urgent.
inline constexpr unsigned kPriorities = 4;

// Batches that a class is worth: an event of class c goes before all that came c times as many batches later.
inline constexpr std::uint64_t kAgingRounds = 8;

// How often an entity makes room while there is too much to do, before it is served all the same.
inline constexpr std::uint8_t kDeferralsMax = 4;

// All that one step writes, emits and asks for; also one event's payload, and one cell.
inline constexpr std::size_t kStepBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kStepItemsMax = 1'024;  // of each sort, and reads

// A key stands in several records.
inline constexpr std::size_t kKeyBytesMax = 4'096;

// The witnesses of a batch are cut into entries of about this size.
inline constexpr std::size_t kEntryBytesAbout = std::size_t{16} << 20;

// A step's largest record names the key of everything that it writes, and what it emits.
inline constexpr std::size_t kStepRecordBytesMax = kStepItemsMax * kKeyBytesMax + 4 * kStepBytesMax;
static_assert(kStepRecordBytesMax <= kRecordBytesMax);
static_assert(kEntryBytesAbout + kStepRecordBytesMax <= journal::kBodyBytesMax, "an entry ends with a whole record");

}  // namespace yard::tickets
