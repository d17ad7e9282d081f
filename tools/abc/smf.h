// Writing Standard MIDI Files, format 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"

namespace yard::abc {

// Times in a file and its variable-length numbers have 28 bits.
inline constexpr std::uint32_t kSmfTicksMax = (std::uint32_t{1} << 28) - 1;

// One track: events in any order, kept by time. Times above kSmfTicksMax are cut to it.
// Threads: none, as any value.
class SmfTrack {
 public:
  void name(std::string_view text);  // cut at 1000 bytes
  void tempo(std::uint32_t tick, std::uint32_t microseconds_per_quarter);
  // `denominator` is a power of two; other ones count as the next smaller.
  void time_signature(std::uint32_t tick, std::uint8_t numerator, std::uint8_t denominator);
  void key_signature(std::uint32_t tick, int fifths, bool minor);  // cut to -7 to 7
  void program(std::uint32_t tick, std::uint8_t channel, std::uint8_t program);
  // An end that is not after the beginning is moved one tick behind it: no player knows notes without length.
  void note(std::uint32_t begin, std::uint32_t end, std::uint8_t channel, std::uint8_t pitch, std::uint8_t velocity);

  // The chunk, header included; ends with an end of track.
  [[nodiscard]] Bytes chunk() const;

 private:
  // What comes first of several events at one time.
  enum class Order : std::uint8_t { kMeta, kNoteOff, kProgram, kNoteOn };

  struct Event {
    std::uint32_t tick;
    Order order;
    Bytes bytes;  // without its time; short, so that it stays within the string
  };

  void add(std::uint32_t tick, Order order, Bytes bytes);

  std::vector<Event> events_;
};

// A whole file. At most 65,535 tracks.
[[nodiscard]] Bytes smf_bytes(const std::vector<SmfTrack>& tracks, std::uint16_t ticks_per_quarter);

}  // namespace yard::abc
