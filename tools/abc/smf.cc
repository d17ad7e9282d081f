#include "tools/abc/smf.h"

#include <algorithm>
#include <bit>
#include <initializer_list>

namespace yard::abc {
namespace {

constexpr std::size_t kNameBytesMax = 1'000;

Bytes bytes_of(std::initializer_list<std::uint32_t> values) {
  Bytes bytes;
  for (const std::uint32_t value : values) bytes += static_cast<char>(static_cast<std::uint8_t>(value));
  return bytes;
}

void append_big_endian(Bytes& out, std::uint32_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<std::uint8_t>(value >> shift));
  }
}

// Seven bits a byte, the highest first; all but the last have their top bit set.
void append_variable(Bytes& out, std::uint32_t value) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift != 0) out += static_cast<char>(static_cast<std::uint8_t>(0x80 | ((value >> shift) & 0x7f)));
  }
  out += static_cast<char>(value & 0x7f);
}

void append_chunk(Bytes& out, std::string_view type, BytesView content) {
  out += type;
  append_big_endian(out, static_cast<std::uint32_t>(content.size()), 4);
  out += content;
}

}  // namespace

void SmfTrack::add(std::uint32_t tick, Order order, Bytes bytes) {
  events_.push_back({.tick = std::min(tick, kSmfTicksMax), .order = order, .bytes = std::move(bytes)});
}

void SmfTrack::name(std::string_view text) {
  text = text.substr(0, kNameBytesMax);
  Bytes bytes = bytes_of({0xff, 0x03});
  append_variable(bytes, static_cast<std::uint32_t>(text.size()));
  add(0, Order::kMeta, bytes += text);
}

void SmfTrack::tempo(std::uint32_t tick, std::uint32_t microseconds_per_quarter) {
  Bytes bytes = bytes_of({0xff, 0x51, 3});
  append_big_endian(bytes, std::clamp(microseconds_per_quarter, 1U, 0xffffffU), 3);
  add(tick, Order::kMeta, std::move(bytes));
}

void SmfTrack::time_signature(std::uint32_t tick, std::uint8_t numerator, std::uint8_t denominator) {
  const auto power = static_cast<std::uint32_t>(std::bit_width(denominator == 0 ? 1U : denominator) - 1);
  const bool compound = denominator == 8 && numerator > 3 && numerator % 3 == 0;
  add(tick, Order::kMeta, bytes_of({0xff, 0x58, 4, numerator, power, compound ? 36U : 24U, 8}));
}

void SmfTrack::key_signature(std::uint32_t tick, int fifths, bool minor) {
  const auto sharps = static_cast<std::uint32_t>(std::clamp(fifths, -7, 7));
  add(tick, Order::kMeta, bytes_of({0xff, 0x59, 2, sharps, minor ? 1U : 0U}));
}

void SmfTrack::program(std::uint32_t tick, std::uint8_t channel, std::uint8_t program) {
  add(tick, Order::kProgram, bytes_of({0xc0U | (channel & 0x0fU), program & 0x7fU}));
}

void SmfTrack::note(std::uint32_t begin, std::uint32_t end, std::uint8_t channel, std::uint8_t pitch,
                    std::uint8_t velocity) {
  begin = std::min(begin, kSmfTicksMax - 1);
  // Offs are ons of velocity 0, so that running status holds.
  const std::uint32_t status = 0x90U | (channel & 0x0fU);
  add(begin, Order::kNoteOn, bytes_of({status, pitch & 0x7fU, std::clamp<std::uint32_t>(velocity, 1, 127)}));
  add(std::max(end, begin + 1), Order::kNoteOff, bytes_of({status, pitch & 0x7fU, 0}));
}

Bytes SmfTrack::chunk() const {
  std::vector<const Event*> sorted;
  sorted.reserve(events_.size());
  for (const Event& event : events_) sorted.push_back(&event);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Event* a, const Event* b) {
    return a->tick != b->tick ? a->tick < b->tick : a->order < b->order;
  });
  Bytes content;
  std::uint32_t tick = 0;
  char running = 0;  // the status a player would assume
  for (const Event* event : sorted) {
    append_variable(content, event->tick - tick);
    tick = event->tick;
    BytesView bytes = event->bytes;
    const bool meta = event->order == Order::kMeta;
    if (!meta && bytes.front() == running) bytes.remove_prefix(1);
    running = meta ? '\0' : event->bytes.front();
    content += bytes;
  }
  content += bytes_of({0, 0xff, 0x2f, 0});
  Bytes out;
  append_chunk(out, "MTrk", content);
  return out;
}

Bytes smf_bytes(const std::vector<SmfTrack>& tracks, std::uint16_t ticks_per_quarter) {
  Bytes header;
  append_big_endian(header, 1, 2);
  append_big_endian(header, static_cast<std::uint32_t>(tracks.size()), 2);
  append_big_endian(header, ticks_per_quarter, 2);
  Bytes out;
  append_chunk(out, "MThd", header);
  for (const SmfTrack& track : tracks) out += track.chunk();
  return out;
}

}  // namespace yard::abc
