// Standard MIDI File bytes (MIDI 1.0, "Standard MIDI Files 1.0", RP-001).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"

namespace yard::abc {

// Collects one track's events in any order and writes them by time.
//
// At equal ticks: meta events, then note-offs, then program changes, then note-ons, each in the order they were added;
// so a note that begins as another of its pitch ends is not cut off.
class SmfTrack {
 public:
  // ticks are below 2^28, which is what a delta time holds.
  void meta(std::uint32_t tick, std::uint8_t type, BytesView data);
  void program(std::uint32_t tick, std::uint8_t channel, std::uint8_t program);
  void note(std::uint32_t begin, std::uint32_t end, std::uint8_t channel, std::uint8_t pitch, std::uint8_t velocity);

  // The MTrk chunk, with its end-of-track at the last event. Empties the track.
  [[nodiscard]] Bytes take_chunk();

 private:
  struct Event {
    std::uint32_t tick = 0;
    std::uint8_t order = 0;
    std::uint32_t sequence = 0;  // as it was added
    Bytes bytes;
  };
  void add(std::uint32_t tick, std::uint8_t order, Bytes bytes);

  std::vector<Event> events_;
};

// The MThd chunk.
[[nodiscard]] Bytes smf_header(std::uint16_t format, std::uint16_t tracks, std::uint16_t ticks_per_quarter);

// Appends a variable-length quantity; value below 2^28.
void append_vlq(Bytes& out, std::uint32_t value);

}  // namespace yard::abc
