#include "tools/abc/smf.h"

#include <algorithm>
#include <tuple>

namespace yard::abc {
namespace {

enum Order : std::uint8_t { kMeta, kNoteOff, kProgram, kNoteOn };

char byte(unsigned value) { return static_cast<char>(static_cast<unsigned char>(value & 0xffU)); }

void append_u16(Bytes& out, unsigned value) {
  out += byte(value >> 8U);
  out += byte(value);
}

void append_u32(Bytes& out, std::uint32_t value) {
  append_u16(out, value >> 16U);
  append_u16(out, value & 0xffffU);
}

}  // namespace

void append_vlq(Bytes& out, std::uint32_t value) {
  for (unsigned shift = 21; shift > 0; shift -= 7) {
    if (value >> shift != 0) out += byte(0x80U | ((value >> shift) & 0x7fU));
  }
  out += byte(value & 0x7fU);
}

Bytes smf_header(std::uint16_t format, std::uint16_t tracks, std::uint16_t ticks_per_quarter) {
  Bytes out = "MThd";
  append_u32(out, 6);
  append_u16(out, format);
  append_u16(out, tracks);
  append_u16(out, ticks_per_quarter);
  return out;
}

void SmfTrack::add(std::uint32_t tick, std::uint8_t order, Bytes bytes) {
  const auto sequence = static_cast<std::uint32_t>(events_.size());
  events_.push_back({.tick = tick, .order = order, .sequence = sequence, .bytes = std::move(bytes)});
}

void SmfTrack::meta(std::uint32_t tick, std::uint8_t type, BytesView data) {
  Bytes bytes = {byte(0xff), byte(type)};
  append_vlq(bytes, static_cast<std::uint32_t>(data.size()));
  bytes += data;
  add(tick, kMeta, std::move(bytes));
}

void SmfTrack::program(std::uint32_t tick, std::uint8_t channel, std::uint8_t program) {
  add(tick, kProgram, {byte(0xc0U | channel), byte(program)});
}

void SmfTrack::note(std::uint32_t begin, std::uint32_t end, std::uint8_t channel, std::uint8_t pitch,
                    std::uint8_t velocity) {
  add(begin, kNoteOn, {byte(0x90U | channel), byte(pitch), byte(velocity)});
  add(end, kNoteOff, {byte(0x80U | channel), byte(pitch), byte(64)});
}

Bytes SmfTrack::take_chunk() {
  std::ranges::sort(events_, [](const Event& a, const Event& b) {
    return std::tie(a.tick, a.order, a.sequence) < std::tie(b.tick, b.order, b.sequence);
  });
  Bytes body;
  body.reserve(events_.size() * 5 + 4);
  std::uint32_t tick = 0;
  for (const Event& event : events_) {
    append_vlq(body, event.tick - tick);
    body += event.bytes;
    tick = event.tick;
  }
  events_.clear();
  body += Bytes("\x00\xff\x2f\x00", 4);  // end of track
  Bytes chunk = "MTrk";
  append_u32(chunk, static_cast<std::uint32_t>(body.size()));
  return chunk + body;
}

}  // namespace yard::abc
