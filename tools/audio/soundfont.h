// What a soundfont (SF2, SF3) holds: its presets and its drum kits. Not its sound.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard::tools {

// General MIDI puts drum kits into this bank.
inline constexpr std::uint16_t kDrumBank = 128;

// Both together, with names, stay below the 65,536 nodes that one reply may have.
inline constexpr std::size_t kPresetsMax = 4'096;
inline constexpr std::size_t kDrumZonesMax = 4'096;

struct SoundfontPreset {
  std::uint16_t bank = 0;
  std::uint16_t program = 0;
  std::string name;  // ASCII; other bytes are '?'
};

// The keys that play one sample of a drum kit.
struct DrumZone {
  std::uint16_t program = 0;
  std::uint8_t key_low = 0;
  std::uint8_t key_high = 127;
  std::string sample;
};

struct Soundfont {
  std::string name;
  std::vector<SoundfontPreset> presets;  // by bank, then program
  std::vector<DrumZone> drum_zones;      // by program, then key; one a key range
  bool drum_zones_cut = false;           // there were more than kDrumZonesMax
};

// Bytes at an offset of the soundfont; fewer where it ends.
using ReadSoundfont = std::function<Result<Bytes>(std::uint64_t offset, std::size_t size)>;

// Whether the content begins as a soundfont does; 12 bytes are enough.
[[nodiscard]] bool is_soundfont(BytesView beginning);

// Reads the tables of a soundfont of `size` bytes, a few hundred KiB of it.
//
// Errors: kInvalidArguments for torn or contradictory tables; kTooLarge; what `read` returns.
// Source: SoundFont technical specification 2.04, sections 4 to 8.
[[nodiscard]] Result<Soundfont> read_soundfont(std::uint64_t size, const ReadSoundfont& read);

// The same for bytes in memory.
[[nodiscard]] Result<Soundfont> read_soundfont(BytesView bytes);

}  // namespace yard::tools
